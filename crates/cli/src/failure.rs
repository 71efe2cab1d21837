//! How the command ends when it cannot go on.

use std::error::Error;
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use stance_base::{Coded, ErrorCode, safe_text};

/// A message for the user and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Failure {
    code: ErrorCode,
    message: String,
}

impl Failure {
    /// A failure of our own making.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The program could not even start.
    pub(crate) fn start(error: impl Display) -> Self {
        Self::new(
            ErrorCode::Internal,
            format!("the program could not start: {error}"),
        )
    }

    /// Writing the result failed. A reader that went away (`| head`) is no failure.
    pub(crate) fn output(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::new(ErrorCode::Cancelled, "");
        }
        Self::new(
            ErrorCode::Storage,
            format!("the result could not be written: {error}; check the disk and the output path"),
        )
    }

    /// Prints the message and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        if self.message.is_empty() {
            return ExitCode::SUCCESS;
        }
        let lines: Vec<_> = self
            .message
            .lines()
            .map(|line| safe_text::terminal(line).into_owned())
            .collect();
        let text = lines.join("\n");
        // Diagnostics of queries carry their own heading. Nothing is left to be done where standard error is closed.
        let _ = if text.starts_with("error[") {
            writeln!(std::io::stderr(), "{text}")
        } else {
            writeln!(std::io::stderr(), "error[{}]: {text}", self.code.as_str())
        };
        ExitCode::from(self.code.exit_code())
    }
}

impl<E: Coded + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        if reader_went_away(&error) {
            return Self::new(ErrorCode::Cancelled, "");
        }
        Self::new(error.code(), error.to_string())
    }
}

/// Whether the cause is a closed pipe, as after `| head`.
fn reader_went_away(error: &(dyn Error + 'static)) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}
