//! Rows streamed into Parquet files that nobody sees until they are committed.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array as _, AsArray as _, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Int32Type, Int64Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;
use stance_base::ScalarType;

use crate::LakeError;
use crate::folder::new_private_file;
use crate::schema::{TableDefinition, align, arrow_schema, schema_error};
use crate::staging::Staging;
use crate::statistics::{RANGED_COLUMNS, from_parquet};
use crate::term_filters::FileFilters;
use crate::writer::remove_files;

/// Rows of a row group; the unit of skipping and of parallel reading.
pub(crate) const GROUP_ROWS: usize = 128 * 1024;
/// Bytes buffered over all open files before the fullest is flushed.
const BUFFERED_BYTES: usize = 64 * 1024 * 1024;
/// Bytes after which a file is closed and the next begun.
const FILE_BYTES: usize = 256 * 1024 * 1024;
/// Partitions written at once; beyond it the fullest file is closed.
const OPEN_FILES: usize = 64;

/// A finished Parquet file, still under its temporary name.
#[derive(Debug)]
pub(crate) struct StagedFile {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) rows: u64,
    pub(crate) partition: Option<String>,
    pub(crate) stats: Value,
}

/// Files ready to be committed; dropping them removes them.
#[derive(Debug)]
pub struct StagedRows {
    pub(crate) definition: TableDefinition,
    pub(crate) files: Vec<StagedFile>,
    /// Holds the folder the files lie in.
    pub(crate) _staging: Arc<Staging>,
}

impl StagedRows {
    /// Rows in all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

impl Drop for StagedRows {
    fn drop(&mut self) {
        remove_files(self.files.iter().map(|file| file.path.as_path()));
    }
}

/// The value that all rows of a file share; `None` for null, the empty text, and tables in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct PartitionKey(Option<String>);

struct OpenFile {
    path: PathBuf,
    rows: u64,
    writer: ArrowWriter<File>,
    filters: FileFilters,
}

impl OpenFile {
    /// Bytes held in memory, about.
    fn memory(&self) -> usize {
        self.writer.memory_size() + self.filters.memory()
    }
}

/// Writes rows of one table. Memory is bounded; the calls block on the disk.
pub struct TableWriter {
    definition: TableDefinition,
    schema: SchemaRef,
    /// Columns in the files: all but the partition column.
    in_files: Vec<usize>,
    file_schema: SchemaRef,
    ranged: Vec<String>,
    open: HashMap<PartitionKey, OpenFile>,
    staged: StagedRows,
    staging: Arc<Staging>,
}

impl std::fmt::Debug for TableWriter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TableWriter")
            .field("table", &self.definition.schema.name)
            .field("open_files", &self.open.len())
            .finish_non_exhaustive()
    }
}

impl TableWriter {
    pub(crate) fn begin(
        definition: TableDefinition,
        staging: Arc<Staging>,
    ) -> Result<Self, LakeError> {
        definition.validate()?;
        let schema = arrow_schema(&definition.schema);
        let partition = definition.partition_by.as_deref();
        let in_files: Vec<usize> = (0..schema.fields().len())
            .filter(|index| Some(schema.field(*index).name().as_str()) != partition)
            .collect();
        let file_schema = schema
            .project(&in_files)
            .map_err(LakeError::rows("write", &definition.schema.name))?;
        let ranged = definition.schema.columns.iter().filter(|column| {
            !matches!(
                column.scalar_type,
                ScalarType::Dynamic | ScalarType::Decimal | ScalarType::Bool
            )
        });
        let ranged = ranged
            .take(RANGED_COLUMNS)
            .map(|column| column.name.to_string())
            .collect();
        Ok(Self {
            staged: StagedRows {
                definition: definition.clone(),
                files: Vec::new(),
                _staging: staging.clone(),
            },
            definition,
            schema,
            in_files,
            file_schema: Arc::new(file_schema),
            ranged,
            open: HashMap::new(),
            staging,
        })
    }

