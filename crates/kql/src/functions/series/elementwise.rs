//! Functions over arrays of numbers, element by element and as a whole.

use serde_json::{Number, Value as Json, json};

use super::arrays::{array, made};
use super::{CallContext, ScalarFunction};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_abs", series_abs),
    ScalarFunction::new("series_sign", |_, values| each(values, f64::signum)),
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
        pairs(values, |a, b| number(a, b, i64::checked_add, |a, b| a + b))
    }),
    ScalarFunction::new("series_subtract", |_, values| {
        pairs(values, |a, b| number(a, b, i64::checked_sub, |a, b| a - b))
    }),
    ScalarFunction::new("series_multiply", |_, values| {
        pairs(values, |a, b| number(a, b, i64::checked_mul, |a, b| a * b))
    }),
    ScalarFunction::new("series_divide", |_, values| {
        pairs(values, |a, b| number(a, b, |_, _| None, |a, b| a / b))
    }),
    ScalarFunction::new("series_pow", |_, values| {
        pairs(values, |a, b| number(a, b, |_, _| None, f64::powf))
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
    ScalarFunction::new("series_sum", |_, values| {
        Some(Value::Real(numbers(values.first()?)?.iter().sum()))
    }),
    ScalarFunction::new("series_product", |_, values| {
        Some(Value::Real(numbers(values.first()?)?.iter().product()))
    }),
    ScalarFunction::new("series_magnitude", |_, values| {
        let numbers = numbers(values.first()?)?;
        Some(Value::Real(dot(&numbers, &numbers).sqrt()))
    }),
    ScalarFunction::new("series_dot_product", |_, values| {
        let (left, right) = two(values)?;
        Some(Value::Real(dot(&left, &right)))
    }),
    ScalarFunction::new("series_cosine_similarity", |_, values| {
        let (left, right) = two(values)?;
        let size = dot(&left, &left).sqrt() * dot(&right, &right).sqrt();
        Some(Value::Real(dot(&left, &right) / size))
    }),
    ScalarFunction::new("series_pearson_correlation", pearson),
    ScalarFunction::new("series_stats_dynamic", stats_dynamic),
    ScalarFunction::new("series_stats_tuple", |_, values| {
        let stats = Stats::of(&numbers(values.first()?)?)?;
        Some(made(stats.in_order()))
    }),
    ScalarFunction::new("series_fill_const", |_, values| {
        let fill = values.get(1).map_or(json!(0), Value::to_json);
        let elements = array(values.first()?)?;
        let filled = elements.iter().map(|element| {
            let missing = is_missing(element, values.get(2));
            if missing {
                fill.clone()
            } else {
                element.clone()
            }
        });
        Some(made(filled.collect()))
    }),
    ScalarFunction::new("series_fill_forward", |_, values| {
        Some(made(carried(array(values.first()?)?, values.get(1))))
    }),
    ScalarFunction::new("series_fill_backward", |_, values| {
        let mut elements = array(values.first()?)?;
        elements.reverse();
        let mut filled = carried(elements, values.get(1));
        filled.reverse();
        Some(made(filled))
    }),
];

/// The numbers of an array; nothing where an element is none.
fn numbers(value: &Value<'_>) -> Option<Vec<f64>> {
    array(value)?.iter().map(Json::as_f64).collect()
}

fn real(value: f64) -> Json {
    Number::from_f64(value).map_or(Json::Null, Json::Number)
}

/// Elements that are no number become null.
fn each<'a>(values: &[Value<'a>], function: fn(f64) -> f64) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let computed = elements.iter().map(|element| {
        element
            .as_f64()
            .map_or(Json::Null, |number| real(function(number)))
    });
    Some(made(computed.collect()))
}

