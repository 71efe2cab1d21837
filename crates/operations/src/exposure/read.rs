//! What the last evaluation stored.

use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_kql::Engine;

use super::record::PathRecord;
use crate::OperationsError;
use crate::bom::rows;

/// The attack paths of the last evaluation.
#[derive(Debug, Default)]
pub struct StoredPaths {
    /// Worst first.
    pub paths: Vec<PathRecord>,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
    /// When the graph was evaluated; `None` where it never was.
    pub evaluated_at: Option<DateTime<Utc>>,
}

/// Reads them.
///
/// # Errors
/// Tables that cannot be read, or rows that this product did not write.
pub async fn stored_paths(engine: &Engine) -> Result<StoredPaths, OperationsError> {
    let last = rows(engine, "ExposureEvaluations | top 1 by TimeGenerated desc").await?;
    let Some(last) = last.into_iter().next().map(Value::Object) else {
        return Ok(StoredPaths::default());
    };
    let bounded = last["Bounded"].as_array().into_iter().flatten();
    let evaluated_at = last["TimeGenerated"].as_str();
    let mut paths = Vec::new();
    for row in rows(engine, "ExposureAttackPaths").await? {
        paths.push(PathRecord::from_row(&Value::Object(row))?);
    }
    paths.sort_by(|one, other| super::find::rank(one).cmp(&super::find::rank(other)));
    Ok(StoredPaths {
        paths,
        bounded: bounded
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        evaluated_at: evaluated_at.and_then(|text| text.parse().ok()),
    })
}
