//! `hll`, `hll_merge`, `tdigest`, `tdigest_merge`: sketches in a dynamic.

use serde_json::Value as Json;

use super::fold::{Fold, FoldKind};
use crate::functions::hash_bits;
use crate::sketch::{Digest, Hll, precision_of};
use crate::value::Value;

pub(super) const KINDS: &[FoldKind] = &[
    FoldKind {
        name: "hll",
        data: 1,
        make: |input| {
            Box::new(Distinct {
                of_sketches: false,
                sketch: Some(Hll::new(precision_of(input.whole(0)))),
                touched: false,
            })
        },
    },
    FoldKind {
        name: "hll_merge",
        data: 1,
        make: |_| {
            Box::new(Distinct {
                of_sketches: true,
                sketch: None,
                touched: false,
            })
        },
    },
    FoldKind {
        name: "tdigest",
        data: 2,
        make: |_| Box::new(Distribution::new(false)),
    },
    FoldKind {
        name: "tdigest_merge",
        data: 1,
        make: |_| Box::new(Distribution::new(true)),
    },
];

#[derive(Debug)]
struct Distinct {
    of_sketches: bool,
    sketch: Option<Hll>,
    /// Whether anything was taken in: of nothing the result is null.
    touched: bool,
}

impl Distinct {
    fn take_in(&mut self, other: Hll) {
        self.touched = true;
        match &mut self.sketch {
            Some(sketch) => sketch.merge(&other),
            None => self.sketch = Some(other),
        }
    }
}

impl Fold for Distinct {
    fn add(&mut self, row: &[Value<'_>]) {
        let Some(value) = row.first().filter(|value| !value.is_null()) else {
            return;
        };
        if self.of_sketches {
            self.merge(&value.to_json());
        } else if let Some(sketch) = &mut self.sketch {
            sketch.add(hash_bits(value));
            self.touched = true;
        }
    }

    fn merge(&mut self, state: &Json) {
        if let Some(other) = Hll::from_json(state) {
            self.take_in(other);
        }
    }

    fn state(&mut self) -> Json {
        let sketch = self.sketch.as_ref().filter(|_| self.touched);
        sketch.map_or(Json::Null, Hll::to_json)
    }

    fn finish(&mut self) -> Value<'static> {
        Value::json(&self.state())
    }

    fn bytes(&self) -> usize {
        self.sketch.as_ref().map_or(0, Hll::bytes)
    }
}

#[derive(Debug)]
struct Distribution {
    of_sketches: bool,
    digest: Digest,
}

impl Distribution {
    fn new(of_sketches: bool) -> Self {
        Self {
            of_sketches,
            digest: Digest::new(),
        }
    }
}

impl Fold for Distribution {
    fn add(&mut self, row: &[Value<'_>]) {
        match row {
            [sketch] if self.of_sketches => self.merge(&sketch.to_json()),
            [value] => self.digest.add(value, 1),
            [value, weight] => self.digest.add(value, weight.as_long().unwrap_or(0)),
            _ => {}
        }
    }

    fn merge(&mut self, state: &Json) {
        if let Some(other) = Digest::from_json(state) {
            self.digest.merge(&other);
        }
    }

    fn state(&mut self) -> Json {
        if self.digest.is_empty() {
            return Json::Null;
        }
        self.digest.json()
    }

    fn finish(&mut self) -> Value<'static> {
        Value::json(&self.state())
    }

    fn bytes(&self) -> usize {
        self.digest.bytes()
    }
}
