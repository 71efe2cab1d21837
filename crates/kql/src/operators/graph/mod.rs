//! Operators over graphs: what [`crate::graph`] computes, between tables.
//!
//! The first input holds the edges: two key columns, and whatever else is asked of edges, one
//! column each. The second, where there is one, holds the nodes: a key column and what is asked of
//! nodes. Nodes that only edges name exist too; what they have is computed on the edge rows, once
//! with the edge's source and once with its target as the node's id ([`NodeColumn`]).

mod emitter;
mod matching;
mod nodes;
mod numbered;
mod table;

use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use crate::graph::{Cycles, Direction};

/// Most edges that one search looks at, before it is stopped with an error.
pub(crate) const MAX_STEPS: u64 = 4_000_000_000;

/// Where a graph operator finds its graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GraphSource {
    /// Columns of the edge input: keys of the node left and the node entered.
    pub(crate) source: usize,
    pub(crate) target: usize,
    /// Column of the node input with its key; absent where there is no node input.
    pub(crate) node: Option<usize>,
    /// Keys are whole numbers, else texts.
    pub(crate) long_keys: bool,
}

/// A value of nodes: where it stands for nodes with a row, and for nodes that only edges name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NodeColumn {
    /// Column of the node input; null where absent.
    pub(crate) node: Option<usize>,
    /// Columns of the edge input, for the source and for the target of an edge; null where absent.
    pub(crate) ends: Option<(usize, usize)>,
    pub(crate) scalar_type: ScalarType,
}

/// A column of the edge input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EdgeColumn {
    pub(crate) column: usize,
    pub(crate) scalar_type: ScalarType,
}

/// A node of the pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodePart {
    /// A bool that must be true.
    pub(crate) condition: Option<NodeColumn>,
}

/// An edge of the pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EdgePart {
    /// Positions of the nodes left and right of it.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) direction: Direction,
    pub(crate) steps: (u32, u32),
    /// A bool of the edge input that must be true of each step.
    pub(crate) condition: Option<usize>,
    /// A bool that must be true of each node between two steps.
    pub(crate) inner: Option<NodeColumn>,
}

/// A column of the result. Nodes and edges are those of the pattern, by position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GraphOutput {
    /// A value of a node.
    Node(usize, NodeColumn),
    /// A value of a plain edge.
    Edge(usize, EdgeColumn),
    /// The values of the steps of an edge, as a dynamic array.
    Steps(usize, EdgeColumn),
    /// The values of the nodes between the steps of an edge, as a dynamic array.
    InnerNodes(usize, NodeColumn),
    /// Whether a bool is true of all (else of any) steps of an edge.
    StepsHold(usize, EdgeColumn, bool),
    /// Whether a bool is true of all (else of any) nodes between the steps of an edge.
    InnerNodesHold(usize, NodeColumn, bool),
    /// How many edges leave (else enter) a node.
    Degree(usize, bool),
}

/// `graph-match`, `graph-shortest-paths`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GraphMatchOperator {
    pub(crate) graph: GraphSource,
    pub(crate) nodes: Vec<NodePart>,
    pub(crate) edges: Vec<EdgePart>,
    pub(crate) cycles: Cycles,
    /// Only shortest paths: all of them, or one for each pair of ends.
    pub(crate) shortest: Option<bool>,
    /// Nobody asks how often a row comes.
    pub(crate) distinct: bool,
    pub(crate) outputs: Vec<GraphOutput>,
}

/// Every node of a graph, each once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GraphNodesOperator {
    pub(crate) graph: GraphSource,
    pub(crate) columns: Vec<NodeColumn>,
    /// Adds the number of the node's part: of the strongly (else weakly) connected ones.
    pub(crate) components: Option<bool>,
}
