//! A draft closed into a graph.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::change::hash_of;
use super::draft::{EdgeDraft, GraphDraft, InsightDraft, NodeDraft};
use super::{Edge, EdgeNumber, EdgeText, Graph, Neighbours, Node, NodeNumber};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Criticality of a node of which nobody said any.
const NOT_RATED: u8 = 4;

/// Makes a graph of nodes and edges in the order they come, without collecting them first: all nodes, then all edges.
#[derive(Debug)]
pub struct GraphLoader<'a> {
    graph: Graph,
    sets: HashMap<CapabilitySet, u32>,
    vocabulary: &'a Vocabulary,
}

impl<'a> GraphLoader<'a> {
    /// Nothing yet.
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            graph: Graph {
                capability_sets: vec![CapabilitySet::EMPTY],
                ..Graph::default()
            },
            sets: HashMap::from([(CapabilitySet::EMPTY, 0)]),
            vocabulary,
        }
    }

    /// The next node; one whose id is there already is left out.
    pub fn node(&mut self, node: NodeDraft, insights: &[InsightDraft]) {
        if self.graph.numbers.contains_key(node.id.as_str()) {
            return;
        }
        let number = NodeNumber::try_from(self.graph.nodes.len()).unwrap_or(NodeNumber::MAX);
        self.graph.numbers.insert(node.id.as_str().into(), number);
        self.graph.push_node(node, insights, self.vocabulary);
    }

    /// The next edge; one of nodes that are not there is left out and counted.
    pub fn edge(&mut self, edge: EdgeDraft) {
        let (Some(source), Some(target)) =
            (self.graph.find(&edge.source), self.graph.find(&edge.target))
        else {
            self.graph.left_out += 1;
            return;
        };
        if source != target {
            self.graph.push_edge(edge, (source, target), &mut self.sets);
        }
    }

    /// The graph.
    pub fn finish(mut self) -> Graph {
        self.graph.neighbours = Neighbours::of(self.graph.nodes.len(), &self.graph.edges);
        self.graph
    }
}

impl Graph {
    /// The graph of a draft: nodes in order of id, edges in order of their ends, so that two runs agree.
    pub(super) fn of(draft: GraphDraft, vocabulary: &Vocabulary) -> Self {
        let GraphDraft {
            nodes,
            insights,
            aliases,
            mut edges,
        } = draft;
        let mut loader = GraphLoader::new(vocabulary);
        loader.graph.aliases = aliases;
        let mut ids: Vec<NodeDraft> = nodes.into_values().collect();
        ids.sort_by(|one, other| one.id.cmp(&other.id));
        for (number, node) in (0..).zip(&ids) {
            loader.graph.numbers.insert(node.id.as_str().into(), number);
        }
        let mut told = loader.graph.insights_by_node(insights);
        for (number, node) in (0..).zip(ids) {
            let insights = told.remove(&number).unwrap_or_default();
            loader.graph.push_node(node, &insights, vocabulary);
        }
        let order = loader.graph.order_of(&edges);
        for (source, target, place) in order {
            let edge = std::mem::take(&mut edges[place]);
            loader
                .graph
                .push_edge(edge, (source, target), &mut loader.sets);
        }
        loader.finish()
    }

    fn insights_by_node(
        &mut self,
        insights: Vec<(String, InsightDraft)>,
    ) -> HashMap<NodeNumber, Vec<InsightDraft>> {
        let mut told: HashMap<NodeNumber, Vec<InsightDraft>> = HashMap::new();
        for (id, insight) in insights {
            match self.find(&id) {
                Some(node) => told.entry(node).or_default().push(insight),
                None => self.left_out += 1,
            }
        }
        told
    }

    fn push_node(&mut self, node: NodeDraft, insights: &[InsightDraft], vocabulary: &Vocabulary) {
        let node = self.node_of(node, insights, vocabulary);
        self.nodes.push(node);
    }

    fn node_of(
        &mut self,
        node: NodeDraft,
        insights: &[InsightDraft],
        vocabulary: &Vocabulary,
    ) -> Node {
        let label = self.intern(&node.label);
        let mut raw = node.properties;
        let mut bits = 0;
        let mut criticality = NOT_RATED;
        let mut evidence = BTreeMap::new();
        for insight in best(insights) {
            let Some(bit) = vocabulary.insight(&insight.name) else {
                self.left_out += 1;
                continue;
            };
            if matches!(insight.value, Value::Null | Value::Bool(false)) {
                continue;
            }
            bits |= bit;
            if insight.name == "criticalityLevel" {
                criticality = level_of(&insight.value).unwrap_or(NOT_RATED);
            }
            raw.insert(insight.name.clone(), insight.value.clone());
            evidence.insert(insight.name.clone(), told(insight));
        }
        let mut properties = Map::new();
        properties.insert("rawData".to_owned(), Value::Object(raw));
        if !evidence.is_empty() {
            properties.insert("insights".to_owned(), json!(evidence));
        }
        let ids = node.entity_ids.iter();
        let ids: Vec<Value> = ids
            .map(|(kind, id)| json!({"type": kind, "id": id}))
            .collect();
        Node {
            id: node.id.into(),
            name: node.name.into(),
            categories: vocabulary.categories_of(&node.label),
            label,
            insights: bits,
            criticality,
            properties: Value::Object(properties).to_string().into(),
            entity_ids: Value::Array(ids).to_string().into(),
        }
    }

