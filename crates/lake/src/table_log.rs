//! One table's Delta log: opening it fast, judging its protocol, naming what is damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use deltalake::DeltaTable;
use deltalake::kernel::Action;
use deltalake::kernel::engine::arrow_conversion::TryIntoArrow;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use object_store::prefix::PrefixStore;
use serde_json::Value;

use crate::LakeError;
use crate::durable_store::{DurableStore, file_below, object_path};
use crate::schema::schema_error;
use crate::snapshot::{DataFile, TableSnapshot};

/// Folder of the log below the table's.
pub(crate) const LOG: &str = "_delta_log";

/// Reader features that change nothing in how we read.
const HARMLESS_FEATURES: [&str; 2] = ["vacuumProtocolCheck", "v2Checkpoint"];

const COLUMN_MAPPING: &str = "delta.columnMapping.mode";

/// A table as of one version.
#[derive(Debug, Clone)]
pub(crate) struct LoadedTable {
    pub(crate) delta: DeltaTable,
    pub(crate) snapshot: Arc<TableSnapshot>,
}

/// The log store of the table in `folder`.
pub(crate) fn log_store(
    table: &str,
    folder: &Path,
    store: &DurableStore,
) -> Result<LogStoreRef, LakeError> {
    let unusable = || {
        schema_error(
            table,
            format!("folder `{}` cannot be addressed", folder.display()),
        )
    };
    let prefix = object_path(folder).ok_or_else(unusable)?;
    let text = folder.to_str().ok_or_else(unusable)?;
    let url = deltalake::ensure_table_uri(text).map_err(LakeError::delta("open", table))?;
    let prefixed = Arc::new(PrefixStore::new(store.clone(), prefix));
    Ok(default_logstore(
        prefixed,
        Arc::new(store.clone()),
        &url,
        &StorageConfig::default(),
    ))
}

/// Whether anything was ever committed.
pub(crate) fn has_commits(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder.join(LOG)) else {
        return false;
    };
    entries.flatten().any(|entry| is_log_file(&entry.path()))
}

fn is_log_file(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let extension = path.extension().and_then(|extension| extension.to_str());
    digits == 20 && matches!(extension, Some("json" | "parquet"))
}

/// Whether a version after `version` exists, or may: the entry of an old version can have been cleaned away.
pub(crate) fn has_newer(folder: &Path, version: u64) -> bool {
    let log = folder.join(LOG);
    let has_entry = |version: u64| log.join(format!("{version:020}.json")).exists();
    has_entry(version + 1) || !has_entry(version)
}

/// Reads the newest version.
pub(crate) async fn load(
    table: &str,
    folder: &Path,
    store: &DurableStore,
) -> Result<LoadedTable, LakeError> {
    let mut delta = DeltaTable::new(log_store(table, folder, store)?);
    if let Err(error) = delta.load().await {
        return Err(explain(table, folder, error));
    }
    loaded(table, folder, delta)
}

/// Catches up with commits made since.
pub(crate) async fn refresh(
    table: &str,
    folder: &Path,
    mut delta: DeltaTable,
) -> Result<LoadedTable, LakeError> {
    if let Err(error) = delta.update_state().await {
        return Err(explain(table, folder, error));
    }
    loaded(table, folder, delta)
}

