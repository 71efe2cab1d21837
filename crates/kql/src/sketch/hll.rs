//! Estimates how many distinct values there are: `HyperLogLog`.
//!
//! Up to [`SPARSE_LIMIT`] hashes are kept as they are, so that the count is exact. Beyond that the
//! registers of Flajolet et al., "`HyperLogLog`: the analysis of a near-optimal cardinality
//! estimation algorithm" (2007), read with the estimator of Ertl, "New cardinality estimation
//! algorithms for `HyperLogLog` sketches" (2017), which needs no correction tables.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

/// Most hashes that are kept one by one.
const SPARSE_LIMIT: usize = 1024;
/// Bits of the register number, least and most.
const PRECISIONS: std::ops::RangeInclusive<u8> = 4..=18;

/// Bits of the register number for Kusto's accuracy 0 to 4 (errors of 1.6, 0.8, 0.4, 0.28 and
/// 0.2 %); accuracy 1 where it is another number.
pub(crate) fn precision_of(accuracy: Option<i64>) -> u8 {
    match accuracy {
        Some(0) => 12,
        Some(2) => 16,
        Some(3) => 17,
        Some(4) => 18,
        _ => 14,
    }
}

/// A set of hashes, exact while small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hll {
    precision: u8,
    hashes: BTreeSet<u64>,
    /// Empty while the hashes are kept.
    registers: Vec<u8>,
}

impl Hll {
    /// An empty sketch of `2^precision` registers.
    pub(crate) fn new(precision: u8) -> Self {
        Self {
            precision: precision.clamp(*PRECISIONS.start(), *PRECISIONS.end()),
            hashes: BTreeSet::new(),
            registers: Vec::new(),
        }
    }

    /// Adds a value by its hash.
    pub(crate) fn add(&mut self, hash: u64) {
        if !self.registers.is_empty() {
            self.register(hash);
            return;
        }
        self.hashes.insert(hash);
        if self.hashes.len() > SPARSE_LIMIT {
            self.make_dense();
        }
    }

    /// Bytes that the sketch takes.
    pub(crate) fn bytes(&self) -> usize {
        self.hashes.len() * 2 * size_of::<u64>() + self.registers.len()
    }

    fn make_dense(&mut self) {
        if !self.registers.is_empty() {
            return;
        }
        self.registers = vec![0; 1 << self.precision];
        for hash in std::mem::take(&mut self.hashes) {
            self.register(hash);
        }
    }

    fn register(&mut self, hash: u64) {
        let position = hash >> (64 - u32::from(self.precision));
        let rest = hash << self.precision;
        let longest = 64 - self.precision;
        let zeros = u8::try_from(rest.leading_zeros()).unwrap_or(longest);
        self.raise(position, zeros.min(longest) + 1);
    }

    fn raise(&mut self, position: u64, rank: u8) {
        let register = usize::try_from(position)
            .ok()
            .and_then(|position| self.registers.get_mut(position));
        if let Some(register) = register {
            *register = (*register).max(rank);
        }
    }

