//! `graph-to-table`, `graph-mark-components`, `graph-where-nodes`, `graph-where-edges`.

use std::sync::Arc;

use datafusion::common::{Column as PlanColumn, JoinType};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, GraphTable, GraphToTable};
use stance_kql_syntax::{Column, Schema};

use super::expression::{Scope, as_type, known_call};
use super::graph::{GraphRelation, NodeTable, graph_of, graph_relation};
use super::graph_inputs::{GraphInputs, column_expression};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::operators::TableOperator;
use crate::operators::graph::GraphNodesOperator;

impl Lowerer<'_> {
    /// Every node of a graph with what it has and its id; with `components` the number of its part
    /// as one more column.
    fn all_nodes(
        &self,
        graph: &GraphRelation,
        components: Option<bool>,
        predicate: &BoundExpression,
    ) -> Lowered<NodeTable> {
        let mut inputs = GraphInputs::new(self, graph)?;
        let mut columns = Vec::with_capacity(graph.node_schema.len() + 2);
        let mut schema: Vec<Column> = graph.node_schema.columns().to_vec();
        for (place, column) in graph.node_schema.columns().iter().enumerate() {
            let column = column_expression(place, column.scalar_type, predicate);
            columns.push(inputs.node_column(&column)?);
        }
        columns.push(inputs.id_column()?);
        schema.push(Column::new("id", graph.id_type));
        let partition = inputs.partition_column();
        let has_partition = partition.is_some();
        if let Some(partition) = partition {
            schema.push(Column::new("partition", partition.scalar_type));
            columns.push(partition);
        }
        if components.is_some() {
            schema.push(Column::new("component", ScalarType::Long));
        }
        let (source, plans) = inputs.plans()?;
        let operator = TableOperator::GraphNodes(GraphNodesOperator {
            graph: source,
            columns,
            components,
        });
        let rows = self.table_operator(operator, plans, Vec::new(), &Schema::new(schema))?;
        let mut names = rows.columns;
        let component = components.and_then(|_| names.pop());
        let partition = if has_partition { names.pop() } else { None };
        let id = names.pop().unwrap_or_default();
        names.extend(component);
        Ok(NodeTable {
            plan: rows.plan,
            columns: names,
            id,
            partition,
            is_complete: true,
        })
    }

    pub(super) fn graph_mark_components(
        &self,
        input: &Relation,
        strong: bool,
        column: &Arc<str>,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let graph = graph_of(input, step.span)?;
        let nodes = self.all_nodes(graph, Some(strong), &nowhere(step))?;
        let added = Column::new(Arc::clone(column), ScalarType::Long);
        let mut graph = GraphRelation::clone(graph);
        let known = graph.node_schema.columns().iter().cloned();
        graph.node_schema = known.chain([added]).collect();
        graph.is_id.push(false);
        graph.nodes = Some(nodes);
        Ok(keeping_partition(input, graph))
    }

    pub(super) fn graph_where(
        &self,
        input: &Relation,
        of_nodes: bool,
        predicate: &BoundExpression,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let mut graph = GraphRelation::clone(graph_of(input, step.span)?);
        // Nodes stay in the graph though their last edge goes.
        let mut nodes = match graph.nodes.take() {
            Some(nodes) if nodes.is_complete => nodes,
            nodes => {
                graph.nodes = nodes;
                self.all_nodes(&graph, None, predicate)?
            }
        };
        if !of_nodes {
            graph.edges = self.filter(graph.edges, predicate)?;
            graph.nodes = Some(nodes);
            return Ok(keeping_partition(input, graph));
        }
        let types = graph.node_schema.columns().iter().map(|c| c.scalar_type);
        let columns = nodes.columns.iter().cloned().zip(types).collect();
        let mut scope = Scope::of_columns(columns);
        let condition = self.predicate(&mut scope, predicate)?;
        let condition = as_type(condition, predicate.scalar_type, ScalarType::Bool)?;
        nodes.plan = LogicalPlanBuilder::from(nodes.plan)
            .filter(condition)?
            .build()?;
        for position in [graph.source, graph.target] {
            graph.edges = self.edges_at(&graph, position, &nodes)?;
        }
        graph.nodes = Some(nodes);
        Ok(keeping_partition(input, graph))
    }

    /// The edges whose end in this column is one of the nodes.
    fn edges_at(
        &self,
        graph: &GraphRelation,
        position: usize,
        nodes: &NodeTable,
    ) -> Lowered<Relation> {
        let end = graph.key(graph.end_id(position)?, graph.edge_partition())?;
        let (edges, end) = graph.edges.clone().with_hidden(self, "end", end)?;
        let partition = nodes.partition.as_ref().map(|name| plan_column(name));
        let key = graph.key(plan_column(&nodes.id), partition)?;
        let name = self.fresh("key");
        let keys = LogicalPlanBuilder::from(nodes.plan.clone())
            .project(vec![key.alias(&name)])?
            .build()?;
        let on = (
            vec![PlanColumn::new_unqualified(end)],
            vec![PlanColumn::new_unqualified(name)],
        );
        let plan = LogicalPlanBuilder::from(edges.plan.clone())
            .join(keys, JoinType::LeftSemi, on, None)?
            .build()?;
        Ok(Relation { plan, ..edges })
    }

    /// The rows of the first table asked for.
    pub(super) fn graph_to_table(
        &self,
        input: &Relation,
        tables: &GraphToTable,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        match tables.outputs.first() {
            Some(table) => self.graph_table(input, table, step),
            None => self.rows(Vec::new(), &step.schema),
        }
    }

    /// The rows of one table asked for.
    pub(super) fn graph_table(
        &self,
        input: &Relation,
        table: &GraphTable,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let graph = graph_of(input, step.span)?;
        if table.nodes {
            self.nodes_as_table(graph, table, step)
        } else {
            self.edges_as_table(graph, table)
        }
    }

    fn nodes_as_table(
        &self,
        graph: &GraphRelation,
        table: &GraphTable,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let nodes = match &graph.nodes {
            Some(nodes) if nodes.is_complete => nodes.clone(),
            _ => self.all_nodes(graph, None, &nowhere(step))?,
        };
        let mut outputs = Vec::with_capacity(table.schema.len());
        for _ in &table.id_columns {
            outputs.push(hashed(plan_column(&nodes.id), graph.id_type)?);
        }
        outputs.extend(nodes.columns.iter().map(|name| plan_column(name)));
        let relation = Relation {
            partition: nodes.partition.into_iter().collect(),
            ..Relation::new(nodes.plan, nodes.columns, &graph.node_schema)
        };
        relation.select(self, outputs, &table.schema)
    }

    fn edges_as_table(&self, graph: &GraphRelation, table: &GraphTable) -> Lowered<Relation> {
        let mut outputs = Vec::with_capacity(table.schema.len());
        for (kind, _) in &table.id_columns {
            let end = if &**kind == "with_source_id" {
                graph.source
            } else {
                graph.target
            };
            outputs.push(hashed(graph.end_id(end)?, graph.id_type)?);
        }
        let edges = graph.edges.clone();
        outputs.extend((0..edges.columns.len()).map(|position| edges.column(position)));
        let partition = graph
            .partition
            .and_then(|at| edges.columns.get(at).cloned());
        let relation = Relation {
            partition: partition.into_iter().collect(),
            ..edges
        };
        relation.select(self, outputs, &table.schema)
    }
}

/// A graph as a relation, in the partitions of the one before.
fn keeping_partition(input: &Relation, graph: GraphRelation) -> Relation {
    Relation {
        partition: input.partition.clone(),
        ..graph_relation(graph)
    }
}

/// The number that stands for an id outside the graph: its xxHash64, as `hash()` gives.
fn hashed(id: Expr, id_type: ScalarType) -> Lowered<Expr> {
    known_call("hash", vec![(id, id_type)], ScalarType::Long)
}

/// An expression that lends its place in the text.
fn nowhere(step: &BoundStep) -> BoundExpression {
    BoundExpression {
        kind: stance_kql_syntax::bound::ExpressionKind::Literal(
            stance_kql_syntax::bound::Literal::Null,
        ),
        scalar_type: ScalarType::Bool,
        span: step.span,
    }
}
