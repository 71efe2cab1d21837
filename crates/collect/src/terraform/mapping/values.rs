//! Changes of single values.

use serde_json::{Map, Value as Json};

use super::rules::Change;

/// The value after one change; `None` leaves it out.
pub(super) fn changed(value: Json, change: &Change) -> Option<Json> {
    Some(match (change, value) {
        (Change::Value(fixed), _) => fixed.clone(),
        (Change::Not, value) => Json::Bool(!flag(&value)?),
        (Change::Enabled, value) => {
            let word = if flag(&value)? { "Enabled" } else { "Disabled" };
            Json::String(word.to_owned())
        }
        (Change::Words(words), Json::String(text)) => {
            let found = words.iter().find(|(from, _)| *from == text);
            Json::String(found.map_or(text, |(_, to)| to.clone()))
        }
        (Change::Words(words), value) => {
            let text = plain(&value)?;
            let found = words.iter().find(|(from, _)| *from == text);
            found.map_or(value, |(_, to)| Json::String(to.clone()))
        }
        (Change::Wrap, Json::Array(items)) => Json::Array(items),
        (Change::Wrap, value) => Json::Array(vec![value]),
        (Change::First, Json::Array(items)) => items.into_iter().next()?,
        (Change::Keys, Json::Array(items)) => Json::Object(
            items
                .iter()
                .filter_map(Json::as_str)
                .map(|key| (key.to_owned(), Json::Object(Map::new())))
                .collect(),
        ),
        (Change::JsonText, Json::String(text)) => {
            serde_json::from_str(&text).unwrap_or(Json::String(text))
        }
        (Change::Text, value) => Json::String(plain(&value)?),
        (Change::NoSpaces, Json::String(text)) => Json::String(text.replace(' ', "")),
        (Change::KeyName, Json::String(text)) => Json::String(key_part(&text, 1)?.to_owned()),
        (Change::KeyVersion, Json::String(text)) => Json::String(key_part(&text, 2)?.to_owned()),
        (Change::VaultUri, Json::String(text)) => {
            let host = text.strip_prefix("https://")?.split('/').next()?;
            Json::String(format!("https://{host}/"))
        }
        (Change::LastSegment, Json::String(text)) => {
            let last = text.rsplit(['/', ':']).next().unwrap_or_default();
            Json::String(last.to_owned())
        }
        (Change::Prefix(prefix), Json::String(text)) if !text.starts_with(prefix.as_str()) => {
            Json::String(format!("{prefix}{text}"))
        }
        (Change::Member(name), value) => Json::Object(Map::from_iter([(name.clone(), value)])),
        (_, value) => value,
    })
}

pub(super) fn flag(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "enabled" => Some(true),
            "false" | "disabled" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `https://VAULT/keys/NAME/VERSION`.
fn key_part(address: &str, at: usize) -> Option<&str> {
    let path = address.split_once("/keys/")?.1;
    path.split('/').nth(at - 1).filter(|part| !part.is_empty())
}

/// `guardrail_configuration` to `GuardrailConfiguration` or `guardrailConfiguration`.
pub(super) fn restyled(name: &str, upper_first: bool) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = upper_first;
    for next in name.chars() {
        if next == '_' {
            upper = true;
        } else if upper {
            out.extend(next.to_uppercase());
            upper = false;
        } else {
            out.push(next);
        }
    }
    out
}
