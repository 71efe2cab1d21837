//! What the policy crate promises, through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc
)]

mod aliases;
mod assignments;
mod compile_shared;
mod components;
mod content;
mod differential;
mod evidence;
mod exemptions;
mod files;
mod helpers;
mod initiatives_shared;
mod real;
mod related;
mod roll_up;
mod soundness;
mod traps;
mod unknowns;
