//! `evaluate rows_near(...)`: rows around those that meet a condition.

use datafusion::common::ScalarValue;
use datafusion::functions_aggregate::min_max::max_udaf;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlanBuilder, WindowFrame, WindowFrameBound, WindowFrameUnits,
    WindowFunctionDefinition, lit, when,
};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, Evaluate};

use super::expression::{Scope, as_type};
use super::relation::{OrderKey, Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::unsupported;

impl Lowerer<'_> {
    /// `rows_near(condition, before [, after])`.
    pub(super) fn rows_near(
        &self,
        input: Relation,
        evaluate: &Evaluate,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let [condition, before, rest @ ..] = evaluate.arguments.as_slice() else {
            return Err(unsupported("`rows_near` without its arguments", step.span));
        };
        let before = self.constant_count(before)?;
        let after = match rest.first() {
            Some(after) => self.constant_count(after)?,
            None => before,
        };
        let mut scope = Scope::of(&input);
        let (flag, from) = self.typed(&mut scope, condition)?;
        let flag =
            when(as_type(flag, from, ScalarType::Bool)?, lit(1_i64)).otherwise(lit(0_i64))?;
        let rows = |count: usize| ScalarValue::UInt64(u64::try_from(count).ok());
        // A row is near one that comes up to `before` rows later or `after` rows earlier.
        let frame = WindowFrame::new_bounds(
            WindowFrameUnits::Rows,
            WindowFrameBound::Preceding(rows(after)),
            WindowFrameBound::Following(rows(before)),
        );
        let window = Expr::WindowFunction(Box::new(WindowFunction {
            fun: WindowFunctionDefinition::AggregateUDF(max_udaf()),
            params: WindowFunctionParams {
                args: vec![flag],
                partition_by: input
                    .partition
                    .iter()
                    .map(|name| plan_column(name))
                    .collect(),
                order_by: input.ordering.iter().map(OrderKey::sort_expr).collect(),
                window_frame: frame,
                filter: None,
                null_treatment: None,
                distinct: false,
            },
        }));
        let near = self.fresh("near");
        scope.windows.push((window, near.clone()));
        let relation = self.with_windows(input, scope)?;
        let plan = LogicalPlanBuilder::from(relation.plan.clone())
            .filter(plan_column(&near).eq(lit(1_i64)))?
            .build()?;
        Ok(Relation { plan, ..relation })
    }
}
