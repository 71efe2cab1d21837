//! Constants: literals of the query as values of the engine, and expressions computed beforehand.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::Schema as ArrowSchema;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{ColumnarValue, Expr, lit};
use datafusion::physical_expr::create_physical_expr;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, Literal};
use stance_kql_syntax::{Diagnostic, DiagnosticCode};

use super::expression::Scope;
use super::{Lowered, Lowerer};
use crate::error::LowerError;
use crate::instant::in_range;
use crate::value::{ColumnBuilder, ColumnReader, Value, parse_decimal};

/// A literal as a KQL value. A literal in the range of Kusto always fits.
pub(super) fn literal_value(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(number) => Value::Long(i64::from(*number)),
        Literal::Long(number) => Value::Long(*number),
        Literal::Real(number) => Value::Real(*number),
        Literal::Decimal(digits) => parse_decimal(digits).map_or(Value::Null, Value::Decimal),
        Literal::String(text) => Value::string(text.as_ref()),
        Literal::Guid(text) => Value::Guid(text.as_ref().into()),
        Literal::DateTime(_) => literal
            .unix_micros()
            .and_then(in_range)
            .map_or(Value::Null, Value::DateTime),
        Literal::TimeSpan(ticks) => Value::TimeSpan(*ticks),
        Literal::Dynamic(json) => Value::json(json),
    }
}

/// A value as an expression of its canonical Arrow type.
pub(super) fn value_expr(value: &Value<'_>, scalar_type: ScalarType) -> Lowered<Expr> {
    Ok(lit(ColumnBuilder::scalar(value, scalar_type)?))
}

/// The null of a type; the empty string for strings.
pub(super) fn null_expr(scalar_type: ScalarType) -> Lowered<Expr> {
    value_expr(&Value::Null, scalar_type)
}

/// Computes an expression that reads no column.
fn compute(expression: &Expr) -> Lowered<ScalarValue> {
    let schema = DFSchema::empty();
    let physical = create_physical_expr(
        expression,
        &schema,
        &ExecutionProps::new(),
        &PhysicalPlanningContext::default(),
    )?;
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(ArrowSchema::empty()), vec![], &options)
        .map_err(datafusion::error::DataFusionError::from)?;
    match physical.evaluate(&batch)? {
        ColumnarValue::Scalar(scalar) => Ok(scalar),
        ColumnarValue::Array(array) => Ok(ScalarValue::try_from_array(&array, 0)?),
    }
}

impl Lowerer<'_> {
    /// The value of a constant expression.
    pub(super) fn constant(&self, expression: &BoundExpression) -> Lowered<Value<'static>> {
        let mut scope = Scope::empty();
        let lowered = self.expression(&mut scope, expression)?;
        if !lowered.column_refs().is_empty() || scope.has_windows() {
            return Err(LowerError::Diagnostic(Diagnostic::error(
                DiagnosticCode::ConstantExpected,
                expression.span,
                "a constant is wanted here, not a value that changes from row to row",
            )));
        }
        self.constant_of(&lowered, expression.scalar_type)
    }

    /// The value of a lowered expression that reads no column.
    #[allow(clippy::unused_self)] // Reads like the other steps of a lowerer.
    pub(super) fn constant_of(
        &self,
        expression: &Expr,
        scalar_type: ScalarType,
    ) -> Lowered<Value<'static>> {
        let scalar = compute(expression)?;
        let reader = ColumnReader::of_array(&scalar.to_array()?, scalar_type)?;
        Ok(reader.get(0).into_owned())
    }

    /// A constant count of rows.
    pub(super) fn constant_count(&self, expression: &BoundExpression) -> Lowered<usize> {
        let count = self.constant(expression)?.as_long().unwrap_or(0);
        Ok(usize::try_from(count.max(0)).unwrap_or(usize::MAX))
    }

    /// What `now()` stands for throughout the query.
    pub(super) fn now_value(&self) -> Value<'static> {
        Value::DateTime(self.now)
    }
}
