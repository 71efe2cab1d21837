//! The axis of `make-series` where only the data say where it starts or ends.

use serde_json::Value as Json;

use super::{CallContext, ScalarFunction, step_count, steps};
use crate::value::{Value, compare};

/// Most values of an axis, as in Kusto.
const MAX_VALUES: usize = 1 << 20;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    // How many bins lie from a first value to an end: (first, end, step, whether the end counts).
    ScalarFunction::new("series_length", series_length),
    // The values of the bins: (first, length, step).
    ScalarFunction::new("series_axis", series_axis),
];

fn series_length<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (first, end, step) = (values.first()?, values.get(1)?, values.get(2)?);
    let inclusive = values.get(3)?.as_bool()?;
    let count = step_count(first, end, step)?.min(MAX_VALUES as f64) as usize;
    let last = steps(first, end, Some(step), count)?.pop();
    let at_end = last.is_some_and(|last| compare(&last, end) == Some(std::cmp::Ordering::Equal));
    let count = if at_end && !inclusive {
        count.saturating_sub(1)
    } else {
        count
    };
    Some(Value::Long(i64::try_from(count).ok()?))
}

fn series_axis<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (first, length, step) = (values.first()?, values.get(1)?.as_long()?, values.get(2)?);
    let length = usize::try_from(length).ok()?.min(MAX_VALUES);
    let end = match first {
        Value::DateTime(_) => Value::DateTime(i64::MAX / 4),
        Value::TimeSpan(_) => Value::TimeSpan(i64::MAX / 4),
        Value::Long(_) => Value::Long(i64::MAX / 4),
        _ => Value::Real(1e300),
    };
    let found = steps(first, &end, Some(step), length)?;
    let found = found.iter().take(length).map(Value::to_json).collect();
    Some(Value::json(&Json::Array(found)))
}
