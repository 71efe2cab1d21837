//! `summarize`, `count`, `top-hitters`.

use datafusion::functions_aggregate::expr_fn as native;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use stance_base::ScalarType;
use stance_kql_syntax::Schema;
use stance_kql_syntax::bound::{BoundAggregate, BoundExpression, NamedExpression, Summarize};

use super::aggregate::LoweredAggregates;
use super::expression::{Scope, as_type};
use super::ordering::sorted;
use super::relation::{OrderKey, Relation, plan_column};
use super::{Lowered, Lowerer};

/// Groups with their keys and aggregate results, before the output expressions.
#[derive(Debug)]
pub(super) struct Grouped {
    pub(super) plan: datafusion::logical_expr::LogicalPlan,
    /// Keys, then aggregate results: plan names and types.
    pub(super) columns: Vec<(String, ScalarType)>,
    pub(super) partition: Vec<String>,
}

impl Lowerer<'_> {
    /// Groups rows by keys (and by the partition) and computes aggregates.
    pub(super) fn group(
        &self,
        input: Relation,
        keys: &[NamedExpression],
        aggregates: &[BoundAggregate],
        extra_keys: Vec<(Expr, ScalarType)>,
    ) -> Lowered<Grouped> {
        let mut scope = Scope::of(&input);
        let mut key_columns = Vec::new();
        let mut key_expressions = Vec::new();
        for key in keys {
            let (value, scalar_type) = self.typed(&mut scope, &key.expression)?;
            let name = self.fresh(&key.name);
            key_expressions.push(value.alias(&name));
            key_columns.push((name, scalar_type));
        }
        for (value, scalar_type) in extra_keys {
            let name = self.fresh("key");
            key_expressions.push(value.alias(&name));
            key_columns.push((name, scalar_type));
        }
        let partition = input.partition.clone();
        let mut lowered = LoweredAggregates::default();
        for aggregate in aggregates {
            self.aggregate(&mut scope, aggregate, &mut lowered)?;
        }
        let input = self.with_windows(input, scope)?;

        // Keys are computed below the grouping, so that they have plain names in it.
        let mut below: Vec<Expr> = input
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        below.extend(key_expressions);
        let mut groups: Vec<Expr> = key_columns
            .iter()
            .map(|(name, _)| plan_column(name))
            .collect();
        groups.extend(partition.iter().map(|name| plan_column(name)));
        let computed: Vec<Expr> = lowered
            .computed
            .into_iter()
            .map(|(aggregate, name)| aggregate.alias(name))
            .collect();
        let builder = LogicalPlanBuilder::from(input.plan).project(below)?;
        let builder = if groups.is_empty() && computed.is_empty() {
            // `summarize by` nothing: one row where there is any.
            builder.aggregate(Vec::<Expr>::new(), vec![native::count(lit(1_i64))])?
        } else {
            builder.aggregate(groups, computed)?
        };

        let mut columns = key_columns;
        let mut outputs: Vec<Expr> = columns.iter().map(|(name, _)| plan_column(name)).collect();
        outputs.extend(partition.iter().map(|name| plan_column(name)));
        for (result, scalar_type) in lowered.results {
            let name = self.fresh("result");
            outputs.push(result.alias(&name));
            columns.push((name, scalar_type));
        }
        let plan = if outputs.is_empty() {
            builder.build()?
        } else {
            builder.project(outputs)?.build()?
        };
        Ok(Grouped {
            plan,
            columns,
            partition,
        })
    }

    pub(super) fn summarize(
        &self,
        input: Relation,
        summarize: &Summarize,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let grouped = self.group(input, &summarize.keys, &summarize.aggregates, Vec::new())?;
        let mut scope = Scope::of_columns(grouped.columns);
        let mut outputs = Vec::with_capacity(schema.len());
        for (expression, column) in summarize.outputs.iter().zip(schema.columns()) {
            let (value, from) = self.typed(&mut scope, expression)?;
            outputs.push(as_type(value, from, column.scalar_type)?);
        }
        let relation = Relation {
            plan: grouped.plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: grouped.partition,
            graph: None,
        };
        relation.select(self, outputs, schema)
    }

    /// `count`: one row, also of no rows.
    pub(super) fn count(&self, input: Relation, schema: &Schema) -> Lowered<Relation> {
        let name = self.fresh("Count");
        let groups: Vec<Expr> = input
            .partition
            .iter()
            .map(|name| plan_column(name))
            .collect();
        let plan = LogicalPlanBuilder::from(input.plan)
            .aggregate(groups, vec![native::count(lit(1_i64)).alias(&name)])?
            .build()?;
        let relation = Relation::new(plan, vec![name], schema);
        Ok(Relation {
            partition: input.partition,
            ..relation
        })
    }

    /// `top-hitters n of value by weight`: values with the greatest sum of weights.
    pub(super) fn top_hitters(
        &self,
        input: Relation,
        count: &BoundExpression,
        of: &BoundExpression,
        by: Option<&BoundExpression>,
        schema: &Schema,
    ) -> Lowered<Relation> {
        let count = self.constant_count(count)?;
        let mut scope = Scope::of(&input);
        let value = self.expression(&mut scope, of)?;
        let weight_type = schema
            .columns()
            .get(1)
            .map_or(ScalarType::Long, |c| c.scalar_type);
        let weight = match by {
            None => native::count(lit(1_i64)),
            Some(by) => {
                let (weight, from) = self.typed(&mut scope, by)?;
                native::sum(as_type(weight, from, weight_type)?)
            }
        };
        let (key, total) = (self.fresh("value"), self.fresh("weight"));
        let input = self.with_windows(input, scope)?;
        let mut below: Vec<Expr> = input
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        below.push(value.alias(&key));
        let plan = LogicalPlanBuilder::from(input.plan)
            .project(below)?
            .aggregate(vec![plan_column(&key)], vec![weight.alias(&total)])?
            .build()?;
        let relation = Relation::new(plan, vec![key, total.clone()], schema);
        let ordering = OrderKey {
            column: total,
            descending: true,
            nulls_first: false,
        };
        sorted(relation, vec![ordering], Some(count))
    }
}
