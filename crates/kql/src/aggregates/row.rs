//! Aggregates that keep one row of a group: `arg_max`, `arg_min`, `take_any`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};
use stance_base::ScalarType;

use super::groups::OneGroup;
use super::row_groups::RowGroups;
use crate::functions::signature::plan_name;
use crate::types::arrow_type;
use crate::value::{Value, compare};

/// Which row of a group is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RowChoice {
    /// The one with the greatest first argument.
    Greatest,
    /// The one with the least first argument.
    Least,
    /// The first one met.
    Any,
}

impl RowChoice {
    fn name(self) -> &'static str {
        match self {
            Self::Greatest => "arg_max",
            Self::Least => "arg_min",
            Self::Any => "take_any",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Greatest, Self::Least, Self::Any]
            .into_iter()
            .find(|choice| choice.name() == name)
    }

    /// Whether `new` takes the place of `kept`. A null takes no place but an empty one. Any value
    /// does, but a column that stands `alone` has one that is not empty where there is any.
    pub(super) fn prefers(self, new: &Value<'_>, kept: &Value<'_>, alone: bool) -> bool {
        match self {
            Self::Any => alone && is_empty(kept) && !is_empty(new),
            _ if new.is_null() => false,
            _ if kept.is_null() => true,
            Self::Greatest => compare(new, kept) == Some(Ordering::Greater),
            Self::Least => compare(new, kept) == Some(Ordering::Less),
        }
    }
}

fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The name of the field that holds the argument of this position.
pub(crate) fn result_field(position: usize) -> String {
    format!("c{position}")
}

/// Gives a struct of all arguments of the kept row.
#[derive(Debug)]
pub(crate) struct RowAggregate {
    choice: RowChoice,
    arguments: Vec<ScalarType>,
    name: String,
    signature: Signature,
}

impl RowAggregate {
    pub(crate) fn new(choice: RowChoice, arguments: &[ScalarType]) -> Self {
        Self {
            choice,
            arguments: arguments.to_vec(),
            name: plan_name(choice.name(), arguments, "row"),
            signature: Signature::any(arguments.len(), Volatility::Immutable),
        }
    }

    fn groups(&self) -> RowGroups {
        let key = self.arguments.first().copied();
        RowGroups::new(
            self.choice,
            key.unwrap_or(ScalarType::Dynamic),
            self.fields(),
        )
    }

    fn fields(&self) -> Fields {
        self.arguments
            .iter()
            .enumerate()
            .map(|(position, scalar_type)| {
                Field::new(result_field(position), arrow_type(*scalar_type), true)
            })
            .collect()
    }
}

impl PartialEq for RowAggregate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for RowAggregate {}

impl Hash for RowAggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl AggregateUDFImpl for RowAggregate {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(self.fields()))
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(OneGroup(self.groups())))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.groups()))
    }

    fn state_fields(&self, arguments: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let name = format!("{}[row]", arguments.name);
        let row = Field::new(name, DataType::Struct(self.fields()), true);
        Ok(vec![Arc::new(row)])
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }
}
