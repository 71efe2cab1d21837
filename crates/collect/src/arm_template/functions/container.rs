//! Functions over texts, arrays and objects alike.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::super::access::access;
use super::super::fault::Fault;
use super::super::symbolic_text::{Part, SymbolicText};
use super::super::value::{Secret, Value};
use super::compare::canonical;
use super::{equal, int_of, pass_unknown, text_of, unknown_call};

/// Texts one after the other, or arrays one after the other.
pub(super) fn concat(arguments: &[Value]) -> Result<Value, Fault> {
    if arguments
        .iter()
        .any(|value| matches!(value, Value::List(_)))
    {
        let mut all = Vec::new();
        for argument in arguments {
            match argument {
                Value::List(list) => all.extend(list.items.iter().cloned()),
                Value::Unknown(_) | Value::Secret(_) => {
                    return Ok(unknown_call("concat", arguments));
                }
                other => {
                    return Err(Fault::argument(format!(
                        "`concat` joins arrays with arrays, not with {}",
                        other.type_name()
                    )));
                }
            }
        }
        return Value::list(all);
    }
    let mut text = SymbolicText::default();
    for argument in arguments {
        let Some(piece) = argument.to_symbolic() else {
            return Err(Fault::argument(format!(
                "`concat` joins texts or arrays, not {}",
                argument.type_name()
            )));
        };
        text.push(&piece)?;
    }
    Ok(Value::symbolic(text))
}

pub(super) fn contains(arguments: &[Value]) -> Result<Value, Fault> {
    let (container, wanted) = (&arguments[0], &arguments[1]);
    match container {
        Value::Unknown(unknown) => {
            let known = match (&unknown.known, wanted) {
                (Some(Value::Object(object)), Value::Text(key)) => object.get(key).is_some(),
                (_, Value::Text(text)) => unknown.text.parts().iter().any(|part| match part {
                    Part::Literal(literal) => literal.contains(text.as_ref()),
                    Part::Hole(_) => false,
                }),
                _ => false,
            };
            Ok(if known {
                Value::Bool(true)
            } else {
                unknown_call("contains", arguments)
            })
        }
        Value::List(list) => {
            let outcomes: Vec<_> = list.items.iter().map(|item| equal(item, wanted)).collect();
            if outcomes.contains(&Some(true)) {
                return Ok(Value::Bool(true));
            }
            Ok(if outcomes.contains(&None) {
                unknown_call("contains", arguments)
            } else {
                Value::Bool(false)
            })
        }
        _ if pass_unknown("contains", arguments).is_some() => {
            Ok(unknown_call("contains", arguments))
        }
        Value::Object(object) => {
            let key = wanted
                .to_symbolic()
                .and_then(|key| key.known())
                .ok_or_else(|| {
                    Fault::argument("`contains` looks for the text of a key in an object")
                })?;
            Ok(Value::Bool(object.get(&key).is_some()))
        }
        Value::Text(text) => {
            let wanted = wanted
                .to_symbolic()
                .and_then(|wanted| wanted.known())
                .ok_or_else(|| Fault::argument("`contains` looks for a text in a text"))?;
            Ok(Value::Bool(text.contains(&wanted)))
        }
        Value::Null => Ok(Value::Bool(false)),
        other => Err(Fault::argument(format!(
            "`contains` looks into a text, array or object, not {}",
            other.type_name()
        ))),
    }
}

pub(super) fn empty(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(match &arguments[0] {
        Value::Null => Value::Bool(true),
        Value::Text(text) => Value::Bool(text.is_empty()),
        Value::List(list) => Value::Bool(list.items.is_empty()),
        Value::Object(object) => Value::Bool(object.members.is_empty()),
        Value::Secret(Secret { given: true }) => Value::Bool(false),
        Value::Unknown(unknown) => {
            let has_text = unknown
                .text
                .parts()
                .iter()
                .any(|part| matches!(part, Part::Literal(_)));
            let has_members =
                matches!(&unknown.known, Some(Value::Object(object)) if !object.members.is_empty());
            if has_text || has_members {
                Value::Bool(false)
            } else {
                unknown_call("empty", arguments)
            }
        }
        Value::Secret(_) => unknown_call("empty", arguments),
        other => {
            return Err(Fault::argument(format!(
                "`empty` takes a text, array or object, not {}",
                other.type_name()
            )));
        }
    })
}

