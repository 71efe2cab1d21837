//! One table's commit: files put in place, log entry written, both on the disk.

use std::path::Path;
use std::sync::Arc;

use deltalake::DeltaTableError;
use deltalake::kernel::Transaction;
use deltalake::kernel::transaction::{
    CommitBuilder, CommitProperties, TableReference, TransactionError,
};

use crate::LakeError;
use crate::actions::{add_action, changed_columns, first_actions, goes, operation, remove_action};
use crate::lake::LakeInner;
use crate::maintenance;
use crate::placement::{PlacedFile, place_files};
use crate::schema::{arrow_schema, schema_error};
use crate::table_log::{LoadedTable, log_store};
use crate::table_writer::StagedRows;
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
        Self {
            rows,
            mode,
            transaction: None,
            rewritten: None,
        }
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

pub(crate) async fn commit(
    inner: &Arc<LakeInner>,
    mut one: TableCommit,
) -> Result<CommitOutcome, LakeError> {
    let table = inner.spelling(&one.rows.definition.schema.name)?;
    let folder = inner.table_folder(&table);
    let mut loaded = inner.load(&table).await?;
    if let (Some(known), Some(transaction)) = (&loaded, &one.transaction) {
        let last = known
            .transaction_version(&table, &transaction.application)
            .await?;
        if last.is_some_and(|last| last >= transaction.version) {
            return Ok(outcome(
                &table,
                known.snapshot.version.unwrap_or_default(),
                0,
                true,
            ));
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
    CommitOutcome {
        table: table.to_owned(),
        version,
        rows,
        already_committed,
    }
}

/// Removes the files of a failed commit, unless the log can be seen to name them or cannot be read.
fn abandon(
    error: LakeError,
    placed: &[PlacedFile],
    newest: Result<Option<LoadedTable>, LakeError>,
) -> LakeError {
    let Ok(newest) = newest else { return error };
    let named = |file: &PlacedFile| {
        newest.as_ref().is_some_and(|loaded| {
            loaded
                .snapshot
                .files
                .iter()
                .any(|known| known.relative == file.name)
        })
    };
    remove_files(
        placed
            .iter()
            .filter(|file| !named(file))
            .map(|file| file.path.as_path()),
    );
    error
}

fn is_conflict(error: &LakeError) -> bool {
    let LakeError::Delta { source, .. } = error else {
        return false;
    };
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

fn check_layout(
    table: &str,
    one: &TableCommit,
    loaded: Option<&LoadedTable>,
) -> Result<(), LakeError> {
    let declared = one.rows.definition.partition_by.as_deref();
    let stored = loaded.map(|loaded| loaded.snapshot.partition_by.as_deref());
    if let Some(stored) = stored.filter(|stored| *stored != declared) {
        let shown = |column: Option<&str>| {
            column.map_or("nothing".to_owned(), |column| format!("`{column}`"))
        };
        let reason = format!(
            "is kept apart by {}, not by {}",
            shown(stored),
            shown(declared)
        );
        return Err(schema_error(table, reason));
    }
    let CommitMode::ReplacePartitions(values) = &one.mode else {
        return Ok(());
    };
    if declared.is_none() {
        return Err(schema_error(
            table,
            "is in one piece; its rows cannot be replaced by value".to_owned(),
        ));
    }
    let stray = one
        .rows
        .files
        .iter()
        .find(|file| !values.contains(&file.partition.clone().unwrap_or_default()));
    match stray {
        Some(file) => {
            let value: String = file
                .partition
                .clone()
                .unwrap_or_default()
                .chars()
                .take(80)
                .collect();
            Err(schema_error(
                table,
                format!("rows of `{value}` were given, which is not among the values to replace"),
            ))
        }
        None => Ok(()),
    }
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
        Some(loaded) => changed_columns(table, loaded, &declared)?
            .into_iter()
            .collect(),
        None => first_actions(table, one, &declared, inner)?,
    };
    let partition_by = one.rows.definition.partition_by.as_deref();
    let replaced = loaded
        .into_iter()
        .flat_map(|loaded| loaded.snapshot.files.iter())
        .filter(|file| goes(file, one));
    actions.extend(replaced.map(|file| remove_action(file, partition_by, now, data_change)));
    actions.extend(
        placed
            .iter()
            .map(|file| add_action(file, partition_by, now, data_change)),
    );
    let transactions = one.transaction.iter().map(|transaction| {
        Transaction::new_with_last_update(&transaction.application, transaction.version, Some(now))
    });
    let properties =
        CommitProperties::default().with_application_transactions(transactions.collect());
    let store = match loaded {
        Some(loaded) => loaded.delta.log_store(),
        None => log_store(table, folder, &inner.store)?,
    };
    let state = loaded
        .map(|loaded| loaded.delta.snapshot())
        .transpose()
        .map_err(LakeError::delta("read", table))?;
    let reference = state.map(|state| state.snapshot() as &dyn TableReference);
    let commit = CommitBuilder::from(properties)
        .with_actions(actions)
        .build(reference, store, operation(one))
        .into_prepared_commit_future();
    // Awaited up to the log entry only: the library's next step re-reads the table, which we do when needed.
    let written = async { commit.await?.await }
        .await
        .map_err(LakeError::delta("commit to", table))?;
    Ok(written.version)
}
