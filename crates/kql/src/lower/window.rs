//! Functions that read the order of the rows: `row_number`, `prev`, `next`, `row_cumsum`.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::min_max::max_udaf;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::functions_window::lead_lag::{lag_udwf, lead_udwf};
use datafusion::functions_window::row_number::row_number_udwf;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlanBuilder, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition, WindowUDF, binary_expr, cast, lit, when,
};
use stance_base::ScalarType;
use stance_kql_syntax::bound::BoundExpression;

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::relation::{OrderKey, Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::instant::ticks_to_micros;
use crate::operators::SessionWindow;
use crate::types::arrow_type;

/// All rows from the first to this one.
fn rows_so_far() -> WindowFrame {
    WindowFrame::new_bounds(
        WindowFrameUnits::Rows,
        WindowFrameBound::Preceding(ScalarValue::UInt64(None)),
        WindowFrameBound::CurrentRow,
    )
}

pub(super) fn window_expr(
    function: WindowFunctionDefinition,
    arguments: Vec<Expr>,
    ordering: &[OrderKey],
    partition: Vec<Expr>,
) -> Expr {
    Expr::WindowFunction(Box::new(WindowFunction {
        fun: function,
        params: WindowFunctionParams {
            args: arguments,
            partition_by: partition,
            order_by: ordering.iter().map(OrderKey::sort_expr).collect(),
            window_frame: rows_so_far(),
            filter: None,
            null_treatment: None,
            distinct: false,
        },
    }))
}

/// `row_number()` of the engine, from 1, as a long.
pub(super) fn row_number_expr(ordering: &[OrderKey], partition: &[String]) -> Expr {
    let partition = partition.iter().map(|name| plan_column(name)).collect();
    let function = WindowFunctionDefinition::WindowUDF(row_number_udwf());
    window_expr(function, Vec::new(), ordering, partition)
}

impl Lowerer<'_> {
    /// A window function becomes a column of its own; the result reads it.
    fn add_window(&self, scope: &mut Scope, name: &str, window: Expr) -> Expr {
        let name = self.fresh(name);
        scope.windows.push((window, name.clone()));
        plan_column(&name)
    }

    pub(super) fn window_call(
        &self,
        scope: &mut Scope,
        function: &str,
        arguments: &[BoundExpression],
        expression: &BoundExpression,
    ) -> Lowered<Option<Expr>> {
        let result = expression.scalar_type;
        let found = match (function, arguments) {
            ("row_number", _) => self.row_number(scope, arguments)?,
            ("prev" | "next", [value, rest @ ..]) => {
                let (value, from) = self.typed(scope, value)?;
                self.neighbour(scope, function == "next", (value, from), rest)?
            }
            ("row_cumsum", [term, rest @ ..]) => self.cumulative_sum(scope, term, rest, result)?,
            ("row_rank" | "row_rank_dense" | "row_rank_min", [term, rest @ ..]) => {
                self.rank(scope, function == "row_rank_min", term, rest)?
            }
            ("row_window_session", [time, from_first, between, rest @ ..]) => {
                let distances = [from_first, between];
                self.session(scope, time, distances, rest.first())?
            }
            _ => return Ok(None),
        };
        Ok(Some(found))
    }

    fn partition_columns(scope: &Scope) -> Vec<Expr> {
        scope
            .partition
            .iter()
            .map(|name| plan_column(name))
            .collect()
    }

    /// The number of restarts so far, as a further partition key.
    fn restarts(&self, scope: &mut Scope, restart: Option<&BoundExpression>) -> Lowered<Vec<Expr>> {
        let mut partition = Self::partition_columns(scope);
        let Some(restart) = restart else {
            return Ok(partition);
        };
        let condition = self.expression(scope, restart)?;
        let flag = when(condition, lit(1_i64)).otherwise(lit(0_i64))?;
        let function = WindowFunctionDefinition::AggregateUDF(sum_udaf());
        let window = window_expr(function, vec![flag], &scope.ordering, partition.clone());
        partition.push(self.add_window(scope, "restarts", window));
        Ok(partition)
    }

    /// `row_number([first [, restart]])`.
    fn row_number(&self, scope: &mut Scope, arguments: &[BoundExpression]) -> Lowered<Expr> {
        let first = match arguments.first() {
            Some(first) => self.constant(first)?.as_long().unwrap_or(1),
            None => 1,
        };
        let partition = self.restarts(scope, arguments.get(1))?;
        let function = WindowFunctionDefinition::WindowUDF(row_number_udwf());
        let window = window_expr(function, Vec::new(), &scope.ordering, partition);
        let number = self.add_window(scope, "row_number", window);
        Ok(cast(number, arrow_type(ScalarType::Long)) + lit(first - 1))
    }

    /// `prev(x [, offset [, default]])`, `next(...)`.
    fn neighbour(
        &self,
        scope: &mut Scope,
        next: bool,
        (value, value_type): (Expr, ScalarType),
        rest: &[BoundExpression],
    ) -> Lowered<Expr> {
        let offset = match rest.first() {
            Some(offset) => self.constant(offset)?.as_long().unwrap_or(1),
            None => 1,
        };
        let default = match rest.get(1) {
            Some(default) => {
                let (default, from) = self.typed(scope, default)?;
                as_type(default, from, value_type)?
            }
            None => null_expr(value_type)?,
        };
        let udwf = if next { lead_udwf() } else { lag_udwf() };
        let function = WindowFunctionDefinition::WindowUDF(udwf);
        let partition = Self::partition_columns(scope);
        let arguments = vec![value, lit(offset), default];
        let window = window_expr(function, arguments, &scope.ordering, partition);
        Ok(self.add_window(scope, if next { "next" } else { "prev" }, window))
    }

    /// `row_cumsum(term [, restart])`.
    fn cumulative_sum(
        &self,
        scope: &mut Scope,
        term: &BoundExpression,
        rest: &[BoundExpression],
        result: ScalarType,
    ) -> Lowered<Expr> {
        let (term, from) = self.typed(scope, term)?;
        let term = as_type(term, from, result)?;
        let partition = self.restarts(scope, rest.first())?;
        let function = WindowFunctionDefinition::AggregateUDF(sum_udaf());
        let window = window_expr(function, vec![term], &scope.ordering, partition);
        let sum = self.add_window(scope, "cumsum", window);
        Ok(cast(sum, arrow_type(result)))
    }

    /// `row_rank_dense(term [, restart])`: the number of the run of equal terms; `row_rank_min`: the
    /// number of its first row.
    fn rank(
        &self,
        scope: &mut Scope,
        first_of_run: bool,
        term: &BoundExpression,
        rest: &[BoundExpression],
    ) -> Lowered<Expr> {
        let (term, term_type) = self.typed(scope, term)?;
        let partition = self.restarts(scope, rest.first())?;
        let number = WindowFunctionDefinition::WindowUDF(row_number_udwf());
        let number = window_expr(number, Vec::new(), &scope.ordering, partition.clone());
        let number = self.add_window(scope, "row_number", number);
        let number = cast(number, arrow_type(ScalarType::Long));
        let before = WindowFunctionDefinition::WindowUDF(lag_udwf());
        let arguments = vec![term.clone(), lit(1_i64), null_expr(term_type)?];
        let before = window_expr(before, arguments, &scope.ordering, partition.clone());
        let before = self.add_window(scope, "before", before);
        let differs = binary_expr(term, Operator::IsDistinctFrom, before);
        let starts = number.clone().eq(lit(1_i64)).or(differs);
        let (value, function) = if first_of_run {
            (number, max_udaf())
        } else {
            (lit(1_i64), sum_udaf())
        };
        let value = when(starts, value).otherwise(lit(0_i64))?;
        let function = WindowFunctionDefinition::AggregateUDF(function);
        let rank = window_expr(function, vec![value], &scope.ordering, partition);
        Ok(self.add_window(scope, "rank", rank))
    }

    /// `row_window_session(time, longest, pause [, restart])`.
    fn session(
        &self,
        scope: &mut Scope,
        time: &BoundExpression,
        distances: [&BoundExpression; 2],
        restart: Option<&BoundExpression>,
    ) -> Lowered<Expr> {
        let time_type = time.scalar_type;
        let mut lengths = [0, 0];
        for (length, distance) in lengths.iter_mut().zip(distances) {
            let ticks = self.constant(distance)?.as_long();
            let ticks = ticks.ok_or_else(|| unsupported("a session of this length", time.span))?;
            *length = match time_type {
                ScalarType::DateTime => ticks_to_micros(ticks),
                _ => ticks,
            };
        }
        let value = self.expression(scope, time)?;
        let restart = match restart {
            Some(restart) => self.expression(scope, restart)?,
            None => lit(false),
        };
        let function = SessionWindow::new(time_type, lengths[0], lengths[1]);
        let function = WindowUDF::new_from_impl(function);
        let function = WindowFunctionDefinition::WindowUDF(Arc::new(function));
        let partition = Self::partition_columns(scope);
        let window = window_expr(function, vec![value, restart], &scope.ordering, partition);
        Ok(self.add_window(scope, "session", window))
    }

    /// The relation with a column for each window function of the scope.
    #[allow(clippy::unused_self)] // Reads like the other steps of a lowerer.
    pub(super) fn with_windows(&self, relation: Relation, scope: Scope) -> Lowered<Relation> {
        let mut plan = relation.plan;
        for (window, name) in scope.windows {
            let mut outputs: Vec<Expr> = plan
                .schema()
                .columns()
                .into_iter()
                .map(Expr::Column)
                .collect();
            let computed = window.schema_name().to_string();
            plan = LogicalPlanBuilder::from(plan)
                .window(vec![window])?
                .build()?;
            outputs.push(plan_column(&computed).alias(name));
            plan = LogicalPlanBuilder::from(plan).project(outputs)?.build()?;
        }
        Ok(Relation { plan, ..relation })
    }
}
