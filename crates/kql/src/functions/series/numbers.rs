//! Series read from dynamics and written to them.

use serde_json::{Number, Value as Json};

use crate::functions::arrays::array;
use crate::value::{Value, real_text};

/// A number, also one that JSON has no number for: those stand as text.
pub(super) fn number(element: &Json) -> Option<f64> {
    match element {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// A number as it stands in a dynamic.
pub(super) fn real(value: f64) -> Json {
    Number::from_f64(value).map_or_else(|| Json::String(real_text(value)), Json::Number)
}

/// An array of numbers as it stands in a dynamic.
pub(super) fn reals(values: &[f64]) -> Json {
    values.iter().copied().map(real).collect()
}

/// The numbers of an array; nothing where an element is none.
pub(super) fn numbers(value: &Value<'_>) -> Option<Vec<f64>> {
    array(value)?.iter().map(number).collect()
}

/// The elements of an array, those that are no finite number as nothing.
pub(super) fn sparse_numbers(value: &Value<'_>) -> Option<Vec<Option<f64>>> {
    let elements = array(value)?;
    let numbers = elements
        .iter()
        .map(|element| number(element).filter(|n| n.is_finite()));
    Some(numbers.collect())
}

/// The arithmetic mean; not a number of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle value of values that are all finite; nothing of none.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(middle.checked_sub(1)?)?;
    Some(lower.midpoint(upper))
}

/// A percentile of sorted values, between two of them in proportion.
pub(super) fn quantile(sorted: &[f64], percent: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = percent.clamp(0.0, 100.0) / 100.0 * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    Some(low + (high - low) * place.fract())
}
