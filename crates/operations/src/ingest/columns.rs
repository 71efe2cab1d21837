//! A row's members put into the columns of its table.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};
use stance_base::{ScalarType, redact};
use stance_model::tables::TableSchema;

use crate::ingest::destination::is_attack_path;
use crate::rows::attack_paths;
use crate::rows::table_batch::{Cell, TableBatch, fits};

/// Columns counted by name at most; an input with more is not of this table.
const NAMES_TOLD: usize = 100;

/// The column that takes what has no column of its own.
const OVERFLOW: &str = "AdditionalFields";

/// Puts rows into columns and counts what does not fit.
#[derive(Debug)]
pub(crate) struct Columns {
    names: Vec<(String, ScalarType)>,
    known: HashSet<String>,
    /// Members that the table does not have.
    pub left_out: BTreeMap<String, u64>,
    /// Values that did not fit their column.
    pub unfit: BTreeMap<String, u64>,
}

impl Columns {
    pub(crate) fn new(schema: &TableSchema) -> Self {
        let names: Vec<_> = schema
            .columns
            .iter()
            .map(|column| (column.name.to_string(), column.scalar_type))
            .collect();
        Self {
            known: names.iter().map(|(name, _)| name.clone()).collect(),
            names,
            left_out: BTreeMap::new(),
            unfit: BTreeMap::new(),
        }
    }

    /// Adds a prepared row.
    pub(crate) fn push(&mut self, row: &Value, batch: &mut TableBatch) {
        let Some(members) = row.as_object() else {
            return;
        };
        for name in members.keys().filter(|name| !self.known.contains(*name)) {
            count(&mut self.left_out, name);
        }
        for (name, scalar_type) in &self.names {
            if members
                .get(name)
                .is_some_and(|value| !fits(value, *scalar_type))
            {
                count(&mut self.unfit, name);
            }
        }
        batch.push(
            self.names
                .iter()
                .map(|(name, _)| members.get(name).map_or(Cell::Null, Cell::Json)),
        );
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(known) = counts.get_mut(name) {
        *known += 1;
    } else if counts.len() < NAMES_TOLD {
        counts.insert(name.to_owned(), 1);
    }
}

/// Makes a row ready: attack paths of Resource Graph in the table's shape, secrets removed, JSON that came as
/// text parsed where the column is dynamic, members without a column into `AdditionalFields`, a time for rows
/// that have none.
pub(crate) fn prepare(row: &mut Value, schema: &TableSchema, now: &str) {
    if schema.name == "SecurityAttackPathData" && is_attack_path(row) {
        *row = Value::Object(attack_paths::from_resource_graph(row, now));
    }
    redact_nested(row);
    let Some(members) = row.as_object_mut() else {
        return;
    };
    for column in schema
        .columns
        .iter()
        .filter(|column| column.scalar_type == ScalarType::Dynamic)
    {
        let Some(value) = members.get_mut(column.name.as_ref()) else {
            continue;
        };
        if let Some(parsed) = value.as_str().and_then(embedded_json) {
            *value = parsed;
        }
    }
    if schema.column(OVERFLOW).is_some() {
        overflow(members, schema);
    }
    if schema.column("TimeGenerated").is_some()
        && members.get("TimeGenerated").is_none_or(Value::is_null)
    {
        members.insert("TimeGenerated".to_owned(), Value::from(now));
    }
}

/// Members without a column of their own move into the overflow column, as Log Analytics does.
fn overflow(members: &mut Map<String, Value>, schema: &TableSchema) {
    let strays: Vec<String> = members
        .keys()
        .filter(|name| schema.column(name).is_none())
        .cloned()
        .collect();
    if strays.is_empty() {
        return;
    }
    let mut extra = match members.remove(OVERFLOW) {
        Some(Value::Object(extra)) => extra,
        _ => Map::new(),
    };
    for name in strays {
        if let Some(value) = members.remove(&name) {
            extra.insert(name, value);
        }
    }
    members.insert(OVERFLOW.to_owned(), Value::Object(extra));
}

/// Removes secrets from a row, and from JSON that is written into its texts.
fn redact_nested(row: &mut Value) {
    if let Some(members) = row.as_object_mut() {
        for value in members.values_mut() {
            let Some(mut parsed) = value.as_str().and_then(embedded_json) else {
                continue;
            };
            if redact::redact(&mut parsed) > 0 {
                *value = Value::String(parsed.to_string());
            }
        }
    }
    redact::redact(row);
}

/// The object or array that a text is, if it is one.
fn embedded_json(text: &str) -> Option<Value> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text)
        .ok()
        .filter(|value: &Value| value.is_object() || value.is_array())
}
