//! Numbers, timespans, and names that start with a digit.

use super::{Token, is_word, length_while, token};
use crate::syntax::SyntaxKind;

/// What a number may be followed by to be a timespan.
const UNITS: &[&str] = &[
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

/// The token of a text that starts with a digit.
pub(super) fn number_token(rest: &str) -> Token {
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let digits = length_while(hex, |character| character.is_ascii_hexdigit());
        if digits > 0 && !hex[digits..].starts_with(is_word) {
            return token(SyntaxKind::Long, digits + 2);
        }
    }
    let whole = digits(rest);
    let fraction = fraction_length(&rest[whole..]);
    let mantissa = whole + fraction;
    let exponent = exponent_length(&rest[mantissa..]);
    if exponent > 0 {
        return token(SyntaxKind::Real, mantissa + exponent);
    }
    let word = length_while(&rest[mantissa..], is_word);
    let kind = if fraction > 0 {
        SyntaxKind::Real
    } else {
        SyntaxKind::Long
    };
    match word {
        0 => token(kind, mantissa),
        _ if UNITS.contains(&&rest[mantissa..mantissa + word]) => {
            token(SyntaxKind::Timespan, mantissa + word)
        }
        _ if fraction == 0 => token(SyntaxKind::Identifier, whole + word),
        _ => token(kind, mantissa),
    }
}

fn digits(text: &str) -> usize {
    length_while(text, |character| character.is_ascii_digit())
}

/// `.5`; also a lone dot (`1.`) that neither another dot nor a name follows.
fn fraction_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix('.') else {
        return 0;
    };
    let digits = digits(after);
    if digits > 0 {
        return digits + 1;
    }
    usize::from(
        !after.starts_with(|character| character == '.' || character == '[' || is_word(character)),
    )
}

fn exponent_length(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else {
        return 0;
    };
    let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
    let digits = digits(unsigned);
    if digits == 0 || unsigned[digits..].starts_with(is_word) {
        return 0;
    }
    text.len() - unsigned.len() + digits
}
