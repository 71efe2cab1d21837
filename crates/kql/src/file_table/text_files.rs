//! CSV and JSON files copied into Parquet files.

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use stance_base::{ErrorCode, ScalarType};
use stance_model::tables::Column;
use tempfile::TempDir;

use super::infer::Inference;
use super::records::{Record, Records};
use super::{FileKind, failed, io_failed, known_parquet};
use crate::error::KqlError;
use crate::types::arrow_schema;
use crate::value::{ColumnBuilder, Value, convert};

/// Rows of one batch.
const BATCH_ROWS: usize = 8_192;
/// Rows of one row group: what one thread reads at a time.
const GROUP_ROWS: usize = 128 << 10;

/// Columns, rows, and the folder that holds the copy.
pub(super) type Copied = (Vec<Column>, Arc<dyn TableProvider>, Option<TempDir>);

/// Works out the columns by reading all files once, and copies the files.
pub(super) fn table(files: &[PathBuf]) -> Result<Copied, KqlError> {
    let mut inference = Inference::default();
    let mut mixed = ScalarType::Dynamic;
    for file in files {
        if FileKind::of(file) == Some(FileKind::Csv) {
            mixed = ScalarType::String;
        }
        read_types(&mut Records::open(file)?, &mut inference)?;
    }
    let columns = inference.columns(mixed);
    let schema = arrow_schema(columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
    let place = files.first().cloned().unwrap_or_default();
    let folder =
        TempDir::with_prefix("stance-table-").map_err(|error| io_failed(&place, &error))?;
    let columns = Arc::new(columns);
    for (number, file) in files.iter().enumerate() {
        let copy = folder.path().join(format!("{number}.parquet"));
        let batches = Batches {
            records: Some(Records::open(file)?),
            columns: Arc::clone(&columns),
            schema: Arc::clone(&schema),
        };
        copy_file(file, &copy, batches)?;
    }
    let path = format!("{}/", folder.path().display());
    let provider = known_parquet(&path, ".parquet", schema)
        .map_err(|error| failed(&place, error.strip_backtrace(), ErrorCode::Internal))?;
    let columns = columns
        .iter()
        .map(|(name, scalar_type)| Column {
            name: Cow::Owned(name.clone()),
            scalar_type: *scalar_type,
        })
        .collect();
    Ok((columns, Arc::new(provider), Some(folder)))
}

fn copy_file(source: &Path, copy: &Path, mut batches: Batches) -> Result<(), KqlError> {
    let wrong = |error: &dyn std::fmt::Display| {
        let reason = format!("it cannot be copied for the query: {error}");
        failed(source, reason, ErrorCode::Storage)
    };
    let file = File::create(copy).map_err(|error| wrong(&error))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .build();
    let schema = Arc::clone(&batches.schema);
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| wrong(&e))?;
    while let Some(batch) = batches.read()? {
        writer.write(&batch).map_err(|error| wrong(&error))?;
    }
    writer.close().map_err(|error| wrong(&error))?;
    Ok(())
}

fn read_types(records: &mut Records, inference: &mut Inference) -> Result<(), KqlError> {
    let header = records.header.clone();
    for name in &header {
        inference.column(name);
    }
    while let Some(record) = records.next()? {
        match record {
            Record::Json(object) => {
                for (name, value) in &object {
                    inference.json(name, value);
                }
            }
            Record::Csv(cells) => {
                for (name, cell) in header.iter().zip(cells.iter()) {
                    inference.cell(name, cell);
                }
            }
        }
    }
    Ok(())
}

/// Batches of one file, read as they are asked for.
struct Batches {
    records: Option<Records>,
    columns: Arc<Vec<(String, ScalarType)>>,
    schema: SchemaRef,
}

impl Batches {
    fn read(&mut self) -> Result<Option<RecordBatch>, KqlError> {
        let Some(records) = &mut self.records else {
            return Ok(None);
        };
        let mut builders: Vec<ColumnBuilder> = self
            .columns
            .iter()
            .map(|(_, scalar_type)| ColumnBuilder::new(*scalar_type, BATCH_ROWS))
            .collect();
        let places: Vec<Option<usize>> = self
            .columns
            .iter()
            .map(|(name, _)| records.header.iter().position(|known| known == name))
            .collect();
        let mut rows = 0;
        while rows < BATCH_ROWS {
            let Some(record) = records.next()? else {
                break;
            };
            push_record(&record, &self.columns, &places, &mut builders);
            rows += 1;
        }
        if rows == 0 {
            self.records = None;
            return Ok(None);
        }
        let columns = builders.into_iter().map(ColumnBuilder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        batch
            .map(Some)
            .map_err(|error| KqlError::Execution(error.to_string()))
    }
}

fn push_record(
    record: &Record,
    columns: &[(String, ScalarType)],
    places: &[Option<usize>],
    builders: &mut [ColumnBuilder],
) {
    for (((name, scalar_type), place), builder) in columns.iter().zip(places).zip(builders) {
        match record {
            Record::Json(object) => {
                let value = object.get(name).map_or(Value::Null, Value::json);
                builder.push(&convert(&value, *scalar_type));
            }
            Record::Csv(cells) => {
                let cell = place.and_then(|place| cells.get(place)).unwrap_or("");
                if *scalar_type == ScalarType::String {
                    builder.push(&Value::string(cell));
                } else {
                    builder.push(&convert(&Value::string(cell.trim()), *scalar_type));
                }
            }
        }
    }
}
