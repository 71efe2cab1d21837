//! The one place that knows how a `dynamic` value is represented: JSON text.
//!
//! Everything else goes through [`Dynamic`], so that the representation can be swapped (see
//! `docs/decisions/0002-dynamic-as-json-text.md`). Text that is not JSON stands for itself as a
//! string, as Kusto does on ingestion.

mod literal;
mod scan;

use std::borrow::Cow;

use serde_json::Value as Json;

pub(crate) use literal::JsonLiteral;

/// Deepest nesting that is read; beyond it the text counts as a string.
pub(crate) const MAX_DEPTH: usize = 100;

/// A `dynamic` value that is not null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dynamic<'a>(Cow<'a, str>);

/// One step into a dynamic value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PathStep<'a> {
    /// A property of a bag.
    Key(&'a str),
    /// A position in an array, from the end where negative.
    Position(i64),
}

impl<'a> Dynamic<'a> {
    /// JSON text as stored.
    pub(crate) fn from_text(text: impl Into<Cow<'a, str>>) -> Self {
        Self(text.into())
    }

    /// A JSON value; nothing for JSON null, which is the null of `dynamic`.
    pub(crate) fn from_json(value: &Json) -> Option<Dynamic<'static>> {
        if value.is_null() {
            return None;
        }
        Some(Dynamic(Cow::Owned(value.to_string())))
    }

    /// The stored text.
    pub(crate) fn as_text(&self) -> &str {
        &self.0
    }

    /// The stored text, given away.
    pub(crate) fn into_text(self) -> Cow<'a, str> {
        self.0
    }

    /// The JSON value; text that is no JSON is a string.
    pub(crate) fn to_json(&self) -> Json {
        serde_json::from_str(&self.0).unwrap_or_else(|_| Json::String(self.0.to_string()))
    }

    /// The value at the end of a path, nothing where the path leads nowhere or to null.
    pub(crate) fn get(&self, path: &[PathStep<'_>]) -> Option<Dynamic<'a>> {
        match &self.0 {
            Cow::Borrowed(text) => {
                let found = scan::find(text, path)?;
                (found != "null").then_some(Dynamic(Cow::Borrowed(found)))
            }
            Cow::Owned(text) => {
                let found = scan::find(text, path)?;
                (found != "null").then(|| Dynamic(Cow::Owned(found.to_owned())))
            }
        }
    }

    /// What `tostring` gives: a string without its quotes, all else as compact JSON.
    pub(crate) fn to_plain_text(&self) -> Cow<'a, str> {
        if let Cow::Borrowed(text) = self.0
            && let Some(plain) = literal::plain_string(text.trim())
        {
            return Cow::Borrowed(plain);
        }
        let text = self.0.trim();
        let first = text.as_bytes().first().copied();
        match first {
            Some(b'"') => match serde_json::from_str::<String>(text) {
                Ok(plain) => Cow::Owned(plain),
                Err(_) => self.0.clone(),
            },
            Some(b'{' | b'[') => match serde_json::from_str::<Json>(text) {
                Ok(json) => Cow::Owned(json.to_string()),
                Err(_) => self.0.clone(),
            },
            _ => match text {
                "true" => Cow::Borrowed("true"),
                "false" => Cow::Borrowed("false"),
                "null" => Cow::Borrowed(""),
                _ => self.0.clone(),
            },
        }
    }

    /// The string, number or truth value of the text, where that can be told without a JSON reader.
    pub(crate) fn to_literal(&self) -> Option<JsonLiteral<'_>> {
        literal::read(self.0.trim())
    }

    /// Elements of an array; nothing for other values.
    pub(crate) fn elements(&self) -> Option<Vec<Json>> {
        match self.to_json() {
            Json::Array(elements) => Some(elements),
            _ => None,
        }
    }
}

/// Reads text as `parse_json` does: JSON where it is JSON, else the text as a JSON string.
/// Nothing for empty text and for `null`.
pub(crate) fn parse_json_text(text: &str) -> Option<Dynamic<'static>> {
    let trimmed = text.trim();
    if trimmed.is_empty() || trimmed == "null" {
        return None;
    }
    match serde_json::from_str::<Json>(trimmed) {
        Ok(json) => Dynamic::from_json(&json),
        Err(_) => Dynamic::from_json(&Json::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_lead_into_bags_and_arrays() {
        let value = Dynamic::from_text(r#"{"a": {"b\"c": [10, {"d": "x"}]}, "n": null}"#);
        let path = [
            PathStep::Key("a"),
            PathStep::Key("b\"c"),
            PathStep::Position(-1),
            PathStep::Key("d"),
        ];
        assert_eq!(value.get(&path).unwrap().as_text(), "\"x\"");
        assert!(value.get(&[PathStep::Key("n")]).is_none());
        assert!(value.get(&[PathStep::Key("A")]).is_none());
        assert!(value.get(&[PathStep::Position(0)]).is_none());
    }

    #[test]
    fn broken_json_is_a_string_and_leads_nowhere() {
        for text in ["{\"a\":", "[1,2", "hello", "", "{\"a\" 1}", "\"open"] {
            let value = Dynamic::from_text(text);
            assert!(value.get(&[PathStep::Key("b")]).is_none(), "{text}");
            assert_eq!(value.to_plain_text(), text);
        }
    }
}
