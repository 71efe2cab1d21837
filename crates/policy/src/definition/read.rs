//! Recognises definitions and initiatives in the shapes that files come in: the repository's and ARM's
//! `{"properties": …}`, the flat answer of `az policy definition show`, lists of either, `{"value": [...]}`,
//! `{"data": [...]}`, ARM templates that declare them. Assignments and their like come in the same shapes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Definition;
use super::initiative::{Initiative, version};
use super::parameters::{Parameter, ignoring_case};
use crate::assignment::{Read, recognise};

/// What one JSON document held.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub definitions: Vec<Definition>,
    pub initiatives: Vec<Initiative>,
    pub others: Vec<Read>,
}

/// Lists inside lists are followed this deep; more is no known shape.
const MAX_LISTS: usize = 4;

#[derive(Deserialize)]
struct Wrapper<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    resources: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow, rename = "policyDefinitions")]
    policy_definitions: Option<&'a RawValue>,
}

/// Reads every definition and initiative of a document. `start` is the whole text, to count lines in.
pub(super) fn read(
    file: &str,
    whole: &str,
    part: &str,
    depth: usize,
    found: &mut Found,
) -> Result<(), serde_json::Error> {
    if depth > MAX_LISTS {
        return Ok(());
    }
    if part.trim_start().starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(part)?;
        for item in items {
            read(file, whole, item.get(), depth + 1, found)?;
        }
        return Ok(());
    }
    let value: Value = serde_json::from_str(part)?;
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    // The document's own text starts somewhere in the whole: both are slices of the same buffer.
    let offset = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    let line = crate::text::line_at(whole, offset);
    let properties = ignoring_case(Some(object), "properties").filter(|inner| inner.is_object());
    let body = properties.unwrap_or(&value);
    let members = body.as_object();
    if ignoring_case(members, "policyRule").is_some_and(Value::is_object) {
        found
            .definitions
            .push(definition(&value, body, part, (file, line)));
        return Ok(());
    }
    let references = ignoring_case(members, "policyDefinitions").and_then(Value::as_array);
    if references.is_some_and(|list| {
        list.iter()
            .any(|item| item.get("policyDefinitionId").is_some())
    }) {
        let name = name_of(&value, file);
        let id = text_of(&value, "id");
        found
            .initiatives
            .push(Initiative::read(id, name, body, (file, line)));
        return Ok(());
    }
    if let Some(other) = recognise(&value, body, (file, line)) {
        found.others.push(other);
        return Ok(());
    }
    let wrapper: Wrapper<'_> = serde_json::from_str(part)?;
    let lists = [
        wrapper.value,
        wrapper.resources,
        wrapper.data,
        wrapper.policy_definitions,
    ];
    for list in lists.into_iter().flatten() {
        if list.get().starts_with('[') {
            read(file, whole, list.get(), depth + 1, found)?;
        }
    }
    Ok(())
}

/// File names that say nothing about the definition in them.
const GENERIC_NAMES: [&str; 5] = [
    "azurepolicy",
    "policy",
    "definition",
    "policydefinition",
    "initiative",
];

fn name_of(value: &Value, file: &str) -> String {
    let text = |key: &str| {
        ignoring_case(value.as_object(), key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty() && !text.starts_with('['))
    };
    let from_id = || text("id").and_then(|id| id.rsplit('/').next());
    // A version is a resource of its own below the definition it is a version of.
    let of_version = || {
        let (definition, version) = text("id")?.split_once("/versions/")?;
        (!version.contains('/')).then(|| definition.rsplit('/').next())?
    };
    let from_file = || {
        let mut parts = file.rsplit(['/', '\\']);
        let base = parts.next().unwrap_or(file);
        let stem = base.strip_suffix(".json").unwrap_or(base);
        // Collections keep each definition in a folder of its own, under the same file name.
        let generic = GENERIC_NAMES
            .iter()
            .any(|name| stem.eq_ignore_ascii_case(name));
        Some(
            parts
                .next()
                .filter(|folder| generic && !folder.is_empty())
                .unwrap_or(stem),
        )
    };
    of_version()
        .or_else(|| text("name"))
        .or_else(from_id)
        .or_else(from_file)
        .unwrap_or_default()
        .to_owned()
}

fn text_of(value: &Value, key: &str) -> String {
    ignoring_case(value.as_object(), key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn definition(value: &Value, body: &Value, part: &str, (file, line): (&str, u32)) -> Definition {
    let get = |key: &str| ignoring_case(body.as_object(), key);
    let text = |key: &str| {
        get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let metadata = get("metadata").cloned().unwrap_or(Value::Null);
    let flag = |key: &str| {
        metadata
            .get(key)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    };
    let display_name = text("displayName");
    let mode: Cow<'_, str> = get("mode")
        .and_then(Value::as_str)
        .map_or("All".into(), Into::into);
    let id = text_of(value, "id");
    Definition {
        id: id.split("/versions/").next().unwrap_or_default().to_owned(),
        assigned_only: false,
        name: name_of(value, file),
        description: text("description"),
        policy_type: text("policyType"),
        category: metadata
            .get("category")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        version: version(body, &metadata),
        deprecated: flag("deprecated") || display_name.starts_with("[Deprecated]"),
        preview: flag("preview") || display_name.starts_with("[Preview]"),
        parameters: Parameter::read_all(get("parameters")),
        rule: get("policyRule").cloned().unwrap_or(Value::Null),
        text: part.to_owned(),
        mode: mode.into_owned(),
        file: file.to_owned(),
        display_name,
        metadata,
        line,
    }
}