    /// Adds a node to a closed graph, or replaces the one of its id; its number where a search would see the difference.
    pub(super) fn put_node(
        &mut self,
        draft: NodeDraft,
        insights: &[InsightDraft],
        vocabulary: &Vocabulary,
    ) -> Option<NodeNumber> {
        let known = self.numbers.get(draft.id.as_str()).copied();
        let node = self.node_of(draft, insights, vocabulary);
        let Some(number) = known else {
            let number = NodeNumber::try_from(self.nodes.len()).ok()?;
            self.numbers.insert(node.id.clone(), number);
            self.nodes.push(node);
            return Some(number);
        };
        let facts = |node: &Node| (node.label, node.categories, node.insights, node.criticality);
        let before = &mut self.nodes[number as usize];
        let differs = facts(before) != facts(&node);
        *before = node;
        differs.then_some(number)
    }

    /// Leaves nothing of a node but its id and number.
    pub(super) fn clear_node(&mut self, number: NodeNumber) {
        let label = self.intern("");
        let node = &mut self.nodes[number as usize];
        node.label = label;
        node.categories = 0;
        node.insights = 0;
        node.criticality = NOT_RATED;
        node.properties = "{\"rawData\":{}}".into();
    }

    /// Both ends of each edge that has two, and its place, in order of ends, label and evidence. Places are sorted and
    /// not the edges, which are large.
    fn order_of(&mut self, edges: &[EdgeDraft]) -> Vec<(NodeNumber, NodeNumber, usize)> {
        let mut order = Vec::with_capacity(edges.len());
        for (place, edge) in edges.iter().enumerate() {
            match (self.find(&edge.source), self.find(&edge.target)) {
                (Some(source), Some(target)) if source != target => {
                    order.push((source, target, place));
                }
                (Some(_), Some(_)) => {}
                _ => self.left_out += 1,
            }
        }
        order.sort_by(|one, other| {
            let told = |place: usize| edge_order(&edges[place]);
            let ends = (one.0, one.1).cmp(&(other.0, other.1));
            ends.then_with(|| told(one.2).cmp(&told(other.2)))
        });
        order
    }

    /// Adds an edge to the arrays, not to the index; `None` where there are too many.
    fn push_edge(
        &mut self,
        edge: EdgeDraft,
        (source, target): (NodeNumber, NodeNumber),
        sets: &mut HashMap<CapabilitySet, u32>,
    ) -> Option<EdgeNumber> {
        let number = EdgeNumber::try_from(self.edges.len()).ok()?;
        let capabilities = *sets.entry(edge.capabilities).or_insert_with(|| {
            self.capability_sets.push(edge.capabilities);
            u32::try_from(self.capability_sets.len() - 1).unwrap_or_default()
        });
        let label = self.intern(&edge.label);
        self.edges.push(Edge {
            source,
            target,
            label,
            capabilities,
            confidence: edge.confidence,
        });
        self.stated.push(hash_of(&edge.evidence.object));
        let maker = self.maker(edge.maker);
        let properties = text_of(&edge.properties);
        self.edge_texts.push(EdgeText {
            maker,
            evidence: edge.evidence,
            properties: properties.into(),
        });
        self.gone.push(false);
        Some(number)
    }

    /// Adds an edge to a graph that is closed, for what-if questions and for what changed since.
    pub fn add_edge(&mut self, edge: EdgeDraft) -> Option<EdgeNumber> {
        let mut sets = (0..).zip(&self.capability_sets);
        let mut known: HashMap<CapabilitySet, u32> = HashMap::new();
        if let Some((number, set)) = sets.find(|(_, set)| **set == edge.capabilities) {
            known.insert(*set, number);
        }
        let (Some(source), Some(target)) = (self.find(&edge.source), self.find(&edge.target))
        else {
            self.left_out += 1;
            return None;
        };
        if source == target {
            return None;
        }
        let number = self.push_edge(edge, (source, target), &mut known)?;
        self.neighbours.add(number, &self.edges[number as usize]);
        Some(number)
    }

    /// The one text of that maker: there are few of them.
    fn maker(&mut self, name: String) -> Arc<str> {
        if let Some(known) = self.makers.get(&name) {
            return Arc::clone(known);
        }
        let text: Arc<str> = name.as_str().into();
        self.makers.insert(name, Arc::clone(&text));
        text
    }

    fn intern(&mut self, word: &str) -> u32 {
        if let Some(number) = self.word_numbers.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.to_owned());
        self.word_numbers.insert(word.to_owned(), number);
        number
    }
}

/// Properties as JSON text; empty where there are none.
pub(super) fn text_of(properties: &Map<String, Value>) -> String {
    if properties.is_empty() {
        return String::new();
    }
    json!(properties).to_string()
}

fn edge_order(edge: &EdgeDraft) -> (&str, &str, &str) {
    (&edge.label, &edge.evidence.object, &edge.evidence.field)
}

/// Of several of one name the surest; of two as sure the first.
fn best(insights: &[InsightDraft]) -> Vec<&InsightDraft> {
    let mut best: BTreeMap<&str, &InsightDraft> = BTreeMap::new();
    for insight in insights {
        let known = best.entry(&insight.name).or_insert(insight);
        if insight.confidence > known.confidence {
            *known = insight;
        }
    }
    best.into_values().collect()
}

fn told(insight: &InsightDraft) -> Value {
    json!({
        "confidence": insight.confidence.as_str(),
        "object": insight.evidence.object,
        "field": insight.evidence.field,
        "text": insight.evidence.text,
    })
}

/// The level out of `2` or `{"criticalityLevel": 2, "ruleNames": […]}`.
fn level_of(value: &Value) -> Option<u8> {
    let level = value
        .as_u64()
        .or_else(|| value["criticalityLevel"].as_u64())?;
    u8::try_from(level).ok().filter(|level| *level < NOT_RATED)
}
