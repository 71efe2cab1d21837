//! The order of values of one type.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{Value, to_text};
use crate::dynamic::{Dynamic, JsonLiteral};

/// Orders two values; nothing where either is null or the types have no common order.
pub(crate) fn compare(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Long(a), Value::Long(b))
        | (Value::TimeSpan(a), Value::TimeSpan(b))
        | (Value::DateTime(a), Value::DateTime(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::String(a) | Value::Guid(a), Value::String(b) | Value::Guid(b)) => Some(a.cmp(b)),
        (Value::Dynamic(a), Value::Dynamic(b)) => compare_json(&a.to_json(), &b.to_json()),
        (Value::Dynamic(_), other) => compare_json(&left.to_json(), &other.to_json()),
        (other, Value::Dynamic(_)) => compare_json(&other.to_json(), &right.to_json()),
        (a, b) => match (a.as_real(), b.as_real()) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => Some(to_text(a).cmp(&to_text(b))),
        },
    }
}

/// Equality as `==` has it: of two nulls unknown, of one null false.
pub(crate) fn equal(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (left.is_null(), right.is_null()) {
        (true, true) => None,
        (true, false) | (false, true) => Some(false),
        (false, false) => Some(match (left, right) {
            (Value::Dynamic(dynamic), Value::String(text))
            | (Value::String(text), Value::Dynamic(dynamic)) => is_text(dynamic, text),
            _ => compare(left, right) == Some(Ordering::Equal),
        }),
    }
}

/// Whether a dynamic is a string of this text.
fn is_text(dynamic: &Dynamic<'_>, text: &str) -> bool {
    match dynamic.to_literal() {
        Some(JsonLiteral::String(held)) => held == text,
        Some(_) => false,
        None => matches!(dynamic.to_json(), Json::String(held) if held == text),
    }
}

fn compare_json(left: &Json, right: &Json) -> Option<Ordering> {
    match (left, right) {
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
        (Json::Bool(a), Json::Bool(b)) => Some(a.cmp(b)),
        (a, b) if a == b => Some(Ordering::Equal),
        (a, b) => Some(a.to_string().cmp(&b.to_string())).filter(|order| order.is_ne()),
    }
}
