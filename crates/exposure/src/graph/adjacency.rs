//! Edges by the node they leave and the node they enter: two sorted arrays, and what was added since.

use std::collections::HashMap;

use super::{Edge, EdgeNumber, NodeNumber};

/// Who neighbours whom.
#[derive(Debug, Default)]
pub struct Neighbours {
    leaving: Side,
    entering: Side,
}

/// One direction: the edges of node `n` are `edges[starts[n]..starts[n + 1]]` and `added[n]`.
#[derive(Debug, Default)]
struct Side {
    starts: Vec<u32>,
    edges: Vec<EdgeNumber>,
    added: HashMap<NodeNumber, Vec<EdgeNumber>>,
}

impl Side {
    fn of(nodes: usize, edges: &[Edge], end: impl Fn(&Edge) -> NodeNumber) -> Self {
        let mut starts = vec![0u32; nodes + 1];
        for edge in edges {
            starts[end(edge) as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut free = starts.clone();
        let mut sorted = vec![0; edges.len()];
        for (number, edge) in (0..).zip(edges) {
            let place = &mut free[end(edge) as usize];
            sorted[*place as usize] = number;
            *place += 1;
        }
        Self {
            starts,
            edges: sorted,
            added: HashMap::new(),
        }
    }

    fn of_node(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        let at = node as usize;
        let sorted = match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => &self.edges[*from as usize..*to as usize],
            _ => &[],
        };
        let added = self.added.get(&node).map_or(&[][..], Vec::as_slice);
        sorted.iter().chain(added).copied()
    }
}

impl Neighbours {
    /// The index of these edges.
    pub(super) fn of(nodes: usize, edges: &[Edge]) -> Self {
        Self {
            leaving: Side::of(nodes, edges, |edge| edge.source),
            entering: Side::of(nodes, edges, |edge| edge.target),
        }
    }

    /// Takes in one more edge.
    pub(super) fn add(&mut self, number: EdgeNumber, edge: &Edge) {
        let leaving = self.leaving.added.entry(edge.source).or_default();
        leaving.push(number);
        let entering = self.entering.added.entry(edge.target).or_default();
        entering.push(number);
    }

    /// Edges that leave a node.
    pub fn leaving(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.leaving.of_node(node)
    }

    /// Edges that enter a node.
    pub fn entering(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.entering.of_node(node)
    }
}
