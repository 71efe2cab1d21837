//! Data URIs and percent encoding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::fault::Fault;
use super::super::value::Value;
use super::base64_text::decode;
use super::text_of;

pub(super) fn data_uri(arguments: &[Value]) -> Result<Value, Fault> {
    let text = text_of(&arguments[0], "dataUri")?;
    Value::text(format!(
        "data:text/plain;charset=utf8;base64,{}",
        STANDARD.encode(text)
    ))
}

pub(super) fn data_uri_to_string(arguments: &[Value]) -> Result<Value, Fault> {
    let text = text_of(&arguments[0], "dataUriToString")?;
    let Some((head, data)) = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
    else {
        return Err(Fault::argument(
            "`dataUriToString` was given a text that is no data URI",
        ));
    };
    if head.to_ascii_lowercase().ends_with(";base64") {
        return Value::text(decode(data, "dataUriToString")?);
    }
    Value::text(percent_decoded(data))
}

pub(super) fn uri_component(arguments: &[Value]) -> Result<Value, Fault> {
    let text = text_of(&arguments[0], "uriComponent")?;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(hex_digit(byte >> 4));
            encoded.push(hex_digit(byte & 15));
        }
    }
    Value::text(encoded)
}

pub(super) fn uri_component_to_string(arguments: &[Value]) -> Result<Value, Fault> {
    Value::text(percent_decoded(text_of(
        &arguments[0],
        "uriComponentToString",
    )?))
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16)
        .unwrap_or('0')
        .to_ascii_uppercase()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        let byte = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
