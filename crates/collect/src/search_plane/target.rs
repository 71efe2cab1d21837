//! Where a data source reads from and how it signs in, kept although its connection string is a secret.

use serde_json::{Map, Value, json};

use crate::made::object;

/// Parts of a connection string that name a target, in lower case, and what they are called here.
const TARGETS: &[(&str, &str)] = &[
    ("resourceid", "resourceId"),
    ("accountname", "accountName"),
    ("accountendpoint", "accountEndpoint"),
    ("blobendpoint", "blobEndpoint"),
    ("database", "database"),
    ("initial catalog", "database"),
    ("server", "server"),
    ("data source", "server"),
    ("sharepointonlineendpoint", "sharePointEndpoint"),
    ("applicationid", "applicationId"),
    ("tenantid", "tenantId"),
    ("containername", "containerName"),
];
/// Parts that are secrets.
const SECRETS: &[&str] = &[
    "accountkey",
    "sharedaccesssignature",
    "password",
    "pwd",
    "applicationsecret",
    "apikey",
];

/// Writes `target` (what the connection string names) and `authentication` (`identity`, `key`, `unknown`).
pub(super) fn describe(properties: &mut Map<String, Value>) {
    let stated = object(properties, "credentials")
        .and_then(|credentials| credentials.get("connectionString"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut target = Map::new();
    let mut secret = false;
    for part in stated.split(';') {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let name = name.trim().to_lowercase();
        secret |= SECRETS.contains(&name.as_str());
        if let Some((_, known)) = TARGETS.iter().find(|(part, _)| *part == name) {
            target.insert((*known).to_owned(), json!(value.trim()));
        }
    }
    let identity = properties.get("identity").is_some_and(Value::is_object);
    let authentication = match () {
        () if secret => "key",
        () if identity || target.contains_key("resourceId") => "identity",
        () => "unknown",
    };
    properties.insert("authentication".to_owned(), authentication.into());
    properties.insert("target".to_owned(), Value::Object(target));
}
