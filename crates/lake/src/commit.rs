//! One table's commit: files put in place, log entry written, both on the disk.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::datatypes::Schema;
use deltalake::DeltaTableError;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference, TransactionError};
use deltalake::kernel::{Action, Add, MetadataExt as _, Protocol, Remove, StructType, Transaction, new_metadata};
use deltalake::protocol::{DeltaOperation, SaveMode};
use serde_json::json;
use uuid::Uuid;

use crate::LakeError;
use crate::folder::{create_private, sync_folder};
use crate::lake::LakeInner;
use crate::maintenance;
use crate::schema::{arrow_schema, merge, schema_error};
use crate::snapshot::DataFile;
use crate::table_log::{LOG, LoadedTable, log_store};
use crate::table_writer::{StagedFile, StagedRows};
use crate::writer::remove_files;

/// Attempts against writers that do not take our lock (Spark, delta-rs).
const ATTEMPTS: usize = 5;

/// What a commit does with the rows already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitMode {
    /// They stay.
    Append,
    /// They go.
    ReplaceAll,
    /// Those go whose partition column has one of these values; the empty text stands for null.
    ReplacePartitions(Vec<String>),
}

/// An application's own count of what it has delivered, committed with the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppTransaction {
    /// Who counts: a source's stable name.
    pub application: String,
    /// How far. A commit whose version is not beyond the last one does nothing.
    pub version: i64,
}

/// Rows ready to be committed and how.
#[derive(Debug)]
pub struct TableCommit {
    pub(crate) rows: StagedRows,
    pub(crate) mode: CommitMode,
    pub(crate) transaction: Option<AppTransaction>,
    /// Files these rows were made from, where the commit only rewrites them.
    pub(crate) rewritten: Option<Vec<String>>,
}

impl TableCommit {
    /// A commit without a transaction.
    pub fn new(rows: StagedRows, mode: CommitMode) -> Self {
        Self { rows, mode, transaction: None, rewritten: None }
    }

