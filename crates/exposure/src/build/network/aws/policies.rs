//! Statements of resource policies that let everybody in.

use serde_json::Value;

use super::super::addresses;
use super::super::ranges::Ranges;
use crate::graph::Confidence;

/// Condition keys by which a statement names somebody after all.
const NAMING: [&str; 14] = [
    "aws:calledvia",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
];

/// A policy as an object, out of an object or its text.
pub(super) fn document(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => None,
        other => Some(other.clone()),
    }
}

/// Numbers of the statements that let everybody in, and how sure that is.
pub(super) fn public_statements(policy: &Value) -> Vec<(usize, Confidence)> {
    let statements: Vec<&Value> = match &policy["Statement"] {
        Value::Array(all) => all.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let public = statements
        .into_iter()
        .enumerate()
        .filter_map(|(at, one)| Some((at, is_public(one)?)));
    public.collect()
}

fn is_public(statement: &Value) -> Option<Confidence> {
    if statement["Effect"] != "Allow" || !names_everybody(&statement["Principal"]) {
        return None;
    }
    let Some(conditions) = statement["Condition"].as_object() else {
        return Some(Confidence::High);
    };
    let keys = conditions
        .values()
        .filter_map(Value::as_object)
        .flatten()
        .collect::<Vec<_>>();
    for (key, values) in &keys {
        let key = key.to_lowercase();
        if NAMING.iter().any(|one| one.eq_ignore_ascii_case(&key)) {
            return None;
        }
        if key == "aws:sourceip" && !is_broad(values) {
            return None;
        }
    }
    if keys.is_empty() {
        return Some(Confidence::High);
    }
    Some(Confidence::Medium)
}

fn names_everybody(principal: &Value) -> bool {
    let is_star = |value: &Value| match value {
        Value::String(text) => text == "*",
        Value::Array(all) => all.iter().any(|one| one == "*"),
        _ => false,
    };
    is_star(principal) || is_star(&principal["AWS"])
}

fn is_broad(values: &Value) -> bool {
    let texts: Vec<&str> = match values {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let sets = texts.into_iter().filter_map(addresses::parse);
    addresses::is_broad(&sets.fold(Ranges::default(), |sum, one| sum.or(&one)))
}
