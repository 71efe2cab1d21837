//! What takes in the values of a group one by one.

use std::fmt::Debug;

use serde_json::{Value as Json, json};
use stance_base::ScalarType;

use super::{elements, ranked, schema, sketched};
use crate::value::{Value, convert, parse_decimal};

/// What an aggregate has gathered of one group.
pub(super) trait Fold: Debug + Send + Sync {
    /// Takes in the data arguments of one row.
    fn add(&mut self, row: &[Value<'_>]);

    /// Takes in what [`Fold::state`] of another gave.
    fn merge(&mut self, state: &Json);

    /// All that another needs to go on from here.
    fn state(&mut self) -> Json;

    /// The result.
    fn finish(&mut self) -> Value<'static>;

    /// Bytes that it takes.
    fn bytes(&self) -> usize;
}

/// What a fold is made of: the types of all arguments, and the values of the constant ones.
#[derive(Debug)]
pub(super) struct FoldInput<'a> {
    pub(super) types: &'a [ScalarType],
    pub(super) parameters: &'a [Value<'static>],
}

impl FoldInput<'_> {
    /// The type of an argument.
    pub(super) fn argument_type(&self, position: usize) -> ScalarType {
        self.types
            .get(position)
            .copied()
            .unwrap_or(ScalarType::Dynamic)
    }

    /// A whole number among the constant arguments.
    pub(super) fn whole(&self, position: usize) -> Option<i64> {
        self.parameters.get(position).and_then(Value::as_long)
    }
}

/// An aggregate: its name, how many of its arguments change from row to row, what takes them in.
#[derive(Debug)]
pub(super) struct FoldKind {
    pub(super) name: &'static str,
    pub(super) data: usize,
    pub(super) make: fn(&FoldInput<'_>) -> Box<dyn Fold>,
}

/// The kind of this name.
pub(super) fn kind_of(function: &str) -> Option<&'static FoldKind> {
    let groups: [&'static [FoldKind]; 4] = [
        elements::KINDS,
        ranked::KINDS,
        schema::KINDS,
        sketched::KINDS,
    ];
    groups
        .into_iter()
        .flatten()
        .find(|kind| kind.name == function)
}

/// A value for the state, exact for every type.
pub(super) fn encode(value: &Value<'_>) -> Json {
    match value {
        Value::DateTime(number) | Value::TimeSpan(number) => json!(number),
        Value::Real(number) => json!(number.to_bits()),
        other => other.to_json(),
    }
}

/// Reads what [`encode`] wrote of a value of this type.
pub(super) fn decode(value: &Json, scalar_type: ScalarType) -> Value<'static> {
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

/// Bytes that a kept value takes.
pub(super) fn value_bytes(value: &Value<'_>) -> usize {
    let text = match value {
        Value::String(text) | Value::Guid(text) => text.len(),
        Value::Dynamic(dynamic) => dynamic.as_text().len(),
        _ => 0,
    };
    size_of::<Value<'static>>() + text
}
