//! Tasks of this repository, as `cargo xtask <task>`.
#![allow(
    clippy::print_stderr,
    reason = "a task tells its progress to the person who started it"
)]

mod conformance;
mod coverage;
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
    /// How far KQL agrees with real queries and Kusto's documentation; `-- --help` lists the files.
    Conformance {
        /// Build with optimisations first: long to build, quick to run.
        #[arg(long)]
        release: bool,
        /// `--corpus FILE --bound FILE --tables FILE --pairs FILE`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write docs/coverage.md from the content: types, definitions, checks, and what stands beside other products' checks.
    Coverage {
        /// Only fail where the page is stale or a peer has neither a counterpart nor a reason.
        #[arg(long)]
        check: bool,
    },
    /// Formatting, lints, tidiness, licences and all tests.
    Test,
    /// Only the quick checks: formatting, lints, tidiness.
    Lint,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Conformance { release, arguments } => {
            conformance::run_conformance(release, &arguments)
        }
        Task::Coverage { check } => coverage::run(check),
        Task::Demo => demo::run_demo(),
        Task::Test => test::run(),
        Task::Lint => test::lint(),
    }
}
