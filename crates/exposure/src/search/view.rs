//! A chain on one graph: words as numbers, and what lies one hop away from a node.

use std::ops::ControlFlow;

pub(super) use super::hops::{CanHop, EdgeHop, Test, ViewHop, ViewKind};
use super::node_set::NodeSet;
use super::pattern::{Chain, HopKind};
use crate::graph::{EdgeNumber, Graph, NodeNumber};

/// How far a permission reaches down: nodes below its scope.
pub(crate) const DEEPEST: usize = 8;
/// No edge: both ends of the hop are one node.
pub(super) const NO_EDGE: EdgeNumber = EdgeNumber::MAX;

pub(super) struct View<'g> {
    pub(super) graph: &'g Graph,
    pub(super) layers: Vec<Test>,
    pub(super) hops: Vec<ViewHop>,
    /// Hops into each layer, and out of it.
    pub(super) into: Vec<Vec<usize>>,
    pub(super) out_of: Vec<Vec<usize>>,
    /// Edges that were taken away count too.
    pub(super) with_gone: bool,
}

/// For each class the nodes on which a permission would reach a wanted node.
pub(super) type Above = Vec<NodeSet>;

impl<'g> View<'g> {
    pub(super) fn new(graph: &'g Graph, chain: &Chain) -> Self {
        let layers = chain.layers.len();
        let mut view = Self {
            graph,
            layers: chain
                .layers
                .iter()
                .map(|test| Test::of(test, graph))
                .collect(),
            hops: Vec::new(),
            into: vec![Vec::new(); layers],
            out_of: vec![Vec::new(); layers],
            with_gone: false,
        };
        for (number, hop) in chain.hops.iter().enumerate() {
            let kind = match &hop.kind {
                HopKind::Same => ViewKind::Same,
                HopKind::Edge {
                    labels,
                    back,
                    confidence,
                    grants,
                } => ViewKind::Edge(EdgeHop::of(graph, labels, *back, *confidence, *grants)),
                HopKind::Can {
                    by_label,
                    otherwise,
                    confidence,
                } => ViewKind::Can(CanHop::of(graph, by_label, *otherwise, *confidence)),
            };
            view.into[hop.to].push(number);
            view.out_of[hop.from].push(number);
            view.hops.push(ViewHop {
                from: hop.from,
                to: hop.to,
                kind,
            });
        }
        view
    }

    pub(super) fn last(&self) -> usize {
        self.layers.len() - 1
    }

    pub(super) fn fits(&self, layer: usize, node: NodeNumber) -> bool {
        self.layers[layer].fits(self.graph, node)
    }

    pub(super) fn is_there(&self, edge: EdgeNumber) -> bool {
        self.with_gone || !self.graph.is_gone(edge)
    }

    /// Whether an edge is there, sure enough, and grants what is asked for.
    pub(super) fn counts(&self, hop: &EdgeHop, edge: EdgeNumber) -> bool {
        hop.admits(self.graph, edge) && self.is_there(edge)
    }

