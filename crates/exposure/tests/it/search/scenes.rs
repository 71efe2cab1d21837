//! Small random graphs and rules.

use std::fmt::Write as _;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use stance_exposure::rule::{Rule, read_rule};
use stance_exposure::{
    CapabilitySet, Confidence, EdgeDraft, Evidence, Graph, GraphDraft, InsightDraft, NodeDraft,
    Vocabulary, labels,
};

/// One with each of two capabilities, two without any.
pub(crate) const LABELS: [&str; 4] = [
    "microsoft.storage/storageaccounts",
    "aws::s3::bucket",
    "managed identity",
    "ai-agent",
];
const INSIGHTS: [&str; 2] = ["containsSensitiveData", "isGuarded"];
const EDGES: [&str; 4] = [
    labels::USES,
    labels::TRIGGERS,
    labels::CONTAINS,
    labels::HAS_PERMISSIONS_TO,
];

/// A node: which label, which insights.
#[derive(Debug, Clone)]
pub(crate) struct SceneNode {
    pub(crate) label: usize,
    pub(crate) insights: [bool; 2],
}

/// An edge: from, to, which label, how sure, which capabilities.
#[derive(Debug, Clone)]
pub(crate) struct SceneEdge {
    pub(crate) source: usize,
    pub(crate) target: usize,
    pub(crate) label: usize,
    pub(crate) confidence: Confidence,
    pub(crate) capabilities: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) nodes: Vec<SceneNode>,
    pub(crate) edges: Vec<SceneEdge>,
}

pub(crate) fn words() -> &'static Vocabulary {
    static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| Vocabulary::embedded().unwrap());
    &WORDS
}

fn capabilities(number: usize, words: &Vocabulary) -> CapabilitySet {
    let read = words.capability("read data").unwrap();
    let on = |label: usize| read.and(words.on_label(LABELS[label]));
    match number {
        0 => on(0),
        1 => on(1),
        _ => on(0).or(on(1)),
    }
}

impl SceneNode {
    pub(crate) fn draft(&self, id: &str, draft: &mut GraphDraft) {
        draft.node(NodeDraft {
            id: id.to_owned(),
            label: LABELS[self.label].to_owned(),
            ..NodeDraft::default()
        });
        for (name, has) in INSIGHTS.iter().zip(self.insights) {
            draft.insight(
                id,
                InsightDraft {
                    name: (*name).to_owned(),
                    value: Value::Bool(has),
                    ..InsightDraft::default()
                },
            );
        }
    }
}

impl SceneEdge {
    /// `stated_by` is the object of its evidence.
    pub(crate) fn draft(&self, number: usize, stated_by: &str, words: &Vocabulary) -> EdgeDraft {
        let contains = EDGES[self.label] == labels::CONTAINS;
        let permission = EDGES[self.label] == labels::HAS_PERMISSIONS_TO;
        EdgeDraft {
            label: EDGES[self.label].to_owned(),
            source: format!("n{}", self.source),
            target: format!("n{}", self.target),
            evidence: Evidence {
                object: stated_by.to_owned(),
                field: format!("edge {number}"),
                ..Evidence::default()
            },
            // Containment is never in doubt.
            confidence: if contains {
                Confidence::High
            } else {
                self.confidence
            },
            capabilities: if permission {
                capabilities(self.capabilities, words)
            } else {
                CapabilitySet::EMPTY
            },
            ..EdgeDraft::default()
        }
    }
}

impl Scene {
    pub(crate) fn draft(&self, words: &Vocabulary) -> GraphDraft {
        let mut draft = GraphDraft::new();
        for (number, node) in self.nodes.iter().enumerate() {
            node.draft(&format!("n{number}"), &mut draft);
        }
        for (number, edge) in self.edges.iter().enumerate() {
            draft.edge(edge.draft(number, &format!("n{}", edge.source), words));
        }
        draft
    }

    pub(crate) fn graph(&self, words: &Vocabulary) -> Graph {
        self.draft(words).close(words)
    }
}

