//! Aggregates that gather elements: lists, sets, bags, series; and bits.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};
use stance_base::ScalarType;

use super::fold::{Fold, FoldInput, FoldKind, decode, encode, value_bytes};
use crate::value::Value;

/// Most elements of a list or set, where the query names no limit.
const MAX_ELEMENTS: usize = 1_048_576;

pub(super) const KINDS: &[FoldKind] = &[
    FoldKind {
        name: "make_list",
        data: 1,
        make: |input| Box::new(Elements::new(input, Keep::Values)),
    },
    FoldKind {
        name: "make_list_with_nulls",
        data: 1,
        make: |input| Box::new(Elements::new(input, Keep::All)),
    },
    FoldKind {
        name: "make_set",
        data: 1,
        make: |input| Box::new(Elements::new(input, Keep::Distinct)),
    },
    FoldKind {
        name: "make_bag",
        data: 1,
        make: |input| Box::new(Bag::new(input)),
    },
    FoldKind {
        name: "binary_all_and",
        data: 1,
        make: |_| Box::new(Bits::new(|a, b| a & b)),
    },
    FoldKind {
        name: "binary_all_or",
        data: 1,
        make: |_| Box::new(Bits::new(|a, b| a | b)),
    },
    FoldKind {
        name: "binary_all_xor",
        data: 1,
        make: |_| Box::new(Bits::new(|a, b| a ^ b)),
    },
    // `make-series`: (position, value), then the number of positions and the default.
    FoldKind {
        name: "series",
        data: 2,
        make: |input| Box::new(Series::new(input)),
    },
];

fn limit(input: &FoldInput<'_>) -> usize {
    input
        .whole(0)
        .and_then(|limit| usize::try_from(limit).ok())
        .map_or(MAX_ELEMENTS, |limit| limit.min(MAX_ELEMENTS))
}

fn list(state: &Json) -> &[Json] {
    state.as_array().map_or(&[], Vec::as_slice)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// Values that are not null.
    Values,
    All,
    /// One of each value.
    Distinct,
}

#[derive(Debug)]
struct Elements {
    keep: Keep,
    scalar_type: ScalarType,
    limit: usize,
    values: Vec<Value<'static>>,
    seen: HashSet<String>,
    bytes: usize,
}

impl Elements {
    fn new(input: &FoldInput<'_>, keep: Keep) -> Self {
        Self {
            keep,
            scalar_type: input.argument_type(0),
            limit: limit(input),
            values: Vec::new(),
            seen: HashSet::new(),
            bytes: 0,
        }
    }

    fn take_in(&mut self, value: &Value<'_>) {
        if value.is_null() && self.keep != Keep::All {
            return;
        }
        // Of an array its elements, one level deep.
        if let Value::Dynamic(dynamic) = value
            && let Some(elements) = dynamic.elements()
        {
            for element in &elements {
                self.keep_one(&Value::json(element));
            }
            return;
        }
        self.keep_one(value);
    }

    fn keep_one(&mut self, value: &Value<'_>) {
        if self.values.len() >= self.limit {
            return;
        }
        if self.keep == Keep::Distinct && !self.is_new(value) {
            return;
        }
        let owned = value.clone().into_owned();
        self.bytes += value_bytes(&owned);
        self.values.push(owned);
    }
}

impl Elements {
    /// Whether a set does not hold the value yet; it counts as held from now on.
    fn is_new(&mut self, value: &Value<'_>) -> bool {
        let text = match (value, self.scalar_type) {
            (Value::String(text), ScalarType::String) => {
                if self.seen.contains(text.as_ref()) {
                    return false;
                }
                text.to_string()
            }
            _ => value.to_json().to_string(),
        };
        self.bytes += text.len() + size_of::<String>();
        self.seen.insert(text)
    }
}

