//! Functions element by element.

use serde_json::{Value as Json, json};

use super::numbers::{number, real};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::{array, made};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_abs", series_abs),
    ScalarFunction::new("series_sign", series_sign),
    ScalarFunction::new("series_floor", |_, values| each(values, f64::floor)),
    ScalarFunction::new("series_ceiling", |_, values| each(values, f64::ceil)),
    ScalarFunction::new("series_exp", |_, values| each(values, f64::exp)),
    ScalarFunction::new("series_log", |_, values| each(values, f64::ln)),
    ScalarFunction::new("series_sin", |_, values| each(values, f64::sin)),
    ScalarFunction::new("series_cos", |_, values| each(values, f64::cos)),
    ScalarFunction::new("series_tan", |_, values| each(values, f64::tan)),
    ScalarFunction::new("series_asin", |_, values| each(values, f64::asin)),
    ScalarFunction::new("series_acos", |_, values| each(values, f64::acos)),
    ScalarFunction::new("series_atan", |_, values| each(values, f64::atan)),
    ScalarFunction::new("series_add", |_, values| {
        pairs(values, |a, b| {
            arithmetic(a, b, i64::checked_add, |a, b| a + b)
        })
    }),
    ScalarFunction::new("series_subtract", |_, values| {
        pairs(values, |a, b| {
            arithmetic(a, b, i64::checked_sub, |a, b| a - b)
        })
    }),
    ScalarFunction::new("series_multiply", |_, values| {
        pairs(values, |a, b| {
            arithmetic(a, b, i64::checked_mul, |a, b| a * b)
        })
    }),
    ScalarFunction::new("series_divide", |_, values| {
        pairs(values, |a, b| arithmetic(a, b, |_, _| None, |a, b| a / b))
    }),
    ScalarFunction::new("series_pow", |_, values| {
        pairs(values, |a, b| arithmetic(a, b, |_, _| None, f64::powf))
    }),
    ScalarFunction::new("series_greater", |_, values| test(values, |a, b| a > b)),
    ScalarFunction::new("series_greater_equals", |_, values| {
        test(values, |a, b| a >= b)
    }),
    ScalarFunction::new("series_less", |_, values| test(values, |a, b| a < b)),
    ScalarFunction::new("series_less_equals", |_, values| {
        test(values, |a, b| a <= b)
    }),
    ScalarFunction::new("series_equals", |_, values| {
        test(values, |a, b| {
            a.partial_cmp(&b) == Some(std::cmp::Ordering::Equal)
        })
    }),
    ScalarFunction::new("series_not_equals", |_, values| {
        test(values, |a, b| {
            a.partial_cmp(&b) != Some(std::cmp::Ordering::Equal)
        })
    }),
];

/// Elements that are no number become null.
fn each<'a>(values: &[Value<'a>], function: fn(f64) -> f64) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let computed = elements
        .iter()
        .map(|element| number(element).map_or(Json::Null, |number| real(function(number))));
    Some(made(computed.collect()))
}

fn series_abs<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let computed = elements.iter().map(|element| match element.as_i64() {
        Some(number) => json!(number.wrapping_abs()),
        None => number(element).map_or(Json::Null, |number| real(number.abs())),
    });
    Some(made(computed.collect()))
}

/// -1, 0 or 1 of each number.
fn series_sign<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let computed = elements.iter().map(|element| match number(element) {
        Some(number) if !number.is_nan() => {
            json!(i8::from(number > 0.0) - i8::from(number < 0.0))
        }
        _ => Json::Null,
    });
    Some(made(computed.collect()))
}

/// A number stands for an array of it. The longer array is filled up with null.
fn both(values: &[Value<'_>]) -> Option<(Vec<Json>, Vec<Json>)> {
    let (left, right) = (values.first()?, values.get(1)?);
    match (array(left), array(right)) {
        (Some(left), Some(right)) => Some((left, right)),
        (Some(left), None) => {
            let right = vec![right.to_json(); left.len()];
            Some((left, right))
        }
        (None, Some(right)) => Some((vec![left.to_json(); right.len()], right)),
        (None, None) => None,
    }
}

fn pairs<'a>(values: &[Value<'a>], function: fn(&Json, &Json) -> Json) -> Option<Value<'a>> {
    let (left, right) = both(values)?;
    let length = left.len().max(right.len());
    let computed = (0..length).map(|at| {
        let element = |array: &[Json]| array.get(at).cloned().unwrap_or(Json::Null);
        function(&element(&left), &element(&right))
    });
    Some(made(computed.collect()))
}

fn arithmetic(
    left: &Json,
    right: &Json,
    whole: fn(i64, i64) -> Option<i64>,
    other: fn(f64, f64) -> f64,
) -> Json {
    if let (Some(a), Some(b)) = (left.as_i64(), right.as_i64())
        && let Some(result) = whole(a, b)
    {
        return json!(result);
    }
    match (number(left), number(right)) {
        (Some(a), Some(b)) => real(other(a, b)),
        _ => Json::Null,
    }
}

fn test<'a>(values: &[Value<'a>], holds: fn(f64, f64) -> bool) -> Option<Value<'a>> {
    let (left, right) = both(values)?;
    let length = left.len().max(right.len());
    let computed = (0..length).map(|at| {
        let element = |array: &[Json]| array.get(at).and_then(number);
        match (element(&left), element(&right)) {
            (Some(a), Some(b)) => Json::Bool(holds(a, b)),
            _ => Json::Null,
        }
    });
    Some(made(computed.collect()))
}