    /// Counts the rows under an application's id, so that delivering them twice stores them once.
    #[must_use]
    pub fn with_transaction(mut self, transaction: AppTransaction) -> Self {
        self.transaction = Some(transaction);
        self
    }
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitOutcome {
    /// The table, as its folder spells it.
    pub table: String,
    /// The table's version now.
    pub version: u64,
    /// Rows added.
    pub rows: u64,
    /// Whether nothing was done because the transaction had been committed before.
    pub already_committed: bool,
}

pub(crate) async fn commit(inner: &Arc<LakeInner>, mut one: TableCommit) -> Result<CommitOutcome, LakeError> {
    let table = inner.spelling(&one.rows.definition.schema.name)?;
    let folder = inner.table_folder(&table);
    let mut loaded = inner.load(&table).await?;
    if let (Some(known), Some(transaction)) = (&loaded, &one.transaction) {
        let last = known.transaction_version(&table, &transaction.application).await?;
        if last.is_some_and(|last| last >= transaction.version) {
            return Ok(outcome(&table, known.snapshot.version.unwrap_or_default(), 0, true));
        }
    }
    check_layout(&table, &one, loaded.as_ref())?;
    let rows = one.rows.rows();
    let placed = place_files(&folder, std::mem::take(&mut one.rows.files)).await?;
    for attempt in 1.. {
        let error = match try_commit(inner, &table, &folder, &one, &placed, loaded.as_ref()).await {
            Ok(version) => {
                maintenance::after_commit(inner, &table, version).await;
                return Ok(outcome(&table, version, rows, false));
            }
            Err(error) => error,
        };
        inner.forget(&table);
        let retry = attempt < ATTEMPTS && is_conflict(&error);
        match inner.load(&table).await {
            Ok(newest) if retry => loaded = newest,
            newest => return Err(abandon(error, &placed, newest)),
        }
    }
    Err(LakeError::Task("the commit loop ended".to_owned()))
}

fn outcome(table: &str, version: u64, rows: u64, already_committed: bool) -> CommitOutcome {
    CommitOutcome { table: table.to_owned(), version, rows, already_committed }
}

/// Removes the files of a failed commit, unless the log can be seen to name them or cannot be read.
fn abandon(error: LakeError, placed: &[PlacedFile], newest: Result<Option<LoadedTable>, LakeError>) -> LakeError {
    let Ok(newest) = newest else { return error };
    let named = |file: &PlacedFile| {
        newest.as_ref().is_some_and(|loaded| loaded.snapshot.files.iter().any(|known| known.relative == file.name))
    };
    remove_files(placed.iter().filter(|file| !named(file)).map(|file| file.path.as_path()));
    error
}

fn is_conflict(error: &LakeError) -> bool {
    let LakeError::Delta { source, .. } = error else { return false };
    match source.as_ref() {
        DeltaTableError::VersionAlreadyExists(_) => true,
        DeltaTableError::Transaction { source } => matches!(
            source,
            TransactionError::CommitConflict(_)
                | TransactionError::VersionAlreadyExists(_)
                | TransactionError::MaxCommitAttempts(_)
        ),
        _ => false,
    }
}

fn check_layout(table: &str, one: &TableCommit, loaded: Option<&LoadedTable>) -> Result<(), LakeError> {
    let declared = one.rows.definition.partition_by.as_deref();
    let stored = loaded.map(|loaded| loaded.snapshot.partition_by.as_deref());
    if let Some(stored) = stored.filter(|stored| *stored != declared) {
        let shown = |column: Option<&str>| column.map_or("nothing".to_owned(), |column| format!("`{column}`"));
        let reason = format!("is kept apart by {}, not by {}", shown(stored), shown(declared));
        return Err(schema_error(table, reason));
    }
    let CommitMode::ReplacePartitions(values) = &one.mode else { return Ok(()) };
    if declared.is_none() {
        return Err(schema_error(table, "is in one piece; its rows cannot be replaced by value".to_owned()));
    }
    let stray = one.rows.files.iter().find(|file| !values.contains(&file.partition.clone().unwrap_or_default()));
    match stray {
        Some(file) => {
            let value: String = file.partition.clone().unwrap_or_default().chars().take(80).collect();
            Err(schema_error(table, format!("rows of `{value}` were given, which is not among the values to replace")))
        }
        None => Ok(()),
    }
}

/// A file under its final name, on the disk, not yet in the log.
struct PlacedFile {
    name: String,
    path: PathBuf,
    staged: StagedFile,
}

async fn place_files(folder: &Path, files: Vec<StagedFile>) -> Result<Vec<PlacedFile>, LakeError> {
    let folder = folder.to_owned();
    let task = tokio::task::spawn_blocking(move || {
        make_table_folder(&folder)?;
        let mut placed = Vec::with_capacity(files.len());
        let result = files.into_iter().try_for_each(|staged| {
            placed.push(place_file(&folder, staged)?);
            Ok(())
        });
        let result = result.and_then(|()| sync_folder(&folder).map_err(LakeError::io("write", &folder)));
        if let Err(error) = result {
            remove_files(placed.iter().map(|file: &PlacedFile| file.path.as_path()));
            return Err(error);
        }
        Ok(placed)
    });
    task.await.map_err(|error| LakeError::Task(error.to_string()))?
}

fn place_file(folder: &Path, staged: StagedFile) -> Result<PlacedFile, LakeError> {
    let name = format!("part-{}.parquet", Uuid::new_v4().simple());
    let path = folder.join(&name);
    let synced = fs::File::open(&staged.path).and_then(|file| file.sync_all());
    synced.and_then(|()| fs::rename(&staged.path, &path)).map_err(|error| {
        let _ = fs::remove_file(&staged.path);
        LakeError::io("write", &path)(error)
    })?;
    Ok(PlacedFile { name, path, staged })
}

fn make_table_folder(folder: &Path) -> Result<(), LakeError> {
    let log = folder.join(LOG);
    if log.is_dir() {
        return Ok(());
    }
    create_private(folder)?;
    create_private(&log)?;
    let parent = folder.parent().unwrap_or(folder);
    sync_folder(folder).and_then(|()| sync_folder(parent)).map_err(LakeError::io("write", folder))
}

async fn try_commit(
    inner: &LakeInner,
    table: &str,
    folder: &Path,
    one: &TableCommit,
    placed: &[PlacedFile],
    loaded: Option<&LoadedTable>,
) -> Result<u64, LakeError> {
    let declared = arrow_schema(&one.rows.definition.schema);
    let now = inner.options.clock.now().timestamp_millis();
    let data_change = one.rewritten.is_none();
    let mut actions = match loaded {
        Some(loaded) => changed_columns(table, loaded, &declared)?.into_iter().collect(),
        None => first_actions(table, one, &declared, inner)?,
    };
    let partition_by = one.rows.definition.partition_by.as_deref();
    let replaced = loaded.into_iter().flat_map(|loaded| loaded.snapshot.files.iter()).filter(|file| goes(file, one));
    actions.extend(replaced.map(|file| remove_action(file, partition_by, now, data_change)));
    actions.extend(placed.iter().map(|file| add_action(file, partition_by, now, data_change)));
    let transactions = one.transaction.iter().map(|transaction| {
        Transaction::new_with_last_update(&transaction.application, transaction.version, Some(now))
    });
    let properties = CommitProperties::default().with_application_transactions(transactions.collect());
    let store = match loaded {
        Some(loaded) => loaded.delta.log_store(),
        None => log_store(table, folder, &inner.store)?,
    };
    let state = loaded.map(|loaded| loaded.delta.snapshot()).transpose().map_err(LakeError::delta("read", table))?;
    let reference = state.map(|state| state.snapshot() as &dyn TableReference);
    let commit = CommitBuilder::from(properties)
        .with_actions(actions)
        .build(reference, store, operation(one))
        .into_prepared_commit_future();
    // Awaited up to the log entry only: the library's next step re-reads the table, which we do when needed.
    let written = async { commit.await?.await }.await.map_err(LakeError::delta("commit to", table))?;
    Ok(written.version)
}

fn operation(one: &TableCommit) -> DeltaOperation {
    if one.rewritten.is_some() {
        return DeltaOperation::Optimize { predicate: None, target_size: maintenance::COMPACTED_BYTES as i64 };
    }
    let mode = if one.mode == CommitMode::Append { SaveMode::Append } else { SaveMode::Overwrite };
    DeltaOperation::Write {
        mode,
        partition_by: one.rows.definition.partition_by.clone().map(|column| vec![column]),
        predicate: None,
    }
}

/// Whether a stored file goes with this commit.
fn goes(file: &DataFile, one: &TableCommit) -> bool {
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
fn first_actions(table: &str, one: &TableCommit, declared: &Schema, inner: &LakeInner) -> Result<Vec<Action>, LakeError> {
    let internal = |error: serde_json::Error| schema_error(table, format!("cannot be made: {error}"));
    let protocol: Protocol =
        serde_json::from_value(json!({"minReaderVersion": 1, "minWriterVersion": 2})).map_err(internal)?;
    let configuration = [
        ("delta.checkpointInterval", inner.options.checkpoint_interval.to_string()),
        ("delta.logRetentionDuration", "interval 1 days".to_owned()),
        ("delta.deletedFileRetentionDuration", format!("interval {} seconds", inner.options.retention.as_secs())),
    ];
    let columns = kernel_schema(table, declared)?;
    let metadata = new_metadata(&columns, one.rows.definition.partition_by.iter(), configuration)
        .and_then(|metadata| metadata.with_name(table.to_owned()))
        .map_err(|error| LakeError::delta("make", table)(error.into()))?;
    Ok(vec![Action::Protocol(protocol), Action::Metadata(metadata)])
}

/// The table's new columns, where a write brings any.
fn changed_columns(table: &str, loaded: &LoadedTable, declared: &Schema) -> Result<Option<Action>, LakeError> {
    let Some(stored) = &loaded.snapshot.schema else { return Ok(None) };
    let merged = merge(table, stored, declared)?;
    if merged.fields().len() == stored.fields().len() {
        return Ok(None);
    }
    let state = loaded.delta.snapshot().map_err(LakeError::delta("read", table))?;
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
        .map_err(|error: arrow::error::ArrowError| schema_error(table, format!("its columns cannot be stored: {error}")))
}

fn partition_values(partition_by: Option<&str>, value: Option<&String>) -> HashMap<String, Option<String>> {
    partition_by.map(|column| (column.to_owned(), value.cloned())).into_iter().collect()
}

fn remove_action(file: &DataFile, partition_by: Option<&str>, now: i64, data_change: bool) -> Action {
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

fn add_action(file: &PlacedFile, partition_by: Option<&str>, now: i64, data_change: bool) -> Action {
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
