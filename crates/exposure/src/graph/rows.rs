//! Rows of `ExposureGraphNodes` and `ExposureGraphEdges` into the graph, without a tree of values for each.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::draft::{Confidence, EdgeDraft, Evidence, InsightDraft, NodeDraft};
use super::make::GraphLoader;
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Most texts of `rawData` whose meaning is kept: there are few roles and many assignments.
const KEPT_FACTS: usize = 1 << 14;
/// Longest of these, in bytes.
const LONGEST_FACTS: usize = 1 << 14;

/// The columns of a node that a graph needs.
#[derive(Debug, Clone, Copy)]
pub struct NodeRow<'a> {
    /// `NodeId`.
    pub id: &'a str,
    /// `NodeLabel`.
    pub label: &'a str,
    /// `NodeName`.
    pub name: &'a str,
    /// `NodeProperties`, JSON: `{"rawData": {…}, "insights": {…}}`.
    pub properties: &'a str,
    /// `EntityIds`, JSON: `[{"type": …, "id": …}]`.
    pub entity_ids: &'a str,
}

/// The columns of an edge that a graph needs.
#[derive(Debug, Clone, Copy)]
pub struct EdgeRow<'a> {
    /// `EdgeLabel`.
    pub label: &'a str,
    /// `SourceNodeId`.
    pub source: &'a str,
    /// `TargetNodeId`.
    pub target: &'a str,
    /// `EdgeProperties`, JSON: `{"source": …, "confidence": …, "evidence": {…}, "rawData": {…}}`.
    pub properties: &'a str,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EdgeProperties<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    confidence: Cow<'a, str>,
    #[serde(borrow)]
    evidence: EvidenceRow<'a>,
    #[serde(borrow, rename = "rawData")]
    raw: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct EvidenceRow<'a> {
    #[serde(borrow)]
    object: Cow<'a, str>,
    #[serde(borrow)]
    field: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// What `rawData` of an edge says.
#[derive(Debug, Clone, Default)]
struct Facts {
    capabilities: CapabilitySet,
    rest: Map<String, Value>,
}

/// Reads rows, nodes first.
#[derive(Debug)]
pub struct RowLoader<'a> {
    graph: GraphLoader<'a>,
    vocabulary: &'a Vocabulary,
    /// Numbers of the pairs by the name that tables give them.
    pairs: HashMap<String, usize>,
    facts: HashMap<Box<str>, Facts>,
}

impl<'a> RowLoader<'a> {
    /// Nothing yet.
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        let pairs = vocabulary.pairs().iter().enumerate();
        Self {
            graph: GraphLoader::new(vocabulary),
            vocabulary,
            pairs: pairs
                .map(|(number, pair)| (format!("{}: {}", pair.capability, pair.label), number))
                .collect(),
            facts: HashMap::new(),
        }
    }

    /// The next node; one whose id is there already is left out. What cannot be read counts as not said.
    pub fn node(&mut self, row: NodeRow<'_>) {
        let mut properties = object(row.properties);
        let mut raw = taken(&mut properties, "rawData");
        let told = taken(&mut properties, "insights");
        let mut insights = Vec::new();
        if !raw.is_empty() {
            for word in self.vocabulary.insights() {
                if let Some(value) = raw.remove(&word.name) {
                    insights.push(insight(&word.name, value, told.get(&word.name)));
                }
            }
        }
        let entities: Vec<Map<String, Value>> =
            serde_json::from_str(row.entity_ids).unwrap_or_default();
        let node = NodeDraft {
            id: row.id.to_owned(),
            label: row.label.to_owned(),
            name: row.name.to_owned(),
            properties: raw,
            entity_ids: entities
                .iter()
                .map(|entity| (member(entity, "type"), member(entity, "id")))
                .collect(),
        };
        self.graph.node(node, &insights);
    }

    /// The next edge; one of nodes that are not there is left out and counted. What cannot be read counts as not said.
    pub fn edge(&mut self, row: EdgeRow<'_>) {
        let draft = match serde_json::from_str::<EdgeProperties<'_>>(row.properties) {
            Ok(properties) => self.read(&properties),
            Err(_) => self.read_leniently(row.properties),
        };
        self.graph.edge(EdgeDraft {
            label: row.label.to_lowercase(),
            source: row.source.to_owned(),
            target: row.target.to_owned(),
            ..draft
        });
    }

    /// The graph.
    pub fn finish(self) -> super::Graph {
        self.graph.finish()
    }

    fn read(&mut self, properties: &EdgeProperties<'_>) -> EdgeDraft {
        let facts = properties.raw.map(|raw| self.facts(raw.get()));
        let facts = facts.unwrap_or_default();
        EdgeDraft {
            maker: properties.source.as_ref().to_owned(),
            evidence: Evidence {
                object: properties.evidence.object.as_ref().to_owned(),
                field: properties.evidence.field.as_ref().to_owned(),
                text: properties.evidence.text.as_ref().to_owned(),
            },
            confidence: Confidence::parse(&properties.confidence).unwrap_or_default(),
            capabilities: facts.capabilities,
            properties: facts.rest,
            ..EdgeDraft::default()
        }
    }

    /// Where a member is not of the kind it should be, the others count nevertheless.
    fn read_leniently(&self, text: &str) -> EdgeDraft {
        let mut properties = object(text);
        let evidence = taken(&mut properties, "evidence");
        let facts = self.facts_of(taken(&mut properties, "rawData"));
        EdgeDraft {
            maker: member(&properties, "source"),
            evidence: Evidence {
                object: member(&evidence, "object"),
                field: member(&evidence, "field"),
                text: member(&evidence, "text"),
            },
            confidence: Confidence::parse(&member(&properties, "confidence")).unwrap_or_default(),
            capabilities: facts.capabilities,
            properties: facts.rest,
            ..EdgeDraft::default()
        }
    }

    fn facts(&mut self, raw: &str) -> Facts {
        if raw == "{}" {
            return Facts::default();
        }
        if let Some(known) = self.facts.get(raw) {
            return known.clone();
        }
        let facts = self.facts_of(object(raw));
        if self.facts.len() < KEPT_FACTS && raw.len() <= LONGEST_FACTS {
            self.facts.insert(raw.into(), facts.clone());
        }
        facts
    }

    fn facts_of(&self, mut raw: Map<String, Value>) -> Facts {
        let mut capabilities = CapabilitySet::EMPTY;
        let permissions = raw.remove("permissions").unwrap_or_default();
        let names = permissions.as_array().into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            if let Some(pair) = self.pairs.get(name) {
                capabilities.insert(*pair);
            }
        }
        Facts {
            capabilities,
            rest: raw,
        }
    }
}

fn insight(name: &str, value: Value, told: Option<&Value>) -> InsightDraft {
    let text = |key: &str| told.and_then(|told| told[key].as_str()).unwrap_or_default();
    InsightDraft {
        name: name.to_owned(),
        value,
        confidence: Confidence::parse(text("confidence")).unwrap_or_default(),
        evidence: Evidence {
            object: text("object").to_owned(),
            field: text("field").to_owned(),
            text: text("text").to_owned(),
        },
    }
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn taken(object: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match object.remove(key) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn member(object: &Map<String, Value>, key: &str) -> String {
    let text = object.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
