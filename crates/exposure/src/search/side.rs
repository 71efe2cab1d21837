//! Side chains: which nodes of a path's layer have one.

use std::ops::ControlFlow;

use super::alive::Alive;
use super::budget::Budget;
use super::node_set::NodeSet;
use super::pattern::Chain;
use super::view::{NO_EDGE, View, ViewKind};
use crate::graph::{Graph, NodeNumber};

/// Those of `roots` at which a simple chain starts.
pub(super) fn with_chain(
    graph: &Graph,
    chain: &Chain,
    roots: &NodeSet,
    budget: &mut Budget<'_>,
) -> NodeSet {
    let view = View::new(graph, chain);
    let mut start = NodeSet::new(graph.nodes().len());
    for root in roots.iter().filter(|root| view.fits(0, *root)) {
        start.insert(root);
    }
    let alive = Alive::from(&view, 0, start, None, budget);
    let mut found = alive.nodes[0].clone();
    if is_always_simple(&view) || budget.is_over() {
        return found;
    }
    for root in alive.nodes[0].iter() {
        let mut walk = Walk {
            view: &view,
            alive: &alive,
            used: vec![root],
            tried: 0,
            allowed: budget.limits.pair_visits,
        };
        let exists = walk.on(0, root).is_break();
        let tried = walk.tried;
        budget.spend(tried);
        if tried >= budget.limits.pair_visits {
            budget.missed("routes tried for one side chain", tried);
        } else if !exists {
            found.remove(root);
        }
    }
    found
}

/// A single edge cannot meet a node twice.
fn is_always_simple(view: &View<'_>) -> bool {
    matches!(view.hops.as_slice(), [hop] if matches!(hop.kind, ViewKind::Edge(_)))
}

/// Depth first along alive nodes, which all lead to the end: it only ever turns back where a node would stand twice.
struct Walk<'a> {
    view: &'a View<'a>,
    alive: &'a Alive,
    used: Vec<NodeNumber>,
    tried: u64,
    allowed: u64,
}

impl Walk<'_> {
    /// Breaks off when the last layer was reached, or too much was tried.
    fn on(&mut self, layer: usize, node: NodeNumber) -> ControlFlow<()> {
        let (view, alive) = (self.view, self.alive);
        if layer == view.last() {
            return ControlFlow::Break(());
        }
        for number in &view.out_of[layer] {
            let hop = &view.hops[*number];
            let above = alive.above[*number].as_ref();
            view.around(hop, node, true, above, &mut |next, edge| {
                self.tried += 1;
                if self.tried >= self.allowed {
                    return ControlFlow::Break(());
                }
                let alive = alive.nodes[hop.to].contains(next);
                if edge == NO_EDGE {
                    return if alive {
                        self.on(hop.to, next)
                    } else {
                        ControlFlow::Continue(())
                    };
                }
                if !alive || self.used.contains(&next) {
                    return ControlFlow::Continue(());
                }
                self.used.push(next);
                self.on(hop.to, next)?;
                self.used.pop();
                ControlFlow::Continue(())
            })?;
        }
        ControlFlow::Continue(())
    }
}
