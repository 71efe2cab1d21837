//! Functions over property bags and other JSON.

use serde_json::{Map, Value as Json};

use super::{CallContext, ScalarFunction};
use crate::dynamic::{Dynamic, PathStep};
use crate::value::{Value, convert, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("bag_pack", bag_pack),
    ScalarFunction::new("pack", bag_pack),
    ScalarFunction::new("pack_dictionary", bag_pack),
    // `pack_all(true)`: names and values in turn; empty values are left out.
    ScalarFunction::new("bag_pack_not_empty", |_, values| {
        let mut bag = Map::new();
        for pair in values.chunks_exact(2) {
            let empty = match &pair[1] {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                _ => false,
            };
            if !empty {
                bag.insert(to_text(&pair[0]).into_owned(), pair[1].to_json());
            }
        }
        Some(Value::json(&Json::Object(bag)))
    }),
    ScalarFunction::new("bag_keys", |_, values| {
        let keys = bag(values.first()?)?
            .keys()
            .cloned()
            .map(Json::String)
            .collect();
        Some(Value::json(&Json::Array(keys)))
    }),
    ScalarFunction::new("bag_has_key", |_, values| {
        let (bag, key) = (bag(values.first()?)?, to_text(values.get(1)?).into_owned());
        let found = bag.contains_key(&key) || (key.starts_with("$.") && walk(&bag, &key).is_some());
        Some(Value::Bool(found))
    }),
    ScalarFunction::new("bag_merge", |_, values| {
        let mut merged = Map::new();
        for value in values.iter().filter(|value| !value.is_null()) {
            for (key, value) in bag(value)? {
                merged.entry(key).or_insert(value);
            }
        }
        Some(Value::json(&Json::Object(merged)))
    }),
    ScalarFunction::new("bag_remove_keys", bag_remove_keys),
    ScalarFunction::new("bag_set_key", bag_set_key),
    ScalarFunction::new("bag_zip", bag_zip),
    ScalarFunction::new("extract_json", extract_json),
    ScalarFunction::new("extractjson", extract_json),
    ScalarFunction::new("treepath", treepath),
];

fn bag(value: &Value<'_>) -> Option<Map<String, Json>> {
    match value {
        Value::Dynamic(dynamic) => match dynamic.to_json() {
            Json::Object(bag) => Some(bag),
            _ => None,
        },
        _ => None,
    }
}

/// Names and values in turn.
#[allow(clippy::unnecessary_wraps)] // The form that the registry asks for.
fn bag_pack<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let bag = values
        .chunks_exact(2)
        .map(|pair| (to_text(&pair[0]).into_owned(), pair[1].to_json()))
        .collect();
    Some(Value::json(&Json::Object(bag)))
}

fn bag_remove_keys<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut root = Json::Object(bag(values.first()?)?);
    let Value::Dynamic(keys) = values.get(1)? else {
        return None;
    };
    for key in keys.elements()? {
        let Json::String(key) = key else { continue };
        let path = if key.starts_with("$.") {
            path_steps(&key)?
        } else {
            vec![Step::Key(key)]
        };
        remove(&mut root, &path);
    }
    Some(Value::json(&root))
}

fn remove(value: &mut Json, path: &[Step]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match (value, first) {
        (Json::Object(bag), Step::Key(key)) if rest.is_empty() => {
            bag.shift_remove(key);
        }
        (Json::Object(bag), Step::Key(key)) => {
            if let Some(inner) = bag.get_mut(key) {
                remove(inner, rest);
            }
        }
        (Json::Array(elements), Step::Position(at)) => {
            let at = usize::try_from(*at).unwrap_or(usize::MAX);
            if let Some(inner) = elements.get_mut(at) {
                remove(inner, rest);
            }
        }
        _ => {}
    }
}

