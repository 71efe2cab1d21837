//! Which nodes of each layer lie on a walk from the first layer to the last.
//!
//! Two passes over the hops, each in time linear in the edges of the labels concerned, so that what comes after never
//! looks into a dead end.

use std::ops::ControlFlow;

use super::budget::Budget;
use super::node_set::NodeSet;
use super::permissions::{above, below, holders, reached};
use super::view::{Above, EdgeHop, View, ViewHop, ViewKind};
use crate::graph::NodeNumber;

/// A set of nodes is followed one by one where it is this many times smaller than the edges to look through.
pub(super) const FEW: usize = 8;

pub(super) struct Alive {
    /// By layer.
    pub(super) nodes: Vec<NodeSet>,
    /// By hop; of permission hops alone. May hold scopes over nodes that are alive no more.
    pub(super) above: Vec<Option<Above>>,
}

/// The nodes that pass the tests, by layer; `None` where the layer asks nothing, or nobody looked.
pub(super) type Candidates = Vec<Option<NodeSet>>;

/// One look at every node for all layers together.
pub(super) fn candidates(view: &View<'_>) -> Candidates {
    let nodes = view.graph.nodes().len();
    let set = |layer: usize| (!view.layers[layer].asks_nothing).then(|| NodeSet::new(nodes));
    let mut sets: Candidates = (0..view.layers.len()).map(set).collect();
    for node in 0..NodeNumber::try_from(nodes).unwrap_or(NodeNumber::MAX) {
        for (layer, set) in sets.iter_mut().enumerate() {
            if let Some(set) = set
                && view.fits(layer, node)
            {
                set.insert(node);
            }
        }
    }
    sets
}

impl Alive {
    /// Grows from the nodes `start` of the layer `pivot` in both directions, then keeps what reaches both ends.
    pub(super) fn from(
        view: &View<'_>,
        pivot: usize,
        start: NodeSet,
        candidates: Option<&Candidates>,
        budget: &mut Budget<'_>,
    ) -> Self {
        let count = view.graph.nodes().len();
        let mut nodes: Vec<NodeSet> = (0..view.layers.len())
            .map(|_| NodeSet::new(count))
            .collect();
        nodes[pivot] = start;
        let mut alive = Self {
            nodes,
            above: view.hops.iter().map(|_| None).collect(),
        };
        let fits = |layer: usize, node: NodeNumber| match candidates {
            Some(sets) => sets[layer].as_ref().is_none_or(|set| set.contains(node)),
            None => view.fits(layer, node),
        };
        for layer in pivot + 1..=view.last() {
            let known = candidates.and_then(|sets| sets[layer].as_ref());
            alive.nodes[layer] =
                alive.onward(view, layer, known, &|node| fits(layer, node), budget);
        }
        for layer in (0..pivot).rev() {
            alive.nodes[layer] = alive.backward(view, layer, &|node| fits(layer, node), budget);
        }
        // What was grown in one direction needs to be cut in the other alone.
        if pivot != view.last() {
            alive.cut_backward(view, budget);
        }
        if pivot != 0 {
            alive.cut_onward(view, budget);
        }
        alive
    }

    /// Leaves only nodes from which both ends can be reached; to be called after any node was taken out.
    pub(super) fn tighten(&mut self, view: &View<'_>, budget: &mut Budget<'_>) {
        self.cut_backward(view, budget);
        self.cut_onward(view, budget);
    }

    fn cut_onward(&mut self, view: &View<'_>, budget: &mut Budget<'_>) {
        for layer in 1..=view.last() {
            let before = std::mem::take(&mut self.nodes[layer]);
            let stays = |node| before.contains(node);
            self.nodes[layer] = self.onward(view, layer, Some(&before), &stays, budget);
        }
    }

    fn cut_backward(&mut self, view: &View<'_>, budget: &mut Budget<'_>) {
        for layer in (0..view.last()).rev() {
            let before = std::mem::take(&mut self.nodes[layer]);
            let stays = |node| before.contains(node);
            self.nodes[layer] = self.backward(view, layer, &stays, budget);
        }
    }

    /// The nodes of a layer that the layers before it lead to; `known` holds all that `admit` lets through.
    fn onward(
        &self,
        view: &View<'_>,
        layer: usize,
        known: Option<&NodeSet>,
        admit: &dyn Fn(NodeNumber) -> bool,
        budget: &mut Budget<'_>,
    ) -> NodeSet {
        let mut found = NodeSet::new(view.graph.nodes().len());
        for hop in view.into[layer].iter().map(|hop| &view.hops[*hop]) {
            let from = &self.nodes[hop.from];
            match &hop.kind {
                ViewKind::Same => same(from, admit, &mut found),
                ViewKind::Edge(edges) => {
                    let step = (hop, edges, true);
                    walk(view, step, from, admit, &mut found, budget);
                }
                ViewKind::Can(can) => match known {
                    Some(known) => reached(view, can, (from, known), &mut found, budget),
                    None => below(view, can, from, admit, &mut found, budget),
                },
            }
        }
        found
    }

    /// The nodes of a layer that lead to the layers after it.
    fn backward(
        &mut self,
        view: &View<'_>,
        layer: usize,
        admit: &dyn Fn(NodeNumber) -> bool,
        budget: &mut Budget<'_>,
    ) -> NodeSet {
        let mut found = NodeSet::new(view.graph.nodes().len());
        for number in &view.out_of[layer] {
            let hop = &view.hops[*number];
            let to = &self.nodes[hop.to];
            match &hop.kind {
                ViewKind::Same => same(to, admit, &mut found),
                ViewKind::Edge(edges) => {
                    let step = (hop, edges, false);
                    walk(view, step, to, admit, &mut found, budget);
                }
                ViewKind::Can(can) => {
                    let above = above(view, can, to, budget);
                    holders(view, can, &above, admit, &mut found, budget);
                    self.above[*number] = Some(above);
                }
            }
        }
        found
    }
}

fn same(nodes: &NodeSet, admit: &dyn Fn(NodeNumber) -> bool, found: &mut NodeSet) {
    for node in nodes.iter().filter(|node| admit(*node)) {
        found.insert(node);
    }
}

/// What edges lead to: node by node where there are few, else label by label.
fn walk(
    view: &View<'_>,
    (hop, edges, onward): (&ViewHop, &EdgeHop, bool),
    members: &NodeSet,
    admit: &dyn Fn(NodeNumber) -> bool,
    found: &mut NodeSet,
    budget: &mut Budget<'_>,
) {
    if members.is_empty() || budget.is_over() {
        return;
    }
    let graph = view.graph;
    let all: usize = edges
        .labels
        .iter()
        .map(|one| graph.labelled(*one).len())
        .sum();
    if members.len() < all / FEW {
        let mut seen = 0;
        for member in members.iter() {
            let _ = view.around(hop, member, onward, None, &mut |node, _| {
                seen += 1;
                if !found.contains(node) && admit(node) {
                    found.insert(node);
                }
                ControlFlow::Continue(())
            });
        }
        return budget.spend(seen);
    }
    budget.spend(all as u64);
    for number in edges.labels.iter().flat_map(|one| graph.labelled(*one)) {
        let edge = graph.edge(*number);
        let (here, there) = if onward == edges.back {
            (edge.target, edge.source)
        } else {
            (edge.source, edge.target)
        };
        if members.contains(here)
            && !found.contains(there)
            && view.counts(edges, *number)
            && admit(there)
        {
            found.insert(there);
        }
    }
}
