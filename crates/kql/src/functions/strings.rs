//! Functions over text.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use stance_base::ScalarType;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, convert, to_text};

/// Longest text that a repeating function makes, in bytes.
const MAX_TEXT: usize = 16 << 20;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("strlen", |_, values| {
        Some(Value::Long(to_text(values.first()?).chars().count() as i64))
    }),
    ScalarFunction::new("string_size", |_, values| {
        Some(Value::Long(to_text(values.first()?).len() as i64))
    }),
    ScalarFunction::new("tolower", |_, values| {
        Some(Value::String(lower_case(to_text(values.first()?))))
    }),
    ScalarFunction::new("toupper", |_, values| {
        Some(Value::String(upper_case(to_text(values.first()?))))
    }),
    ScalarFunction::new("reverse", |_, values| {
        Some(Value::string(
            to_text(values.first()?).chars().rev().collect::<String>(),
        ))
    }),
    ScalarFunction::new("strcat", strcat),
    ScalarFunction::new("strcat_delim", |_, values| {
        let (delimiter, parts) = values.split_first()?;
        let parts: Vec<String> = parts
            .iter()
            .map(|part| to_text(part).into_owned())
            .collect();
        Some(Value::string(parts.join(&to_text(delimiter))))
    }),
    ScalarFunction::new("strrep", strrep),
    ScalarFunction::new("strcmp", |_, values| {
        let order = to_text(values.first()?).cmp(&to_text(values.get(1)?));
        Some(Value::Long(order as i64))
    }),
    ScalarFunction::new("substring", substring),
    ScalarFunction::new("split", split),
    // What `split(text, delimiter)[index]` is planned as: text, delimiter, index.
    ScalarFunction::new("split_get", split_get),
    ScalarFunction::new("indexof", indexof),
    ScalarFunction::new("has_any_index", has_any_index),
    ScalarFunction::new("countof", countof),
    ScalarFunction::new("replace_string", |_, values| {
        let (text, from, to) = three(values)?;
        if from.is_empty() {
            return Some(Value::string(text));
        }
        Some(Value::string(text.replace(&from, &to)))
    }),
    ScalarFunction::new("replace_strings", replace_strings),
    ScalarFunction::new("translate", translate),
    ScalarFunction::new("isascii", |_, values| {
        Some(Value::Bool(to_text(values.first()?).is_ascii()))
    }),
    ScalarFunction::new("isutf8", |_, _| Some(Value::Bool(true))),
    ScalarFunction::new("unicode_codepoints_from_string", |_, values| {
        let points: Vec<u32> = to_text(values.first()?).chars().map(u32::from).collect();
        Some(Value::json(&json!(points)))
    }),
    ScalarFunction::new("unicode_codepoints_to_string", codepoints_to_string),
    ScalarFunction::new("to_utf8", |_, values| {
        let points: Vec<u32> = to_text(values.first()?).chars().map(u32::from).collect();
        Some(Value::json(&json!(points)))
    }),
    ScalarFunction::new("make_string", codepoints_to_string),
    ScalarFunction::new("tohex", tohex),
    ScalarFunction::new("format_bytes", format_bytes),
    ScalarFunction::new("parse_csv", parse_csv),
    ScalarFunction::new("parse_version", parse_version),
    ScalarFunction::new("parse_path", parse_path),
    ScalarFunction::new("parse_command_line", parse_command_line),
    // The operator `parse-kv`: text, pair delimiter, key-value delimiter, quote characters.
];

fn three(values: &[Value<'_>]) -> Option<(String, String, String)> {
    Some((
        to_text(values.first()?).into_owned(),
        to_text(values.get(1)?).into_owned(),
        to_text(values.get(2)?).into_owned(),
    ))
}

/// Most texts are ASCII, and many in lower case already.
fn lower_case(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.to_lowercase());
    }
    if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return text;
    }
    Cow::Owned(text.to_ascii_lowercase())
}

fn upper_case(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.to_uppercase());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return text;
    }
    Cow::Owned(text.to_ascii_uppercase())
}