fn bag_set_key<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut bag = bag(values.first()?)?;
    let key = to_text(values.get(1)?).into_owned();
    let value = values.get(2)?.to_json();
    let path = if key.starts_with("$.") {
        path_steps(&key)?
    } else {
        vec![Step::Key(key)]
    };
    let keys: Vec<String> = path
        .into_iter()
        .map(|step| match step {
            Step::Key(key) => Some(key),
            Step::Position(_) => None,
        })
        .collect::<Option<_>>()?;
    set(&mut bag, &keys, value)?;
    Some(Value::json(&Json::Object(bag)))
}

fn set(bag: &mut Map<String, Json>, keys: &[String], value: Json) -> Option<()> {
    let (first, rest) = keys.split_first()?;
    if rest.is_empty() {
        bag.insert(first.clone(), value);
        return Some(());
    }
    let inner = bag
        .entry(first.clone())
        .or_insert_with(|| Json::Object(Map::new()));
    match inner {
        Json::Object(inner) => set(inner, rest, value),
        _ => None,
    }
}

fn bag_zip<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (Value::Dynamic(keys), Value::Dynamic(found)) = (values.first()?, values.get(1)?) else {
        return None;
    };
    let (keys, found) = (keys.elements()?, found.elements().unwrap_or_default());
    let mut bag = Map::new();
    for (at, key) in keys.into_iter().enumerate() {
        if let Json::String(key) = key {
            bag.insert(key, found.get(at).cloned().unwrap_or(Json::Null));
        }
    }
    Some(Value::json(&Json::Object(bag)))
}

#[derive(Debug)]
enum Step {
    Key(String),
    Position(i64),
}

/// Reads `$.a.b[0]['c']`.
fn path_steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(Step::Key(after[..end].to_owned()));
            rest = &after[end..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let (inner, after) = after.split_once(']')?;
            let inner = inner.trim();
            let quoted = inner
                .strip_prefix(['\'', '"'])
                .and_then(|inner| inner.strip_suffix(['\'', '"']));
            steps.push(match quoted {
                Some(key) => Step::Key(key.to_owned()),
                None => Step::Position(inner.parse().ok()?),
            });
            rest = after;
        } else {
            return None;
        }
    }
    Some(steps)
}

fn find<'a>(dynamic: &Dynamic<'a>, path: &str) -> Option<Dynamic<'a>> {
    let steps = path_steps(path)?;
    let path: Vec<PathStep<'_>> = steps
        .iter()
        .map(|step| match step {
            Step::Key(key) => PathStep::Key(key),
            Step::Position(at) => PathStep::Position(*at),
        })
        .collect();
    dynamic.get(&path)
}

fn walk(bag: &Map<String, Json>, path: &str) -> Option<Json> {
    let dynamic = Dynamic::from_json(&Json::Object(bag.clone()))?;
    find(&dynamic, path).map(|found| found.to_json())
}

/// `extract_json("$.a.b", text [, typeof(type)])`.
fn extract_json<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let path = to_text(values.first()?);
    let dynamic = match values.get(1)? {
        Value::Dynamic(dynamic) => dynamic.clone(),
        other => Dynamic::from_text(to_text(other).into_owned()),
    };
    let found = Value::Dynamic(find(&dynamic, &path)?);
    Some(convert(&found, context.result).into_owned())
}

/// Every path of a value, as `["a"]`, `["a"]["b"]`, `["c"][0]`.
fn treepath<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let Value::Dynamic(dynamic) = values.first()? else {
        return None;
    };
    let mut paths = Vec::new();
    collect_paths(&dynamic.to_json(), "", &mut paths);
    Some(Value::json(&Json::Array(
        paths.into_iter().map(Json::String).collect(),
    )))
}

fn collect_paths(value: &Json, prefix: &str, paths: &mut Vec<String>) {
    match value {
        Json::Object(bag) => {
            for (key, inner) in bag {
                let path = format!("{prefix}['{key}']");
                paths.push(path.clone());
                collect_paths(inner, &path, paths);
            }
        }
        Json::Array(elements) => {
            if let Some(first) = elements.first() {
                let path = format!("{prefix}[0]");
                paths.push(path.clone());
                collect_paths(first, &path, paths);
            }
        }
        _ => {}
    }
}
