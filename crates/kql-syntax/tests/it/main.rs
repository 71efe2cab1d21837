//! What the KQL front end promises, through its public API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod binding;
mod completion;
mod corpus;
mod golden;
mod layout;
mod limits;
mod seeds;
mod shared;
mod syntax;
