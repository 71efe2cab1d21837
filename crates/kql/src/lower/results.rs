//! Queries of several results: `fork`, `facet`, `graph-to-table nodes as ..., edges as ...`.

use std::sync::Arc;

use datafusion::functions_aggregate::expr_fn as native;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, BoundTabular, ColumnReference, Operator};
use stance_kql_syntax::{Column, Schema};

use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::unsupported;

/// The plan of one result of a query.
#[derive(Debug)]
pub(crate) struct ResultPlan {
    /// The name that the query gives it, if any.
    pub(crate) name: Option<String>,
    pub(crate) plan: LogicalPlan,
    pub(crate) schema: Schema,
}

type Branch = (Option<Arc<str>>, BoundTabular);

impl Lowerer<'_> {
    /// The plans of a statement: several where it ends in `fork` or `facet`.
    pub(crate) fn lower_results(&self, tabular: &BoundTabular) -> Lowered<Vec<ResultPlan>> {
        let Some((last, before)) = tabular.steps.split_last() else {
            return Ok(vec![result(None, self.tabular(tabular, None)?)?]);
        };
        match &last.operator {
            Operator::Fork(branches) => {
                let input = self.steps(self.source(tabular, None)?, before)?;
                self.branches(&input, branches)
            }
            Operator::Facet { by, with } => {
                let input = self.steps(self.source(tabular, None)?, before)?;
                self.facets(&input, by, with.as_deref())
            }
            Operator::GraphToTable(tables) if tables.outputs.len() > 1 => {
                let graph = self.steps(self.source(tabular, None)?, before)?;
                let tables = tables.outputs.iter();
                tables
                    .map(|table| {
                        let rows = self.graph_table(&graph, table, last)?;
                        result(table.name.as_deref(), rows)
                    })
                    .collect()
            }
            _ => Ok(vec![result(None, self.tabular(tabular, None)?)?]),
        }
    }

    fn branches(&self, input: &Relation, branches: &[Branch]) -> Lowered<Vec<ResultPlan>> {
        let mut results = Vec::with_capacity(branches.len());
        for (name, branch) in branches {
            let relation = self.tabular(branch, Some(input))?;
            results.push(result(name.as_deref(), relation)?);
        }
        Ok(results)
    }

    /// A table of values and their numbers of rows for each column, then the rows of `with`.
    fn facets(
        &self,
        input: &Relation,
        by: &[ColumnReference],
        with: Option<&BoundTabular>,
    ) -> Lowered<Vec<ResultPlan>> {
        let mut results = Vec::new();
        for column in by {
            let facet = self.facet(input.clone(), column)?;
            results.push(result(Some(&column.name), facet)?);
        }
        if let Some(with) = with {
            let relation = self.tabular(with, Some(input))?;
            results.push(result(None, relation)?);
        }
        Ok(results)
    }

    fn facet(&self, input: Relation, column: &ColumnReference) -> Lowered<Relation> {
        let own = input.schema.columns().get(column.index).cloned();
        let own = own.unwrap_or_else(|| Column::new(column.name.as_ref(), ScalarType::Dynamic));
        let count_name = format!("count_{}", own.name);
        let schema = Schema::new(vec![own, Column::new(count_name, ScalarType::Long)]);
        let (key, count) = (input.column(column.index), self.fresh("count"));
        let mut keys = vec![key.clone()];
        keys.extend(input.partition.iter().map(|name| plan_column(name)));
        let plan = LogicalPlanBuilder::from(input.plan)
            .aggregate(keys, vec![native::count(lit(1_i64)).alias(&count)])?
            .build()?;
        let relation = Relation {
            plan,
            columns: Vec::new(),
            schema: Schema::default(),
            ordering: Vec::new(),
            partition: input.partition,
            graph: None,
        };
        let outputs: Vec<Expr> = vec![key, plan_column(&count)];
        relation.select(self, outputs, &schema)
    }

    /// The main result of a `fork` that stands inside a query.
    pub(super) fn first_branch(
        &self,
        input: Relation,
        branches: &[Branch],
        step: &BoundStep,
    ) -> Lowered<Relation> {
        match branches.first() {
            None => Ok(input),
            Some((_, branch)) if branch.schema() == &step.schema => {
                self.tabular(branch, Some(&input))
            }
            Some(_) => Err(unsupported("`fork` before other operators", step.span)),
        }
    }

    /// The main result of a `facet` that stands inside a query.
    pub(super) fn first_facet(
        &self,
        input: Relation,
        by: &[ColumnReference],
        step: &BoundStep,
    ) -> Lowered<Relation> {
        match by.first() {
            None => Err(unsupported("`facet` without a column", step.span)),
            Some(column) => self.facet(input, column),
        }
    }
}

fn result(name: Option<&str>, relation: Relation) -> Lowered<ResultPlan> {
    let schema = relation.schema.clone();
    Ok(ResultPlan {
        name: name.map(str::to_owned),
        plan: relation.with_visible_names()?,
        schema,
    })
}
