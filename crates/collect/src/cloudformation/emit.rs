//! Declared resources in the common shape.

use serde_json::{Map, Value as Json};
use stance_model::{Cloud, Origin, Position, Resource, SourceLocation, Unknown};

use crate::aws::secrets;
use crate::codes;
use crate::json::escape_pointer;

use super::evaluate::{Declared, Evaluator};
use super::functions::number;
use super::identity;
use super::nested;
use super::parameters::{exact, pseudo};
use super::serverless;
use super::value::{Entry, Item, Text, Value};
use super::written::written;

/// What stands where a value must not be shown.
const NO_ECHO: &str = "***redacted:no-echo***";

/// Every resource of a template, those of nested stacks behind their stack.
pub(super) fn resources(evaluator: &Evaluator<'_>) -> Vec<Resource> {
    let mut made = Vec::new();
    for (logical, declared) in &evaluator.resources {
        let exists = match condition(evaluator, declared) {
            Exists::No => continue,
            exists => exists,
        };
        let count = &evaluator.shared.resources;
        if count.get() >= evaluator.shared.limits.resources {
            evaluator.shared.partial.set(true);
            let message = format!(
                "more than {} resources; the rest is left out",
                evaluator.shared.limits.resources
            );
            let at = (declared.line, declared.column);
            evaluator
                .shared
                .say(codes::CLOUDFORMATION_LIMIT, &evaluator.file, at, message);
            break;
        }
        count.set(count.get() + 1);
        made.push(resource(evaluator, logical, declared, exists));
        if nested::template_property(&declared.kind).is_some()
            && let Some(outputs) = nested::stack(evaluator, logical, declared)
        {
            made.extend(outputs.resources.iter().cloned());
        }
    }
    made
}

enum Exists {
    Yes,
    No,
    Unknown(String),
}

fn condition(evaluator: &Evaluator<'_>, declared: &Declared) -> Exists {
    let Some(node) = exact(&declared.node, "Condition") else {
        return Exists::Yes;
    };
    let Some(name) = node.text() else {
        return Exists::Unknown(written(node));
    };
    match evaluator.condition(name, node) {
        Some(true) => Exists::Yes,
        Some(false) => Exists::No,
        None => Exists::Unknown(format!("!Condition {name}")),
    }
}

fn resource(
    evaluator: &Evaluator<'_>,
    logical: &str,
    declared: &Declared,
    exists: Exists,
) -> Resource {
    let identity = identity::of(evaluator, logical, declared);
    let kind = serverless::kind_of(&declared.kind);
    let mut notes = Notes::default();
    if let Exists::Unknown(expression) = exists {
        notes.unknown("", &expression);
    }
    let mut body = Map::new();
    body.insert("id".to_owned(), Json::from(identity.arn.as_ref()));
    body.insert("name".to_owned(), Json::from(identity.name.as_str()));
    body.insert("type".to_owned(), Json::from(kind));
    if kind.starts_with("aws::iam::") {
        body.insert("location".to_owned(), Json::from("global"));
    } else {
        place(evaluator, "AWS::Region", "location", &mut body, &mut notes);
    }
    place(
        evaluator,
        "AWS::AccountId",
        "subscriptionId",
        &mut body,
        &mut notes,
    );
    if let Some(parent) = identity::parent(evaluator, declared, &identity.arn) {
        body.insert("parentId".to_owned(), Json::from(parent));
    }
    let logical_id = format!("{}{logical}", evaluator.prefix);
    body.insert("logicalId".to_owned(), Json::from(logical_id));
    contents(evaluator, declared, &mut body, &mut notes);
    if let Some(properties) = body.get_mut("properties") {
        secrets::redact_variables(properties);
    }
    let source = SourceLocation {
        file: evaluator.file.clone(),
        line: declared.line,
        column: declared.column,
    };
    let mut resource = Resource::new(Cloud::Aws, Origin::Template, source, body);
    notes.unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    notes.positions.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    resource.unknowns = notes.unknowns;
    resource.positions = notes.positions;
    resource
}

/// Region or account; where they are not known, the hole that stands in ids too.
fn place(
    evaluator: &Evaluator<'_>,
    name: &str,
    field: &str,
    body: &mut Map<String, Json>,
    notes: &mut Notes,
) {
    let Some(Value::Text(text)) = pseudo(&evaluator.parameters, name) else {
        return;
    };
    if let Some(expression) = &text.unknown {
        notes.unknown(&format!("/{field}"), expression);
    }
    body.insert(field.to_owned(), Json::from(text.shown.as_ref()));
}

/// Properties, and tags apart from them.
fn contents(
    evaluator: &Evaluator<'_>,
    declared: &Declared,
    body: &mut Map<String, Json>,
    notes: &mut Notes,
) {
    let mut properties = Map::new();
    let node = exact(&declared.node, "Properties");
    let value = node.map(|node| serverless::properties(evaluator, declared, node));
    match value {
        Some(Value::Object(entries)) => {
            for entry in entries.iter() {
                if entry.key == "Tags" {
                    let tags = tags(&entry.item, notes);
                    body.insert("tags".to_owned(), tags);
                    continue;
                }
                let (key, json) = notes.member(entry, "/properties", true);
                properties.insert(key, json);
            }
        }
        Some(Value::Unknown(expression)) => notes.unknown("/properties", &expression),
        _ => {}
    }
    body.insert("properties".to_owned(), Json::Object(properties));
}

