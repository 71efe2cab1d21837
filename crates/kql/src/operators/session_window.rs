//! `row_window_session`: the start of the session that a row belongs to.
//!
//! Each row depends on what came out for the row before, which no frame of rows can say; so it is
//! a window function of our own. As with the others, its name in a plan holds its parameters.
//! <https://learn.microsoft.com/kusto/query/row-window-session-function>

use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    LimitEffect, PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;
use stance_base::ScalarType;

use crate::functions::udf::NAME_PREFIX;
use crate::types::arrow_type;
use crate::value::{ColumnBuilder, ColumnReader, Value};

const NAME: &str = "row_window_session";

/// Reads a time and a flag that starts a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SessionWindow {
    /// Longest session, in the unit of the time.
    from_first: i64,
    /// Longest pause within a session.
    between: i64,
    time: ScalarType,
    name: String,
    signature: Signature,
}

impl SessionWindow {
    pub(crate) fn new(time: ScalarType, from_first: i64, between: i64) -> Self {
        Self {
            from_first,
            between,
            time,
            name: format!("{NAME_PREFIX}{NAME}[{time},{from_first},{between}]"),
            signature: Signature::any(2, Volatility::Immutable),
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let rest = name.strip_prefix(NAME_PREFIX)?.strip_prefix(NAME)?;
        let parameters = rest.strip_prefix('[')?.strip_suffix(']')?;
        let mut parameters = parameters.split(',');
        let time = parameters.next()?.parse().ok()?;
        let (first, between) = (parameters.next()?, parameters.next()?);
        Some(Self::new(time, first.parse().ok()?, between.parse().ok()?))
    }
}

/// The window function of a name that stands in a plan; nothing where it is none of ours.
pub(crate) fn resolve_window(name: &str) -> Option<WindowUDF> {
    SessionWindow::from_name(name).map(WindowUDF::new_from_impl)
}

impl WindowUDFImpl for SessionWindow {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs<'_>,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Sessions(self.clone())))
    }

    fn field(&self, arguments: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(
            arguments.name(),
            arrow_type(self.time),
            true,
        )))
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        LimitEffect::None
    }
}

#[derive(Debug)]
struct Sessions(SessionWindow);

fn number(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::DateTime(number) | Value::TimeSpan(number) | Value::Long(number) => Some(*number),
        _ => None,
    }
}

impl PartitionEvaluator for Sessions {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let [times, restarts] = values else {
            return exec_err!("{} takes a time and a flag", self.0.name);
        };
        let times = ColumnReader::of_array(times, self.0.time)?;
        let restarts = restarts.as_boolean();
        let mut builder = ColumnBuilder::new(self.0.time, rows);
        let (mut session, mut before): (Option<i64>, Option<i64>) = (None, None);
        for row in 0..rows {
            let value = times.get(row);
            let time = number(&value);
            let (Some(now), Some(start), Some(last)) = (time, session, before) else {
                (session, before) = (time, time);
                builder.push(&value);
                continue;
            };
            let anew = restarts.is_valid(row) && restarts.value(row)
                || now >= start.saturating_add(self.0.from_first)
                || now >= last.saturating_add(self.0.between);
            before = time;
            if anew {
                session = time;
            }
            let start = session.unwrap_or(start);
            builder.push(&match value {
                Value::DateTime(_) => Value::DateTime(start),
                Value::TimeSpan(_) => Value::TimeSpan(start),
                _ => Value::Long(start),
            });
        }
        Ok(builder.finish())
    }
}
