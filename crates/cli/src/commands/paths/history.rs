//! `stance paths history`.

use std::process::ExitCode;

use serde_json::{Map, Value};
use stance_operations::bom::rows;

use super::engine;
use crate::arguments::bom::ListFormat;
use crate::arguments::paths::PathsHistoryArguments;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;

const HEADER: &[&str] = &[
    "When",
    "What",
    "Risk",
    "Before",
    "Attack path",
    "Entry",
    "Target",
    "Why",
    "Id",
];
const COLUMNS: [&str; 9] = [
    "TimeGenerated",
    "ChangeType",
    "RiskLevel",
    "PreviousRiskLevel",
    "DisplayName",
    "EntryId",
    "TargetId",
    "Reason",
    "AttackPathId",
];

pub(super) async fn run(arguments: &PathsHistoryArguments) -> Result<ExitCode, Failure> {
    let engine = engine(&arguments.listed.data).await?;
    let query = "ExposureAttackPathChanges | order by TimeGenerated asc, ChangeType asc, DisplayName asc, AttackPathId asc";
    let all = rows(&engine, query).await?;
    let begins = |row: &Map<String, Value>| {
        let id = row
            .get("AttackPathId")
            .and_then(Value::as_str)
            .unwrap_or_default();
        arguments
            .path
            .as_deref()
            .is_none_or(|wanted| id.starts_with(wanted))
    };
    let changes: Vec<Map<String, Value>> = all.into_iter().filter(begins).collect();
    let for_people = arguments.listed.format == ListFormat::Table;
    let listing = Listing {
        header: HEADER,
        rows: changes
            .iter()
            .map(|change| row(change, for_people))
            .collect(),
    };
    let bytes = listing.bytes(arguments.listed.format, "change", &changes)?;
    Output::open(arguments.listed.output.as_deref()).write(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

fn row(change: &Map<String, Value>, for_people: bool) -> Vec<String> {
    let text = |column: &str| {
        let value = change.get(column).and_then(Value::as_str);
        let value = value.unwrap_or_default();
        if for_people && column.ends_with("Id") {
            return short(value);
        }
        value.to_owned()
    };
    COLUMNS.map(text).to_vec()
}

/// The end of an id, which is what people know it by; of an attack path's the beginning, which is enough to name it.
pub(super) fn short(id: &str) -> String {
    /// Digits of a path's id that people type.
    const DIGITS: usize = 8;
    if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return id[..DIGITS].to_owned();
    }
    let end = id.rsplit(['/', ':']).find(|part| !part.is_empty());
    end.unwrap_or(id).to_owned()
}
