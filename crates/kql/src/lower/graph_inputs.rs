//! What a graph operator reads: columns computed on edges and on nodes.

use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, ColumnReference, ExpressionKind};

use super::constant::null_expr;
use super::expression::{Scope, as_type};
use super::graph::GraphRelation;
use super::relation::plan_column;
use super::{Lowered, Lowerer};
use crate::error::unsupported;
use crate::operators::graph::{EdgeColumn, GraphSource, NodeColumn};

/// Collects the columns that an operator needs of the edges and the nodes of a graph.
///
/// A value of a node is computed over the node table, and for nodes that only edges name over the
/// edges, with the source or the target as id and nothing else known.
pub(super) struct GraphInputs<'g> {
    lowerer: &'g Lowerer<'g>,
    pub(super) graph: &'g GraphRelation,
    edges: LogicalPlan,
    nodes: Option<LogicalPlan>,
    edge_columns: Vec<(String, ScalarType)>,
    /// Columns of a node: of the node table, and of an edge's source and target as a node.
    node_columns: Vec<(String, ScalarType)>,
    end_columns: [Vec<(String, ScalarType)>; 2],
    edge_outputs: Vec<Expr>,
    node_outputs: Vec<Expr>,
    pub(super) source: GraphSource,
}

impl<'g> GraphInputs<'g> {
    pub(super) fn new(lowerer: &'g Lowerer<'g>, graph: &'g GraphRelation) -> Lowered<Self> {
        let mut outputs = every_column(&graph.edges.plan);
        let mut end_columns = [Vec::new(), Vec::new()];
        for (ends, position) in end_columns.iter_mut().zip([graph.source, graph.target]) {
            let from = graph.edge_type(position);
            for (column, is_id) in graph.node_schema.columns().iter().zip(&graph.is_id) {
                let value = if *is_id {
                    as_type(graph.edges.column(position), from, column.scalar_type)?
                } else {
                    null_expr(column.scalar_type)?
                };
                let name = lowerer.fresh(&column.name);
                outputs.push(value.alias(&name));
                ends.push((name, column.scalar_type));
            }
            // Behind the properties stands the id as text, for `node_id()`.
            let name = lowerer.fresh("node_id");
            let id = as_type(graph.edges.column(position), from, ScalarType::String)?;
            outputs.push(id.alias(&name));
            ends.push((name, ScalarType::String));
        }
        let edges = LogicalPlanBuilder::from(graph.edges.plan.clone())
            .project(outputs)?
            .build()?;
        let mut node_columns = Vec::new();
        let mut nodes = None;
        if let Some(table) = &graph.nodes {
            for (name, column) in table.columns.iter().zip(graph.node_schema.columns()) {
                node_columns.push((name.clone(), column.scalar_type));
            }
            let mut outputs = every_column(&table.plan);
            let name = lowerer.fresh("node_id");
            let id = as_type(plan_column(&table.id), graph.id_type, ScalarType::String)?;
            outputs.push(id.alias(&name));
            node_columns.push((name, ScalarType::String));
            let plan = LogicalPlanBuilder::from(table.plan.clone());
            nodes = Some(plan.project(outputs)?.build()?);
        }
        let source = GraphSource {
            source: 0,
            target: 0,
            node: None,
            long_keys: graph.has_long_keys(),
        };
        let mut inputs = Self {
            lowerer,
            graph,
            edges,
            nodes,
            edge_columns: graph.edges.typed_columns(),
            node_columns,
            end_columns,
            edge_outputs: Vec::new(),
            node_outputs: Vec::new(),
            source,
        };
        inputs.add_keys()?;
        Ok(inputs)
    }

    fn add_keys(&mut self) -> Lowered<()> {
        let graph = self.graph;
        let source = graph.key(graph.end_id(graph.source)?, graph.edge_partition())?;
        let target = graph.key(graph.end_id(graph.target)?, graph.edge_partition())?;
        self.source.source = self.edge_output(source);
        self.source.target = self.edge_output(target);
        if let Some(table) = &graph.nodes {
            let partition = table.partition.as_ref().map(|name| plan_column(name));
            let key = graph.key(plan_column(&table.id), partition)?;
            self.source.node = Some(self.node_output(key));
        }
        Ok(())
    }

    fn edge_output(&mut self, value: Expr) -> usize {
        position_of(&mut self.edge_outputs, value)
    }

