//! Finds a value inside JSON text without building the tree.

use super::{MAX_DEPTH, PathStep};

/// The text of the value at the end of `path`; nothing where there is none or the JSON is broken.
pub(super) fn find<'a>(text: &'a str, path: &[PathStep<'_>]) -> Option<&'a str> {
    let mut rest = text.trim();
    for step in path {
        rest = match step {
            PathStep::Key(key) => member(rest, key)?,
            PathStep::Position(position) => element(rest, *position)?,
        };
    }
    Some(rest)
}

fn member<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut at = skip_space(bytes, 1);
    // The last of several equal keys wins, as it does for every JSON reader that keeps one.
    let mut found = None;
    while bytes.get(at) == Some(&b'"') {
        let (end, escaped) = skip_string(bytes, at)?;
        let inner = bytes.get(at + 1..end - 1)?;
        let is_key = if escaped {
            key_matches(text.get(at..end)?, key)
        } else {
            inner == key.as_bytes()
        };
        at = skip_space(bytes, end);
        if bytes.get(at) != Some(&b':') {
            return None;
        }
        at = skip_space(bytes, at + 1);
        let value_end = skip_value(bytes, at)?;
        if is_key {
            found = text.get(at..value_end);
        }
        at = skip_space(bytes, value_end);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b'}') => return found,
            _ => return None,
        }
    }
    found
}

fn element(text: &str, position: i64) -> Option<&str> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'[') {
        return None;
    }
    let mut at = skip_space(bytes, 1);
    let mut spans = Vec::new();
    while bytes.get(at).is_some_and(|byte| *byte != b']') {
        let end = skip_value(bytes, at)?;
        if i64::try_from(spans.len()) == Ok(position) {
            return text.get(at..end);
        }
        spans.push((at, end));
        at = skip_space(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skip_space(bytes, at + 1),
            Some(b']') => break,
            _ => return None,
        }
    }
    if position >= 0 {
        return None;
    }
    let index = i64::try_from(spans.len()).ok()?.checked_add(position)?;
    let (start, end) = spans.get(usize::try_from(index).ok()?)?;
    text.get(*start..*end)
}

/// Whether a quoted key with escapes is this one.
fn key_matches(quoted: &str, key: &str) -> bool {
    serde_json::from_str::<String>(quoted).is_ok_and(|plain| plain == key)
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Bytes of a string looked at one by one: most are shorter than the start of a faster search takes.
const SHORT: usize = 24;

/// The offset after the string that starts at `at`, and whether it holds escapes.
fn skip_string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let mut at = at + 1;
    let mut escaped = false;
    loop {
        let rest = bytes.get(at..)?;
        let special = |byte: &u8| *byte == b'"' || *byte == b'\\';
        let short = rest.get(..SHORT).unwrap_or(rest);
        let step = match short.iter().position(special) {
            Some(step) => step,
            None => SHORT + memchr::memchr2(b'"', b'\\', rest.get(SHORT..)?)?,
        };
        at += step;
        if bytes[at] == b'"' {
            return Some((at + 1, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// The offset after the value that starts at `at`.
fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => Some(skip_string(bytes, at)?.0),
        b'{' | b'[' => skip_nested(bytes, at),
        _ => {
            let length = bytes[at..]
                .iter()
                .take_while(|byte| {
                    !matches!(
                        byte,
                        b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' | b':'
                    )
                })
                .count();
            (length > 0).then_some(at + length)
        }
    }
}

fn skip_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = skip_string(bytes, at)?.0;
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return None;
                }
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
