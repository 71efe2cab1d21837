//! `stance-coverage.json`: what was collected, said by the person or script that collected it.

use std::io::Read;

use serde_json::Value;
use stance_model::{Coverage, CoverageStatus};

use crate::codes;
use crate::context::FileContext;
use crate::ledger::Basis;
use crate::stream::{Place, array};

/// The file's name.
pub(crate) const FILE_NAME: &str = "stance-coverage.json";
const MANIFEST_BYTES: u64 = 16 << 20;

/// Reads `[{"scope", "what", "status", "reason"}…]`, alone or under `coverage`.
pub(crate) fn read(reader: Box<dyn Read + '_>, context: &mut FileContext<'_>) {
    let mut text = Vec::new();
    if let Err(error) = reader.take(MANIFEST_BYTES).read_to_end(&mut text) {
        context.report(codes::CANNOT_READ, Place::NONE, &error.to_string());
        return;
    }
    let Some(value) = array::parse_captured(&text, Place::START, context) else {
        return;
    };
    let rows = value.get("coverage").unwrap_or(&value);
    let Some(rows) = rows.as_array() else {
        context.report(codes::MANIFEST, Place::START, "the manifest is no array");
        return;
    };
    for (index, row) in rows.iter().enumerate() {
        match statement(row, context.file) {
            Ok(coverage) => context.cover(Basis::Manifest, coverage),
            Err(problem) => {
                let message = format!("entry {}: {problem}", index + 1);
                context.report(codes::MANIFEST, Place::START, &message);
            }
        }
    }
    // An empty manifest says nothing, which is no problem.
    context.coverage_rows += 1;
}

fn statement(row: &Value, file: &str) -> Result<Coverage, String> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::trim);
    let known = |scope: &&str| {
        ["/", "aws:", "gcp:"]
            .iter()
            .any(|start| scope.starts_with(start))
    };
    let scope = text("scope").filter(known);
    let scope = scope
        .ok_or("`scope` must be a resource id, such as /subscriptions/…, or aws:ACCOUNT/REGION")?;
    let what = text("what").or_else(|| text("type")).unwrap_or("*");
    let status = match text("status")
        .unwrap_or("Complete")
        .to_ascii_lowercase()
        .as_str()
    {
        "complete" => CoverageStatus::Complete,
        "partial" => CoverageStatus::Partial,
        "denied" => CoverageStatus::Denied,
        "notconfigured" => CoverageStatus::NotConfigured,
        other => return Err(format!("`{other}` is no status")),
    };
    Ok(Coverage {
        scope: scope.trim_end_matches('/').to_lowercase(),
        what: what.to_lowercase(),
        status,
        reason: text("reason").unwrap_or_default().to_owned(),
        source: file.to_owned(),
        count: row.get("count").and_then(Value::as_u64).unwrap_or(0),
    })
}
