//! The figures do not fall. Corpora are read from `$STANCE_SHARED/kql` (default `../shared` beside
//! the workspace) and skipped, loudly, where they are absent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod comparing;
mod figures;
