//! `equals`, `less` and their kin.

use std::cmp::Ordering;

use super::super::fault::Fault;
use super::super::value::Value;
use super::unknown_call;

/// Whether two values are equal; `None` where that depends on something unknown.
pub(in crate::arm_template) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Secret(one), Value::Text(text)) | (Value::Text(text), Value::Secret(one)) => {
            (one.given && text.is_empty()).then_some(false)
        }
        (Value::Secret(one), Value::Null) | (Value::Null, Value::Secret(one)) => {
            one.given.then_some(false)
        }
        (Value::Secret(_), _) | (_, Value::Secret(_)) => None,
        (Value::Unknown(one), Value::Unknown(other)) => (one.text == other.text).then_some(true),
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => cannot_be_equal(left, right),
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(one), Value::Bool(other)) => Some(one == other),
        (Value::Text(one), Value::Text(other)) => Some(one == other),
        (Value::List(one), Value::List(other)) => {
            if one.items.len() != other.items.len() {
                return Some(false);
            }
            all(one
                .items
                .iter()
                .zip(&other.items)
                .map(|(one, other)| equal(one, other)))
        }
        (Value::Object(one), Value::Object(other)) => {
            if one.members.len() != other.members.len() {
                return Some(false);
            }
            all(one.members.iter().map(|(key, value)| match other.get(key) {
                Some(found) => equal(value, found),
                None => Some(false),
            }))
        }
        _ => Some(compare_numbers(left, right) == Some(Ordering::Equal)),
    }
}

/// An unknown text whose known start or end differs from a known text is not that text.
fn cannot_be_equal(left: &Value, right: &Value) -> Option<bool> {
    let ((Value::Unknown(unknown), Value::Text(text))
    | (Value::Text(text), Value::Unknown(unknown))) = (left, right)
    else {
        return None;
    };
    let fits = text.starts_with(unknown.text.known_prefix())
        && text.ends_with(unknown.text.known_suffix());
    (!fits).then_some(false)
}

/// A text that two values share when they are surely equal: as JSON with the members of objects in order of key.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::List(list) => {
            let items: Vec<_> = list.items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(object) => {
            let mut members: Vec<_> = object
                .members
                .iter()
                .map(|(key, value)| format!("{:?}:{}", key.to_lowercase(), canonical(value)))
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        Value::Unknown(unknown) => format!("?{}", unknown.text.source()),
        Value::Text(text) => format!("{text:?}"),
        scalar => scalar.source(),
    }
}

fn all(outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = true;
    for outcome in outcomes {
        match outcome {
            Some(false) => return Some(false),
            Some(true) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
        _ => as_float(left)?.partial_cmp(&as_float(right)?),
    }
}

fn order(arguments: &[Value], function: &str) -> Result<Ordering, Fault> {
    let (left, right) = (&arguments[0], &arguments[1]);
    if let (Value::Text(one), Value::Text(other)) = (left, right) {
        return Ok(one.cmp(other));
    }
    compare_numbers(left, right).ok_or_else(|| {
        Fault::argument(format!(
            "`{function}` compares two ints or two strings, not {} and {}",
            left.type_name(),
            right.type_name()
        ))
    })
}

pub(super) fn equals(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(equal(&arguments[0], &arguments[1])
        .map_or_else(|| unknown_call("equals", arguments), Value::Bool))
}

pub(super) fn is_less(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(order(arguments, "less")? == Ordering::Less))
}

pub(super) fn less_or_equals(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(
        order(arguments, "lessOrEquals")? != Ordering::Greater,
    ))
}

pub(super) fn greater(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(
        order(arguments, "greater")? == Ordering::Greater,
    ))
}

pub(super) fn greater_or_equals(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(
        order(arguments, "greaterOrEquals")? != Ordering::Less,
    ))
}
