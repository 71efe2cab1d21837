//! `stance index`.

use std::io::Write as _;
use std::process::ExitCode;

use stance_base::{ErrorCode, safe_text};
use stance_kql::{IndexedFile, index_parquet, parquet_files};

use crate::arguments::IndexArguments;
use crate::failure::Failure;

/// Makes the term filters of each file and says what they cost.
pub(crate) fn run(arguments: &IndexArguments) -> Result<ExitCode, Failure> {
    let columns = (!arguments.column.is_empty()).then_some(arguments.column.as_slice());
    let mut files = Vec::new();
    for path in &arguments.paths {
        files.extend(parquet_files(path)?);
    }
    if files.is_empty() {
        let message = "there is no Parquet file; name one, or a folder that has some";
        return Err(Failure::new(ErrorCode::NotFound, message));
    }
    let mut out = std::io::stdout().lock();
    for file in &files {
        let indexed = index_parquet(file, columns)?;
        out.write_all(told(&indexed).as_bytes())
            .map_err(|error| Failure::output(&error))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(file: &IndexedFile) -> String {
    let share = 100.0 * file.filter_bytes as f64 / file.bytes.max(1) as f64;
    format!(
        "{}: {} rows, filters for {} of {} bytes ({share:.1} % of the file)\n",
        safe_text::terminal(&file.path.display().to_string()),
        file.rows,
        safe_text::terminal(&file.columns.join(", ")),
        file.filter_bytes,
    )
}
