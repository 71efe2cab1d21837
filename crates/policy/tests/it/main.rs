//! What the policy crate promises, through its public interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc
)]

mod aliases;
mod compile_shared;
mod components;
mod content;
mod differential;
mod evidence;
mod files;
mod helpers;
mod real;
mod related;
mod soundness;
mod traps;
mod unknowns;
