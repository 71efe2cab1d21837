//! Secrets removed from everything read, before it is stored or printed.
//!
//! Two ways in: the name of a member says that its value is a secret ([`key_names`]), or the text
//! looks like one ([`patterns`]). What is taken out leaves `***redacted:kind***`. Ids, GUIDs, Key
//! Vault references and template expressions stay: they are no secrets, and checks need them.

mod key_names;
mod patterns;

use std::borrow::Cow;

use serde_json::{Map, Value};

use key_names::{Kind, kind_of};

/// No service issues shorter keys.
const SHORTEST_KEY: usize = 16;

/// How every replacement begins.
const MARK: &str = "***redacted";

/// Redacts every secret in `value`. Returns how many texts were changed.
///
/// Doing it twice changes nothing more.
pub fn redact(value: &mut Value) -> usize {
    visit(value, Within::Plain)
}

/// Redacts secrets that stand in running text. Member names play no part here.
pub fn redact_text(text: &str) -> Cow<'_, str> {
    patterns::apply(text)
}

/// What the members above say about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Plain,
    /// Below a member that holds nothing but secrets, `protectedSettings`.
    Secrets(&'static str),
    /// Below `credentials`: secrets beside ids and user names.
    Credentials,
}

fn visit(value: &mut Value, within: Within) -> usize {
    match value {
        Value::String(text) => match within {
            Within::Secrets(kind) => replace_whole(text, kind),
            Within::Plain | Within::Credentials => replace_parts(text),
        },
        Value::Array(items) => items.iter_mut().map(|item| visit(item, within)).sum(),
        Value::Object(members) => object(members, within),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn object(members: &mut Map<String, Value>, within: Within) -> usize {
    let named = named_secret(members);
    let mut changed = typed_secret(members);
    for (key, value) in members.iter_mut() {
        changed += match (named, key.as_str(), value) {
            (Some(Kind::Secret(kind)), "value" | "Value", value) => secret(value, kind),
            (Some(Kind::Key), "value" | "Value", Value::String(text)) if looks_random(text) => {
                replace_whole(text, "key")
            }
            (_, _, value) => member(key, value, within),
        };
    }
    changed
}

/// Types whose `properties.value` is a secret, or may be one.
const SECRET_TYPES: &[&str] = &[
    "microsoft.keyvault/vaults/secrets",
    "microsoft.apimanagement/service/namedvalues",
    "microsoft.automation/automationaccounts/variables",
];

/// A resource that is a secret itself.
fn typed_secret(members: &mut Map<String, Value>) -> usize {
    let known = members
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|spelt| {
            SECRET_TYPES
                .iter()
                .any(|known| spelt.eq_ignore_ascii_case(known))
        });
    if !known {
        return 0;
    }
    match members
        .get_mut("properties")
        .and_then(|properties| properties.get_mut("value"))
    {
        Some(Value::String(text)) => replace_whole(text, "secret"),
        _ => 0,
    }
}

/// `{"name": "API_KEY", "value": "…"}`: app settings, environment variables, headers.
fn named_secret(members: &Map<String, Value>) -> Option<Kind> {
    if !members.contains_key("value") && !members.contains_key("Value") {
        return None;
    }
    ["name", "Name", "key", "keyName", "secretName", "headerName"]
        .into_iter()
        .filter_map(|key| members.get(key).and_then(Value::as_str))
        .map(kind_of)
        .find(|kind| matches!(kind, Kind::Secret(_) | Kind::Key))
}

fn member(key: &str, value: &mut Value, within: Within) -> usize {
    match kind_of(key) {
        Kind::Secret(kind) => secret(value, kind),
        Kind::Credentials => visit(value, Within::Credentials),
        // Custom keys of a connection may have any name.
        Kind::SecretList if within == Within::Credentials => {
            visit(value, Within::Secrets("custom-key"))
        }
        Kind::SecretList => secret_list(value),
        Kind::Key => match value {
            Value::String(text) if within == Within::Credentials => replace_whole(text, "api-key"),
            Value::String(text) if looks_random(text) => replace_whole(text, "key"),
            _ => visit(value, within),
        },
        Kind::Plain => match value {
            Value::String(text) if matches!(within, Within::Secrets(_)) && !is_label(key) => {
                visit_text(text, within)
            }
            Value::String(text) => replace_parts(text),
            _ => visit(value, within),
        },
    }
}

fn visit_text(text: &mut String, within: Within) -> usize {
    match within {
        Within::Secrets(kind) => replace_whole(text, kind),
        Within::Plain | Within::Credentials => replace_parts(text),
    }
}

/// The value of a member whose name says secret.
fn secret(value: &mut Value, kind: &'static str) -> usize {
    let nothing_but_secrets = matches!(kind, "protected-settings" | "secure-object");
    match value {
        Value::String(text) => replace_whole(text, kind),
        Value::Array(_) | Value::Object(_) if nothing_but_secrets => {
            visit(value, Within::Secrets(kind))
        }
        Value::Array(items) => items.iter_mut().map(|item| secret(item, kind)).sum(),
        // A parameter or setting of that name: `{"type": "String", "value": "…"}`.
        Value::Object(members) => members
            .iter_mut()
            .map(|(key, value)| match key.as_str() {
                "value" | "defaultValue" => secret(value, kind),
                _ => member(key, value, Within::Plain),
            })
            .sum(),
        // A numeric password or PIN.
        Value::Number(_) if matches!(kind, "password") => {
            *value = Value::String(format!("{MARK}:{kind}***"));
            1
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// `"secrets": [{"name", "value", "keyVaultUrl"}]` and `"keys": [{"keyName", "value"}]`: only `value` is one.
fn secret_list(value: &mut Value) -> usize {
    let Value::Array(items) = value else {
        return visit(value, Within::Plain);
    };
    let mut changed = 0;
    for item in items {
        let Value::Object(members) = item else {
            changed += visit(item, Within::Plain);
            continue;
        };
        for (key, value) in members {
            changed += match value {
                Value::String(text) if key.eq_ignore_ascii_case("value") => {
                    replace_whole(text, "secret")
                }
                _ => member(key, value, Within::Plain),
            };
        }
    }
    changed
}

/// Members that name or describe a secret and hold none.
fn is_label(key: &str) -> bool {
    [
        "name",
        "type",
        "id",
        "kind",
        "description",
        "authType",
        "category",
        "metadata",
    ]
    .iter()
    .any(|label| key.eq_ignore_ascii_case(label))
}

/// Redacts patterns inside a text.
fn replace_parts(text: &mut String) -> usize {
    match patterns::apply(text) {
        Cow::Borrowed(_) => 0,
        Cow::Owned(changed) => {
            *text = changed;
            1
        }
    }
}

/// Redacts a text as a whole, unless it only refers to a secret.
fn replace_whole(text: &mut String, kind: &str) -> usize {
    if is_harmless(text) || (kind != "password" && is_measure(text)) {
        return replace_parts(text);
    }
    // `key1` is the first of two keys, or a tag of somebody who lacked a name.
    if kind == "key" && text.len() < SHORTEST_KEY {
        return replace_parts(text);
    }
    // A path or address of a script is none.
    if kind == "startup-script" && !text.trim().contains(char::is_whitespace) {
        return replace_parts(text);
    }
    *text = format!("{MARK}:{kind}***");
    1
}

/// Settings that are written as words.
const WORDS: &[&str] = &[
    "true", "false", "enabled", "disabled", "none", "null", "required", "optional", "default",
    "notset", "never", "hidden",
];

/// Values that stand where a secret might and are none.
fn is_harmless(text: &str) -> bool {
    let trimmed = text.trim();
    if trimmed.is_empty() || is_redacted(trimmed) || trimmed.bytes().all(|byte| byte == b'*') {
        return true;
    }
    let lower = trimmed
        .get(..trimmed.len().min(64))
        .unwrap_or(trimmed)
        .to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || lower.starts_with("/subscriptions/")
        || lower.starts_with("resourceid=/subscriptions/")
        || lower.starts_with("@microsoft.keyvault(")
        || lower.starts_with("secretref:")
        // CloudFormation's references to secrets and parameters.
        || (lower.starts_with("{{resolve:") && trimmed.ends_with("}}"))
        || lower.starts_with("!ref ")
        || lower.starts_with("!getatt ")
        || is_vault_url(&lower)
        || is_expression(trimmed)
        || is_guid(trimmed)
}

/// A number, a date, or an address without anything secret in it: `maxOutputToken`,
/// `keyCreationTime.key1`, `endpoints.Token`.
fn is_measure(text: &str) -> bool {
    let text = text.trim();
    let digits_at = |range: std::ops::Range<usize>| {
        text.get(range)
            .is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let number = digits_at(0..text.len());
    let date = digits_at(0..4) && digits_at(5..7) && text.as_bytes().get(4) == Some(&b'-');
    let lower = text.get(..8).unwrap_or_default().to_ascii_lowercase();
    let address = (lower.starts_with("https://") || lower.starts_with("http://"))
        && !text.contains(['?', '@', ' ', ';']);
    number || date || address
}

/// The text is one replacement and nothing else.
fn is_redacted(text: &str) -> bool {
    text.starts_with(MARK) && text.ends_with("***") && text.len() < 64
}

fn is_vault_url(lower: &str) -> bool {
    lower.starts_with("https://")
        && [
            ".vault.azure.net",
            ".vault.azure.cn",
            ".vault.usgovcloudapi.net",
            ".managedhsm.azure.net",
        ]
        .iter()
        .any(|host| lower.contains(host))
}

/// `[parameters('adminPassword')]`: the expression is what checks and people need to see.
fn is_expression(text: &str) -> bool {
    text.starts_with('[') && text.ends_with(']') && text.contains('(')
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Letters and digits mixed, long, no words: a key rather than a name.
fn looks_random(text: &str) -> bool {
    if text.len() < 20 || is_guid(text) || text.contains([' ', '.', ':']) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let rest = text.len() - digits - letters;
    digits * 12 >= text.len() && letters > 0 && rest * 8 <= text.len() && !text.starts_with('/')
}
