//! The other forms in which a search can see JSON text.
//!
//! A query searches a dynamic value as it is printed: strings with the escapes that must be, numbers
//! in their shortest form. A property that is a string is searched without any escapes. None of it
//! depends on the structure, so the text is rewritten as a whole, valid or not.

use serde_json::Number;

/// Integers of fewer digits are printed as they are written.
const PLAIN_DIGITS: usize = 18;

/// Gives the forms of a text that differ from it, where it may be JSON.
pub(crate) fn other_forms(text: &str, take: &mut impl FnMut(&str)) {
    let trimmed = text.trim();
    let Some(first) = trimmed.as_bytes().first().copied() else {
        return;
    };
    match first {
        b'{' | b'[' | b'"' => {}
        b'-' | b'0'..=b'9' => return number(trimmed, take),
        _ => return,
    }
    if memchr::memchr(b'\\', text.as_bytes()).is_some() {
        let plain = resolved(text);
        take(&plain);
        take(&escaped(text));
    }
    numbers(text, take);
}

/// Every number that is printed in another way than it is written.
fn numbers(text: &str, take: &mut impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let mut at = 0;
    while let Some(length) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(u8::is_ascii_digit))
    {
        let digit = at + length;
        let negative = digit > 0 && bytes.get(digit - 1) == Some(&b'-');
        let start = digit - usize::from(negative);
        let length = bytes.get(digit..).map_or(0, |rest| {
            rest.iter().take_while(|byte| of_number(byte)).count()
        });
        at = digit + length.max(1);
        if let Some(run) = text.get(start..digit + length) {
            number(run, take);
        }
    }
}

fn number(run: &str, take: &mut impl FnMut(&str)) {
    let plain = run.len() <= PLAIN_DIGITS && run.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        return;
    }
    if let Ok(number) = serde_json::from_str::<Number>(run) {
        let printed = number.to_string();
        if printed != run {
            take(&printed);
        }
    }
}

/// The text with every escape resolved.
fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each_letter(text, &mut |letter, _| out.push(letter));
    out
}

/// The text with only those escapes that JSON needs, as `serde_json` writes them.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each_letter(text, &mut |letter, was_escaped| {
        if !was_escaped {
            out.push(letter);
            return;
        }
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                const DIGITS: [char; 16] = [
                    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
                ];
                let code = control as usize;
                out.push_str("\\u00");
                out.extend(DIGITS.get(code >> 4));
                out.extend(DIGITS.get(code & 15));
            }
            other => out.push(other),
        }
    });
    out
}

/// Gives each letter, and whether it was written as an escape. A backslash that starts no escape of
/// JSON is a letter.
fn each_letter(text: &str, take: &mut impl FnMut(char, bool)) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, escape) = rest.split_at(at);
        before.chars().for_each(|letter| take(letter, false));
        if let Some((letter, length)) = escape_at(escape) {
            take(letter, true);
            rest = escape.get(length..).unwrap_or_default();
        } else {
            take('\\', false);
            rest = escape.get(1..).unwrap_or_default();
        }
    }
    rest.chars().for_each(|letter| take(letter, false));
}

/// The letter that an escape at the start of the text stands for, and the escape's length.
fn escape_at(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(text),
        _ => return None,
    };
    Some((letter, 2))
}

fn unicode_escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let first = unit(2)?;
    if let Some(letter) = char::from_u32(first) {
        return Some((letter, 6));
    }
    // Two halves of a letter beyond the first 65,536.
    if text.get(6..8)? != "\\u" {
        return None;
    }
    let second = unit(8)?;
    if !(0xd800..0xdc00).contains(&first) || !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    Some((char::from_u32(code)?, 12))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn forms(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        other_forms(text, &mut |form| found.push(form.to_owned()));
        found
    }

    #[test]
    fn escapes_are_resolved_and_written_again() {
        assert_eq!(
            forms(r#"{"a":"\u00e9\n\/\ud83d\ude00\u0001"}"#),
            ["{\"a\":\"é\n/😀\u{1}\"}", r#"{"a":"é\n/😀\u0001"}"#,]
        );
        assert_eq!(
            forms(r#"["\q \u12 \ud800"]"#).first().unwrap(),
            r#"["\q \u12 \ud800"]"#
        );
    }

    #[test]
    fn numbers_are_printed_again() {
        assert_eq!(forms("[1.50, 12, -0, 1e2]"), ["1.5", "-0.0", "100.0"]);
        assert_eq!(forms("1.50"), ["1.5"]);
        assert!(forms("plain 1.50 \\n").is_empty());
        assert!(forms("").is_empty());
    }

    #[test]
    fn written_again_is_what_the_printer_writes() {
        for text in [
            r#"{"a":"\u0041\u001f\b\f\r\t\"\\ \u007f"}"#,
            r#"["\u2028 \/"]"#,
        ] {
            let printed = serde_json::from_str::<serde_json::Value>(text)
                .unwrap()
                .to_string();
            assert!(forms(text).contains(&printed), "{printed}");
        }
    }
}
