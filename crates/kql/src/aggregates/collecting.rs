//! Aggregates that collect values: lists, sets, bags, percentiles.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};
use stance_base::ScalarType;

use super::collector::{Collector, Collectors};
use super::distinct_count::DistinctCount;
use super::groups::OneGroup;
use super::percentile::{self, Percentile};
use super::plan_name;
use crate::types::arrow_type;

/// What is made of the values of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    List,
    ListWithNulls,
    Set,
    Bag,
    Percentile,
    PercentilesArray,
    DistinctCount,
    And,
    Or,
    Xor,
    /// `make-series`: (position, value), then the number of positions and the default.
    Series,
}

const KINDS: [(&str, Kind); 11] = [
    ("make_list", Kind::List),
    ("make_list_with_nulls", Kind::ListWithNulls),
    ("make_set", Kind::Set),
    ("make_bag", Kind::Bag),
    ("percentile", Kind::Percentile),
    ("percentiles_array", Kind::PercentilesArray),
    ("dcount", Kind::DistinctCount),
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

impl CollectingAggregate {
    fn collector(&self) -> Collector {
        Collector::new(self.kind, &self.arguments, self.result)
    }

    fn distinct_count(&self) -> Option<DistinctCount> {
        let counts = self.kind == Kind::DistinctCount;
        counts.then(|| DistinctCount::new(self.arguments.first().copied()))
    }

    fn number_percentile(&self) -> Option<Percentile> {
        let value_type = self.arguments.first().copied()?;
        let numbers = self.kind == Kind::Percentile && percentile::holds(value_type);
        numbers.then(|| Percentile::new(value_type, self.result))
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
        if let Some(counting) = self.distinct_count() {
            return Ok(Box::new(OneGroup(counting)));
        }
        if let Some(percentile) = self.number_percentile() {
            return Ok(Box::new(OneGroup(percentile)));
        }
        Ok(Box::new(self.collector()))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        if let Some(counting) = self.distinct_count() {
            return Ok(Box::new(counting));
        }
        if let Some(percentile) = self.number_percentile() {
            return Ok(Box::new(percentile));
        }
        Ok(Box::new(Collectors::new(self.collector())))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}[state]", arguments.name);
        let state = match self.kind {
            Kind::DistinctCount => DataType::Binary,
            _ if self.number_percentile().is_some() => percentile::state_type(),
            _ => DataType::Utf8View,
        };
        Ok(vec![Arc::new(Field::new(name, state, true))])
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        match self.kind {
            Kind::DistinctCount => Ok(ScalarValue::Int64(Some(0))),
            _ => ScalarValue::try_from(data_type),
        }
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }
}
