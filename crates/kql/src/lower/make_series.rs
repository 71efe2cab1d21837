//! `make-series`: rows put into bins, and the bins of each group into arrays.

use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundStep, MakeSeries};

use super::constant::value_expr;
use super::expression::{Scope, as_type, known_call};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::functions::steps;
use crate::value::{Value, compare};

/// Most bins of a series, as in Kusto.
const MAX_BINS: usize = 1 << 20;

impl Lowerer<'_> {
    pub(super) fn make_series(
        &self,
        input: Relation,
        series: &MakeSeries,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let range = &series.range;
        let (Some(from), Some(to)) = (&range.from, &range.to) else {
            return Err(unsupported(
                "`make-series` without `from` and `to`",
                step.span,
            ));
        };
        let axis_type = series.axis.expression.scalar_type;
        let span = step.span;
        let (from, to) = (self.constant(from)?, self.constant(to)?);
        let width = self.constant(&range.step)?;
        let mut bins = steps(&from, &to, Some(&width), MAX_BINS + 1)
            .ok_or_else(|| unsupported("`make-series` with this range", span))?;
        if !range.include_end
            && bins
                .last()
                .is_some_and(|last| compare(last, &to) == Some(std::cmp::Ordering::Equal))
        {
            bins.pop();
        }
        if bins.len() > MAX_BINS {
            return Err(unsupported(
                "`make-series` of more than 1,048,576 bins",
                span,
            ));
        }
        let count = i64::try_from(bins.len()).unwrap_or(i64::MAX);

        // First beat: one row for each group and bin.
        let mut scope = Scope::of(&input);
        let (axis, from_type) = self.typed(&mut scope, &series.axis.expression)?;
        let input = self.with_windows(input, scope)?;
        let arguments = vec![
            (as_type(axis, from_type, axis_type)?, axis_type),
            (value_expr(&from, axis_type)?, axis_type),
            (
                value_expr(&width, range.step.scalar_type)?,
                range.step.scalar_type,
            ),
        ];
        let index = known_call("series_index", arguments, ScalarType::Long)?;
        let (input, index) = input.with_hidden(self, "bin", index)?;
        let inside = plan_column(&index).between(lit(0_i64), lit(count - 1));
        let plan = LogicalPlanBuilder::from(input.plan.clone())
            .filter(inside)?
            .build()?;
        let input = Relation { plan, ..input };
        let extra = vec![(plan_column(&index), ScalarType::Long)];
        let grouped = self.group(input, &series.keys, &series.aggregates, extra)?;

        // Second beat: the bins of each group as arrays.
        let key_count = series.keys.len();
        let Some((bin, _)) = grouped.columns.get(key_count).cloned() else {
            return Err(unsupported("`make-series` without bins", span));
        };
        let mut results = Scope::of_columns(
            grouped
                .columns
                .get(key_count + 1..)
                .unwrap_or_default()
                .to_vec(),
        );
        let mut arrays = Vec::with_capacity(series.outputs.len());
        for (position, output) in series.outputs.iter().enumerate() {
            let value = self.typed(&mut results, output)?;
            let default = match series.defaults.get(position).and_then(Option::as_ref) {
                Some(default) => self.constant(default)?,
                None => Value::Long(0),
            };
            let default = if value.1 == ScalarType::Real {
                crate::value::convert(&default, ScalarType::Real).into_owned()
            } else {
                default
            };
            let array = Self::series_aggregate(plan_column(&bin), value, count, &default)?
                .ok_or_else(|| unsupported("`make-series`", span))?;
            arrays.push((array, self.fresh("series")));
        }
        // Without keys a constant is the key, so that no rows make no series.
        let one = self.fresh("all");
        let mut groups: Vec<Expr> = grouped
            .columns
            .iter()
            .take(key_count)
            .map(|(name, _)| plan_column(name))
            .collect();
        groups.extend(grouped.partition.iter().map(|name| plan_column(name)));
        let mut below: Vec<Expr> = grouped
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        below.push(lit(1_i64).alias(&one));
        groups.push(plan_column(&one));
        let aggregates: Vec<Expr> = arrays
            .iter()
            .map(|(array, name)| array.clone().alias(name))
            .collect();
        let plan = LogicalPlanBuilder::from(grouped.plan)
            .project(below)?
            .aggregate(groups, aggregates)?
            .build()?;
        let axis = Json::Array(bins.iter().map(Value::to_json).collect());
        let axis = value_expr(&Value::json(&axis), ScalarType::Dynamic)?;
        let mut outputs: Vec<Expr> = grouped
            .columns
            .iter()
            .take(key_count)
            .map(|(name, _)| plan_column(name))
            .collect();
        outputs.extend(arrays.iter().map(|(_, name)| plan_column(name)));
        outputs.insert(series.axis_output.min(outputs.len()), axis);
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: grouped.partition,
        };
        relation.select(self, outputs, &step.schema)
    }
}
