#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]
//! What the ground floor promises.

mod redact;
mod safe_text;
