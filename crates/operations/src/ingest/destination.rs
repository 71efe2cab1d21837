//! Which table a file's rows go to.

use std::path::Path;

use serde_json::Value;
use stance_model::tables::{self, TableSchema};

use crate::OperationsError;
use crate::rows::attack_paths;

/// Tables that scans write; rows for them come from `stance scan`.
const SCANNED: [&str; 9] = [
    "Resources",
    "ResourceContainers",
    "AuthorizationResources",
    "PolicyResources",
    "SecurityResources",
    "ResourceChanges",
    "CollectionCoverage",
    "SecurityRecommendation",
    "SecurityRecommendationChange",
];

/// How to find the table of a row.
#[derive(Debug)]
pub(crate) struct Destination {
    named: Option<TableSchema>,
    known: Vec<TableSchema>,
}

impl Destination {
    /// `table` is what the user named.
    pub(crate) fn new(table: Option<&str>) -> Result<Self, OperationsError> {
        let known: Vec<_> = tables::all()
            .into_iter()
            .filter(|table| !SCANNED.contains(&table.name.as_ref()))
            .collect();
        let find = |name: &str| {
            known
                .iter()
                .find(|table| table.name.eq_ignore_ascii_case(name))
                .cloned()
        };
        let named = match table {
            None => None,
            Some(name) => Some(find(name).ok_or_else(|| {
                OperationsError::UnknownTable {
                    name: name.to_owned(),
                    known: known
                        .iter()
                        .map(|table| table.name.as_ref())
                        .collect::<Vec<_>>()
                        .join(", "),
                }
            })?),
        };
        Ok(Self { named, known })
    }

    /// The named table, else the one the row is of by its type or `Type`, else the one the file is named after.
    pub(crate) fn table_for(&self, path: &Path, row: &Value) -> Option<TableSchema> {
        if let Some(named) = &self.named {
            return Some(named.clone());
        }
        if is_attack_path(row) {
            return self.find("SecurityAttackPathData");
        }
        let stem = path.file_name()?.to_str()?.split(['.', '-', ' ']).next()?;
        row.get("Type")
            .and_then(Value::as_str)
            .and_then(|name| self.find(name))
            .or_else(|| self.find(stem))
    }

    fn find(&self, name: &str) -> Option<TableSchema> {
        self.known
            .iter()
            .find(|table| table.name.eq_ignore_ascii_case(name))
            .cloned()
    }
}

/// Whether a row is an attack path as Resource Graph gives it.
pub(crate) fn is_attack_path(row: &Value) -> bool {
    row.get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case(attack_paths::RESOURCE_TYPE))
}
