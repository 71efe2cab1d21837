//! Results for people and machines: values as text and JSON, rows as Parquet.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use arrow::array::ArrayRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value as Json};
use stance_base::{ErrorCode, ScalarType};

use crate::engine::QueryResult;
use crate::error::KqlError;
use crate::value::{ColumnReader, Value, to_text};

/// A value as Kusto writes it: `2024-01-01T00:00:00.0000000Z`, `1.02:03:04`, a dynamic as JSON,
/// null as the empty string. The text is raw: whoever shows it makes it safe for the place.
///
/// # Errors
/// Where the array does not hold values of the type.
pub fn value_text(
    array: &ArrayRef,
    row: usize,
    scalar_type: ScalarType,
) -> Result<String, KqlError> {
    let reader = reader(array, scalar_type)?;
    Ok(shown(&reader.get(row)))
}

fn reader(array: &ArrayRef, scalar_type: ScalarType) -> Result<ColumnReader, KqlError> {
    ColumnReader::of_array(array, scalar_type).map_err(|error| KqlError::running(&error))
}

fn shown(value: &Value<'_>) -> String {
    to_text(value).into_owned()
}

/// A value as Kusto's JSON has it: datetimes, timespans, guids and decimals as text, a dynamic as
/// the value it holds, reals that are no number as `NaN` and `Infinity`.
fn json_value(value: &Value<'_>) -> Json {
    value.to_json()
}

/// All rows as texts, in the order of the columns.
///
/// # Errors
/// Where a batch does not hold the columns' types.
pub fn text_rows(result: &QueryResult) -> Result<Vec<Vec<String>>, KqlError> {
    rows(result, shown)
}

/// All rows as JSON arrays of values, in the order of the columns.
///
/// # Errors
/// Where a batch does not hold the columns' types.
pub fn json_rows(result: &QueryResult) -> Result<Vec<Vec<Json>>, KqlError> {
    rows(result, json_value)
}

/// All rows as JSON objects by column name.
///
/// # Errors
/// Where a batch does not hold the columns' types.
pub fn json_objects(result: &QueryResult) -> Result<Vec<Map<String, Json>>, KqlError> {
    let rows = json_rows(result)?;
    let named = |row: Vec<Json>| {
        result
            .columns
            .iter()
            .map(|column| column.name.clone())
            .zip(row)
            .collect()
    };
    Ok(rows.into_iter().map(named).collect())
}

fn rows<T>(result: &QueryResult, make: fn(&Value<'_>) -> T) -> Result<Vec<Vec<T>>, KqlError> {
    let mut rows = Vec::with_capacity(result.row_count());
    for batch in &result.batches {
        let readers = result
            .columns
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| reader(array, column.scalar_type))
            .collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            rows.push(
                readers
                    .iter()
                    .map(|reader| make(&reader.get(row)))
                    .collect(),
            );
        }
    }
    Ok(rows)
}

/// Writes a result as a Parquet file (zstd). Fields carry their KQL types, so that the file read
/// back as a table has them again.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_parquet(result: &QueryResult, path: &Path) -> Result<(), KqlError> {
    let failed = |reason: String, code: ErrorCode| KqlError::FileTable {
        path: path.display().to_string(),
        reason,
        code,
    };
    let file = File::create(path).map_err(|error| failed(error.to_string(), ErrorCode::Storage))?;
    write_parquet_to(result, file).map_err(|error| failed(error.to_string(), ErrorCode::Storage))
}

/// Writes a result as Parquet to any writer.
///
/// # Errors
/// Where the writer fails.
pub fn write_parquet_to(
    result: &QueryResult,
    writer: impl Write + Send,
) -> Result<(), parquet::errors::ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .build();
    let mut writer = ArrowWriter::try_new(writer, result.arrow_schema(), Some(properties))?;
    for batch in &result.batches {
        writer.write(batch)?;
    }
    writer.close()?;
    Ok(())
}
