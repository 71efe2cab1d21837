//! Functions over numbers.

use std::collections::hash_map::RandomState;
use std::f64::consts::PI;
use std::hash::{BuildHasher, Hasher};

use stance_base::ScalarType;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, compare, convert};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("abs", abs),
    ScalarFunction::new("round", round),
    ScalarFunction::new("floor", |context, values| {
        rounded(context, values, f64::floor)
    }),
    ScalarFunction::new("ceiling", |context, values| {
        rounded(context, values, f64::ceil)
    }),
    ScalarFunction::new("sign", |_, values| {
        let number = values.first()?.as_real()?;
        if number.is_nan() {
            return None;
        }
        Some(Value::Long(
            i64::from(number > 0.0) - i64::from(number < 0.0),
        ))
    }),
    ScalarFunction::new("sqrt", |_, values| real(values, f64::sqrt)),
    ScalarFunction::new("exp", |_, values| real(values, f64::exp)),
    ScalarFunction::new("exp2", |_, values| real(values, f64::exp2)),
    ScalarFunction::new("exp10", |_, values| real(values, |x| 10_f64.powf(x))),
    ScalarFunction::new("log", |_, values| logarithm(values, f64::ln)),
    ScalarFunction::new("log2", |_, values| logarithm(values, f64::log2)),
    ScalarFunction::new("log10", |_, values| logarithm(values, f64::log10)),
    ScalarFunction::new("sin", |_, values| real(values, f64::sin)),
    ScalarFunction::new("cos", |_, values| real(values, f64::cos)),
    ScalarFunction::new("tan", |_, values| real(values, f64::tan)),
    ScalarFunction::new("cot", |_, values| real(values, |x| 1.0 / x.tan())),
    ScalarFunction::new("asin", |_, values| real(values, f64::asin)),
    ScalarFunction::new("acos", |_, values| real(values, f64::acos)),
    ScalarFunction::new("atan", |_, values| real(values, f64::atan)),
    ScalarFunction::new("atan2", |_, values| {
        Some(Value::Real(
            values.first()?.as_real()?.atan2(values.get(1)?.as_real()?),
        ))
    }),
    ScalarFunction::new("degrees", |_, values| real(values, f64::to_degrees)),
    ScalarFunction::new("radians", |_, values| real(values, f64::to_radians)),
    ScalarFunction::new("pi", |_, _| Some(Value::Real(PI))),
    ScalarFunction::new("pow", |_, values| {
        let power = values.first()?.as_real()?.powf(values.get(1)?.as_real()?);
        Some(Value::Real(power))
    }),
    ScalarFunction::new("isnan", |_, values| {
        Some(Value::Bool(values.first()?.as_real()?.is_nan()))
    }),
    ScalarFunction::new("isinf", |_, values| {
        Some(Value::Bool(values.first()?.as_real()?.is_infinite()))
    }),
    ScalarFunction::new("isfinite", |_, values| {
        Some(Value::Bool(values.first()?.as_real()?.is_finite()))
    }),
    ScalarFunction::new("min_of", |context, values| extreme(context, values, true)),
    ScalarFunction::new("max_of", |context, values| extreme(context, values, false)),
    ScalarFunction::new("binary_and", |_, values| bits(values, |a, b| a & b)),
    ScalarFunction::new("binary_or", |_, values| bits(values, |a, b| a | b)),
    ScalarFunction::new("binary_xor", |_, values| bits(values, |a, b| a ^ b)),
    ScalarFunction::new("binary_not", |_, values| {
        Some(Value::Long(!values.first()?.as_long()?))
    }),
    ScalarFunction::new("binary_shift_left", |_, values| {
        shifted(values, i64::wrapping_shl)
    }),
    ScalarFunction::new("binary_shift_right", |_, values| {
        shifted(values, i64::wrapping_shr)
    }),
    ScalarFunction::new("bitset_count_ones", |_, values| {
        Some(Value::Long(i64::from(
            values.first()?.as_long()?.count_ones(),
        )))
    }),
    ScalarFunction::volatile("rand", rand),
    ScalarFunction::volatile("new_guid", |_, _| Some(Value::Guid(random_guid().into()))),
];

