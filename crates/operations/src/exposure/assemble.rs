//! What a search found, put into words and joined with findings.

use sha2::{Digest, Sha256};
use stance_base::hex;
use stance_exposure::graph::{EdgeNumber, NodeNumber, labels};
use stance_exposure::path::{Match, capabilities, sentence};
use stance_exposure::rule::Rule;
use stance_exposure::search::Pattern;
use stance_exposure::{Confidence, Effects, Graph, Vocabulary};
use stance_posture::risk::Risk;

use super::contributions::fix_of;
use super::findings::Findings;
use super::record::{PathNode, PathRecord, PathStep};
use super::template::{filled, place};

/// What every path is assembled from.
#[derive(Clone, Copy)]
pub(crate) struct Assembly<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Its words.
    pub vocabulary: &'a Vocabulary,
    /// What mending changes.
    pub effects: &'a Effects,
    /// Findings by resource.
    pub findings: &'a Findings,
}

/// 32 hex digits over rule, entry and target.
pub(crate) fn path_id(rule: &str, entry: &str, target: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [rule, entry, target] {
        hasher.update(part);
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..16])
}

impl Assembly<'_> {
    /// The record of a match; its risk is put in later, when all paths are known.
    pub(crate) fn record(
        &self,
        rule: &Rule,
        pattern: Option<&Pattern>,
        found: &Match,
    ) -> PathRecord {
        let graph = self.graph;
        let (entry, target) = (found.entry, found.target);
        let position = |node| found.nodes.iter().position(|one| *one == node).unwrap_or(0);
        let names = |alias: &str| {
            let at = aliases(pattern).iter().position(|one| one == alias)?;
            let node = found.nodes.get(*found.aliases.get(at)?)?;
            Some(graph.node(*node).name.to_string())
        };
        let steps = self.steps(rule, pattern, found);
        let (subscription, cloud) = place(&graph.node(target).id);
        PathRecord {
            id: path_id(&rule.name, &graph.node(entry).id, &graph.node(target).id),
            rule: rule.name.clone(),
            display_name: rule.display_name.clone(),
            description: filled(&rule.description, &names),
            story: self.story(rule, pattern, found),
            impact: filled(&rule.impact, &names),
            risk: Risk::default(),
            risk_factors: rule.risk_factors.iter().cloned().collect(),
            severity: rule.severity.as_str().to_owned(),
            confidence: found.confidence.as_str().to_owned(),
            entry: position(entry),
            target: position(target),
            nodes: found.nodes.iter().map(|node| self.node(*node)).collect(),
            steps,
            alternatives: u64::from(found.alternatives),
            route_fixes: found
                .routes
                .iter()
                .map(|route| self.fixes(pattern, found, route))
                .collect(),
            findings: self.findings(pattern, found),
            attack: rule.attack.iter().cloned().collect(),
            atlas: rule.atlas.iter().cloned().collect(),
            first_seen: String::new(),
            subscription,
            cloud,
        }
    }

    fn node(&self, number: NodeNumber) -> PathNode {
        let node = self.graph.node(number);
        let categories = self.vocabulary.categories().iter().enumerate();
        let insights = self.vocabulary.insights().iter().enumerate();
        PathNode {
            id: node.id.to_string(),
            name: node.name.to_string(),
            label: self.graph.word(node.label).to_owned(),
            categories: categories
                .filter(|(bit, _)| node.categories & (1 << bit) != 0)
                .map(|(_, name)| name.clone())
                .collect(),
            insights: insights
                .filter(|(bit, _)| node.insights & (1 << bit) != 0)
                .map(|(_, word)| word.display_name.clone())
                .collect(),
        }
    }

    fn steps(&self, rule: &Rule, pattern: Option<&Pattern>, found: &Match) -> Vec<PathStep> {
        let graph = self.graph;
        let walked = found.edges.iter().enumerate();
        walked
            .map(|(at, number)| {
                let edge = graph.edge(*number);
                let text = graph.edge_text(*number);
                let advice =
                    alias_from(pattern, found, at).and_then(|alias| rule.remediation.get(alias));
                PathStep {
                    edge_id: graph.edge_id(*number),
                    from: at,
                    to: at + 1,
                    back: found.nodes.get(at) != Some(&edge.source),
                    label: graph.word(edge.label).to_owned(),
                    source: text.maker.to_string(),
                    evidence: fix_of(graph, *number),
                    text: self.step_text(*number, &self.used(rule, pattern, found, at)),
                    confidence: edge.confidence.as_str().to_owned(),
                    remediation: advice.cloned().unwrap_or_default(),
                }
            })
            .collect()
    }

    /// What the evidence says; of permissions also what they allow.
    fn step_text(&self, number: EdgeNumber, used: &str) -> String {
        let said = &self.graph.edge_text(number).evidence.text;
        let edge = self.graph.edge(number);
        if self.graph.word(edge.label) != labels::HAS_PERMISSIONS_TO {
            return said.clone();
        }
        let may = if used.is_empty() {
            capabilities(self.graph, self.vocabulary, number)
        } else {
            used.to_owned()
        };
        if said.is_empty() {
            return may;
        }
        format!("{said} ({may})")
    }

    /// What the rule wants of the permission that a step is: the capabilities that it asks for and the edge grants on the
    /// node that the step leads to.
    fn used(&self, rule: &Rule, pattern: Option<&Pattern>, found: &Match, step: usize) -> String {
        let (Some(alias), Some(edge)) = (alias_from(pattern, found, step), found.edges.get(step))
        else {
            return String::new();
        };
        let place = aliases(pattern).iter().position(|one| one == alias);
        let node = place.and_then(|place| found.nodes.get(*found.aliases.get(place)?));
        let Some(node) = node else {
            return String::new();
        };
        let label = self.graph.word(self.graph.node(*node).label);
        let asked = rule.capabilities_before(alias);
        let all = self.graph.capabilities(self.graph.edge(*edge));
        let granted = if rule.asks_for_grants_before(alias) {
            all
        } else {
            all.and(self.vocabulary.on_label(label))
        };
        let used = asked.iter().filter(|name| {
            let of_name = self.vocabulary.capability(name).unwrap_or_default();
            !of_name.and(granted).is_empty()
        });
        used.cloned().collect::<Vec<_>>().join(", ")
    }

    fn story(&self, rule: &Rule, pattern: Option<&Pattern>, found: &Match) -> String {
        let sentences = found.edges.iter().enumerate().map(|(at, number)| {
            let used = self.used(rule, pattern, found, at);
            let told = sentence(self.graph, self.vocabulary, *number, &used);
            let doubt = match self.graph.edge(*number).confidence {
                Confidence::High => "",
                Confidence::Medium => " (under conditions)",
                Confidence::Low => " (not certain)",
            };
            format!("{}. {told}{doubt}.", at + 1)
        });
        sentences.collect::<Vec<_>>().join(" ")
    }
}

/// The named node that a step leads to: the first one at or behind its end.
fn alias_from<'a>(pattern: Option<&'a Pattern>, found: &Match, step: usize) -> Option<&'a str> {
    let at = found.aliases.iter().position(|place| *place > step)?;
    aliases(pattern).get(at).map(String::as_str)
}

/// The names of a rule's nodes; a rule that is a query has none.
fn aliases(pattern: Option<&Pattern>) -> &[String] {
    pattern.map_or(&[], Pattern::aliases)
}
