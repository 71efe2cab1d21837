//! What a principal may do to a resource, read off the graph.
//! What a principal may do to a resource, over all edges.

use std::collections::HashSet;

use crate::graph::{Graph, NodeNumber, labels};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Places above one another that are climbed.
const DEEPEST: usize = 64;

/// What a principal may do to a node over its own `has permissions to` edges: to the node itself, or to anything that
/// contains it. Edges of any confidence count; groups and impersonation are not followed.
/// Deepest nesting of groups and of containers that is followed.
const MOST_LEVELS: usize = 64;

/// The pairs that a principal, or a group it is in, holds on a resource or on what contains it, as far as they are
/// about resources of that label.
pub fn effective(
    graph: &Graph,
    vocabulary: &Vocabulary,
    principal: NodeNumber,
    resource: NodeNumber,
) -> CapabilitySet {
    let (permissions, contains) = (
        graph.word_number(labels::HAS_PERMISSIONS_TO),
        graph.word_number(labels::CONTAINS),
    );
    let mut places = vec![resource];
    let mut front = vec![resource];
    for _ in 0..DEEPEST {
        let mut above = Vec::new();
        for place in front {
            let entering = graph.entering(place).map(|edge| graph.edge(edge));
            above.extend(
                entering
                    .filter(|edge| Some(edge.label) == contains)
                    .map(|edge| edge.source),
            );
        }
        above.retain(|place| !places.contains(place));
        if above.is_empty() {
            break;
        }
        places.extend(&above);
        front = above;
    }
    let mut held = CapabilitySet::EMPTY;
    for edge in graph.leaving(principal).map(|edge| graph.edge(edge)) {
        if Some(edge.label) == permissions && places.contains(&edge.target) {
            held = held.or(graph.capabilities(edge));
    let holders = follow(principal, |node| {
        let edges = graph.leaving(node);
        let member = edges.filter(|edge| is(graph, *edge, labels::MEMBER_OF));
        member.map(|edge| graph.edge(edge).target).collect()
    });
    let scopes = follow(resource, |node| {
        let edges = graph.entering(node);
        let contains = edges.filter(|edge| is(graph, *edge, labels::CONTAINS));
        contains.map(|edge| graph.edge(edge).source).collect()
    });
    let mut held = CapabilitySet::EMPTY;
    for holder in holders {
        for number in graph.leaving(holder) {
            let edge = graph.edge(number);
            if is(graph, number, labels::HAS_PERMISSIONS_TO) && scopes.contains(&edge.target) {
                held = held.or(graph.capabilities(edge));
            }
        }
    }
    let label = graph.word(graph.node(resource).label);
    held.and(vocabulary.on_label(label))
}

fn is(graph: &Graph, edge: u32, label: &str) -> bool {
    graph.word(graph.edge(edge).label) == label
}

/// A node and what `next` leads to from it, again and again.
fn follow(from: NodeNumber, next: impl Fn(NodeNumber) -> Vec<NodeNumber>) -> HashSet<NodeNumber> {
    let mut found = HashSet::from([from]);
    let mut frontier = vec![from];
    for _ in 0..MOST_LEVELS {
        let further: Vec<NodeNumber> = frontier.iter().flat_map(|node| next(*node)).collect();
        frontier = further
            .into_iter()
            .filter(|node| found.insert(*node))
            .collect();
        if frontier.is_empty() {
            break;
        }
    }
    found
}
