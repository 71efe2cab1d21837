//! `parse-kv`: keys and values of a text.
//!
//! <https://learn.microsoft.com/kusto/query/parse-kv-operator>: by delimiters, by listed keys alone,
//! or by a regular expression. The first value of a key stays.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    // (text, options as JSON): a bag of texts.
    ScalarFunction::new("parse_pairs", parse_pairs),
];

/// How `parse-kv` reads.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PairOptions {
    /// Between pairs; with none any character that is no letter or digit parts.
    pub(crate) pair: Option<String>,
    /// Between key and value.
    pub(crate) key: Option<String>,
    /// One or two characters each: an opening and a closing quote.
    pub(crate) quotes: Vec<String>,
    /// Characters that take the meaning of the one after them, inside quotes.
    pub(crate) escapes: String,
    /// Values go on to the next listed key.
    pub(crate) greedy: bool,
    /// A pattern of two groups: key and value.
    pub(crate) regex: Option<String>,
    /// The listed keys.
    pub(crate) keys: Vec<String>,
}

fn parse_pairs<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let options: PairOptions = serde_json::from_str(&to_text(values.get(1)?)).ok()?;
    let mut bag = Map::new();
    let mut add = |key: &str, value: &str| {
        bag.entry(key.trim().to_owned())
            .or_insert_with(|| Json::from(value.trim()));
    };
    if let Some(pattern) = &options.regex {
        for found in context.regex(pattern)?.captures_iter(&text) {
            if let (Some(key), Some(value)) = (found.get(1), found.get(2)) {
                add(key.as_str(), value.as_str());
            }
        }
    } else if let (Some(pair), Some(key)) = (&options.pair, &options.key) {
        delimited(&text, &options, (pair, key), &mut add);
    } else {
        worded(&text, &options, &mut add);
    }
    Some(Value::json(&Json::Object(bag)))
}

impl PairOptions {
    /// A quoted text at the start, with the rest behind its closing quote.
    fn quoted<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let first = text.chars().next()?;
        let quotes = self
            .quotes
            .iter()
            .find(|quotes| quotes.starts_with(first))?;
        let close = quotes.chars().nth(1).unwrap_or(first);
        let mut inner = String::new();
        let mut characters = text.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            if self.escapes.contains(character)
                && let Some((_, escaped)) = characters.next()
            {
                inner.push(escaped);
            } else if character == close {
                return Some((inner, text.get(at + close.len_utf8()..)?));
            } else {
                inner.push(character);
            }
        }
        None
    }

    /// Where an unquoted value ends: at the next pair, or at the next listed key where greedy.
    fn end_of_value(&self, text: &str, (pair, key): (&str, &str)) -> usize {
        let mut ends = text.match_indices(pair).map(|(at, _)| at);
        if !self.greedy {
            return ends.next().unwrap_or(text.len());
        }
        let is_key = |at: &usize| {
            let rest = text.get(at + pair.len()..).unwrap_or_default().trim_start();
            self.keys.iter().any(|own| {
                let after = rest.strip_prefix(own.as_str());
                after.is_some_and(|after| after.trim_start().starts_with(key))
            })
        };
        ends.find(is_key).unwrap_or(text.len())
    }
}

/// Pairs that delimiters part.
fn delimited(
    text: &str,
    options: &PairOptions,
    (pair, key): (&str, &str),
    add: &mut impl FnMut(&str, &str),
) {
    if pair.is_empty() || key.is_empty() {
        return;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.trim_start();
        let (name, after) = match options.quoted(start) {
            Some((name, after)) if after.trim_start().starts_with(key) => (
                name,
                after.trim_start().strip_prefix(key).unwrap_or_default(),
            ),
            _ => {
                let next_key = rest.find(key);
                let next_pair = rest.find(pair);
                match (next_key, next_pair) {
                    // A part without a value is passed over.
                    (Some(at), Some(other)) if other < at => {
                        rest = rest.get(other + pair.len()..).unwrap_or_default();
                        continue;
                    }
                    (Some(at), _) => (
                        rest.get(..at).unwrap_or_default().to_owned(),
                        rest.get(at + key.len()..).unwrap_or_default(),
                    ),
                    (None, _) => return,
                }
            }
        };
        let quoted = options.quoted(after.trim_start());
        rest = if let Some((value, behind)) = quoted {
            add(&name, &value);
            let next = behind.find(pair).map_or(behind.len(), |at| at + pair.len());
            behind.get(next..).unwrap_or_default()
        } else {
            let end = options.end_of_value(after, (pair, key));
            add(&name, after.get(..end).unwrap_or_default());
            after.get(end + pair.len()..).unwrap_or_default()
        };
    }
}

/// Listed keys, each with the word or quoted text behind it.
fn worded(text: &str, options: &PairOptions, add: &mut impl FnMut(&str, &str)) {
    let in_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut rest = text;
    let mut key: Option<String> = None;
    while let Some(first) = rest.chars().next() {
        let (word, after) = if let Some((quoted, after)) = options.quoted(rest) {
            (quoted, after)
        } else if in_word(first) {
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            (word.to_owned(), after)
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        rest = after;
        match key.take() {
            Some(key) => add(&key, &word),
            None if options.keys.contains(&word) => key = Some(word),
            None => {}
        }
    }
}
