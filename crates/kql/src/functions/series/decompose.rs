//! A series as the sum of what repeats, a trend and the rest.

use serde_json::{Value as Json, json};

use super::numbers::{mean, median, real, reals, sparse_numbers};
use super::outliers::{range_of, scores};
use super::periods::Autocorrelation;
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::made;
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_seasonal", series_seasonal),
    ScalarFunction::new("series_decompose_tuple", |_, values| {
        let series = sparse_numbers(values.first()?)?;
        let plan = Plan::of(values, [1, 2, 3, 4])?;
        Some(made(Parts::of(&series, &plan).in_order()))
    }),
    ScalarFunction::new("series_decompose_forecast_tuple", |_, values| {
        let series = sparse_numbers(values.first()?)?;
        let plan = Plan::of(values, [2, 3, 1, 4])?;
        Some(made(Parts::of(&series, &plan).in_order()))
    }),
    ScalarFunction::new("series_decompose_anomalies_tuple", anomalies),
];

/// Least score of a period, where the call names none.
const THRESHOLD: f64 = 0.6;
/// Least score of a period for `series_seasonal`.
const SEASONAL_THRESHOLD: f64 = 0.7;
/// Least score of an anomaly, where the call names none.
const ANOMALY: f64 = 1.5;

/// What a call asks for.
struct Plan {
    /// A number of points, 0 for none, below 0 to find one.
    seasonality: i64,
    trend: Trend,
    /// Points at the end that nothing is learned from.
    tested: usize,
    /// Least score of a period that is found.
    threshold: f64,
}

enum Trend {
    Average,
    Line,
    None,
}

impl Plan {
    /// Reads the arguments at the positions of seasonality, trend, test points and threshold.
    fn of(values: &[Value<'_>], positions: [usize; 4]) -> Option<Self> {
        let [seasonality, trend, tested, threshold] = positions.map(|at| values.get(at));
        let trend = match trend.map(Value::as_text).as_deref() {
            None | Some("" | "avg") => Trend::Average,
            Some("linefit") => Trend::Line,
            Some("none") => Trend::None,
            Some(_) => return None,
        };
        let tested = tested.and_then(Value::as_long).unwrap_or(0);
        Some(Self {
            seasonality: seasonality.and_then(Value::as_long).unwrap_or(-1),
            trend,
            tested: usize::try_from(tested).unwrap_or(0),
            threshold: threshold.and_then(Value::as_real).unwrap_or(THRESHOLD),
        })
    }
}

struct Parts {
    baseline: Vec<f64>,
    seasonal: Vec<f64>,
    trend: Vec<f64>,
    residual: Vec<Option<f64>>,
    /// Points that were learned from.
    learned: usize,
}

impl Parts {
    /// Takes out what repeats, then the trend of what is left.
    fn of(series: &[Option<f64>], plan: &Plan) -> Self {
        let learned = series.len().saturating_sub(plan.tested);
        let seasonal = seasonal(series, learned, plan.seasonality, plan.threshold);
        let left: Vec<Option<f64>> = series
            .iter()
            .zip(&seasonal)
            .map(|(value, seasonal)| value.map(|value| value - seasonal))
            .collect();
        let known: Vec<(f64, f64)> = left[..learned]
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at as f64, (*value)?)))
            .collect();
        let (start, slope) = match plan.trend {
            Trend::None => (0.0, 0.0),
            _ if known.is_empty() => (0.0, 0.0),
            Trend::Average => (average(&known), 0.0),
            Trend::Line => line(&known),
        };
        let trend: Vec<f64> = (0..series.len())
            .map(|at| start + slope * at as f64)
            .collect();
        let baseline: Vec<f64> = seasonal.iter().zip(&trend).map(|(a, b)| a + b).collect();
        let residual = series
            .iter()
            .zip(&baseline)
            .map(|(value, baseline)| value.map(|value| value - baseline));
        Self {
            residual: residual.collect(),
            baseline,
            seasonal,
            trend,
            learned,
        }
    }

    /// As the columns of `series_decompose`.
    fn in_order(&self) -> Vec<Json> {
        let residual = self.residual.iter();
        let residual = residual.map(|value| value.map_or(Json::Null, real));
        vec![
            reals(&self.baseline),
            reals(&self.seasonal),
            reals(&self.trend),
            residual.collect(),
        ]
    }
}

fn average(known: &[(f64, f64)]) -> f64 {
    mean(&known.iter().map(|point| point.1).collect::<Vec<f64>>())
}

/// Where the line of least squares starts, and how it rises.
fn line(known: &[(f64, f64)]) -> (f64, f64) {
    let middle = mean(&known.iter().map(|point| point.0).collect::<Vec<f64>>());
    let level = average(known);
    let spread: f64 = known.iter().map(|point| (point.0 - middle).powi(2)).sum();
    let joint: f64 = known
        .iter()
        .map(|point| (point.0 - middle) * (point.1 - level))
        .sum();
    let slope = if spread > 0.0 { joint / spread } else { 0.0 };
    (level - slope * middle, slope)
}

/// The median of the points of each phase; zeros where there is no period.
fn seasonal(series: &[Option<f64>], learned: usize, wanted: i64, threshold: f64) -> Vec<f64> {
    let known = &series[..learned];
    let period = match usize::try_from(wanted) {
        Ok(period) => period,
        Err(_) => found_period(known, threshold),
    };
    if period == 0 || period > learned {
        return vec![0.0; series.len()];
    }
    let phases: Vec<f64> = (0..period)
        .map(|phase| {
            let points = known.iter().skip(phase).step_by(period).flatten().copied();
            median(points.collect()).unwrap_or(0.0)
        })
        .collect();
    phases.into_iter().cycle().take(series.len()).collect()
}

/// The period with the best score of at least the threshold, else 0.
fn found_period(series: &[Option<f64>], threshold: f64) -> usize {
    let longest = series.len() as f64 / 2.0;
    let found = Autocorrelation::of(series).periods(0.0, longest, 1);
    match found.first() {
        Some((period, score)) if *score >= threshold => *period as usize,
        _ => 0,
    }
}

/// `series_seasonal(series [, period [, test points]])`.
fn series_seasonal<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let series = sparse_numbers(values.first()?)?;
    let wanted = values.get(1).and_then(Value::as_long).unwrap_or(-1);
    let tested = values.get(2).and_then(Value::as_long).unwrap_or(0);
    let learned = series
        .len()
        .saturating_sub(usize::try_from(tested).unwrap_or(0));
    let seasonal = seasonal(&series, learned, wanted, SEASONAL_THRESHOLD);
    Some(Value::json(&reals(&seasonal)))
}

/// `series_decompose_anomalies(series [, threshold [, seasonality [, trend [, test points
/// [, method [, seasonality threshold]]]]]])`: flags, scores, baseline.
fn anomalies<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let series = sparse_numbers(values.first()?)?;
    let parts = Parts::of(&series, &Plan::of(values, [2, 3, 4, 6])?);
    let threshold = values.get(1).and_then(Value::as_real).unwrap_or(ANOMALY);
    let method = values.get(5).map(Value::as_text);
    let method = method.as_deref().filter(|method| !method.is_empty());
    let range = range_of(method.unwrap_or("ctukey"))?;
    let scores = scores(&parts.residual, &parts.residual[..parts.learned], range);
    let flags = scores
        .iter()
        .map(|score| json!(i8::from(*score > threshold) - i8::from(*score < -threshold)));
    Some(made(vec![
        flags.collect(),
        reals(&scores),
        reals(&parts.baseline),
    ]))
}
