//! `uri`, `parseUri`, `buildUri`.

use super::super::fault::Fault;
use super::super::symbolic_text::SymbolicText;
use super::super::value::Value;
use super::{pass_unknown, text_of};

/// A relative address put onto a base: the last segment of the base gives way unless it ends with `/`.
pub(super) fn uri(arguments: &[Value]) -> Result<Value, Fault> {
    if let (Value::Unknown(base), Some(relative)) = (&arguments[0], arguments[1].to_symbolic()) {
        // The base may lose its last segment; what is put onto it is known, so that linked files are found.
        let mut text = base.text.clone();
        if !text.known_suffix().ends_with('/') {
            text = SymbolicText::hole(super::super::symbolic_text::Hole::of_call(&format!(
                "uri({}, '')",
                base.text.source()
            )));
            text.push_literal("/");
        }
        text.push(&relative)?;
        return Ok(Value::symbolic(text));
    }
    if let (Value::Text(base), Value::Unknown(relative)) = (&arguments[0], &arguments[1]) {
        let mut text = SymbolicText::literal(&base_folder(base));
        text.push(&relative.text)?;
        return Ok(Value::symbolic(text));
    }
    if let Some(unknown) = pass_unknown("uri", arguments) {
        return Ok(unknown);
    }
    let (base, relative) = (
        text_of(&arguments[0], "uri")?,
        text_of(&arguments[1], "uri")?,
    );
    if relative.contains("://") {
        return Value::text(relative);
    }
    Value::text(format!(
        "{}{}",
        base_folder(base),
        relative.trim_start_matches('/')
    ))
}

/// The base up to and with its last slash after the host.
fn base_folder(base: &str) -> String {
    let host = base.find("://").map_or(0, |at| at + 3);
    match base[host..].rfind('/') {
        Some(at) => base[..=host + at].to_owned(),
        None => format!("{base}/"),
    }
}

pub(super) fn parse_uri(arguments: &[Value]) -> Result<Value, Fault> {
    let text = text_of(&arguments[0], "parseUri")?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(Fault::argument(
            "`parseUri` was given a text that is no absolute URI",
        ));
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, format!("?{query}")),
        None => (rest, String::new()),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, port.parse::<i64>().ok()),
        _ => (authority, None),
    };
    let default = match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    };
    Value::record([
        ("scheme", Value::text(scheme)?),
        ("host", Value::text(host)?),
        ("port", port.or(default).map_or(Value::Null, Value::Int)),
        ("path", Value::text(path)?),
        ("query", Value::text(query)?),
    ])
}

pub(super) fn build_uri(arguments: &[Value]) -> Result<Value, Fault> {
    let Value::Object(parts) = &arguments[0] else {
        return Err(Fault::argument(
            "`buildUri` takes an object with `scheme` and `host`",
        ));
    };
    let part = |name: &str| parts.get(name).and_then(Value::as_text).unwrap_or_default();
    if part("scheme").is_empty() || part("host").is_empty() {
        return Err(Fault::argument(
            "`buildUri` takes an object with `scheme` and `host`",
        ));
    }
    let mut text = format!("{}://{}", part("scheme"), part("host"));
    if let Some(Value::Int(port)) = parts.get("port") {
        text.push(':');
        text.push_str(&port.to_string());
    }
    let (path, query) = (part("path"), part("query"));
    if !path.is_empty() && !path.starts_with('/') {
        text.push('/');
    }
    text.push_str(path);
    if !query.is_empty() && !query.starts_with('?') {
        text.push('?');
    }
    text.push_str(query);
    Value::text(text)
}