#[allow(clippy::unnecessary_wraps)] // The form that the registry asks for.
fn strcat<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut out = String::new();
    for value in values {
        match value {
            Value::String(text) => out.push_str(text),
            other => out.push_str(&to_text(other)),
        }
    }
    Some(Value::string(out))
}

fn strrep<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let times = usize::try_from(values.get(1)?.as_long()?).unwrap_or(0);
    let delimiter = values.get(2).map(to_text).unwrap_or_default();
    let size = (text.len() + delimiter.len()).checked_mul(times)?;
    if size > MAX_TEXT {
        return None;
    }
    Some(Value::string(vec![text.as_ref(); times].join(&delimiter)))
}

/// Counts characters from 0, from the end where negative.
fn substring<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let start = values.get(1)?.as_long()?;
    let start = if start < 0 {
        let length = text.chars().count() as i64;
        (length + start).max(0)
    } else {
        start
    };
    let wanted = match values.get(2) {
        Some(length) => usize::try_from(length.as_long()?.max(0)).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    if text.is_ascii() {
        let start = start.min(text.len());
        let end = start.saturating_add(wanted).min(text.len());
        return Some(Value::String(match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[start..end]),
            Cow::Owned(text) => Cow::Owned(text[start..end].to_owned()),
        }));
    }
    Some(Value::string(
        text.chars().skip(start).take(wanted).collect::<String>(),
    ))
}

fn split<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let delimiter = to_text(values.get(1)?);
    let parts: Vec<&str> = if delimiter.is_empty() {
        vec![&text]
    } else {
        text.split(delimiter.as_ref()).collect()
    };
    let Some(index) = values.get(2).and_then(Value::as_long) else {
        return Some(Value::json(&json!(parts)));
    };
    let picked: Vec<&str> = usize::try_from(index)
        .ok()
        .and_then(|index| parts.get(index).copied())
        .into_iter()
        .collect();
    Some(Value::json(&json!(picked)))
}

/// One part of a split text; nothing where it has no such part, and for null.
fn split_get<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let delimiter = to_text(values.get(1)?);
    let index = values.get(2)?.as_long()?;
    let part = match (&text, delimiter.is_empty()) {
        (text, true) => matches!(index, 0 | -1).then(|| text.clone())?,
        (Cow::Borrowed(text), false) => Cow::Borrowed(part_of(text, &delimiter, index)?),
        (Cow::Owned(text), false) => Cow::Owned(part_of(text, &delimiter, index)?.to_owned()),
    };
    if context.result == ScalarType::Dynamic {
        return Some(Value::json(&Json::String(part.into_owned())));
    }
    Some(convert(&Value::String(part), context.result))
}

/// A part counted from 0, from the end where negative.
fn part_of<'t>(text: &'t str, delimiter: &str, index: i64) -> Option<&'t str> {
    if let Ok(index) = usize::try_from(index) {
        return text.split(delimiter).nth(index);
    }
    let parts: Vec<&str> = text.split(delimiter).collect();
    let index = i64::try_from(parts.len()).ok()?.checked_add(index)?;
    parts.get(usize::try_from(index).ok()?).copied()
}