    /// The Arrow schema of the table's declared columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes rows. Columns may come in any order; missing ones are null.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = align(&self.definition.schema.name, batch, &self.schema)?;
        let Some(column) = self.definition.partition_by.clone() else {
            return self.write_partition(&PartitionKey(None), &batch);
        };
        let keys = partition_keys(&self.definition.schema.name, &batch, &column)?;
        let mut groups: BTreeMap<&PartitionKey, Vec<u32>> = BTreeMap::new();
        for (row, key) in keys.iter().enumerate() {
            groups.entry(key).or_default().push(row as u32);
        }
        for (key, rows) in groups {
            let rows = take_record_batch(&batch, &UInt32Array::from(rows))
                .map_err(LakeError::rows("write", &self.definition.schema.name))?;
            self.write_partition(key, &rows)?;
        }
        Ok(())
    }

    fn write_partition(
        &mut self,
        partition: &PartitionKey,
        batch: &RecordBatch,
    ) -> Result<(), LakeError> {
        let table = self.definition.schema.name.clone();
        let batch = batch
            .project(&self.in_files)
            .map_err(LakeError::rows("write", &table))?;
        if !self.open.contains_key(partition) {
            if self.open.len() >= OPEN_FILES {
                self.close_fullest()?;
            }
            let opened = self.open_file()?;
            self.open.insert(partition.clone(), opened);
        }
        let Some(file) = self.open.get_mut(partition) else {
            return Ok(());
        };
        file.writer
            .write(&batch)
            .map_err(LakeError::rows("write", &table))?;
        file.filters.write(&batch);
        file.rows += batch.num_rows() as u64;
        if file.writer.bytes_written() + file.writer.in_progress_size() > FILE_BYTES {
            return self.close(partition);
        }
        let buffered: usize = self.open.values().map(OpenFile::memory).sum();
        if buffered > BUFFERED_BYTES {
            return self.flush_fullest();
        }
        Ok(())
    }

    fn open_file(&self) -> Result<OpenFile, LakeError> {
        let path = self.staging.new_path("parquet");
        let file = new_private_file()
            .open(&path)
            .map_err(LakeError::io("create", &path))?;
        let level = ZstdLevel::try_new(1)
            .map_err(LakeError::rows("write", &self.definition.schema.name))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(format!("stance {}", env!("CARGO_PKG_VERSION")))
            .build();
        let writer = ArrowWriter::try_new(file, self.file_schema.clone(), Some(properties));
        match writer {
            Ok(writer) => Ok(OpenFile {
                path,
                rows: 0,
                writer,
                filters: FileFilters::new(&self.definition.searchable, &self.file_schema),
            }),
            Err(error) => {
                let _ = fs::remove_file(&path);
                Err(LakeError::rows("write", &self.definition.schema.name)(
                    error,
                ))
            }
        }
    }

    fn fullest(&self) -> Option<PartitionKey> {
        self.open
            .iter()
            .max_by_key(|(_, file)| file.memory())
            .map(|(partition, _)| partition.clone())
    }

    fn flush_fullest(&mut self) -> Result<(), LakeError> {
        let Some(fullest) = self.fullest() else {
            return Ok(());
        };
        let Some(file) = self.open.get_mut(&fullest) else {
            return Ok(());
        };
        file.filters.end_group();
        file.writer
            .flush()
            .map_err(LakeError::rows("write", &self.definition.schema.name))
    }

    fn close_fullest(&mut self) -> Result<(), LakeError> {
        match self.fullest() {
            Some(fullest) => self.close(&fullest),
            None => Ok(()),
        }
    }

    fn close(&mut self, partition: &PartitionKey) -> Result<(), LakeError> {
        let Some(mut file) = self.open.remove(partition) else {
            return Ok(());
        };
        let finished = file.writer.finish();
        let metadata = match finished {
            Ok(metadata) => metadata,
            Err(error) => {
                let _ = fs::remove_file(&file.path);
                return Err(LakeError::rows("write", &self.definition.schema.name)(
                    error,
                ));
            }
        };
        let size = fs::metadata(&file.path)
            .map_err(LakeError::io("read", &file.path))?
            .len();
        file.filters.stage(&file.path, &metadata);
        self.staged.files.push(StagedFile {
            size,
            rows: file.rows,
            partition: partition.0.clone(),
            stats: from_parquet(&metadata, &self.file_schema, &self.ranged),
            path: file.path,
        });
        Ok(())
    }

    /// Closes the files. Nothing is visible until they are committed.
    pub fn finish(mut self) -> Result<StagedRows, LakeError> {
        let mut partitions: Vec<_> = self.open.keys().cloned().collect();
        partitions.sort();
        for partition in partitions {
            self.close(&partition)?;
        }
        let empty = StagedRows {
            definition: self.definition.clone(),
            files: Vec::new(),
            _staging: self.staging.clone(),
        };
        Ok(std::mem::replace(&mut self.staged, empty))
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        for file in self.open.values() {
            let _ = fs::remove_file(&file.path);
        }
    }
}

/// Each row's value in the partition column, as the Delta log spells it. Null and the empty text are one.
fn partition_keys(
    table: &str,
    batch: &RecordBatch,
    column: &str,
) -> Result<Vec<PartitionKey>, LakeError> {
    let missing = || {
        schema_error(
            table,
            format!("rows have no column `{column}` to be kept apart by"),
        )
    };
    let values = batch.column_by_name(column).ok_or_else(missing)?;
    let texts: Vec<Option<String>> = match values.data_type() {
        DataType::Utf8 => values
            .as_string::<i32>()
            .iter()
            .map(|value| value.map(str::to_owned))
            .collect(),
        DataType::Int64 => values
            .as_primitive::<Int64Type>()
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect(),
        DataType::Int32 => values
            .as_primitive::<Int32Type>()
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect(),
        DataType::Boolean => values
            .as_boolean()
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect(),
        other => {
            return Err(schema_error(
                table,
                format!("cannot be kept apart by `{column}` of type {other}"),
            ));
        }
    };
    Ok(texts
        .into_iter()
        .map(|text| PartitionKey(text.filter(|text| !text.is_empty())))
        .collect())
}
