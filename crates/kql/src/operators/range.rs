//! `range`: values from a first to a last one.

use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::OperatorContext;
use crate::value::{ColumnBuilder, Value};

/// Values of one column. Whole numbers stand for whole types, in the unit of the column: ticks of
/// timespans, microseconds of datetimes, digits of decimals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Range {
    pub(crate) scalar_type: ScalarType,
    pub(crate) values: RangeValues,
    /// How many values there are.
    pub(crate) count: u64,
}

/// The first value and the distance of the next one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RangeValues {
    Whole { first: i64, step: i64 },
    Real { first: f64, step: f64 },
    Decimal { first: i128, step: i128 },
}

impl RangeValues {
    fn get(&self, at: u64, scalar_type: ScalarType) -> Value<'static> {
        match self {
            Self::Whole { first, step } => {
                let distance = i64::try_from(at).ok().and_then(|at| at.checked_mul(*step));
                let Some(value) = distance.and_then(|distance| first.checked_add(distance)) else {
                    return Value::Null;
                };
                match scalar_type {
                    ScalarType::DateTime => Value::DateTime(value),
                    ScalarType::TimeSpan => Value::TimeSpan(value),
                    _ => Value::Long(value),
                }
            }
            Self::Real { first, step } => Value::Real(first + step * at as f64),
            Self::Decimal { first, step } => step
                .checked_mul(i128::from(at))
                .and_then(|distance| first.checked_add(distance))
                .map_or(Value::Null, Value::Decimal),
        }
    }
}

impl Range {
    pub(super) fn run(&self, context: &OperatorContext) -> Result<()> {
        let mut at = 0;
        while at < self.count {
            let rows = u64::try_from(context.batch_size()).unwrap_or(u64::MAX);
            let end = self.count.min(at.saturating_add(rows));
            let length = usize::try_from(end - at).unwrap_or(usize::MAX);
            let mut builder = ColumnBuilder::new(self.scalar_type, length);
            for position in at..end {
                builder.push(&self.values.get(position, self.scalar_type));
            }
            context.emit(vec![builder.finish()], length)?;
            at = end;
        }
        Ok(())
    }
}
