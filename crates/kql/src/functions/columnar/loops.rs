//! Functions over whole columns, for those that run over every row of a log.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, TimestampMicrosecondArray};
use stance_base::ScalarType;

use crate::dynamic::{Dynamic, PathStep};
use crate::instant::{MIN_MICROS, in_range, ticks_to_micros};
use crate::types::arrow_type;
use crate::value::{ColumnBuilder, ColumnReader, Value};

/// The result as a column, or nothing where there is no such loop for these arguments.
pub(in crate::functions) fn whole_column(
    function: &str,
    result: ScalarType,
    readers: &[ColumnReader],
) -> Option<ArrayRef> {
    match (function, readers) {
        ("bin", [value, size]) => bin(value, &size.constant()?),
        ("series_index", [value, from, step]) => {
            series_index(value, &from.constant()?, &step.constant()?)
        }
        ("dynamic_get", [value, steps @ ..]) => dynamic_get(value, steps, result),
        _ => None,
    }
}

/// As the function `bin` over datetimes and timespans, or over whole numbers and whole numbers.
fn bin(value: &ColumnReader, size: &Value<'_>) -> Option<ArrayRef> {
    if let (Some(instants), Value::TimeSpan(ticks)) = (value.instants(), size) {
        let micros = ticks_to_micros(*ticks);
        if micros <= 0 {
            return None;
        }
        let down = |at: i64| {
            let whole = at.checked_sub(MIN_MICROS)?.div_euclid(micros) * micros;
            in_range(MIN_MICROS.checked_add(whole)?)
        };
        let binned: TimestampMicrosecondArray = instants.unary_opt(down);
        let binned = binned.with_data_type(arrow_type(ScalarType::DateTime));
        return Some(Arc::new(binned));
    }
    if let (Some(numbers), Value::Long(size)) = (value.longs(), size)
        && *size > 0
    {
        let binned: Int64Array =
            numbers.unary(|number| number.div_euclid(*size).wrapping_mul(*size));
        return Some(Arc::new(binned));
    }
    None
}

/// As the function `series_index` over datetimes.
fn series_index(value: &ColumnReader, from: &Value<'_>, step: &Value<'_>) -> Option<ArrayRef> {
    let (Some(instants), Value::DateTime(from), Value::TimeSpan(step)) =
        (value.instants(), from, step)
    else {
        return None;
    };
    let micros = ticks_to_micros(*step);
    if micros <= 0 {
        return None;
    }
    let index = |at: i64| Some(at.checked_sub(*from)?.div_euclid(micros));
    let indexes: Int64Array = instants.unary_opt(index);
    Some(Arc::new(indexes))
}

/// As the function `dynamic_get` with constant steps; the value at the end is read as `result`.
fn dynamic_get(
    value: &ColumnReader,
    steps: &[ColumnReader],
    result: ScalarType,
) -> Option<ArrayRef> {
    let texts = value.texts()?;
    let steps: Vec<Value<'_>> = steps
        .iter()
        .map(ColumnReader::constant)
        .collect::<Option<_>>()?;
    let path: Vec<PathStep<'_>> = steps
        .iter()
        .map(|step| match step {
            Value::Long(position) => Some(PathStep::Position(*position)),
            Value::String(key) => Some(PathStep::Key(key)),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let mut builder = ColumnBuilder::new(result, texts.len());
    for row in 0..texts.len() {
        // The text `null` leads nowhere, as null does.
        let found = if texts.is_null(row) {
            None
        } else {
            Dynamic::from_text(texts.value(row)).get(&path)
        };
        builder.push(&found.map_or(Value::Null, Value::Dynamic));
    }
    Some(builder.finish())
}
