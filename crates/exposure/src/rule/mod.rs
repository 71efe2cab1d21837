//! Attack-path rules: what must hold along a path, as files. `docs/attack-paths.md` has the format.

mod compile;
mod examples;
mod kql;
mod load;
mod nearest;
mod read;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use stance_model::Severity;

use crate::graph::Confidence;

pub use compile::RuleProblem;
pub use examples::{ExampleOutcome, run_rule_examples};
pub use load::{embedded_rules, load_rules};
pub use read::read_rule;
pub use rows::{PathRow, matches_from_rows};

/// A rule, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// Stable id; the file's name.
    pub name: String,
    /// Title for people.
    pub display_name: String,
    /// The story of one path; `{alias}` stands for the name of that node.
    pub description: String,
    /// What an attacker gains.
    #[serde(default)]
    pub impact: String,
    /// What makes it risky, in words for people: `Internet exposure`.
    #[serde(default)]
    pub risk_factors: BTreeSet<String>,
    /// How bad such a path is before its own facts are weighed.
    pub severity: Severity,
    /// Techniques of MITRE ATT&CK, `T1190`.
    #[serde(default)]
    pub attack: BTreeSet<String>,
    /// Techniques of MITRE ATLAS, `AML.T0049`.
    #[serde(default)]
    pub atlas: BTreeSet<String>,
    /// Nodes and the steps between them, in turn; empty where `query` says it.
    #[serde(default)]
    pub path: Vec<Element>,
    /// Side chains that must exist.
    #[serde(default)]
    pub also: Vec<SideChain>,
    /// Side chains that must not exist.
    #[serde(default)]
    pub unless: Vec<SideChain>,
    /// Alias of the node that is shown as entry point; `first`, `last` or an index where the rule is a query.
    pub entry: String,
    /// Alias of the node that is shown as target; as `entry` where the rule is a query.
    pub target: String,
    /// What to do about the step that enters a node, by the node's alias.
    #[serde(default)]
    pub remediation: BTreeMap<String, String>,
    /// The rule in KQL, instead of `path`: projects `Nodes` and `Edges`, lists of ids in order.
    #[serde(default)]
    pub query: Option<String>,
    /// What it must and must not find.
    #[serde(default)]
    pub examples: Vec<RuleExample>,
}

impl Rule {
    /// The capabilities that the step before a named node of the path asks for; none where it asks for none.
    pub fn capabilities_before(&self, alias: &str) -> &[String] {
        let mut asked: &[String] = &[];
        for element in &self.path {
            match element {
                Element::Can(can) => asked = &can.capabilities,
                Element::Edge(edge) => asked = &edge.grants,
                Element::Node(node) if node.alias == alias => return asked,
                Element::Node(_) => {}
            }
        }
        &[]
    }

    /// Whether the step before a named node asks what an edge grants, on whatever type.
    pub fn asks_for_grants_before(&self, alias: &str) -> bool {
        self.path.windows(2).any(|pair| match pair {
            [Element::Edge(edge), Element::Node(node)] => {
                node.alias == alias && !edge.grants.is_empty()
            }
            _ => false,
        })
    }
}

/// A chain beside the path, from one of its nodes.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SideChain {
    /// As the rule's path; the first node names a node of that path, the others are its own.
    pub path: Vec<Element>,
}

/// One element of a path.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "read::ElementText")]
pub enum Element {
    /// A node.
    Node(NodeMatcher),
    /// An edge, or several in a row.
    Edge(EdgeStep),
    /// A permission on the node or on something that contains it.
    Can(CanStep),
}

/// What a node must be. What is left empty asks for nothing.
#[derive(Debug, Clone, Default)]
pub struct NodeMatcher {
    /// Its name in the rule.
    pub alias: String,
    /// Categories, one of which it has.
    pub is: Vec<String>,
    /// Labels, one of which it has; lower case.
    pub label: Vec<String>,
    /// Insights, all of which it has.
    pub has: Vec<String>,
    /// Insights, none of which it has.
    pub lacks: Vec<String>,
    /// Criticality that it has at most: 0 very high to 3 low.
    pub criticality: Option<u8>,
}

/// Edges of a label.
#[derive(Debug, Clone)]
pub struct EdgeStep {
    /// Labels, any of which will do; case is ignored.
    pub labels: Vec<String>,
    /// Fewest and most edges in a row.
    pub repeat: (u8, u8),
    /// The edge is walked against its arrow.
    pub back: bool,
    /// How sure it must be at least.
    pub confidence: Confidence,
    /// Capabilities, one of which each edge grants on a type; any edge where there are none.
    pub grants: Vec<String>,
}

/// A permission.
#[derive(Debug, Clone)]
pub struct CanStep {
    /// Capabilities, any of which will do.
    pub capabilities: Vec<String>,
    /// How sure the permission must be at least.
    pub confidence: Confidence,
}

/// One example of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleExample {
    /// What it shows.
    pub name: String,
    /// Whether there is a path.
    #[serde(rename = "match")]
    pub matches: bool,
    /// The nodes, by a short id.
    pub nodes: BTreeMap<String, ExampleNode>,
    /// The edges: `mi -[has permissions to: read data, write data (low)]-> docs`.
    #[serde(default)]
    pub edges: Vec<String>,
    /// Exactly these `entry -> target`; any where left out.
    #[serde(default)]
    pub expect: Option<BTreeSet<String>>,
}

/// A node of an example.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExampleNode {
    /// Its label.
    pub label: String,
    /// Its insights.
    #[serde(default)]
    pub has: BTreeSet<String>,
    /// Its criticality, 0 to 3.
    #[serde(default)]
    pub criticality: Option<u8>,
}
