//! Aggregates that keep one row of a group: `arg_max`, `arg_min`, `take_any`.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use stance_base::ScalarType;

use super::plan_name;
use crate::types::arrow_type;
use crate::value::{ColumnReader, Value, compare};

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

    /// Whether `new` takes the place of `kept`. A null takes no place but an empty one.
    fn prefers(self, new: &Value<'_>, kept: &Value<'_>) -> bool {
        match self {
            Self::Any => false,
            _ if new.is_null() => false,
            _ if kept.is_null() => true,
            Self::Greatest => compare(new, kept) == Some(Ordering::Greater),
            Self::Least => compare(new, kept) == Some(Ordering::Less),
        }
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
        Ok(Box::new(RowAccumulator {
            choice: self.choice,
            arguments: self.arguments.clone(),
            fields: self.fields(),
            kept: None,
        }))
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

#[derive(Debug)]
struct RowAccumulator {
    choice: RowChoice,
    arguments: Vec<ScalarType>,
    fields: Fields,
    kept: Option<Vec<ScalarValue>>,
}

impl RowAccumulator {
    /// Looks at the rows of these columns; `skip` marks rows that are none.
    fn consider(&mut self, columns: &[ArrayRef], skip: Option<&dyn Array>) -> Result<()> {
        let (Some(first), Some(key_type)) = (columns.first(), self.arguments.first()) else {
            return Ok(());
        };
        let reader = ColumnReader::of_array(first, *key_type)?;
        let kept_key = match &self.kept {
            Some(row) => Some(ColumnReader::of_array(&row[0].to_array()?, *key_type)?),
            None => None,
        };
        let mut best: Option<usize> = None;
        for row in 0..first.len() {
            if skip.is_some_and(|skip| skip.is_null(row)) {
                continue;
            }
            let better = match (best, &kept_key) {
                (Some(best), _) => self.choice.prefers(&reader.get(row), &reader.get(best)),
                (None, Some(kept)) => self.choice.prefers(&reader.get(row), &kept.get(0)),
                (None, None) => true,
            };
            if better {
                best = Some(row);
            }
        }
        if let Some(best) = best {
            let row = columns
                .iter()
                .map(|column| ScalarValue::try_from_array(column, best).map(ScalarValue::compacted))
                .collect::<Result<_>>()?;
            self.kept = Some(row);
        }
        Ok(())
    }

    fn row(&self) -> Result<ScalarValue> {
        let Some(kept) = &self.kept else {
            return ScalarValue::try_from(DataType::Struct(self.fields.clone()));
        };
        let columns = kept
            .iter()
            .map(ScalarValue::to_array)
            .collect::<Result<Vec<_>>>()?;
        let array = StructArray::try_new(self.fields.clone(), columns, None)?;
        Ok(ScalarValue::Struct(Arc::new(array)))
    }
}

impl Accumulator for RowAccumulator {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.consider(values, None)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(rows) = states.first() else {
            return Ok(());
        };
        let rows = rows.as_struct();
        self.consider(rows.columns(), Some(rows))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.row()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.row()
    }

    fn size(&self) -> usize {
        let kept = self
            .kept
            .iter()
            .flatten()
            .map(ScalarValue::size)
            .sum::<usize>();
        size_of_val(self) + kept
    }
}
