//! Template functions over text and time.

use chrono::{DateTime, Duration, FixedOffset, NaiveDateTime};
use serde_json::Value;

use super::datum::Unsupported;
use super::functions::{Argument, first, text, whole};
use super::operator::text_of;

/// Widths above this are no sensible padding and would only cost memory.
const MAX_PADDING: usize = 10_000;

pub(super) fn concat(args: &[Argument<'_>]) -> Result<Option<Value>, Unsupported> {
    let mut out = String::new();
    for arg in args {
        match arg {
            Some(Value::String(text)) => out.push_str(text),
            None | Some(Value::Null) => return Ok(None),
            Some(_) => {
                return Err(Unsupported(
                    "concat() of something that is no text".to_owned(),
                ));
            }
        }
    }
    Ok(Some(out.into()))
}

pub(super) fn split(args: &[Argument<'_>]) -> Option<Value> {
    let input = text(args, 0)?;
    let delimiters: Vec<&str> = match args.get(1).copied().flatten()? {
        Value::String(one) => vec![one],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let delimiters: Vec<&str> = delimiters
        .into_iter()
        .filter(|one| !one.is_empty())
        .collect();
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < input.len() {
        let longest = delimiters
            .iter()
            .filter(|one| input[at..].starts_with(**one))
            .max_by_key(|one| one.len());
        if let Some(found) = longest {
            parts.push(Value::from(&input[start..at]));
            at += found.len();
            start = at;
        } else {
            at += input[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push(Value::from(&input[start..]));
    Some(Value::Array(parts))
}

pub(super) fn join(args: &[Argument<'_>]) -> Option<Value> {
    let items = first(args)?.as_array()?;
    let parts: Option<Vec<String>> = items.iter().map(text_of).collect();
    Some(parts?.join(text(args, 1)?).into())
}

pub(super) fn replace(args: &[Argument<'_>]) -> Option<Value> {
    Some(
        text(args, 0)?
            .replace(text(args, 1)?, text(args, 2)?)
            .into(),
    )
}

pub(super) fn substring(args: &[Argument<'_>]) -> Option<Value> {
    let input = text(args, 0)?;
    let start = usize::try_from(whole(args.get(1).copied().flatten()?)?).ok()?;
    let count = match args.get(2).copied().flatten() {
        Some(value) => usize::try_from(whole(value)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    Some(
        input
            .chars()
            .skip(start)
            .take(count)
            .collect::<String>()
            .into(),
    )
}

pub(super) fn affix(args: &[Argument<'_>], test: fn(&str, &str) -> bool) -> bool {
    match (text(args, 0), text(args, 1)) {
        (Some(text), Some(part)) => test(&text.to_lowercase(), &part.to_lowercase()),
        _ => false,
    }
}

pub(super) fn pad_left(args: &[Argument<'_>]) -> Option<Value> {
    let input = text(args, 0)?;
    let width = usize::try_from(whole(args.get(1).copied().flatten()?)?).ok()?;
    let fill = text(args, 2)
        .and_then(|text| text.chars().next())
        .unwrap_or(' ');
    let missing = width.min(MAX_PADDING).saturating_sub(input.chars().count());
    let mut out: String = std::iter::repeat_n(fill, missing).collect();
    out.push_str(input);
    Some(out.into())
}

pub(super) fn add_days(args: &[Argument<'_>]) -> Option<Value> {
    let start = parse_time(text(args, 0)?)?;
    let days = Duration::try_days(whole(args.get(1).copied().flatten()?)?)?;
    let result = start.checked_add_signed(days)?;
    let format = if result.offset().local_minus_utc() == 0 {
        "%Y-%m-%dT%H:%M:%S%.fZ"
    } else {
        "%Y-%m-%dT%H:%M:%S%.f%:z"
    };
    Some(result.format(format).to_string().into())
}

fn parse_time(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        let naive = text.replacen(' ', "T", 1);
        let naive = NaiveDateTime::parse_from_str(
            naive.trim_end_matches(['Z', 'z']),
            "%Y-%m-%dT%H:%M:%S%.f",
        );
        Some(naive.ok()?.and_utc().fixed_offset())
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 of text, without another dependency.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let index = (bits >> (18 - 6 * position)) & 63;
            let c = if position > chunk.len() {
                b'='
            } else {
                ALPHABET[index as usize]
            };
            out.push(char::from(c));
        }
    }
    out
}
