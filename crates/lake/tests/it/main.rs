//! What the data folder promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout
)]

mod crash;
mod folder;
mod plans;
mod support;
mod tables;
mod term_filters;
mod writing;
