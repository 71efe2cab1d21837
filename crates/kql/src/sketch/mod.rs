//! Sketches that `hll` and `tdigest` leave in a dynamic, to be merged and read later.
//!
//! Both are exact as long as they are small. Their JSON has the form that Kusto prints
//! (`[[1024,14],["hash", ...],[]]`, `[[7],[values],[weights]]`); Kusto says of its own that it may
//! change and should not be relied on.

mod digest;
mod hll;

pub(crate) use digest::Digest;
pub(crate) use hll::{Hll, precision_of};
