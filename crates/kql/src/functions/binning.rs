//! `bin`, `bin_at`: down to a multiple of a size.

use super::{CallContext, ScalarFunction};
use crate::instant::{MIN_MICROS, in_range, ticks_to_micros};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("bin", bin),
    ScalarFunction::new("bin_at", bin_at),
    // `make-series`: the number of the bin, from 0.
    ScalarFunction::new("series_index", series_index),
];

fn bin<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let value = values.first()?;
    let origin = match value {
        Value::DateTime(_) => Value::DateTime(MIN_MICROS),
        Value::TimeSpan(_) => Value::TimeSpan(0),
        Value::Long(_) => Value::Long(0),
        Value::Decimal(_) => Value::Decimal(0),
        _ => Value::Real(0.0),
    };
    let one = Value::Long(1);
    bin_from(value, values.get(1).unwrap_or(&one), &origin)
}

fn bin_at<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    bin_from(values.first()?, values.get(1)?, values.get(2)?)
}

/// How many whole steps lie between `from` and the value.
fn series_index<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (value, from, step) = (values.first()?, values.get(1)?, values.get(2)?);
    let index = match (value, from, step) {
        (Value::DateTime(at), Value::DateTime(from), Value::TimeSpan(step)) => at
            .checked_sub(*from)?
            .checked_div_euclid(ticks_to_micros(*step))?,
        (Value::TimeSpan(at), Value::TimeSpan(from), Value::TimeSpan(step))
        | (Value::Long(at), Value::Long(from), Value::Long(step)) => {
            at.checked_sub(*from)?.checked_div_euclid(*step)?
        }
        (value, from, step) => {
            let index = ((value.as_real()? - from.as_real()?) / step.as_real()?).floor();
            if index.is_finite() {
                index as i64
            } else {
                return None;
            }
        }
    };
    Some(Value::Long(index))
}

/// The greatest `origin + n * size` that is not above the value.
fn bin_from<'a>(value: &Value<'a>, size: &Value<'a>, origin: &Value<'a>) -> Option<Value<'a>> {
    match (value, size, origin) {
        (Value::DateTime(at), size, Value::DateTime(origin)) => {
            let micros = match size {
                Value::TimeSpan(ticks) => ticks_to_micros(*ticks),
                // A bare number counts days, as in `bin(t, 1)`.
                other => ticks_to_micros(days_to_ticks(other.as_real()?)?),
            };
            let distance = at.checked_sub(*origin)?;
            let whole = floor_to(distance, micros)?;
            in_range(origin.checked_add(whole)?).map(Value::DateTime)
        }
        (Value::TimeSpan(ticks), size, Value::TimeSpan(origin)) => {
            let size = match size {
                Value::TimeSpan(size) => *size,
                other => days_to_ticks(other.as_real()?)?,
            };
            let whole = floor_to(ticks.checked_sub(*origin)?, size)?;
            Some(Value::TimeSpan(origin.checked_add(whole)?))
        }
        (Value::Long(number), Value::Long(size), Value::Long(origin)) => {
            let whole = floor_to(number.checked_sub(*origin)?, *size)?;
            Some(Value::Long(origin.checked_add(whole)?))
        }
        (Value::Decimal(number), Value::Decimal(size), Value::Decimal(origin)) if *size > 0 => {
            let distance = number.checked_sub(*origin)?;
            Some(Value::Decimal(origin + distance.div_euclid(*size) * size))
        }
        (value, size, origin) => {
            let (value, size, origin) = (value.as_real()?, size.as_real()?, origin.as_real()?);
            if size <= 0.0 {
                return None;
            }
            Some(Value::Real(
                ((value - origin) / size).floor() * size + origin,
            ))
        }
    }
}

fn floor_to(distance: i64, size: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    Some(distance.div_euclid(size) * size)
}

fn days_to_ticks(days: f64) -> Option<i64> {
    let ticks = days * crate::instant::TICKS_PER_DAY as f64;
    (ticks.abs() < 9.2e18).then_some(ticks as i64)
}
