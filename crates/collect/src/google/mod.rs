//! Google Cloud: exports of Cloud Asset Inventory, answers of the REST APIs and what `gcloud` prints of them.

pub(crate) mod answers;
pub(crate) mod asset;
pub(crate) mod inventory;
pub(crate) mod name;
pub(crate) mod projects;

mod address;
mod catalogue;
mod containers;
mod refusal;
mod serving;
mod storage_listing;

use serde_json::{Map, Value};

/// The member of that name, also where the source spells it in snake case. Null counts as absent, for `BigQuery`
/// writes every column of a row.
pub(crate) fn field<'a>(body: &'a Map<String, Value>, camel: &str) -> Option<&'a Value> {
    let found = match body.get(camel) {
        Some(found) => Some(found),
        None => body.get(&snake(camel)),
    };
    found.filter(|value| !value.is_null())
}

/// The same, taken out of the object.
pub(crate) fn take(body: &mut Map<String, Value>, camel: &str) -> Option<Value> {
    let found = match body.remove(camel) {
        Some(found) => Some(found),
        None => body.remove(&snake(camel)),
    };
    found.filter(|value| !value.is_null())
}

/// A text member in either spelling.
pub(crate) fn text<'a>(body: &'a Map<String, Value>, camel: &str) -> Option<&'a str> {
    field(body, camel).and_then(Value::as_str)
}

/// A list member in either spelling; empty where it is absent.
pub(crate) fn list<'a>(body: &'a Map<String, Value>, camel: &str) -> &'a [Value] {
    field(body, camel)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// An object member in either spelling.
pub(crate) fn object<'a>(
    body: &'a Map<String, Value>,
    camel: &str,
) -> Option<&'a Map<String, Value>> {
    field(body, camel).and_then(Value::as_object)
}

/// A whole number that stands as a number or as text, as Google writes 64-bit integers.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))
}

fn snake(camel: &str) -> String {
    let mut spelt = String::with_capacity(camel.len() + 4);
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() {
            spelt.push('_');
        }
        spelt.push(letter.to_ascii_lowercase());
    }
    spelt
}