fn series_abs<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let computed = elements.iter().map(|element| match element.as_i64() {
        Some(number) => json!(number.wrapping_abs()),
        None => element
            .as_f64()
            .map_or(Json::Null, |number| real(number.abs())),
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

fn number(
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
    match (left.as_f64(), right.as_f64()) {
        (Some(a), Some(b)) => real(other(a, b)),
        _ => Json::Null,
    }
}

fn test<'a>(values: &[Value<'a>], holds: fn(f64, f64) -> bool) -> Option<Value<'a>> {
    let (left, right) = both(values)?;
    let length = left.len().max(right.len());
    let computed = (0..length).map(|at| {
        let element = |array: &[Json]| array.get(at).and_then(Json::as_f64);
        match (element(&left), element(&right)) {
            (Some(a), Some(b)) => Json::Bool(holds(a, b)),
            _ => Json::Null,
        }
    });
    Some(made(computed.collect()))
}

/// Two arrays of one length, of numbers alone.
fn two(values: &[Value<'_>]) -> Option<(Vec<f64>, Vec<f64>)> {
    let (left, right) = both(values)?;
    let plain = |array: Vec<Json>| array.iter().map(Json::as_f64).collect::<Option<Vec<f64>>>();
    let (left, right) = (plain(left)?, plain(right)?);
    (left.len() == right.len()).then_some((left, right))
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn pearson<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (left, right) = two(values)?;
    let centred = |numbers: &[f64]| {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        numbers
            .iter()
            .map(|number| number - mean)
            .collect::<Vec<f64>>()
    };
    let (left, right) = (centred(&left), centred(&right));
    let size = (dot(&left, &left) * dot(&right, &right)).sqrt();
    Some(Value::Real(dot(&left, &right) / size))
}

struct Stats {
    min: (f64, usize),
    max: (f64, usize),
    avg: f64,
    variance: f64,
    sum: f64,
    len: usize,
}

impl Stats {
    fn of(numbers: &[f64]) -> Option<Self> {
        let first = *numbers.first()?;
        let (mut min, mut max) = ((first, 0), (first, 0));
        for (at, number) in numbers.iter().enumerate() {
            if *number < min.0 {
                min = (*number, at);
            }
            if *number > max.0 {
                max = (*number, at);
            }
        }
        let sum: f64 = numbers.iter().sum();
        let avg = sum / numbers.len() as f64;
        let squares: f64 = numbers.iter().map(|number| (number - avg).powi(2)).sum();
        let variance = if numbers.len() > 1 {
            squares / (numbers.len() - 1) as f64
        } else {
            0.0
        };
        Some(Self {
            min,
            max,
            avg,
            variance,
            sum,
            len: numbers.len(),
        })
    }

    /// As the columns of `series_stats`: min, its place, max, its place, avg, stdev, variance.
    fn in_order(&self) -> Vec<Json> {
        vec![
            real(self.min.0),
            json!(self.min.1),
            real(self.max.0),
            json!(self.max.1),
            real(self.avg),
            real(self.variance.sqrt()),
            real(self.variance),
        ]
    }
}

fn stats_dynamic<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let stats = Stats::of(&numbers(values.first()?)?)?;
    Some(Value::json(&json!({
        "min": stats.min.0,
        "min_idx": stats.min.1,
        "max": stats.max.0,
        "max_idx": stats.max.1,
        "avg": stats.avg,
        "stdev": stats.variance.sqrt(),
        "variance": stats.variance,
        "sum": stats.sum,
        "len": stats.len,
    })))
}

/// Null, and the value that the query names as missing.
fn is_missing(element: &Json, placeholder: Option<&Value<'_>>) -> bool {
    let named = placeholder
        .filter(|placeholder| !placeholder.is_null())
        .is_some_and(|placeholder| placeholder.to_json().as_f64() == element.as_f64());
    element.is_null() || (named && element.is_number())
}

/// Missing elements take the value before them.
fn carried(elements: Vec<Json>, placeholder: Option<&Value<'_>>) -> Vec<Json> {
    let mut last = None;
    elements
        .into_iter()
        .map(|element| {
            if !is_missing(&element, placeholder) {
                last = Some(element.clone());
                return element;
            }
            last.clone().unwrap_or(element)
        })
        .collect()
}