    fn node_output(&mut self, value: Expr) -> usize {
        position_of(&mut self.node_outputs, value)
    }

    /// A value computed over an edge's columns.
    pub(super) fn edge_column(&mut self, value: &BoundExpression) -> Lowered<EdgeColumn> {
        let lowered = self.lowered(self.edge_columns.clone(), value)?;
        Ok(EdgeColumn {
            column: self.edge_output(lowered),
            scalar_type: value.scalar_type,
        })
    }

    /// A value computed over a node's columns and, behind them, its id as text.
    pub(super) fn node_column(&mut self, value: &BoundExpression) -> Lowered<NodeColumn> {
        let node = match self.nodes {
            Some(_) => {
                let lowered = self.lowered(self.node_columns.clone(), value)?;
                Some(self.node_output(lowered))
            }
            None => None,
        };
        let [sources, targets] = self.end_columns.clone();
        let ends = if self.all_have_rows() || self.is_null_of_ends(value) {
            None
        } else {
            let source = self.lowered(sources, value)?;
            let target = self.lowered(targets, value)?;
            Some((self.edge_output(source), self.edge_output(target)))
        };
        Ok(NodeColumn {
            node,
            ends,
            scalar_type: value.scalar_type,
        })
    }

    /// The partition that a node is in.
    pub(super) fn partition_column(&mut self) -> Option<NodeColumn> {
        let partition = self.graph.edge_partition()?;
        let scalar_type = self.graph.partition_type();
        let table = self.graph.nodes.as_ref();
        let node = table.and_then(|table| table.partition.clone());
        let node = node.map(|name| self.node_output(plan_column(&name)));
        let end = self.edge_output(partition);
        Some(NodeColumn {
            node,
            ends: Some((end, end)),
            scalar_type,
        })
    }

    /// The id, in the type that ids are compared in.
    pub(super) fn id_column(&mut self) -> Lowered<NodeColumn> {
        let graph = self.graph;
        let node = graph.nodes.as_ref();
        let node = node.map(|table| self.node_output(plan_column(&table.id)));
        let source = graph.end_id(graph.source)?;
        let target = graph.end_id(graph.target)?;
        Ok(NodeColumn {
            node,
            ends: Some((self.edge_output(source), self.edge_output(target))),
            scalar_type: graph.id_type,
        })
    }

    fn all_have_rows(&self) -> bool {
        let nodes = self.graph.nodes.as_ref();
        nodes.is_some_and(|nodes| nodes.is_complete)
    }

    /// Whether a value is a plain property, which nodes without a row lack.
    fn is_null_of_ends(&self, value: &BoundExpression) -> bool {
        match &value.kind {
            ExpressionKind::Column(reference) => {
                self.graph.is_id.get(reference.index) == Some(&false)
            }
            _ => false,
        }
    }

    fn lowered(
        &self,
        columns: Vec<(String, ScalarType)>,
        value: &BoundExpression,
    ) -> Lowered<Expr> {
        let mut scope = Scope::of_columns(columns);
        let lowered = self.lowerer.expression(&mut scope, value)?;
        if scope.has_windows() {
            return Err(unsupported(
                "a window function in a graph pattern",
                value.span,
            ));
        }
        Ok(lowered)
    }

    /// The inputs of the operator.
    pub(super) fn plans(self) -> Lowered<(GraphSource, Vec<LogicalPlan>)> {
        let mut plans = vec![self.lowerer.operator_input(self.edges, self.edge_outputs)?];
        if let Some(nodes) = self.nodes {
            plans.push(self.lowerer.operator_input(nodes, self.node_outputs)?);
        }
        Ok((self.source, plans))
    }
}

fn every_column(plan: &LogicalPlan) -> Vec<Expr> {
    let columns = plan.schema().columns().into_iter();
    columns.map(Expr::Column).collect()
}

fn position_of(outputs: &mut Vec<Expr>, value: Expr) -> usize {
    if let Some(position) = outputs.iter().position(|known| *known == value) {
        position
    } else {
        outputs.push(value);
        outputs.len() - 1
    }
}

/// A column by its position, as an expression.
pub(super) fn column_expression(
    index: usize,
    scalar_type: ScalarType,
    like: &BoundExpression,
) -> BoundExpression {
    BoundExpression {
        kind: ExpressionKind::Column(ColumnReference {
            index,
            name: "".into(),
        }),
        scalar_type,
        span: like.span,
    }
}
