//! `percentile` of numbers, datetimes and timespans: all values of a group, the one at the nearest rank picked out.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use stance_base::ScalarType;

use super::groups::{passes, states_of_rows};
use crate::value::{ColumnBuilder, ColumnReader, Value};

/// Whether the values are such that eight bytes hold one.
pub(super) fn holds(scalar_type: ScalarType) -> bool {
    use ScalarType::{DateTime, Int, Long, Real, TimeSpan};
    matches!(scalar_type, Int | Long | Real | DateTime | TimeSpan)
}

/// The type of the state: the values of a group.
pub(super) fn state_type() -> DataType {
    DataType::List(element())
}

fn element() -> FieldRef {
    Arc::new(Field::new_list_field(DataType::Int64, true))
}

/// Picks one percentile of each group. Values are kept as whole numbers in their order.
#[derive(Debug)]
pub(super) struct Percentile {
    value_type: ScalarType,
    result: ScalarType,
    percent: Option<f64>,
    groups: Vec<Vec<i64>>,
    bytes: usize,
}

impl Percentile {
    pub(super) fn new(value_type: ScalarType, result: ScalarType) -> Self {
        Self {
            value_type,
            result,
            percent: None,
            groups: Vec::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, group: usize, number: i64) {
        if let Some(values) = self.groups.get_mut(group) {
            let before = values.capacity();
            values.push(number);
            self.bytes += (values.capacity() - before) * size_of::<i64>();
        }
    }

    fn taken(&mut self, emit: EmitTo) -> Vec<Vec<i64>> {
        let groups = emit.take_needed(&mut self.groups);
        let freed: usize = groups.iter().map(Vec::capacity).sum();
        self.bytes = self.bytes.saturating_sub(freed * size_of::<i64>());
        groups
    }

    fn value_of(&self, number: i64) -> Value<'static> {
        match self.value_type {
            ScalarType::Real => Value::Real(real_of(number)),
            ScalarType::DateTime => Value::DateTime(number),
            ScalarType::TimeSpan => Value::TimeSpan(number),
            _ => Value::Long(number),
        }
    }
}

/// A real as a whole number of the same order: the bits, those of negatives turned round.
fn ordered_bits(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

fn real_of(bits: i64) -> f64 {
    f64::from_bits((bits ^ (((bits >> 63) as u64) >> 1) as i64) as u64)
}

/// Position of the nearest rank among `count` sorted values.
fn nearest_rank(count: usize, percent: f64) -> usize {
    let rank = (percent.clamp(0.0, 100.0) / 100.0 * count as f64).ceil() as usize;
    rank.saturating_sub(1)
}

impl GroupsAccumulator for Percentile {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.groups.resize_with(total, Vec::new);
        let [array, percents] = values else {
            return Ok(());
        };
        if self.percent.is_none() && !percents.is_empty() {
            let percents = arrow::compute::cast(percents, &DataType::Float64)?;
            let percents = percents.as_primitive::<arrow::datatypes::Float64Type>();
            self.percent = percents.is_valid(0).then(|| percents.value(0));
        }
        let reader = ColumnReader::of_array(array, self.value_type)?;
        for (row, group) in groups.iter().enumerate() {
            if !passes(filter, row) {
                continue;
            }
            match reader.get(row) {
                Value::Long(number) | Value::DateTime(number) | Value::TimeSpan(number) => {
                    self.push(*group, number);
                }
                Value::Real(number) => self.push(*group, ordered_bits(number)),
                _ => {}
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = self.taken(emit);
        let mut builder = ColumnBuilder::new(self.result, groups.len());
        for mut values in groups {
            let picked = self.percent.filter(|_| !values.is_empty()).map(|percent| {
                let rank = nearest_rank(values.len(), percent);
                *values.select_nth_unstable(rank).1
            });
            builder.push(&picked.map_or(Value::Null, |number| self.value_of(number)));
        }
        Ok(builder.finish())
    }

    /// Every list begins with the bits of the percent.
    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = self.taken(emit);
        let percent = self.percent.unwrap_or(f64::NAN).to_bits() as i64;
        let mut numbers =
            Vec::with_capacity(groups.iter().map(Vec::len).sum::<usize>() + groups.len());
        let mut offsets = Vec::with_capacity(groups.len() + 1);
        offsets.push(0_i32);
        for values in groups {
            numbers.push(percent);
            numbers.extend(values);
            let end = i32::try_from(numbers.len())
                .map_err(|_| exec_datafusion_err!("`percentile` over too many values at once"))?;
            offsets.push(end);
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let list = ListArray::try_new(
            element(),
            offsets,
            Arc::new(Int64Array::from(numbers)),
            None,
        )?;
        Ok(vec![Arc::new(list)])
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.groups.resize_with(total, Vec::new);
        let Some(lists) = values.first() else {
            return Ok(());
        };
        let lists: &ListArray = lists.as_list::<i32>();
        for (row, group) in groups.iter().enumerate() {
            if lists.is_null(row) {
                continue;
            }
            let list = lists.value(row);
            let numbers = list.as_primitive::<Int64Type>().values();
            let Some((percent, numbers)) = numbers.split_first() else {
                continue;
            };
            let percent = f64::from_bits(*percent as u64);
            if self.percent.is_none() && !percent.is_nan() {
                self.percent = Some(percent);
            }
            if let Some(values) = self.groups.get_mut(*group) {
                let before = values.capacity();
                values.extend_from_slice(numbers);
                self.bytes += (values.capacity() - before) * size_of::<i64>();
            }
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.value_type, self.result), values, filter)
    }

    fn size(&self) -> usize {
        self.bytes + self.groups.capacity() * size_of::<Vec<i64>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reals_keep_their_order_as_whole_numbers() {
        let numbers = [
            f64::NEG_INFINITY,
            -1.5,
            -0.0,
            0.0,
            1e-300,
            2.0,
            f64::INFINITY,
        ];
        for pair in numbers.windows(2) {
            assert!(ordered_bits(pair[0]) < ordered_bits(pair[1]), "{pair:?}");
        }
        for number in numbers {
            assert_eq!(real_of(ordered_bits(number)).to_bits(), number.to_bits());
        }
    }

    #[test]
    fn the_nearest_rank_lies_inside() {
        assert_eq!(nearest_rank(4, 0.0), 0);
        assert_eq!(nearest_rank(4, 50.0), 1);
        assert_eq!(nearest_rank(4, 100.0), 3);
    }
}