/// Tags are a list of keys and values with most types and an object with some.
fn tags(item: &Item, notes: &mut Notes) -> Json {
    notes.position("/tags", item.line, item.column);
    match &item.value {
        Value::List(items) => {
            let mut tags = Map::new();
            for item in items.iter() {
                let key = item
                    .value
                    .member("Key")
                    .or_else(|| item.value.member("key"));
                let value = item
                    .value
                    .member("Value")
                    .or_else(|| item.value.member("value"));
                let Some(key) = key.and_then(super::text::for_id) else {
                    notes.unknown("/tags", "a tag whose key is not known");
                    continue;
                };
                let pointer = format!("/tags/{}", escape_pointer(&key));
                notes.position(&pointer, item.line, item.column);
                let json = value.map_or(Json::Null, |value| notes.json(value, &pointer, false));
                tags.insert(key.to_string(), json);
            }
            Json::Object(tags)
        }
        Value::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|entry| notes.member(entry, "/tags", false))
                .collect(),
        ),
        value => {
            notes.json(value, "/tags", false);
            Json::Object(Map::new())
        }
    }
}

/// What is remembered about the values of one resource.
#[derive(Debug, Default)]
struct Notes {
    unknowns: Vec<Unknown>,
    positions: Vec<Position>,
}

impl Notes {
    fn unknown(&mut self, pointer: &str, expression: &str) {
        self.unknowns.push(Unknown {
            pointer: pointer.to_owned(),
            expression: expression.to_owned(),
        });
    }

    fn position(&mut self, pointer: &str, line: u32, column: u32) {
        if line > 0 {
            self.positions.push(Position {
                pointer: pointer.to_owned(),
                line,
                column,
            });
        }
    }

    fn member(&mut self, entry: &Entry, above: &str, switches: bool) -> (String, Json) {
        let pointer = format!("{above}/{}", escape_pointer(&entry.key));
        self.position(&pointer, entry.line, entry.column);
        let switches = switches && !keeps_texts(&entry.key);
        let json = self.json(&entry.item.value, &pointer, switches);
        (entry.key.clone(), json)
    }

    /// The value as JSON. `switches`: the texts `true` and `false` are truth values, as CloudFormation takes them.
    fn json(&mut self, value: &Value, pointer: &str, switches: bool) -> Json {
        match value {
            Value::List(items) => {
                let items = items.iter().enumerate().map(|(at, item)| {
                    let pointer = format!("{pointer}/{at}");
                    self.position(&pointer, item.line, item.column);
                    self.json(&item.value, &pointer, switches)
                });
                Json::Array(items.collect())
            }
            Value::Object(entries) => Json::Object(
                entries
                    .iter()
                    .map(|entry| self.member(entry, pointer, switches))
                    .collect(),
            ),
            Value::Text(Text {
                shown,
                unknown: Some(expression),
                ..
            }) => {
                self.unknown(pointer, expression);
                // A hole by itself says less than the expression.
                let hole = shown.starts_with("${") && shown.find('}') == Some(shown.len() - 1);
                Json::from(if hole {
                    expression.as_ref()
                } else {
                    shown.as_ref()
                })
            }
            Value::Text(text) if switches && text.shown.as_ref() == "true" => Json::Bool(true),
            Value::Text(text) if switches && text.shown.as_ref() == "false" => Json::Bool(false),
            Value::Text(text) => {
                // Looked up by CloudFormation when the stack is made.
                if text.shown.contains("{{resolve:") {
                    self.unknown(pointer, &text.shown);
                }
                Json::from(text.shown.as_ref())
            }
            Value::Unknown(expression) => {
                self.unknown(pointer, expression);
                Json::from(expression.as_ref())
            }
            Value::Secret(expression) => {
                self.unknown(pointer, expression);
                Json::from(NO_ECHO)
            }
            plain => to_json(plain),
        }
    }
}

/// Members whose texts are data of their own: policies, variables, tags.
fn keeps_texts(key: &str) -> bool {
    key.ends_with("Document")
        || key.ends_with("Policy")
        || key.ends_with("Parameters")
        || key.ends_with("Tags")
        || matches!(
            key,
            "Statement"
                | "Condition"
                | "Variables"
                | "Environment"
                | "EnvironmentVariables"
                | "Metadata"
                | "Labels"
                | "Content"
                | "Value"
        )
}

/// A value without anything unknown, as JSON.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Absent => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => number(text),
        Value::Text(text) => Json::from(text.shown.as_ref()),
        Value::List(items) => items.iter().map(|item| to_json(&item.value)).collect(),
        Value::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|entry| (entry.key.clone(), to_json(&entry.item.value)))
                .collect(),
        ),
        Value::Unknown(expression) => Json::from(expression.as_ref()),
        Value::Secret(_) => Json::from(NO_ECHO),
    }
}
