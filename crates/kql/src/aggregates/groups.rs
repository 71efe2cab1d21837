//! Aggregates that work on all groups at once: what they have in common.

use arrow::array::{Array, ArrayRef, BooleanArray};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// A grouped aggregate as one of all rows: everything is of group 0.
pub(super) struct OneGroup<G>(pub(super) G);

impl<G> std::fmt::Debug for OneGroup<G> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OneGroup")
    }
}

fn zeros(values: &[ArrayRef]) -> Vec<usize> {
    vec![0; values.first().map_or(0, Array::len)]
}

impl<G: GroupsAccumulator + Sync> Accumulator for OneGroup<G> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values, &zeros(values), None, 1)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states, &zeros(states), 1)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.merge_batch(&[], &[], 1)?;
        let states = self.0.state(EmitTo::All)?;
        states
            .iter()
            .map(|array| ScalarValue::try_from_array(array, 0))
            .collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.0.merge_batch(&[], &[], 1)?;
        ScalarValue::try_from_array(&self.0.evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}

/// Whether the filter of an aggregate lets a row through.
pub(super) fn passes(filter: Option<&BooleanArray>, row: usize) -> bool {
    filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row))
}

/// The states of rows that are a group each, for an aggregate in its first state.
pub(super) fn states_of_rows(
    mut empty: impl GroupsAccumulator,
    values: &[ArrayRef],
    filter: Option<&BooleanArray>,
) -> Result<Vec<ArrayRef>> {
    let rows = values.first().map_or(0, Array::len);
    let groups: Vec<usize> = (0..rows).collect();
    empty.update_batch(values, &groups, filter, rows)?;
    empty.state(EmitTo::All)
}
