//! Policies of AWS itself that an inventory rarely holds.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

const TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/aws-managed-policies.yaml"
));

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    name: String,
    /// `service-role/`, `job-function/`.
    #[serde(default)]
    path: String,
    statements: Vec<Said>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    not_actions: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    passed_to: Vec<String>,
}

static TABLE: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    // A test reads the same text, so a fault cannot pass unseen.
    let entries: Vec<Entry> = serde_yaml_ng::from_str(TEXT).unwrap_or_default();
    let named = entries.iter().map(|entry| {
        let statements: Vec<Value> = entry.statements.iter().map(statement).collect();
        let name = format!("{}{}", entry.path, entry.name);
        (name.to_lowercase(), json!({"Statement": statements}))
    });
    named.collect()
});

fn statement(said: &Said) -> Value {
    let mut made = json!({"Effect": "Allow"});
    if said.not_actions.is_empty() {
        made["Action"] = json!(said.actions);
    } else {
        made["NotAction"] = json!(said.not_actions);
    }
    made["Resource"] = if said.resources.is_empty() {
        json!("*")
    } else {
        json!(said.resources)
    };
    if !said.passed_to.is_empty() {
        made["Condition"] = json!({"StringEquals": {"iam:PassedToService": said.passed_to}});
    }
    made
}

/// The document of a policy of AWS, by its ARN.
pub(super) fn document(arn: &str) -> Option<&'static Value> {
    let (_, name) = arn.split_once(":iam::aws:policy/")?;
    TABLE.get(&name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(TABLE.len() > 35);
        assert!(document("arn:aws:iam::aws:policy/AdministratorAccess").is_some());
        assert!(
            document("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").is_some()
        );
        assert!(document("arn:aws:iam::111122223333:policy/AdministratorAccess").is_none());
    }
}
