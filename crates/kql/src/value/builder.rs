//! An Arrow column made of KQL values.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Decimal128Builder, Float64Builder, Int32Builder, Int64Builder,
    StringViewBuilder, TimestampMicrosecondBuilder,
};
use datafusion::common::{Result, ScalarValue};
use stance_base::ScalarType;

use super::{Value, convert};
use crate::types::arrow_type;

/// Collects values of one KQL type. A value of another type is converted, or null.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    column: Column,
    scalar_type: ScalarType,
}

#[derive(Debug)]
enum Column {
    Bool(BooleanBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Decimal(Decimal128Builder),
    Text(StringViewBuilder),
    DateTime(TimestampMicrosecondBuilder),
}

impl ColumnBuilder {
    /// A builder with room for `capacity` values.
    pub(crate) fn new(scalar_type: ScalarType, capacity: usize) -> Self {
        let column = match scalar_type {
            ScalarType::Bool => Column::Bool(BooleanBuilder::with_capacity(capacity)),
            ScalarType::Int => Column::Int(Int32Builder::with_capacity(capacity)),
            ScalarType::Long | ScalarType::TimeSpan => {
                Column::Long(Int64Builder::with_capacity(capacity))
            }
            ScalarType::Real => Column::Real(Float64Builder::with_capacity(capacity)),
            ScalarType::Decimal => Column::Decimal(
                Decimal128Builder::with_capacity(capacity).with_data_type(arrow_type(scalar_type)),
            ),
            ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => {
                Column::Text(StringViewBuilder::with_capacity(capacity))
            }
            ScalarType::DateTime => Column::DateTime(
                TimestampMicrosecondBuilder::with_capacity(capacity)
                    .with_data_type(arrow_type(scalar_type)),
            ),
        };
        Self {
            column,
            scalar_type,
        }
    }

    /// Adds a value.
    pub(crate) fn push(&mut self, value: &Value<'_>) {
        if self.try_push(value) {
            return;
        }
        let converted = convert(value, self.scalar_type);
        if !self.try_push(&converted) {
            self.push_null();
        }
    }

    fn try_push(&mut self, value: &Value<'_>) -> bool {
        match (&mut self.column, value) {
            (_, Value::Null) => self.push_null(),
            (Column::Bool(builder), Value::Bool(flag)) => builder.append_value(*flag),
            (Column::Int(builder), Value::Long(number)) => {
                builder.append_option(i32::try_from(*number).ok());
            }
            (Column::Long(builder), Value::Long(number))
                if self.scalar_type == ScalarType::Long =>
            {
                builder.append_value(*number);
            }
            (Column::Long(builder), Value::TimeSpan(ticks))
                if self.scalar_type == ScalarType::TimeSpan =>
            {
                builder.append_value(*ticks);
            }
            (Column::Real(builder), Value::Real(number)) => builder.append_value(*number),
            (Column::Decimal(builder), Value::Decimal(number)) => builder.append_value(*number),
            (Column::DateTime(builder), Value::DateTime(micros)) => builder.append_value(*micros),
            (Column::Text(builder), Value::String(text))
                if self.scalar_type == ScalarType::String =>
            {
                builder.append_value(text);
            }
            (Column::Text(builder), Value::Guid(text)) if self.scalar_type == ScalarType::Guid => {
                builder.append_value(text);
            }
            (Column::Text(builder), Value::Dynamic(value))
                if self.scalar_type == ScalarType::Dynamic =>
            {
                builder.append_value(value.as_text());
            }
            _ => return false,
        }
        true
    }

    fn push_null(&mut self) {
        match &mut self.column {
            Column::Bool(builder) => builder.append_null(),
            Column::Int(builder) => builder.append_null(),
            Column::Long(builder) => builder.append_null(),
            Column::Real(builder) => builder.append_null(),
            Column::Decimal(builder) => builder.append_null(),
            Column::DateTime(builder) => builder.append_null(),
            Column::Text(builder) if self.scalar_type == ScalarType::String => {
                builder.append_value("");
            }
            Column::Text(builder) => builder.append_null(),
        }
    }

    /// The column.
    pub(crate) fn finish(mut self) -> ArrayRef {
        match &mut self.column {
            Column::Bool(builder) => Arc::new(builder.finish()),
            Column::Int(builder) => Arc::new(builder.finish()),
            Column::Long(builder) => Arc::new(builder.finish()),
            Column::Real(builder) => Arc::new(builder.finish()),
            Column::Decimal(builder) => Arc::new(builder.finish()),
            Column::Text(builder) => Arc::new(builder.finish()),
            Column::DateTime(builder) => Arc::new(builder.finish()),
        }
    }

    /// One value as a scalar of the canonical Arrow type.
    pub(crate) fn scalar(value: &Value<'_>, scalar_type: ScalarType) -> Result<ScalarValue> {
        let mut builder = Self::new(scalar_type, 1);
        builder.push(value);
        ScalarValue::try_from_array(&builder.finish(), 0)
    }
}