impl Fold for Elements {
    fn add(&mut self, row: &[Value<'_>]) {
        if let Some(value) = row.first() {
            self.take_in(value);
        }
    }

    fn merge(&mut self, state: &Json) {
        for value in list(state) {
            // Arrays were taken apart when they came in.
            self.keep_one(&decode(value, self.scalar_type));
        }
    }

    fn state(&mut self) -> Json {
        self.values.iter().map(encode).collect()
    }

    fn finish(&mut self) -> Value<'static> {
        Value::json(&Json::Array(
            self.values.iter().map(Value::to_json).collect(),
        ))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The first value of each key stays. The limit counts keys.
#[derive(Debug)]
struct Bag {
    entries: Map<String, Json>,
    limit: usize,
    bytes: usize,
}

impl Bag {
    fn new(input: &FoldInput<'_>) -> Self {
        Self {
            entries: Map::new(),
            limit: limit(input),
            bytes: 0,
        }
    }

    fn take_in(&mut self, entries: Map<String, Json>) {
        for (key, value) in entries {
            if self.entries.len() >= self.limit || self.entries.contains_key(&key) {
                continue;
            }
            self.bytes += key.len() + value.to_string().len() + size_of::<Json>();
            self.entries.insert(key, value);
        }
    }
}

impl Fold for Bag {
    fn add(&mut self, row: &[Value<'_>]) {
        if let Some(Json::Object(entries)) = row.first().map(Value::to_json) {
            self.take_in(entries);
        }
    }

    fn merge(&mut self, state: &Json) {
        if let Json::Object(entries) = state {
            self.take_in(entries.clone());
        }
    }

    fn state(&mut self) -> Json {
        Json::Object(self.entries.clone())
    }

    fn finish(&mut self) -> Value<'static> {
        Value::json(&Json::Object(self.entries.clone()))
    }

    fn bytes(&self) -> usize {
        self.bytes
    }
}

#[derive(Debug)]
struct Bits {
    join: fn(i64, i64) -> i64,
    bits: Option<i64>,
}

impl Bits {
    fn new(join: fn(i64, i64) -> i64) -> Self {
        Self { join, bits: None }
    }

    fn take_in(&mut self, new: Option<i64>) {
        self.bits = match (self.bits, new) {
            (Some(old), Some(new)) => Some((self.join)(old, new)),
            (old, new) => old.or(new),
        };
    }
}

impl Fold for Bits {
    fn add(&mut self, row: &[Value<'_>]) {
        self.take_in(row.first().and_then(Value::as_long));
    }

    fn merge(&mut self, state: &Json) {
        self.take_in(state.as_i64());
    }

    fn state(&mut self) -> Json {
        json!(self.bits)
    }

    fn finish(&mut self) -> Value<'static> {
        self.bits.map_or(Value::Null, Value::Long)
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// Values at positions, the default everywhere else.
#[derive(Debug)]
struct Series {
    values: Vec<Json>,
    /// Positions that have a value.
    set: Vec<(usize, Json)>,
}

impl Series {
    fn new(input: &FoldInput<'_>) -> Self {
        let count = input.whole(0).and_then(|count| usize::try_from(count).ok());
        let default = input.parameters.get(1).map_or(Json::Null, Value::to_json);
        Self {
            values: vec![default; count.unwrap_or(0).min(MAX_ELEMENTS)],
            set: Vec::new(),
        }
    }

    fn take_in(&mut self, position: Option<i64>, value: Json) {
        let position = position.and_then(|position| usize::try_from(position).ok());
        if let Some(position) = position
            && let Some(place) = self.values.get_mut(position)
        {
            self.set.push((position, value.clone()));
            *place = value;
        }
    }
}

impl Fold for Series {
    fn add(&mut self, row: &[Value<'_>]) {
        if let [position, value] = row {
            self.take_in(position.as_long(), value.to_json());
        }
    }

    fn merge(&mut self, state: &Json) {
        for pair in list(state) {
            if let [position, value] = list(pair) {
                self.take_in(position.as_i64(), value.clone());
            }
        }
    }

    fn state(&mut self) -> Json {
        json!(self.set)
    }

    fn finish(&mut self) -> Value<'static> {
        Value::json(&Json::Array(std::mem::take(&mut self.values)))
    }

    fn bytes(&self) -> usize {
        (self.values.len() + self.set.len()) * size_of::<(usize, Json)>()
    }
}
