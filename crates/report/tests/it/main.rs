#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::assigning_clones
)]
//! What each output format promises.

mod fixture;
mod golden;
mod hostile;
mod page;
mod paths;
mod schemas;
mod streaming;
