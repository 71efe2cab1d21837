//! Policy documents that arrive as text: JSON, or JSON encoded for an address as IAM answers it.

use serde_json::{Map, Value};

/// Longest text that is taken for a document; policies are bounded to some 20 KB.
const LONGEST: usize = 1 << 20;
/// Members that hold policy documents.
const NAMES: &[&str] = &["KeyPolicy", "Policy", "ResourcePolicy", "Document"];

/// The document in a text.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    let parsed = |text: &str| {
        serde_json::from_str::<Value>(text)
            .ok()
            .filter(|value| value.is_object() || value.is_array())
    };
    if text.starts_with(['{', '[']) {
        return parsed(text);
    }
    if text
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("%7b"))
    {
        return parsed(&decoded(text)?);
    }
    None
}

/// Percent-encoding undone.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut made = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'%' => {
                let digits = std::str::from_utf8(bytes.get(at + 1..at + 3)?).ok()?;
                made.push(u8::from_str_radix(digits, 16).ok()?);
                at += 3;
            }
            b'+' => {
                made.push(b' ');
                at += 1;
            }
            byte => {
                made.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(made).ok()
}

/// Turns documents below into objects. Lists stay text: those are the access policies of search collections,
/// which are declared as text too.
pub(crate) fn decode_documents(members: &mut Map<String, Value>) {
    for (key, value) in members.iter_mut() {
        match value {
            Value::String(text) if key.ends_with("Document") || NAMES.contains(&key.as_str()) => {
                let keeps = text.trim_start().starts_with('[');
                if let Some(document) = parse(text).filter(|_| !keeps) {
                    *value = document;
                }
            }
            Value::Object(inner) => decode_documents(inner),
            Value::Array(items) => {
                for item in items {
                    if let Value::Object(inner) = item {
                        decode_documents(inner);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn documents_come_out_of_texts() {
        let document = json!({"Statement": [{"Effect": "Allow"}]});
        assert_eq!(parse(&document.to_string()), Some(document.clone()));
        let encoded = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D";
        assert_eq!(parse(encoded), Some(document));
        assert_eq!(parse("%7B%2"), None);
        assert_eq!(parse("plain"), None);
    }
}
