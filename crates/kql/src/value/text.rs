//! Values as `tostring` writes them, and as JSON inside a dynamic.

use std::borrow::Cow;

use serde_json::{Number, Value as Json};

use super::{Value, write_decimal};
use crate::instant::{write_datetime, write_timespan};

/// What `tostring` gives; null gives the empty string.
pub(crate) fn to_text<'a>(value: &Value<'a>) -> Cow<'a, str> {
    let mut out = String::new();
    match value {
        Value::Null => {}
        Value::Bool(flag) => return Cow::Borrowed(if *flag { "true" } else { "false" }),
        Value::Long(number) => return Cow::Owned(number.to_string()),
        Value::Real(number) => return Cow::Owned(real_text(*number)),
        Value::Decimal(number) => write_decimal(&mut out, *number),
        Value::String(text) | Value::Guid(text) => return text.clone(),
        Value::DateTime(micros) => write_datetime(&mut out, *micros),
        Value::TimeSpan(ticks) => write_timespan(&mut out, *ticks),
        Value::Dynamic(dynamic) => return dynamic.to_plain_text(),
    }
    Cow::Owned(out)
}

/// A real as Kusto prints it: `1.0`, `0.5`, `1e+20`, `NaN`, `Infinity`.
pub(crate) fn real_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-5..1e15).contains(&magnitude) {
        let scientific = format!("{number:E}");
        let (mantissa, exponent) = scientific.split_once('E').unwrap_or((&scientific, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}E{sign}{:02}", exponent.abs());
    }
    if number.fract() == 0.0 {
        return format!("{number:.1}");
    }
    format!("{number}")
}

/// The JSON form of a value: datetimes and timespans are text, reals that are no number too.
pub(crate) fn to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Long(number) => Json::Number(Number::from(*number)),
        Value::Real(number) => {
            Number::from_f64(*number).map_or_else(|| Json::String(real_text(*number)), Json::Number)
        }
        Value::Dynamic(dynamic) => dynamic.to_json(),
        other => Json::String(to_text(other).into_owned()),
    }
}