pub(crate) fn node() -> impl Strategy<Value = SceneNode> {
    (0..LABELS.len(), any::<[bool; 2]>())
        .prop_map(|(label, insights)| SceneNode { label, insights })
}

pub(crate) fn edge(nodes: usize) -> impl Strategy<Value = SceneEdge> {
    let confidence = select(vec![Confidence::Low, Confidence::Medium, Confidence::High]);
    (0..nodes, 0..nodes, 0..EDGES.len(), confidence, 0..3usize).prop_map(
        |(source, target, label, confidence, capabilities)| SceneEdge {
            source,
            target,
            label,
            confidence,
            capabilities,
        },
    )
}

pub(crate) fn scene() -> impl Strategy<Value = Scene> {
    (2..8usize).prop_flat_map(|count| {
        let nodes = proptest::collection::vec(node(), count);
        let edges = proptest::collection::vec(edge(count), 0..22);
        (nodes, edges).prop_map(|(nodes, edges)| Scene { nodes, edges })
    })
}

/// What a node asks for, most often nothing.
fn asked() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        "",
        "",
        ", is: [data]",
        ", is: [identity, ai_agent]",
        ", label: [aws::s3::bucket]",
        ", has: [containsSensitiveData]",
        ", lacks: [isGuarded]",
    ])
}

fn step() -> impl Strategy<Value = &'static str> {
    select(vec![
        "edge: [uses]",
        "edge: [Uses, triggers]",
        "edge: [uses, triggers, contains], confidence: medium",
        "edge: [triggers], back: true",
        "edge: [uses, triggers], repeat: 1..3",
        "edge: [uses, triggers], repeat: 0..2",
        "edge: [contains], repeat: 0..2, back: true",
        "edge: [uses, has permissions to], repeat: 2",
        "can: [read data]",
        "can: [read data]",
        "can: [read data], confidence: high",
    ])
}

/// A chain in YAML whose nodes are `PREFIX0`, `PREFIX1`, …; or `root` and these.
fn chain(
    prefix: &'static str,
    root: Option<usize>,
    steps: std::ops::Range<usize>,
) -> impl Strategy<Value = (String, usize)> {
    let steps = proptest::collection::vec((step(), asked()), steps);
    (asked(), steps).prop_map(move |(first, steps)| {
        let name = match root {
            Some(root) => format!("a{root}"),
            None => format!("{prefix}0"),
        };
        let mut text = format!("[{{node: {name}{first}}}");
        for (number, (step, asked)) in steps.iter().enumerate() {
            let _ = write!(
                text,
                ", {{{step}}}, {{node: {prefix}{}{asked}}}",
                number + 1
            );
        }
        (text + "]", steps.len())
    })
}

/// A rule; `sides` whether it may have side chains.
pub(crate) fn rule(sides: bool) -> impl Strategy<Value = Rule> {
    let most = if sides { 2 } else { 1 };
    let chance = move |prefix| {
        proptest::collection::vec(
            (any::<prop::sample::Index>(), chain(prefix, Some(0), 1..3)),
            0..most,
        )
    };
    let main = chain("a", None, 0..4);
    let places = any::<[prop::sample::Index; 2]>();
    (main, places, chance("b"), chance("c")).prop_map(move |(main, places, also, unless)| {
        let (path, steps) = main;
        let place = |index: prop::sample::Index| index.index(steps + 1);
        let mut text = format!(
            "{{name: r, displayName: R, description: d, severity: Low, path: {path}, entry: a{}, target: a{}",
            place(places[0]),
            place(places[1]),
        );
        let sides = if sides { [("also", also), ("unless", unless)] } else { [("also", vec![]), ("unless", vec![])] };
        for (key, chains) in sides {
            for (root, (chain, _)) in chains {
                let chain = chain.replacen("node: a0", &format!("node: a{}", place(root)), 1);
                let _ = write!(text, ", {key}: [{{path: {chain}}}]");
            }
        }
        read_rule(&(text + "}")).unwrap()
    })
}
