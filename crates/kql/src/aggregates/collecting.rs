//! Aggregates that collect values: lists, sets, bags, percentiles.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use serde_json::{Map, Value as Json, json};
use stance_base::ScalarType;

use super::plan_name;
use crate::types::arrow_type;
use crate::value::{ColumnBuilder, ColumnReader, Value, compare, convert, parse_decimal, to_text};

/// Most elements of a list or set, where the query names no limit.
const MAX_ELEMENTS: usize = 1_048_576;

/// What is made of the values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    List,
    ListWithNulls,
    Set,
    Bag,
    Percentile,
    PercentilesArray,
    And,
    Or,
    Xor,
    /// `make-series`: (position, value), then the number of positions and the default.
    Series,
}

const KINDS: [(&str, Kind); 10] = [
    ("make_list", Kind::List),
    ("make_list_with_nulls", Kind::ListWithNulls),
    ("make_set", Kind::Set),
    ("make_bag", Kind::Bag),
    ("percentile", Kind::Percentile),
    ("percentiles_array", Kind::PercentilesArray),
    ("binary_all_and", Kind::And),
    ("binary_all_or", Kind::Or),
    ("binary_all_xor", Kind::Xor),
    ("series", Kind::Series),
];

/// Whether there is such an aggregate.
pub(crate) fn is_collecting(function: &str) -> bool {
    KINDS.iter().any(|entry| entry.0 == function)
}

/// An aggregate that keeps the values of its first argument; the others are constant.
#[derive(Debug)]
pub(crate) struct CollectingAggregate {
    kind: Kind,
    arguments: Vec<ScalarType>,
    result: ScalarType,
    name: String,
    signature: Signature,
}

impl CollectingAggregate {
    pub(crate) fn new(
        function: &str,
        arguments: &[ScalarType],
        result: ScalarType,
    ) -> Option<Self> {
        let (_, kind) = KINDS.iter().find(|entry| entry.0 == function)?;
        Some(Self {
            kind: *kind,
            arguments: arguments.to_vec(),
            result,
            name: plan_name(function, arguments, result.as_str()),
            signature: Signature::any(arguments.len(), Volatility::Immutable),
        })
    }
}

impl PartialEq for CollectingAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for CollectingAggregate {}

impl Hash for CollectingAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for CollectingAggregate {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(arrow_type(self.result))
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Collector {
            kind: self.kind,
            arguments: self.arguments.clone(),
            result: self.result,
            values: Vec::new(),
            seen: HashSet::new(),
            parameters: Vec::new(),
            bytes: 0,
        }))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}[state]", arguments.name);
        Ok(vec![Arc::new(Field::new(name, DataType::Utf8View, true))])
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }
}

#[derive(Debug)]
struct Collector {
    kind: Kind,
    arguments: Vec<ScalarType>,
    result: ScalarType,
    values: Vec<Value<'static>>,
    seen: HashSet<String>,
    parameters: Vec<Value<'static>>,
    bytes: usize,
}

impl Collector {
    fn value_type(&self) -> ScalarType {
        match self.kind {
            Kind::Series => self.arguments.get(1),
            _ => self.arguments.first(),
        }
        .copied()
        .unwrap_or(ScalarType::Dynamic)
    }

    fn limit(&self) -> usize {
        match (self.kind, self.parameters.first()) {
            (Kind::List | Kind::ListWithNulls | Kind::Set | Kind::Bag, Some(limit)) => limit
                .as_long()
                .and_then(|limit| usize::try_from(limit).ok())
                .map_or(MAX_ELEMENTS, |limit| limit.min(MAX_ELEMENTS)),
            (Kind::Percentile | Kind::PercentilesArray, _) => usize::MAX,
            _ => MAX_ELEMENTS,
        }
    }

    fn add(&mut self, value: Value<'_>) {
        if value.is_null() && self.kind != Kind::ListWithNulls {
            return;
        }
        if matches!(self.kind, Kind::And | Kind::Or | Kind::Xor) {
            self.fold(&value);
            return;
        }
        // A set of arrays is the set of their elements.
        if self.kind == Kind::Set
            && let Value::Dynamic(dynamic) = &value
            && let Some(elements) = dynamic.elements()
        {
            for element in &elements {
                self.add_one(Value::json(element));
            }
            return;
        }
        self.add_one(value);
    }

    fn add_one(&mut self, value: Value<'_>) {
        if self.values.len() >= self.limit() {
            return;
        }
        if self.kind == Kind::Set && !self.seen.insert(value.to_json().to_string()) {
            return;
        }
        let owned = value.into_owned();
        self.bytes += size_of::<Value<'static>>()
            + match &owned {
                Value::String(text) | Value::Guid(text) => text.len(),
                Value::Dynamic(dynamic) => dynamic.as_text().len(),
                _ => 0,
            };
        self.values.push(owned);
    }

    fn fold(&mut self, value: &Value<'_>) {
        let Some(new) = value.as_long() else {
            return;
        };
        let old = self.values.first().and_then(Value::as_long);
        let folded = match (old, self.kind) {
            (None, _) => new,
            (Some(old), Kind::And) => old & new,
            (Some(old), Kind::Or) => old | new,
            (Some(old), _) => old ^ new,
        };
        self.values = vec![Value::Long(folded)];
    }

