//! Edges by the node they leave and the node they enter, and by label: sorted arrays, and what was added since.

use std::collections::HashMap;
use std::ops::Range;

use super::{Edge, EdgeNumber, NodeNumber};

/// Who neighbours whom.
#[derive(Debug, Default)]
pub struct Neighbours {
    leaving: Side,
    entering: Side,
    labelled: Vec<Vec<EdgeNumber>>,
}

/// One direction: the edges of node `n` are `edges[starts[n]..starts[n + 1]]`, in order of label, and `added[n]`.
#[derive(Debug, Default)]
struct Side {
    starts: Vec<u32>,
    edges: Vec<EdgeNumber>,
    /// Their labels: looking for one reads no edge.
    labels: Vec<u32>,
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
        for node in 0..nodes {
            let own = &mut sorted[starts[node] as usize..starts[node + 1] as usize];
            own.sort_by_key(|number| edges[*number as usize].label);
        }
        let labels = sorted.iter().map(|number| edges[*number as usize].label);
        Self {
            labels: labels.collect(),
            starts,
            edges: sorted,
            added: HashMap::new(),
        }
    }

    fn range(&self, node: NodeNumber) -> Range<usize> {
        let at = node as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }

    fn sorted(&self, node: NodeNumber) -> &[EdgeNumber] {
        &self.edges[self.range(node)]
    }

    fn added(&self, node: NodeNumber) -> &[EdgeNumber] {
        if self.added.is_empty() {
            return &[];
        }
        self.added.get(&node).map_or(&[], Vec::as_slice)
    }

    fn of_node(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        let added = self.added(node);
        self.sorted(node).iter().chain(added).copied()
    }

    fn of_label<'a>(
        &'a self,
        node: NodeNumber,
        label: u32,
        edges: &'a [Edge],
    ) -> impl Iterator<Item = EdgeNumber> + 'a {
        let range = self.range(node);
        let labels = &self.labels[range.clone()];
        let from = range.start + labels.partition_point(|one| *one < label);
        let same = self.labels[from..range.end].iter();
        let same = same.take_while(|one| **one == label).count();
        let added = self.added(node).iter().copied();
        let added = added.filter(move |number| edges[*number as usize].label == label);
        self.edges[from..from + same].iter().copied().chain(added)
    }
}

impl Neighbours {
    /// The index of these edges.
    pub(super) fn of(nodes: usize, edges: &[Edge]) -> Self {
        let mut labelled: Vec<Vec<EdgeNumber>> = Vec::new();
        for (number, edge) in (0..).zip(edges) {
            list_of(&mut labelled, edge.label).push(number);
        }
        Self {
            labelled,
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
        list_of(&mut self.labelled, edge.label).push(number);
    }

    /// Edges that leave a node.
    pub fn leaving(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.leaving.of_node(node)
    }

    /// Edges that enter a node.
    pub fn entering(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.entering.of_node(node)
    }

    /// Edges of a label that leave a node; `edges` are those of the graph.
    pub(super) fn leaving_as<'a>(
        &'a self,
        node: NodeNumber,
        label: u32,
        edges: &'a [Edge],
    ) -> impl Iterator<Item = EdgeNumber> + 'a {
        self.leaving.of_label(node, label, edges)
    }

    /// Edges of a label that enter a node; `edges` are those of the graph.
    pub(super) fn entering_as<'a>(
        &'a self,
        node: NodeNumber,
        label: u32,
        edges: &'a [Edge],
    ) -> impl Iterator<Item = EdgeNumber> + 'a {
        self.entering.of_label(node, label, edges)
    }

    /// How many edges a node has, at most.
    pub(super) fn degree(&self, node: NodeNumber) -> usize {
        let sides = [&self.leaving, &self.entering];
        let sizes = sides.map(|side| side.sorted(node).len() + side.added(node).len());
        sizes.iter().sum()
    }

    /// All edges of a label.
    pub(super) fn labelled(&self, label: u32) -> &[EdgeNumber] {
        self.labelled.get(label as usize).map_or(&[], Vec::as_slice)
    }
}

fn list_of(labelled: &mut Vec<Vec<EdgeNumber>>, label: u32) -> &mut Vec<EdgeNumber> {
    let at = label as usize;
    if labelled.len() <= at {
        labelled.resize_with(at + 1, Vec::new);
    }
    &mut labelled[at]
}
