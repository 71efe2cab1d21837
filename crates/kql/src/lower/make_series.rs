//! `make-series`: rows put into bins, and the bins of each group into arrays.
//!
//! Where the query names both ends, the axis is a constant; where it does not, each series has the
//! axis that its own rows span. <https://learn.microsoft.com/kusto/query/make-series-operator>

use datafusion::functions_aggregate::expr_fn as native;
use datafusion::functions_aggregate::min_max::{max_udaf, min_udaf};
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlanBuilder, WindowFrame, WindowFunctionDefinition, lit, when,
};
use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundStep, MakeSeries};

use super::constant::value_expr;
use super::expression::{Scope, as_type, known_call};
use super::relation::{Relation, plan_column};
use super::summarize::Grouped;
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::functions::steps;
use crate::value::{Value, compare, convert};

/// Most bins of a series, as in Kusto.
const MAX_BINS: usize = 1 << 20;

type Typed = (Expr, ScalarType);

/// Groups and bins, before the bins become arrays.
struct Binned {
    grouped: Grouped,
    /// Which bin a row is, from 0.
    index: Expr,
    /// How many bins its series has.
    count: Expr,
    axis: Axis,
}

/// The values of the bins.
enum Axis {
    /// The same for all series.
    Constant(Vec<Value<'static>>),
    /// Of the first value and the number of bins of each series.
    Spanned { first: Expr },
}

impl Lowerer<'_> {
    pub(super) fn make_series(
        &self,
        input: Relation,
        series: &MakeSeries,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let binned = if series.range.from.is_some() && series.range.to.is_some() {
            self.fixed_bins(input, series, step)?
        } else {
            self.spanned_bins(input, series)?
        };
        self.series_arrays(binned, series, step)
    }

    /// Bins between two constants.
    fn fixed_bins(
        &self,
        input: Relation,
        series: &MakeSeries,
        step: &BoundStep,
    ) -> Lowered<Binned> {
        let range = &series.range;
        let span = step.span;
        let (Some(from), Some(to)) = (&range.from, &range.to) else {
            return Err(unsupported("`make-series` with this range", span));
        };
        let axis_type = series.axis.expression.scalar_type;
        let from = convert(&self.constant(from)?, axis_type).into_owned();
        let to = convert(&self.constant(to)?, axis_type).into_owned();
        let width = self.constant(&range.step)?;
        // `in range(...)` puts the bins at multiples of the step, not at its first value.
        let from = if range.include_end {
            self.binned_constant(&from, &width, axis_type, range.step.scalar_type)?
        } else {
            from
        };
        let mut bins = steps(&from, &to, Some(&width), MAX_BINS + 1)
            .ok_or_else(|| unsupported("`make-series` with this range", span))?;
        let at_end = bins
            .last()
            .is_some_and(|last| compare(last, &to) == Some(std::cmp::Ordering::Equal));
        if !range.include_end && at_end {
            bins.pop();
        }
        if bins.len() > MAX_BINS {
            return Err(unsupported(
                "`make-series` of more than 1,048,576 bins",
                span,
            ));
        }
        let count = i64::try_from(bins.len()).unwrap_or(i64::MAX);
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
        let index = bin_column(&grouped, series);
        Ok(Binned {
            grouped,
            index,
            count: lit(count),
            axis: Axis::Constant(bins),
        })
    }

