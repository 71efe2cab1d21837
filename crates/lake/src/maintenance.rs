//! Keeping a table small: checkpoints, files nobody needs, many small files into few.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use arrow::array::{ArrayRef, RecordBatch};
use deltalake::protocol::checkpoints::{cleanup_metadata, create_checkpoint};
use futures::TryStreamExt as _;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use stance_base::ScalarType;
use stance_model::tables::{Column, TableSchema};
use stance_term_filter::FilterFile;

use crate::LakeError;
use crate::commit::{CommitMode, CommitOutcome, TableCommit, commit};
use crate::lake::{Lake, LakeInner};
use crate::schema::{TableDefinition, arrow_type, schema_error};
use crate::snapshot::{DataFile, TableSnapshot};
use crate::statistics::partition_scalar;
use crate::table_writer::TableWriter;
use crate::writer::Writer;

/// Files at least this large are left alone by compaction.
pub(crate) const COMPACTED_BYTES: u64 = 128 * 1024 * 1024;
/// Fewer small files than this in one partition are not worth a rewrite.
const WORTHWHILE_FILES: usize = 8;

impl Writer {
    /// Rewrites many small files of a table into few. Rows stay the same. `None` where there was nothing to gain.
    pub async fn compact(&self, table: &str) -> Result<Option<CommitOutcome>, LakeError> {
        let table = self.inner().spelling(table)?;
        compact(self.inner(), &table).await
    }

    /// Removes files that no reader can need any more. Gives their number.
    pub async fn clean(&self, table: &str) -> Result<usize, LakeError> {
        let table = self.inner().spelling(table)?;
        clean(self.inner(), &table).await
    }
}

impl Lake {
    /// Reads every row of a table's newest version and gives the first fault, with the file's name.
    pub async fn check(&self, table: &str) -> Result<u64, LakeError> {
        let snapshot = self.snapshot(table).await?;
        let task = tokio::task::spawn_blocking(move || {
            let mut rows = 0;
            for file in &snapshot.files {
                file.verify()?;
                rows += count_rows(file).map_err(|error| LakeError::Corrupt {
                    path: file.path.clone(),
                    reason: error,
                })?;
            }
            Ok(rows)
        });
        task.await
            .map_err(|error| LakeError::Task(error.to_string()))?
    }
}

fn count_rows(file: &DataFile) -> Result<u64, String> {
    let opened = File::open(&file.path).map_err(|error| error.to_string())?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| error.to_string())?;
    let mut rows = 0;
    for batch in builder.build().map_err(|error| error.to_string())? {
        rows += batch.map_err(|error| error.to_string())?.num_rows() as u64;
    }
    match file.rows {
        Some(expected) if expected != rows => {
            Err(format!("it has {rows} rows and should have {expected}"))
        }
        _ => Ok(rows),
    }
}

/// Run after each commit. The commit stands whatever happens here, so trouble is only logged.
pub(crate) async fn after_commit(inner: &Arc<LakeInner>, table: &str, version: u64) {
    if !(version + 1).is_multiple_of(inner.options.checkpoint_interval.max(1)) {
        return;
    }
    // Boxed, because compaction commits, and a commit ends here.
    if let Err(error) = Box::pin(compact(inner, table)).await {
        tracing::warn!(table, %error, "small files could not be put together; they will be tried again");
    }
    if let Err(error) = checkpoint(inner, table).await {
        tracing::warn!(table, %error, "the table's checkpoint could not be written; the next one will be tried");
    }
    if let Err(error) = clean(inner, table).await {
        tracing::warn!(table, %error, "files no longer needed could not be removed; they will be tried again");
    }
}

async fn compact(inner: &Arc<LakeInner>, table: &str) -> Result<Option<CommitOutcome>, LakeError> {
    let Some(loaded) = inner.load(table).await? else {
        return Ok(None);
    };
    let snapshot = loaded.snapshot.clone();
    let small = worth_rewriting(&snapshot);
    if small.is_empty() {
        return Ok(None);
    }
    let mut writer = TableWriter::begin(stored_definition(&snapshot)?, inner.staging()?)?;
    let rewritten = small.iter().map(|file| file.relative.clone()).collect();
    let task = tokio::task::spawn_blocking(move || {
        for file in &small {
            copy_rows(&snapshot, file, &mut |batch| writer.write(batch))?;
        }
        writer.finish()
    });
    let rows = task
        .await
        .map_err(|error| LakeError::Task(error.to_string()))??;
    let mut one = TableCommit::new(rows, CommitMode::Append);
    one.rewritten = Some(rewritten);
    commit(inner, one).await.map(Some)
}

async fn checkpoint(inner: &LakeInner, table: &str) -> Result<(), LakeError> {
    let Some(loaded) = inner.load(table).await? else {
        return Ok(());
    };
    create_checkpoint(&loaded.delta, None)
        .await
        .map_err(LakeError::delta("write a checkpoint of", table))?;
    cleanup_metadata(&loaded.delta, None)
        .await
        .map_err(LakeError::delta("clean the log of", table))?;
    inner.forget(table);
    Ok(())
}

