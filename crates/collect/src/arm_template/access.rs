//! Reaching into a value: `.name` and `[index]`.

use super::fault::Fault;
use super::symbolic_text::SymbolicText;
use super::syntax::is_plain_name;
use super::value::{Unknown, Value};

/// The member or element of `target` under `key`. With `safe`, what is absent is null.
pub(super) fn access(target: &Value, key: &Value, safe: bool) -> Result<Value, Fault> {
    match (target, key) {
        (Value::Secret(secret), _) => Ok(Value::Secret(*secret)),
        (Value::Unknown(unknown), _) => Ok(access_unknown(unknown, key)),
        (Value::Null, _) if safe => Ok(Value::Null),
        (Value::Null, _) => Err(Fault::missing(format!(
            "a member of null is read{}",
            named(key)
        ))),
        (_, Value::Unknown(_)) => Ok(Value::unknown(&access_source(&target.source(), key))),
        (_, Value::Secret(secret)) => Ok(Value::Secret(*secret)),
        (Value::Object(object), Value::Text(name)) => match object.get(name) {
            Some(found) => Ok(found.clone()),
            None if safe => Ok(Value::Null),
            None => Err(Fault::missing(format!("the object has no member `{name}`"))),
        },
        (Value::List(list), Value::Int(index)) => {
            let found = usize::try_from(*index)
                .ok()
                .and_then(|at| list.items.get(at));
            match found {
                Some(found) => Ok(found.clone()),
                None if safe => Ok(Value::Null),
                None => Err(Fault::missing(format!(
                    "the array has {} elements and none at index {index}",
                    list.items.len()
                ))),
            }
        }
        (Value::Text(text), Value::Int(index)) => usize::try_from(*index)
            .ok()
            .and_then(|at| text.chars().nth(at))
            .map_or_else(
                || {
                    Err(Fault::missing(format!(
                        "the text has no character at index {index}"
                    )))
                },
                |found| Value::text(found.to_string()),
            ),
        _ => Err(Fault::missing(format!(
            "a value of type {} has no member{}",
            target.type_name(),
            named(key)
        ))),
    }
}

fn named(key: &Value) -> String {
    match key {
        Value::Text(name) => format!(" `{name}`"),
        Value::Int(index) => format!(" at index {index}"),
        _ => String::new(),
    }
}

/// Declared members of an unknown are known; whatever else it may have is not.
fn access_unknown(unknown: &Unknown, key: &Value) -> Value {
    let source = access_source(&unknown.text.source(), key);
    let declared = unknown.known.as_ref().and_then(|known| match (known, key) {
        (Value::Object(object), Value::Text(name)) => object.get(name),
        (Value::List(list), Value::Int(index)) => usize::try_from(*index)
            .ok()
            .and_then(|at| list.items.get(at)),
        _ => None,
    });
    match declared {
        // Azure may add members to what was declared, so the inside stays open.
        Some(inner @ (Value::Object(_) | Value::List(_))) => {
            Value::partly_known(&source, inner.clone())
        }
        Some(other) => other.clone(),
        None => Value::unknown(&source),
    }
}

fn access_source(target: &str, key: &Value) -> String {
    match key {
        Value::Text(name) if is_plain_name(name) => format!("{target}.{name}"),
        key => format!("{target}[{}]", key.source()),
    }
}

/// What is known when either of two values may come about.
pub(super) fn either(left: &Value, right: &Value, source: &SymbolicText) -> Value {
    match (left, right) {
        (Value::Object(first), Value::Object(second)) => {
            let mut members = indexmap::IndexMap::new();
            for (key, value) in &first.members {
                let joined = match second.get(key) {
                    Some(other) => either(value, other, source),
                    None => Value::symbolic(source.clone()),
                };
                members.insert(key.clone(), joined);
            }
            for key in second.members.keys() {
                if first.get(key).is_none() {
                    members.insert(key.clone(), Value::symbolic(source.clone()));
                }
            }
            Value::object(members).unwrap_or_else(|_| Value::symbolic(source.clone()))
        }
        (Value::List(first), Value::List(second)) if first.items.len() == second.items.len() => {
            let items = first
                .items
                .iter()
                .zip(&second.items)
                .map(|(one, other)| either(one, other, source))
                .collect();
            Value::list(items).unwrap_or_else(|_| Value::symbolic(source.clone()))
        }
        _ if super::functions::equal(left, right) == Some(true) => left.clone(),
        _ => Value::symbolic(source.clone()),
    }
}
