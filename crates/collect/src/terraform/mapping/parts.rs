//! Resources that only add to another one.

use serde_json::Value as Json;
use stance_model::{Resource, Unknown};

use super::body::{self, Body};
use crate::json::escape_pointer;
use crate::stream::Place;

/// Adds a part to the resource it belongs to. Lists are put one behind the other.
pub(in crate::terraform) fn add(
    resource: &mut Resource,
    part: Body,
    file: &str,
    place: Place,
    doubt: Option<&str>,
) {
    if let Some(doubt) = doubt {
        // Whether the part is there is not known: what it would write is not known either.
        let mut leaves = Vec::new();
        part.value.iter().for_each(|(key, value)| {
            leaf_pointers(value, &format!("/{}", escape_pointer(key)), &mut leaves);
        });
        resource
            .unknowns
            .extend(leaves.into_iter().map(|pointer| Unknown {
                pointer,
                expression: doubt.to_owned(),
            }));
        return;
    }
    let same_file = resource.source.file == file && place.line > 0;
    for mut unknown in part.unknowns {
        unknown.pointer = moved(&resource.body, &unknown.pointer);
        resource.unknowns.push(unknown);
    }
    for mut position in part.positions.into_iter().filter(|_| same_file) {
        position.pointer = moved(&resource.body, &position.pointer);
        resource.positions.push(position);
    }
    body::merge(&mut resource.body, Json::Object(part.value));
}

/// Where a pointer leads once the part stands behind the list that is there already.
fn moved(body: &Json, pointer: &str) -> String {
    let mut at = Some(body);
    let mut out = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = match at {
            Some(Json::Array(items)) => {
                let own: usize = segment.parse().unwrap_or_default();
                at = None;
                (items.len() + own).to_string()
            }
            found => {
                at = found.and_then(|found| found.get(segment));
                segment.to_owned()
            }
        };
        out.push('/');
        out.push_str(&segment);
    }
    out
}

/// Pointers to what a part writes; a list counts as one.
fn leaf_pointers(value: &Json, pointer: &str, out: &mut Vec<String>) {
    match value {
        Json::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                leaf_pointers(value, &format!("{pointer}/{}", escape_pointer(key)), out);
            }
        }
        _ => out.push(pointer.to_owned()),
    }
}
