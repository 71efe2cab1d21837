//! Percentiles: the value at the nearest rank, plain and weighted.
//!
//! Kusto estimates them with a t-digest and defines what it estimates as the nearest rank (the
//! smallest value that at least that share of the values is not above); here it is computed.

use serde_json::{Value as Json, json};
use stance_base::ScalarType;

use super::fold::{Fold, FoldInput, FoldKind, decode, encode, value_bytes};
use crate::value::{Value, total_order};

pub(super) const KINDS: &[FoldKind] = &[
    FoldKind {
        name: "percentile",
        data: 1,
        make: |input| Box::new(Ranked::new(input, false)),
    },
    FoldKind {
        name: "percentiles_array",
        data: 1,
        make: |input| Box::new(Ranked::new(input, true)),
    },
    FoldKind {
        name: "percentilew",
        data: 2,
        make: |input| Box::new(Ranked::new(input, false)),
    },
    FoldKind {
        name: "percentilesw_array",
        data: 2,
        make: |input| Box::new(Ranked::new(input, true)),
    },
];

#[derive(Debug)]
struct Ranked {
    scalar_type: ScalarType,
    percents: Vec<f64>,
    array: bool,
    /// Values with their weights.
    values: Vec<(Value<'static>, i64)>,
    bytes: usize,
}

impl Ranked {
    fn new(input: &FoldInput<'_>, array: bool) -> Self {
        let percents = match input.parameters {
            [Value::Dynamic(list)] if array => list
                .elements()
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_f64)
                .collect(),
            several => several.iter().filter_map(Value::as_real).collect(),
        };
        Self {
            scalar_type: input.argument_type(0),
            percents,
            array,
            values: Vec::new(),
            bytes: 0,
        }
    }

    fn take_in(&mut self, value: Value<'static>, weight: Option<i64>) {
        if let Some(weight) = weight.filter(|weight| *weight > 0)
            && !value.is_null()
        {
            self.bytes += value_bytes(&value) + size_of::<i64>();
            self.values.push((value, weight));
        }
    }

    /// Of sorted values.
    fn percentile(&self, percent: f64) -> Value<'static> {
        let total: f64 = self.values.iter().map(|(_, weight)| *weight as f64).sum();
        let wanted = percent.clamp(0.0, 100.0) * total / 100.0;
        let mut below = 0.0;
        let found = self.values.iter().find(|(_, weight)| {
            below += *weight as f64;
            below >= wanted
        });
        found
            .or(self.values.last())
            .map_or(Value::Null, |(value, _)| value.clone())
    }
}

impl Fold for Ranked {
    fn add(&mut self, row: &[Value<'_>]) {
        match row {
            [value, weight] => self.take_in(value.clone().into_owned(), weight.as_long()),
            [value] => self.take_in(value.clone().into_owned(), Some(1)),
            _ => {}
        }
    }

    fn merge(&mut self, state: &Json) {
        let values = state["values"].as_array().map_or(&[][..], Vec::as_slice);
        let weights = state["weights"].as_array().map_or(&[][..], Vec::as_slice);
        for (at, value) in values.iter().enumerate() {
            let weight = weights.get(at).map_or(Some(1), Json::as_i64);
            self.take_in(decode(value, self.scalar_type), weight);
        }
    }

    fn state(&mut self) -> Json {
        let values: Vec<Json> = self.values.iter().map(|(value, _)| encode(value)).collect();
        if self.values.iter().all(|(_, weight)| *weight == 1) {
            return json!({ "values": values });
        }
        let weights: Vec<i64> = self.values.iter().map(|(_, weight)| *weight).collect();
        json!({ "values": values, "weights": weights })
    }

    fn finish(&mut self) -> Value<'static> {
        if self.values.is_empty() {
            return Value::Null;
        }
        self.values.sort_by(|a, b| total_order(&a.0, &b.0));
        if !self.array {
            let percent = self.percents.first();
            return percent.map_or(Value::Null, |percent| self.percentile(*percent));
        }
        let found = self.percents.iter();
        let found = found.map(|percent| self.percentile(*percent).to_json());
        Value::json(&Json::Array(found.collect()))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}
