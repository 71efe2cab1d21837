//! Answers of the services, as `aws … > file.json` and recorders write them.
//!
//! Recognised by the names of their members; what they hold waits in the store until the input is read.

pub(crate) mod detect;
pub(crate) mod read;
pub(crate) mod table;

pub(crate) mod identity;
pub(crate) mod settings;
