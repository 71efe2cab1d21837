//! Filters and the Fourier transform.

use serde_json::Value as Json;

use super::fourier::{Complex, transformed};
use super::numbers::{numbers, reals};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::made;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_fir", fir),
    ScalarFunction::new("series_iir", iir),
    ScalarFunction::new("series_fft_tuple", |_, values| {
        let transformed = transformed(&complex(values)?, false);
        Some(parts(&transformed, 1.0))
    }),
    ScalarFunction::new("series_ifft_tuple", |_, values| {
        let transformed = transformed(&complex(values)?, true);
        Some(parts(&transformed, transformed.len().max(1) as f64))
    }),
];

/// Most multiplications of one call.
const MAX_STEPS: usize = 1 << 28;

/// `series_fir(series, filter [, normalize [, center]])`: each element is the sum of those before
/// it, weighted by the filter; before the beginning stand zeros.
fn fir<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (series, filter) = (numbers(values.first()?)?, numbers(values.get(1)?)?);
    if filter.is_empty() || series.len().saturating_mul(filter.len()) > MAX_STEPS {
        return None;
    }
    let negative = filter.iter().any(|weight| *weight < 0.0);
    let normalize = values.get(2).and_then(Value::as_bool).unwrap_or(!negative);
    if normalize && negative {
        return None;
    }
    let whole = if normalize { filter.iter().sum() } else { 1.0 };
    let center = values.get(3).and_then(Value::as_bool).unwrap_or(false);
    let ahead = if center { (filter.len() - 1) / 2 } else { 0 };
    let filtered: Vec<f64> = (0..series.len())
        .map(|at| {
            let terms = filter.iter().enumerate().filter_map(|(back, weight)| {
                let from = (at + ahead).checked_sub(back)?;
                Some(weight * series.get(from)?)
            });
            terms.sum::<f64>() / whole
        })
        .collect();
    Some(Value::json(&reals(&filtered)))
}

/// `series_iir(series, numerators, denominators)`, the recursive filter
/// `a0 y[i] = b0 x[i] + b1 x[i-1] + ... - a1 y[i-1] - a2 y[i-2] - ...`.
fn iir<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let series = numbers(values.first()?)?;
    let (numerators, denominators) = (numbers(values.get(1)?)?, numbers(values.get(2)?)?);
    let (leading, feedback) = denominators.split_first()?;
    let terms = numerators.len() + denominators.len();
    if *leading == 0.0 || series.len().saturating_mul(terms) > MAX_STEPS {
        return None;
    }
    let mut filtered: Vec<f64> = Vec::with_capacity(series.len());
    for at in 0..series.len() {
        let forward: f64 = numerators
            .iter()
            .zip(series[..=at].iter().rev())
            .map(|(weight, value)| weight * value)
            .sum();
        let back: f64 = feedback
            .iter()
            .zip(filtered.iter().rev())
            .map(|(weight, value)| weight * value)
            .sum();
        filtered.push((forward - back) / leading);
    }
    Some(Value::json(&reals(&filtered)))
}

/// The real parts and, where they are given, the imaginary ones.
fn complex(values: &[Value<'_>]) -> Option<Vec<Complex>> {
    let real = numbers(values.first()?)?;
    let imaginary = match values.get(1) {
        Some(value) if !value.is_null() => numbers(value)?,
        _ => vec![0.0; real.len()],
    };
    if real.len() != imaginary.len() {
        return None;
    }
    Some(real.into_iter().zip(imaginary).collect())
}

fn parts<'a>(series: &[Complex], divisor: f64) -> Value<'a> {
    let real: Vec<f64> = series.iter().map(|number| number.0 / divisor).collect();
    let imaginary: Vec<f64> = series.iter().map(|number| number.1 / divisor).collect();
    made(vec![reals(&real), reals(&imaginary)] as Vec<Json>)
}