    fn binned_constant(
        &self,
        value: &Value<'_>,
        width: &Value<'_>,
        axis_type: ScalarType,
        width_type: ScalarType,
    ) -> Lowered<Value<'static>> {
        let arguments = vec![
            (value_expr(value, axis_type)?, axis_type),
            (value_expr(width, width_type)?, width_type),
        ];
        let bin = known_call("bin", arguments, axis_type)?;
        self.constant_of(&bin, axis_type)
    }

    /// Bins from the least to the greatest of the rows of each series.
    fn spanned_bins(&self, input: Relation, series: &MakeSeries) -> Lowered<Binned> {
        let range = &series.range;
        let axis_type = series.axis.expression.scalar_type;
        let width: Typed = (
            value_expr(&self.constant(&range.step)?, range.step.scalar_type)?,
            range.step.scalar_type,
        );
        let end = |bound: &Option<stance_kql_syntax::bound::BoundExpression>| match bound {
            None => Ok(None),
            Some(bound) => {
                let value = convert(&self.constant(bound)?, axis_type).into_owned();
                Ok::<_, crate::error::LowerError>(Some(value_expr(&value, axis_type)?))
            }
        };
        let (from, to) = (end(&range.from)?, end(&range.to)?);
        let mut scope = Scope::of(&input);
        let (axis, own_type) = self.typed(&mut scope, &series.axis.expression)?;
        let axis = as_type(axis, own_type, axis_type)?;
        let input = self.with_windows(input, scope)?;
        let (input, axis) = input.with_hidden(self, "axis", axis)?;
        let mut inside = plan_column(&axis).is_not_null();
        let bin = match &from {
            None => {
                let arguments = vec![(plan_column(&axis), axis_type), width.clone()];
                known_call("bin", arguments, axis_type)?
            }
            Some(from) => {
                inside = inside.and(plan_column(&axis).gt_eq(from.clone()));
                let origin = (from.clone(), axis_type);
                let arguments = vec![(plan_column(&axis), axis_type), width.clone(), origin];
                known_call("bin_at", arguments, axis_type)?
            }
        };
        if let Some(to) = &to {
            let before = if range.include_end {
                plan_column(&axis).lt_eq(to.clone())
            } else {
                plan_column(&axis).lt(to.clone())
            };
            inside = inside.and(before);
        }
        let plan = LogicalPlanBuilder::from(input.plan.clone())
            .filter(inside)?
            .build()?;
        let input = Relation { plan, ..input };
        let grouped = self.group(
            input,
            &series.keys,
            &series.aggregates,
            vec![(bin, axis_type)],
        )?;
        self.spans(grouped, series, (from, to), width)
    }

    /// The first bin and the number of bins of each series, from all its rows.
    fn spans(
        &self,
        grouped: Grouped,
        series: &MakeSeries,
        (from, to): (Option<Expr>, Option<Expr>),
        width: Typed,
    ) -> Lowered<Binned> {
        let axis_type = series.axis.expression.scalar_type;
        let bin = bin_column(&grouped, series);
        let keys = series_keys(&grouped, series);
        let (least, greatest) = (self.fresh("least"), self.fresh("greatest"));
        let mut scope = Scope::of_columns(grouped.columns.clone());
        for (function, name) in [(min_udaf(), &least), (max_udaf(), &greatest)] {
            let window = WindowFunction {
                fun: WindowFunctionDefinition::AggregateUDF(function),
                params: WindowFunctionParams {
                    args: vec![bin.clone()],
                    partition_by: keys.clone(),
                    order_by: Vec::new(),
                    window_frame: WindowFrame::new(None),
                    filter: None,
                    null_treatment: None,
                    distinct: false,
                },
            };
            scope
                .windows
                .push((Expr::WindowFunction(Box::new(window)), name.clone()));
        }
        let relation = Relation::new(grouped.plan, Vec::new(), &Schema::default());
        let plan = self.with_windows(relation, scope)?.plan;
        let first = from.unwrap_or_else(|| plan_column(&least));
        let inclusive = series.range.include_end || to.is_none();
        let arguments = vec![
            (first.clone(), axis_type),
            (to.unwrap_or_else(|| plan_column(&greatest)), axis_type),
            width.clone(),
            (lit(inclusive), ScalarType::Bool),
        ];
        let count = known_call("series_length", arguments, ScalarType::Long)?;
        let arguments = vec![(bin, axis_type), (first.clone(), axis_type), width];
        let index = known_call("series_index", arguments, ScalarType::Long)?;
        Ok(Binned {
            grouped: Grouped { plan, ..grouped },
            index,
            count,
            axis: Axis::Spanned { first },
        })
    }

    /// The bins of each group as arrays.
    fn series_arrays(
        &self,
        binned: Binned,
        series: &MakeSeries,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let grouped = binned.grouped;
        let key_count = series.keys.len();
        let results = grouped.columns.get(key_count + 1..).unwrap_or_default();
        let mut results = Scope::of_columns(results.to_vec());
        let mut arrays = Vec::with_capacity(series.outputs.len());
        for (position, output) in series.outputs.iter().enumerate() {
            let value = self.typed(&mut results, output)?;
            let default = self.series_default(series, position, value.1)?;
            let (index, count) = (binned.index.clone(), binned.count.clone());
            let array = Self::series_aggregate(index, value, count, &default)?
                .ok_or_else(|| unsupported("`make-series`", step.span))?;
            arrays.push((array, self.fresh("series"), default));
        }
        let (first, count) = (self.fresh("first"), self.fresh("count"));
        let mut aggregates: Vec<Expr> = arrays
            .iter()
            .map(|(array, name, _)| array.clone().alias(name))
            .collect();
        if let Axis::Spanned { first: value } = &binned.axis {
            aggregates.push(native::min(value.clone()).alias(&first));
            aggregates.push(native::min(binned.count.clone()).alias(&count));
        }
        let one = self.fresh("all");
        let mut groups: Vec<Expr> = series_keys(&grouped, series);
        let mut below: Vec<Expr> = grouped
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        below.push(lit(1_i64).alias(&one));
        let always = series.non_empty && groups.is_empty();
        if !always {
            // Without keys a constant is the key, so that no rows make no series.
            groups.push(plan_column(&one));
        }
        let plan = LogicalPlanBuilder::from(grouped.plan)
            .project(below)?
            .aggregate(groups, aggregates)?
            .build()?;
        let axis = match &binned.axis {
            Axis::Constant(bins) => {
                let bins = Json::Array(bins.iter().map(Value::to_json).collect());
                value_expr(&Value::json(&bins), ScalarType::Dynamic)?
            }
            Axis::Spanned { .. } => {
                let axis_type = series.axis.expression.scalar_type;
                let arguments = vec![
                    (plan_column(&first), axis_type),
                    (plan_column(&count), ScalarType::Long),
                    (
                        value_expr(
                            &self.constant(&series.range.step)?,
                            series.range.step.scalar_type,
                        )?,
                        series.range.step.scalar_type,
                    ),
                ];
                known_call("series_axis", arguments, ScalarType::Dynamic)?
            }
        };
        let mut outputs: Vec<Expr> = grouped
            .columns
            .iter()
            .take(key_count)
            .map(|(name, _)| plan_column(name))
            .collect();
        for (_, name, default) in &arrays {
            let array = plan_column(name);
            outputs.push(match &binned.axis {
                Axis::Constant(bins) if always => {
                    let all = Json::Array(vec![default.to_json(); bins.len()]);
                    let all = value_expr(&Value::json(&all), ScalarType::Dynamic)?;
                    let none =
                        value_expr(&Value::json(&Json::Array(Vec::new())), ScalarType::Dynamic)?;
                    let without_rows = array.clone().is_null().or(array.clone().eq(none));
                    when(without_rows, all).otherwise(array)?
                }
                _ => array,
            });
        }
        outputs.insert(series.axis_output.min(outputs.len()), axis);
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: grouped.partition,
            graph: None,
        };
        relation.select(self, outputs, &step.schema)
    }

    /// What a bin without rows holds.
    fn series_default(
        &self,
        series: &MakeSeries,
        position: usize,
        value_type: ScalarType,
    ) -> Lowered<Value<'static>> {
        let default = match series.defaults.get(position).and_then(Option::as_ref) {
            Some(default) => self.constant(default)?,
            None => Value::Long(0),
        };
        Ok(match value_type {
            ScalarType::Real => convert(&default, ScalarType::Real).into_owned(),
            _ => default,
        })
    }
}

/// The bin of a row of the groups: it stands behind the keys.
fn bin_column(grouped: &Grouped, series: &MakeSeries) -> Expr {
    let name = grouped.columns.get(series.keys.len());
    plan_column(name.map_or("", |(name, _)| name))
}

/// What tells series apart.
fn series_keys(grouped: &Grouped, series: &MakeSeries) -> Vec<Expr> {
    let keys = grouped.columns.iter().take(series.keys.len());
    keys.map(|(name, _)| name)
        .chain(&grouped.partition)
        .map(|name| plan_column(name))
        .collect()
}
