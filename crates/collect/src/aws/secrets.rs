//! Values of environment variables, which AWS has no way to mark as secret.
//!
//! A variable may hold anything, so a value stays only where its own shape or its name says that it is a
//! setting; what `stance_base::redact` knows is taken out afterwards all the same.

use serde_json::{Map, Value};

/// What a value leaves.
const REDACTED: &str = "***redacted:environment-variable***";

/// Ends of names that say what a setting refers to.
const SETTINGS: &[&str] = &[
    "account",
    "arn",
    "bucket",
    "count",
    "dimension",
    "domain",
    "endpoint",
    "enabled",
    "env",
    "environment",
    "function",
    "host",
    "hostname",
    "id",
    "index",
    "language",
    "level",
    "limit",
    "locale",
    "mode",
    "model",
    "name",
    "namespace",
    "path",
    "port",
    "prefix",
    "project",
    "protocol",
    "provider",
    "queue",
    "region",
    "role",
    "size",
    "stage",
    "table",
    "timeout",
    "timezone",
    "topic",
    "type",
    "uri",
    "url",
    "version",
    "zone",
];

/// Redacts variables anywhere in a resource's properties. Returns how many were changed.
pub(crate) fn redact_variables(value: &mut Value) -> usize {
    match value {
        Value::Array(items) => items.iter_mut().map(redact_variables).sum(),
        Value::Object(members) => members
            .iter_mut()
            .map(|(key, value)| match (key.as_str(), value) {
                // Lambda, ECS, SageMaker, AgentCore in this order.
                ("Variables" | "EnvironmentVariables", Value::Object(variables)) => map(variables),
                ("Environment" | "EnvironmentVariables", Value::Array(list)) => {
                    list.iter_mut().map(named).sum()
                }
                ("Environment", Value::Object(variables))
                    if !variables.is_empty()
                        && variables.values().all(|value| !value.is_object()) =>
                {
                    map(variables)
                }
                (_, value) => redact_variables(value),
            })
            .sum(),
        _ => 0,
    }
}

fn map(variables: &mut Map<String, Value>) -> usize {
    variables
        .iter_mut()
        .map(|(name, value)| one(name, value))
        .sum()
}

/// `{"Name": …, "Value": …}`.
fn named(variable: &mut Value) -> usize {
    let Value::Object(members) = variable else {
        return 0;
    };
    let name = members
        .get("Name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    members
        .get_mut("Value")
        .map_or(0, |value| one(&name, value))
}

fn one(name: &str, value: &mut Value) -> usize {
    let Value::String(text) = value else {
        return 0;
    };
    if stays(name, text) {
        return 0;
    }
    REDACTED.clone_into(text);
    1
}

fn stays(name: &str, text: &str) -> bool {
    let words = [
        "", "true", "false", "enabled", "disabled", "none", "info", "debug", "error",
    ];
    let plain = words.contains(&text.to_ascii_lowercase().as_str())
        || text.parse::<f64>().is_ok_and(|_| text.len() < 12)
        || text.starts_with("***redacted")
        || text.starts_with("!Ref ")
        || text.starts_with("!GetAtt ")
        || text.starts_with("${")
        || text.starts_with("{{resolve:")
        || text.starts_with("arn:");
    if plain {
        return true;
    }
    let last = name
        .rsplit(['_', '-', '.'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let address_of_user = text.contains("://") && text.contains(['@', '?']);
    let setting = SETTINGS
        .iter()
        .any(|word| last == *word || (last.len() > word.len() + 1 && ends_like(name, word)));
    setting && !address_of_user && text.len() < 256
}

/// `modelName` and `ModelName` end in the word `name`.
fn ends_like(name: &str, word: &str) -> bool {
    let Some(at) = name.len().checked_sub(word.len()) else {
        return false;
    };
    name.get(at..).is_some_and(|end| {
        end.starts_with(|first: char| first.is_ascii_uppercase()) && end.eq_ignore_ascii_case(word)
    }) && name[..at].ends_with(|last: char| last.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_stay_and_everything_else_goes() {
        let mut properties = json!({
            "Environment": {"Variables": {
                "LOG_LEVEL": "chatty", "MODEL_ID": "anthropic.claude-v2", "tableName": "orders",
                "DB_PASS": "hunter2!", "WEBHOOK": "https://hooks.example/T0/B0/x",
                "DB_URL": "postgres://u:p@host/db", "FLAG": "true", "ROLE": "arn:aws:iam::1:role/r"
            }},
            "ContainerDefinitions": [{"Environment": [{"Name": "TOKEN_SALT", "Value": "abc"}]}],
            "Containers": [{"Environment": {"SALT": "xyz", "REGION": "eu-west-1"}}]
        });
        assert_eq!(redact_variables(&mut properties), 5);
        let variables = &properties["Environment"]["Variables"];
        for kept in ["LOG_LEVEL", "MODEL_ID", "tableName", "FLAG", "ROLE"] {
            assert_ne!(variables[kept], REDACTED, "{kept}");
        }
        for gone in ["DB_PASS", "WEBHOOK", "DB_URL"] {
            assert_eq!(variables[gone], REDACTED, "{gone}");
        }
        assert_eq!(
            properties["Containers"][0]["Environment"]["REGION"],
            "eu-west-1"
        );
    }
}
