//! Functions that make objects and take them apart.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::super::fault::Fault;
use super::super::value::Value;
use super::unknown_call;

pub(super) fn create_object(arguments: &[Value]) -> Result<Value, Fault> {
    if !arguments.len().is_multiple_of(2) {
        return Err(Fault::argument(
            "`createObject` takes keys and values in pairs",
        ));
    }
    let mut members = IndexMap::with_capacity(arguments.len() / 2);
    for pair in arguments.chunks_exact(2) {
        let key = match &pair[0] {
            Value::Text(key) => key.to_string(),
            Value::Unknown(unknown) => unknown.text.shown(),
            other => {
                return Err(Fault::argument(format!(
                    "a key of `createObject` is a text, not {}",
                    other.type_name()
                )));
            }
        };
        members.insert(key, pair[1].clone());
    }
    Value::object(members)
}

pub(super) fn object_keys(arguments: &[Value]) -> Result<Value, Fault> {
    let Value::Object(object) = &arguments[0] else {
        return Err(Fault::argument("`objectKeys` takes an object"));
    };
    Value::list(object.members.keys().map(|key| Value::word(key)).collect())
}

/// `[{key, value}, …]` in order of key.
pub(super) fn items(arguments: &[Value]) -> Result<Value, Fault> {
    let Value::Object(object) = &arguments[0] else {
        return Err(Fault::argument(format!(
            "`items` takes an object, not {}",
            arguments[0].type_name()
        )));
    };
    let mut members: Vec<_> = object.members.iter().collect();
    members.sort_by_key(|(key, _)| key.to_lowercase());
    let items = members
        .into_iter()
        .map(|(key, value)| Value::record([("key", Value::word(key)), ("value", value.clone())]))
        .collect::<Result<_, _>>()?;
    Value::list(items)
}

pub(super) fn shallow_merge(arguments: &[Value]) -> Result<Value, Fault> {
    let Value::List(list) = &arguments[0] else {
        return match &arguments[0] {
            Value::Unknown(_) => Ok(unknown_call("shallowMerge", arguments)),
            _ => Err(Fault::argument("`shallowMerge` takes an array of objects")),
        };
    };
    let mut members = IndexMap::new();
    let mut spellings: HashMap<String, String> = HashMap::new();
    let mut open = false;
    for item in &list.items {
        match item {
            Value::Object(object) => {
                for (key, value) in &object.members {
                    let spelt = spellings
                        .entry(key.to_lowercase())
                        .or_insert_with(|| key.clone());
                    members.insert(spelt.clone(), value.clone());
                }
            }
            // What an unknown object may override is not known any more.
            Value::Unknown(_) => {
                members.clear();
                spellings.clear();
                open = true;
            }
            _ => return Err(Fault::argument("`shallowMerge` takes an array of objects")),
        }
    }
    let merged = Value::object(members)?;
    if !open {
        return Ok(merged);
    }
    Ok(Value::partly_known(
        &format!("shallowMerge({})", arguments[0].source()),
        merged,
    ))
}
