//! The one binary `stance`: arguments, wiring, run. No rule lives here.

mod arguments;
mod audience;
mod commands;
mod data_folder;
mod failure;
mod listing;
mod output;
mod progress;
mod result_table;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

/// A scan makes and drops small values by the hundred million; in a profile with the C library's allocator over a
/// fifth of the time went there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging();
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::start)?;
    match &arguments.command {
        Command::Scan(scan) => runtime.block_on(commands::scan::run(scan)),
        Command::Query(query) => runtime.block_on(commands::query::run(query)),
        Command::Inventory(inventory) => runtime.block_on(commands::inventory::run(inventory)),
        Command::Bom(bom) => runtime.block_on(commands::bom::run(bom)),
        Command::Register(register) => runtime.block_on(commands::register::run(register)),
        Command::Paths(paths) => runtime.block_on(commands::paths::run(paths)),
        Command::Explore(explore) => runtime.block_on(commands::explore::run(explore)),
        Command::Index(index) => commands::index::run(index),
        Command::Ingest(ingest) => runtime.block_on(commands::ingest::run(ingest)),
        Command::Doctor(doctor) => runtime.block_on(commands::doctor::run(doctor)),
        Command::Tables(tables) => runtime.block_on(commands::tables::run(tables)),
        Command::Policy(policy) => runtime.block_on(commands::policy::run(policy)),
        Command::Kql(kql) => commands::kql::run(kql),
        Command::Completions(completions) => commands::completions::run(completions),
    }
}

/// Logs go to standard error, only warnings unless `STANCE_LOG` asks for more. What is logged are names of
/// tables, counts and times; never contents of inputs.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("STANCE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| terminal::SafeError)
        .with_ansi(false)
        .init();
}
