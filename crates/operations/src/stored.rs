//! What the lake holds now, read straight from its Parquet files.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use stance_lake::{DataFile, TableSnapshot};

use crate::OperationsError;

/// Rows handed on at once.
const BATCH_ROWS: usize = 8192;

/// Calls `visit` with every batch of the files that `wanted` names by the value of the partition column.
/// `columns` keeps only those; the partition column is put in under its name where asked for.
pub(crate) fn read(
    snapshot: &TableSnapshot,
    columns: Option<&[&str]>,
    wanted: impl Fn(&str) -> bool,
    mut visit: impl FnMut(&str, RecordBatch) -> Result<(), OperationsError>,
) -> Result<(), OperationsError> {
    read_files(snapshot, columns, wanted, |_, partition, batch| {
        visit(partition, batch)
    })
}

/// The same, with the number of the file that each batch is from.
pub(crate) fn read_files(
    snapshot: &TableSnapshot,
    columns: Option<&[&str]>,
    wanted: impl Fn(&str) -> bool,
    mut visit: impl FnMut(usize, &str, RecordBatch) -> Result<(), OperationsError>,
) -> Result<(), OperationsError> {
    for (number, file) in snapshot.files.iter().enumerate() {
        let partition = file.partition.as_deref().unwrap_or_default();
        if !wanted(partition) {
            continue;
        }
        for batch in reader(file, columns)? {
            let batch =
                with_partition(batch?, snapshot.partition_by.as_deref(), partition, columns)?;
            visit(number, partition, batch)?;
        }
    }
    Ok(())
}

fn reader(
    file: &DataFile,
    columns: Option<&[&str]>,
) -> Result<parquet::arrow::arrow_reader::ParquetRecordBatchReader, OperationsError> {
    let damaged = |source: std::io::Error| OperationsError::Input {
        path: file.path.clone(),
        source,
    };
    let other = |error: parquet::errors::ParquetError| damaged(std::io::Error::other(error));
    let opened = File::open(&file.path).map_err(damaged)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(opened)
        .map_err(other)?
        .with_batch_size(BATCH_ROWS);
    let builder = match columns {
        Some(columns) => {
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
            builder.with_projection(mask)
        }
        None => builder,
    };
    builder.build().map_err(other)
}

fn with_partition(
    batch: RecordBatch,
    column: Option<&str>,
    value: &str,
    columns: Option<&[&str]>,
) -> Result<RecordBatch, OperationsError> {
    let Some(column) =
        column.filter(|column| columns.is_none_or(|columns| columns.contains(column)))
    else {
        return Ok(batch);
    };
    let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(column, DataType::Utf8, true)));
    let mut arrays = batch.columns().to_vec();
    arrays.push(Arc::new(StringArray::from(vec![value; batch.num_rows()])) as ArrayRef);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

/// A text column, whatever text type Arrow read it as; empty texts where there is no such column.
pub(crate) fn text_column(batch: &RecordBatch, name: &str) -> Result<StringArray, OperationsError> {
    let Some(column) = batch.column_by_name(name) else {
        return Ok(StringArray::from(vec![""; batch.num_rows()]));
    };
    Ok(cast(column, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// Only the rows that `keep` wants, told by their number.
pub(crate) fn keep_rows(
    batch: &RecordBatch,
    keep: impl FnMut(usize) -> bool,
) -> Result<RecordBatch, OperationsError> {
    let mask: BooleanArray = (0..batch.num_rows()).map(keep).map(Some).collect();
    if mask.true_count() == batch.num_rows() {
        return Ok(batch.clone());
    }
    Ok(filter_record_batch(batch, &mask)?)
}

/// A value of a text column; null reads as empty.
pub(crate) fn text(column: &StringArray, row: usize) -> &str {
    if column.is_null(row) {
        ""
    } else {
        column.value(row)
    }
}
