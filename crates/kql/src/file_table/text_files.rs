//! CSV and JSON files as a table that is read anew for each query.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use stance_base::{ErrorCode, ScalarType};
use stance_model::tables::Column;

use super::infer::Inference;
use super::records::{Record, Records};
use super::{FileKind, failed};
use crate::error::KqlError;
use crate::types::arrow_schema;
use crate::value::{ColumnBuilder, Value, convert};

/// Rows of one batch.
const BATCH_ROWS: usize = 8_192;

/// Works out the columns by reading all files once, and makes a table of them.
pub(super) fn table(files: &[PathBuf]) -> Result<(Vec<Column>, Arc<dyn TableProvider>), KqlError> {
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
    let columns = Arc::new(columns);
    let streams: Vec<Arc<dyn PartitionStream>> = files
        .iter()
        .map(|path| {
            Arc::new(FileStream {
                path: path.clone(),
                columns: Arc::clone(&columns),
                schema: Arc::clone(&schema),
            }) as Arc<dyn PartitionStream>
        })
        .collect();
    let place = files.first().cloned().unwrap_or_default();
    let provider = StreamingTable::try_new(schema, streams)
        .map_err(|error| failed(&place, error.strip_backtrace(), ErrorCode::Internal))?;
    let columns = columns
        .iter()
        .map(|(name, scalar_type)| Column {
            name: Cow::Owned(name.clone()),
            scalar_type: *scalar_type,
        })
        .collect();
    Ok((columns, Arc::new(provider)))
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

#[derive(Debug)]
struct FileStream {
    path: PathBuf,
    columns: Arc<Vec<(String, ScalarType)>>,
    schema: SchemaRef,
}

impl PartitionStream for FileStream {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let reader = match Records::open(&self.path) {
            Ok(records) => Batches {
                records: Some(records),
                columns: Arc::clone(&self.columns),
                schema: Arc::clone(&self.schema),
                failure: None,
            },
            Err(error) => Batches {
                records: None,
                columns: Arc::clone(&self.columns),
                schema: Arc::clone(&self.schema),
                failure: Some(error),
            },
        };
        let rows = futures::stream::iter(reader);
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            rows,
        ))
    }
}

/// Batches of one file, read as they are asked for.
struct Batches {
    records: Option<Records>,
    columns: Arc<Vec<(String, ScalarType)>>,
    schema: SchemaRef,
    failure: Option<KqlError>,
}

impl Batches {
    fn read(&mut self) -> Result<Option<RecordBatch>, DataFusionError> {
        if let Some(error) = self.failure.take() {
            return Err(DataFusionError::External(Box::new(error)));
        }
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
            let record = records.next();
            let Some(record) =
                record.map_err(|error| DataFusionError::External(Box::new(error)))?
            else {
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
        Ok(Some(RecordBatch::try_new(
            Arc::clone(&self.schema),
            columns,
        )?))
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

impl Iterator for Batches {
    type Item = Result<RecordBatch, DataFusionError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.read() {
            Ok(batch) => batch.map(Ok),
            Err(error) => {
                self.records = None;
                Some(Err(error))
            }
        }
    }
}
