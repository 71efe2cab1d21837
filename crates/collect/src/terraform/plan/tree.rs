//! The tree of modules in plans and states.

use serde_json::{Map, Value as Json};
use stance_model::Origin;

use crate::json::escape_pointer;
use crate::stream::Place;
use crate::terraform::mapping::Declared;
use crate::terraform::value::{Gap, SECRET};

/// Modules inside of modules; the document itself nests no deeper.
const MAX_DEPTH: usize = 60;

/// Every managed resource below `root_module`, in order; data sources are left out.
pub(in crate::terraform) fn planned(
    values: Option<&Json>,
    file: &str,
    place: Place,
    origin: Origin,
) -> Vec<Declared> {
    let mut found = Vec::new();
    if let Some(root) = values.and_then(|values| values.get("root_module")) {
        module(root, file, place, origin, 0, &mut found);
    }
    found
}

fn module(
    node: &Json,
    file: &str,
    place: Place,
    origin: Origin,
    depth: usize,
    out: &mut Vec<Declared>,
) {
    let list = |name: &str| {
        node.get(name)
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
    };
    for resource in list("resources") {
        let text = |name: &str| resource.get(name).and_then(Json::as_str);
        if text("mode") == Some("data") {
            continue;
        }
        let (Some(address), Some(kind), Some(Json::Object(values))) =
            (text("address"), text("type"), resource.get("values"))
        else {
            continue;
        };
        let mut one = declared(address, kind, values.clone(), file, place, origin);
        if let Some(sensitive) = resource.get("sensitive_values") {
            redacted(sensitive, &mut one);
        }
        out.push(one);
    }
    if depth < MAX_DEPTH {
        for child in list("child_modules") {
            module(child, file, place, origin, depth + 1, out);
        }
    }
}

pub(in crate::terraform) fn declared(
    address: &str,
    kind: &str,
    values: Map<String, Json>,
    file: &str,
    place: Place,
    origin: Origin,
) -> Declared {
    Declared {
        address: address.to_owned(),
        kind: kind.to_owned(),
        values,
        gaps: Vec::new(),
        positions: Vec::new(),
        file: file.to_owned(),
        place,
        doubt: None,
        origin,
    }
}

/// Marks what is `true` in a tree of flags as unknown; `why` gives the expression for a pointer.
pub(super) fn mark(flags: &Json, one: &mut Declared, why: &mut dyn FnMut(&str) -> String) {
    let mut pointers = Vec::new();
    flagged(flags, "", &mut pointers);
    for pointer in pointers {
        let expression = why(&pointer);
        put(
            &mut one.values,
            &pointer,
            Json::String(format!("{{{expression}}}")),
        );
        one.gaps.push(Gap {
            pointer,
            expression,
        });
    }
}

/// Takes out what is marked as sensitive, whole.
pub(in crate::terraform) fn redacted(flags: &Json, one: &mut Declared) {
    let mut pointers = Vec::new();
    flagged(flags, "", &mut pointers);
    for pointer in pointers {
        secret_at(one, pointer);
    }
}

/// Takes one value out.
pub(in crate::terraform) fn secret_at(one: &mut Declared, pointer: String) {
    let known = one.gaps.iter().any(|gap| gap.pointer == pointer);
    let present = at(&one.values, &pointer).is_some_and(|value| !value.is_null());
    if known || !present {
        return;
    }
    put(&mut one.values, &pointer, Json::String(SECRET.to_owned()));
    one.gaps.push(Gap {
        pointer,
        expression: "a sensitive value".to_owned(),
    });
}

fn flagged(flags: &Json, pointer: &str, out: &mut Vec<String>) {
    match flags {
        Json::Bool(true) if !pointer.is_empty() => out.push(pointer.to_owned()),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flagged(item, &format!("{pointer}/{index}"), out);
            }
        }
        Json::Object(members) => {
            for (key, item) in members {
                flagged(item, &format!("{pointer}/{}", escape_pointer(key)), out);
            }
        }
        _ => {}
    }
}

pub(super) fn at<'v>(values: &'v Map<String, Json>, pointer: &str) -> Option<&'v Json> {
    let mut segments = pointer.split('/').skip(1);
    let first = values.get(&unescaped(segments.next()?))?;
    segments.try_fold(first, |at, segment| match at {
        Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
        Json::Object(members) => members.get(&unescaped(segment)),
        _ => None,
    })
}

/// Puts a value; parents that are not there are made, for a plan leaves unknown members out.
pub(super) fn put(values: &mut Map<String, Json>, pointer: &str, value: Json) {
    let mut segments = pointer.split('/').skip(1);
    let Some(first) = segments.next() else {
        return;
    };
    let mut slot = values.entry(unescaped(first)).or_insert(Json::Null);
    for segment in segments {
        if slot.is_null() {
            *slot = if segment.parse::<usize>().is_ok() {
                Json::Array(Vec::new())
            } else {
                Json::Object(Map::new())
            };
        }
        slot = match slot {
            Json::Array(items) => {
                let Ok(index) = segment.parse::<usize>() else {
                    return;
                };
                if index > items.len() {
                    return;
                }
                if index == items.len() {
                    items.push(Json::Null);
                }
                match items.get_mut(index) {
                    Some(slot) => slot,
                    None => return,
                }
            }
            Json::Object(members) => members.entry(unescaped(segment)).or_insert(Json::Null),
            _ => return,
        };
    }
    *slot = value;
}

fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}
