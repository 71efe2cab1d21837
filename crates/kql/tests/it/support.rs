//! Small tables and a clock that stands still.

use std::borrow::Cow;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use chrono::{DateTime, Utc};
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use parquet::arrow::ArrowWriter;
use stance_base::{FixedClock, ScalarType};
use stance_kql::{Engine, EngineOptions, MemoryCatalog, TableSource};
use stance_model::tables::{Column, TableSchema};

/// The time of every test: a Friday at noon.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_str("2024-03-15T12:00:00Z").unwrap()
}

/// An engine over a catalog at the fixed time.
pub(crate) fn engine(catalog: MemoryCatalog) -> Engine {
    let options = EngineOptions {
        clock: Arc::new(FixedClock(now())),
        ..EngineOptions::default()
    };
    Engine::new(Arc::new(catalog), options).unwrap()
}

/// A table of texts, each read as its column's type; `null` is null.
pub(crate) fn table(
    name: &str,
    columns: &[(String, ScalarType)],
    rows: &[Vec<String>],
) -> TableSource {
    let batch = batch(columns, rows);
    let provider = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
    TableSource::new(table_schema(name, columns), Arc::new(provider))
}

/// As [`table`], in a Parquet file of this folder.
pub(crate) fn parquet_table(
    folder: &Path,
    name: &str,
    columns: &[(String, ScalarType)],
    rows: &[Vec<String>],
) -> TableSource {
    let batch = batch(columns, rows);
    let path = folder.join(format!("{name}.parquet"));
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let url = ListingTableUrl::parse(path.to_string_lossy()).unwrap();
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
    let config = ListingTableConfig::new(url)
        .with_listing_options(options)
        .with_schema(batch.schema());
    let provider = ListingTable::try_new(config).unwrap();
    TableSource::new(table_schema(name, columns), Arc::new(provider))
}

fn batch(columns: &[(String, ScalarType)], rows: &[Vec<String>]) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, scalar_type)| Field::new(name, held_type(*scalar_type), true))
        .collect();
    let arrays: Vec<ArrayRef> = columns
        .iter()
        .enumerate()
        .map(|(position, (_, scalar_type))| {
            let cells: Vec<Option<&str>> = rows
                .iter()
                .map(|row| row[position].as_str())
                .map(|cell| (cell != "null").then_some(cell))
                .collect();
            array(*scalar_type, &cells)
        })
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn table_schema(name: &str, columns: &[(String, ScalarType)]) -> TableSchema {
    let columns = columns
        .iter()
        .map(|(name, scalar_type)| Column {
            name: Cow::Owned(name.clone()),
            scalar_type: *scalar_type,
        })
        .collect();
    TableSchema {
        name: Cow::Owned(name.to_owned()),
        columns,
    }
}

/// What a provider holds: not always the engine's own type, so that the scan has work to do.
fn held_type(scalar_type: ScalarType) -> DataType {
    match scalar_type {
        ScalarType::Bool => DataType::Boolean,
        ScalarType::Int => DataType::Int32,
        ScalarType::Long | ScalarType::TimeSpan => DataType::Int64,
        ScalarType::Real => DataType::Float64,
        ScalarType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ScalarType::Decimal | ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => {
            DataType::Utf8
        }
    }
}

fn array(scalar_type: ScalarType, cells: &[Option<&str>]) -> ArrayRef {
    fn parsed<T: FromStr>(cells: &[Option<&str>]) -> Vec<Option<T>> {
        cells
            .iter()
            .map(|cell| cell.map(|cell| cell.parse().ok().unwrap_or_else(|| panic!("{cell}"))))
            .collect()
    }
    match scalar_type {
        ScalarType::Bool => Arc::new(BooleanArray::from(parsed::<bool>(cells))),
        ScalarType::Int => Arc::new(Int32Array::from(parsed::<i32>(cells))),
        ScalarType::Long | ScalarType::TimeSpan => Arc::new(Int64Array::from(parsed::<i64>(cells))),
        ScalarType::Real => Arc::new(Float64Array::from(parsed::<f64>(cells))),
        ScalarType::DateTime => {
            let micros: Vec<Option<i64>> = parsed::<DateTime<Utc>>(cells)
                .into_iter()
                .map(|cell| cell.map(|cell| cell.timestamp_micros()))
                .collect();
            Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
        }
        _ => Arc::new(StringArray::from(cells.to_vec())),
    }
}
