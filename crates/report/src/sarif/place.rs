//! Where a result points: files below the source root, and resources.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use stance_base::safe_text::one_line;
use stance_model::{Finding, SourceLocation};

use super::SOURCE_ROOT;
use crate::show;

pub(super) fn location(place: &SourceLocation, finding: Option<&Finding>) -> Value {
    let mut location = Map::new();
    if !place.file.is_empty() {
        let mut physical = json!({"artifactLocation": artifact(&place.file)});
        if let (true, Some(object)) = (place.line > 0, physical.as_object_mut()) {
            object.insert("region".to_owned(), region(place));
        }
        location.insert("physicalLocation".to_owned(), physical);
    }
    if let Some(finding) = finding {
        let logical = json!({
            "name": one_line(show::resource_name(finding)),
            "fullyQualifiedName": one_line(&finding.resource_id),
            "kind": "resource",
        });
        location.insert("logicalLocations".to_owned(), json!([logical]));
    }
    Value::Object(location)
}

fn region(place: &SourceLocation) -> Value {
    match place.column {
        0 => json!({"startLine": place.line}),
        column => json!({"startLine": place.line, "startColumn": column}),
    }
}

/// A relative path below the source root, or an absolute `file:` address.
fn artifact(file: &str) -> Value {
    let file = file.replace('\\', "/");
    let file = file.strip_prefix("./").unwrap_or(&file);
    let has_drive =
        file.as_bytes().get(1) == Some(&b':') && file.as_bytes()[0].is_ascii_alphabetic();
    if has_drive {
        return json!({"uri": format!("file:///{}:{}", &file[..1], percent_encode(&file[2..]))});
    }
    if file.starts_with('/') {
        return json!({"uri": format!("file:///{}", percent_encode(file.trim_start_matches('/')))});
    }
    json!({"uri": percent_encode(file), "uriBaseId": SOURCE_ROOT})
}

/// A path as RFC 3986 has it: unreserved characters and `/` stay, every other byte is `%XX`.
fn percent_encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
