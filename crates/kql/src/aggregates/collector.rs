//! Values of a group, kept until it is known that there are no more.

use std::cmp::Ordering;
use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};
use serde_json::{Map, Value as Json, json};
use stance_base::ScalarType;
use std::sync::Arc;

use super::collecting::Kind;
use super::groups::{passes, states_of_rows};
use crate::value::{ColumnBuilder, ColumnReader, Value, compare, convert, parse_decimal, to_text};

/// Most elements of a list or set, where the query names no limit.
const MAX_ELEMENTS: usize = 1_048_576;

#[derive(Debug, Clone)]
pub(super) struct Collector {
    kind: Kind,
    arguments: Vec<ScalarType>,
    result: ScalarType,
    values: Vec<Value<'static>>,
    seen: HashSet<String>,
    parameters: Vec<Value<'static>>,
    bytes: usize,
}

impl Collector {
    pub(super) fn new(kind: Kind, arguments: &[ScalarType], result: ScalarType) -> Self {
        Self {
            kind,
            arguments: arguments.to_vec(),
            result,
            values: Vec::new(),
            seen: HashSet::new(),
            parameters: Vec::new(),
            bytes: 0,
        }
    }

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
        if self.kind == Kind::Set && !self.is_new(&value) {
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

    /// Whether a set does not hold the value yet; it counts as held from now on.
    fn is_new(&mut self, value: &Value<'_>) -> bool {
        if let (Value::String(text), ScalarType::String) = (value, self.value_type()) {
            return !self.seen.contains(text.as_ref()) && self.seen.insert(text.to_string());
        }
        self.seen.insert(value.to_json().to_string())
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
            Kind::DistinctCount => Value::Null,
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

impl Collector {
    fn readers(&self, values: &[ArrayRef]) -> Result<Vec<ColumnReader>> {
        let types = self.arguments.iter();
        let columns = values.iter().zip(types);
        columns
            .map(|(array, scalar_type)| ColumnReader::of_array(array, *scalar_type))
            .collect()
    }

    /// The arguments after the value, which are the same in all rows.
    fn take_parameters(&mut self, readers: &[ColumnReader], row: usize) {
        if self.parameters.is_empty() {
            let data = if self.kind == Kind::Series { 2 } else { 1 };
            let rest = readers.iter().skip(data);
            self.parameters = rest.map(|reader| reader.get(row).into_owned()).collect();
        }
    }

    fn add_row(&mut self, readers: &[ColumnReader], row: usize) {
        self.take_parameters(readers, row);
        match readers {
            [position, value, ..] if self.kind == Kind::Series => {
                let pair = json!([position.get(row).to_json(), value.get(row).to_json()]);
                self.add(Value::json(&pair));
            }
            [value, ..] => self.add(value.get(row)),
            [] => {}
        }
    }

    fn merge_state(&mut self, text: &str) {
        let scalar_type = match self.kind {
            Kind::Series => ScalarType::Dynamic,
            _ => self.value_type(),
        };
        let state: Json = serde_json::from_str(text).unwrap_or(Json::Null);
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

    fn state_text(&self) -> String {
        let values: Vec<Json> = self.values.iter().map(encode).collect();
        let parameters: Vec<Json> = self.parameters.iter().map(Value::to_json).collect();
        json!({ "v": values, "p": parameters }).to_string()
    }

    fn result_value(&self) -> Value<'static> {
        let value = self.finish();
        if self.result == ScalarType::String {
            return Value::String(to_text(&value).into_owned().into());
        }
        value
    }
}

impl Accumulator for Collector {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let readers = self.readers(values)?;
        for row in 0..values.first().map_or(0, Array::len) {
            self.add_row(&readers, row);
        }
        Ok(())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(texts) = states.first() else {
            return Ok(());
        };
        let texts = arrow::compute::cast(texts, &DataType::Utf8View)?;
        let texts = texts.as_string_view();
        for text in texts.iter().flatten() {
            self.merge_state(text);
        }
        Ok(())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Utf8View(Some(self.state_text()))])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ColumnBuilder::scalar(&self.result_value(), self.result)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes * 2
    }
}

/// A collector for each group.
#[derive(Debug)]
pub(super) struct Collectors {
    template: Collector,
    groups: Vec<Collector>,
}

impl Collectors {
    pub(super) fn new(template: Collector) -> Self {
        Self {
            template,
            groups: Vec::new(),
        }
    }

    fn grow(&mut self, total: usize) {
        let template = &self.template;
        self.groups.resize_with(total, || template.clone());
    }
}

impl GroupsAccumulator for Collectors {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.grow(total);
        let readers = self.template.readers(values)?;
        for (row, group) in groups.iter().enumerate() {
            if let Some(group) = self.groups.get_mut(*group).filter(|_| passes(filter, row)) {
                group.add_row(&readers, row);
            }
        }
        Ok(())
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.grow(total);
        let Some(texts) = values.first() else {
            return Ok(());
        };
        let texts = arrow::compute::cast(texts, &DataType::Utf8View)?;
        for (text, group) in texts.as_string_view().iter().zip(groups) {
            if let (Some(text), Some(group)) = (text, self.groups.get_mut(*group)) {
                group.merge_state(text);
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = emit.take_needed(&mut self.groups);
        let mut builder = ColumnBuilder::new(self.template.result, groups.len());
        for group in &groups {
            builder.push(&group.result_value());
        }
        Ok(builder.finish())
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit.take_needed(&mut self.groups);
        let texts = groups.iter().map(|group| Some(group.state_text()));
        Ok(vec![Arc::new(texts.collect::<StringViewArray>())])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.template.clone()), values, filter)
    }

    fn size(&self) -> usize {
        let held: usize = self.groups.iter().map(|group| group.bytes).sum();
        held * 2 + self.groups.capacity() * size_of::<Collector>()
    }
}
