//! Strings, numbers and truth values of JSON read without building a value.
//!
//! What is not plain here (escapes, brackets, text that is no JSON) is left to the JSON reader.

/// A value that is neither null nor an array nor a bag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum JsonLiteral<'a> {
    Bool(bool),
    Long(i64),
    Real(f64),
    String(&'a str),
}

/// The literal that the whole trimmed text is; nothing where a JSON reader has to look.
pub(super) fn read(text: &str) -> Option<JsonLiteral<'_>> {
    match text.as_bytes().first()? {
        b'"' => plain_string(text).map(JsonLiteral::String),
        b't' => (text == "true").then_some(JsonLiteral::Bool(true)),
        b'f' => (text == "false").then_some(JsonLiteral::Bool(false)),
        b'0'..=b'9' | b'-' => number(text),
        _ => None,
    }
}

/// The inside of a quoted text without escapes.
pub(super) fn plain_string(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    // JSON wants control characters escaped.
    let special = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
    (!inner.bytes().any(special)).then_some(inner)
}

/// A number whose nearest real a short computation gives exactly: up to 15 digits, of which up to 22 behind the point.
fn number(text: &str) -> Option<JsonLiteral<'_>> {
    let bytes = text.as_bytes();
    let negative = bytes.first() == Some(&b'-');
    let digits = &bytes[usize::from(negative)..];
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = match point {
        None => (digits, &digits[..0]),
        Some(at) => (&digits[..at], &digits[at + 1..]),
    };
    let leading_zero = whole.len() > 1 && whole.first() == Some(&b'0');
    let open_point = point.is_some() && fraction.is_empty();
    if whole.is_empty() || leading_zero || open_point || whole.len() + fraction.len() > 15 {
        return None;
    }
    let mut mantissa: i64 = 0;
    for byte in whole.iter().chain(fraction) {
        if !byte.is_ascii_digit() {
            return None;
        }
        mantissa = mantissa * 10 + i64::from(byte - b'0');
    }
    if negative {
        mantissa = -mantissa;
    }
    match point {
        // The JSON reader takes `-0` for a real.
        _ if negative && mantissa == 0 => Some(JsonLiteral::Real(-0.0)),
        None => Some(JsonLiteral::Long(mantissa)),
        // Both numbers are exact reals, so the quotient is the nearest one (Clinger, "How to read floating point
        // numbers accurately", 1990).
        Some(_) => Some(JsonLiteral::Real(
            mantissa as f64 / 10_f64.powi(fraction.len() as i32),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::Value as Json;

    #[test]
    fn literals_are_what_a_json_reader_gives() {
        let texts = [
            "0",
            "-0",
            "1",
            "-17",
            "123456789012345",
            "0.5",
            "-0.0",
            "80.53",
            "99.01",
            "12.",
            ".5",
            "01",
            "1e5",
            "9223372036854775808",
            "0.1234567890123456789",
            "\"\"",
            "\"a b\"",
            "\"é\"",
            "\"a\\n\"",
            "\"a\"b\"",
            "\"a",
            "\"\u{1}\"",
            "true",
            "false",
            "truex",
            "null",
            "-",
            "--1",
            "1-2",
            "[1]",
            "{\"a\":1}",
            "text",
        ];
        for text in texts {
            let Some(literal) = read(text) else { continue };
            let json: Json = serde_json::from_str(text).unwrap_or_else(|_| panic!("{text}"));
            let same = match literal {
                JsonLiteral::Bool(flag) => json == Json::Bool(flag),
                JsonLiteral::Long(number) => json.as_i64() == Some(number),
                JsonLiteral::Real(number) => {
                    json.as_i64().is_none() && json.as_f64().unwrap().to_bits() == number.to_bits()
                }
                JsonLiteral::String(held) => json == Json::String(held.to_owned()),
            };
            assert!(same, "{text}: {literal:?}");
        }
        for text in ["0", "-17", "80.53", "\"a b\"", "true", "false"] {
            assert!(read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn short_decimals_are_the_nearest_reals() {
        for number in 0..200_000_i64 {
            let text = format!("{}.{:03}", number / 1_000, number % 1_000);
            assert_eq!(read(&text), Some(JsonLiteral::Real(text.parse().unwrap())));
        }
    }
}
