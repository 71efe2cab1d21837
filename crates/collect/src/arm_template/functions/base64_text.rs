//! Base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::fault::Fault;
use super::super::value::Value;
use super::json_text::parse_json;
use super::text_of;

pub(super) fn base64(arguments: &[Value]) -> Result<Value, Fault> {
    Value::text(STANDARD.encode(text_of(&arguments[0], "base64")?))
}

pub(super) fn decode(text: &str, function: &str) -> Result<String, Fault> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| Fault::argument(format!("`{function}` was given a text that is no base64")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn base64_to_string(arguments: &[Value]) -> Result<Value, Fault> {
    Value::text(decode(
        text_of(&arguments[0], "base64ToString")?,
        "base64ToString",
    )?)
}

pub(super) fn base64_to_json(arguments: &[Value]) -> Result<Value, Fault> {
    parse_json(
        &decode(text_of(&arguments[0], "base64ToJson")?, "base64ToJson")?,
        "base64ToJson",
    )
}
