//! Nodes and edges while they are collected: by id, in any order, from any number of makers.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Graph;
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// How sure an edge or insight is. Ordered: `Low < Medium < High`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Confidence {
    /// A guess from a name, or a right that must first be activated (PIM).
    Low,
    /// Holds under conditions that were not evaluated, or of which only a part is known.
    Medium,
    /// Follows from what was collected.
    #[default]
    High,
}

impl Confidence {
    /// `low`, `medium`, `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Out of its name, case ignored.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High]
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(text))
    }
}

/// What a fact stands on. `object` and `field` together name what one would change to undo the fact; edges that share
/// them go together when it is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Evidence {
    /// Id of the resource that states it, as it was read: a role assignment, a policy, the resource itself.
    pub object: String,
    /// The property that says so, `properties.publicNetworkAccess`; empty where the object as a whole does.
    pub field: String,
    /// What it says, for people: `publicNetworkAccess is Enabled, no IP rule`.
    pub text: String,
}

/// A node on its way into the graph.
#[derive(Debug, Clone, Default)]
pub struct NodeDraft {
    /// Id; the resource id in lower case, or `KIND:NAME` for what is no resource (`internet`, `mcp:https://…`).
    pub id: String,
    /// Label: the resource type in lower case, or a word of the vocabulary (`user`, `mcp/server`).
    pub label: String,
    /// Name for people.
    pub name: String,
    /// Further facts, into `NodeProperties.rawData`.
    pub properties: Map<String, Value>,
    /// `(type, id)`: `AzureResourceId`, `AwsResourceName`, `GcpResourceName`, `EntraObjectId`, …
    pub entity_ids: Vec<(String, String)>,
}

/// A fact about one node that rules ask for, such as `containsSensitiveData`.
#[derive(Debug, Clone, Default)]
pub struct InsightDraft {
    /// A name of `content/graph/insights.yaml`.
    pub name: String,
    /// What to store under that name; `true` where there is nothing more to say.
    pub value: Value,
    /// How sure.
    pub confidence: Confidence,
    /// What it stands on.
    pub evidence: Evidence,
}

/// An edge on its way into the graph.
#[derive(Debug, Clone, Default)]
pub struct EdgeDraft {
    /// One of [`super::labels`], or a word of a user's own edge rule.
    pub label: String,
    /// Id or alias of the node it leaves.
    pub source: String,
    /// Id or alias of the node it enters.
    pub target: String,
    /// Who found it: `azure rbac`, `aws iam`, `network`, or the name of the edge rule.
    pub maker: String,
    /// What it stands on.
    pub evidence: Evidence,
    /// How sure.
    pub confidence: Confidence,
    /// Of `has permissions to`: what may be done.
    pub capabilities: CapabilitySet,
    /// Further facts, into `EdgeProperties.rawData`: conditions, ports, the group it comes through.
    pub properties: Map<String, Value>,
}

/// Collects nodes, insights, aliases and edges; [`GraphDraft::close`] makes the graph.
#[derive(Debug, Default)]
pub struct GraphDraft {
    pub(super) nodes: HashMap<String, NodeDraft>,
    pub(super) insights: Vec<(String, InsightDraft)>,
    pub(super) aliases: HashMap<String, String>,
    pub(super) edges: Vec<EdgeDraft>,
}

impl GraphDraft {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node. The first of an id gives label and name; later ones add properties and entity ids.
    pub fn node(&mut self, node: NodeDraft) {
        let Some(known) = self.nodes.get_mut(&node.id) else {
            self.nodes.insert(node.id.clone(), node);
            return;
        };
        for (key, value) in node.properties {
            known.properties.entry(key).or_insert(value);
        }
        for entity in node.entity_ids {
            if !known.entity_ids.contains(&entity) {
                known.entity_ids.push(entity);
            }
        }
    }

    /// Whether a node of that id or alias was added.
    pub fn knows(&self, id: &str) -> bool {
        self.nodes.contains_key(id) || self.aliases.contains_key(id)
    }

    /// Another id of a node, in lower case: the object id of an identity, the URL of an account. The first stays.
    pub fn alias(&mut self, alias: impl Into<String>, node: impl Into<String>) {
        self.aliases
            .entry(alias.into())
            .or_insert_with(|| node.into());
    }

    /// A fact about the node of that id or alias.
    pub fn insight(&mut self, node: impl Into<String>, insight: InsightDraft) {
        self.insights.push((node.into(), insight));
    }

    /// Adds an edge; its ends may be added later.
    pub fn edge(&mut self, edge: EdgeDraft) {
        self.edges.push(edge);
    }

    /// The nodes so far, in no order.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeDraft> {
        self.nodes.values()
    }

    /// The edges so far.
    pub fn edges(&self) -> &[EdgeDraft] {
        &self.edges
    }

    /// The insights so far, each with the id or alias of its node.
    pub fn insights(&self) -> &[(String, InsightDraft)] {
        &self.insights
    }

    /// The graph. Edges and insights of nodes that nobody added are left out and counted
    /// ([`Graph::left_out`]): nothing is invented to hang them on.
    pub fn close(self, vocabulary: &Vocabulary) -> Graph {
        Graph::of(self, vocabulary)
    }
}
