//! The examples of a rule, run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Rule, RuleExample};
use crate::graph::{Confidence, EdgeDraft, Evidence, Graph, GraphDraft, InsightDraft, NodeDraft};
use crate::search::{Limits, Pattern, search};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// What became of one example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// Its name.
    pub name: String,
    /// The `entry -> target` that were found.
    pub found: BTreeSet<String>,
    /// What is wrong; `None` where it came out as the rule says.
    pub problem: Option<String>,
}

/// Runs every example of a rule. Of a rule in KQL it only says that an engine has to.
pub fn run_rule_examples(rule: &Rule, vocabulary: &Vocabulary) -> Vec<ExampleOutcome> {
    let pattern = rule.compile(vocabulary).map_err(|error| error.to_string());
    let examples = rule.examples.iter();
    examples
        .map(|example| {
            let found = pattern.as_ref().map_err(Clone::clone).and_then(|pattern| {
                let graph = example.graph(vocabulary)?;
                Ok(pairs(&graph, pattern))
            });
            match found {
                Ok(found) => ExampleOutcome {
                    name: example.name.clone(),
                    problem: example.judge(&found),
                    found,
                },
                Err(problem) => ExampleOutcome {
                    name: example.name.clone(),
                    found: BTreeSet::new(),
                    problem: Some(problem),
                },
            }
        })
        .collect()
}

fn pairs(graph: &Graph, pattern: &Pattern) -> BTreeSet<String> {
    let found = search(graph, pattern, &Limits::default(), &|| false);
    let matches = found.matches.iter();
    matches
        .map(|one| {
            format!(
                "{} -> {}",
                graph.node(one.entry).id,
                graph.node(one.target).id
            )
        })
        .collect()
}

impl RuleExample {
    fn judge(&self, found: &BTreeSet<String>) -> Option<String> {
        let list = || found.iter().cloned().collect::<Vec<_>>().join(", ");
        if self.matches && found.is_empty() {
            return Some("no path was found".to_owned());
        }
        if !self.matches && !found.is_empty() {
            return Some(format!("found {}, and there should be none", list()));
        }
        let expected = self.expect.as_ref()?;
        if expected == found {
            return None;
        }
        let wanted = expected.iter().cloned().collect::<Vec<_>>().join(", ");
        Some(format!("found {}, expected {wanted}", list()))
    }

    /// The graph that the example describes.
    ///
    /// # Errors
    /// A node, insight or edge that cannot be read; the text says which.
    pub fn graph(&self, vocabulary: &Vocabulary) -> Result<Graph, String> {
        let mut draft = GraphDraft::new();
        for (id, node) in &self.nodes {
            draft.node(NodeDraft {
                id: id.clone(),
                label: node.label.clone(),
                name: id.clone(),
                ..NodeDraft::default()
            });
            let level = node
                .criticality
                .map(|level| ("criticalityLevel", json!(level)));
            let facts = node
                .has
                .iter()
                .map(|name| (name.as_str(), Value::Bool(true)));
            for (name, value) in facts.chain(level) {
                if vocabulary.insight(name).is_none() {
                    return Err(format!("node `{id}`: insight `{name}` is not known"));
                }
                draft.insight(
                    id,
                    InsightDraft {
                        name: name.to_owned(),
                        value,
                        ..InsightDraft::default()
                    },
                );
            }
        }
        for (number, text) in self.edges.iter().enumerate() {
            draft.edge(edge(number, text, &self.nodes, vocabulary)?);
        }
        Ok(draft.close(vocabulary))
    }
}

/// Reads `source -[label: capability, capability (confidence)]-> target`.
fn edge<N>(
    number: usize,
    text: &str,
    nodes: &BTreeMap<String, N>,
    vocabulary: &Vocabulary,
) -> Result<EdgeDraft, String> {
    let shape = || format!("edge `{text}`: written `a -[label: capability (confidence)]-> b`");
    let (source, rest) = text.split_once("-[").ok_or_else(shape)?;
    let (inside, target) = rest.split_once("]->").ok_or_else(shape)?;
    for end in [source, target].map(str::trim) {
        if !nodes.contains_key(end) {
            return Err(format!("edge `{text}`: no node is called `{end}`"));
        }
    }
    let (inside, confidence) = match inside.trim().strip_suffix(')') {
        Some(before) => {
            let (before, word) = before.rsplit_once('(').ok_or_else(shape)?;
            (before, Confidence::parse(word.trim()).ok_or_else(shape)?)
        }
        None => (inside, Confidence::High),
    };
    let (label, names) = inside.split_once(':').unwrap_or((inside, ""));
    let mut capabilities = CapabilitySet::EMPTY;
    for name in names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let pairs = vocabulary
            .capability(name)
            .ok_or_else(|| format!("edge `{text}`: capability `{name}` is not known"))?;
        capabilities = capabilities.or(pairs);
    }
    Ok(EdgeDraft {
        label: label.trim().to_owned(),
        source: source.trim().to_owned(),
        target: target.trim().to_owned(),
        maker: "example".to_owned(),
        evidence: Evidence {
            object: format!("edge {number}"),
            ..Evidence::default()
        },
        confidence,
        capabilities,
        ..EdgeDraft::default()
    })
}
