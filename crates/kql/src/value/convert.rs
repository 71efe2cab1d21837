//! Conversions: `toint`, `todatetime` and their kin, and those Kusto applies by itself.

use std::borrow::Cow;

use serde_json::Value as Json;
use stance_base::ScalarType;

use super::{Value, decimal_from_f64, decimal_to_f64, parse_decimal, to_text};
use crate::dynamic::{Dynamic, JsonLiteral, parse_json_text};
use crate::instant::{TICKS_PER_DAY, parse_datetime, parse_timespan, ticks_to_micros};

/// The value as one of another type; null where it cannot be done.
pub(crate) fn convert<'a>(value: &Value<'a>, to: ScalarType) -> Value<'a> {
    if let Value::Dynamic(dynamic) = value {
        return from_dynamic(dynamic, to);
    }
    match to {
        ScalarType::Bool => to_bool(value),
        ScalarType::Int => match to_long(value) {
            Value::Long(number) if i32::try_from(number).is_ok() => Value::Long(number),
            _ => Value::Null,
        },
        ScalarType::Long => to_long(value),
        ScalarType::Real => to_real(value),
        ScalarType::Decimal => to_decimal(value),
        ScalarType::String => Value::String(to_text(value)),
        ScalarType::Guid => match value {
            Value::Guid(text) => Value::Guid(text.clone()),
            Value::String(text) => guid(text).map_or(Value::Null, |text| Value::Guid(text.into())),
            _ => Value::Null,
        },
        ScalarType::DateTime => to_datetime(value),
        ScalarType::TimeSpan => to_timespan(value),
        ScalarType::Dynamic => match value {
            Value::Null => Value::Null,
            other => Dynamic::from_json(&other.to_json()).map_or(Value::Null, Value::Dynamic),
        },
    }
}

fn from_dynamic<'a>(dynamic: &Dynamic<'a>, to: ScalarType) -> Value<'a> {
    match to {
        ScalarType::Dynamic => return Value::Dynamic(dynamic.clone()),
        ScalarType::String => return Value::String(dynamic.to_plain_text()),
        _ => {}
    }
    if let Some(literal) = dynamic.to_literal() {
        return convert(&literal_value(&literal), to).into_owned();
    }
    let plain = match dynamic.to_json() {
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Long(number),
            None => number.as_f64().map_or(Value::Null, Value::Real),
        },
        Json::String(text) => Value::String(Cow::Owned(text)),
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
    };
    convert(&plain, to).into_owned()
}

fn literal_value<'a>(literal: &JsonLiteral<'a>) -> Value<'a> {
    match literal {
        JsonLiteral::Bool(flag) => Value::Bool(*flag),
        JsonLiteral::Long(number) => Value::Long(*number),
        JsonLiteral::Real(number) => Value::Real(*number),
        JsonLiteral::String(text) => Value::String(Cow::Borrowed(text)),
    }
}

fn to_bool<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Bool(flag) => Value::Bool(*flag),
        Value::Long(number) => Value::Bool(*number != 0),
        Value::Real(number) => Value::Bool(*number != 0.0),
        Value::Decimal(number) => Value::Bool(*number != 0),
        Value::String(text) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Value::Bool(true),
            text if text.eq_ignore_ascii_case("false") => Value::Bool(false),
            text => text
                .parse::<i64>()
                .map_or(Value::Null, |number| Value::Bool(number != 0)),
        },
        _ => Value::Null,
    }
}

fn to_long<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Long(number) => Value::Long(*number),
        Value::Bool(flag) => Value::Long(i64::from(*flag)),
        Value::Real(number) => real_to_long(*number),
        Value::Decimal(number) => real_to_long(decimal_to_f64(*number)),
        Value::TimeSpan(ticks) => Value::Long(*ticks),
        Value::DateTime(micros) => Value::Long(datetime_ticks(*micros)),
        Value::String(text) => text_to_long(text),
        _ => Value::Null,
    }
}

