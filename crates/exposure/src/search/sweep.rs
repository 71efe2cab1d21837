//! Everything that one node leads to, layer by layer, with every way there.

use std::ops::ControlFlow;

use super::alive::Alive;
use super::budget::Budget;
use super::view::{NO_EDGE, View};
use crate::graph::{Confidence, EdgeNumber, NodeNumber};

/// No further link.
pub(super) const NONE: u32 = u32::MAX;
/// A bit for each confidence, from `Low`.
const LEVELS: usize = 3;

/// A node in a layer.
pub(super) struct State {
    pub(super) node: NodeNumber,
    pub(super) layer: u32,
    /// Lengths of the walks from the root, one bit each, by the least confidence of their edges.
    pub(super) lengths: [u64; LEVELS],
    /// The last link that leads here; the others follow it.
    pub(super) link: u32,
}

/// A step from one state to another.
pub(super) struct Link {
    pub(super) from: u32,
    pub(super) edge: EdgeNumber,
    pub(super) hop: u32,
    pub(super) confidence: Confidence,
    pub(super) next: u32,
}

/// States and links; state 0 is the root, and every link leads from an earlier state to a later one.
pub(super) struct Sweep {
    pub(super) states: Vec<State>,
    pub(super) links: Vec<Link>,
    /// States of the last layer.
    pub(super) ends: Vec<u32>,
}

/// Where each node of each layer stands in the sweep under way, plus one; cleaned up after each.
pub(super) struct Scratch {
    slots: Vec<Vec<u32>>,
}

impl Scratch {
    pub(super) fn new(view: &View<'_>) -> Self {
        Self {
            slots: vec![Vec::new(); view.layers.len()],
        }
    }
}

impl Sweep {
    /// From a node of one layer to every alive node of another, which lies before or after it.
    pub(super) fn new(
        (view, alive): (&View<'_>, &Alive),
        root: (usize, NodeNumber),
        goal: usize,
        scratch: &mut Scratch,
        budget: &mut Budget<'_>,
    ) -> Self {
        let (layer, node) = root;
        let mut sweep = Self {
            states: vec![State {
                node,
                layer: layer as u32,
                lengths: [1; LEVELS],
                link: NONE,
            }],
            links: Vec::new(),
            ends: Vec::new(),
        };
        let onward = goal >= layer;
        let mut by_layer: Vec<Vec<u32>> = vec![Vec::new(); view.layers.len()];
        by_layer[layer].push(0);
        let layers: Vec<usize> = if onward {
            (layer..goal).collect()
        } else {
            (goal + 1..=layer).rev().collect()
        };
        for here in layers {
            let hops = if onward {
                &view.out_of[here]
            } else {
                &view.into[here]
            };
            for at in std::mem::take(&mut by_layer[here]) {
                if budget.is_over() {
                    break;
                }
                for hop in hops {
                    sweep.spread(
                        (view, alive),
                        at,
                        (*hop, onward),
                        (&mut by_layer, scratch),
                        budget,
                    );
                }
            }
        }
        sweep.ends = std::mem::take(&mut by_layer[goal]);
        for state in &sweep.states {
            let slots = &mut scratch.slots[state.layer as usize];
            if let Some(slot) = slots.get_mut(state.node as usize) {
                *slot = 0;
            }
        }
        sweep
    }

    fn spread(
        &mut self,
        (view, alive): (&View<'_>, &Alive),
        at: u32,
        (hop, onward): (usize, bool),
        (by_layer, scratch): (&mut [Vec<u32>], &mut Scratch),
        budget: &mut Budget<'_>,
    ) {
        let number = hop as u32;
        let above = alive.above[hop].as_ref();
        let hop = &view.hops[hop];
        let there = if onward { hop.to } else { hop.from };
        let slots = &mut scratch.slots[there];
        if slots.is_empty() {
            *slots = vec![0; view.graph.nodes().len()];
        }
        let (from, before) = {
            let state = &self.states[at as usize];
            (state.node, state.lengths)
        };
        let mut seen = 0;
        let _ = view.around(hop, from, onward, above, &mut |node, edge| {
            seen += 1;
            if !alive.nodes[there].contains(node) || (node == from && edge != NO_EDGE) {
                return ControlFlow::Continue(());
            }
            let slot = &mut slots[node as usize];
            if *slot == 0 {
                self.states.push(State {
                    node,
                    layer: there as u32,
                    lengths: [0; LEVELS],
                    link: NONE,
                });
                *slot = self.states.len() as u32;
                by_layer[there].push(*slot - 1);
            }
            let confidence = match edge {
                NO_EDGE => Confidence::High,
                edge => view.graph.edge(edge).confidence,
            };
            let state = &mut self.states[*slot as usize - 1];
            let levels = state.lengths.iter_mut().zip(before);
            for (length, before) in levels.take(confidence as usize + 1) {
                *length |= before << u32::from(edge != NO_EDGE);
            }
            self.links.push(Link {
                from: at,
                edge,
                hop: number,
                confidence,
                next: state.link,
            });
            state.link = self.links.len() as u32 - 1;
            ControlFlow::Continue(())
        });
        budget.spend(seen);
    }
}
