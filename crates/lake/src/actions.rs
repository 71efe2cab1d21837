//! What a commit says in the Delta log.

use std::collections::HashMap;

use arrow::datatypes::Schema;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake::kernel::{
    Action, Add, MetadataExt as _, Protocol, Remove, StructType, new_metadata,
};
use deltalake::protocol::{DeltaOperation, SaveMode};
use serde_json::json;

use crate::LakeError;
use crate::commit::{CommitMode, TableCommit};
use crate::lake::LakeInner;
use crate::maintenance;
use crate::placement::PlacedFile;
use crate::schema::{merge, schema_error};
use crate::snapshot::DataFile;
use crate::table_log::LoadedTable;

pub(crate) fn operation(one: &TableCommit) -> DeltaOperation {
    if one.rewritten.is_some() {
        return DeltaOperation::Optimize {
            predicate: None,
            target_size: maintenance::COMPACTED_BYTES as i64,
        };
    }
    let mode = if one.mode == CommitMode::Append {
        SaveMode::Append
    } else {
        SaveMode::Overwrite
    };
    DeltaOperation::Write {
        mode,
        partition_by: one
            .rows
            .definition
            .partition_by
            .clone()
            .map(|column| vec![column]),
        predicate: None,
    }
}

/// Whether a stored file goes with this commit.
pub(crate) fn goes(file: &DataFile, one: &TableCommit) -> bool {
    if let Some(rewritten) = &one.rewritten {
        return rewritten.contains(&file.relative);
    }
    match &one.mode {
        CommitMode::Append => false,
        CommitMode::ReplaceAll => true,
        CommitMode::ReplacePartitions(values) => {
            let own = file.partition.as_deref().unwrap_or_default();
            values.iter().any(|value| value == own)
        }
    }
}

/// What makes a table: the oldest protocol that has what we use, and its columns.
pub(crate) fn first_actions(
    table: &str,
    one: &TableCommit,
    declared: &Schema,
    inner: &LakeInner,
) -> Result<Vec<Action>, LakeError> {
    let internal =
        |error: serde_json::Error| schema_error(table, format!("cannot be made: {error}"));
    let protocol: Protocol =
        serde_json::from_value(json!({"minReaderVersion": 1, "minWriterVersion": 2}))
            .map_err(internal)?;
    let configuration = [
        (
            "delta.checkpointInterval",
            inner.options.checkpoint_interval.to_string(),
        ),
        ("delta.logRetentionDuration", "interval 1 days".to_owned()),
        (
            "delta.deletedFileRetentionDuration",
            format!("interval {} seconds", inner.options.retention.as_secs()),
        ),
    ];
    let columns = kernel_schema(table, declared)?;
    let metadata = new_metadata(
        &columns,
        one.rows.definition.partition_by.iter(),
        configuration,
    )
    .and_then(|metadata| metadata.with_name(table.to_owned()))
    .map_err(|error| LakeError::delta("make", table)(error.into()))?;
    Ok(vec![Action::Protocol(protocol), Action::Metadata(metadata)])
}

/// The table's new columns, where a write brings any.
pub(crate) fn changed_columns(
    table: &str,
    loaded: &LoadedTable,
    declared: &Schema,
) -> Result<Option<Action>, LakeError> {
    let Some(stored) = &loaded.snapshot.schema else {
        return Ok(None);
    };
    let merged = merge(table, stored, declared)?;
    if merged.fields().len() == stored.fields().len() {
        return Ok(None);
    }
    let state = loaded
        .delta
        .snapshot()
        .map_err(LakeError::delta("read", table))?;
    let metadata = state
        .metadata()
        .clone()
        .with_schema(&kernel_schema(table, &merged)?)
        .map_err(|error| LakeError::delta("add columns to", table)(error.into()))?;
    Ok(Some(Action::Metadata(metadata)))
}

fn kernel_schema(table: &str, schema: &Schema) -> Result<StructType, LakeError> {
    schema
        .try_into_kernel()
        .map_err(|error: arrow::error::ArrowError| {
            schema_error(table, format!("its columns cannot be stored: {error}"))
        })
}

fn partition_values(
    partition_by: Option<&str>,
    value: Option<&String>,
) -> HashMap<String, Option<String>> {
    partition_by
        .map(|column| (column.to_owned(), value.cloned()))
        .into_iter()
        .collect()
}

pub(crate) fn remove_action(
    file: &DataFile,
    partition_by: Option<&str>,
    now: i64,
    data_change: bool,
) -> Action {
    Action::Remove(Remove {
        path: file.relative.clone(),
        data_change,
        deletion_timestamp: Some(now),
        extended_file_metadata: Some(true),
        partition_values: Some(partition_values(partition_by, file.partition.as_ref())),
        size: Some(file.size as i64),
        ..Remove::default()
    })
}

pub(crate) fn add_action(
    file: &PlacedFile,
    partition_by: Option<&str>,
    now: i64,
    data_change: bool,
) -> Action {
    Action::Add(Add {
        path: file.name.clone(),
        partition_values: partition_values(partition_by, file.staged.partition.as_ref()),
        size: file.staged.size as i64,
        modification_time: now,
        data_change,
        stats: Some(file.staged.stats.to_string()),
        ..Add::default()
    })
}
