//! What stands around the properties: id, name, type, place, tags.

use serde_json::{Map, Value as Json};
use stance_model::{Cloud, Resource, SourceLocation};

use super::apply::Declared;
use super::body::{Body, Source};
use super::identity::Filler;
use crate::json::escape_pointer;

/// What stands around the properties.
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) native: String,
    pub(super) cloud: Cloud,
    pub(super) parent: Option<String>,
}

/// A body with its frame, as a resource.
pub(super) fn finished(
    declared: &Declared,
    source: &Source<'_>,
    filler: &Filler<'_>,
    mut body: Body,
    frame: Frame,
) -> Resource {
    let mut whole = Map::new();
    whole.insert("id".to_owned(), Json::from(frame.id.as_str()));
    whole.insert("name".to_owned(), Json::from(frame.name));
    whole.insert("type".to_owned(), Json::from(frame.native));
    if let Some(parent) = frame.parent {
        whole.insert("parentId".to_owned(), Json::from(parent));
    }
    for (attribute, field) in [
        ("tags", "tags"),
        ("effective_labels", "tags"),
        ("labels", "tags"),
        ("location", "location"),
    ] {
        let Some(value) = declared.values.get(attribute) else {
            continue;
        };
        if value.is_null() || whole.contains_key(field) || !is_common(attribute, frame.cloud) {
            continue;
        }
        copy(
            source,
            &mut body,
            &format!("/{attribute}"),
            &format!("/{field}"),
        );
        whole.insert(field.to_owned(), value.clone());
    }
    place_of(&mut whole, filler, frame.cloud, &frame.id);
    for (key, value) in std::mem::take(&mut body.value) {
        whole.insert(key, value);
    }
    whole
        .entry("properties")
        .or_insert_with(|| Json::Object(Map::new()));
    if let Some(expression) = source.gap("/name") {
        body.unknown("/name", expression);
    }
    if let Some(doubt) = &declared.doubt {
        body.unknown("", doubt);
    }
    let mut resource = Resource::new(
        frame.cloud,
        declared.origin,
        SourceLocation {
            file: declared.file.clone(),
            line: declared.place.line,
            column: declared.place.column,
        },
        whole,
    );
    resource.unknowns = body.unknowns;
    resource.positions = body.positions;
    resource
}

fn is_common(attribute: &str, cloud: Cloud) -> bool {
    match cloud {
        Cloud::Azure => matches!(attribute, "tags" | "location"),
        Cloud::Aws => attribute == "tags",
        Cloud::Gcp => matches!(attribute, "labels" | "effective_labels"),
    }
}

/// Location and container.
fn place_of(whole: &mut Map<String, Json>, filler: &Filler<'_>, cloud: Cloud, id: &str) {
    match cloud {
        Cloud::Azure => {
            if let Some(Json::String(text)) = whole.get_mut("location") {
                // `East US` and `eastus` are one place.
                if !text.contains('{') {
                    *text = text.replace(' ', "").to_lowercase();
                }
            }
            let id = stance_model::ResourceId::new(id);
            if let Some(group) = id.resource_group() {
                whole.insert("resourceGroup".to_owned(), Json::from(group));
            }
            if let Some(subscription) = id.subscription_id() {
                whole.insert("subscriptionId".to_owned(), Json::from(subscription));
            }
        }
        Cloud::Aws => {
            let mut parts = id.split(':');
            let (region, account) = (parts.nth(3), parts.next());
            let region = region.filter(|text| !text.is_empty());
            let global = region.is_none() && !id.starts_with("arn:aws:s3:");
            let region = match region {
                Some(region) => region.to_owned(),
                None if global => "global".to_owned(),
                None => filler.region(),
            };
            whole.insert("location".to_owned(), Json::from(region));
            let account = account.filter(|text| !text.is_empty());
            let account = account.map_or_else(|| "000000000000".to_owned(), str::to_owned);
            whole.insert("subscriptionId".to_owned(), Json::from(account));
        }
        Cloud::Gcp => {
            whole.insert("location".to_owned(), Json::from(filler.region()));
            let project = id
                .split_once("/projects/")
                .and_then(|(_, rest)| rest.split('/').next())
                .map_or_else(|| filler.project(), str::to_owned);
            whole.insert("subscriptionId".to_owned(), Json::from(project));
        }
    }
}

/// Tells where a value and what is unknown of it stand, once it is copied whole.
pub(super) fn copy(source: &Source<'_>, body: &mut Body, from: &str, to: &str) {
    if let Some(expression) = source.gap(from) {
        body.unknown(to, expression);
    } else if let Some(value) = at(source.values, from) {
        copy_gaps(source, body, value, from, to);
    }
    body.position(to, source.place(from));
}

fn copy_gaps(source: &Source<'_>, body: &mut Body, value: &Json, from: &str, to: &str) {
    let mut each = |key: &str, value: &Json| {
        let (from, to) = (format!("{from}/{key}"), format!("{to}/{key}"));
        match source.gap(&from) {
            Some(expression) => body.unknown(&to, expression),
            None => copy_gaps(source, body, value, &from, &to),
        }
    };
    match value {
        Json::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| each(&index.to_string(), item)),
        Json::Object(members) => members
            .iter()
            .for_each(|(key, item)| each(&escape_pointer(key), item)),
        _ => {}
    }
}

fn at<'v>(values: &'v Map<String, Json>, pointer: &str) -> Option<&'v Json> {
    let (first, rest) = match pointer.get(1..)?.split_once('/') {
        Some((first, rest)) => (first, format!("/{rest}")),
        None => (&pointer[1..], String::new()),
    };
    values.get(first)?.pointer(&rest)
}
