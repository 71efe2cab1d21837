//! What the KQL front end promises, through its public API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod corpus;
mod shared;
mod syntax;
