//! A pattern as KQL, for people to read and change, and for tests that hold the search and the engine against each other.
//!
//! A permission step becomes a table of edges of its own, from holder to what it may touch, because the scope that it
//! reaches through is no station of the path. Side chains become lists of node ids.

use std::fmt::Write as _;

use super::compile::nodes_of;
use super::{CanStep, EdgeStep, Element, NodeMatcher, SideChain};
use crate::graph::{Confidence, labels};
use crate::search::Pattern;
use crate::search::view::DEEPEST;

/// What every query starts from.
const NODES: &str = "ExposureGraphNodes on NodeId";

/// A chain as `graph-match` wants it.
#[derive(Default)]
struct MatchText {
    /// `(a)-[s1]->(b)`.
    shape: String,
    conditions: Vec<String>,
    /// Lists whose concatenation is the nodes in order.
    nodes: Vec<String>,
    edges: Vec<String>,
}

/// The statements before the query.
#[derive(Default)]
struct Statements {
    text: String,
    /// Names of the tables of permission edges.
    permissions: Vec<String>,
}

impl Pattern {
    /// A query over `ExposureGraphNodes` and `ExposureGraphEdges` that gives a row for every route: `Entry` and `Target`,
    /// `Nodes` (ids of the nodes that count as met, in order) and `Edges` (ids; of a permission that of the assignment).
    pub fn to_kql(&self) -> String {
        let rule = &self.rule;
        let mut statements = Statements::default();
        let main = statements.chain(&rule.path);
        let mut filters = String::new();
        let also = rule.also.iter().map(|side| (side, "in"));
        let unless = rule.unless.iter().map(|side| (side, "!in"));
        for (number, (side, operator)) in also.chain(unless).enumerate() {
            let alias = nodes_of(&side.path).next().map_or("", |node| &node.alias);
            let name = statements.side(number, side);
            let _ = writeln!(filters, "| where {} {operator} ({name})", column(alias));
        }
        let columns = self.aliases.iter();
        let columns: Vec<String> = columns
            .map(|alias| format!("{}={}.NodeId", column(alias), node_name(alias)))
            .collect();
        format!(
            "{}{}{}    project {},\n            Nodes=array_concat({}), Edges={}\n{filters}| project Entry={}, Target={}, Nodes, Edges\n",
            statements.text,
            statements.graph(),
            main.text(),
            columns.join(", "),
            main.nodes.join(", "),
            list_of(&main.edges),
            column(&rule.entry),
            column(&rule.target),
        )
    }
}

fn list_of(lists: &[String]) -> String {
    if lists.is_empty() {
        return "dynamic([])".to_owned();
    }
    format!("array_concat({})", lists.join(", "))
}

fn node_name(alias: &str) -> String {
    format!("node_{alias}")
}

fn column(alias: &str) -> String {
    format!("id_{alias}")
}

impl MatchText {
    fn text(&self) -> String {
        let mut text = format!("| graph-match cycles=none {}\n", self.shape);
        for (number, condition) in self.conditions.iter().enumerate() {
            let word = if number == 0 { "where" } else { "  and" };
            let _ = writeln!(text, "    {word} {condition}");
        }
        text
    }
}

impl Statements {
    /// The graph with the edges of all permission steps so far.
    fn graph(&self) -> String {
        let mut edges = "ExposureGraphEdges".to_owned();
        if !self.permissions.is_empty() {
            edges = format!("union ExposureGraphEdges, {}", self.permissions.join(", "));
        }
        format!("{edges}\n| make-graph SourceNodeId --> TargetNodeId with {NODES}\n")
    }

    fn chain(&mut self, elements: &[Element]) -> MatchText {
        let mut chain = MatchText::default();
        for (at, element) in elements.iter().enumerate() {
            match element {
                Element::Node(node) => {
                    let name = node_name(&node.alias);
                    let _ = write!(chain.shape, "({name})");
                    chain.conditions.extend(conditions(&name, node));
                    chain.nodes.push(format!("pack_array({name}.NodeId)"));
                }
                Element::Edge(step) => edge(&mut chain, &format!("step_{at}"), step),
                Element::Can(step) => {
                    let after = nodes_of(&elements[at..]).next();
                    let label = self.permission(step, after);
                    let name = format!("step_{at}");
                    let _ = write!(chain.shape, "-[{name}]->");
                    chain
                        .conditions
                        .push(format!("{name}.EdgeLabel == {}", quoted(&label)));
                    chain.edges.push(format!("pack_array({name}.EdgeId)"));
                }
            }
        }
        chain
    }

    /// A list of the nodes at which a side chain starts; its name.
    fn side(&mut self, number: usize, side: &SideChain) -> String {
        let chain = self.chain(&side.path);
        let root = nodes_of(&side.path).next().map_or("", |node| &node.alias);
        let name = format!("Side{number}");
        let graph = self.graph();
        let _ = writeln!(
            self.text,
            "let {name} = {graph}{}    project Root={}.NodeId\n| distinct Root;",
            chain.text(),
            node_name(root),
        );
        name
    }

