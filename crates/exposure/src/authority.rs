//! What a principal may do to a resource, read off the graph.

use crate::graph::{Graph, NodeNumber, labels};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Places above one another that are climbed.
const DEEPEST: usize = 64;

/// What a principal may do to a node over its own `has permissions to` edges: to the node itself, or to anything that
/// contains it. Edges of any confidence count; groups and impersonation are not followed.
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
        }
    }
    let label = graph.word(graph.node(resource).label);
    held.and(vocabulary.on_label(label))
}