/// Position in characters of the n-th occurrence at or after `start`, -1 where there is none.
fn indexof<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let wanted = to_text(values.get(1)?);
    let total = text.chars().count() as i64;
    let mut start = values.get(2).and_then(Value::as_long).unwrap_or(0);
    if start < 0 {
        start = (total + start).max(0);
    }
    let length = values.get(3).and_then(Value::as_long).unwrap_or(-1);
    let occurrence = values.get(4).and_then(Value::as_long).unwrap_or(1);
    let (Ok(start), Ok(occurrence)) = (usize::try_from(start), usize::try_from(occurrence)) else {
        return None;
    };
    if occurrence == 0 || length < -1 {
        return None;
    }
    // Each further occurrence is looked for right after the last, in a range of the same length.
    let characters: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = wanted.chars().collect();
    let mut from = start;
    let mut found = None;
    for _ in 0..occurrence.min(characters.len() + 1) {
        let end = match usize::try_from(length) {
            Ok(length) => from.saturating_add(length).min(characters.len()),
            Err(_) => characters.len(),
        };
        let range = characters.get(from..end).unwrap_or_default();
        found = if wanted.is_empty() {
            Some(from).filter(|from| *from <= characters.len())
        } else {
            range
                .windows(wanted.len())
                .position(|part| part == wanted)
                .map(|at| from + at)
        };
        match found {
            Some(at) => from = at + 1,
            None => break,
        }
    }
    let found = found.filter(|_| occurrence <= characters.len() + 1);
    Some(Value::Long(found.map_or(-1, |at| at as i64)))
}

fn has_any_index<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let Value::Dynamic(terms) = values.get(1)? else {
        return Some(Value::Long(-1));
    };
    let borders = super::term::TermBorders {
        start: true,
        end: true,
    };
    let found = terms.elements()?.iter().position(|term| {
        let term = Value::json(term);
        super::term::Needle::new(&to_text(&term), true).is_term_in(&text, borders)
    });
    Some(Value::Long(found.map_or(-1, |at| at as i64)))
}

/// `kind` is `normal` (overlapping occurrences count) or `regex`.
fn countof<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let wanted = to_text(values.get(1)?);
    let kind = values.get(2).map(to_text).unwrap_or_default();
    if kind == "regex" {
        let regex = context.regex(&wanted)?;
        return Some(Value::Long(regex.find_iter(&text).count() as i64));
    }
    if wanted.is_empty() {
        return Some(Value::Long(0));
    }
    let count = text
        .char_indices()
        .filter(|(at, _)| text[*at..].starts_with(wanted.as_ref()))
        .count();
    Some(Value::Long(count as i64))
}

/// All replacements in one pass: what was put in is not looked at again. A pair whose parts are
/// not both strings changes nothing.
fn replace_strings<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?).into_owned();
    let (Value::Dynamic(from), Value::Dynamic(to)) = (values.get(1)?, values.get(2)?) else {
        return None;
    };
    let (from, to) = (from.elements()?, to.elements()?);
    if from.len() != to.len() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let found = from.iter().zip(&to).find_map(|(from, to)| {
            let from = from
                .as_str()
                .filter(|from| !from.is_empty() && rest.starts_with(from))?;
            Some((from.len(), to.as_str().unwrap_or(from)))
        });
        let (length, replacement) =
            found.unwrap_or((character.len_utf8(), &rest[..character.len_utf8()]));
        out.push_str(replacement);
        rest = &rest[length..];
    }
    Some(Value::string(out))
}

fn translate<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (search, replace, text) = three(values)?;
    let replace: Vec<char> = replace.chars().collect();
    let search: Vec<char> = search.chars().collect();
    let translated: String = text
        .chars()
        .filter_map(
            |character| match search.iter().position(|known| *known == character) {
                None => Some(character),
                Some(at) => replace.get(at).or(replace.last()).copied(),
            },
        )
        .collect();
    Some(Value::string(translated))
}

fn codepoints_to_string<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut out = String::new();
    for value in values {
        match value {
            Value::Dynamic(dynamic) => {
                for element in dynamic.elements()? {
                    out.extend(element.as_u64().and_then(codepoint));
                }
            }
            other => out.extend(
                other
                    .as_long()
                    .and_then(|n| u64::try_from(n).ok())
                    .and_then(codepoint),
            ),
        }
    }
    Some(Value::string(out))
}

fn codepoint(number: u64) -> Option<char> {
    char::from_u32(u32::try_from(number).ok()?)
}

fn tohex<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let number = values.first()?.as_long()?;
    let width = values
        .get(1)
        .and_then(Value::as_long)
        .unwrap_or(0)
        .clamp(0, 64);
    let width = usize::try_from(width).unwrap_or(0);
    let is_int = context.arguments.first() == Some(&ScalarType::Int);
    let digits = if is_int {
        format!("{:x}", number as i32)
    } else {
        format!("{number:x}")
    };
    Some(Value::string(format!("{digits:0>width$}")))
}

