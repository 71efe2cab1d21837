//! The type of a column from all its values.

use indexmap::IndexMap;
use serde_json::Value as Json;
use stance_base::ScalarType;

use crate::instant::parse_datetime;

/// Columns in the order in which they first appear, with the types seen so far.
#[derive(Debug, Default)]
pub(super) struct Inference {
    columns: IndexMap<String, Seen>,
}

#[derive(Debug, Clone, Copy, Default)]
// One flag for each kind of value, any of which may have been met.
#[allow(clippy::struct_excessive_bools)]
struct Seen {
    bool: bool,
    long: bool,
    real: bool,
    datetime: bool,
    string: bool,
    nested: bool,
}

impl Inference {
    /// Notes a column that is there, whatever it holds.
    pub(super) fn column(&mut self, name: &str) {
        if !self.columns.contains_key(name) {
            self.columns.insert(name.to_owned(), Seen::default());
        }
    }

    /// Notes a JSON value.
    pub(super) fn json(&mut self, name: &str, value: &Json) {
        self.column(name);
        let Some(seen) = self.columns.get_mut(name) else {
            return;
        };
        match value {
            Json::Null => {}
            Json::Bool(_) => seen.bool = true,
            Json::Number(number) if number.is_i64() => seen.long = true,
            Json::Number(_) => seen.real = true,
            Json::String(text) if is_timestamp(text) => seen.datetime = true,
            Json::String(_) => seen.string = true,
            Json::Array(_) | Json::Object(_) => seen.nested = true,
        }
    }

    /// Notes the text of a CSV cell; an empty one says nothing.
    pub(super) fn cell(&mut self, name: &str, text: &str) {
        self.column(name);
        let Some(seen) = self.columns.get_mut(name) else {
            return;
        };
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        // Digits with a leading zero are a code, not a number.
        let coded = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
        if matches!(text, "true" | "false" | "True" | "False" | "TRUE" | "FALSE") {
            seen.bool = true;
        } else if !coded && text.parse::<i64>().is_ok() {
            seen.long = true;
        } else if !coded && is_number(text) {
            seen.real = true;
        } else if is_timestamp(text) {
            seen.datetime = true;
        } else {
            seen.string = true;
        }
    }

    /// The columns with their types; what is mixed becomes `mixed`, what is empty a string.
    pub(super) fn columns(self, mixed: ScalarType) -> Vec<(String, ScalarType)> {
        self.columns
            .into_iter()
            .map(|(name, seen)| (name, seen.scalar_type(mixed)))
            .collect()
    }
}

impl Seen {
    fn scalar_type(self, mixed: ScalarType) -> ScalarType {
        let text = self.datetime || self.string;
        let number = self.long || self.real;
        match (self.bool, number, text, self.nested) {
            (false, false, false, false) => ScalarType::String,
            (true, false, false, false) => ScalarType::Bool,
            (false, true, false, false) if self.real => ScalarType::Real,
            (false, true, false, false) => ScalarType::Long,
            (false, false, true, false) if self.string => ScalarType::String,
            (false, false, true, false) => ScalarType::DateTime,
            (false, false, false, true) => ScalarType::Dynamic,
            _ => mixed,
        }
    }
}

/// Digits, not the words `inf` and `nan`.
fn is_number(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        && text.parse::<f64>().is_ok()
}

/// `2024-05-01T10:00:00Z` and its like: a date alone is taken too.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let dated = bytes.len() >= 10
        && bytes.len() <= 40
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[7] == b'-';
    dated && parse_datetime(text).is_some()
}
