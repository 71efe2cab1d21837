//! Rows held between two plans of one query: in a file where they are many.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use stance_base::ScalarType;
use tempfile::TempDir;

use crate::error::KqlError;
use crate::file_table::known_parquet;
use crate::lower::HeldRows;
use crate::types::arrow_schema;

/// Most cells that are put into the plan itself.
const FEW_CELLS: usize = 2_048;

/// Rows of one row group: what one thread reads at a time.
const GROUP_ROWS: usize = 128 << 10;

/// A folder of its own for each query, made when first needed, removed with the last clone.
#[derive(Debug, Clone)]
pub(super) struct SpillFolder {
    parent: Option<PathBuf>,
    folder: Arc<Mutex<Option<TempDir>>>,
}

impl SpillFolder {
    pub(super) fn new(parent: Option<PathBuf>) -> Self {
        Self {
            parent,
            folder: Arc::default(),
        }
    }

    fn file(&self) -> std::io::Result<PathBuf> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match &mut *folder {
            Some(folder) => folder,
            none => {
                let made = match &self.parent {
                    Some(parent) => TempDir::with_prefix_in("stance-kql-", parent)?,
                    None => TempDir::with_prefix("stance-kql-")?,
                };
                none.insert(made)
            }
        };
        let number = std::fs::read_dir(folder.path())?.count();
        Ok(folder.path().join(format!("{number}.parquet")))
    }

    /// Reads rows to their end and keeps them.
    pub(super) async fn hold(
        &self,
        mut rows: SendableRecordBatchStream,
        columns: &[(String, ScalarType)],
    ) -> Result<HeldRows, KqlError> {
        let schema = arrow_schema(columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
        let mut few = Vec::new();
        let mut cells = 0;
        let mut writer: Option<(ArrowWriter<std::fs::File>, PathBuf)> = None;
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(|error| KqlError::running(&error))?;
            let batch = canonical(&batch, &schema)?;
            cells += batch.num_rows() * batch.num_columns().max(1);
            if let Some((writer, _)) = &mut writer {
                write(writer, &batch)?;
                continue;
            }
            few.push(batch);
            if cells > FEW_CELLS {
                let (mut opened, path) = self.open(&schema)?;
                for batch in few.drain(..) {
                    write(&mut opened, &batch)?;
                }
                writer = Some((opened, path));
            }
        }
        match writer {
            None => Ok(HeldRows::Few(few)),
            Some((writer, path)) => {
                writer.close().map_err(|error| failed(&error))?;
                let table = known_parquet(&path.to_string_lossy(), "", schema);
                let table = table.map_err(|error| KqlError::running(&error))?;
                Ok(HeldRows::File(Arc::new(table)))
            }
        }
    }

    fn open(&self, schema: &SchemaRef) -> Result<(ArrowWriter<std::fs::File>, PathBuf), KqlError> {
        let path = self.file().map_err(|error| failed(&error))?;
        let file = std::fs::File::create(&path).map_err(|error| failed(&error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties));
        Ok((writer.map_err(|error| failed(&error))?, path))
    }
}

fn failed(error: &dyn std::fmt::Display) -> KqlError {
    KqlError::Execution(format!("rows could not be put aside: {error}"))
}

fn write(writer: &mut ArrowWriter<std::fs::File>, batch: &RecordBatch) -> Result<(), KqlError> {
    writer.write(batch).map_err(|error| failed(&error))
}

fn canonical(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, KqlError> {
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| arrow::compute::cast(column, field.data_type()))
        .collect::<Result<Vec<_>, _>>();
    columns
        .and_then(|columns| RecordBatch::try_new(Arc::clone(schema), columns))
        .map_err(|error| KqlError::Execution(error.to_string()))
}