fn loaded(table: &str, folder: &Path, delta: DeltaTable) -> Result<LoadedTable, LakeError> {
    let state = delta.snapshot().map_err(LakeError::delta("read", table))?;
    let protocol = serde_json::to_value(state.protocol()).unwrap_or_default();
    check_protocol(table, &protocol)?;
    let mapping = state.metadata().configuration().get(COLUMN_MAPPING);
    check_column_mapping(table, mapping.map(String::as_str))?;
    let partitions = state.metadata().partition_columns();
    if partitions.len() > 1 {
        return Err(newer(
            table,
            format!("{} partition columns", partitions.len()),
        ));
    }
    let partition_by = partitions.first().cloned();
    let stored: Schema = state
        .schema()
        .as_ref()
        .try_into_arrow()
        .map_err(|error| schema_error(table, format!("its columns cannot be read: {error}")))?;
    let stored = microseconds(&stored);
    let mut files = Vec::new();
    for view in state.log_data().iter() {
        if view.deletion_vector_descriptor().is_some() {
            return Err(newer(table, "Delta deletion vectors".to_owned()));
        }
        let relative = view.object_store_path();
        let path = file_below(folder, &relative).ok_or_else(|| LakeError::Corrupt {
            path: folder.join(LOG),
            reason: format!("the log names a file outside the table, `{relative}`"),
        })?;
        let stats = view
            .stats()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let partition = partition_by.as_ref().and_then(|column| {
            view.partition_values_map()
                .remove(column)
                .flatten()
                .filter(|value| !value.is_empty())
        });
        files.push(DataFile {
            path,
            size: u64::try_from(view.size()).unwrap_or_default(),
            rows: stats.as_ref().and_then(crate::statistics::row_count),
            modified_milliseconds: view.modification_time(),
            partition,
            relative: relative.to_string(),
            stats,
        });
    }
    let version = state.version();
    let snapshot = Arc::new(TableSnapshot::new(
        table,
        folder,
        Some(version),
        Some(stored),
        partition_by,
        files,
    ));
    Ok(LoadedTable { delta, snapshot })
}

/// Foreign writers may spell the zone `+00:00`; ours is `UTC` everywhere.
fn microseconds(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Timestamp(unit, Some(_)) => Arc::new(Field::new(
            field.name(),
            DataType::Timestamp(*unit, Some("UTC".into())),
            true,
        )),
        _ => Arc::new(Field::new(field.name(), field.data_type().clone(), true)),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn newer(table: &str, needs: String) -> LakeError {
    LakeError::NewerTable {
        table: table.to_owned(),
        needs,
    }
}

/// Refuses what a plain Parquet scan would read wrongly.
fn check_protocol(table: &str, protocol: &Value) -> Result<(), LakeError> {
    let reader = protocol
        .get("minReaderVersion")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    if reader > 3 {
        return Err(newer(table, format!("Delta reader version {reader}")));
    }
    let features = protocol.get("readerFeatures").and_then(Value::as_array);
    let foreign = features
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|feature| !HARMLESS_FEATURES.contains(feature));
    match foreign {
        Some(feature) => Err(newer(table, format!("Delta reader feature `{feature}`"))),
        None => Ok(()),
    }
}

fn check_column_mapping(table: &str, mode: Option<&str>) -> Result<(), LakeError> {
    match mode {
        None | Some("none") => Ok(()),
        Some(_) => Err(newer(table, "Delta column mapping".to_owned())),
    }
}

/// The library says that reading failed; say which file is at fault, or which protocol.
fn explain(table: &str, folder: &Path, error: deltalake::DeltaTableError) -> LakeError {
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join(LOG))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            is_log_file(path)
                && path
                    .extension()
                    .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    for path in files {
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) => return LakeError::io("read", &path)(error),
        };
        if let Some(fault) = log_fault(table, &path, &text) {
            return fault;
        }
    }
    LakeError::delta("read", table)(error)
}

fn log_fault(table: &str, path: &Path, text: &[u8]) -> Option<LakeError> {
    let lines = text
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty());
    for (index, line) in lines {
        let corrupt = |reason: String| LakeError::Corrupt {
            path: path.to_owned(),
            reason,
        };
        let value: Value = match serde_json::from_slice(line) {
            Ok(value) => value,
            Err(error) => return Some(corrupt(format!("line {} is no JSON ({error})", index + 1))),
        };
        let protocol = value
            .get("protocol")
            .map_or(Ok(()), |protocol| check_protocol(table, protocol));
        let mapping = value
            .pointer("/metaData/configuration")
            .and_then(|settings| settings.get(COLUMN_MAPPING));
        let mapping = check_column_mapping(table, mapping.and_then(Value::as_str));
        if let Err(newer) = protocol.and(mapping) {
            return Some(newer);
        }
        if let Err(error) = serde_json::from_value::<Action>(value) {
            return Some(corrupt(format!(
                "line {} is no Delta action ({error})",
                index + 1
            )));
        }
    }
    None
}
