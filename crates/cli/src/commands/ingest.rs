//! `stance ingest`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use stance_base::{ErrorCode, safe_text};
use stance_operations::ingest::{IngestedFile, ingest};

use crate::arguments::IngestArguments;
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;

/// Adds rows and says what became of each file.
pub(crate) async fn run(arguments: &IngestArguments) -> Result<ExitCode, Failure> {
    let clock = data_folder::clock(&arguments.data);
    let lake = data_folder::lake(&arguments.data)?;
    let tell = |text: &str| {
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{}", safe_text::terminal(text));
    };
    let files = ingest(
        &lake,
        clock.as_ref(),
        &arguments.paths,
        arguments.table.as_deref(),
        tell,
    )
    .await?;
    for file in &files {
        for diagnostic in &file.diagnostics {
            tell(&format!(
                "{}:{}: {}: {}; {}",
                diagnostic.file,
                diagnostic.line,
                diagnostic.code,
                diagnostic.message,
                diagnostic.help
            ));
        }
    }
    let text: String = files.iter().map(told).collect();
    Output::open(None).write(text.as_bytes())?;
    let nothing = files.iter().all(|file| file.table.is_empty());
    Ok(ExitCode::from(if nothing {
        ErrorCode::InvalidInput.exit_code()
    } else {
        0
    }))
}

fn told(file: &IngestedFile) -> String {
    let name = safe_text::terminal(&file.file);
    if file.table.is_empty() {
        return format!("{name}: nothing was added\n");
    }
    if file.already {
        return format!("{name}: already in {}, nothing was added\n", file.table);
    }
    let mut text = format!("{name}: {} rows added to {}\n", file.rows, file.table);
    for (counts, what) in [
        (&file.left_out, "has no such column, left out"),
        (&file.unfit, "does not fit its type, became null"),
    ] {
        for (column, count) in counts {
            let _ = writeln!(
                text,
                "  {}: {what} in {count} rows",
                safe_text::terminal(column)
            );
        }
    }
    text
}
