//! The graph of a pipeline, and the names that its patterns give.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::name::NameTable;
use super::{NamedRow, RowScope};
use crate::bound::{
    BoundExpression, BoundGraph, BoundTabular, ColumnReference, ExpressionKind, GraphElement,
    GraphElementKind, NamedExpression, Operator, SourceKind,
};
use crate::schema::{Column, Schema};
use crate::span::Span;

/// The graph that a pipeline ends in; `input` is what the operator around it hands in.
pub(super) fn graph_of(tabular: &BoundTabular, input: Option<&BoundGraph>) -> Option<BoundGraph> {
    let mut added = Vec::new();
    for step in tabular.steps.iter().rev() {
        match &step.operator {
            Operator::MakeGraph(make) if make.partition.is_none() => {
                return Some(with_node_columns(make.graph.clone(), added));
            }
            Operator::GraphMarkComponents { column, .. } => {
                added.push(Column::new(Arc::clone(column), T::Long));
            }
            Operator::GraphWhere { .. } => {}
            _ => return None,
        }
    }
    let graph = match &tabular.source {
        SourceKind::Shared { plan, .. } => graph_of(plan, input),
        SourceKind::Nested(inner) => graph_of(inner, input),
        SourceKind::Input => input.cloned(),
        _ => None,
    };
    Some(with_node_columns(graph?, added))
}

/// Adds columns to the nodes, the last one first.
fn with_node_columns(graph: BoundGraph, added: Vec<Column>) -> BoundGraph {
    let nodes = graph.nodes.columns().iter().cloned();
    BoundGraph {
        nodes: nodes.chain(added.into_iter().rev()).collect(),
        edges: graph.edges,
    }
}

/// Every named element's columns under its name. In `project` (`as_lists`) a property of a
/// variable-length edge is the list of what its steps have; in `where` it is that of any one step.
pub(super) fn graph_scope(
    graph: &BoundGraph,
    elements: &[GraphElement],
    as_lists: bool,
) -> RowScope {
    let named = elements.iter().filter_map(|element| {
        let name = element.name.as_ref()?.to_string();
        let columns = element_schema(graph, element).clone();
        let columns = if as_lists && element.is_variable_length() {
            lists(&columns)
        } else {
            columns
        };
        Some(NamedRow {
            name,
            first: element.first_column,
            columns,
        })
    });
    RowScope {
        columns: Schema::default(),
        present: true,
        sides: None,
        named: named.collect(),
    }
}

fn lists(columns: &Schema) -> Schema {
    let columns = columns.columns().iter();
    columns
        .map(|column| Column::new(Arc::clone(&column.name), T::Dynamic))
        .collect()
}

fn element_schema<'graph>(graph: &'graph BoundGraph, element: &GraphElement) -> &'graph Schema {
    if element.kind == GraphElementKind::Node {
        &graph.nodes
    } else {
        &graph.edges
    }
}

/// Without `project`: every column of every named element, as `element_column`.
pub(super) fn element_columns(
    graph: &BoundGraph,
    elements: &[GraphElement],
    span: Span,
) -> Vec<NamedExpression> {
    let mut names = NameTable::default();
    let mut outputs = Vec::new();
    for element in elements {
        let Some(element_name) = &element.name else {
            continue;
        };
        let mut columns = element_schema(graph, element).clone();
        if element.is_variable_length() {
            columns = lists(&columns);
        }
        for (index, column) in columns.columns().iter().enumerate() {
            let reference = ColumnReference {
                index: element.first_column + index,
                name: column.name.clone(),
            };
            let kind = ExpressionKind::Column(reference);
            let expression = BoundExpression {
                kind,
                scalar_type: column.scalar_type,
                span,
            };
            let name = names.unique(&format!("{element_name}_{}", column.name));
            outputs.push(NamedExpression {
                name: name.into(),
                expression,
            });
        }
    }
    outputs
}
