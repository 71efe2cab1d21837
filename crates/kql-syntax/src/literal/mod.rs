//! Values of literals.

mod datetime;
mod json;
mod text;
mod timespan;

pub use datetime::parse_datetime;
pub use text::decode_string;
pub use timespan::parse_timespan;

use std::str::FromStr as _;
use std::sync::Arc;

use stance_base::ScalarType;

use crate::bound::Literal;
use crate::syntax::{SyntaxKind, SyntaxToken};

/// The value and type of a literal token, or why it has none.
pub(crate) fn literal_value(token: &SyntaxToken) -> Result<(Literal, ScalarType), String> {
    let text = token.text();
    match token.kind() {
        SyntaxKind::String => Ok((
            Literal::String(decode_string(text).into()),
            ScalarType::String,
        )),
        SyntaxKind::Long => long(text).map(|value| (Literal::Long(value), ScalarType::Long)),
        SyntaxKind::Real => real(text).map(|value| (Literal::Real(value), ScalarType::Real)),
        SyntaxKind::Timespan => match parse_timespan(text) {
            Some(ticks) => Ok((Literal::TimeSpan(ticks), ScalarType::TimeSpan)),
            None => Err(format!("`{text}` is out of range for a timespan")),
        },
        SyntaxKind::TypedLiteral => typed(text),
        SyntaxKind::DynamicLiteral => dynamic(text).map(|value| (value, ScalarType::Dynamic)),
        _ => word(text),
    }
}

/// What is wrong with `dynamic(...)`, if anything.
pub(crate) fn check_dynamic(text: &str) -> Result<(), String> {
    dynamic(text).map(|_| ())
}

fn word(text: &str) -> Result<(Literal, ScalarType), String> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok((Literal::Bool(true), ScalarType::Bool)),
        "false" => Ok((Literal::Bool(false), ScalarType::Bool)),
        "null" => Ok((Literal::Null, ScalarType::Dynamic)),
        _ => Err(format!("`{text}` is no literal")),
    }
}

fn long(text: &str) -> Result<i64, String> {
    let lower = text.to_ascii_lowercase();
    let parsed = match lower.strip_prefix("0x") {
        // Hexadecimal digits give the bits: 0xffffffffffffffff is -1.
        Some(hex) => u64::from_str_radix(hex, 16).map(|bits| bits as i64),
        None => lower.parse::<i64>(),
    };
    parsed.map_err(|_| format!("`{text}` is out of range for a long"))
}

fn real(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no real number"))
}

/// What stands between the brackets of `type(...)`, quotes taken off.
fn inside(text: &str) -> (&str, String) {
    let (name, rest) = text.split_once('(').unwrap_or((text, ""));
    let inner = rest.strip_suffix(')').unwrap_or(rest).trim();
    let quoted = inner.starts_with(['"', '\'', '@']);
    (
        name.trim(),
        if quoted {
            decode_string(inner)
        } else {
            inner.to_owned()
        },
    )
}

fn typed(text: &str) -> Result<(Literal, ScalarType), String> {
    let (name, value) = inside(text);
    let Ok(scalar_type) = ScalarType::from_str(name) else {
        return Err(format!("`{name}` is no type"));
    };
    if value.eq_ignore_ascii_case("null") || value.is_empty() {
        return Ok((Literal::Null, scalar_type));
    }
    match typed_value(scalar_type, value.trim()) {
        Some(literal) => Ok((literal, scalar_type)),
        None => Err(format!("`{value}` is no {scalar_type}")),
    }
}

fn typed_value(scalar_type: ScalarType, value: &str) -> Option<Literal> {
    Some(match scalar_type {
        ScalarType::Bool => Literal::Bool(boolean(value)?),
        ScalarType::Int => Literal::Int(int(value)?),
        ScalarType::Long => Literal::Long(signed(value)?),
        ScalarType::Real => Literal::Real(special_real(value)?),
        ScalarType::Decimal => Literal::Decimal(decimal(value)?),
        ScalarType::String => Literal::String(value.into()),
        ScalarType::Guid => Literal::Guid(guid(value)?),
        ScalarType::DateTime => Literal::DateTime(parse_datetime(value)?),
        ScalarType::TimeSpan => Literal::TimeSpan(parse_timespan(value)?),
        ScalarType::Dynamic => return None,
    })
}

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

fn signed(value: &str) -> Option<i64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(rest) => (true, rest.trim()),
        None => (false, value),
    };
    // The least long has no positive twin.
    if negative && !digits.starts_with("0x") {
        return format!("-{digits}").parse().ok();
    }
    let magnitude = long(digits).ok()?;
    if negative {
        magnitude.checked_neg()
    } else {
        Some(magnitude)
    }
}

fn int(value: &str) -> Option<i32> {
    if let Some(hex) = value.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok().map(|bits| bits as i32);
    }
    i32::try_from(signed(value)?).ok()
}

fn special_real(value: &str) -> Option<f64> {
    match value.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "+inf" | "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        number => number.parse().ok(),
    }
}

/// Digits without an exponent: `1.5e3` becomes `1500`.
fn decimal(value: &str) -> Option<Arc<str>> {
    let (mantissa, exponent) = value.split_once(['e', 'E']).unwrap_or((value, "0"));
    let exponent: i32 = exponent
        .parse()
        .ok()
        .filter(|exponent: &i32| exponent.abs() <= 64)?;
    let (sign, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 64 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let text = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => {
            format!("{digits}{}", "0".repeat(point - digits.len()))
        }
        Ok(point) if point > 0 => format!("{}.{}", &digits[..point], &digits[point..]),
        _ => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
    };
    Some(format!("{sign}{text}").into())
}

fn guid(value: &str) -> Option<Arc<str>> {
    let hex: String = value
        .chars()
        .filter(|character| !matches!(character, '-' | '{' | '}'))
        .collect();
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let hex = hex.to_ascii_lowercase();
    Some(
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
        .into(),
    )
}

fn dynamic(text: &str) -> Result<Literal, String> {
    let start = text.find('(').map_or(text.len(), |at| at + 1);
    let inner = text[start..].strip_suffix(')').unwrap_or(&text[start..]);
    let value = json::parse(inner)?;
    Ok(if value.is_null() {
        Literal::Null
    } else {
        Literal::Dynamic(Arc::new(value))
    })
}
