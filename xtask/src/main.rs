//! Tasks of this repository, as `cargo xtask <task>`.
#![allow(
    clippy::print_stderr,
    reason = "a task tells its progress to the person who started it"
)]

mod demo;
mod process;
mod test;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tasks of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Scan the demo estate, ask it questions, write a report to open.
    Demo,
    /// Formatting, lints, tidiness, licences and all tests.
    Test,
    /// Only the quick checks: formatting, lints, tidiness.
    Lint,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Demo => demo::run_demo(),
        Task::Test => test::run(),
        Task::Lint => test::lint(),
    }
}
