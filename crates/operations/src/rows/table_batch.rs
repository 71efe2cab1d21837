//! Rows turned into Arrow batches of a declared table.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::SchemaRef;
use serde_json::Value;
use stance_base::ScalarType;
use stance_model::tables::TableSchema;

use crate::OperationsError;

/// Rows and bytes that wait in memory before they go to disk.
const FULL_ROWS: usize = 8192;
const FULL_BYTES: usize = 16 << 20;

/// One value of a row, before it is converted to the column's type.
#[derive(Debug, Clone)]
pub(crate) enum Cell<'a> {
    /// Absent: null, or the empty string in a text column.
    Null,
    /// Text.
    Text(&'a str),
    /// Text made for this row.
    Owned(String),
    /// A whole number.
    Long(i64),
    /// True or false.
    Bool(bool),
    /// Microseconds since 1970-01-01 UTC.
    DateTime(i64),
    /// Any JSON.
    Json(&'a Value),
    /// JSON made for this row.
    OwnedJson(Value),
    /// The text of valid JSON.
    RawJson(&'a str),
}

/// Collects rows of one table and hands them out as record batches.
#[derive(Debug)]
pub(crate) struct TableBatch {
    schema: SchemaRef,
    columns: Vec<ColumnBuilder>,
    rows: usize,
    bytes: usize,
}

impl TableBatch {
    /// A collector for `table`.
    pub(crate) fn new(table: &TableSchema) -> Self {
        Self {
            schema: stance_lake::arrow_schema(table),
            columns: table
                .columns
                .iter()
                .map(|column| ColumnBuilder::new(column.scalar_type))
                .collect(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Rows that wait.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether enough rows or bytes wait to go to disk.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= FULL_ROWS || self.bytes >= FULL_BYTES
    }

    /// Adds a row; cells stand in the order of the table's columns, missing ones at the end are null.
    pub(crate) fn push<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            self.bytes += column.push(&cells.next().unwrap_or(Cell::Null));
        }
        self.rows += 1;
    }

    /// The waiting rows as one batch; the collector is empty afterwards.
    pub(crate) fn take(&mut self) -> Result<RecordBatch, OperationsError> {
        let arrays = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        self.rows = 0;
        self.bytes = 0;
        RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(OperationsError::from)
    }
}

/// An Arrow builder for one KQL type.
#[derive(Debug)]
enum ColumnBuilder {
    Bool(BooleanBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    DateTime(TimestampMicrosecondBuilder),
    Text(StringBuilder),
    Dynamic(StringBuilder),
}

impl ColumnBuilder {
    fn new(scalar_type: ScalarType) -> Self {
        match scalar_type {
            ScalarType::Bool => Self::Bool(BooleanBuilder::new()),
            ScalarType::Int => Self::Int(Int32Builder::new()),
            ScalarType::Long | ScalarType::TimeSpan => Self::Long(Int64Builder::new()),
            ScalarType::Real | ScalarType::Decimal => Self::Real(Float64Builder::new()),
            ScalarType::DateTime => {
                Self::DateTime(TimestampMicrosecondBuilder::new().with_timezone("UTC"))
            }
            ScalarType::String | ScalarType::Guid => Self::Text(StringBuilder::new()),
            ScalarType::Dynamic => Self::Dynamic(StringBuilder::new()),
        }
    }

    /// Appends a cell; a value that does not fit the type becomes null. Returns its size in bytes.
    fn push(&mut self, cell: &Cell<'_>) -> usize {
        match self {
            Self::Bool(builder) => builder.append_option(cell_bool(cell)),
            Self::Int(builder) => {
                builder.append_option(cell_long(cell).and_then(|value| i32::try_from(value).ok()));
            }
            Self::Long(builder) => builder.append_option(cell_long(cell)),
            Self::Real(builder) => builder.append_option(cell_real(cell)),
            Self::DateTime(builder) => builder.append_option(cell_datetime(cell)),
            Self::Text(builder) => return push_text(builder, cell),
            Self::Dynamic(builder) => return push_dynamic(builder, cell),
        }
        8
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Real(builder) => Arc::new(builder.finish()),
            Self::DateTime(builder) => Arc::new(builder.finish()),
            Self::Text(builder) | Self::Dynamic(builder) => Arc::new(builder.finish()),
        }
    }
}

fn push_text(builder: &mut StringBuilder, cell: &Cell<'_>) -> usize {
    let text = match cell {
        Cell::Text(text) | Cell::RawJson(text) => Cow::Borrowed(*text),
        Cell::Owned(text) => Cow::Borrowed(text.as_str()),
        Cell::Json(value) => json_as_text(value),
        Cell::OwnedJson(value) => json_as_text(value),
        Cell::Long(value) => Cow::Owned(value.to_string()),
        Cell::Bool(value) => Cow::Owned(value.to_string()),
        Cell::DateTime(value) => Cow::Owned(instant_text(*value)),
        Cell::Null => Cow::Borrowed(""),
    };
    builder.append_value(&text);
    text.len() + 8
}

fn json_as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn instant_text(micros: i64) -> String {
    let instant = chrono::DateTime::from_timestamp_micros(micros);
    instant
        .map(|instant| instant.to_rfc3339())
        .unwrap_or_default()
}

/// A dynamic column holds JSON text; text that comes as a string is a JSON string.
fn push_dynamic(builder: &mut StringBuilder, cell: &Cell<'_>) -> usize {
    let text = match cell {
        Cell::Json(value) => json_text(value),
        Cell::OwnedJson(value) => json_text(value),
        Cell::RawJson(text) => (!text.is_empty()).then(|| (*text).to_owned()),
        Cell::Text(text) => Some(Value::from(*text).to_string()),
        Cell::Owned(text) => Some(Value::from(text.as_str()).to_string()),
        Cell::Long(value) => Some(value.to_string()),
        Cell::Bool(value) => Some(value.to_string()),
        Cell::DateTime(value) => Some(Value::from(instant_text(*value)).to_string()),
        Cell::Null => None,
    };
    let bytes = text.as_ref().map_or(0, String::len);
    builder.append_option(text);
    bytes + 8
}

fn json_text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

fn cell_text<'a>(cell: &'a Cell<'_>) -> Option<&'a str> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Owned(text) => Some(text),
        Cell::Json(value) => value.as_str(),
        Cell::OwnedJson(value) => value.as_str(),
        _ => None,
    }
}