pub(super) fn length(arguments: &[Value]) -> Result<Value, Fault> {
    if let Value::Unknown(unknown) = &arguments[0] {
        let known = unknown.text.known_length();
        return Ok(known.map_or_else(
            || unknown_call("length", arguments),
            |length| Value::Int(length as i64),
        ));
    }
    if matches!(arguments[0], Value::Secret(_)) {
        return Ok(unknown_call("length", arguments));
    }
    let length = match &arguments[0] {
        // Azure counts UTF-16 units.
        Value::Text(text) => text.encode_utf16().count(),
        Value::List(list) => list.items.len(),
        Value::Object(object) => object.members.len(),
        other => {
            return Err(Fault::argument(format!(
                "`length` takes a text, array or object, not {}",
                other.type_name()
            )));
        }
    };
    Ok(Value::Int(length as i64))
}

pub(super) fn first(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::List(list) => Ok(list.items.first().cloned().unwrap_or(Value::Null)),
        Value::Text(text) => Value::text(text.chars().take(1).collect::<String>()),
        Value::Unknown(unknown) => match unknown.text.known_prefix().chars().next() {
            Some(found) => Value::text(found.to_string()),
            None => Ok(unknown_call("first", arguments)),
        },
        Value::Secret(secret) => Ok(Value::Secret(*secret)),
        other => Err(Fault::argument(format!(
            "`first` takes a text or array, not {}",
            other.type_name()
        ))),
    }
}

pub(super) fn last(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::List(list) => Ok(list.items.last().cloned().unwrap_or(Value::Null)),
        Value::Text(text) => Value::text(
            text.chars()
                .next_back()
                .map(String::from)
                .unwrap_or_default(),
        ),
        Value::Unknown(unknown) => match unknown.text.known_suffix().chars().next_back() {
            Some(found) => Value::text(found.to_string()),
            None => Ok(unknown_call("last", arguments)),
        },
        Value::Secret(secret) => Ok(Value::Secret(*secret)),
        other => Err(Fault::argument(format!(
            "`last` takes a text or array, not {}",
            other.type_name()
        ))),
    }
}

fn amount(value: &Value, function: &str) -> Result<usize, Fault> {
    Ok(usize::try_from(int_of(value, function)?).unwrap_or(0))
}

pub(super) fn take(arguments: &[Value]) -> Result<Value, Fault> {
    if let (Value::Unknown(unknown), Value::Int(count)) = (&arguments[0], &arguments[1]) {
        let count = usize::try_from(*count).unwrap_or(0);
        if let Some(start) = unknown.text.start(count) {
            return Ok(Value::symbolic(start));
        }
    }
    if let Some(unknown) = pass_unknown("take", arguments) {
        return Ok(unknown);
    }
    let count = amount(&arguments[1], "take")?;
    match &arguments[0] {
        Value::List(list) => Value::list(list.items.iter().take(count).cloned().collect()),
        Value::Text(text) => Value::text(text.chars().take(count).collect::<String>()),
        other => Err(Fault::argument(format!(
            "`take` takes a text or array, not {}",
            other.type_name()
        ))),
    }
}

pub(super) fn skip(arguments: &[Value]) -> Result<Value, Fault> {
    let count = amount(&arguments[1], "skip")?;
    match &arguments[0] {
        Value::List(list) => Value::list(list.items.iter().skip(count).cloned().collect()),
        Value::Text(text) => Value::text(text.chars().skip(count).collect::<String>()),
        other => Err(Fault::argument(format!(
            "`skip` takes a text or array, not {}",
            other.type_name()
        ))),
    }
}

fn position(arguments: &[Value], function: &str, from_end: bool) -> Result<Value, Fault> {
    if let Value::List(list) = &arguments[0] {
        let is_it = |item: &Value| equal(item, &arguments[1]) == Some(true);
        let found = if from_end {
            list.items.iter().rposition(is_it)
        } else {
            list.items.iter().position(is_it)
        };
        return Ok(Value::Int(found.map_or(-1, |at| at as i64)));
    }
    // Texts are searched without regard to case.
    let text = text_of(&arguments[0], function)?.to_lowercase();
    let wanted = text_of(&arguments[1], function)?.to_lowercase();
    let found = if from_end {
        text.rfind(&wanted)
    } else {
        text.find(&wanted)
    };
    Ok(Value::Int(
        found.map_or(-1, |at| text[..at].encode_utf16().count() as i64),
    ))
}