    /// Nodes that contain a node.
    pub(super) fn parents<'a>(
        &'a self,
        can: &'a CanHop,
        node: NodeNumber,
    ) -> impl Iterator<Item = (NodeNumber, EdgeNumber)> + 'a {
        let edges = can.contains.iter();
        let edges = edges.flat_map(move |label| self.graph.entering_as(node, *label));
        edges
            .filter(|edge| self.is_there(*edge))
            .map(|edge| (self.graph.edge(edge).source, edge))
    }

    /// Nodes that a node contains.
    pub(super) fn children<'a>(
        &'a self,
        can: &'a CanHop,
        node: NodeNumber,
    ) -> impl Iterator<Item = NodeNumber> + 'a {
        let edges = can.contains.iter();
        let edges = edges.flat_map(move |label| self.graph.leaving_as(node, *label));
        edges
            .filter(|edge| self.is_there(*edge))
            .map(|edge| self.graph.edge(edge).target)
    }

    /// Permissions on a node.
    pub(super) fn permissions_on<'a>(
        &'a self,
        can: &'a CanHop,
        node: NodeNumber,
    ) -> impl Iterator<Item = EdgeNumber> + 'a {
        let edges = can.permissions.iter();
        let edges = edges.flat_map(move |label| self.graph.entering_as(node, *label));
        edges.filter(|edge| self.is_there(*edge))
    }

    /// Permissions of a node.
    pub(super) fn permissions_of<'a>(
        &'a self,
        can: &'a CanHop,
        node: NodeNumber,
    ) -> impl Iterator<Item = EdgeNumber> + 'a {
        let edges = can.permissions.iter();
        let edges = edges.flat_map(move |label| self.graph.leaving_as(node, *label));
        edges.filter(|edge| self.is_there(*edge))
    }

    /// A node and what contains it, nearest first, with the depth of the start below each.
    pub(super) fn climb(&self, can: &CanHop, node: NodeNumber) -> Vec<NodeNumber> {
        let mut found = vec![node];
        let mut level = 0..1;
        for _ in 0..DEEPEST {
            for at in level.clone() {
                for (parent, _) in self.parents(can, found[at]) {
                    if !found.contains(&parent) {
                        found.push(parent);
                    }
                }
            }
            level = level.end..found.len();
        }
        found
    }

    /// Calls `visit` with every node one hop on (or one hop back) and the edge that leads there; of a permission that
    /// is the permission itself. `above` narrows what permissions reach down to.
    pub(super) fn around(
        &self,
        hop: &ViewHop,
        node: NodeNumber,
        onward: bool,
        above: Option<&Above>,
        visit: &mut dyn FnMut(NodeNumber, EdgeNumber) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match &hop.kind {
            ViewKind::Same => visit(node, NO_EDGE),
            ViewKind::Edge(edges) => self.along(edges, node, onward, visit),
            ViewKind::Can(can) if onward => self.down(can, node, above, visit),
            ViewKind::Can(can) => self.up(can, node, visit),
        }
    }

    fn along(
        &self,
        hop: &EdgeHop,
        node: NodeNumber,
        onward: bool,
        visit: &mut dyn FnMut(NodeNumber, EdgeNumber) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for label in &hop.labels {
            if onward == hop.back {
                for edge in self.graph.entering_as(node, *label) {
                    if self.counts(hop, edge) {
                        visit(self.graph.edge(edge).source, edge)?;
                    }
                }
            } else {
                for edge in self.graph.leaving_as(node, *label) {
                    if self.counts(hop, edge) {
                        visit(self.graph.edge(edge).target, edge)?;
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn down(
        &self,
        can: &CanHop,
        holder: NodeNumber,
        above: Option<&Above>,
        visit: &mut dyn FnMut(NodeNumber, EdgeNumber) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        for edge in self.permissions_of(can, holder) {
            let scope = self.graph.edge(edge).target;
            for class in can.served(self.graph, edge) {
                let leads = |node| above.is_none_or(|above| above[*class].contains(node));
                if !leads(scope) {
                    continue;
                }
                let mut seen = std::collections::HashSet::from([scope]);
                let mut level = vec![scope];
                for depth in 0..=DEEPEST {
                    let mut next = Vec::new();
                    for node in level {
                        if can.class_of(self.graph, node) == Some(*class) {
                            visit(node, edge)?;
                        }
                        if depth < DEEPEST {
                            let below = self.children(can, node);
                            next.extend(below.filter(|child| leads(*child) && seen.insert(*child)));
                        }
                    }
                    level = next;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn up(
        &self,
        can: &CanHop,
        node: NodeNumber,
        visit: &mut dyn FnMut(NodeNumber, EdgeNumber) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(class) = can.class_of(self.graph, node) else {
            return ControlFlow::Continue(());
        };
        for scope in self.climb(can, node) {
            for edge in self.permissions_on(can, scope) {
                if can.served(self.graph, edge).contains(&class) {
                    visit(self.graph.edge(edge).source, edge)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}
