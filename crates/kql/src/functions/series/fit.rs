//! Regression: one line, two lines, polynomials.

use serde_json::{Map, Value as Json, json};

use super::numbers::{mean, numbers, real, reals};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::made;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_fit_line_tuple", |_, values| {
        Some(made(Line::fit(&numbers(values.first()?)?)?.in_order()))
    }),
    ScalarFunction::new("series_fit_line_dynamic", |_, values| {
        let line = Line::fit(&numbers(values.first()?)?)?;
        Some(Value::json(&Json::Object(named(&LINE, line.in_order()))))
    }),
    ScalarFunction::new("series_fit_2lines_tuple", |_, values| {
        let lines = TwoLines::fit(&numbers(values.first()?)?)?;
        let sides = [&lines.right, &lines.left];
        let sides = sides.into_iter().flat_map(Line::of_a_side);
        Some(made(lines.in_order().into_iter().chain(sides).collect()))
    }),
    ScalarFunction::new("series_fit_2lines_dynamic", |_, values| {
        let lines = TwoLines::fit(&numbers(values.first()?)?)?;
        let mut bag = named(&TWO_LINES, lines.in_order());
        for (side, line) in [("right", &lines.right), ("left", &lines.left)] {
            bag.insert(
                side.to_owned(),
                Json::Object(named(&SIDE, line.of_a_side())),
            );
        }
        Some(Value::json(&Json::Object(bag)))
    }),
    ScalarFunction::new("series_fit_poly_tuple", fit_poly),
];

const LINE: [&str; 6] = [
    "rsquare",
    "slope",
    "variance",
    "rvariance",
    "interception",
    "line_fit",
];
const TWO_LINES: [&str; 5] = ["rsquare", "split_idx", "variance", "rvariance", "line_fit"];
const SIDE: [&str; 5] = ["rsquare", "slope", "interception", "variance", "rvariance"];

fn named(names: &[&str], values: Vec<Json>) -> Map<String, Json> {
    let names = names.iter().map(|name| (*name).to_owned());
    names.zip(values).collect()
}

/// The sum of the squares, over the degrees of freedom of a sample.
fn sample_variance(squares: f64, count: usize) -> f64 {
    if count > 1 {
        squares / (count - 1) as f64
    } else {
        0.0
    }
}

/// The share of the variance that a fit explains; of no variance all of it.
fn rsquare(residual: f64, total: f64) -> f64 {
    if total > 0.0 {
        1.0 - residual / total
    } else {
        1.0
    }
}

/// A straight line through values at 1, 2, 3, ...
#[derive(Debug)]
struct Line {
    rsquare: f64,
    slope: f64,
    variance: f64,
    rvariance: f64,
    interception: f64,
    fitted: Vec<f64>,
}

impl Line {
    fn fit(values: &[f64]) -> Option<Self> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let center = (count + 1) as f64 / 2.0;
        let average = mean(values);
        let places = (1..=count).map(|place| place as f64 - center);
        let spread: f64 = places.clone().map(|place| place * place).sum();
        let joint: f64 = places.zip(values).map(|(place, value)| place * value).sum();
        let slope = if spread > 0.0 { joint / spread } else { 0.0 };
        let interception = average - slope * center;
        let fitted: Vec<f64> = (1..=count)
            .map(|place| interception + slope * place as f64)
            .collect();
        let (residual, total) = squares(values, &fitted);
        Some(Self {
            rsquare: rsquare(residual, total),
            slope,
            variance: sample_variance(total, count),
            rvariance: sample_variance(residual, count),
            interception,
            fitted,
        })
    }

    fn in_order(&self) -> Vec<Json> {
        vec![
            real(self.rsquare),
            real(self.slope),
            real(self.variance),
            real(self.rvariance),
            real(self.interception),
            reals(&self.fitted),
        ]
    }

    fn of_a_side(&self) -> Vec<Json> {
        vec![
            real(self.rsquare),
            real(self.slope),
            real(self.interception),
            real(self.variance),
            real(self.rvariance),
        ]
    }
}

/// The sums of the squares of what a fit leaves, and of the distances from the mean.
fn squares(values: &[f64], fit: &[f64]) -> (f64, f64) {
    let average = mean(values);
    let residual = values
        .iter()
        .zip(fit)
        .map(|(value, fit)| (value - fit).powi(2))
        .sum();
    let total = values.iter().map(|value| (value - average).powi(2)).sum();
    (residual, total)
}

/// Two lines that meet nowhere in particular, split where together they fit best.
#[derive(Debug)]
struct TwoLines {
    rsquare: f64,
    split: usize,
    variance: f64,
    rvariance: f64,
    left: Line,
    right: Line,
}

impl TwoLines {
    fn fit(values: &[f64]) -> Option<Self> {
        if values.len() < 4 {
            return None;
        }
        let sums = PartSums::of(values);
        let split = (2..=values.len() - 2).min_by(|a, b| {
            let left = sums.residual(0, *a) + sums.residual(*a, values.len());
            let right = sums.residual(0, *b) + sums.residual(*b, values.len());
            left.total_cmp(&right)
        })?;
        let (left, right) = (Line::fit(&values[..split])?, Line::fit(&values[split..])?);
        let fit: Vec<f64> = left.fitted.iter().chain(&right.fitted).copied().collect();
        let (residual, total) = squares(values, &fit);
        Some(Self {
            rsquare: rsquare(residual, total),
            split,
            variance: sample_variance(total, values.len()),
            rvariance: sample_variance(residual, values.len()),
            left,
            right,
        })
    }

