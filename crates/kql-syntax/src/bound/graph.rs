//! Graph operators.

use std::sync::Arc;

use super::{BoundExpression, BoundTabular, ColumnReference, NamedExpression};
use crate::schema::Schema;

/// The schemas of a graph between two graph operators.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoundGraph {
    /// Columns of nodes.
    pub nodes: Schema,
    /// Columns of edges.
    pub edges: Schema,
}

/// `make-graph source --> target with nodes on id, ...`.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeGraph {
    /// Edge column with the id of the node it leaves.
    pub source: ColumnReference,
    /// Edge column with the id of the node it enters.
    pub target: ColumnReference,
    /// Node tables with their id columns; none with `with_node_id=`.
    pub nodes: Vec<(BoundTabular, ColumnReference)>,
    /// `with_node_id=name`: nodes have this one column.
    pub node_id: Option<Arc<str>>,
    /// `partitioned-by column ( subquery )`.
    pub partition: Option<(ColumnReference, Box<BoundTabular>)>,
    /// What comes out.
    pub graph: BoundGraph,
}

/// `graph-match pattern where ... project ...`.
///
/// Expressions read one row made of all named elements in `elements` order, each with all its
/// columns: [`GraphElement::first_column`] says where an element starts. An element on its own
/// (`node_id(n)`, the first argument of `all`, `any` and `map`) is a column reference with the
/// element's name. The second argument of `all`, `any` and `map` reads another row: one edge (or, of
/// `inner_nodes(edge)`, one node) of the path, its columns counted from 0, and behind them the row
/// of all elements. A property of a variable-length edge is in `project` the list of what its steps
/// have, a dynamic; elsewhere it is that of any one step.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphMatch {
    /// The graph that is searched.
    pub graph: BoundGraph,
    /// Patterns; all must hold.
    pub patterns: Vec<GraphPattern>,
    /// Every distinct element.
    pub elements: Vec<GraphElement>,
    /// `cycles=all | none | unique_edges`.
    pub cycles: Arc<str>,
    /// `where`.
    pub predicate: Option<BoundExpression>,
    /// `project`; parallel to the step's schema.
    pub outputs: Vec<NamedExpression>,
}

/// A path pattern: positions in `elements`, node, edge, node, ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphPattern {
    /// Positions in the element list.
    pub path: Vec<usize>,
}

/// A node or an edge of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphElement {
    /// Its name; absent for `()` and `-->`.
    pub name: Option<Arc<str>>,
    /// Node or edge.
    pub kind: GraphElementKind,
    /// Position of its first column in the row that expressions read. For a variable-length edge
    /// the columns stand for one step of it, inside `all(...)`, `any(...)`, `map(...)`.
    pub first_column: usize,
}

impl GraphElement {
    /// Whether it is an edge like `-[e*1..5]->`.
    pub fn is_variable_length(&self) -> bool {
        matches!(self.kind, GraphElementKind::Edge { range: Some(_), .. })
    }
}

/// What an element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphElementKind {
    /// `(n)`.
    Node,
    /// `-[e]->`, `<-[e]-`, `-[e]-`.
    Edge {
        /// Its direction.
        direction: GraphDirection,
        /// `*1..5`.
        range: Option<GraphEdgeRange>,
    },
}

/// The direction of an edge as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphDirection {
    /// `-->`.
    Forward,
    /// `<--`.
    Backward,
    /// `--`.
    Any,
}

/// Length of a variable-length edge, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GraphEdgeRange {
    /// Least number of steps.
    pub minimum: u32,
    /// Greatest number of steps.
    pub maximum: u32,
}

/// `graph-shortest-paths output=any|all pattern where ... project ...`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphShortestPaths {
    /// As for `graph-match`; one pattern.
    pub search: GraphMatch,
    /// `output=all`: every shortest path, else any one.
    pub all: bool,
}

/// `graph-to-table nodes as N, edges as E`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphToTable {
    /// `nodes` / `edges` with the name of the result and of the added hash columns.
    pub outputs: Vec<GraphTable>,
}

/// One table of `graph-to-table`.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphTable {
    /// Nodes, else edges.
    pub nodes: bool,
    /// `as name`.
    pub name: Option<Arc<str>>,
    /// `with_node_id=`, `with_source_id=`, `with_target_id=` in that order where written.
    pub id_columns: Vec<(Arc<str>, Arc<str>)>,
    /// Its columns.
    pub schema: Schema,
}
