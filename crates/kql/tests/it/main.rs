//! What the engine promises, through its public API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod engine;
mod file_tables;
mod functions;
mod golden;
mod plans;
mod results;
mod stored_functions;
mod support;
mod terms;
