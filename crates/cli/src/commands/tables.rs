//! `stance tables`.

use std::process::ExitCode;

use stance_lake::{Lake, LakeOptions};
use stance_operations::catalog;

use crate::arguments::TablesArguments;
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;

/// Lists the tables with their rows and bytes.
pub(crate) async fn run(arguments: &TablesArguments) -> Result<ExitCode, Failure> {
    let clock = data_folder::clock(&arguments.data);
    let lake = Lake::open(
        data_folder::path(&arguments.data)?,
        LakeOptions {
            clock,
            ..LakeOptions::default()
        },
    )?;
    let mut text = format!(
        "{:<32} {:>12} {:>12} {:>8}\n",
        "table", "rows", "bytes", "columns"
    );
    for table in catalog::sizes(&lake).await? {
        text += &format!(
            "{:<32} {:>12} {:>12} {:>8}\n",
            table.name, table.rows, table.bytes, table.columns
        );
    }
    Output::open(None)?.write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
