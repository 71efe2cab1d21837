//! Graphs between graph operators: `make-graph`.

use std::sync::Arc;

use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundStep, MakeGraph};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema, Span};

use super::calls::literal_text;
use super::constant::null_expr;
use super::expression::{as_type, known_call};
use super::relation::{Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};

/// A graph: a table of edges, and one of nodes where there is one.
#[derive(Debug, Clone)]
pub(super) struct GraphRelation {
    pub(super) edges: Relation,
    /// Columns of the edges with the ids of the nodes that an edge leaves and enters.
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) nodes: Option<NodeTable>,
    /// What nodes have.
    pub(super) node_schema: Schema,
    /// For each column of `node_schema`, whether it holds the id.
    pub(super) is_id: Vec<bool>,
    /// The type that ids of edges and nodes are compared in.
    pub(super) id_type: ScalarType,
    /// Column of the edges that keeps apart the graphs of `partitioned-by`.
    pub(super) partition: Option<usize>,
    /// Where `make-graph` was written.
    pub(super) span: Span,
}

/// The nodes of a graph.
#[derive(Debug, Clone)]
pub(super) struct NodeTable {
    pub(super) plan: LogicalPlan,
    /// Plan columns, parallel to the graph's `node_schema`.
    pub(super) columns: Vec<String>,
    /// Plan column of the id, of the graph's `id_type`.
    pub(super) id: String,
    /// Plan column of the partition.
    pub(super) partition: Option<String>,
    /// Every node has its row, and only one.
    pub(super) is_complete: bool,
}

impl GraphRelation {
    /// Whether keys are whole numbers.
    pub(super) fn has_long_keys(&self) -> bool {
        self.id_type == ScalarType::Long && self.partition.is_none()
    }

    /// The type of the partition column.
    pub(super) fn partition_type(&self) -> ScalarType {
        let columns = self.edges.schema.columns();
        self.partition
            .and_then(|position| columns.get(position))
            .map_or(ScalarType::String, |column| column.scalar_type)
    }

    /// Type of an edge column.
    pub(super) fn edge_type(&self, position: usize) -> ScalarType {
        let columns = self.edges.schema.columns();
        columns
            .get(position)
            .map_or(ScalarType::String, |column| column.scalar_type)
    }

    /// The id in an end column of the edges, in the type that ids are compared in.
    pub(super) fn end_id(&self, position: usize) -> Lowered<Expr> {
        let from = self.edge_type(position);
        as_type(self.edges.column(position), from, self.id_type)
    }

    /// The key by which the operators know a node: its id, with its partition where there is one.
    pub(super) fn key(&self, id: Expr, partition: Option<Expr>) -> Lowered<Expr> {
        let Some(partition) = partition else {
            return match self.id_type {
                ScalarType::Long | ScalarType::String | ScalarType::Guid | ScalarType::Dynamic => {
                    Ok(id)
                }
                other => as_type(id, other, ScalarType::String),
            };
        };
        let partition = as_type(partition, self.partition_type(), ScalarType::String)?;
        let id = as_type(id, self.id_type, ScalarType::String)?;
        let arguments = vec![
            (partition, ScalarType::String),
            literal_text("\u{0}")?,
            (id, ScalarType::String),
        ];
        known_call("strcat", arguments, ScalarType::String)
    }

    /// The partition of an edge.
    pub(super) fn edge_partition(&self) -> Option<Expr> {
        self.partition.map(|position| self.edges.column(position))
    }
}

/// A graph where rows are wanted.
pub(super) fn graph_as_result(span: Span) -> LowerError {
    let message = "a graph by itself has no rows";
    LowerError::Diagnostic(
        Diagnostic::error(DiagnosticCode::GraphMismatch, span, message)
            .with_help("put `graph-match` or `graph-to-table` after it"),
    )
}

/// The graph that an operator reads.
pub(super) fn graph_of(input: &Relation, span: Span) -> Lowered<&Arc<GraphRelation>> {
    input.graph.as_ref().ok_or_else(|| {
        let message = "this operator needs a graph";
        LowerError::Diagnostic(
            Diagnostic::error(DiagnosticCode::GraphMismatch, span, message)
                .with_help("put `make-graph` before it"),
        )
    })
}

/// The relation of a graph: no columns, no rows.
pub(super) fn graph_relation(graph: GraphRelation) -> Relation {
    let relation = Relation::new(graph.edges.plan.clone(), Vec::new(), &Schema::default());
    Relation {
        graph: Some(Arc::new(graph)),
        ..relation
    }
}

/// The type in which ids of these types are compared.
fn common_id_type(types: &[ScalarType]) -> ScalarType {
    let whole = |id_type: &ScalarType| matches!(id_type, ScalarType::Int | ScalarType::Long);
    match types {
        [first, rest @ ..] if rest.iter().all(|other| other == first) && !whole(first) => *first,
        _ if types.iter().all(whole) => ScalarType::Long,
        _ => ScalarType::String,
    }
}

