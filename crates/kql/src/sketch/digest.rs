//! Estimates percentiles: a t-digest.
//!
//! Dunning and Ertl, "Computing extremely accurate quantiles using t-digests" (2019): values are
//! drawn together into weighted centroids, finely at both ends and coarsely in the middle. Up to
//! [`EXACT_LIMIT`] distinct values stay as they are, so that percentiles of them are exact.

use serde_json::{Number, Value as Json, json};

use crate::instant::{parse_datetime, parse_timespan};
use crate::value::{Value, decimal_from_f64};

/// Most values, and of a drawn together digest most centroids.
const EXACT_LIMIT: usize = 2_048;
/// Values that are gathered before they are drawn together.
const BUFFER: usize = 4 * EXACT_LIMIT;
/// Greatest number of centroids that the scale function allows for.
const COMPRESSION: f64 = 1_000.0;

/// What kind of numbers there are: a real stands for a value of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Long,
    Real,
    Decimal,
    DateTime,
    TimeSpan,
}

/// Values with their weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Digest {
    kind: Option<Kind>,
    centroids: Vec<(f64, u64)>,
    sorted: bool,
}

fn place(value: &Value<'_>) -> Option<(Kind, f64)> {
    #[allow(clippy::cast_precision_loss)] // A digest is an estimate.
    let place = match value {
        Value::Long(number) => (Kind::Long, *number as f64),
        Value::TimeSpan(ticks) => (Kind::TimeSpan, *ticks as f64),
        Value::DateTime(micros) => (Kind::DateTime, *micros as f64),
        Value::Real(number) if number.is_finite() => (Kind::Real, *number),
        Value::Decimal(_) => (Kind::Decimal, value.as_real()?),
        _ => return None,
    };
    Some(place)
}

/// A number, or the text of a datetime or timespan.
fn place_of_json(value: &Json) -> Option<(Kind, f64)> {
    match value {
        Json::Number(number) if number.is_i64() => place(&Value::Long(number.as_i64()?)),
        Json::Number(number) => place(&Value::Real(number.as_f64()?)),
        Json::String(text) => match parse_timespan(text) {
            Some(ticks) => place(&Value::TimeSpan(ticks)),
            None => place(&Value::DateTime(parse_datetime(text)?)),
        },
        _ => None,
    }
}

impl Digest {
    /// A digest of nothing.
    pub(crate) fn new() -> Self {
        Self {
            kind: None,
            centroids: Vec::new(),
            sorted: true,
        }
    }

    /// Adds a number, datetime or timespan; other values and weights of 0 add nothing.
    pub(crate) fn add(&mut self, value: &Value<'_>, weight: i64) {
        let Some((kind, place)) = place(value) else {
            return;
        };
        if let Ok(weight) = u64::try_from(weight)
            && weight > 0
        {
            self.push(kind, place, weight);
        }
    }

    fn push(&mut self, kind: Kind, place: f64, weight: u64) {
        self.kind = Some(match self.kind {
            None => kind,
            Some(known) if known == kind => known,
            // Whole and other numbers together are reals.
            Some(_) => Kind::Real,
        });
        self.centroids.push((place, weight));
        self.sorted = false;
        if self.centroids.len() > BUFFER {
            self.draw_together();
        }
    }

    /// Bytes that the digest takes.
    pub(crate) fn bytes(&self) -> usize {
        self.centroids.capacity() * size_of::<(f64, u64)>()
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.centroids.is_empty()
    }

