//! `stance tables`.

use std::fmt::Display;
use std::process::ExitCode;

use stance_operations::catalog;

use crate::arguments::TablesArguments;
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;

/// Lists the tables with their rows and bytes.
pub(crate) async fn run(arguments: &TablesArguments) -> Result<ExitCode, Failure> {
    let lake = data_folder::lake(&arguments.data)?;
    let mut text = line("table", "rows", "bytes", "columns");
    for table in catalog::sizes(&lake).await? {
        text += &line(&table.name, table.rows, table.bytes, table.columns);
    }
    Output::open(None).write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn line(name: &str, rows: impl Display, bytes: impl Display, columns: impl Display) -> String {
    format!("{name:<32} {rows:>12} {bytes:>12} {columns:>8}\n")
}
