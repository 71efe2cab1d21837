//! After a change: which entries may have gained, lost or changed a path.
//!
//! Walks from the changed nodes to the entries, over edges that were taken away too. Of the changed nodes on a path, old
//! or new, the one nearest to the entry is reached from it over what did not change; so no entry is overlooked.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::budget::Budget;
use super::node_set::NodeSet;
use super::pattern::{Chain, Pattern};
use super::view::{CanHop, DEEPEST, View, ViewKind};
use crate::graph::{Graph, NodeNumber};

/// Nodes by layer.
type Touched = Vec<HashSet<NodeNumber>>;

/// The nodes of layer `goal` of the path that a change of these nodes may concern.
pub(super) fn affected(
    graph: &Graph,
    pattern: &Pattern,
    changed: &[NodeNumber],
    goal: usize,
    budget: &mut Budget<'_>,
) -> NodeSet {
    let mut touched: Touched = vec![HashSet::new(); pattern.main.layers.len()];
    for side in pattern.also.iter().chain(&pattern.unless) {
        let layers = side.chain.layers.len();
        let none = vec![HashSet::new(); layers];
        let roots = spread(graph, &side.chain, changed, (none, 0), budget);
        touched[pattern.layer_of(side.root)].extend(roots);
    }
    let entries = spread(graph, &pattern.main, changed, (touched, goal), budget);
    let mut set = NodeSet::new(graph.nodes().len());
    for entry in entries {
        set.insert(entry);
    }
    set
}

fn spread(
    graph: &Graph,
    chain: &Chain,
    changed: &[NodeNumber],
    (mut touched, goal): (Touched, usize),
    budget: &mut Budget<'_>,
) -> HashSet<NodeNumber> {
    let mut view = View::new(graph, chain);
    view.with_gone = true;
    for layer in &mut touched {
        layer.extend(changed);
    }
    for hop in &view.hops {
        let ViewKind::Can(can) = &hop.kind else {
            continue;
        };
        for container in changed {
            if hop.to > goal {
                let holders = holders_over(&view, can, (*container, hop.to), budget);
                touched[hop.from].extend(holders);
            } else {
                let below = below(&view, can, *container, budget);
                touched[hop.to].extend(below);
            }
        }
    }
    for layer in (goal + 1..=view.last()).rev() {
        step(&view, &mut touched, (layer, false), budget);
    }
    for layer in 0..goal {
        step(&view, &mut touched, (layer, true), budget);
    }
    std::mem::take(&mut touched[goal])
}

/// One hop from the touched nodes of a layer.
fn step(
    view: &View<'_>,
    touched: &mut Touched,
    (layer, onward): (usize, bool),
    budget: &mut Budget<'_>,
) {
    let hops = if onward {
        &view.out_of[layer]
    } else {
        &view.into[layer]
    };
    for hop in hops.iter().map(|hop| &view.hops[*hop]) {
        let there = if onward { hop.to } else { hop.from };
        let from = std::mem::take(&mut touched[layer]);
        let mut seen = 0;
        for node in &from {
            let _ = view.around(hop, *node, onward, None, &mut |next, _| {
                seen += 1;
                if view.fits(there, next) {
                    touched[there].insert(next);
                }
                ControlFlow::Continue(())
            });
            budget.spend(std::mem::take(&mut seen));
            if budget.is_over() {
                break;
            }
        }
        touched[layer] = from;
    }
}

/// Who may do something to what a container holds, by a permission on it or on what it lies in.
fn holders_over(
    view: &View<'_>,
    can: &CanHop,
    (container, layer): (NodeNumber, usize),
    budget: &mut Budget<'_>,
) -> Vec<NodeNumber> {
    let held = below(view, can, container, budget).into_iter();
    let held = held.filter(|node| view.fits(layer, *node));
    let classes: HashSet<usize> = held
        .filter_map(|node| can.class_of(view.graph, node))
        .collect();
    // Of a node that was taken away nobody knows any more what a permission on it had to hold.
    let any = view.graph.is_node_gone(container);
    let mut holders = Vec::new();
    if classes.is_empty() && !any {
        return holders;
    }
    for scope in view.climb(can, container) {
        for edge in view.permissions_on(can, scope) {
            let served = can.served(view.graph, edge);
            if served.iter().any(|class| any || classes.contains(class)) {
                holders.push(view.graph.edge(edge).source);
            }
        }
    }
    budget.spend(holders.len() as u64);
    holders
}

/// What a node contains.
fn below(
    view: &View<'_>,
    can: &CanHop,
    container: NodeNumber,
    budget: &mut Budget<'_>,
) -> HashSet<NodeNumber> {
    let mut found = HashSet::new();
    let mut level = vec![container];
    for _ in 0..DEEPEST {
        budget.spend(level.len() as u64);
        let children = level.iter().flat_map(|node| view.children(can, *node));
        level = children.filter(|child| found.insert(*child)).collect();
    }
    found
}
