//! Which object is an answer of AWS.

use serde_json::{Map, Value};

use super::table::{self, Rule};
use super::{identity, settings};

/// Whether an object is an answer that is read here.
pub(crate) fn is_answer(body: &Map<String, Value>) -> bool {
    if foreign(body) {
        return false;
    }
    if is_recorded(body) {
        return true;
    }
    // Asked for every row of every export: most bodies end here.
    body.contains_key("ResponseMetadata")
        || body.iter().any(|(key, value)| names(key, value))
        || table::top(body).is_some()
        || settings::is_setting(body)
        || identity::own_arn(body).is_some()
}

/// Resources of other clouds, and of the common shape.
fn foreign(body: &Map<String, Value>) -> bool {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    text("id").starts_with('/') || text("type").contains('/') || body.contains_key("$schema")
}

/// `{"status_code": 200, "data": {…}}`.
pub(crate) fn is_recorded(body: &Map<String, Value>) -> bool {
    body.len() <= 4
        && body.contains_key("status_code")
        && body.get("data").is_some_and(Value::is_object)
}

/// Whether a member holds things that the table knows.
fn names(key: &str, value: &Value) -> bool {
    match value {
        Value::Array(items) => table::list(key).is_some_and(|rule| fits_list(rule, items)),
        Value::Object(inner) => table::object(key).is_some_and(|rule| fits(rule, inner)),
        _ => false,
    }
}

/// A list fits where its first thing does; an empty one where its name says enough.
pub(crate) fn fits_list(rule: &Rule, items: &[Value]) -> bool {
    match items.first() {
        Some(Value::Object(first)) => fits(rule, first),
        Some(_) => false,
        None => rule.only_with.is_empty() || !rule.operations.is_empty(),
    }
}

/// Whether a thing has what the rule asks for.
pub(crate) fn fits(rule: &Rule, body: &Map<String, Value>) -> bool {
    let has = |member: &String| body.contains_key(member);
    if rule.only_with.is_empty() {
        return rule.arn.as_ref().is_none_or(has);
    }
    // Older answers name the thing without its ARN.
    rule.only_with.iter().any(has)
}
