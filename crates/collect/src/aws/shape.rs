//! What a service answers, in the names that CloudFormation has for it.
//!
//! Names get a capital letter; what is called otherwise is listed in `content/mappings/aws/answers.json`; the few
//! things that are built otherwise are in `rebuild`.

use serde_json::{Map, Value};

use super::answers::table::{self, TypeRules};
use super::draft;
use super::policy_text::decode_documents;
use super::rebuild;

/// Members that hold tags.
const TAGS: &[&str] = &["Tags", "TagList", "TagSet"];
/// Objects whose keys are data wherever they stand.
const OPAQUE: &[&str] = &[
    "Tags",
    "Variables",
    "EnvironmentVariables",
    "HyperParameters",
];

/// Properties and tags of a resource, from an answer or a configuration.
pub(crate) fn shape(
    resource_type: &str,
    body: Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let rules = table::rules(resource_type);
    let mut properties = capitalised(body, rules);
    let mut tags = Map::new();
    for key in TAGS {
        if let Some(value) = properties.shift_remove(*key) {
            tags.extend(draft::tags(&value));
        }
    }
    for dropped in table::rules("*").map_or(&[][..], |common| &common.drop) {
        properties.shift_remove(dropped);
    }
    if let Some(rules) = rules {
        apply(rules, &mut properties);
    }
    decode_documents(&mut properties);
    rebuild::rebuild(resource_type, &mut properties);
    // What is not set is written as null by some services and left out by others.
    properties.retain(|_, value| !value.is_null());
    (properties, tags)
}

fn capitalised(body: Map<String, Value>, rules: Option<&TypeRules>) -> Map<String, Value> {
    body.into_iter()
        .map(|(key, value)| {
            let key = capital(&key);
            let kept = OPAQUE.contains(&key.as_str())
                || rules.is_some_and(|rules| rules.opaque.contains(&key));
            let value = if kept || key.ends_with("Document") {
                plain(value)
            } else {
                nested(value, rules)
            };
            (key, value)
        })
        .collect()
}

fn nested(value: Value, rules: Option<&TypeRules>) -> Value {
    match value {
        Value::Object(members) => match instant(&members) {
            Some(text) => Value::String(text),
            None => Value::Object(capitalised(members, rules)),
        },
        Value::Array(items) => items.into_iter().map(|item| nested(item, rules)).collect(),
        plain => plain,
    }
}

/// Instants are still made readable where names are left alone.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => match instant(&members) {
            Some(text) => Value::String(text),
            None => Value::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, plain(value)))
                    .collect(),
            ),
        },
        value => value,
    }
}

/// `agentName` to `AgentName`.
pub(crate) fn capital(key: &str) -> String {
    let mut letters = key.chars();
    match letters.next() {
        Some(first) if first.is_ascii_lowercase() => {
            let mut made = String::with_capacity(key.len());
            made.push(first.to_ascii_uppercase());
            made.push_str(letters.as_str());
            made
        }
        _ => key.to_owned(),
    }
}

/// A recorded instant, `{"__class__": "datetime", "year": …}`, as RFC 3339.
fn instant(members: &Map<String, Value>) -> Option<String> {
    members
        .get("__class__")?
        .as_str()
        .filter(|class| *class == "datetime")?;
    let part = |key: &str| members.get(key).and_then(Value::as_u64).unwrap_or(0);
    let seconds = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        part("year"),
        part("month"),
        part("day"),
        part("hour"),
        part("minute"),
        part("second")
    );
    Some(match part("microsecond") {
        0 => format!("{seconds}Z"),
        micros => format!("{seconds}.{micros:06}Z"),
    })
}

fn apply(rules: &TypeRules, properties: &mut Map<String, Value>) {
    for dropped in &rules.drop {
        properties.shift_remove(dropped);
    }
    for (path, name) in &rules.rename {
        rename(properties, path, name);
    }
    for (key, inner) in &rules.flatten {
        if let Some(value) = properties.get_mut(key)
            && let Some(inner) = value.get(inner).cloned()
        {
            *value = inner;
        }
    }
    for (key, inner) in &rules.list {
        if let Some(Value::Array(items)) = properties.get_mut(key) {
            for item in items {
                if let Some(inner) = item.get(inner).cloned() {
                    *item = inner;
                }
            }
        }
    }
    for key in &rules.text {
        if let Some(value) = properties.get_mut(key)
            && (value.is_object() || value.is_array())
        {
            *value = Value::String(value.to_string());
        }
    }
}

/// Gives a member another name; `path` leads to it with dots.
fn rename(properties: &mut Map<String, Value>, path: &str, name: &str) {
    let (above, key) = path.rsplit_once('.').unwrap_or(("", path));
    let mut place = properties;
    for step in above.split('.').filter(|step| !step.is_empty()) {
        let Some(Value::Object(inner)) = place.get_mut(step) else {
            return;
        };
        place = inner;
    }
    if place.contains_key(name) {
        return;
    }
    if let Some(value) = place.shift_remove(key) {
        place.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_get_the_names_of_cloudformation() {
        let Value::Object(answer) = json!({
            "guardrailArn": "arn:aws:bedrock:eu-west-1:123456789012:guardrail/g",
            "contentPolicy": {"filters": [{"type": "HATE", "inputStrength": "LOW"}], "tier": {"tierName": "CLASSIC"}},
            "createdAt": {"__class__": "datetime", "year": 2026, "month": 3, "day": 2, "hour": 9, "minute": 28,
                          "second": 8, "microsecond": 0},
            "tags": [{"key": "team", "value": "a"}],
            "ResponseMetadata": {}
        }) else {
            return;
        };
        let (properties, tags) = shape("aws::bedrock::guardrail", answer);
        assert_eq!(
            Value::Object(properties),
            json!({
                "GuardrailArn": "arn:aws:bedrock:eu-west-1:123456789012:guardrail/g",
                "CreatedAt": "2026-03-02T09:28:08Z",
                "ContentPolicyConfig": {
                    "FiltersConfig": [{"Type": "HATE", "InputStrength": "LOW"}],
                    "ContentFiltersTierConfig": {"TierName": "CLASSIC"}
                }
            })
        );
        assert_eq!(Value::Object(tags), json!({"team": "a"}));
    }
}
