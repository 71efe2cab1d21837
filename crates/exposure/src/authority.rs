//! What a principal may do on a resource, by the edges alone.

use crate::graph::{Graph, NodeNumber, labels};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Most levels of containment that are climbed.
const HIGHEST: usize = 64;

/// What edges from a principal to a resource, or to anything that contains it, let it do there. Other identities that it may
/// become, and its groups, do not count.
pub fn effective(
    graph: &Graph,
    vocabulary: &Vocabulary,
    principal: NodeNumber,
    resource: NodeNumber,
) -> CapabilitySet {
    let mut held = CapabilitySet::EMPTY;
    let (Some(permits), Some(contains)) = (
        graph.word_number(labels::HAS_PERMISSIONS_TO),
        graph.word_number(labels::CONTAINS),
    ) else {
        return held;
    };
    let mut level = vec![resource];
    let mut seen = level.clone();
    for _ in 0..HIGHEST {
        let mut above = Vec::new();
        for number in level.iter().flat_map(|node| graph.entering(*node)) {
            let edge = graph.edge(number);
            if edge.label == permits && edge.source == principal {
                held = held.or(graph.capabilities(edge));
            }
            if edge.label == contains && !seen.contains(&edge.source) {
                seen.push(edge.source);
                above.push(edge.source);
            }
        }
        if above.is_empty() {
            break;
        }
        level = above;
    }
    let label = graph.word(graph.node(resource).label);
    held.and(vocabulary.on_label(label))
}