fn real<'a>(values: &[Value<'a>], function: fn(f64) -> f64) -> Option<Value<'a>> {
    Some(Value::Real(function(values.first()?.as_real()?)))
}

/// Of zero and below there is no logarithm: null, but for zero itself minus infinity.
fn logarithm<'a>(values: &[Value<'a>], function: fn(f64) -> f64) -> Option<Value<'a>> {
    let number = values.first()?.as_real()?;
    (number >= 0.0).then(|| Value::Real(function(number)))
}

fn abs<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    match values.first()? {
        Value::Long(number) => Some(Value::Long(number.wrapping_abs())),
        Value::TimeSpan(ticks) => Some(Value::TimeSpan(ticks.wrapping_abs())),
        Value::Decimal(number) => Some(Value::Decimal(number.checked_abs()?)),
        other => Some(Value::Real(other.as_real()?.abs())),
    }
}

/// Half goes away from zero.
fn round<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let value = values.first()?;
    let places = values
        .get(1)
        .and_then(Value::as_long)
        .unwrap_or(0)
        .clamp(-300, 300);
    if let (Value::Long(number), true) = (value, places >= 0) {
        return Some(convert(&Value::Long(*number), context.result));
    }
    let number = value.as_real()?;
    let scale = 10_f64.powi(i32::try_from(places).ok()?);
    let scaled = number * scale;
    let result = if scaled.is_finite() {
        scaled.round() / scale
    } else {
        number
    };
    Some(convert(&Value::Real(result), context.result))
}

fn rounded<'a>(
    context: &CallContext<'_>,
    values: &[Value<'a>],
    function: fn(f64) -> f64,
) -> Option<Value<'a>> {
    match values.first()? {
        Value::Long(number) => Some(convert(&Value::Long(*number), context.result)),
        other => Some(convert(
            &Value::Real(function(other.as_real()?)),
            context.result,
        )),
    }
}

/// The least or greatest of the values that are not null.
fn extreme<'a>(context: &CallContext<'_>, values: &[Value<'a>], least: bool) -> Option<Value<'a>> {
    let mut best: Option<Value<'a>> = None;
    for value in values.iter().filter(|value| !value.is_null()) {
        let value = convert(value, context.result);
        let better = match &best {
            None => true,
            Some(best) => compare(&value, best)
                .is_some_and(|order| if least { order.is_lt() } else { order.is_gt() }),
        };
        if better {
            best = Some(value);
        }
    }
    best
}

/// By the shift modulo 64; null where it is negative.
fn shifted<'a>(values: &[Value<'a>], shift: fn(i64, u32) -> i64) -> Option<Value<'a>> {
    let (value, by) = (values.first()?.as_long()?, values.get(1)?.as_long()?);
    let by = u32::try_from(by.checked_rem(64)?).ok()?;
    Some(Value::Long(shift(value, by)))
}

fn bits<'a>(values: &[Value<'a>], function: fn(i64, i64) -> i64) -> Option<Value<'a>> {
    Some(Value::Long(function(
        values.first()?.as_long()?,
        values.get(1)?.as_long()?,
    )))
}

fn random_bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// `rand()` in [0, 1), `rand(n)` a whole number below n.
#[allow(clippy::unnecessary_wraps)] // The form that the registry asks for.
fn rand<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let unit = (random_bits() >> 11) as f64 / (1_u64 << 53) as f64;
    let number = match values.first().and_then(Value::as_long) {
        Some(limit) if limit > 1 => (unit * limit as f64).floor(),
        _ => unit,
    };
    if context.result == ScalarType::Long {
        return Some(Value::Long(number as i64));
    }
    Some(Value::Real(number))
}

fn random_guid() -> String {
    let high = random_bits() & !0xf000 | 0x4000;
    let low = random_bits() & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
