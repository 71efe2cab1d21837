//! What permissions join, for whole sets of nodes: up from what is wanted to scopes and holders, or down from these.

use super::alive::FEW;
use super::budget::Budget;
use super::node_set::NodeSet;
use super::view::{Above, CanHop, DEEPEST, View};
use crate::graph::NodeNumber;

/// The nodes on which permissions of a class hold, marked by class.
fn scopes(view: &View<'_>, can: &CanHop, holders: &NodeSet, budget: &mut Budget<'_>) -> Above {
    let nodes = view.graph.nodes().len();
    let mut scopes: Above = (0..can.classes).map(|_| NodeSet::new(nodes)).collect();
    let mut mark = |edge| {
        for class in can.served(view.graph, edge) {
            scopes[*class].insert(view.graph.edge(edge).target);
        }
    };
    let labels = can.permissions.iter();
    let all: usize = labels.map(|one| view.graph.labelled(*one).len()).sum();
    if holders.len() < all / FEW {
        let mut seen = 0;
        for holder in holders.iter() {
            for edge in view.permissions_of(can, holder) {
                seen += 1;
                mark(edge);
            }
        }
        budget.spend(seen);
        return scopes;
    }
    budget.spend(all as u64);
    let labels = can.permissions.iter();
    for edge in labels.flat_map(|one| view.graph.labelled(*one)) {
        if holders.contains(view.graph.edge(*edge).source) && view.is_there(*edge) {
            mark(*edge);
        }
    }
    scopes
}

/// Those of `known` that lie at or below a scope: climbs from each, because few are wanted and subscriptions are large.
pub(super) fn reached(
    view: &View<'_>,
    can: &CanHop,
    (holding, known): (&NodeSet, &NodeSet),
    found: &mut NodeSet,
    budget: &mut Budget<'_>,
) {
    if holding.is_empty() || budget.is_over() {
        return;
    }
    let scopes = scopes(view, can, holding, budget);
    for node in known.iter() {
        let Some(class) = can.class_of(view.graph, node) else {
            continue;
        };
        if scopes[class].is_empty() {
            continue;
        }
        let climbed = view.climb(can, node);
        budget.spend(climbed.len() as u64);
        if climbed.iter().any(|one| scopes[class].contains(*one)) {
            found.insert(node);
        }
    }
}

/// Every node at or below a scope that `admit` lets through.
pub(super) fn below(
    view: &View<'_>,
    can: &CanHop,
    holding: &NodeSet,
    admit: &dyn Fn(NodeNumber) -> bool,
    found: &mut NodeSet,
    budget: &mut Budget<'_>,
) {
    if holding.is_empty() || budget.is_over() {
        return;
    }
    for (class, mut seen) in scopes(view, can, holding, budget).into_iter().enumerate() {
        let mut level: Vec<NodeNumber> = seen.iter().collect();
        for depth in 0..=DEEPEST {
            budget.spend(level.len() as u64);
            for node in &level {
                if can.class_of(view.graph, *node) == Some(class) && admit(*node) {
                    found.insert(*node);
                }
            }
            if depth == DEEPEST || budget.is_over() {
                break;
            }
            let children = level.iter().flat_map(|node| view.children(can, *node));
            level = children.filter(|child| seen.insert(*child)).collect();
        }
    }
}

/// Every node on which a permission would reach one of `wanted`, by class.
pub(super) fn above(
    view: &View<'_>,
    can: &CanHop,
    wanted: &NodeSet,
    budget: &mut Budget<'_>,
) -> Above {
    let nodes = view.graph.nodes().len();
    let mut above: Above = (0..can.classes).map(|_| NodeSet::new(nodes)).collect();
    for node in wanted.iter() {
        if let Some(class) = can.class_of(view.graph, node) {
            above[class].insert(node);
        }
    }
    for set in &mut above {
        let mut level: Vec<NodeNumber> = set.iter().collect();
        for _ in 0..DEEPEST {
            budget.spend(level.len() as u64);
            let mut next = Vec::new();
            for node in level {
                let parents = view.parents(can, node).map(|(parent, _)| parent);
                next.extend(parents.filter(|parent| set.insert(*parent)));
            }
            level = next;
        }
    }
    above
}

/// Who holds a permission on one of these.
pub(super) fn holders(
    view: &View<'_>,
    can: &CanHop,
    above: &Above,
    admit: &dyn Fn(NodeNumber) -> bool,
    found: &mut NodeSet,
    budget: &mut Budget<'_>,
) {
    let graph = view.graph;
    let reach: usize = above.iter().map(NodeSet::len).sum();
    if reach == 0 || budget.is_over() {
        return;
    }
    let labels = can.permissions.iter();
    let all: usize = labels.map(|one| graph.labelled(*one).len()).sum();
    let mut take = |holder| {
        if !found.contains(holder) && admit(holder) {
            found.insert(holder);
        }
    };
    if reach < all / FEW {
        let mut seen = 0;
        for (class, scopes) in above.iter().enumerate() {
            for scope in scopes.iter() {
                for edge in view.permissions_on(can, scope) {
                    seen += 1;
                    if can.served(graph, edge).contains(&class) {
                        take(graph.edge(edge).source);
                    }
                }
            }
        }
        return budget.spend(seen);
    }
    budget.spend(all as u64);
    let labels = can.permissions.iter();
    for number in labels.flat_map(|one| graph.labelled(*one)) {
        let edge = graph.edge(*number);
        let serves = |class: &usize| above[*class].contains(edge.target);
        if view.is_there(*number) && can.served(graph, *number).iter().any(serves) {
            take(edge.source);
        }
    }
}