pub(super) fn index_of(arguments: &[Value]) -> Result<Value, Fault> {
    position(arguments, "indexOf", false)
}

pub(super) fn last_index_of(arguments: &[Value]) -> Result<Value, Fault> {
    position(arguments, "lastIndexOf", true)
}

pub(super) fn intersection(arguments: &[Value]) -> Result<Value, Fault> {
    let (head, rest) = (&arguments[0], &arguments[1..]);
    match head {
        Value::List(list) => {
            let others: Vec<HashSet<String>> = rest.iter().map(keys_of).collect();
            let mut seen = HashSet::new();
            let mut kept = Vec::new();
            for item in &list.items {
                let key = canonical(item);
                let in_all = others.iter().all(|other| other.contains(&key));
                if in_all && seen.insert(key) {
                    kept.push(item.clone());
                }
            }
            if rest.iter().all(|other| matches!(other, Value::List(_))) {
                Value::list(kept)
            } else {
                Err(mixed("intersection"))
            }
        }
        Value::Object(object) => {
            let mut kept = IndexMap::new();
            for (key, value) in &object.members {
                let in_all = rest.iter().all(|other| match other {
                    Value::Object(other) => other
                        .get(key)
                        .is_some_and(|found| equal(found, value) == Some(true)),
                    _ => false,
                });
                if in_all {
                    kept.insert(key.clone(), value.clone());
                }
            }
            if rest.iter().all(|other| matches!(other, Value::Object(_))) {
                Value::object(kept)
            } else {
                Err(mixed("intersection"))
            }
        }
        _ => Err(mixed("intersection")),
    }
}

fn keys_of(list: &Value) -> HashSet<String> {
    match list {
        Value::List(list) => list.items.iter().map(canonical).collect(),
        _ => HashSet::new(),
    }
}

fn mixed(function: &str) -> Fault {
    Fault::argument(format!("`{function}` takes arrays only, or objects only"))
}

pub(super) fn union(arguments: &[Value]) -> Result<Value, Fault> {
    if arguments
        .iter()
        .any(|value| matches!(value, Value::Secret(_)))
    {
        return Ok(Value::Secret(Secret { given: true }));
    }
    if let Some(at) = arguments
        .iter()
        .rposition(|value| matches!(value, Value::Unknown(_)))
    {
        // Members that come after the unknown are known; the rest may be anything.
        let after = arguments[at + 1..]
            .iter()
            .all(|value| matches!(value, Value::Object(_)));
        if after && at + 1 < arguments.len() {
            let known = union(&arguments[at + 1..])?;
            let sources: Vec<_> = arguments.iter().map(Value::source).collect();
            return Ok(Value::partly_known(
                &format!("union({})", sources.join(", ")),
                known,
            ));
        }
        return Ok(unknown_call("union", arguments));
    }
    match &arguments[0] {
        Value::List(_) => {
            let mut seen = HashSet::new();
            let mut all = Vec::new();
            for argument in arguments {
                let Value::List(list) = argument else {
                    return Err(mixed("union"));
                };
                for item in &list.items {
                    // Secrets may differ though they look alike.
                    if item.holds_secret() || seen.insert(canonical(item)) {
                        all.push(item.clone());
                    }
                }
            }
            Value::list(all)
        }
        Value::Object(_) => {
            let mut all = arguments[0].clone();
            for argument in &arguments[1..] {
                if !matches!(argument, Value::Object(_)) {
                    return Err(mixed("union"));
                }
                all = merged(&all, argument)?;
            }
            Ok(all)
        }
        _ => Err(mixed("union")),
    }
}

/// Objects merged member by member; anything else is replaced.
fn merged(left: &Value, right: &Value) -> Result<Value, Fault> {
    let (Value::Object(first), Value::Object(second)) = (left, right) else {
        return Ok(right.clone());
    };
    let mut members = first.members.clone();
    for (key, value) in &second.members {
        let spelt = first.spelling_of(key).unwrap_or(key).to_owned();
        let joined = match members.get(&spelt) {
            Some(earlier) => merged(earlier, value)?,
            None => value.clone(),
        };
        members.insert(spelt, joined);
    }
    Value::object(members)
}

/// Reaches in member by member; null where one is missing.
pub(super) fn try_get(arguments: &[Value]) -> Result<Value, Fault> {
    let mut at = arguments[0].clone();
    for key in &arguments[1..] {
        at = access(&at, key, true).unwrap_or(Value::Null);
    }
    Ok(at)
}
