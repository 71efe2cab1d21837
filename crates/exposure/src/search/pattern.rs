//! A rule made ready for the search: layers of nodes and the hops between them.
//!
//! A repeated edge is written out, so that every hop leads from a layer to a later one and no search can turn in circles.

use std::collections::HashMap;

use crate::graph::{Confidence, NodeNumber};
use crate::path::Match;
use crate::rule::Rule;
use crate::vocabulary::CapabilitySet;

/// A compiled rule.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The rule it was made of, for [`Pattern::to_kql`].
    pub(crate) rule: Rule,
    /// Names of the path's nodes, in order.
    pub(crate) aliases: Vec<String>,
    pub(crate) main: Chain,
    pub(crate) also: Vec<Side>,
    pub(crate) unless: Vec<Side>,
    /// Position in `aliases`.
    pub(crate) entry: usize,
    /// Position in `aliases`.
    pub(crate) target: usize,
}

/// A chain that starts at a node of the path.
#[derive(Debug, Clone)]
pub(crate) struct Side {
    /// Position in the pattern's aliases.
    pub(crate) root: usize,
    pub(crate) chain: Chain,
}

/// Layers, and hops in order of the layer they leave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain {
    pub(crate) layers: Vec<NodeTest>,
    pub(crate) hops: Vec<Hop>,
    /// The layer of each named node, in order.
    pub(crate) named: Vec<usize>,
}

/// What a node must be, in bits.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeTest {
    /// One of these; any where none is set.
    pub(crate) categories: u64,
    /// One of these; any where there are none.
    pub(crate) labels: Vec<String>,
    pub(crate) has: u64,
    pub(crate) lacks: u64,
    /// At most.
    pub(crate) criticality: Option<u8>,
}

/// From one layer to a later one.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) kind: HopKind,
}

#[derive(Debug, Clone)]
pub(crate) enum HopKind {
    /// The same node stands in both layers: a repeat of no times.
    Same,
    /// One edge.
    Edge {
        labels: Vec<String>,
        back: bool,
        confidence: Confidence,
        /// One of these must be granted; anything will do where it is empty.
        grants: CapabilitySet,
    },
    /// A permission on the node or what contains it.
    Can {
        /// What a permission must hold one of, by the label of the node.
        by_label: HashMap<String, CapabilitySet>,
        /// The same for every other label.
        otherwise: CapabilitySet,
        confidence: Confidence,
    },
}

impl Pattern {
    /// Names of the path's nodes, in order.
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Name of the rule.
    pub fn name(&self) -> &str {
        &self.rule.name
    }

    /// Insights that a named node must have, and those that it must lack: bits of the vocabulary.
    pub fn insights_asked(&self, alias: usize) -> (u64, u64) {
        let test = &self.main.layers[self.layer_of(alias)];
        (test.has, test.lacks)
    }

    /// The layer of a named node.
    pub(crate) fn layer_of(&self, alias: usize) -> usize {
        self.main.named[alias]
    }

    /// The layer of entry or target, whichever comes first; each of its nodes is swept.
    pub(crate) fn first_layer(&self) -> usize {
        let entry = self.layer_of(self.entry);
        entry.min(self.layer_of(self.target))
    }

    pub(crate) fn second_layer(&self) -> usize {
        let entry = self.layer_of(self.entry);
        entry.max(self.layer_of(self.target))
    }

    /// Of entry and target of a match the one in the first layer.
    pub(crate) fn first_of(&self, found: &Match) -> NodeNumber {
        if self.layer_of(self.entry) <= self.layer_of(self.target) {
            found.entry
        } else {
            found.target
        }
    }
}