    /// A table of edges from whoever has a capability to what they have it on; their label.
    fn permission(&mut self, step: &CanStep, after: Option<&NodeMatcher>) -> String {
        let number = self.permissions.len();
        let name = format!("Can{number}");
        let permissions = "grant.EdgeProperties.rawData.permissions";
        let capability = |name: &String| {
            let (own, any) = (quoted(&format!("{name}: ")), quoted(&format!("{name}: *")));
            format!(
                "set_has_element({permissions}, strcat({own}, held.NodeLabel)) or set_has_element({permissions}, {any})"
            )
        };
        let capabilities: Vec<String> = step.capabilities.iter().map(capability).collect();
        let mut all = vec![
            format!("grant.EdgeLabel =~ {}", quoted(labels::HAS_PERMISSIONS_TO)),
            format!("inside.EdgeLabel =~ {}", quoted(labels::CONTAINS)),
            format!("({})", capabilities.join(" or ")),
        ];
        all.extend(sure("grant", step.confidence));
        if let Some(node) = after {
            all.extend(conditions("held", node));
        }
        let chain = MatchText {
            shape: format!("(holder)-[grant]->(scope)-[inside*0..{DEEPEST}]->(held)"),
            conditions: all,
            ..MatchText::default()
        };
        let text = chain.text().replace(" cycles=none", "");
        let label = format!("can {number}");
        let _ = writeln!(
            self.text,
            "let {name} = ExposureGraphEdges\n| make-graph SourceNodeId --> TargetNodeId with {NODES}\n{text}    project SourceNodeId=holder.NodeId, TargetNodeId=held.NodeId, EdgeId=grant.EdgeId\n| distinct SourceNodeId, TargetNodeId, EdgeId\n| extend EdgeLabel={};",
            quoted(&label),
        );
        self.permissions.push(name);
        label
    }
}

fn edge(chain: &mut MatchText, name: &str, step: &EdgeStep) {
    let (least, most) = step.repeat;
    let (left, right) = if step.back { ("<-", "-") } else { ("-", "->") };
    let labels: Vec<String> = step.labels.iter().map(|label| quoted(label)).collect();
    let labels = format!("{name}.EdgeLabel in~ ({})", labels.join(", "));
    chain.conditions.push(labels);
    chain.conditions.extend(sure(name, step.confidence));
    if !step.grants.is_empty() {
        let permissions = format!("tostring({name}.EdgeProperties.rawData.permissions)");
        let grant = |word: &String| {
            let begins = quoted(&format!("\"{word}: "));
            format!("{permissions} contains_cs {begins}")
        };
        let any: Vec<String> = step.grants.iter().map(grant).collect();
        chain.conditions.push(format!("({})", any.join(" or ")));
    }
    if step.repeat == (1, 1) {
        let _ = write!(chain.shape, "{left}[{name}]{right}");
        chain.edges.push(format!("pack_array({name}.EdgeId)"));
        return;
    }
    let _ = write!(chain.shape, "{left}[{name}*{least}..{most}]{right}");
    chain
        .nodes
        .push(format!("map(inner_nodes({name}), NodeId)"));
    chain.edges.push(format!("map({name}, EdgeId)"));
}

/// That an edge is sure enough.
fn sure(name: &str, least: Confidence) -> Option<String> {
    let enough = match least {
        Confidence::Low => return None,
        Confidence::Medium => "'medium', 'high'",
        Confidence::High => "'high'",
    };
    Some(format!(
        "tostring({name}.EdgeProperties.confidence) in ({enough})"
    ))
}

fn conditions(name: &str, node: &NodeMatcher) -> Vec<String> {
    let mut all = Vec::new();
    if !node.is.is_empty() {
        let category =
            |word: &String| format!("set_has_element({name}.Categories, {})", quoted(word));
        let any: Vec<String> = node.is.iter().map(category).collect();
        all.push(format!("({})", any.join(" or ")));
    }
    if !node.label.is_empty() {
        let any: Vec<String> = node.label.iter().map(|label| quoted(label)).collect();
        all.push(format!("{name}.NodeLabel in~ ({})", any.join(", ")));
    }
    let raw = format!("{name}.NodeProperties.rawData");
    all.extend(
        node.has
            .iter()
            .map(|word| format!("isnotnull({raw}.{word})")),
    );
    all.extend(
        node.lacks
            .iter()
            .map(|word| format!("isnull({raw}.{word})")),
    );
    if let Some(most) = node.criticality {
        let level = format!("{raw}.criticalityLevel");
        all.push(format!(
            "coalesce(toint({level}.criticalityLevel), toint({level})) <= {most}"
        ));
    }
    all
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
