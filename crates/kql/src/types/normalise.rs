//! Whatever a table provider yields becomes the canonical type of its column.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewBuilder};
use arrow::datatypes::{DataType, Field, TimeUnit};
use arrow::json::writer::{EncoderOptions, make_encoder};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
    lit,
};
use stance_base::ScalarType;

use super::{TextOrEmpty, arrow_type};

/// An expression that reads a provider's column as its KQL type.
pub(crate) fn normalise_column(column: Expr, field: &Field, scalar_type: ScalarType) -> Expr {
    let target = arrow_type(scalar_type);
    let source = field.data_type();
    let value = if *source == target {
        column
    } else if source.is_nested() && !matches!(source, DataType::Dictionary(..)) {
        ScalarUDF::new_from_impl(NestedToJson::default()).call(vec![column])
    } else if scalar_type == ScalarType::TimeSpan {
        timespan_ticks(column, source)
    } else if scalar_type == ScalarType::Dynamic && !is_text(source) {
        // A number or a truth value is its own JSON text; a timestamp is quoted.
        ScalarUDF::new_from_impl(NestedToJson::default()).call(vec![column])
    } else {
        cast(column, target)
    };
    if scalar_type == ScalarType::String && field.is_nullable() {
        return ScalarUDF::new_from_impl(TextOrEmpty::default()).call(vec![value]);
    }
    value
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn timespan_ticks(column: Expr, source: &DataType) -> Expr {
    let nanoseconds = |unit: TimeUnit| match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    };
    let unit = match source {
        DataType::Duration(unit) | DataType::Time32(unit) | DataType::Time64(unit) => {
            nanoseconds(*unit)
        }
        _ => return cast(column, DataType::Int64),
    };
    let number = cast(column, DataType::Int64);
    if unit >= 100 {
        number * lit(unit / 100)
    } else {
        number / lit(100 / unit)
    }
}

/// Lists, structs, maps and plain values as JSON text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct NestedToJson {
    signature: Signature,
}

impl Default for NestedToJson {
    fn default() -> Self {
        Self {
            signature: Signature::any(1, Volatility::Immutable),
        }
    }
}

impl ScalarUDFImpl for NestedToJson {
    fn name(&self) -> &'static str {
        "kql:nested_to_json"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(array) = arrays.first() else {
            return Ok(ColumnarValue::Scalar(ScalarValue::Utf8View(None)));
        };
        Ok(ColumnarValue::Array(json_texts(array)?))
    }
}

/// The JSON texts of an array of any type.
pub(crate) fn json_texts(array: &ArrayRef) -> Result<ArrayRef> {
    let field = Arc::new(Field::new("value", array.data_type().clone(), true));
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(&field, array.as_ref(), &options)?;
    let mut builder = StringViewBuilder::with_capacity(array.len());
    let mut text = Vec::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        encoder.encode(row, &mut text);
        builder.append_value(String::from_utf8_lossy(&text));
    }
    Ok(Arc::new(builder.finish()))
}