/// Ticks since year 1, the number Kusto has for a datetime.
fn datetime_ticks(micros: i64) -> i64 {
    (micros - crate::instant::MIN_MICROS).saturating_mul(10)
}

fn real_to_long<'a>(number: f64) -> Value<'a> {
    let cut = number.trunc();
    if cut.is_finite() && cut.abs() < 9.223_372_036_854_775e18 {
        Value::Long(cut as i64)
    } else {
        Value::Null
    }
}

fn text_to_long<'a>(text: &str) -> Value<'a> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16)
            .map_or(Value::Null, |bits| Value::Long(bits as i64));
    }
    text.parse::<i64>().map_or(Value::Null, Value::Long)
}

fn to_real<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Real(number) => Value::Real(*number),
        Value::Long(number) => Value::Real(*number as f64),
        Value::Bool(flag) => Value::Real(f64::from(u8::from(*flag))),
        Value::Decimal(number) => Value::Real(decimal_to_f64(*number)),
        Value::TimeSpan(ticks) => Value::Real(*ticks as f64),
        Value::DateTime(micros) => Value::Real(datetime_ticks(*micros) as f64),
        Value::String(text) => text_to_real(text),
        _ => Value::Null,
    }
}

fn text_to_real<'a>(text: &str) -> Value<'a> {
    let text = text.trim();
    if text.as_bytes().last().is_some_and(u8::is_ascii_digit) && !text.starts_with("0x") {
        return text.parse::<f64>().map_or(Value::Null, Value::Real);
    }
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Value::Real(f64::NAN),
        "inf" | "+inf" | "infinity" => return Value::Real(f64::INFINITY),
        "-inf" | "-infinity" => return Value::Real(f64::NEG_INFINITY),
        _ => {}
    }
    if text.starts_with("0x") {
        return match text_to_long(text) {
            Value::Long(number) => Value::Real(number as f64),
            _ => Value::Null,
        };
    }
    text.parse::<f64>().map_or(Value::Null, Value::Real)
}

fn to_decimal<'a>(value: &Value<'a>) -> Value<'a> {
    let number = match value {
        Value::Decimal(number) => Some(*number),
        Value::Long(number) => parse_decimal(&number.to_string()),
        Value::Bool(flag) => parse_decimal(if *flag { "1" } else { "0" }),
        Value::Real(number) => decimal_from_f64(*number),
        Value::String(text) => parse_decimal(text),
        _ => None,
    };
    number.map_or(Value::Null, Value::Decimal)
}

fn to_datetime<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::DateTime(micros) => Value::DateTime(*micros),
        Value::String(text) => parse_datetime(text).map_or(Value::Null, Value::DateTime),
        // A number is ticks since year 1.
        Value::Long(ticks) => crate::instant::MIN_MICROS
            .checked_add(ticks_to_micros(*ticks))
            .and_then(crate::instant::in_range)
            .map_or(Value::Null, Value::DateTime),
        _ => Value::Null,
    }
}

fn to_timespan<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::TimeSpan(ticks) | Value::Long(ticks) => Value::TimeSpan(*ticks),
        Value::String(text) => parse_timespan(text).map_or(Value::Null, Value::TimeSpan),
        Value::Real(days) => {
            let ticks = days * TICKS_PER_DAY as f64;
            if ticks.abs() < 9.2e18 {
                Value::TimeSpan(ticks as i64)
            } else {
                Value::Null
            }
        }
        _ => Value::Null,
    }
}

/// A guid in lower case with dashes, of text with or without dashes and braces.
fn guid(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    let digits: String = inner
        .chars()
        .filter(|character| *character != '-')
        .collect();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_ascii_lowercase();
    Some(format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    ))
}

/// `parse_json`: of text its JSON, of other values themselves.
pub(crate) fn parse_json_value<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::String(text) => parse_json_text(text).map_or(Value::Null, Value::Dynamic),
        other => convert(other, ScalarType::Dynamic),
    }
}
