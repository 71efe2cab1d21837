//! `data "aws_iam_policy_document"`: a policy written as blocks, which needs no cloud to be known.
//!
//! Source: registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document.

use std::rc::Rc;

use indexmap::IndexMap;

use super::instance::Instance;
use super::value::Value;

/// The policy as `json` gives it: what is unknown stays unknown within.
pub(super) fn json(instance: &Instance) -> Value {
    let expression = format!("{}.json", instance.address);
    let composed = [
        "source_policy_documents",
        "override_policy_documents",
        "source_json",
        "override_json",
    ];
    let Value::Map(map) = &instance.attributes else {
        return Value::unknown(&expression);
    };
    if composed.iter().any(|name| map.members.contains_key(*name)) {
        return Value::unknown(&expression);
    }
    let statements = match map.members.get("statement") {
        Some(Value::List(list)) => &list.items[..],
        Some(_) => return Value::unknown(&expression),
        None => &[],
    };
    let made = statements.iter().map(statement).collect::<Option<Vec<_>>>();
    let policy = made.and_then(|statements| {
        let version = map.members.get("version").cloned();
        object([
            (
                "Version",
                version.or_else(|| Value::text("2012-10-17").ok()),
            ),
            ("Statement", Value::list(statements).ok()),
        ])
    });
    match policy {
        Some(policy) if policy.is_known() => {
            let text = policy.to_json("", &mut Vec::new()).to_string();
            Value::text(text).unwrap_or_else(|_| Value::unknown(&expression))
        }
        Some(policy) => Value::unknown_json(&expression, policy),
        None => Value::unknown(&expression),
    }
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let present = members
        .into_iter()
        .filter_map(|(key, value)| Some((Rc::from(key), value?)));
    Value::map(present.collect()).ok()
}

fn statement(value: &Value) -> Option<Value> {
    let Value::Map(map) = value else {
        return None;
    };
    let get = |name: &str| {
        map.members
            .get(name)
            .filter(|value| !matches!(value, Value::Null))
    };
    object([
        ("Sid", get("sid").cloned()),
        (
            "Effect",
            get("effect").cloned().or_else(|| Value::text("Allow").ok()),
        ),
        ("Action", get("actions").map(single)),
        ("NotAction", get("not_actions").map(single)),
        ("Resource", get("resources").map(single)),
        ("NotResource", get("not_resources").map(single)),
        ("Principal", get("principals").and_then(principals)),
        ("NotPrincipal", get("not_principals").and_then(principals)),
        ("Condition", get("condition").and_then(conditions)),
    ])
}

/// A list of one stands as its element.
fn single(value: &Value) -> Value {
    match value {
        Value::List(list) if list.items.len() == 1 => {
            list.items.first().cloned().unwrap_or(Value::Null)
        }
        value => value.clone(),
    }
}

/// `{type, identifiers}` to `{"AWS": […]}`; everybody is `*`.
fn principals(value: &Value) -> Option<Value> {
    let Value::List(list) = value else {
        return Some(value.clone());
    };
    let mut members: IndexMap<Rc<str>, Value> = IndexMap::new();
    for item in &list.items {
        let Value::Map(map) = item else {
            return Some(item.clone());
        };
        let kind: Rc<str> = map.members.get("type")?.as_text()?.into();
        let who = single(map.members.get("identifiers")?);
        if &*kind == "*" && who.as_text() == Some("*") {
            return Some(who);
        }
        members.insert(kind, who);
    }
    Value::map(members).ok()
}

/// `{test, variable, values}` to `{TEST: {VARIABLE: VALUES}}`.
fn conditions(value: &Value) -> Option<Value> {
    let Value::List(list) = value else {
        return Some(value.clone());
    };
    let mut tests: IndexMap<Rc<str>, IndexMap<Rc<str>, Value>> = IndexMap::new();
    for item in &list.items {
        let Value::Map(map) = item else {
            return Some(item.clone());
        };
        let text = |name: &str| map.members.get(name).and_then(Value::as_text).map(Rc::from);
        let values = single(map.members.get("values")?);
        tests
            .entry(text("test")?)
            .or_default()
            .insert(text("variable")?, values);
    }
    let tests = tests
        .into_iter()
        .map(|(test, variables)| Some((test, Value::map(variables).ok()?)));
    Value::map(tests.collect::<Option<_>>()?).ok()
}
