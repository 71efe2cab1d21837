//! JSON, as `docs/schemas/paths.schema.json` lays down. One path a line, so that it diffs and greps well.

use std::io::Write;

use crate::ReportError;
use crate::json::to_safe_json;
use crate::paths::view::PathsReport;

/// The version of the shape. Fields are only ever added under one version.
pub const SCHEMA_VERSION: &str = "1";

/// Writes a report; `bounded` comes before the paths, so that nobody misses it.
pub fn write(mut out: impl Write, report: &PathsReport) -> Result<(), ReportError> {
    write!(
        out,
        "{{\n\"schemaVersion\": \"{SCHEMA_VERSION}\",\n\"generatedAt\": {},\n\"bounded\": {},\n\"paths\": [",
        to_safe_json(&report.generated_at)?,
        to_safe_json(&report.bounded)?
    )?;
    for (index, path) in report.paths.iter().enumerate() {
        let separator = if index == 0 { "\n" } else { ",\n" };
        write!(out, "{separator}{}", to_safe_json(path)?)?;
    }
    writeln!(out, "\n]\n}}")?;
    out.flush()?;
    Ok(())
}
