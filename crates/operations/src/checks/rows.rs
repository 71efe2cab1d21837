//! The result of a check's query, row by row.

use serde_json::Value;
use stance_kql::{QueryResult, output};
use stance_posture::CheckRow;

use crate::scan::gather::{Key, key_of};
use crate::scan::previous::origin_of;

/// Columns with a meaning of their own; every other one is evidence.
const ID: &str = "id";
const ORIGIN: &str = "origin";
const HEALTHY: &str = "healthy";
const CAUSE: &str = "cause";

/// The rows by the resource they judge; the error says what the result lacks.
pub(super) fn read(result: &QueryResult) -> Result<Vec<(Key, CheckRow)>, String> {
    for needed in [ID, ORIGIN, HEALTHY] {
        if !result.columns.iter().any(|column| column.name == needed) {
            return Err(format!(
                "its result has no column `{needed}`; end the query with `project id, origin, healthy = …`"
            ));
        }
    }
    let objects = output::json_objects(result).map_err(|error| error.to_string())?;
    Ok(objects
        .into_iter()
        .map(|row| {
            let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let key = key_of(text(ID), origin_of(text(ORIGIN)));
            let judged = CheckRow {
                healthy: row.get(HEALTHY).and_then(truth),
                cause: text(CAUSE).to_owned(),
                evidence: row
                    .iter()
                    .filter(|(name, _)| ![ID, ORIGIN, HEALTHY, CAUSE].contains(&name.as_str()))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            };
            (key, judged)
        })
        .collect())
}

/// Booleans, and numbers as Kusto casts them.
fn truth(value: &Value) -> Option<bool> {
    value
        .as_bool()
        .or_else(|| value.as_i64().map(|number| number != 0))
}
