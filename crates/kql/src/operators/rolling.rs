//! `rolling_percentile`: a percentile of the values of the last bins.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::{OperatorContext, RowSink};
use crate::value::{ColumnReader, Value, compare};

/// The input holds the value, the start of its bin, then dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RollingPercentile {
    /// 0 to 100; the value at the nearest rank is given.
    pub(crate) percent: f64,
    /// Bins of a window, the one that it is given for included.
    pub(crate) bins: usize,
    /// Width of a bin in the unit of the index.
    pub(crate) width: i64,
    pub(crate) value: ScalarType,
    pub(crate) index: ScalarType,
    pub(crate) dimensions: Vec<ScalarType>,
}

/// The values of one combination of dimensions, by bin.
struct Group {
    dimensions: Vec<Value<'static>>,
    bins: BTreeMap<i64, Vec<Value<'static>>>,
}

impl RollingPercentile {
    pub(super) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for batch in inputs.iter().flatten() {
            context.check()?;
            context.reserve(batch.num_rows() * size_of::<Value<'static>>())?;
            let value = ColumnReader::of_array(batch.column(0), self.value)?;
            let index = ColumnReader::of_array(batch.column(1), self.index)?;
            let dimensions = self.dimensions.iter().enumerate();
            let dimensions = dimensions
                .map(|(at, kind)| ColumnReader::of_array(batch.column(2 + at), *kind))
                .collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let (Value::DateTime(bin) | Value::TimeSpan(bin) | Value::Long(bin)) =
                    index.get(row)
                else {
                    continue;
                };
                let shown: Vec<Value<'_>> =
                    dimensions.iter().map(|reader| reader.get(row)).collect();
                let key: Vec<String> = shown
                    .iter()
                    .map(|value| value.to_json().to_string())
                    .collect();
                let group = groups.entry(key.join("\u{1}")).or_insert_with(|| Group {
                    dimensions: shown.into_iter().map(Value::into_owned).collect(),
                    bins: BTreeMap::new(),
                });
                let value = value.get(row);
                if !value.is_null() {
                    group.bins.entry(bin).or_default().push(value.into_owned());
                }
            }
        }
        let mut sink = RowSink::new(context);
        for group in groups.values() {
            self.windows(group, context, &mut sink)?;
        }
        sink.finish()
    }

    fn windows(
        &self,
        group: &Group,
        context: &OperatorContext,
        sink: &mut RowSink<'_>,
    ) -> Result<()> {
        let before = i64::try_from(self.bins.saturating_sub(1)).unwrap_or(i64::MAX);
        for bin in group.bins.keys() {
            context.check()?;
            let first = bin.saturating_sub(self.width.saturating_mul(before));
            let mut values: Vec<&Value<'static>> = group
                .bins
                .range(first..=*bin)
                .flat_map(|(_, values)| values)
                .collect();
            values.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
            let rank =
                (self.percent.clamp(0.0, 100.0) / 100.0 * values.len() as f64).ceil() as usize;
            let found = values.get(rank.saturating_sub(1)).copied().cloned();
            let start = match self.index {
                ScalarType::DateTime => Value::DateTime(*bin),
                ScalarType::TimeSpan => Value::TimeSpan(*bin),
                _ => Value::Long(*bin),
            };
            let mut row = vec![start];
            row.extend(group.dimensions.iter().cloned());
            row.push(found.unwrap_or(Value::Null));
            sink.push(row)?;
        }
        Ok(())
    }
}
