//! Functions that make one value, or a few, of a whole series.

use serde_json::{Value as Json, json};

use super::numbers::{mean, number, numbers, real};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::{array, made};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
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
    ScalarFunction::new("series_dot_product", dot_product),
    ScalarFunction::new("series_cosine_similarity", cosine_similarity),
    ScalarFunction::new("series_pearson_correlation", pearson),
    ScalarFunction::new("series_stats_dynamic", |_, values| {
        Some(Value::json(&Stats::of_arguments(values)?.bag()))
    }),
    ScalarFunction::new("series_stats_tuple", |_, values| {
        Some(made(Stats::of_arguments(values)?.in_order()))
    }),
];

/// Two arrays of one length, of numbers alone; a number stands for an array of it.
fn two(values: &[Value<'_>]) -> Option<(Vec<f64>, Vec<f64>)> {
    let (left, right) = (values.first()?, values.get(1)?);
    let (left, right) = match (numbers(left), numbers(right)) {
        (Some(left), Some(right)) => (left, right),
        (Some(left), None) => {
            let right = vec![right.as_real()?; left.len()];
            (left, right)
        }
        (None, Some(right)) => (vec![left.as_real()?; right.len()], right),
        (None, None) => return None,
    };
    (left.len() == right.len()).then_some((left, right))
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

/// The numbers of two series up to the end of the shorter one, without places where either is
/// none. A number stands for a series of it. Nothing where a series is empty.
fn common_numbers(values: &[Value<'_>]) -> Option<Vec<(f64, f64)>> {
    let (left, right) = (values.first()?, values.get(1)?);
    let (left, right) = match (array(left), array(right)) {
        (Some(left), Some(right)) => (left, right),
        (Some(left), None) => {
            let right = vec![right.to_json(); left.len()];
            (left, right)
        }
        (None, Some(right)) => (vec![left.to_json(); right.len()], right),
        (None, None) => return None,
    };
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let pairs = left.iter().zip(&right);
    Some(
        pairs
            .filter_map(|(a, b)| number(a).zip(number(b)))
            .collect(),
    )
}

fn dot_product<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let pairs = common_numbers(values)?;
    Some(Value::Real(pairs.iter().map(|(a, b)| a * b).sum()))
}

/// The magnitudes may be given, so that they need not be computed again and again.
fn cosine_similarity<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (left, right): (Vec<f64>, Vec<f64>) = common_numbers(values)?.into_iter().unzip();
    let magnitude = |position: usize, series: &[f64]| {
        let given = values.get(position).and_then(Value::as_real);
        given.unwrap_or_else(|| dot(series, series).sqrt())
    };
    let size = magnitude(2, &left) * magnitude(3, &right);
    Some(Value::Real(dot(&left, &right) / size))
}

fn pearson<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (left, right) = two(values)?;
    let centred = |numbers: &[f64]| {
        let mean = mean(numbers);
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
    /// `(series [, ignore_nonfinite])`: nothing where a value is no finite number and that is not
    /// ignored. Positions are those in the array.
    fn of_arguments(values: &[Value<'_>]) -> Option<Self> {
        let ignore = values.get(1).and_then(Value::as_bool).unwrap_or(false);
        let mut kept = Vec::new();
        for (at, element) in array(values.first()?)?.iter().enumerate() {
            match number(element).filter(|number| number.is_finite()) {
                Some(number) => kept.push((number, at)),
                None if ignore => {}
                None => return None,
            }
        }
        Self::of(&kept)
    }

    fn of(numbers: &[(f64, usize)]) -> Option<Self> {
        let first = *numbers.first()?;
        let (mut min, mut max) = (first, first);
        for number in numbers {
            if number.0 < min.0 {
                min = *number;
            }
            if number.0 > max.0 {
                max = *number;
            }
        }
        let len = numbers.len();
        let sum: f64 = numbers.iter().map(|number| number.0).sum();
        let avg = sum / len as f64;
        let squares: f64 = numbers.iter().map(|number| (number.0 - avg).powi(2)).sum();
        Some(Self {
            min,
            max,
            avg,
            variance: if len > 1 {
                squares / (len - 1) as f64
            } else {
                0.0
            },
            sum,
            len,
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

    fn bag(&self) -> Json {
        json!({
            "min": self.min.0,
            "min_idx": self.min.1,
            "max": self.max.0,
            "max_idx": self.max.1,
            "avg": self.avg,
            "stdev": self.variance.sqrt(),
            "variance": self.variance,
            "sum": self.sum,
            "len": self.len,
        })
    }
}