    /// Takes in another sketch. Of two precisions the lower one stays.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.precision < self.precision {
            let mut lower = other.clone();
            lower.take_in(self);
            *self = lower;
        } else {
            self.take_in(other);
        }
    }

    /// Takes in a sketch of this precision or a higher one.
    fn take_in(&mut self, other: &Self) {
        for hash in &other.hashes {
            self.add(*hash);
        }
        if other.registers.is_empty() {
            return;
        }
        self.make_dense();
        let cut = other.precision - self.precision;
        for (position, rank) in (0_u64..).zip(&other.registers) {
            if *rank == 0 {
                continue;
            }
            // The bits that no longer number the register stand before the counted zeros.
            let bits = position & ((1 << cut) - 1);
            let rank = if bits == 0 {
                cut + rank
            } else {
                let zeros = bits.leading_zeros() - (64 - u32::from(cut));
                u8::try_from(zeros).unwrap_or(cut) + 1
            };
            self.raise(position >> cut, rank);
        }
    }

    /// How many distinct hashes were added, exact while they are kept.
    pub(crate) fn count(&self) -> i64 {
        if self.registers.is_empty() {
            return i64::try_from(self.hashes.len()).unwrap_or(i64::MAX);
        }
        #[allow(clippy::cast_possible_truncation)] // Far below the limit of i64.
        let estimate = self.estimate().round() as i64;
        estimate
    }

    /// Ertl's improved raw estimator (2017, algorithm 6).
    fn estimate(&self) -> f64 {
        let longest = usize::from(64 - self.precision);
        let mut of_rank = vec![0_u32; longest + 2];
        for rank in &self.registers {
            if let Some(count) = of_rank.get_mut(usize::from(*rank)) {
                *count += 1;
            }
        }
        let registers = f64::from(1_u32 << self.precision);
        let share = |rank: usize| f64::from(of_rank.get(rank).copied().unwrap_or(0)) / registers;
        let mut sum = registers * tau(1.0 - share(longest + 1));
        for rank in (1..=longest).rev() {
            sum = 0.5 * (sum + share(rank) * registers);
        }
        sum += registers * sigma(share(0));
        let alpha = 1.0 / (2.0 * std::f64::consts::LN_2);
        alpha * registers * registers / sum
    }

    /// As it stands in a dynamic.
    pub(crate) fn to_json(&self) -> Json {
        let hashes: Vec<String> = self
            .hashes
            .iter()
            .map(|hash| hash.cast_signed().to_string())
            .collect();
        let registers = if self.registers.is_empty() {
            json!([])
        } else {
            json!(STANDARD.encode(&self.registers))
        };
        json!([[SPARSE_LIMIT, self.precision], hashes, registers])
    }

    /// Reads what [`Hll::to_json`] wrote; nothing where it is no sketch.
    pub(crate) fn from_json(value: &Json) -> Option<Self> {
        let [header, hashes, registers] = value.as_array()?.as_slice() else {
            return None;
        };
        let precision = u8::try_from(header.as_array()?.get(1)?.as_u64()?).ok()?;
        if !PRECISIONS.contains(&precision) {
            return None;
        }
        let mut sketch = Self::new(precision);
        if let Json::String(text) = registers {
            let bytes = STANDARD.decode(text).ok()?;
            let longest = 65 - precision;
            if bytes.len() != 1 << precision || bytes.iter().any(|rank| *rank > longest) {
                return None;
            }
            sketch.registers = bytes;
        }
        for hash in hashes.as_array()? {
            let number = match hash {
                Json::String(text) => text.parse::<i64>().ok()?,
                other => other.as_i64()?,
            };
            sketch.add(number.cast_unsigned());
        }
        Some(sketch)
    }
}

fn sigma(share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut power, mut weight, mut sum) = (share, 1.0, share);
    loop {
        power *= power;
        let before = sum;
        sum += power * weight;
        weight *= 2.0;
        if sum <= before {
            return sum;
        }
    }
}

fn tau(share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut root, mut weight, mut sum) = (share, 1.0, 1.0 - share);
    loop {
        root = root.sqrt();
        let before = sum;
        weight *= 0.5;
        sum -= (1.0 - root).powi(2) * weight;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_precision_loss)]
    use super::*;

    fn filled(precision: u8, count: u64) -> Hll {
        let mut sketch = Hll::new(precision);
        for number in 0..count {
            sketch.add(twox_hash::XxHash64::oneshot(0, &number.to_le_bytes()));
        }
        sketch
    }

    #[test]
    fn the_error_stays_within_what_the_accuracy_promises() {
        for (precision, percent) in [(12, 1.6), (14, 0.8), (16, 0.4), (18, 0.2)] {
            for count in [10_u64, 1_000, 20_000, 400_000] {
                let estimate = filled(precision, count).count() as f64;
                let error = (estimate / count as f64 - 1.0).abs() * 100.0;
                // Three standard errors.
                assert!(error < 3.0 * percent, "{precision} {count}: {error} %");
            }
        }
    }

    #[test]
    fn a_merged_sketch_counts_the_union_and_takes_the_lower_precision() {
        let mut merged = filled(16, 50_000);
        merged.merge(&filled(12, 60_000));
        assert_eq!(merged, filled(12, 60_000));
        let mut other = filled(12, 300);
        other.merge(&filled(18, 200_000));
        assert_eq!(other, filled(12, 200_000));
    }

    #[test]
    fn what_is_written_reads_back_and_other_values_are_none() {
        for count in [0, 1, 5_000] {
            let sketch = filled(14, count);
            assert_eq!(Hll::from_json(&sketch.to_json()).unwrap(), sketch);
        }
        for text in [
            "[]",
            "[[1024,14],[1]]",
            "[[1024,60],[],[]]",
            "[[1024,14],[],\"AAAA\"]",
        ] {
            assert!(
                Hll::from_json(&serde_json::from_str(text).unwrap()).is_none(),
                "{text}"
            );
        }
    }
}
