//! Arithmetic that SQL engines do otherwise than Kusto, and comparison of dynamics.

use std::cmp::Ordering;

use stance_base::ScalarType;

use super::{CallContext, ScalarFunction};
use crate::instant::{TICKS_PER_MICRO, in_range, ticks_to_micros};
use crate::value::{Value, compare, convert, divide_decimals, equal, multiply_decimals};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("add", add),
    ScalarFunction::new("subtract", subtract),
    ScalarFunction::new("multiply", multiply),
    ScalarFunction::new("divide", divide),
    ScalarFunction::new("modulo", modulo),
    ScalarFunction::new("negate", negate),
    ScalarFunction::new("equal", |_, values| {
        Some(Value::Bool(equal(values.first()?, values.get(1)?)?))
    }),
    ScalarFunction::new("less", |_, values| ordered(values, Ordering::is_lt)),
    ScalarFunction::new("less_or_equal", |_, values| {
        ordered(values, Ordering::is_le)
    }),
    ScalarFunction::new("in_dynamic", in_dynamic),
];

fn ordered<'a>(values: &[Value<'a>], test: fn(Ordering) -> bool) -> Option<Value<'a>> {
    let order = compare(values.first()?, values.get(1)?)?;
    Some(Value::Bool(test(order)))
}

/// `value in (dynamic)`: among the elements of an array, or equal to a value that is none. A third
/// argument `true` ignores the case of strings.
fn in_dynamic<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let value = values.first()?;
    let Some(Value::Dynamic(set)) = values.get(1) else {
        return Some(Value::Bool(false));
    };
    let ignore_case = values.get(2).and_then(Value::as_bool).unwrap_or(false);
    let members = set.elements().unwrap_or_else(|| vec![set.to_json()]);
    let found = members.iter().map(Value::json).any(|member| {
        if ignore_case {
            member.as_text().to_lowercase() == value.as_text().to_lowercase()
        } else if matches!(value, Value::String(_)) {
            member.as_text() == value.as_text()
        } else {
            equal(value, &member) == Some(true)
        }
    });
    Some(Value::Bool(found))
}

/// The operands as they are used: dynamics become the type of the result.
fn operands<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<(Value<'a>, Value<'a>)> {
    let plain = |value: &Value<'a>| match value {
        Value::Dynamic(_) => match context.result {
            ScalarType::TimeSpan | ScalarType::DateTime => convert(value, ScalarType::Real),
            other => convert(value, other),
        },
        other => other.clone(),
    };
    Some((plain(values.first()?), plain(values.get(1)?)))
}

fn timespan_of(micros: i64) -> Option<Value<'static>> {
    Some(Value::TimeSpan(micros.checked_mul(TICKS_PER_MICRO)?))
}

fn datetime_of(micros: Option<i64>) -> Option<Value<'static>> {
    micros.and_then(in_range).map(Value::DateTime)
}

fn real_ticks(ticks: f64) -> Option<Value<'static>> {
    (ticks.abs() < 9.2e18).then_some(Value::TimeSpan(ticks as i64))
}

fn add<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match operands(context, values)? {
        (Value::Long(a), Value::Long(b)) => Some(Value::Long(a.wrapping_add(b))),
        (Value::DateTime(at), Value::TimeSpan(ticks))
        | (Value::TimeSpan(ticks), Value::DateTime(at)) => {
            datetime_of(at.checked_add(ticks_to_micros(ticks)))
        }
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Some(Value::TimeSpan(a.wrapping_add(b))),
        (Value::Decimal(a), Value::Decimal(b)) => Some(Value::Decimal(a.checked_add(b)?)),
        (a, b) => Some(Value::Real(a.as_real()? + b.as_real()?)),
    }
}

fn subtract<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match operands(context, values)? {
        (Value::Long(a), Value::Long(b)) => Some(Value::Long(a.wrapping_sub(b))),
        (Value::DateTime(a), Value::DateTime(b)) => timespan_of(a.checked_sub(b)?),
        (Value::DateTime(at), Value::TimeSpan(ticks)) => {
            // Towards the past: `x - 1tick` lies before `x`.
            datetime_of(at.checked_add(ticks_to_micros(ticks.checked_neg()?)))
        }
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Some(Value::TimeSpan(a.wrapping_sub(b))),
        (Value::Decimal(a), Value::Decimal(b)) => Some(Value::Decimal(a.checked_sub(b)?)),
        (a, b) => Some(Value::Real(a.as_real()? - b.as_real()?)),
    }
}

fn multiply<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match operands(context, values)? {
        (Value::Long(a), Value::Long(b)) => Some(Value::Long(a.wrapping_mul(b))),
        (Value::TimeSpan(ticks), Value::Long(n)) | (Value::Long(n), Value::TimeSpan(ticks)) => {
            Some(Value::TimeSpan(ticks.checked_mul(n)?))
        }
        (Value::TimeSpan(ticks), other) | (other, Value::TimeSpan(ticks)) => {
            real_ticks(ticks as f64 * other.as_real()?)
        }
        (Value::Decimal(a), Value::Decimal(b)) => multiply_decimals(a, b).map(Value::Decimal),
        (a, b) => Some(Value::Real(a.as_real()? * b.as_real()?)),
    }
}

fn divide<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match operands(context, values)? {
        // Whole numbers divide to whole numbers; by zero gives null.
        (Value::Long(_) | Value::TimeSpan(_), Value::Long(0)) => None,
        (Value::Long(a), Value::Long(b)) => Some(Value::Long(a.wrapping_div(b))),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Some(Value::Real(a as f64 / b as f64)),
        (Value::TimeSpan(ticks), Value::Long(n)) => Some(Value::TimeSpan(ticks.wrapping_div(n))),
        (Value::TimeSpan(ticks), other) => real_ticks(ticks as f64 / other.as_real()?),
        (Value::Decimal(a), Value::Decimal(b)) => divide_decimals(a, b).map(Value::Decimal),
        (a, b) => Some(Value::Real(a.as_real()? / b.as_real()?)),
    }
}

/// The remainder is never negative, whatever the signs (`-14 % 12` is 10).
fn modulo<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match operands(context, values)? {
        (Value::Long(a), Value::Long(b)) => Some(Value::Long(a.checked_rem_euclid(b)?)),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Some(Value::TimeSpan(a.checked_rem_euclid(b)?)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(Value::Decimal(a.checked_rem_euclid(b)?)),
        (Value::DateTime(at), Value::TimeSpan(ticks)) => {
            let distance = at.checked_sub(crate::instant::MIN_MICROS)?;
            let rest = distance.checked_rem_euclid(ticks_to_micros(ticks))?;
            timespan_of(rest)
        }
        (a, b) => Some(Value::Real(a.as_real()?.rem_euclid(b.as_real()?))),
    }
}

fn negate<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match values.first()? {
        Value::Long(number) => Some(Value::Long(number.wrapping_neg())),
        Value::TimeSpan(ticks) => Some(Value::TimeSpan(ticks.wrapping_neg())),
        Value::Decimal(number) => Some(Value::Decimal(number.checked_neg()?)),
        other => Some(Value::Real(-other.as_real()?)),
    }
}
