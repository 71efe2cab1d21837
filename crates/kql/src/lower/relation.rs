//! A plan and what its columns stand for.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr};
use stance_base::ScalarType;
use stance_kql_syntax::{Column as KqlColumn, Schema};

use super::graph::{GraphRelation, graph_as_result};
use super::{Lowered, Lowerer};

/// A key that the rows are sorted by: a plan column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderKey {
    pub(super) column: String,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

impl OrderKey {
    pub(super) fn sort_expr(&self) -> SortExpr {
        plan_column(&self.column).sort(!self.descending, self.nulls_first)
    }
}

/// Rows on their way through a pipeline.
#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub(super) plan: LogicalPlan,
    /// Plan names of the columns, in the order of `schema`.
    pub(super) columns: Vec<String>,
    /// The KQL columns.
    pub(super) schema: Schema,
    /// What the rows are sorted by; the columns may be hidden ones.
    pub(super) ordering: Vec<OrderKey>,
    /// Columns that keep apart the rows of `partition` and `mv-apply`: every operator works on the
    /// rows of one value of them at a time.
    pub(super) partition: Vec<String>,
    /// Between graph operators: the graph. There are no columns then.
    pub(super) graph: Option<Arc<GraphRelation>>,
}

/// A reference to a plan column.
pub(super) fn plan_column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// Columns, and more after them.
pub(super) fn schema_with(schema: &Schema, added: impl Iterator<Item = KqlColumn>) -> Schema {
    schema.columns().iter().cloned().chain(added).collect()
}

impl Relation {
    /// A plan whose rows are in no order.
    pub(super) fn new(plan: LogicalPlan, columns: Vec<String>, schema: &Schema) -> Self {
        Self {
            plan,
            columns,
            schema: schema.clone(),
            ordering: Vec::new(),
            partition: Vec::new(),
            graph: None,
        }
    }

    /// The column of this position.
    pub(super) fn column(&self, index: usize) -> Expr {
        plan_column(self.columns.get(index).map_or("", String::as_str))
    }

    /// The columns with their types.
    pub(super) fn typed_columns(&self) -> Vec<(String, ScalarType)> {
        let types = self
            .schema
            .columns()
            .iter()
            .map(|column| column.scalar_type);
        self.columns.iter().cloned().zip(types).collect()
    }

    /// Plan columns that must be carried along though no KQL column shows them.
    pub(super) fn carried(&self) -> Vec<String> {
        let keys = self.ordering.iter().map(|key| &key.column);
        let mut seen = HashSet::new();
        self.partition
            .iter()
            .chain(keys)
            .filter(|name| seen.insert(name.as_str()))
            .cloned()
            .collect()
    }

    /// Replaces the columns by these, one for each column of `schema`; order and partition stay.
    pub(super) fn select(
        self,
        lowerer: &Lowerer<'_>,
        expressions: Vec<Expr>,
        schema: &Schema,
    ) -> Lowered<Self> {
        let mut used = HashSet::new();
        let mut columns = Vec::with_capacity(expressions.len());
        let mut outputs = Vec::with_capacity(expressions.len());
        for (expression, column) in expressions.into_iter().zip(schema.columns()) {
            let kept = match &expression {
                Expr::Column(kept) if used.insert(kept.name.clone()) => Some(kept.name.clone()),
                _ => None,
            };
            if let Some(name) = kept {
                columns.push(name);
                outputs.push(expression);
                continue;
            }
            let name = lowerer.fresh(&column.name);
            outputs.push(expression.alias(&name));
            columns.push(name);
        }
        for name in self.carried() {
            if used.insert(name.clone()) {
                outputs.push(plan_column(&name));
            }
        }
        let plan = LogicalPlanBuilder::from(self.plan)
            .project(outputs)?
            .build()?;
        Ok(Self {
            plan,
            columns,
            schema: schema.clone(),
            ordering: self.ordering,
            partition: self.partition,
            graph: None,
        })
    }

    /// Adds a column that no KQL column shows; gives its plan name.
    pub(super) fn with_hidden(
        self,
        lowerer: &Lowerer<'_>,
        name: &str,
        expression: Expr,
    ) -> Lowered<(Self, String)> {
        let name = lowerer.fresh(name);
        let mut outputs: Vec<Expr> = self
            .plan
            .schema()
            .columns()
            .into_iter()
            .map(Expr::Column)
            .collect();
        outputs.push(expression.alias(&name));
        let plan = LogicalPlanBuilder::from(self.plan)
            .project(outputs)?
            .build()?;
        Ok((Self { plan, ..self }, name))
    }

    /// The plan with the names of the KQL schema, hidden columns left out.
    pub(super) fn with_visible_names(self) -> Lowered<LogicalPlan> {
        if let Some(graph) = &self.graph {
            return Err(graph_as_result(graph.span));
        }
        let outputs: Vec<Expr> = self
            .schema
            .columns()
            .iter()
            .enumerate()
            .map(|(index, column)| self.column(index).alias(column.name.as_ref()))
            .collect();
        if outputs.is_empty() {
            return Ok(self.plan);
        }
        Ok(LogicalPlanBuilder::from(self.plan)
            .project(outputs)?
            .build()?)
    }
}
