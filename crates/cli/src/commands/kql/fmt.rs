//! `stance kql fmt`.

use std::io::Write as _;
use std::process::ExitCode;

use stance_base::ErrorCode;
use stance_kql_syntax::{format, parse, render_diagnostics};

use super::sources::{self, Source};
use crate::arguments::KqlFmtArguments;
use crate::failure::Failure;
use crate::output::Output;

/// Lays out queries: to standard output, in their files (`--write`), or only names those that differ
/// (`--check`). A text with errors of syntax is left alone and told on standard error.
pub(crate) fn run(arguments: &KqlFmtArguments) -> Result<ExitCode, Failure> {
    let sources = sources::read(&arguments.paths)?;
    if arguments.write && sources.iter().any(|source| source.path.is_none()) {
        return Err(Failure::new(
            ErrorCode::InvalidInput,
            "standard input cannot be written back; name files with --write",
        ));
    }
    let to_output = !arguments.write && !arguments.check;
    if to_output && sources.len() > 1 {
        return Err(Failure::new(
            ErrorCode::InvalidInput,
            "several files: add --write to lay them out in place, or --check to list those that differ",
        ));
    }
    let mut is_fine = true;
    let mut listing = String::new();
    for source in &sources {
        if tell_errors(source) {
            is_fine = false;
            continue;
        }
        let formatted = format(&source.text);
        if to_output {
            Output::open(None).write(formatted.as_bytes())?;
        } else if formatted != source.text {
            listing += &source.name();
            listing.push('\n');
            if arguments.write {
                Output::open(source.path.as_deref()).write(formatted.as_bytes())?;
            } else {
                is_fine = false;
            }
        }
    }
    if !listing.is_empty() {
        Output::open(None).write(listing.as_bytes())?;
    }
    Ok(super::exit_code(is_fine))
}

/// Tells on standard error what keeps a text from being laid out.
fn tell_errors(source: &Source) -> bool {
    let parsed = parse(&source.text);
    let errors = parsed.diagnostics().iter().filter(|found| found.is_error());
    let errors: Vec<_> = errors.cloned().collect();
    if errors.is_empty() {
        return false;
    }
    let report = render_diagnostics(&source.text, &errors);
    // A closed standard error is no reason to fail.
    let _ = write!(std::io::stderr(), "{}\n{report}", source.name());
    true
}