impl Lowerer<'_> {
    pub(super) fn make_graph(
        &self,
        input: Relation,
        make: &MakeGraph,
        step: &BoundStep,
    ) -> Lowered<Relation> {
        if !input.partition.is_empty() {
            let construct = "`make-graph` inside `partition` or `mv-apply`";
            return Err(unsupported(construct, step.span));
        }
        let edges = Relation {
            ordering: Vec::new(),
            ..input
        };
        let node_schema = make.graph.nodes.clone();
        let mut types = vec![make.source.index, make.target.index]
            .into_iter()
            .filter_map(|position| edges.schema.columns().get(position))
            .map(|column| column.scalar_type)
            .collect::<Vec<_>>();
        for (table, key) in &make.nodes {
            types.extend(
                table
                    .schema()
                    .columns()
                    .get(key.index)
                    .map(|c| c.scalar_type),
            );
        }
        let is_id = node_schema
            .columns()
            .iter()
            .map(|column| {
                make.node_id.as_ref() == Some(&column.name)
                    || make.nodes.iter().any(|(_, key)| key.name == column.name)
            })
            .collect();
        let mut graph = GraphRelation {
            edges,
            source: make.source.index,
            target: make.target.index,
            nodes: None,
            node_schema,
            is_id,
            id_type: common_id_type(&types),
            partition: make.partition.as_ref().map(|(by, _)| by.index),
            span: step.span,
        };
        graph.nodes = self.node_table(&graph, make, step)?;
        match &make.partition {
            None => Ok(graph_relation(graph)),
            Some((by, subquery)) => {
                let hidden = graph.edges.columns.get(by.index).cloned();
                let input = Relation {
                    partition: hidden.into_iter().collect(),
                    ..graph_relation(graph)
                };
                let inner = self.tabular(subquery, Some(&input))?;
                Ok(Relation {
                    partition: Vec::new(),
                    ordering: Vec::new(),
                    schema: step.schema.clone(),
                    ..inner
                })
            }
        }
    }

    /// The rows of all node tables.
    fn node_table(
        &self,
        graph: &GraphRelation,
        make: &MakeGraph,
        step: &BoundStep,
    ) -> Lowered<Option<NodeTable>> {
        let mut tables = Vec::with_capacity(make.nodes.len());
        for (table, key) in &make.nodes {
            let rows = self.tabular(table, None)?;
            let mut outputs = Vec::with_capacity(graph.node_schema.len() + 1);
            for column in graph.node_schema.columns() {
                let own = rows.schema.index_of(&column.name);
                let own_type = own.and_then(|index| rows.schema.columns().get(index));
                outputs.push(match (own, own_type) {
                    (Some(index), Some(own)) => {
                        as_type(rows.column(index), own.scalar_type, column.scalar_type)?
                    }
                    _ => null_expr(column.scalar_type)?,
                });
            }
            let key_type = table.schema().columns().get(key.index);
            let key_type = key_type.map_or(graph.id_type, |column| column.scalar_type);
            outputs.push(as_type(rows.column(key.index), key_type, graph.id_type)?);
            tables.push((rows.plan, outputs));
        }
        let by = make.partition.as_ref().map(|(by, _)| &by.name);
        let partition = match by {
            Some(name) if !tables.is_empty() => {
                let Some(position) = graph.node_schema.index_of(name) else {
                    let message = format!("the node tables have no column `{name}`");
                    return Err(LowerError::Diagnostic(
                        Diagnostic::error(DiagnosticCode::UnknownColumn, step.span, message)
                            .with_help("`partitioned-by` needs its column in edges and nodes"),
                    ));
                };
                Some(position)
            }
            _ => None,
        };
        self.united_nodes(graph, tables, partition)
    }

    /// Node tables as one; properties of a node that stands in several are put together.
    fn united_nodes(
        &self,
        graph: &GraphRelation,
        tables: Vec<(LogicalPlan, Vec<Expr>)>,
        partition: Option<usize>,
    ) -> Lowered<Option<NodeTable>> {
        let is_one = tables.len() == 1;
        let names: Vec<String> = graph
            .node_schema
            .columns()
            .iter()
            .map(|column| self.fresh(&column.name))
            .chain([self.fresh("id")])
            .collect();
        let mut all: Option<LogicalPlanBuilder> = None;
        for (plan, outputs) in tables {
            let outputs = outputs.into_iter().zip(&names);
            let outputs: Vec<Expr> = outputs.map(|(output, name)| output.alias(name)).collect();
            let plan = LogicalPlanBuilder::from(plan).project(outputs)?.build()?;
            all = Some(match all {
                None => LogicalPlanBuilder::from(plan),
                Some(before) => before.union(plan)?,
            });
        }
        let (Some(all), Some(id)) = (all, names.last().cloned()) else {
            return Ok(None);
        };
        let columns: Vec<String> = names[..names.len() - 1].to_vec();
        let partition = partition.and_then(|position| columns.get(position).cloned());
        if is_one {
            return Ok(Some(NodeTable {
                plan: all.build()?,
                columns,
                id,
                partition,
                is_complete: false,
            }));
        }
        let mut keys = vec![plan_column(&id)];
        keys.extend(partition.iter().map(|name| plan_column(name)));
        let fresh: Vec<String> = columns.iter().map(|name| self.fresh(name)).collect();
        // Which of several values stays is anybody's guess in Kusto; here it is the greatest.
        let merged: Vec<Expr> = columns
            .iter()
            .zip(&fresh)
            .map(|(name, fresh)| max(plan_column(name)).alias(fresh))
            .collect();
        Ok(Some(NodeTable {
            plan: all.aggregate(keys, merged)?.build()?,
            columns: fresh,
            id,
            partition,
            is_complete: false,
        }))
    }
}