/// A file goes when neither the newest version names it nor a reader of a recent one can.
async fn clean(inner: &LakeInner, table: &str) -> Result<usize, LakeError> {
    let Some(loaded) = inner.load(table).await? else {
        return Ok(0);
    };
    let state = loaded
        .delta
        .snapshot()
        .map_err(LakeError::delta("read", table))?;
    let now = inner.options.clock.now();
    let retention = i64::try_from(inner.options.retention.as_millis()).unwrap_or(i64::MAX);
    let oldest_needed = now.timestamp_millis().saturating_sub(retention);
    let log = loaded.delta.log_store();
    let removed: Vec<_> = state
        .all_tombstones(log.as_ref())
        .try_collect()
        .await
        .map_err(LakeError::delta("read", table))?;
    let recent = removed.iter().filter(|file| {
        file.deletion_timestamp()
            .is_none_or(|at| at >= oldest_needed)
    });
    let mut needed: HashSet<String> = recent.map(|file| file.path().into_owned()).collect();
    needed.extend(
        loaded
            .snapshot
            .files
            .iter()
            .map(|file| file.relative.clone()),
    );
    let folder = inner.table_folder(table);
    let entries = fs::read_dir(&folder).map_err(LakeError::io("list", &folder))?;
    let goes = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| {
            let data = name
                .strip_suffix(stance_term_filter::SUFFIX)
                .unwrap_or(name);
            data.starts_with("part-") && data.ends_with(".parquet") && !needed.contains(data)
        });
        ours && written_before(&entry.path(), now.into(), inner.options.retention)
    });
    Ok(goes
        .filter(|entry| fs::remove_file(entry.path()).is_ok())
        .count())
}

/// Spares files another program may be about to commit.
fn written_before(path: &Path, now: SystemTime, retention: std::time::Duration) -> bool {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| {
        now.duration_since(written)
            .is_ok_and(|age| age >= retention)
    })
}

fn worth_rewriting(snapshot: &TableSnapshot) -> Vec<DataFile> {
    let mut partitions: BTreeMap<&Option<String>, Vec<&DataFile>> = BTreeMap::new();
    for file in snapshot
        .files
        .iter()
        .filter(|file| file.size < COMPACTED_BYTES / 2)
    {
        partitions.entry(&file.partition).or_default().push(file);
    }
    partitions.retain(|_, files| files.len() >= WORTHWHILE_FILES);
    partitions.into_values().flatten().cloned().collect()
}

/// The stored columns as KQL types, which is only how they are written again.
fn stored_definition(snapshot: &TableSnapshot) -> Result<TableDefinition, LakeError> {
    let schema = snapshot.schema.as_deref();
    let columns = schema
        .into_iter()
        .flat_map(arrow::datatypes::Schema::fields)
        .map(|field| {
            let same = ScalarType::ALL
                .into_iter()
                .find(|scalar| arrow_type(*scalar) == *field.data_type());
            let scalar_type = same.ok_or_else(|| {
                let reason = format!(
                    "column `{}` of type {} was not written by Stance",
                    field.name(),
                    field.data_type()
                );
                schema_error(&snapshot.table, reason)
            })?;
            Ok(Column {
                name: field.name().clone().into(),
                scalar_type,
            })
        });
    Ok(TableDefinition {
        schema: TableSchema {
            name: snapshot.table.clone().into(),
            columns: columns.collect::<Result<_, LakeError>>()?,
        },
        partition_by: snapshot.partition_by.clone(),
        searchable: searchable(snapshot),
    })
}

/// The columns that are declared searchable, and those that files of the table have filters for.
fn searchable(snapshot: &TableSnapshot) -> Vec<String> {
    let mut columns = stance_model::tables::searchable(&snapshot.table);
    for file in &snapshot.files {
        let Ok(Some(filters)) = FilterFile::beside(&file.path) else {
            continue;
        };
        for column in filters.columns() {
            if !columns.iter().any(|known| known == column) {
                columns.push(column.to_owned());
            }
        }
    }
    columns
}

/// Hands on the rows of a file, the partition column put back.
fn copy_rows(
    snapshot: &TableSnapshot,
    file: &DataFile,
    take: &mut dyn FnMut(&RecordBatch) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    file.verify()?;
    let corrupt = |error: String| LakeError::Corrupt {
        path: file.path.clone(),
        reason: error,
    };
    let opened = File::open(&file.path).map_err(LakeError::io("read", &file.path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(opened)
        .and_then(ParquetRecordBatchReaderBuilder::build);
    for batch in reader.map_err(|error| corrupt(error.to_string()))? {
        let batch = batch.map_err(|error| corrupt(error.to_string()))?;
        take(&with_partition(snapshot, file, batch)?)?;
    }
    Ok(())
}

fn with_partition(
    snapshot: &TableSnapshot,
    file: &DataFile,
    batch: RecordBatch,
) -> Result<RecordBatch, LakeError> {
    let (Some(column), Some(schema)) = (&snapshot.partition_by, &snapshot.schema) else {
        return Ok(batch);
    };
    let Ok(field) = schema.field_with_name(column) else {
        return Ok(batch);
    };
    let value = partition_scalar(file.partition.as_deref(), field.data_type())
        .and_then(|value| value.to_array_of_size(batch.num_rows()).ok());
    let value: ArrayRef = value.ok_or_else(|| LakeError::Corrupt {
        path: file.path.clone(),
        reason: "its partition value does not fit the column's type".to_owned(),
    })?;
    let given = batch.schema();
    let fields = given
        .fields()
        .iter()
        .map(|field| (field.name().clone(), batch[field.name()].clone()));
    RecordBatch::try_from_iter(fields.chain([(column.clone(), value)]))
        .map_err(LakeError::rows("read", &snapshot.table))
}
