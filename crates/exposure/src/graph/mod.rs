//! The graph: nodes, edges, and who neighbours whom.

mod adjacency;
mod change;
mod draft;
pub mod labels;
mod lookup;
mod make;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

pub use adjacency::Neighbours;
pub use draft::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, NodeDraft};
pub use make::GraphLoader;
pub use rows::{EdgeRow, NodeRow, RowLoader};

use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Number of a node.
pub type NodeNumber = u32;
/// Number of an edge.
pub type EdgeNumber = u32;

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its id; `NodeId` in the table.
    pub id: Box<str>,
    /// Name for people.
    pub name: Box<str>,
    /// Number of its label in [`Graph::words`].
    pub label: u32,
    /// Categories, bits of the vocabulary.
    pub categories: u64,
    /// Insights, bits of the vocabulary; those that are `false` or null are not set.
    pub insights: u64,
    /// 0 very high to 3 low; 4 where nobody said.
    pub criticality: u8,
    /// `NodeProperties` as JSON text: `{"rawData": {…}}`.
    pub properties: Box<str>,
    /// `EntityIds` as JSON text.
    pub entity_ids: Box<str>,
}

/// An edge. Texts are in [`Graph::edge_texts`].
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The node it leaves.
    pub source: NodeNumber,
    /// The node it enters.
    pub target: NodeNumber,
    /// Number of its label in [`Graph::words`].
    pub label: u32,
    /// Number of its capabilities in [`Graph::capability_sets`]; 0 is the empty set.
    pub capabilities: u32,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What an edge has to say; kept apart, because a search reads none of it.
#[derive(Debug, Clone)]
pub struct EdgeText {
    /// Who found it.
    pub maker: Arc<str>,
    /// What it stands on.
    pub evidence: Evidence,
    /// Further facts as JSON text; empty where there are none.
    pub properties: Box<str>,
}

/// Nodes and edges with an index. Numbers are dense; edges that were taken away stay as holes ([`Graph::is_gone`]).
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    edge_texts: Vec<EdgeText>,
    gone: Vec<bool>,
    words: Vec<String>,
    word_numbers: HashMap<String, u32>,
    makers: HashMap<String, Arc<str>>,
    capability_sets: Vec<CapabilitySet>,
    numbers: HashMap<Box<str>, NodeNumber>,
    aliases: HashMap<String, String>,
    neighbours: Neighbours,
    left_out: usize,
    /// By edge, a hash of what states it.
    stated: Vec<u64>,
}

impl Graph {
    /// All nodes, by number.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node by number.
    pub fn node(&self, number: NodeNumber) -> &Node {
        &self.nodes[number as usize]
    }

    /// The number of a node by its id or an alias of it, in lower case.
    pub fn find(&self, id: &str) -> Option<NodeNumber> {
        let known = self.numbers.get(id);
        known
            .or_else(|| self.numbers.get(self.aliases.get(id)?.as_str()))
            .copied()
    }

    /// All edges, by number; see [`Graph::is_gone`].
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// An edge by number.
    pub fn edge(&self, number: EdgeNumber) -> &Edge {
        &self.edges[number as usize]
    }

    /// What an edge has to say.
    pub fn edge_text(&self, number: EdgeNumber) -> &EdgeText {
        &self.edge_texts[number as usize]
    }

    /// Whether an edge was taken away.
    pub fn is_gone(&self, number: EdgeNumber) -> bool {
        self.gone[number as usize]
    }

    /// The text of a label.
    pub fn word(&self, number: u32) -> &str {
        &self.words[number as usize]
    }

    /// The number of a label; `None` where no node or edge has it.
    pub fn word_number(&self, word: &str) -> Option<u32> {
        self.word_numbers.get(word).copied()
    }

    /// What may be done over an edge.
    pub fn capabilities(&self, edge: &Edge) -> CapabilitySet {
        self.capability_sets[edge.capabilities as usize]
    }

    /// Edges that leave a node, those that are gone left out.
    pub fn leaving(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.neighbours
            .leaving(node)
            .filter(|edge| !self.is_gone(*edge))
    }

    /// Edges that enter a node, those that are gone left out.
    pub fn entering(&self, node: NodeNumber) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.neighbours
            .entering(node)
            .filter(|edge| !self.is_gone(*edge))
    }

    /// Edges and insights that were left out because nobody added their nodes.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Sets and clears insights of a node, bits of the vocabulary, for what-if questions.
    pub fn change_insights(&mut self, node: NodeNumber, sets: u64, clears: u64) {
        let insights = &mut self.nodes[node as usize].insights;
        *insights = (*insights | sets) & !clears;
    }

    /// The insights of a node that stand on that fact, bits of the vocabulary.
    pub fn insights_from(
        &self,
        vocabulary: &Vocabulary,
        number: NodeNumber,
        object: &str,
        field: &str,
    ) -> u64 {
        let node = self.node(number);
        if node.insights == 0 {
            return 0;
        }
        let properties: Value = serde_json::from_str(&node.properties).unwrap_or_default();
        let told = properties["insights"].as_object().into_iter().flatten();
        let from_it = told.filter(|(_, told)| {
            let named = told["object"].as_str().unwrap_or_default();
            named.eq_ignore_ascii_case(object) && told["field"] == field
        });
        from_it
            .filter_map(|(name, _)| vocabulary.insight(name))
            .fold(0, |bits, bit| bits | bit)
    }

    /// Takes an edge away, or puts it back.
    pub fn set_gone(&mut self, edge: EdgeNumber, gone: bool) {
        self.gone[edge as usize] = gone;
    }
}
