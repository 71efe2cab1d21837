//! Properties of a resource by their path, and what is not known of them before deployment.

use serde_json::Value;
use stance_model::Resource;

/// What a resource says at a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told<'a> {
    /// It says so.
    Said(&'a Value),
    /// An expression that only the cloud can evaluate.
    Unknown,
    /// Nothing; the cloud's default holds.
    Absent,
}

/// Reads a path such as `properties.networkAcls.defaultAction`. Null and empty texts say nothing.
pub(super) fn told<'a>(resource: &'a Resource, path: &str) -> Told<'a> {
    if is_unknown(resource, path) {
        return Told::Unknown;
    }
    match at(&resource.body, path) {
        Value::Null => Told::Absent,
        Value::String(text) if text.is_empty() => Told::Absent,
        value => Told::Said(value),
    }
}

/// Whether a property, or what it lies in, is known only after deployment.
pub(super) fn is_unknown(resource: &Resource, path: &str) -> bool {
    if resource.unknowns.is_empty() {
        return false;
    }
    let pointer = format!("/{}", path.replace('.', "/"));
    // That even the resource is uncertain, the empty pointer, says nothing of its properties.
    resource.unknowns.iter().any(|unknown| {
        let below = pointer.strip_prefix(unknown.pointer.as_str());
        !unknown.pointer.is_empty()
            && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The value of a property for people: texts without quotes.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value at a path; null where there is none.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |inner, key| &inner[key])
}

/// The text at a path; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

/// The members of the list at a path.
pub(super) fn list<'a>(value: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    at(value, path).as_array().into_iter().flatten()
}

/// The `id` of a reference at a path, in lower case.
pub(super) fn reference(value: &Value, path: &str) -> Option<String> {
    let id = text(at(value, path), "id");
    (!id.is_empty()).then(|| id.trim_end_matches('/').to_lowercase())
}

/// Lower case text of a value that is a text, number or truth.
pub(super) fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string().to_lowercase(),
    }
}

/// A port as a number or as text.
pub(super) fn port(value: &Value) -> Option<u16> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => u16::try_from(other.as_u64()?).ok(),
    }
}

/// A truth as such or as text.
pub(super) fn is_true(value: &Value) -> bool {
    word(value) == "true"
}

/// A refusal as such or as text; what says nothing is none.
pub(super) fn is_false(value: &Value) -> bool {
    word(value) == "false"
}

/// Whether it is uncertain that the resource will exist.
pub(super) fn may_not_exist(resource: &Resource) -> bool {
    resource
        .unknowns
        .iter()
        .any(|unknown| unknown.pointer.is_empty())
}
