//! A route through sweeps as a list of nodes and edges.

use super::routes::{Best, Part, Step};
use super::view::{CanHop, DEEPEST, NO_EDGE, View, ViewKind};
use crate::graph::{Confidence, EdgeNumber, NodeNumber};
use crate::path::Match;

/// The nodes and edges of a match while they are put in order.
struct Line<'a> {
    view: &'a View<'a>,
    nodes: Vec<NodeNumber>,
    edges: Vec<EdgeNumber>,
    /// Position of each layer's node.
    places: Vec<usize>,
    confidence: Confidence,
}

/// The three parts of a route: before the first of entry and target, between them, and behind the second.
pub(super) struct Parts<'a> {
    pub(super) between: Part<'a>,
    pub(super) before: Part<'a>,
    pub(super) behind: Part<'a>,
}

impl Parts<'_> {
    /// The match that a best route of `[between, before, behind]` is.
    pub(super) fn join(&self, view: &View<'_>, named: &[usize], best: &Best) -> Match {
        let line = self.line(view, &best.steps);
        let others = best.all.iter().map(|steps| self.line(view, steps).edges);
        let mut routes = vec![line.edges.clone()];
        routes.extend(others.filter(|edges| *edges != line.edges));
        Match {
            aliases: named.iter().map(|layer| line.places[*layer]).collect(),
            nodes: line.nodes,
            edges: line.edges,
            routes,
            entry: 0,
            target: 0,
            confidence: line.confidence,
            alternatives: best.others,
            more_alternatives: best.more,
        }
    }

    fn line<'a>(&self, view: &'a View<'a>, steps: &[Vec<Step>]) -> Line<'a> {
        let mut line = Line {
            view,
            nodes: Vec::new(),
            edges: Vec::new(),
            places: vec![0; view.layers.len()],
            confidence: Confidence::High,
        };
        let [between, before, behind] = [0, 1, 2].map(|part| steps[part].as_slice());
        line.inward(self.before, before);
        line.outward(self.between, between);
        line.outward(self.behind, behind);
        line
    }
}

impl Line<'_> {
    /// The part before the entry: its root is where it ends.
    fn inward(&mut self, part: Part<'_>, steps: &[Step]) {
        let states = &part.sweep.states;
        for (at, link) in steps {
            let state = &states[*at as usize];
            if self.nodes.is_empty() {
                self.put(state.layer, state.node);
            }
            let link = &part.sweep.links[*link as usize];
            let next = &states[link.from as usize];
            self.go(link.hop, link.edge, (next.layer, next.node));
        }
        if self.nodes.is_empty() {
            self.put(states[0].layer, states[0].node);
        }
    }

    /// A part whose root is already there.
    fn outward(&mut self, part: Part<'_>, steps: &[Step]) {
        for (at, link) in steps.iter().rev() {
            let state = &part.sweep.states[*at as usize];
            let link = &part.sweep.links[*link as usize];
            self.go(link.hop, link.edge, (state.layer, state.node));
        }
    }

    fn put(&mut self, layer: u32, node: NodeNumber) {
        self.places[layer as usize] = self.nodes.len();
        self.nodes.push(node);
    }

    fn go(&mut self, hop: u32, edge: EdgeNumber, (layer, node): (u32, NodeNumber)) {
        if edge == NO_EDGE {
            self.places[layer as usize] = self.nodes.len() - 1;
            return;
        }
        self.edges.push(edge);
        let known = self.view.graph.edge(edge);
        self.confidence = self.confidence.min(known.confidence);
        if let ViewKind::Can(can) = &self.view.hops[hop as usize].kind {
            for (container, down) in inside(self.view, can, known.target, node) {
                self.nodes.push(container);
                self.edges.push(down);
            }
        }
        self.put(layer, node);
    }
}

/// The containers from a scope down to a node, the node left out, each with the edge to the next; the shortest way.
fn inside(
    view: &View<'_>,
    can: &CanHop,
    scope: NodeNumber,
    node: NodeNumber,
) -> Vec<(NodeNumber, EdgeNumber)> {
    // Each container with the edge down and the place of what that edge enters.
    let mut climbed: Vec<(NodeNumber, EdgeNumber, usize)> = vec![(node, NO_EDGE, 0)];
    let mut level = 0..1;
    for _ in 0..DEEPEST {
        if climbed[level.clone()].iter().any(|one| one.0 == scope) {
            break;
        }
        for at in level.clone() {
            for (parent, edge) in view.parents(can, climbed[at].0) {
                if climbed.iter().all(|one| one.0 != parent) {
                    climbed.push((parent, edge, at));
                }
            }
        }
        level = level.end..climbed.len();
    }
    let mut at = climbed.iter().position(|one| one.0 == scope);
    let mut chain = Vec::new();
    while let Some(place) = at.filter(|place| *place != 0) {
        let (container, edge, below) = climbed[place];
        chain.push((container, edge));
        at = Some(below);
    }
    chain
}
