//! Which document is a template of CloudFormation, or its parameter file.

use serde_json::{Map, Value};

use crate::documents::Header;

/// A JSON document, by its head and text.
pub(crate) fn is_template(header: &Header, text: &[u8]) -> bool {
    header.has("Resources")
        && !header.has("id")
        && (header.has("AWSTemplateFormatVersion")
            || memchr::memmem::find(text, b"AWS::").is_some()
            || memchr::memmem::find(text, b"Custom::").is_some())
}

/// The same for an object that was read as a whole.
pub(crate) fn is_template_body(body: &Map<String, Value>) -> bool {
    let Some(Value::Object(resources)) = body.get("Resources") else {
        return false;
    };
    body.contains_key("AWSTemplateFormatVersion")
        || resources
            .values()
            .take(3)
            .any(|resource| has_type(resource, "::"))
}

fn has_type(resource: &Value, part: &str) -> bool {
    resource
        .get("Type")
        .and_then(Value::as_str)
        .is_some_and(|spelt| spelt.contains(part))
}

/// The answer of `aws cloudformation get-template`.
pub(crate) fn is_get_template(body: &Map<String, Value>) -> bool {
    body.contains_key("TemplateBody")
}

/// One entry of a parameter file, or a whole one as pipelines write it.
pub(crate) fn is_parameters(body: &Map<String, Value>) -> bool {
    let entry = body.contains_key("ParameterKey")
        && body.len() <= 4
        && (body.contains_key("ParameterValue") || body.contains_key("UsePreviousValue"));
    let whole = || {
        let scalars = body
            .get("Parameters")
            .and_then(Value::as_object)
            .is_some_and(|values| {
                values
                    .values()
                    .all(|value| !value.is_object() && !value.is_null())
            });
        let known = ["Parameters", "Tags", "StackPolicy"];
        scalars && body.keys().all(|key| known.contains(&key.as_str()))
    };
    entry || whole()
}

/// Sections that only a template has at its top.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Resources",
    "Parameters",
    "Mappings",
    "Conditions",
    "Outputs",
    "Transform",
    "Globals",
    "Metadata",
    "Description",
];

/// Whether text that is no JSON may be a template: a section stands at the start of a line.
pub(crate) fn may_be_yaml(head: &[u8]) -> bool {
    sections(head).any(|name| SECTIONS.contains(&name))
}

/// Whether it is one.
pub(crate) fn is_yaml(head: &[u8]) -> bool {
    let typed = |line: &[u8]| {
        let line = line.trim_ascii_start();
        let key = ["Type:", "\"Type\":", "'Type':"];
        (key.iter().any(|key| line.starts_with(key.as_bytes()))
            || memchr::memmem::find(line, b"{Type:").is_some())
            && memchr::memmem::find(line, b"::").is_some()
    };
    let resources = || {
        let amazon = memchr::memmem::find(head, b"AWS::").is_some();
        sections(head).any(|name| name == "Resources")
            && (amazon || head.split(|byte| *byte == b'\n').any(typed))
    };
    sections(head).any(|name| name == "AWSTemplateFormatVersion") || resources()
}

/// Keys at the start of lines.
fn sections(head: &[u8]) -> impl Iterator<Item = &str> {
    head.split(|byte| *byte == b'\n').filter_map(|line| {
        let line = std::str::from_utf8(line.get(..line.len().min(64))?).ok()?;
        let key = line.split_once(':')?.0.trim_end();
        let key = key.strip_prefix(['"', '\'']).unwrap_or(key);
        Some(key.strip_suffix(['"', '\'']).unwrap_or(key))
    })
}