    fn in_order(&self) -> Vec<Json> {
        let fit = self.left.fitted.iter().chain(&self.right.fitted);
        vec![
            real(self.rsquare),
            json!(self.split),
            real(self.variance),
            real(self.rvariance),
            fit.copied().map(real).collect(),
        ]
    }
}

/// Sums up to each position, so that the fit of any part costs the same.
struct PartSums {
    /// Of y, y² and xy, y from the mean of all.
    sums: Vec<[f64; 3]>,
}

impl PartSums {
    fn of(values: &[f64]) -> Self {
        let center = mean(values);
        let mut sums = vec![[0.0; 3]];
        let mut sum = [0.0; 3];
        for (place, value) in values.iter().enumerate() {
            let value = value - center;
            sum[0] += value;
            sum[1] += value * value;
            sum[2] += place as f64 * value;
            sums.push(sum);
        }
        Self { sums }
    }

    /// The sum of the squares that a line leaves in a part.
    fn residual(&self, from: usize, to: usize) -> f64 {
        let sum = |at: usize| self.sums[to][at] - self.sums[from][at];
        let count = (to - from) as f64;
        let middle = (from + to - 1) as f64 / 2.0;
        let spread = count * (count * count - 1.0) / 12.0;
        let joint = sum(2) - middle * sum(0);
        let total = sum(1) - sum(0) * sum(0) / count;
        (total - joint * joint / spread).max(0.0)
    }
}

/// Highest degree of a polynomial.
const MAX_DEGREE: i64 = 30;

/// `series_fit_poly(y [, x [, degree]])`: coefficients from the highest power down.
fn fit_poly<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let y = numbers(values.first()?)?;
    let x = match values.get(1) {
        Some(value) if !value.is_null() => numbers(value)?,
        _ => (1..=y.len()).map(|place| place as f64).collect(),
    };
    let degree = values.get(2).and_then(Value::as_long).unwrap_or(1);
    let finite = x.iter().chain(&y).all(|number| number.is_finite());
    if x.len() != y.len() || y.is_empty() || !(0..=MAX_DEGREE).contains(&degree) || !finite {
        return None;
    }
    let degree = usize::try_from(degree).ok()?.min(y.len() - 1);
    let (low, high) = x.iter().fold((f64::MAX, f64::MIN), |(low, high), number| {
        (low.min(*number), high.max(*number))
    });
    // Powers of numbers near 1 keep the system well conditioned.
    let (middle, half) = (
        low.midpoint(high),
        ((high - low) / 2.0).max(f64::MIN_POSITIVE),
    );
    let scaled: Vec<f64> = x.iter().map(|number| (number - middle) / half).collect();
    let fitted = least_squares(&scaled, &y, degree)?;
    let fit: Vec<f64> = scaled
        .iter()
        .map(|place| polynomial(&fitted, *place))
        .collect();
    let (residual, total) = squares(&y, &fit);
    let mut coefficients = unscaled(&fitted, middle, half);
    coefficients.reverse();
    Some(made(vec![
        real(rsquare(residual, total)),
        reals(&coefficients),
        real(sample_variance(total, y.len())),
        real(sample_variance(residual, y.len())),
        reals(&fit),
    ]))
}

/// The value of a polynomial, coefficients from the lowest power up.
fn polynomial(coefficients: &[f64], place: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * place + coefficient)
}

/// The coefficients over x of a polynomial over `(x - middle) / half`.
fn unscaled(coefficients: &[f64], middle: f64, half: f64) -> Vec<f64> {
    let mut result = vec![0.0; coefficients.len()];
    for coefficient in coefficients.iter().rev() {
        // result * (x - middle) / half + coefficient
        let mut next = vec![0.0; result.len()];
        for (power, value) in result.iter().enumerate() {
            next[power] -= value * middle / half;
            if let Some(higher) = next.get_mut(power + 1) {
                *higher += value / half;
            }
        }
        next[0] += coefficient;
        result = next;
    }
    result
}

/// Least squares by orthogonal columns (modified Gram-Schmidt); nothing where the places are too
/// few for the degree.
fn least_squares(places: &[f64], values: &[f64], degree: usize) -> Option<Vec<f64>> {
    let width = degree + 1;
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0; places.len()]];
    for power in 1..width {
        let previous = &columns[power - 1];
        let next = previous.iter().zip(places).map(|(a, b)| a * b).collect();
        columns.push(next);
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut upper = vec![vec![0.0; width]; width];
    let mut right = vec![0.0; width];
    let mut rest = values.to_vec();
    for at in 0..width {
        let norm = dot(&columns[at], &columns[at]).sqrt();
        if norm < 1e-12 {
            return None;
        }
        upper[at][at] = norm;
        columns[at].iter_mut().for_each(|value| *value /= norm);
        let unit = columns[at].clone();
        for later in at + 1..width {
            let along = dot(&unit, &columns[later]);
            upper[at][later] = along;
            columns[later]
                .iter_mut()
                .zip(&unit)
                .for_each(|(value, unit)| *value -= along * unit);
        }
        right[at] = dot(&unit, &rest);
        rest.iter_mut()
            .zip(&unit)
            .for_each(|(value, unit)| *value -= right[at] * unit);
    }
    let mut solution = vec![0.0; width];
    for at in (0..width).rev() {
        let known: f64 = (at + 1..width)
            .map(|later| upper[at][later] * solution[later])
            .sum();
        solution[at] = (right[at] - known) / upper[at][at];
    }
    Some(solution)
}
