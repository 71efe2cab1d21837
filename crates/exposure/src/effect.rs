//! What mending a finding changes in the graph: the link between recommendations and attack paths, as data.

use std::collections::HashMap;

use serde::Deserialize;

use crate::graph::{EdgeNumber, Graph, NodeNumber, labels};
use crate::vocabulary::{Vocabulary, VocabularyError};

const FIXES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/fixes.yaml"
));

/// Which end of an edge the judged resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum End {
    /// It leaves the resource.
    Source,
    /// It enters the resource.
    Target,
    /// Its evidence names the resource.
    Object,
    /// It leaves an identity that the resource can authenticate as.
    Identity,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    labels: Vec<String>,
    at: End,
    /// Only from nodes of these labels; from any where empty.
    #[serde(default)]
    from: Vec<String>,
    /// Only to nodes of these labels; to any where empty.
    #[serde(default)]
    to: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    recommendations: Vec<String>,
    #[serde(default)]
    removes: Vec<Removal>,
    #[serde(default)]
    clears: Vec<String>,
    #[serde(default)]
    sets: Vec<String>,
}

/// What changes when one finding is mended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Edges that go.
    pub edges: Vec<EdgeNumber>,
    /// The node whose insights change: the judged one, or that which its key or password was of.
    pub node: Option<NodeNumber>,
    /// Insights of the node that go, bits of the vocabulary.
    pub clears: u64,
    /// Insights of the node that come.
    pub sets: u64,
}

impl Effect {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty() && self.clears == 0 && self.sets == 0
    }
}

/// The effects of all recommendations.
#[derive(Debug)]
pub struct Effects {
    by_recommendation: HashMap<String, Vec<Change>>,
}

#[derive(Debug, Clone)]
struct Change {
    removes: Vec<Removal>,
    clears: u64,
    sets: u64,
}

impl Effects {
    /// Those that ship with the product.
    ///
    /// # Errors
    /// The shipped file is broken; a test keeps that from happening.
    pub fn embedded(vocabulary: &Vocabulary) -> Result<Self, VocabularyError> {
        let unreadable = |reason: String| VocabularyError::Unreadable {
            file: "fixes.yaml".to_owned(),
            reason,
        };
        let entries: Vec<Entry> =
            serde_yaml_ng::from_str(FIXES).map_err(|error| unreadable(error.to_string()))?;
        let bits = |names: &[String]| {
            names.iter().try_fold(0, |bits, name| {
                let bit = vocabulary.insight(name);
                bit.map(|bit| bits | bit)
                    .ok_or_else(|| unreadable(format!("there is no insight `{name}`")))
            })
        };
        let mut by_recommendation: HashMap<String, Vec<Change>> = HashMap::new();
        for entry in entries {
            let change = Change {
                removes: entry.removes,
                clears: bits(&entry.clears)?,
                sets: bits(&entry.sets)?,
            };
            for name in entry.recommendations {
                let changes = by_recommendation.entry(name).or_default();
                changes.push(change.clone());
            }
        }
        Ok(Self { by_recommendation })
    }

    /// The recommendations that have an effect, in no order.
    pub fn recommendations(&self) -> impl Iterator<Item = &str> {
        self.by_recommendation.keys().map(String::as_str)
    }

    /// What mending `recommendation` on the resource of that id changes.
    pub fn of(&self, graph: &Graph, recommendation: &str, resource: &str) -> Effect {
        let mut effect = Effect::default();
        let Some(changes) = self.by_recommendation.get(recommendation) else {
            return effect;
        };
        let resource = resource.to_lowercase();
        effect.node = graph.find(&resource);
        let Some(node) = effect.node else {
            return effect;
        };
        for change in changes {
            effect.clears |= change.clears & graph.node(node).insights;
            effect.sets |= change.sets & !graph.node(node).insights;
            for removal in &change.removes {
                let edges = removal.edges(graph, node, &resource);
                effect.edges.extend(edges);
            }
        }
        effect.edges.sort_unstable();
        effect.edges.dedup();
        if effect.clears | effect.sets == 0 {
            let wanted = changes.iter().fold(0, |bits, change| bits | change.clears);
            effect.clear_behind(graph, wanted);
        }
        effect
    }
}

impl Effect {
    /// A fact about what the edges that go lead to ends with the last of them: with its last key an account has no
    /// standing key any more.
    fn clear_behind(&mut self, graph: &Graph, wanted: u64) {
        let mut behind = self.edges.iter().map(|edge| graph.edge(*edge).target);
        let Some(target) = behind
            .next()
            .filter(|first| behind.all(|one| one == *first))
        else {
            return;
        };
        let like = |edge: EdgeNumber| {
            let label = graph.edge(edge).label;
            self.edges
                .iter()
                .any(|gone| graph.edge(*gone).label == label)
        };
        let mut entering = graph.entering(target);
        let stays = entering.any(|edge| !self.edges.contains(&edge) && like(edge));
        let clears = wanted & graph.node(target).insights;
        if !stays && clears != 0 {
            self.node = Some(target);
            self.clears = clears;
        }
    }
}

impl Removal {
    fn edges(&self, graph: &Graph, node: NodeNumber, resource: &str) -> Vec<EdgeNumber> {
        let candidates: Vec<EdgeNumber> = match self.at {
            End::Source => graph.leaving(node).collect(),
            End::Target => graph.entering(node).collect(),
            End::Object => stated_by(graph, node, resource),
            End::Identity => graph
                .leaving(node)
                .filter(|edge| graph.word(graph.edge(*edge).label) == labels::CAN_AUTHENTICATE_AS)
                .flat_map(|edge| graph.leaving(graph.edge(edge).target))
                .collect(),
        };
        let fits = |edge: &EdgeNumber| self.fits(graph, *edge);
        candidates.into_iter().filter(fits).collect()
    }

    fn fits(&self, graph: &Graph, number: EdgeNumber) -> bool {
        let edge = graph.edge(number);
        let label = |node| graph.word(graph.node(node).label);
        let among = |wanted: &[String], word: &str| wanted.iter().any(|one| one == word);
        among(&self.labels, graph.word(edge.label))
            && (self.from.is_empty() || among(&self.from, label(edge.source)))
            && (self.to.is_empty() || among(&self.to, label(edge.target)))
    }
}

/// Edges near the node whose evidence is the resource: those of the node itself and of its neighbours.
fn stated_by(graph: &Graph, node: NodeNumber, resource: &str) -> Vec<EdgeNumber> {
    let neighbours = graph
        .leaving(node)
        .map(|edge| graph.edge(edge).target)
        .chain(graph.entering(node).map(|edge| graph.edge(edge).source));
    let mut nodes: Vec<NodeNumber> = neighbours.chain([node]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let edges = nodes
        .into_iter()
        .flat_map(|node| graph.leaving(node).chain(graph.entering(node)));
    let stated = |edge: &EdgeNumber| {
        let object = &graph.edge_text(*edge).evidence.object;
        object.eq_ignore_ascii_case(resource)
    };
    edges.filter(stated).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_effects_can_be_used() {
        let vocabulary = Vocabulary::embedded().unwrap();
        let effects = Effects::embedded(&vocabulary).unwrap();
        assert!(
            effects
                .recommendations()
                .any(|name| name == "ai-services-disable-public-network")
        );
    }
}