    fn finish(&self) -> Value<'static> {
        match self.kind {
            Kind::List | Kind::ListWithNulls | Kind::Set => Value::json(&Json::Array(
                self.values.iter().map(Value::to_json).collect(),
            )),
            Kind::Bag => self.bag(),
            Kind::Percentile => {
                let percent = self.parameters.first().and_then(Value::as_real);
                percent.map_or(Value::Null, |percent| percentile(&self.sorted(), percent))
            }
            Kind::PercentilesArray => self.percentiles(),
            Kind::And | Kind::Or | Kind::Xor => self.values.first().cloned().unwrap_or(Value::Null),
            Kind::Series => self.series(),
        }
    }

    /// The first value of each key stays.
    fn bag(&self) -> Value<'static> {
        let mut bag = Map::new();
        for value in &self.values {
            if let Json::Object(entries) = value.to_json() {
                for (key, value) in entries {
                    bag.entry(key).or_insert(value);
                }
            }
        }
        Value::json(&Json::Object(bag))
    }

    fn sorted(&self) -> Vec<Value<'static>> {
        let mut sorted = self.values.clone();
        sorted.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
        sorted
    }

    fn percentiles(&self) -> Value<'static> {
        let sorted = self.sorted();
        let percents: Vec<f64> = match self.parameters.as_slice() {
            [Value::Dynamic(list)] => list
                .elements()
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_f64)
                .collect(),
            several => several.iter().filter_map(Value::as_real).collect(),
        };
        let found: Vec<Json> = percents
            .into_iter()
            .map(|percent| percentile(&sorted, percent).to_json())
            .collect();
        if sorted.is_empty() {
            Value::Null
        } else {
            Value::json(&Json::Array(found))
        }
    }

    /// Values are kept as pairs `[position, value]`.
    fn series(&self) -> Value<'static> {
        let count = self
            .parameters
            .first()
            .and_then(Value::as_long)
            .unwrap_or(0);
        let default = self.parameters.get(1).map_or(Json::Null, Value::to_json);
        let count = usize::try_from(count).unwrap_or(0).min(MAX_ELEMENTS);
        let mut series = vec![default; count];
        for pair in &self.values {
            let Value::Dynamic(pair) = pair else { continue };
            if let Some([position, value]) = pair.elements().as_deref()
                && let Some(position) = position.as_u64().and_then(|at| usize::try_from(at).ok())
                && let Some(place) = series.get_mut(position)
            {
                *place = value.clone();
            }
        }
        Value::json(&Json::Array(series))
    }
}

/// The value at the nearest rank.
fn percentile(sorted: &[Value<'static>], percent: f64) -> Value<'static> {
    if sorted.is_empty() {
        return Value::Null;
    }
    let rank = (percent.clamp(0.0, 100.0) / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted
        .get(rank.saturating_sub(1))
        .cloned()
        .unwrap_or(Value::Null)
}

/// A value for the state text, exact for every type.
fn encode(value: &Value<'_>) -> Json {
    match value {
        Value::DateTime(number) | Value::TimeSpan(number) => json!(number),
        Value::Real(number) => json!(number.to_bits()),
        other => other.to_json(),
    }
}

fn decode(value: &Json, scalar_type: ScalarType) -> Value<'static> {
    let whole = || value.as_i64();
    let decoded = match scalar_type {
        ScalarType::DateTime => whole().map(Value::DateTime),
        ScalarType::TimeSpan => whole().map(Value::TimeSpan),
        ScalarType::Real => value.as_u64().map(|bits| Value::Real(f64::from_bits(bits))),
        ScalarType::Decimal => value.as_str().and_then(parse_decimal).map(Value::Decimal),
        ScalarType::Dynamic => Some(Value::json(value)),
        other => Some(convert(&Value::json(value), other).into_owned()),
    };
    decoded.unwrap_or(Value::Null)
}

impl Accumulator for Collector {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let readers = values
            .iter()
            .zip(&self.arguments)
            .map(|(array, scalar_type)| ColumnReader::of_array(array, *scalar_type))
            .collect::<Result<Vec<_>>>()?;
        let rows = values.first().map_or(0, Array::len);
        let data = if self.kind == Kind::Series { 2 } else { 1 };
        if self.parameters.is_empty() && rows > 0 {
            self.parameters = readers
                .iter()
                .skip(data)
                .map(|reader| reader.get(0).into_owned())
                .collect();
        }
        for row in 0..rows {
            match readers.as_slice() {
                [position, value, ..] if self.kind == Kind::Series => {
                    let pair = json!([position.get(row).to_json(), value.get(row).to_json()]);
                    self.add(Value::json(&pair));
                }
                [value, ..] => self.add(value.get(row)),
                [] => {}
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(texts) = states.first() else {
            return Ok(());
        };
        let texts = arrow::compute::cast(texts, &DataType::Utf8View)?;
        let texts = texts.as_string_view();
        let scalar_type = match self.kind {
            Kind::Series => ScalarType::Dynamic,
            _ => self.value_type(),
        };
        for row in (0..texts.len()).filter(|row| !texts.is_null(*row)) {
            let state: Json = serde_json::from_str(texts.value(row)).unwrap_or(Json::Null);
            let parts = |name: &str| state.get(name).and_then(Json::as_array).cloned();
            if self.parameters.is_empty() {
                self.parameters = parts("p")
                    .unwrap_or_default()
                    .iter()
                    .map(Value::json)
                    .map(Value::into_owned)
                    .collect();
            }
            for value in parts("v").unwrap_or_default() {
                self.add(decode(&value, scalar_type));
            }
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<Json> = self.values.iter().map(encode).collect();
        let parameters: Vec<Json> = self.parameters.iter().map(Value::to_json).collect();
        let text = json!({ "v": values, "p": parameters }).to_string();
        Ok(vec![ScalarValue::Utf8View(Some(text))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let value = self.finish();
        let value = if self.result == ScalarType::String {
            Value::String(to_text(&value).into_owned().into())
        } else {
            value
        };
        ColumnBuilder::scalar(&value, self.result)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes * 2
    }
}
