//! Declared types of parameters: what fits, and what must stay hidden.

use indexmap::IndexMap;

use super::fault::Fault;
use super::functions::equal;
use super::value::{Secret, Value};
use crate::json::{Node, NodeValue};

/// How many `$ref` are followed one after the other.
const LONGEST_CHAIN: usize = 32;

/// A parameter's or type's declaration, and the definitions it may point to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declaration<'a> {
    pub(super) node: &'a Node,
    pub(super) definitions: Option<&'a Node>,
}

impl<'a> Declaration<'a> {
    /// Follows `$ref` to the declaration that says something; a circle ends at the last link.
    fn resolved(self) -> Self {
        let mut at = self;
        for _ in 0..LONGEST_CHAIN {
            let Some(target) = at.node.get("$ref").and_then(Node::text) else {
                return at;
            };
            let name = target.strip_prefix("#/definitions/").unwrap_or(target);
            let Some(found) = at.definitions.and_then(|definitions| definitions.get(name)) else {
                return at;
            };
            at.node = found;
        }
        at
    }

    fn with(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// The declared type's name.
    pub(super) fn type_name(self) -> Option<&'a str> {
        self.resolved().node.get("type")?.text()
    }

    fn is_secure(self) -> bool {
        self.type_name().is_some_and(|name| {
            name.eq_ignore_ascii_case("securestring") || name.eq_ignore_ascii_case("secureobject")
        })
    }

    /// Whether null is a value of its own.
    pub(super) fn is_nullable(self) -> bool {
        let says = |node: &Node| node.get("nullable").and_then(Node::boolean) == Some(true);
        says(self.node) || says(self.resolved().node)
    }

    /// The only value that is allowed, where there is just one.
    pub(super) fn only_allowed(self) -> Option<&'a Node> {
        match self.resolved().node.get("allowedValues")?.items()? {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What is wrong with a value that was given. Never shows the value, which may be secret.
    pub(super) fn mismatch(self, name: &str, value: &Value) -> Option<Fault> {
        let expected = self.type_name().filter(|expected| !fits(expected, value));
        if let Some(expected) = expected {
            return Some(Fault::new(
                "ARM0008",
                format!(
                    "the value of the parameter `{name}` is of type {}, not {expected}",
                    value.type_name()
                ),
                "Give a value of the declared type.",
            ));
        }
        if self.is_secure() {
            return None;
        }
        let allowed = self.resolved().node.get("allowedValues")?.items()?;
        let is_allowed = |node: &Node| match (Value::from_node(node), value) {
            (Ok(Value::Text(allowed)), Value::Text(given)) => allowed.eq_ignore_ascii_case(given),
            // An array parameter may hold any of the allowed values.
            (Ok(one), Value::List(list)) => {
                list.items
                    .iter()
                    .all(|item| equal(&one, item) != Some(false))
                    || equal(&one, value) != Some(false)
            }
            (Ok(one), _) => equal(&one, value) != Some(false),
            _ => true,
        };
        let within = match value {
            Value::List(list) => list.items.iter().all(|item| {
                allowed.iter().any(|node| {
                    Value::from_node(node).map_or(true, |one| equal(&one, item) != Some(false))
                })
            }),
            _ => false,
        };
        if within || allowed.iter().any(is_allowed) {
            return None;
        }
        Some(Fault::new(
            "ARM0008",
            format!("the value of the parameter `{name}` is not among its allowed values"),
            "Give one of the values listed under `allowedValues`.",
        ))
    }
}

fn fits(expected: &str, value: &Value) -> bool {
    match expected.to_ascii_lowercase().as_str() {
        "string" | "securestring" => matches!(
            value,
            Value::Text(_) | Value::Secret(_) | Value::Unknown(_) | Value::Null
        ),
        "int" => matches!(
            value,
            Value::Int(_) | Value::Number(_) | Value::Unknown(_) | Value::Null | Value::Secret(_)
        ),
        "bool" => matches!(
            value,
            Value::Bool(_) | Value::Unknown(_) | Value::Null | Value::Secret(_)
        ),
        "array" => matches!(
            value,
            Value::List(_) | Value::Unknown(_) | Value::Null | Value::Secret(_)
        ),
        "object" | "secureobject" => {
            matches!(
                value,
                Value::Object(_) | Value::Unknown(_) | Value::Null | Value::Secret(_)
            )
        }
        _ => true,
    }
}

/// The value with everything of a secure type taken out, nested members of user-defined types included.
pub(super) fn without_secrets(declared: &Declaration<'_>, value: Value) -> Value {
    if declared.is_secure() {
        return secret(&value);
    }
    let declared = declared.resolved();
    match &value {
        Value::Object(object) => {
            let types = variants(declared, &value);
            let others = declared
                .node
                .get("additionalProperties")
                .filter(|node| node.members().is_some());
            let members: IndexMap<_, _> = object
                .members
                .iter()
                .map(|(key, member)| {
                    let mut kept = member.clone();
                    let named = types
                        .iter()
                        .filter_map(|one| one.node.get("properties")?.get(key));
                    for node in named.chain(others) {
                        kept = without_secrets(&declared.with(node), kept);
                    }
                    (key.clone(), kept)
                })
                .collect();
            Value::object(members).unwrap_or(Value::Secret(Secret { given: true }))
        }
        Value::List(list) => {
            let prefix = declared
                .node
                .get("prefixItems")
                .and_then(Node::items)
                .unwrap_or_default();
            let others = declared
                .node
                .get("items")
                .filter(|node| matches!(node.value, NodeValue::Object(_)));
            if prefix.is_empty() && others.is_none() {
                return value;
            }
            let items = list
                .items
                .iter()
                .enumerate()
                .map(|(index, item)| match prefix.get(index).or(others) {
                    Some(node) => without_secrets(&declared.with(node), item.clone()),
                    None => item.clone(),
                })
                .collect();
            Value::list(items).unwrap_or(Value::Secret(Secret { given: true }))
        }
        _ => value,
    }
}

/// The types a value may be of: itself, or the members of a discriminated union; where the
/// discriminator does not tell, all of them, so that no secret slips through.
fn variants<'a>(declared: Declaration<'a>, value: &Value) -> Vec<Declaration<'a>> {
    let Some(discriminator) = declared.node.get("discriminator") else {
        return vec![declared];
    };
    let mapping = discriminator.get("mapping");
    let told = match value {
        Value::Object(object) => discriminator
            .get("propertyName")
            .and_then(Node::text)
            .and_then(|key| object.get(key)?.as_text())
            .and_then(|name| mapping?.get(name)),
        _ => None,
    };
    let members = mapping.and_then(Node::members).unwrap_or_default();
    match told {
        Some(node) => vec![declared.with(node).resolved()],
        None => members
            .iter()
            .map(|member| declared.with(&member.value).resolved())
            .collect(),
    }
}

/// A secure value: hidden, but whether something was given stays known.
fn secret(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) if text.is_empty() => Value::Text(text.clone()),
        Value::Unknown(_) => Value::Secret(Secret { given: false }),
        Value::Secret(secret) => Value::Secret(*secret),
        _ => Value::Secret(Secret { given: true }),
    }
}