/// `format_bytes(bytes, precision = 0, unit = largest that fits)`.
fn format_bytes<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
    let bytes = values.first()?.as_real()?;
    let precision = values
        .get(1)
        .and_then(Value::as_long)
        .unwrap_or(0)
        .clamp(0, 15);
    let unit = values.get(2).map(to_text).unwrap_or_default();
    let index = match UNITS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(&unit))
    {
        Some(index) => index,
        None => (0..UNITS.len())
            .rev()
            .find(|power| bytes.abs() >= 1024_f64.powi(i32::try_from(*power).unwrap_or(0)))
            .unwrap_or(0),
    };
    let amount = bytes / 1024_f64.powi(i32::try_from(index).unwrap_or(0));
    let scale = 10_f64.powi(i32::try_from(precision).unwrap_or(0));
    let rounded = (amount * scale).round() / scale;
    Some(Value::string(format!("{rounded} {}", UNITS[index])))
}

/// The fields of the first line.
fn parse_csv<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let field = fields.last_mut()?;
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(String::new()),
            '\r' | '\n' if !quoted => break,
            other => field.push(other),
        }
    }
    Some(Value::json(&json!(fields)))
}

/// A version of up to four parts as one number that sorts.
fn parse_version<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let parts: Vec<i128> = text
        .split('.')
        .map(|part| {
            part.trim()
                .parse::<i128>()
                .ok()
                .filter(|part| (0..100_000_000).contains(part))
        })
        .collect::<Option<_>>()?;
    if parts.len() > 4 {
        return None;
    }
    let number = (0..4).fold(0_i128, |sum, index| {
        sum * 100_000_000 + parts.get(index).copied().unwrap_or(0)
    });
    crate::value::parse_decimal(&number.to_string()).map(Value::Decimal)
}

fn parse_path<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?).into_owned();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_owned(), rest.to_owned()),
        None => (String::new(), text.clone()),
    };
    let (rest, alternate) = match rest.rsplit_once(':') {
        Some((path, stream)) if path.len() > 1 && !stream.contains(['\\', '/']) => {
            (path.to_owned(), stream.to_owned())
        }
        _ => (rest, String::new()),
    };
    let cut = rest.rfind(['\\', '/']);
    let (directory_path, filename) = match cut {
        Some(at) => (rest[..at].to_owned(), rest[at + 1..].to_owned()),
        None => (String::new(), rest.clone()),
    };
    let root = match rest.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => rest[..2].to_owned(),
        _ => String::new(),
    };
    let directory = directory_path
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or("")
        .to_owned();
    let extension = filename
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .to_owned();
    Some(Value::json(&json!({
        "Scheme": scheme,
        "RootPath": root,
        "DirectoryPath": directory_path,
        "DirectoryName": directory,
        "Filename": filename,
        "Extension": extension,
        "AlternateDataStreamName": alternate,
    })))
}

/// Words as Windows splits a command line.
fn parse_command_line<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    if text.trim().is_empty() {
        return None;
    }
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut open, mut quoted) = (false, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let mut slashes = 1;
                while characters.next_if_eq(&'\\').is_some() {
                    slashes += 1;
                }
                open = true;
                if characters.peek() == Some(&'"') {
                    word.extend(std::iter::repeat_n('\\', slashes / 2));
                    if slashes % 2 == 1 {
                        characters.next();
                        word.push('"');
                    }
                } else {
                    word.extend(std::iter::repeat_n('\\', slashes));
                }
            }
            '"' => {
                quoted = !quoted;
                open = true;
            }
            ' ' | '\t' if !quoted => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            other => {
                let _ = word.write_char(other);
                open = true;
            }
        }
    }
    if open {
        words.push(word);
    }
    Some(Value::json(&json!(words)))
}