    /// Takes in another digest.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (place, weight) in &other.centroids {
            self.push(other.kind.unwrap_or(Kind::Real), *place, *weight);
        }
    }

    /// Sorts the centroids and adds up those of one value.
    fn sort(&mut self) {
        if self.sorted {
            return;
        }
        self.centroids.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.centroids.dedup_by(|next, kept| {
            let same = next.0.total_cmp(&kept.0).is_eq();
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        self.sorted = true;
    }

    /// Joins neighbours as far as the scale function k1 allows.
    fn draw_together(&mut self) {
        self.sort();
        if self.centroids.len() <= EXACT_LIMIT {
            return;
        }
        let total = self.total();
        let scale = COMPRESSION / (2.0 * std::f64::consts::PI);
        let limit_after = |share: f64| {
            let next = (2.0 * share - 1.0).clamp(-1.0, 1.0).asin() * scale + 1.0;
            f64::midpoint((next / scale).min(std::f64::consts::FRAC_PI_2).sin(), 1.0)
        };
        let mut joined: Vec<(f64, u64)> = Vec::with_capacity(EXACT_LIMIT);
        let (mut before, mut limit) = (0.0, limit_after(0.0));
        let last = self.centroids.len() - 1;
        for (at, (place, weight)) in self.centroids.iter().enumerate() {
            let inside = at > 1 && at < last;
            match joined.last_mut() {
                Some(open) if inside && before + share(open.1 + weight, total) <= limit => {
                    let sum = open.1 + weight;
                    open.0 += (place - open.0) * share(*weight, sum as f64);
                    open.1 = sum;
                }
                open => {
                    if let Some(open) = open {
                        before += share(open.1, total);
                        limit = limit_after(before);
                    }
                    joined.push((*place, *weight));
                }
            }
        }
        self.centroids = joined;
    }

    fn total(&self) -> f64 {
        self.centroids
            .iter()
            .map(|centroid| centroid.1 as f64)
            .sum()
    }

    /// The value at the nearest rank; null of an empty digest.
    pub(crate) fn percentile(&mut self, percent: f64) -> Value<'static> {
        self.sort();
        let wanted = percent.clamp(0.0, 100.0) * self.total() / 100.0;
        let mut below = 0.0;
        for (place, weight) in &self.centroids {
            below += *weight as f64;
            if below >= wanted {
                return self.value(*place);
            }
        }
        self.centroids
            .last()
            .map_or(Value::Null, |last| self.value(last.0))
    }

    /// How many values are not above this one; nothing where it is no value of this kind.
    pub(crate) fn rank(&self, value: &Value<'_>) -> Option<f64> {
        let (_, wanted) = match value {
            Value::String(text) => place_of_json(&json!(text))?,
            Value::Dynamic(dynamic) => place_of_json(&dynamic.to_json())?,
            other => place(other)?,
        };
        let counted = self.centroids.iter().filter(|(place, _)| *place <= wanted);
        Some(counted.map(|(_, weight)| *weight as f64).sum())
    }

    /// The rank as a share of all values, in percent.
    pub(crate) fn percent_rank(&self, value: &Value<'_>) -> Option<f64> {
        let total = self.total();
        (total > 0.0).then_some(self.rank(value)? / total * 100.0)
    }

    fn value(&self, place: f64) -> Value<'static> {
        #[allow(clippy::cast_possible_truncation)] // The places came of such numbers.
        let whole = place.round() as i64;
        match self.kind {
            Some(Kind::Long) => Value::Long(whole),
            Some(Kind::DateTime) => Value::DateTime(whole),
            Some(Kind::TimeSpan) => Value::TimeSpan(whole),
            Some(Kind::Decimal) => decimal_from_f64(place).map_or(Value::Null, Value::Decimal),
            _ => Value::Real(place),
        }
    }

    /// As it stands in a dynamic.
    pub(crate) fn json(&mut self) -> Json {
        self.draw_together();
        let values: Vec<Json> = self
            .centroids
            .iter()
            .map(|(place, _)| match self.kind {
                Some(Kind::Decimal) => Number::from_f64(*place).map_or(Json::Null, Json::Number),
                _ => self.value(*place).to_json(),
            })
            .collect();
        let weights: Vec<u64> = self.centroids.iter().map(|centroid| centroid.1).collect();
        json!([[7], values, weights])
    }

    /// Reads what [`Digest::json`] wrote; nothing where it is no digest.
    pub(crate) fn from_json(value: &Json) -> Option<Self> {
        let [header, values, weights] = value.as_array()?.as_slice() else {
            return None;
        };
        let (values, weights) = (values.as_array()?, weights.as_array()?);
        if header.as_array()?.len() != 1 || values.len() != weights.len() {
            return None;
        }
        let mut digest = Self::new();
        for (value, weight) in values.iter().zip(weights) {
            let (kind, place) = place_of_json(value)?;
            digest.push(kind, place, weight.as_u64()?);
        }
        Some(digest)
    }
}

fn share(weight: u64, total: f64) -> f64 {
    weight as f64 / total
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn up_to(count: i64) -> Digest {
        let mut digest = Digest::new();
        // In an order that is not sorted.
        for number in 0..count {
            digest.add(&Value::Long(number * 7_919 % count + 1), 1);
        }
        digest
    }

    #[test]
    fn few_values_have_exact_percentiles() {
        let mut digest = up_to(1_000);
        for percent in [0.1, 1.0, 25.0, 50.0, 99.9, 100.0] {
            let rank = (percent * 10.0_f64).round() as i64;
            assert_eq!(digest.percentile(percent), Value::Long(rank));
        }
        assert_eq!(digest.rank(&Value::Long(685)), Some(685.0));
        assert_eq!(digest.percent_rank(&Value::Long(685)), Some(68.5));
    }

    #[test]
    fn many_values_have_percentiles_within_a_hundredth() {
        let count = 200_003;
        let mut digest = Digest::from_json(&up_to(count).json()).unwrap();
        for percent in [0.0, 1.0, 10.0, 50.0, 90.0, 99.0, 100.0] {
            let found = digest.percentile(percent).as_real().unwrap() / count as f64 * 100.0;
            assert!((found - percent).abs() < 0.2, "{percent}: {found}");
        }
        assert_eq!(digest.percentile(0.0), Value::Long(1));
        assert_eq!(digest.percentile(100.0), Value::Long(count));
        assert!(digest.centroids.len() <= EXACT_LIMIT);
    }

    #[test]
    fn kinds_stay_what_they_are() {
        for value in [
            Value::Long(5),
            Value::Real(5.0),
            Value::DateTime(1_700_000_000_123_456),
            Value::TimeSpan(12_345_678),
        ] {
            let mut digest = Digest::new();
            digest.add(&value, 3);
            let mut digest = Digest::from_json(&digest.json()).unwrap();
            assert_eq!(digest.percentile(50.0), value);
        }
        for text in ["[]", "{}", "[[7],[1],[]]", "[[7],[true],[1]]"] {
            assert!(
                Digest::from_json(&serde_json::from_str(text).unwrap()).is_none(),
                "{text}"
            );
        }
    }
}
