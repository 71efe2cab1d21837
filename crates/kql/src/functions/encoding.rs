//! Base64 and URL encoding.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, convert, to_text};
use stance_base::{ScalarType, hex};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("base64_encode_tostring", |_, values| {
        Some(Value::string(
            STANDARD.encode(to_text(values.first()?).as_bytes()),
        ))
    }),
    ScalarFunction::new("base64_decode_tostring", |_, values| {
        let bytes = decode(&to_text(values.first()?))?;
        Some(Value::string(String::from_utf8(bytes).ok()?))
    }),
    ScalarFunction::new("base64_decode_toarray", |_, values| {
        Some(Value::json(&json!(decode(&to_text(values.first()?))?)))
    }),
    ScalarFunction::new("base64_encode_fromarray", |_, values| {
        let elements = super::arrays::array(values.first()?)?;
        let bytes: Vec<u8> = elements
            .iter()
            .map(|element| u8::try_from(element.as_u64()?).ok())
            .collect::<Option<_>>()?;
        Some(Value::string(STANDARD.encode(bytes)))
    }),
    ScalarFunction::new("base64_decode_toguid", |_, values| {
        let bytes: [u8; 16] = decode(&to_text(values.first()?))?.try_into().ok()?;
        let text = hex::encode(&mixed_endian(bytes));
        Some(convert(&Value::string(text), ScalarType::Guid))
    }),
    ScalarFunction::new("base64_encode_fromguid", |_, values| {
        let Value::Guid(text) = values.first()? else {
            return None;
        };
        let digits: String = text.chars().filter(|character| *character != '-').collect();
        let bytes = u128::from_str_radix(&digits, 16).ok()?.to_be_bytes();
        Some(Value::string(STANDARD.encode(mixed_endian(bytes))))
    }),
    ScalarFunction::new("url_encode", |_, values| {
        Some(Value::string(percent_encode(
            &to_text(values.first()?),
            true,
        )))
    }),
    ScalarFunction::new("url_encode_component", |_, values| {
        Some(Value::string(percent_encode(
            &to_text(values.first()?),
            false,
        )))
    }),
    ScalarFunction::new("url_decode", url_decode),
];

/// The bytes of a guid as Windows keeps them: the first three groups turned round.
fn mixed_endian(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

/// Nothing where the text is no base 64, or its padding is missing.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// `url_encode` turns a blank into `+`, `url_encode_component` into `%20`.
fn percent_encode(text: &str, plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'.'
            | b'!'
            | b'*'
            | b'('
            | b')' => {
                out.push(char::from(byte));
            }
            b'~' if !plus => out.push('~'),
            b' ' if plus => out.push('+'),
            other => {
                let _ = write!(out, "%{other:02x}");
            }
        }
    }
    out
}

fn url_decode<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    Some(Value::string(percent_decode(&to_text(values.first()?))))
}

pub(super) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(decoded) = escaped {
            out.push(decoded);
            at += 3;
        } else {
            out.push(if *byte == b'+' { b' ' } else { *byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
