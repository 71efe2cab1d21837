//! Functions with regular expressions (RE2 syntax, as the `regex` crate reads it).

use regex::Regex;
use serde_json::{Value as Json, json};

use super::{CallContext, ScalarFunction};
use crate::value::{Value, convert, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("extract", extract),
    ScalarFunction::new("extract_all", extract_all),
    ScalarFunction::new("replace_regex", replace_regex),
    ScalarFunction::new("replace", |context, values| {
        // `replace(regex, rewrite, text)`, the older name with the text last.
        let reordered = [
            values.get(2)?.clone(),
            values.first()?.clone(),
            values.get(1)?.clone(),
        ];
        replace_regex(context, &reordered)
    }),
    ScalarFunction::new("trim", |context, values| trim(context, values, true, true)),
    ScalarFunction::new("trim_start", |context, values| {
        trim(context, values, true, false)
    }),
    ScalarFunction::new("trim_end", |context, values| {
        trim(context, values, false, true)
    }),
    ScalarFunction::new("indexof_regex", indexof_regex),
    ScalarFunction::new("regex_quote", |_, values| {
        Some(Value::string(regex::escape(&to_text(values.first()?))))
    }),
];

/// `extract(regex, group, text [, typeof(type)])`; the binder's result type is the wanted one.
fn extract<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let regex = context.regex(&to_text(values.first()?))?;
    let group = usize::try_from(values.get(1)?.as_long()?).ok()?;
    let text = to_text(values.get(2)?);
    let captures = regex.captures(&text)?;
    let found = captures.get(group)?.as_str().to_owned();
    Some(convert(&Value::string(found), context.result))
}

/// `extract_all(regex, [groups,] text)`: every match; one group gives texts, several give arrays.
fn extract_all<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let regex = context.regex(&to_text(values.first()?))?;
    let (groups, text) = match values {
        [_, text] => (None, text),
        [_, groups, text] => (Some(groups), text),
        _ => return None,
    };
    let groups = match groups {
        Some(Value::Dynamic(dynamic)) => wanted_groups(&regex, &dynamic.elements()?),
        _ => (1..regex.captures_len()).collect(),
    };
    let groups = if groups.is_empty() { vec![0] } else { groups };
    let text = to_text(text);
    let matches: Vec<Json> = regex
        .captures_iter(&text)
        .map(|captures| {
            let texts: Vec<&str> = groups
                .iter()
                .map(|group| captures.get(*group).map_or("", |found| found.as_str()))
                .collect();
            match texts.as_slice() {
                [one] => json!(one),
                several => json!(several),
            }
        })
        .collect();
    if matches.is_empty() {
        return None;
    }
    Some(Value::json(&Json::Array(matches)))
}

fn wanted_groups(regex: &Regex, groups: &[Json]) -> Vec<usize> {
    groups
        .iter()
        .filter_map(|group| match group {
            Json::Number(number) => usize::try_from(number.as_u64()?).ok(),
            Json::String(name) => regex.capture_names().position(|known| known == Some(name)),
            _ => None,
        })
        .filter(|group| *group < regex.captures_len())
        .collect()
}

/// `replace_regex(text, regex, rewrite)`; `\1` in the rewrite stands for a group.
fn replace_regex<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let rewrite = rewrite_pattern(&to_text(values.get(2)?));
    let Some(regex) = context.regex(&to_text(values.get(1)?)) else {
        return Some(Value::string(text.into_owned()));
    };
    Some(Value::string(
        regex.replace_all(&text, rewrite.as_str()).into_owned(),
    ))
}

/// `\1` as the `regex` crate spells it, and its `$` made plain.
fn rewrite_pattern(rewrite: &str) -> String {
    let mut out = String::new();
    let mut characters = rewrite.chars();
    while let Some(character) = characters.next() {
        match character {
            '$' => out.push_str("$$"),
            '\\' => match characters.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    out.push_str("${");
                    out.push(digit);
                    out.push('}');
                }
                Some('\\') | None => out.push('\\'),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
            },
            other => out.push(other),
        }
    }
    out
}

/// `trim(regex, text)`: takes matches off the ends, as many as there are.
fn trim<'a>(
    context: &CallContext<'_>,
    values: &[Value<'a>],
    start: bool,
    end: bool,
) -> Option<Value<'a>> {
    let pattern = to_text(values.first()?);
    let text = to_text(values.get(1)?);
    let mut rest = text.as_ref();
    if start {
        let regex = context.regex(&format!("^(?:{pattern})+"))?;
        if let Some(found) = regex.find(rest) {
            rest = &rest[found.end()..];
        }
    }
    if end {
        let regex = context.regex(&format!("(?:{pattern})+$"))?;
        if let Some(found) = regex.find(rest) {
            rest = &rest[..found.start()];
        }
    }
    Some(Value::string(rest.to_owned()))
}

/// `indexof_regex(text, regex [, start [, length [, occurrence]]])`: a position in characters, -1
/// where there is none. Matches do not overlap.
fn indexof_regex<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let regex = context.regex(&to_text(values.get(1)?))?;
    let number = |at: usize, default: i64| match values.get(at) {
        None => Some(default),
        Some(value) => value.as_long(),
    };
    let (start, length, occurrence) = (number(2, 0)?, number(3, -1)?, number(4, 1)?);
    if start < 0 || length < -1 || occurrence < 1 {
        return None;
    }
    let offset = |characters: i64| {
        let characters = usize::try_from(characters).unwrap_or(usize::MAX);
        let found = text.char_indices().nth(characters).map(|(at, _)| at);
        found.unwrap_or(text.len())
    };
    let from = offset(start);
    let to = if length < 0 {
        text.len()
    } else {
        offset(start.saturating_add(length))
    };
    let found = regex
        .find_iter(text.get(from..to).unwrap_or_default())
        .nth(usize::try_from(occurrence - 1).unwrap_or(usize::MAX));
    Some(Value::Long(found.map_or(-1, |found| {
        text[..from + found.start()].chars().count() as i64
    })))
}
