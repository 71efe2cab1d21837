//! `stance kql`: work on query files without running them.

mod check;
mod fmt;
mod sources;
mod tables;

use std::process::ExitCode;

use crate::arguments::{KqlArguments, KqlCommand};
use crate::failure::Failure;

/// The exit code for a text that has errors or is not laid out.
const WRONG: u8 = 1;

/// Runs the command below `stance kql`.
pub(crate) fn run(arguments: &KqlArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        KqlCommand::Fmt(fmt) => fmt::run(fmt),
        KqlCommand::Check(check) => check::run(check),
    }
}

fn exit_code(is_fine: bool) -> ExitCode {
    if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WRONG)
    }
}
