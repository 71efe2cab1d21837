//! `stance bom diff`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use stance_base::{ErrorCode, safe_text};
use stance_model::Bom;
use stance_operations::bom::diff::{BomDiff, Change, Part, diff};
use stance_report::cyclonedx;

use super::instant::instant;
use super::{estate, open};
use crate::arguments::DataArguments;
use crate::arguments::bom::{BomDiffArguments, DiffFormat};
use crate::failure::Failure;
use crate::listing::{Listing, json_text};
use crate::output::Output;

const HEADER: &[&str] = &[
    "", "Group", "Kind", "Name", "Version", "What", "Before", "After",
];
/// The exit code for bills that differ.
const DIFFERENT: u8 = 1;

/// Shows what came, went and changed.
pub(super) async fn run(arguments: &BomDiffArguments) -> Result<ExitCode, Failure> {
    let before = side(&arguments.before, &arguments.data).await?;
    let after = side(&arguments.after, &arguments.data).await?;
    let found = diff(&before, &after);
    let text = match arguments.format {
        DiffFormat::Table => table(&found),
        DiffFormat::Json => json_text(&found)?,
        DiffFormat::Markdown => markdown(&found),
    };
    Output::open(arguments.output.as_deref()).write(text.as_bytes())?;
    if arguments.exit_code && !found.is_empty() {
        return Ok(ExitCode::from(DIFFERENT));
    }
    Ok(ExitCode::SUCCESS)
}

/// A file, or the estate at an instant.
async fn side(text: &str, data: &DataArguments) -> Result<Bom, Failure> {
    let path = Path::new(text);
    if path.is_file() {
        let wrong = |what: String| {
            Failure::new(
                ErrorCode::InvalidInput,
                format!("`{text}` is no bill of materials: {what}"),
            )
        };
        let length = path.metadata().map_or(0, |metadata| metadata.len());
        if length > LONGEST_FILE {
            return Err(wrong(format!("it is longer than {LONGEST_FILE} bytes")));
        }
        let read = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        return cyclonedx::read(&read).map_err(|error| wrong(error.to_string()));
    }
    let at = instant(text).map_err(|message| Failure::new(ErrorCode::NotFound, message))?;
    let (lake, clock) = open(data)?;
    estate(&lake, &clock, at).await
}

/// Longest file that is read, in bytes.
const LONGEST_FILE: u64 = cyclonedx::LONGEST_FILE as u64;

fn cells(sign: &str, part: &Part, change: Option<&Change>) -> Vec<String> {
    let mut cells = vec![
        sign.to_owned(),
        part.group.to_owned(),
        part.kind.clone(),
        part.name.clone(),
        part.version.clone(),
    ];
    match change {
        None => cells.extend([String::new(), String::new(), String::new()]),
        Some(change) => cells.extend([
            change.what.clone(),
            change.before.clone().unwrap_or_default(),
            change.after.clone().unwrap_or_default(),
        ]),
    }
    cells
}

fn rows(found: &BomDiff) -> Vec<Vec<String>> {
    let added = found.added.iter().map(|part| cells("+", part, None));
    let removed = found.removed.iter().map(|part| cells("-", part, None));
    let changed = found.changed.iter().flat_map(|changed| {
        let changes = changed.changes.iter();
        changes.map(|change| cells("~", &changed.part, Some(change)))
    });
    added.chain(removed).chain(changed).collect()
}

fn counts(found: &BomDiff) -> String {
    format!(
        "{} added, {} removed, {} changed",
        found.added.len(),
        found.removed.len(),
        found.changed.len()
    )
}

fn table(found: &BomDiff) -> String {
    if found.is_empty() {
        return "no difference\n".to_owned();
    }
    let listing = Listing {
        header: HEADER,
        rows: rows(found),
    };
    format!("{}{}\n", listing.table("line"), counts(found))
}

fn markdown(found: &BomDiff) -> String {
    let mut text = format!("## AI bill of materials: {}\n", counts(found));
    if found.is_empty() {
        return text;
    }
    text.push_str("\n| | group | kind | name | version | what | before | after |\n|---|---|---|---|---|---|---|---|\n");
    for row in rows(found) {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| safe_text::markdown(cell).into_owned())
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}
