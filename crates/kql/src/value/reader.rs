//! An Arrow column as KQL values.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array,
    StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    Decimal128Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use stance_base::ScalarType;

use super::Value;
use crate::dynamic::Dynamic;
use crate::types::arrow_type;

/// Reads a column, or one value for all rows, as values of a KQL type.
#[derive(Debug, Clone)]
pub(crate) struct ColumnReader {
    column: Column,
    scalar_type: ScalarType,
    constant: bool,
}

#[derive(Debug, Clone)]
enum Column {
    Bool(BooleanArray),
    Int(Int32Array),
    Long(Int64Array),
    Real(Float64Array),
    Decimal(Decimal128Array),
    Text(StringViewArray),
    DateTime(TimestampMicrosecondArray),
}

impl ColumnReader {
    /// Reads an argument of a function.
    pub(crate) fn of_argument(argument: &ColumnarValue, scalar_type: ScalarType) -> Result<Self> {
        match argument {
            ColumnarValue::Array(array) => Self::of_array(array, scalar_type),
            ColumnarValue::Scalar(scalar) => {
                let mut reader = Self::of_array(&scalar.to_array_of_size(1)?, scalar_type)?;
                reader.constant = true;
                Ok(reader)
            }
        }
    }

    /// Reads an array; one of another type than the canonical one is cast first.
    pub(crate) fn of_array(array: &ArrayRef, scalar_type: ScalarType) -> Result<Self> {
        let wanted = arrow_type(scalar_type);
        let cast;
        let array = if *array.data_type() == wanted {
            array
        } else {
            cast = arrow::compute::cast(array, &wanted)?;
            &cast
        };
        let column = match scalar_type {
            ScalarType::Bool => Column::Bool(array.as_boolean().clone()),
            ScalarType::Int => Column::Int(array.as_primitive::<Int32Type>().clone()),
            ScalarType::Long | ScalarType::TimeSpan => {
                Column::Long(array.as_primitive::<Int64Type>().clone())
            }
            ScalarType::Real => Column::Real(array.as_primitive::<Float64Type>().clone()),
            ScalarType::Decimal => Column::Decimal(array.as_primitive::<Decimal128Type>().clone()),
            ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => {
                Column::Text(array.as_string_view().clone())
            }
            ScalarType::DateTime => {
                Column::DateTime(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
        };
        Ok(Self {
            column,
            scalar_type,
            constant: false,
        })
    }

    fn array(&self) -> &dyn Array {
        match &self.column {
            Column::Bool(array) => array,
            Column::Int(array) => array,
            Column::Long(array) => array,
            Column::Real(array) => array,
            Column::Decimal(array) => array,
            Column::Text(array) => array,
            Column::DateTime(array) => array,
        }
    }

    /// Whether one value stands for all rows.
    pub(crate) fn is_constant(&self) -> bool {
        self.constant
    }

    /// The value that stands for all rows, where there is one.
    pub(crate) fn constant(&self) -> Option<Value<'_>> {
        self.constant.then(|| self.get(0))
    }

    /// The column where it varies and holds texts: strings, guids, dynamics.
    pub(crate) fn texts(&self) -> Option<&StringViewArray> {
        match &self.column {
            Column::Text(array) if !self.constant => Some(array),
            _ => None,
        }
    }

    /// The column where it varies and holds datetimes.
    pub(crate) fn instants(&self) -> Option<&TimestampMicrosecondArray> {
        match &self.column {
            Column::DateTime(array) if !self.constant => Some(array),
            _ => None,
        }
    }

    /// The column where it varies and holds longs.
    pub(crate) fn longs(&self) -> Option<&Int64Array> {
        match &self.column {
            Column::Long(array) if !self.constant && self.scalar_type == ScalarType::Long => {
                Some(array)
            }
            _ => None,
        }
    }

    /// Bits that only equal values of the column share, nothing for null. Datetimes are equal that lie in the same
    /// `steady_time` (microseconds).
    pub(crate) fn bits(&self, row: usize, steady_time: i64) -> Option<u128> {
        if self.array().is_null(row) {
            return None;
        }
        let number = |number: i64| u128::from(number as u64);
        Some(match &self.column {
            Column::Bool(array) => u128::from(array.value(row)),
            Column::Int(array) => number(i64::from(array.value(row))),
            Column::Long(array) => number(array.value(row)),
            Column::Real(array) => u128::from(array.value(row).to_bits()),
            Column::Decimal(array) => array.value(row) as u128,
            Column::DateTime(array) if steady_time == 1 => number(array.value(row)),
            Column::DateTime(array) => number(array.value(row).div_euclid(steady_time)),
            Column::Text(array) => array.views()[row],
        })
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Value<'_> {
        let row = if self.constant { 0 } else { row };
        if self.array().is_null(row) {
            return if self.scalar_type == ScalarType::String {
                Value::string("")
            } else {
                Value::Null
            };
        }
        match &self.column {
            Column::Bool(array) => Value::Bool(array.value(row)),
            Column::Int(array) => Value::Long(i64::from(array.value(row))),
            Column::Long(array) if self.scalar_type == ScalarType::TimeSpan => {
                Value::TimeSpan(array.value(row))
            }
            Column::Long(array) => Value::Long(array.value(row)),
            Column::Real(array) => Value::Real(array.value(row)),
            Column::Decimal(array) => Value::Decimal(array.value(row)),
            Column::DateTime(array) => Value::DateTime(array.value(row)),
            Column::Text(array) => self.text(array.value(row)),
        }
    }

    fn text<'a>(&self, text: &'a str) -> Value<'a> {
        match self.scalar_type {
            ScalarType::Guid => Value::Guid(text.into()),
            ScalarType::Dynamic if text == "null" => Value::Null,
            ScalarType::Dynamic => Value::Dynamic(Dynamic::from_text(text)),
            _ => Value::string(text),
        }
    }
}
