//! `stance completions`.

use std::process::ExitCode;

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::failure::Failure;
use crate::output::Output;

/// Prints a shell's completion script.
pub(crate) fn run(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "stance",
        &mut script,
    );
    Output::open(None).write(&script)?;
    Ok(ExitCode::SUCCESS)
}
