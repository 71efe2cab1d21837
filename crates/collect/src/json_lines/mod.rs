//! JSON lines: one row or answer on each line.

pub(crate) mod detect;
pub(crate) mod read;
