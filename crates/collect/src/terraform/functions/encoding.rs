//! Encodings, checksums and files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};
use std::fmt::Write as _;

use super::{Call, Found};
use crate::terraform::fault::Fault;
use crate::terraform::files::{FUNCTION_FILE_BYTES, resolved};
use crate::terraform::value::Value;

pub(super) fn call(call: &Call<'_>) -> Option<Found> {
    Some(match call.name {
        "jsonencode" => jsonencode(call),
        "jsondecode" => jsondecode(call),
        // YAML that is read back is JSON as a rule; the text itself is seldom looked at.
        "yamlencode" | "yamldecode" | "csvdecode" | "base64gzip" | "urldecode" | "regex"
        | "regexall" | "uuidv5" | "md5" | "sha1" | "base64sha512" | "filebase64" | "filesha256"
        | "filemd5" | "filesha1" | "filesha512" | "filebase64sha256" | "filebase64sha512"
        | "fileset" | "abspath" | "pathexpand" => Ok(call.unknown()),
        "base64encode" | "textencodebase64" => call
            .text(0)
            .and_then(|text| Value::text(STANDARD.encode(text.as_bytes()))),
        "base64decode" => base64decode(call),
        "urlencode" => urlencode(call),
        "sha256" => call
            .text(0)
            .and_then(|text| Value::text(hex(&Sha256::digest(text.as_bytes())))),
        "sha512" => call
            .text(0)
            .and_then(|text| Value::text(hex(&Sha512::digest(text.as_bytes())))),
        "base64sha256" => call
            .text(0)
            .and_then(|text| Value::text(STANDARD.encode(Sha256::digest(text.as_bytes())))),
        "file" => file(call)
            .map(|text| text.map_or_else(|| Ok(call.unknown()), Value::text))
            .and_then(|it| it),
        "fileexists" => fileexists(call),
        "basename" => call.text(0).and_then(|path| {
            let name = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            Value::text(name)
        }),
        "dirname" => call.text(0).and_then(|path| {
            let folder = path
                .rsplit_once('/')
                .map_or(".", |(folder, _)| folder)
                .to_owned();
            Value::text(folder)
        }),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    stance_base::hex::encode(bytes)
}

fn jsonencode(call: &Call<'_>) -> Found {
    let value = call.argument(0)?;
    if !value.is_known() {
        return Ok(Value::unknown_json(call.expression, value.clone()));
    }
    Value::text(value.to_json("", &mut Vec::new()).to_string())
}

fn jsondecode(call: &Call<'_>) -> Found {
    if let Value::Unknown(unknown) = call.argument(0)? {
        return Ok(unknown.json.clone().unwrap_or_else(|| call.unknown()));
    }
    let json: serde_json::Value = serde_json::from_str(&call.text(0)?)
        .map_err(|_| Fault::wrong("`jsondecode` needs JSON"))?;
    Value::from_json(&json)
}

fn base64decode(call: &Call<'_>) -> Found {
    let bytes = STANDARD
        .decode(call.text(0)?.as_bytes())
        .map_err(|_| Fault::wrong("`base64decode` needs base64"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Value::text(text),
        Err(_) => Err(Fault::wrong("`base64decode` gives no text")),
    }
}

fn urlencode(call: &Call<'_>) -> Found {
    let mut out = String::new();
    for byte in call.text(0)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char);
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Value::text(out)
}

/// A file of the input; `None` where it lies outside, is too large or cannot be read.
fn file(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let Some(path) = resolved(&call.folder, &call.text(0)?) else {
        return Ok(None);
    };
    match call.files.read(&path) {
        Ok(text) if text.len() <= FUNCTION_FILE_BYTES => Ok(Some(text)),
        _ => Ok(None),
    }
}

fn fileexists(call: &Call<'_>) -> Found {
    Ok(match file(call)? {
        Some(_) => Value::Bool(true),
        None => call.unknown(),
    })
}
