//! A total order of values, for sorting: unlike comparison it knows no answer but less, equal and
//! greater, and never contradicts itself.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{Value, to_text};

/// Orders two values of one type. Nulls come first.
pub(crate) fn total_order(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    match (left, right) {
        (Value::Long(a), Value::Long(b))
        | (Value::TimeSpan(a), Value::TimeSpan(b))
        | (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Real(a), Value::Real(b)) => a.total_cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Dynamic(a), Value::Dynamic(b)) => order_json(&a.to_json(), &b.to_json()),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (a, b) => to_text(a).cmp(&to_text(b)),
    }
}

/// Orders two JSON values: by kind (null, number, string, bool, others), then by value; arrays and
/// bags by their text.
pub(crate) fn order_json(left: &Json, right: &Json) -> Ordering {
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => {
            let (real_a, real_b) = (a.as_f64().unwrap_or(0.0), b.as_f64().unwrap_or(0.0));
            // Numbers that are the same real may differ as whole numbers.
            real_a
                .total_cmp(&real_b)
                .then_with(|| whole(left).cmp(&whole(right)))
        }
        (Json::String(a), Json::String(b)) => a.cmp(b),
        (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
        (a, b) => {
            let kinds = kind(a).cmp(&kind(b));
            kinds.then_with(|| a.to_string().cmp(&b.to_string()))
        }
    }
}

#[allow(clippy::cast_possible_truncation)] // Of whole numbers alone, far inside the range.
fn whole(value: &Json) -> i128 {
    match value.as_i64() {
        Some(number) => i128::from(number),
        None => value.as_f64().unwrap_or(0.0) as i128,
    }
}

fn kind(value: &Json) -> u8 {
    match value {
        Json::Null => 0,
        Json::Number(_) => 1,
        Json::String(_) => 2,
        Json::Bool(_) => 3,
        Json::Array(_) => 4,
        Json::Object(_) => 5,
    }
}
