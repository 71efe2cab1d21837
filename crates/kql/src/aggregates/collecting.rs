//! Aggregates that take in value by value: lists, sets, bags, percentiles, sketches.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};
use stance_base::ScalarType;

use super::distinct_count::DistinctCount;
use super::fold::{FoldKind, kind_of};
use super::folding::Foldings;
use super::groups::OneGroup;
use super::percentile::{self, Percentile};
use crate::functions::signature::plan_name;
use crate::types::arrow_type;

/// What is made of the values of a group.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// How many different values there are.
    DistinctCount,
    Fold(&'static FoldKind),
}

fn kind_named(function: &str) -> Option<Kind> {
    if function == "dcount" {
        return Some(Kind::DistinctCount);
    }
    kind_of(function).map(Kind::Fold)
}

/// Whether there is such an aggregate.
pub(crate) fn is_collecting(function: &str) -> bool {
    kind_named(function).is_some()
}

/// An aggregate of the values of its first arguments; the others are constant.
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
        Some(Self {
            kind: kind_named(function)?,
            arguments: arguments.to_vec(),
            result,
            name: plan_name(function, arguments, result.as_str()),
            signature: Signature::any(arguments.len(), Volatility::Immutable),
        })
    }
}

impl CollectingAggregate {
    /// The fast path for percentiles of numbers.
    fn number_percentile(&self) -> Option<Percentile> {
        let value_type = self.arguments.first().copied()?;
        let plain = matches!(self.kind, Kind::Fold(kind) if kind.name == "percentile");
        (plain && percentile::holds(value_type)).then(|| Percentile::new(value_type, self.result))
    }

    fn distinct_count(&self) -> DistinctCount {
        DistinctCount::new(self.arguments.first().copied())
    }

    fn foldings(&self, kind: &'static FoldKind) -> Foldings {
        Foldings::new(kind, &self.arguments, self.result)
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
        if let Some(percentile) = self.number_percentile() {
            return Ok(Box::new(OneGroup(percentile)));
        }
        Ok(match self.kind {
            Kind::DistinctCount => Box::new(OneGroup(self.distinct_count())),
            Kind::Fold(kind) => Box::new(OneGroup(self.foldings(kind))),
        })
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        if let Some(percentile) = self.number_percentile() {
            return Ok(Box::new(percentile));
        }
        Ok(match self.kind {
            Kind::DistinctCount => Box::new(self.distinct_count()),
            Kind::Fold(kind) => Box::new(self.foldings(kind)),
        })
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}[state]", arguments.name);
        let state = match self.kind {
            Kind::DistinctCount => DataType::Binary,
            _ if self.number_percentile().is_some() => percentile::state_type(),
            Kind::Fold(_) => DataType::Utf8View,
        };
        Ok(vec![Arc::new(Field::new(name, state, true))])
    }

    fn default_value(&self, data_type: &DataType) -> Result<ScalarValue> {
        match self.kind {
            Kind::DistinctCount => Ok(ScalarValue::Int64(Some(0))),
            Kind::Fold(_) => ScalarValue::try_from(data_type),
        }
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }
}
