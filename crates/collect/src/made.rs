//! Resources that a reader makes of an answer's own shape.

use serde_json::{Map, Value, json};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

use crate::context::FileContext;
use crate::stream::Place;

/// Longest name that becomes part of an id.
const NAME_BYTES: usize = 512;

/// The envelope of a made resource.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) resource_type: &'static str,
    pub(crate) parent: Option<String>,
    /// Further members beside `properties`, such as `tenantId`.
    pub(crate) envelope: Map<String, Value>,
    pub(crate) properties: Map<String, Value>,
}

impl FileContext<'_> {
    /// Makes the resource, read at `place` of this file.
    pub(crate) fn make(&self, made: Made, place: Place) -> Resource {
        let mut body = Map::new();
        body.insert("id".to_owned(), Value::String(made.id));
        body.insert("name".to_owned(), Value::String(made.name));
        body.insert("type".to_owned(), made.resource_type.into());
        if let Some(parent) = made.parent {
            body.insert("parentId".to_owned(), Value::String(parent));
        }
        body.extend(made.envelope);
        body.insert("properties".to_owned(), Value::Object(made.properties));
        let source = SourceLocation {
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
        };
        Resource::new(Cloud::Azure, Origin::Live, source, body)
    }
}

/// A name as one segment of an id: no slash and no control character in it.
pub(crate) fn segment(name: &str) -> Option<String> {
    let name = name.trim();
    let plain = !name.is_empty()
        && name.len() <= NAME_BYTES
        && !name.contains(['/', '\\', '?', '#'])
        && !name.chars().any(char::is_control);
    plain.then(|| name.to_owned())
}

/// The text at `key`.
pub(crate) fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// The object at `key`.
pub(crate) fn object<'a>(
    body: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Map<String, Value>> {
    body.get(key).and_then(Value::as_object)
}

/// The items of the array at `key`; none where it is no array.
pub(crate) fn items<'a>(
    body: &'a Map<String, Value>,
    key: &str,
) -> impl Iterator<Item = &'a Value> {
    body.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Takes the member at `key`, unless it is null.
pub(crate) fn take(body: &mut Map<String, Value>, key: &str) -> Option<Value> {
    body.shift_remove(key).filter(|value| !value.is_null())
}

/// Moves members to `target` under their own names, nulls left out.
pub(crate) fn carry(
    source: &mut Map<String, Value>,
    keys: &[&str],
    target: &mut Map<String, Value>,
) {
    for key in keys {
        if let Some(value) = take(source, key) {
            target.insert((*key).to_owned(), value);
        }
    }
}

/// Seconds since 1970 as RFC 3339; other values stay.
pub(crate) fn instant(value: Value) -> Value {
    let seconds = value
        .as_i64()
        .and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    match seconds {
        Some(time) => json!(time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        None => value,
    }
}

/// Whether a text is a GUID.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
