//! `arg_max`, `arg_min` and `take_any` of all groups at once.
//!
//! Of each batch the best row of every group is found first, so that only it has to be kept.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::Fields;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use stance_base::ScalarType;

use super::groups::{passes, states_of_rows};
use super::row::RowChoice;
use crate::value::{ColumnReader, Value};

/// Keeps one row of each group.
#[derive(Debug)]
pub(super) struct RowGroups {
    choice: RowChoice,
    key_type: ScalarType,
    fields: Fields,
    kept: Vec<Option<KeptRow>>,
    /// For each group the best row of the batch at hand; `NONE` between batches.
    best: Vec<usize>,
    bytes: usize,
}

#[derive(Debug)]
struct KeptRow {
    key: Value<'static>,
    values: Vec<ScalarValue>,
}

const NONE: usize = usize::MAX;

impl RowGroups {
    pub(super) fn new(choice: RowChoice, key_type: ScalarType, fields: Fields) -> Self {
        Self {
            choice,
            key_type,
            fields,
            kept: Vec::new(),
            best: Vec::new(),
            bytes: 0,
        }
    }

    /// Looks at the rows of these columns that `is_row` says are some.
    fn consider(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        total: usize,
        is_row: impl Fn(usize) -> bool,
    ) -> Result<()> {
        self.kept.resize_with(total, || None);
        self.best.resize(total, NONE);
        let Some(first) = columns.first() else {
            return Ok(());
        };
        let keys = ColumnReader::of_array(first, self.key_type)?;
        let alone = columns.len() == 1;
        let mut touched = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            let (Some(best), Some(kept)) = (self.best.get_mut(*group), self.kept.get(*group))
            else {
                continue;
            };
            let better = is_row(row)
                && match (*best, kept) {
                    (NONE, None) => true,
                    (NONE, Some(kept)) => self.choice.prefers(&keys.get(row), &kept.key, alone),
                    (best, _) => self.choice.prefers(&keys.get(row), &keys.get(best), alone),
                };
            if better {
                if *best == NONE {
                    touched.push(*group);
                }
                *best = row;
            }
        }
        for group in touched {
            let (Some(best), Some(kept)) = (self.best.get_mut(group), self.kept.get_mut(group))
            else {
                continue;
            };
            let row = std::mem::replace(best, NONE);
            let key = keys.get(row).into_owned();
            let kept = kept.get_or_insert_with(|| KeptRow {
                key: Value::Null,
                values: vec![ScalarValue::Null; columns.len()],
            });
            kept.key = key;
            for (value, column) in kept.values.iter_mut().zip(columns) {
                let new = ScalarValue::try_from_array(column, row)?.compacted();
                self.bytes = (self.bytes + text_bytes(&new)).saturating_sub(text_bytes(value));
                *value = new;
            }
        }
        Ok(())
    }

    fn rows(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let rows = emit.take_needed(&mut self.kept);
        self.best.truncate(self.kept.len());
        if matches!(emit, EmitTo::All) {
            self.bytes = 0;
        }
        let valid: NullBuffer = rows.iter().map(Option::is_some).collect();
        let mut columns = Vec::with_capacity(self.fields.len());
        for (position, field) in self.fields.iter().enumerate() {
            let null = ScalarValue::try_from(field.data_type())?;
            let values = rows.iter().map(|row| {
                let value = row.as_ref().and_then(|row| row.values.get(position));
                value.unwrap_or(&null).clone()
            });
            columns.push(if rows.is_empty() {
                arrow::array::new_empty_array(field.data_type())
            } else {
                ScalarValue::iter_to_array(values)?
            });
        }
        let array = StructArray::try_new_with_length(
            self.fields.clone(),
            columns,
            Some(valid),
            rows.len(),
        )?;
        Ok(Arc::new(array))
    }
}

/// Bytes of a value outside of itself, where it is a text.
fn text_bytes(value: &ScalarValue) -> usize {
    match value {
        ScalarValue::Utf8View(Some(text)) => text.capacity(),
        _ => 0,
    }
}

impl GroupsAccumulator for RowGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.consider(values, groups, total, |row| passes(filter, row))
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        let Some(rows) = values.first() else {
            return self.consider(&[], groups, total, |_| false);
        };
        let rows = rows.as_struct();
        self.consider(rows.columns(), groups, total, |row| rows.is_valid(row))
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        self.rows(emit)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.rows(emit)?])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let empty = Self::new(self.choice, self.key_type, self.fields.clone());
        states_of_rows(empty, values, filter)
    }

    fn size(&self) -> usize {
        let values = self.fields.len() * size_of::<ScalarValue>();
        let row = size_of::<Option<KeptRow>>() + size_of::<usize>() + values;
        self.bytes + self.kept.capacity() * row
    }
}
