//! A closed graph kept up with what changed since.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::draft::{EdgeDraft, GraphDraft, InsightDraft};
use super::{EdgeNumber, Graph, NodeNumber};
use crate::vocabulary::Vocabulary;

/// A hash of an object in lower case. Each edge keeps that of what states it: looking for a few then reads no text.
pub(super) fn hash_of(object: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    if object
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
    {
        object.to_lowercase().hash(&mut hasher);
    } else {
        object.hash(&mut hasher);
    }
    hasher.finish()
}

impl Graph {
    /// Replaces what these resources (ids in any case) state by `draft`, which holds what they and nobody else state
    /// now, and each node whose facts may differ, whole, with all its insights. Edges that are the same stay. A node of
    /// that id that the draft lacks is gone: it keeps its number and loses edges, label, and facts.
    ///
    /// Returns the nodes that a search has to look at again, ascending: those with other facts, and of every edge that
    /// came or went the end with fewer edges.
    pub fn replace(
        &mut self,
        stated_by: &[String],
        draft: GraphDraft,
        vocabulary: &Vocabulary,
    ) -> Vec<NodeNumber> {
        let mut changed = BTreeSet::new();
        let GraphDraft {
            nodes,
            insights,
            aliases,
            edges,
        } = draft;
        for (alias, node) in aliases {
            self.aliases.entry(alias).or_insert(node);
        }
        let mut told: HashMap<String, Vec<InsightDraft>> = HashMap::new();
        for (id, insight) in insights {
            told.entry(id).or_default().push(insight);
        }
        let mut gone: Vec<EdgeNumber> = self.edges_stated_by(stated_by);
        for id in stated_by.iter().map(|id| id.to_lowercase()) {
            if let Some(node) = self.find(&id).filter(|_| !nodes.contains_key(&id)) {
                gone.extend(self.leaving(node).chain(self.entering(node)));
                self.clear_node(node);
                changed.insert(node);
            }
        }
        for (id, node) in nodes {
            let insights = told.remove(&id).unwrap_or_default();
            changed.extend(self.put_node(node, &insights, vocabulary));
        }
        gone.sort_unstable();
        gone.dedup();
        for edge in edges {
            match gone.iter().position(|old| self.is_same(*old, &edge)) {
                Some(same) => {
                    gone.swap_remove(same);
                }
                None => {
                    if let Some(number) = self.add_edge(edge) {
                        changed.insert(self.lesser_end(number));
                    }
                }
            }
        }
        for edge in gone {
            self.set_gone(edge, true);
            changed.insert(self.lesser_end(edge));
        }
        changed.into_iter().collect()
    }

    /// Whether a node was taken away.
    pub fn is_node_gone(&self, node: NodeNumber) -> bool {
        self.word(self.node(node).label).is_empty()
    }

    fn lesser_end(&self, edge: EdgeNumber) -> NodeNumber {
        let edge = self.edge(edge);
        if self.neighbours.degree(edge.source) <= self.neighbours.degree(edge.target) {
            edge.source
        } else {
            edge.target
        }
    }

    fn is_same(&self, number: EdgeNumber, draft: &EdgeDraft) -> bool {
        let (edge, text) = (self.edge(number), self.edge_text(number));
        self.find(&draft.source) == Some(edge.source)
            && self.find(&draft.target) == Some(edge.target)
            && self.word(edge.label) == draft.label
            && text.evidence == draft.evidence
            && edge.confidence == draft.confidence
            && self.capabilities(edge) == draft.capabilities
            && super::make::text_of(&draft.properties) == *text.properties
    }

    /// Edges that are not gone and whose evidence names one of these.
    fn edges_stated_by(&self, objects: &[String]) -> Vec<EdgeNumber> {
        let mut wanted: Vec<(u64, String)> = objects
            .iter()
            .map(|object| (hash_of(object), object.to_lowercase()))
            .collect();
        wanted.sort_unstable();
        let mut found = Vec::new();
        for (number, hash) in (0..).zip(&self.stated) {
            let from = wanted.partition_point(|(one, _)| one < hash);
            let mut same = wanted[from..].iter().take_while(|(one, _)| one == hash);
            let object = || self.edge_text(number).evidence.object.to_lowercase();
            if same.any(|(_, known)| *known == object()) && !self.is_gone(number) {
                found.push(number);
            }
        }
        found
    }
}
