//! Periods of a series, and how well a period holds.

use serde_json::Value as Json;

use super::fourier::transformed;
use super::numbers::{real, reals, sparse_numbers};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::made;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_periods_detect_tuple", detect_tuple),
    ScalarFunction::new("series_periods_validate_tuple", validate_tuple),
];

/// The least period, in points.
const LEAST_PERIOD: f64 = 4.0;
/// Most periods that a call asks for.
const MAX_PERIODS: i64 = 1_000;
/// How far a period may lie from a multiple of another to count as one.
const MULTIPLE: f64 = 0.05;

/// How a series agrees with itself, shifted by each number of points.
#[derive(Debug)]
pub(super) struct Autocorrelation(Vec<f64>);

impl Autocorrelation {
    /// By the Fourier transform (Wiener-Khinchin), each shift over the points that overlap.
    pub(super) fn of(series: &[Option<f64>]) -> Self {
        let known: Vec<f64> = series.iter().flatten().copied().collect();
        let mean = super::numbers::mean(&known);
        let length = series.len();
        // Room for the shifts, so that the end does not meet the beginning.
        let mut padded = vec![(0.0, 0.0); (2 * length).next_power_of_two()];
        for (place, value) in padded.iter_mut().zip(series) {
            place.0 = value.map_or(0.0, |value| value - mean);
        }
        let mut spectrum = transformed(&padded, false);
        for number in &mut spectrum {
            *number = (number.0 * number.0 + number.1 * number.1, 0.0);
        }
        let products = transformed(&spectrum, true);
        let whole = products.first().map_or(0.0, |product| product.0);
        let shares = products
            .iter()
            .take(length)
            .enumerate()
            .map(|(shift, product)| {
                let overlap = (length - shift) as f64 / length as f64;
                if whole > 1e-9 {
                    product.0 / whole / overlap
                } else {
                    0.0
                }
            });
        Self(shares.collect())
    }

    fn at(&self, shift: usize) -> f64 {
        self.0.get(shift).copied().unwrap_or(0.0)
    }

    /// From 0 to 1: the agreement after one period and after two, whichever is less. A period of
    /// which the series does not hold two and more has no score.
    pub(super) fn score(&self, period: f64) -> f64 {
        if !period.is_finite() || period < LEAST_PERIOD || period > self.0.len() as f64 / 2.0 {
            return 0.0;
        }
        let (once, twice) = (period.round() as usize, (2.0 * period).round() as usize);
        self.at(once).min(self.at(twice)).clamp(0.0, 1.0)
    }

    /// Periods between two bounds at which the agreement is greatest around, best first.
    /// Multiples of a better period and those that may be chance are left out.
    pub(super) fn periods(&self, least: f64, greatest: f64, count: usize) -> Vec<(f64, f64)> {
        let length = self.0.len();
        // What white noise stays below in 19 of 20 cases.
        let chance = 1.96 / (length as f64).sqrt();
        let from = least.max(LEAST_PERIOD).ceil() as usize;
        let to = greatest.min(length as f64 / 2.0).floor() as usize;
        let mut peaks: Vec<(f64, f64)> = (from..=to)
            .filter(|shift| {
                self.at(*shift) > self.at(shift - 1) && self.at(*shift) >= self.at(shift + 1)
            })
            .map(|shift| (shift as f64, self.score(shift as f64)))
            .filter(|(_, score)| *score > chance)
            .collect();
        // Among equals the shorter one: the others are its multiples.
        peaks.sort_by(|a, b| {
            ordered_score(b.1)
                .cmp(&ordered_score(a.1))
                .then(a.0.total_cmp(&b.0))
        });
        let mut kept: Vec<(f64, f64)> = Vec::new();
        for (period, score) in peaks {
            if kept.len() >= count {
                break;
            }
            let known = kept.iter().any(|(other, _)| {
                let times = period / other;
                (times - times.round()).abs() <= MULTIPLE * times && times.round() >= 1.0
            });
            if !known {
                kept.push((period, score));
            }
        }
        kept
    }
}

/// Scores in steps of a fiftieth, so that small differences do not prefer a multiple.
fn ordered_score(score: f64) -> i64 {
    (score * 50.0).round() as i64
}

/// `series_periods_detect(series, least, greatest, count)`: as many periods and scores, zeros at
/// the end where there are fewer.
fn detect_tuple<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let series = sparse_numbers(values.first()?)?;
    let (least, greatest) = (values.get(1)?.as_real()?, values.get(2)?.as_real()?);
    let count = usize::try_from(values.get(3)?.as_long()?.clamp(0, MAX_PERIODS)).ok()?;
    let mut found = Autocorrelation::of(&series).periods(least, greatest, count);
    found.resize(count, (0.0, 0.0));
    let (periods, scores): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
    Some(made(vec![reals(&periods), reals(&scores)]))
}

/// `series_periods_validate(series, period, ...)`: the periods and their scores.
fn validate_tuple<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let autocorrelation = Autocorrelation::of(&sparse_numbers(values.first()?)?);
    let periods: Vec<f64> = values.iter().skip(1).filter_map(Value::as_real).collect();
    let scores: Vec<Json> = periods
        .iter()
        .map(|period| real(autocorrelation.score(*period)))
        .collect();
    Some(made(vec![reals(&periods), Json::Array(scores)]))
}
