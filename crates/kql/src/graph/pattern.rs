//! What is searched for.

use serde::{Deserialize, Serialize};

use super::bits::Bits;

/// Which way an edge of a pattern goes, seen from its `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// `-->`.
    Forward,
    /// `<--`.
    Backward,
    /// `--`.
    Any,
}

impl Direction {
    /// Whether it is walked along edges, and whether against them, when the pattern's edge is gone
    /// from its `from` to its `to`, or `reversed`.
    pub(crate) fn ways(self, reversed: bool) -> (bool, bool) {
        match (self, reversed) {
            (Self::Any, _) => (true, true),
            (Self::Forward, false) | (Self::Backward, true) => (true, false),
            (Self::Backward, false) | (Self::Forward, true) => (false, true),
        }
    }
}

/// What may repeat in a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cycles {
    /// Anything.
    All,
    /// No edge.
    UniqueEdges,
    /// No node: a match is a tree.
    None,
}

/// A node of a pattern.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeVariable {
    /// The nodes it may be; any where absent.
    pub(crate) candidates: Option<Bits>,
}

/// An edge of a pattern.
#[derive(Debug, Clone)]
pub(crate) struct PatternEdge {
    /// Position of the node variable on its left.
    pub(crate) from: usize,
    /// Position of the node variable on its right.
    pub(crate) to: usize,
    pub(crate) direction: Direction,
    /// Least and greatest number of steps; both 1 for a plain edge.
    pub(crate) steps: (u32, u32),
    /// Conditions that each step meets, a bit each.
    pub(crate) conditions: u16,
    /// What the nodes between two steps may be; any where absent.
    pub(crate) inner: Option<Bits>,
}

/// Node variables and the edges between them, which hang together.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) nodes: Vec<NodeVariable>,
    pub(crate) edges: Vec<PatternEdge>,
    pub(crate) cycles: Cycles,
}

impl Pattern {
    /// Whether a node may be this variable.
    #[inline]
    pub(crate) fn admits(&self, variable: usize, node: u32) -> bool {
        self.nodes
            .get(variable)
            .and_then(|variable| variable.candidates.as_ref())
            .is_none_or(|candidates| candidates.has(node))
    }

    /// How many nodes may be this variable, in a graph of `nodes` nodes.
    pub(crate) fn candidates(&self, variable: usize, nodes: usize) -> usize {
        self.nodes
            .get(variable)
            .and_then(|variable| variable.candidates.as_ref())
            .map_or(nodes, Bits::count)
    }
}
