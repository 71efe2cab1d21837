//! Tests and hops of a pattern with the numbers of one graph instead of words.

use std::collections::HashMap;

use super::pattern::NodeTest;
use crate::graph::{Confidence, EdgeNumber, Graph, NodeNumber, labels};
use crate::vocabulary::CapabilitySet;

/// A test with its labels as numbers.
pub(super) struct Test {
    categories: u64,
    labels: Option<Vec<u32>>,
    has: u64,
    lacks: u64,
    criticality: Option<u8>,
    pub(super) asks_nothing: bool,
}

pub(super) struct ViewHop {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: ViewKind,
}

pub(super) enum ViewKind {
    Same,
    Edge(EdgeHop),
    Can(CanHop),
}

pub(super) struct EdgeHop {
    pub(super) labels: Vec<u32>,
    pub(super) back: bool,
    pub(super) confidence: Confidence,
    /// Whether a set of capabilities will do, by its number; any will where there is none of this.
    grants: Option<Vec<bool>>,
}

/// Nodes fall into classes by what a permission on them must hold.
pub(super) struct CanHop {
    pub(super) permissions: Vec<u32>,
    pub(super) contains: Vec<u32>,
    confidence: Confidence,
    /// Class of a label; `None` where nothing would do.
    class_of_word: Vec<Option<usize>>,
    pub(super) classes: usize,
    /// Classes that are served, by number of a set of capabilities.
    served: Vec<Vec<usize>>,
}

impl Test {
    pub(super) fn of(test: &NodeTest, graph: &Graph) -> Self {
        let labels = test.labels.iter();
        let labels: Vec<u32> = labels.flat_map(|label| graph.words_like(label)).collect();
        let any_label = test.labels.is_empty();
        Self {
            categories: test.categories,
            labels: (!any_label).then_some(labels),
            has: test.has,
            lacks: test.lacks,
            criticality: test.criticality,
            asks_nothing: any_label
                && test.categories | test.has | test.lacks == 0
                && test.criticality.is_none(),
        }
    }

    pub(super) fn fits(&self, graph: &Graph, node: NodeNumber) -> bool {
        if self.asks_nothing {
            return true;
        }
        let node = graph.node(node);
        (self.categories == 0 || self.categories & node.categories != 0)
            && node.insights & self.has == self.has
            && node.insights & self.lacks == 0
            && self.criticality.is_none_or(|most| node.criticality <= most)
            && self
                .labels
                .as_ref()
                .is_none_or(|labels| labels.contains(&node.label))
    }
}

impl EdgeHop {
    pub(super) fn of(
        graph: &Graph,
        labels: &[String],
        back: bool,
        confidence: Confidence,
        grants: CapabilitySet,
    ) -> Self {
        let labels = labels.iter();
        let mut labels: Vec<u32> = labels.flat_map(|label| graph.words_like(label)).collect();
        labels.sort_unstable();
        labels.dedup();
        let sets = graph.capability_sets().iter();
        let serves = || sets.map(|set| !set.and(grants).is_empty()).collect();
        Self {
            labels,
            back,
            confidence,
            grants: (!grants.is_empty()).then(serves),
        }
    }

    /// Whether an edge is sure enough and grants what is asked for.
    pub(super) fn admits(&self, graph: &Graph, edge: EdgeNumber) -> bool {
        let edge = graph.edge(edge);
        let granted = |sets: &Vec<bool>| sets.get(edge.capabilities as usize).copied();
        edge.confidence >= self.confidence
            && self
                .grants
                .as_ref()
                .is_none_or(|sets| granted(sets).unwrap_or_default())
    }
}

impl CanHop {
    pub(super) fn of(
        graph: &Graph,
        by_label: &HashMap<String, CapabilitySet>,
        otherwise: CapabilitySet,
        confidence: Confidence,
    ) -> Self {
        let mut classes: Vec<CapabilitySet> = Vec::new();
        let words = 0..u32::try_from(graph.word_count()).unwrap_or(u32::MAX);
        let class_of_word = words
            .map(|word| {
                let need = by_label.get(graph.word(word)).copied();
                let need = need.unwrap_or(otherwise);
                if need.is_empty() {
                    return None;
                }
                let known = classes.iter().position(|one| *one == need);
                Some(known.unwrap_or_else(|| {
                    classes.push(need);
                    classes.len() - 1
                }))
            })
            .collect();
        let serves = |set: &CapabilitySet| {
            let classes = classes.iter().enumerate();
            classes
                .filter(|(_, need)| !need.and(*set).is_empty())
                .map(|(class, _)| class)
                .collect()
        };
        Self {
            permissions: graph.words_like(labels::HAS_PERMISSIONS_TO),
            contains: graph.words_like(labels::CONTAINS),
            confidence,
            class_of_word,
            classes: classes.len(),
            served: graph.capability_sets().iter().map(serves).collect(),
        }
    }

    pub(super) fn class_of(&self, graph: &Graph, node: NodeNumber) -> Option<usize> {
        let word = graph.node(node).label as usize;
        self.class_of_word.get(word).copied().flatten()
    }

    /// The classes that a permission serves; none where it is not sure enough.
    pub(super) fn served(&self, graph: &Graph, edge: EdgeNumber) -> &[usize] {
        let edge = graph.edge(edge);
        if edge.confidence < self.confidence {
            return &[];
        }
        let served = self.served.get(edge.capabilities as usize);
        served.map_or(&[], Vec::as_slice)
    }
}
