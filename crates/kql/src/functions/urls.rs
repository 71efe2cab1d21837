//! `parse_url` and its kin.

use serde_json::{Map, Value as Json, json};

use super::ScalarFunction;
use super::encoding::percent_decode;
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("parse_url", |_, values| {
        Some(Value::json(&parse_url(&to_text(values.first()?))?))
    }),
    ScalarFunction::new("parseurl", |_, values| {
        Some(Value::json(&parse_url(&to_text(values.first()?))?))
    }),
    ScalarFunction::new("parse_urlquery", |_, values| {
        let query = query_parameters(&to_text(values.first()?));
        Some(Value::json(&json!({ "Query Parameters": query })))
    }),
];

/// `scheme://user:password@host:port/path?query#fragment`.
fn parse_url(text: &str) -> Option<Json> {
    if text.is_empty() {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, ""),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (username, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    Some(json!({
        "Scheme": scheme,
        "Host": host,
        "Port": port,
        "Path": path,
        "Username": username,
        "Password": password,
        "Query Parameters": query_parameters(query),
        "Fragment": fragment,
    }))
}

fn query_parameters(query: &str) -> Json {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters.insert(percent_decode(key), Json::String(percent_decode(value)));
    }
    Json::Object(parameters)
}
