//! `json` and `string`: from text to values and back.

use super::super::fault::Fault;
use super::super::value::{REDACTED, Value};
use super::{text_of, unknown_call};
use crate::json;

/// Deepest JSON inside a text.
const DEEPEST: usize = 100;

/// Reads JSON that stands in a text.
pub(super) fn parse_json(text: &str, function: &str) -> Result<Value, Fault> {
    let limits = json::Limits {
        depth: DEEPEST,
        ..json::Limits::default()
    };
    match json::parse("", text, &limits).document {
        Some(document) => Value::from_node(&document.root),
        None => Err(Fault::argument(format!(
            "`{function}` was given a text that is no JSON"
        ))),
    }
}

pub(super) fn json(arguments: &[Value]) -> Result<Value, Fault> {
    parse_json(text_of(&arguments[0], "json")?, "json")
}

pub(super) fn string(arguments: &[Value]) -> Result<Value, Fault> {
    let value = &arguments[0];
    match value {
        Value::List(_) | Value::Object(_) if value.holds_unknown() => {
            Ok(unknown_call("string", arguments))
        }
        Value::List(_) | Value::Object(_) => Value::text(to_json(value)),
        Value::Secret(secret) => Ok(Value::Secret(*secret)),
        scalar => Ok(scalar.to_symbolic().map_or(Value::Null, Value::symbolic)),
    }
}

/// Compact JSON; what is not known stands as text.
pub(super) fn to_json(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, &mut text);
    text
}

fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Int(number) => text.push_str(&number.to_string()),
        Value::Number(number) => text.push_str(number),
        Value::Text(inner) => push_quoted(inner, text),
        Value::Secret(_) => push_quoted(REDACTED, text),
        Value::Unknown(unknown) => push_quoted(&unknown.text.shown(), text),
        Value::List(list) => {
            text.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(item, text);
            }
            text.push(']');
        }
        Value::Object(object) => {
            text.push('{');
            for (index, (key, member)) in object.members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                push_quoted(key, text);
                text.push(':');
                write_json(member, text);
            }
            text.push('}');
        }
    }
}

fn push_quoted(inner: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(inner).to_string());
}
