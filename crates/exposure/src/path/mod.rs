//! Attack paths: what a search finds.

mod story;

use crate::graph::{Confidence, EdgeNumber, NodeNumber};

pub use story::{capabilities, sentence};

/// One path that fits a rule: of all between its entry and its target the surest, of those the shortest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Every node in order, scopes and containers that a permission reaches through among them.
    pub nodes: Vec<NodeNumber>,
    /// The edge between each two neighbours of `nodes`; one that a rule walks backward points to the earlier of them.
    pub edges: Vec<EdgeNumber>,
    /// Where in `nodes` each named node of the rule stands, in the rule's order.
    pub aliases: Vec<usize>,
    /// The entry point.
    pub entry: NodeNumber,
    /// The target.
    pub target: NodeNumber,
    /// That of its least sure edge.
    pub confidence: Confidence,
    /// Routes from entry to target that fit, this one first: edges in order. At most so many as the limit says.
    pub routes: Vec<Vec<EdgeNumber>>,
    /// Further routes from entry to target that fit.
    pub alternatives: u32,
    /// `alternatives` reached the limit: there may be more.
    pub more_alternatives: bool,
}
