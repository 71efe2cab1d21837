//! Edges by label, and ids of edges.

use sha2::{Digest, Sha256};
use stance_base::hex;

use super::{EdgeNumber, Graph, NodeNumber};

/// Bytes of the digest that make an edge's id.
const ID_BYTES: usize = 16;

impl Graph {
    /// `EdgeId` in the table: 32 hexadecimal digits that depend on both ends, the label and the evidence alone, so that
    /// two runs agree.
    pub fn edge_id(&self, number: EdgeNumber) -> String {
        let edge = self.edge(number);
        let evidence = &self.edge_text(number).evidence;
        let parts = [
            &*self.node(edge.source).id,
            self.word(edge.label),
            &*self.node(edge.target).id,
            evidence.object.as_str(),
            evidence.field.as_str(),
        ];
        let digest = Sha256::digest(parts.join("\0"));
        hex::encode(&digest[..ID_BYTES])
    }

    /// Numbers of the labels that read like `word`, case ignored.
    pub fn words_like(&self, word: &str) -> Vec<u32> {
        let words = (0..).zip(&self.words);
        words
            .filter(|(_, known)| known.eq_ignore_ascii_case(word))
            .map(|(number, _)| number)
            .collect()
    }

    /// How many labels there are; their numbers are dense.
    pub(crate) fn word_count(&self) -> usize {
        self.words.len()
    }

    /// The sets that [`super::Edge::capabilities`] numbers.
    pub(crate) fn capability_sets(&self) -> &[crate::CapabilitySet] {
        &self.capability_sets
    }

    /// Edges of a label that leave a node, those that are gone among them.
    pub(crate) fn leaving_as(
        &self,
        node: NodeNumber,
        label: u32,
    ) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.neighbours.leaving_as(node, label, &self.edges)
    }

    /// Edges of a label that enter a node, those that are gone among them.
    pub(crate) fn entering_as(
        &self,
        node: NodeNumber,
        label: u32,
    ) -> impl Iterator<Item = EdgeNumber> + '_ {
        self.neighbours.entering_as(node, label, &self.edges)
    }

    /// All edges of a label, those that are gone among them.
    pub(crate) fn labelled(&self, label: u32) -> &[EdgeNumber] {
        self.neighbours.labelled(label)
    }
}
