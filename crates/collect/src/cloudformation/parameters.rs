//! Parameters and pseudo parameters: what is given, what has a default, what must not be shown.

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::json::{Node, NodeValue};

use super::value::{Item, Value};

/// One parameter of a template.
#[derive(Debug, Clone)]
pub(super) struct Parameter {
    value: Given,
}

#[derive(Debug, Clone)]
enum Given {
    Known(Value),
    /// Without a default, or looked up when the stack is made.
    Unknown,
    /// The same for a list.
    UnknownList,
    /// `NoEcho`.
    Secret,
}

/// Values from outside: a parameter file, or the stack that a template is nested in.
pub(super) type Values = HashMap<String, Value>;

impl Parameter {
    /// A parameter as it is declared, with the value given for it.
    pub(super) fn declared(node: &Node, given: Option<&Value>) -> Self {
        let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
        let kind = text("Type");
        let no_echo = node.get("NoEcho").is_some_and(|value| {
            value.boolean() == Some(true)
                || value
                    .text()
                    .is_some_and(|text| text.eq_ignore_ascii_case("true"))
        });
        if no_echo {
            return Self {
                value: Given::Secret,
            };
        }
        // The default of such a parameter is the name of an entry in the parameter store.
        if kind.starts_with("AWS::SSM::Parameter::") {
            return Self {
                value: Given::Unknown,
            };
        }
        let default = || node.get("Default").map(Value::scalar);
        let value = match given.cloned().or_else(default) {
            Some(value) => Given::Known(typed(value, kind)),
            None if is_list(kind) => Given::UnknownList,
            None => Given::Unknown,
        };
        Self { value }
    }

    /// One that stands in a parameter file without being declared: a pseudo parameter.
    pub(super) fn given(value: Value) -> Self {
        Self {
            value: Given::Known(value),
        }
    }

    pub(super) fn value(&self, name: &str) -> Value {
        match &self.value {
            Given::Known(value) => value.clone(),
            Given::Unknown => Value::partial(hole(name), &format!("!Ref {name}")),
            Given::UnknownList => Value::unknown(format!("!Ref {name}")),
            Given::Secret => Value::Secret(format!("!Ref {name}").into()),
        }
    }
}

fn is_list(kind: &str) -> bool {
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}

/// A value as the declared type takes it.
fn typed(value: Value, kind: &str) -> Value {
    let Some(text) = value.known_text() else {
        return value;
    };
    if is_list(kind) {
        let items = text.split(',').map(|part| Item {
            value: Value::text(part.trim()),
            line: 0,
            column: 0,
        });
        return Value::list(items.collect());
    }
    if kind == "Number" && crate::json::is_number(&text) {
        return Value::Number(text);
    }
    match value {
        Value::Text(_) => value,
        _ => Value::text(&text),
    }
}

/// What a pseudo parameter gives; `None` where the name is none.
///
/// Region and account are known only where a parameter file says so; the partition is the public one unless
/// the region says otherwise.
pub(super) fn pseudo(parameters: &IndexMap<String, Parameter>, name: &str) -> Option<Value> {
    let given = parameters.get(name).map(|given| given.value(name));
    let region = || {
        parameters
            .get("AWS::Region")
            .and_then(|region| region.value("AWS::Region").known_text())
            .unwrap_or_default()
    };
    Some(match name {
        "AWS::NoValue" => Value::Absent,
        "AWS::Partition" => given.unwrap_or_else(|| Value::text(partition(&region()))),
        "AWS::URLSuffix" => given.unwrap_or_else(|| Value::text(url_suffix(&region()))),
        "AWS::Region" | "AWS::AccountId" | "AWS::StackName" | "AWS::StackId" => {
            given.unwrap_or_else(|| Value::partial(hole(name), &format!("!Ref {name}")))
        }
        "AWS::NotificationARNs" => given.unwrap_or_else(|| Value::unknown(format!("!Ref {name}"))),
        _ => return None,
    })
}

fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn url_suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

/// The values of a parameter file: the list that the AWS CLI takes, an object under `Parameters` as pipelines
/// write it, or a plain object.
pub(super) fn from_file(root: &Node) -> Values {
    let mut values = Values::new();
    if let Some(items) = root.items() {
        for item in items {
            let key = item.get("ParameterKey").and_then(Node::text);
            if let (Some(key), Some(value)) = (key, item.get("ParameterValue")) {
                values.insert(key.to_owned(), Value::scalar(value));
            }
        }
        return values;
    }
    let object = exact(root, "Parameters").unwrap_or(root);
    for member in object.members().unwrap_or_default() {
        let value = match &member.value.value {
            // A list that some tools write for a list parameter.
            NodeValue::Array(items) => Value::list(
                items
                    .iter()
                    .map(|item| Item::at(item, Value::scalar(item)))
                    .collect(),
            ),
            NodeValue::Object(_) | NodeValue::Null => continue,
            _ => Value::scalar(&member.value),
        };
        values.insert(member.key.clone(), value);
    }
    values
}

/// The value under a key; the case counts.
pub(super) fn exact<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let members = node.members()?;
    let member = members.iter().find(|member| member.key == key)?;
    Some(&member.value)
}

/// Text that holds a name in `${…}`.
pub(super) fn hole(name: &str) -> String {
    format!("${{{name}}}")
}
