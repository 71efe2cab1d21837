//! Tukey's fences: how far outside the usual range a value lies.

use serde_json::Value as Json;

use super::numbers::{quantile, real, sparse_numbers};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::made;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] =
    &[ScalarFunction::new("series_outliers", series_outliers)];

/// The percentiles between which values are usual: a quarter off either end, as Tukey had it, or
/// a tenth.
pub(super) fn range_of(kind: &str) -> Option<(f64, f64)> {
    match kind {
        "tukey" => Some((25.0, 75.0)),
        "ctukey" => Some((10.0, 90.0)),
        _ => None,
    }
}

/// How many ranges each value lies above or below the range; 0 inside it and where there is no
/// value. `learned` is what the range is taken from.
pub(super) fn scores(
    series: &[Option<f64>],
    learned: &[Option<f64>],
    (low, high): (f64, f64),
) -> Vec<f64> {
    let mut sorted: Vec<f64> = learned.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (quantile(&sorted, low), quantile(&sorted, high)) else {
        return vec![0.0; series.len()];
    };
    let range = high - low;
    series
        .iter()
        .map(|value| match value {
            Some(value) if *value > high => (value - high) / range,
            Some(value) if *value < low => (value - low) / range,
            _ => 0.0,
        })
        .collect()
}

/// `series_outliers(series [, kind [, ignored [, least percentile [, greatest percentile]]]])`.
fn series_outliers<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut series = sparse_numbers(values.first()?)?;
    let kind = values.get(1).map(Value::as_text);
    let kind = kind
        .as_deref()
        .filter(|kind| !kind.is_empty())
        .unwrap_or("ctukey");
    let (mut low, mut high) = range_of(kind)?;
    if let Some(ignored) = values.get(2).and_then(Value::as_real) {
        for value in &mut series {
            *value = value.filter(|value| value.total_cmp(&ignored).is_ne());
        }
    }
    if kind == "ctukey" {
        low = values.get(3).and_then(Value::as_real).unwrap_or(low);
        high = values.get(4).and_then(Value::as_real).unwrap_or(high);
    }
    let usual = 2.0..=98.0;
    if !usual.contains(&low) || !usual.contains(&high) || low >= high {
        return None;
    }
    let tested = values.get(5).and_then(Value::as_long).unwrap_or(0);
    let learned = series
        .len()
        .saturating_sub(usize::try_from(tested).unwrap_or(0));
    let scores = scores(&series, &series[..learned], (low, high));
    let scores: Vec<Json> = scores.into_iter().map(real).collect();
    Some(made(scores))
}