fn cell_json<'a>(cell: &'a Cell<'_>) -> Option<&'a Value> {
    match cell {
        Cell::Json(value) => Some(value),
        Cell::OwnedJson(value) => Some(value),
        _ => None,
    }
}

fn cell_bool(cell: &Cell<'_>) -> Option<bool> {
    if let Cell::Bool(value) = cell {
        return Some(*value);
    }
    if let Some(value) = cell_json(cell).and_then(Value::as_bool) {
        return Some(value);
    }
    match cell_text(cell)?.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

fn cell_long(cell: &Cell<'_>) -> Option<i64> {
    if let Cell::Long(value) = cell {
        return Some(*value);
    }
    let json = cell_json(cell);
    if let Some(value) = json.and_then(Value::as_i64) {
        return Some(value);
    }
    if let Some(value) = json.and_then(Value::as_f64) {
        return (value.fract() == 0.0).then_some(value as i64);
    }
    cell_text(cell)?.trim().parse().ok()
}

fn cell_real(cell: &Cell<'_>) -> Option<f64> {
    if let Cell::Long(value) = cell {
        return Some(*value as f64);
    }
    if let Some(value) = cell_json(cell).and_then(Value::as_f64) {
        return Some(value);
    }
    cell_text(cell)?.trim().parse().ok()
}

fn cell_datetime(cell: &Cell<'_>) -> Option<i64> {
    match cell {
        Cell::DateTime(micros) => Some(*micros),
        _ => crate::rows::instant::parse(cell_text(cell)?),
    }
}

/// Whether a value fits a column of that type; what does not becomes null.
pub(crate) fn fits(value: &Value, scalar_type: ScalarType) -> bool {
    let cell = Cell::Json(value);
    match scalar_type {
        _ if value.is_null() => true,
        ScalarType::Bool => cell_bool(&cell).is_some(),
        ScalarType::Int => cell_long(&cell).is_some_and(|long| i32::try_from(long).is_ok()),
        ScalarType::Long | ScalarType::TimeSpan => cell_long(&cell).is_some(),
        ScalarType::Real | ScalarType::Decimal => cell_real(&cell).is_some(),
        ScalarType::DateTime => cell_datetime(&cell).is_some(),
        ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => true,
    }
}
