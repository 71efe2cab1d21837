//! What the writers of this module are given. Texts come from strangers and are not safe yet.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Attack paths of one evaluation, worst first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathsReport {
    /// What limits cut off, each as a sentence; empty where nothing was. Every format shows them.
    pub bounded: Vec<String>,
    /// When the paths were evaluated.
    pub generated_at: DateTime<Utc>,
    /// The paths.
    pub paths: Vec<PathView>,
}

/// One way from an entry to a target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathView {
    /// Stays the same from one evaluation to the next.
    pub id: String,
    /// The rule's own name, such as `internet-openai-sensitive-store`; empty where nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rule: String,
    /// The name of the rule, filled in.
    pub name: String,
    /// What the rule looks for.
    pub description: String,
    /// The path told in plain words.
    pub story: String,
    /// What an attacker gains.
    pub impact: String,
    /// `Critical`, `High`, `Medium`, `Low` or `Not evaluated`.
    pub risk_level: String,
    /// From 0 to 100.
    pub risk_score: f64,
    /// What each factor adds to the score.
    pub shares: Vec<ShareView>,
    /// Factors by name, such as `Internet exposure`.
    pub risk_factors: Vec<String>,
    /// MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// MITRE ATLAS techniques.
    pub atlas: Vec<String>,
    /// Where it starts.
    pub entry: NodeView,
    /// What it reaches.
    pub target: NodeView,
    /// In the order in which they are taken.
    pub steps: Vec<StepView>,
    /// What the steps run between.
    pub nodes: Vec<NodeView>,
    /// Other ways between the same entry and target that are not listed.
    pub alternatives: u32,
    /// Findings on the way.
    pub findings: Vec<FindingView>,
    /// When it was first seen, as a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<String>,
}

/// What one factor adds to a score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShareView {
    /// The factor's name.
    pub factor: String,
    /// Why it counts here.
    pub text: String,
    /// Points of the score.
    pub points: f64,
}

/// A node of the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// The id in the graph; nodes with one id are one node.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its resource type, such as `microsoft.keyvault/vaults`.
    pub label: String,
    /// `Azure`, `AWS`, `Google` or nothing.
    pub cloud: String,
    /// The category of `content/graph/kinds.yaml` that says best what it is, such as `secret_store`; chooses the icon.
    pub category: String,
    /// Facts by key or name, such as `exposedToInternet`.
    pub insights: Vec<String>,
}

/// One step of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// Index into [`PathView::nodes`].
    pub from: usize,
    /// Index into [`PathView::nodes`].
    pub to: usize,
    /// The edge's label, such as `can authenticate as`.
    pub label: String,
    /// What was read that makes the edge.
    pub evidence_text: String,
    /// Where it was read: a resource id and field.
    pub evidence_source: String,
    /// How sure the edge is.
    pub confidence: Confidence,
    /// What takes the step away.
    pub remediation: String,
}

/// How sure a step is. The order is from least to most.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Confidence {
    /// A guess from a name, or a right that must first be activated.
    Low,
    /// Holds under conditions that were not evaluated.
    Medium,
    /// Follows from what was collected.
    #[default]
    High,
}

impl Confidence {
    /// The name, as JSON has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// A finding on a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// The finding's id.
    pub id: String,
    /// The recommendation's title.
    pub title: String,
    /// `Critical` to `Low`.
    pub severity: String,
    /// The resource it is about.
    pub resource_name: String,
    /// What it contributes to this path.
    pub contribution: String,
    /// True where mending it closes the path.
    pub breaks_path: bool,
}

impl PathsReport {
    /// How many paths mending each finding would close, for those that close any.
    pub fn closed_by(&self) -> std::collections::BTreeMap<&str, usize> {
        let mut closed = std::collections::BTreeMap::new();
        for path in &self.paths {
            let ids: std::collections::BTreeSet<&str> = path
                .findings
                .iter()
                .filter(|finding| finding.breaks_path)
                .map(|finding| finding.id.as_str())
                .collect();
            for id in ids {
                *closed.entry(id).or_default() += 1;
            }
        }
        closed
    }
}

impl PathView {
    /// The least sure of its steps; a path is no surer than that.
    pub fn confidence(&self) -> Confidence {
        let steps = self.steps.iter().map(|step| step.confidence);
        steps.min().unwrap_or_default()
    }

    /// The two ends of a step, where its indices are right.
    pub fn ends(&self, step: &StepView) -> Option<(&NodeView, &NodeView)> {
        Some((self.nodes.get(step.from)?, self.nodes.get(step.to)?))
    }
}
