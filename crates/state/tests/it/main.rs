//! What the state database promises, on `SQLite` and on `PostgreSQL`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod crash;
mod databases;
mod life_cycle;
mod model;
mod opening;
