//! `top-nested`: the greatest values of each level, within those of the level above.
//!
//! Made of windows over the rows, level by level: the aggregate of each value within the values
//! above it, its rank there, and the rows of values that rank too low left out (or put together
//! under the label of `with others`; the levels below do not tell those apart again). What is left
//! is then made distinct.

use datafusion::functions_window::rank::dense_rank_udwf;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::{
    Expr, LogicalPlanBuilder, WindowFrame, WindowFunctionDefinition, lit, when,
};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundStep, TopNested, TopNestedLevel};

use super::aggregate::LoweredAggregates;
use super::constant::{null_expr, value_expr};
use super::expression::{Scope, as_type};
use super::relation::{OrderKey, Relation, plan_column};
use super::window::window_expr;
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::value::convert;

/// Columns of a level in the plan.
struct Level {
    value: String,
    value_type: ScalarType,
    aggregate: String,
    aggregate_type: ScalarType,
    /// Whether a row is put together with others, here or above; nothing where none can be.
    other: Option<String>,
}

/// What the levels above left.
#[derive(Clone, Copy)]
struct Above<'a> {
    keys: &'a [String],
    /// As [`Level::other`].
    other: Option<&'a str>,
}

impl Lowerer<'_> {
    pub(super) fn top_nested(
        &self,
        input: Relation,
        nested: &TopNested,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let mut relation = Relation {
            ordering: Vec::new(),
            ..input
        };
        let mut keys = relation.partition.clone();
        let mut levels: Vec<Level> = Vec::new();
        let mut other = None;
        for level in &nested.levels {
            let above = Above {
                keys: &keys,
                other: other.as_deref(),
            };
            let (next, made) = self.nested_level(relation, level, &above, step)?;
            relation = next;
            other = made.other.clone().or(other);
            keys.push(made.value.clone());
            levels.push(made);
        }
        let mut groups: Vec<Expr> = keys.iter().map(|name| plan_column(name)).collect();
        groups.extend(levels.iter().map(|level| plan_column(&level.aggregate)));
        let plan = LogicalPlanBuilder::from(relation.plan)
            .aggregate(groups, Vec::<Expr>::new())?
            .build()?;
        let mut outputs = Vec::with_capacity(step.schema.len());
        let columns = levels.iter().flat_map(|level| {
            [
                (&level.value, level.value_type),
                (&level.aggregate, level.aggregate_type),
            ]
        });
        for ((name, from), column) in columns.zip(step.schema.columns()) {
            outputs.push(as_type(plan_column(name), from, column.scalar_type)?);
        }
        let rows = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: relation.partition,
            graph: None,
        };
        rows.select(self, outputs, &step.schema)
    }

    fn nested_level(
        &self,
        input: Relation,
        level: &TopNestedLevel,
        above: &Above<'_>,
        step: &BoundStep,
    ) -> Lowered<(Relation, Level)> {
        let mut scope = Scope::of(&input);
        let (value, value_type) = self.typed(&mut scope, &level.of.expression)?;
        let input = self.with_windows(input, scope)?;
        let label = match &level.others {
            None => None,
            Some(others) => {
                let label = convert(&self.constant(others)?, value_type).into_owned();
                Some(value_expr(&label, value_type)?)
            }
        };
        // Rows put together above are not told apart again.
        let value = match above.other {
            None => value,
            Some(other) => {
                let one = match &label {
                    Some(label) => label.clone(),
                    None => null_expr(value_type)?,
                };
                when(plan_column(other), one).otherwise(value)?
            }
        };
        let (input, name) = input.with_hidden(self, "value", value)?;
        let keys = with_key(above.keys, &name);
        let (input, aggregate, aggregate_type) = self.windowed(input, level, &keys, step)?;
        let mut made = Level {
            value: name,
            value_type,
            aggregate,
            aggregate_type,
            other: None,
        };
        let mut relation = input;
        if let Some(count) = &level.count {
            let count = i64::try_from(self.constant_count(count)?).unwrap_or(i64::MAX);
            let ranks = (made.aggregate.as_str(), made.value.as_str());
            let (ranked, rank) = self.ranked(relation, above.keys, ranks, level.ascending)?;
            let mut within = plan_column(&rank).lt_eq(lit(count));
            if let Some(other) = above.other {
                within = within.or(plan_column(other));
            }
            relation = match &label {
                None => {
                    let plan = LogicalPlanBuilder::from(ranked.plan.clone())
                        .filter(within)?
                        .build()?;
                    Relation { plan, ..ranked }
                }
                Some(label) => {
                    let mut value = when(within.clone(), plan_column(&made.value));
                    let value = value.otherwise(label.clone())?;
                    let (with_value, name) = ranked.with_hidden(self, "value", value)?;
                    let mut other = Expr::Not(Box::new(within));
                    if let Some(before) = above.other {
                        other = other.or(plan_column(before));
                    }
                    let (with_other, other) = with_value.with_hidden(self, "other", other)?;
                    let keys = with_key(above.keys, &name);
                    let (windowed, aggregate, _) = self.windowed(with_other, level, &keys, step)?;
                    made.value = name;
                    made.aggregate = aggregate;
                    made.other = Some(other);
                    windowed
                }
            };
        }
        if let (Some(other), None) = (above.other, &label) {
            let none = null_expr(made.aggregate_type)?;
            let aggregate =
                when(plan_column(other), none).otherwise(plan_column(&made.aggregate))?;
            let (with_aggregate, name) = relation.with_hidden(self, "by", aggregate)?;
            relation = with_aggregate;
            made.aggregate = name;
        }
        Ok((relation, made))
    }

    /// The relation with the level's aggregate over all rows of the same keys.
    fn windowed(
        &self,
        input: Relation,
        level: &TopNestedLevel,
        keys: &[String],
        step: &BoundStep,
    ) -> Lowered<(Relation, String, ScalarType)> {
        let mut scope = Scope::of(&input);
        let mut lowered = LoweredAggregates::default();
        for aggregate in &level.aggregates {
            self.aggregate(&mut scope, aggregate, &mut lowered)?;
        }
        for (computed, name) in lowered.computed {
            let Some(window) = over_all_rows(computed, keys) else {
                return Err(unsupported("`top-nested` by this aggregate", step.span));
            };
            scope.windows.push((window, name));
        }
        let input = self.with_windows(input, scope)?;
        let mut relation = input;
        let mut columns = Vec::with_capacity(lowered.results.len());
        for (result, scalar_type) in lowered.results {
            let (with_result, name) = relation.with_hidden(self, "result", result)?;
            relation = with_result;
            columns.push((name, scalar_type));
        }
        let mut scope = Scope::of_columns(columns);
        let (by, by_type) = self.typed(&mut scope, &level.by.expression)?;
        let (relation, name) = relation.with_hidden(self, "by", by)?;
        Ok((relation, name, by_type))
    }

    /// The relation with the rank of each value within the values above it; values that tie have
    /// the order of the values themselves.
    fn ranked(
        &self,
        input: Relation,
        above: &[String],
        (aggregate, value): (&str, &str),
        ascending: bool,
    ) -> Lowered<(Relation, String)> {
        let ordering =
            [(aggregate, !ascending), (value, false)].map(|(column, descending)| OrderKey {
                column: column.to_owned(),
                descending,
                nulls_first: false,
            });
        let partition = above.iter().map(|name| plan_column(name)).collect();
        let function = WindowFunctionDefinition::WindowUDF(dense_rank_udwf());
        let rank = window_expr(function, Vec::new(), &ordering, partition);
        let name = self.fresh("rank");
        let mut scope = Scope::of(&input);
        scope.windows.push((rank, name.clone()));
        let relation = self.with_windows(input, scope)?;
        let rank = datafusion::logical_expr::cast(
            plan_column(&name),
            crate::types::arrow_type(ScalarType::Long),
        );
        relation.with_hidden(self, "rank", rank)
    }
}

fn with_key(keys: &[String], key: &str) -> Vec<String> {
    let mut keys = keys.to_vec();
    keys.push(key.to_owned());
    keys
}

/// An aggregate as a window over all rows that have the same keys.
fn over_all_rows(aggregate: Expr, keys: &[String]) -> Option<Expr> {
    let Expr::AggregateFunction(aggregate) = aggregate else {
        return None;
    };
    let params = aggregate.params;
    Some(Expr::WindowFunction(Box::new(WindowFunction {
        fun: WindowFunctionDefinition::AggregateUDF(aggregate.func),
        params: WindowFunctionParams {
            args: params.args,
            partition_by: keys.iter().map(|name| plan_column(name)).collect(),
            order_by: Vec::new(),
            window_frame: WindowFrame::new(None),
            filter: params.filter,
            null_treatment: params.null_treatment,
            distinct: params.distinct,
        },
    })))
}
