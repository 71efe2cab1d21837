//! What a search found, put into words and joined with findings.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};
use stance_base::hex;
use stance_exposure::graph::{EdgeNumber, NodeNumber, labels};
use stance_exposure::path::{Match, capabilities, sentence};
use stance_exposure::rule::Rule;
use stance_exposure::search::Pattern;
use stance_exposure::{Confidence, Effects, Graph, Vocabulary};
use stance_model::FindingState;
use stance_posture::risk::Risk;

use super::findings::{FindingFact, Findings};
use super::record::{Fix, PathFinding, PathNode, PathRecord, PathStep};

/// Most findings that one path lists.
const MOST_FINDINGS: usize = 100;

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
    pub(crate) fn record(&self, rule: &Rule, pattern: &Pattern, found: &Match) -> PathRecord {
        let graph = self.graph;
        let (entry, target) = (found.entry, found.target);
        let position = |node| found.nodes.iter().position(|one| *one == node).unwrap_or(0);
        let names = |alias: &str| {
            let at = pattern.aliases().iter().position(|one| one == alias)?;
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

    fn steps(&self, rule: &Rule, pattern: &Pattern, found: &Match) -> Vec<PathStep> {
        let graph = self.graph;
        let walked = found.edges.iter().enumerate();
        walked
            .map(|(at, number)| {
                let edge = graph.edge(*number);
                let text = graph.edge_text(*number);
                let advice = alias_from(pattern, found, at).and_then(|alias| rule.remediation.get(alias));
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
    fn used(&self, rule: &Rule, pattern: &Pattern, found: &Match, step: usize) -> String {
        let (Some(alias), Some(edge)) = (alias_from(pattern, found, step), found.edges.get(step))
        else {
            return String::new();
        };
        let place = pattern.aliases().iter().position(|one| one == alias);
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

    fn story(&self, rule: &Rule, pattern: &Pattern, found: &Match) -> String {
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

    /// The facts whose change would cut a route: its edges, and the insights that its rule asks for.
    fn fixes(&self, pattern: &Pattern, found: &Match, route: &[EdgeNumber]) -> Vec<Fix> {
        let mut fixes = BTreeSet::new();
        for number in route {
            let edge = self.graph.edge(*number);
            if self.graph.word(edge.label) != labels::CONTAINS {
                fixes.insert(fix_of(self.graph, *number));
            }
        }
        for (node, required, _) in asked(pattern, found) {
            fixes.extend(self.insight_fixes(node, required));
        }
        fixes.into_iter().collect()
    }

    fn insight_fixes(&self, node: NodeNumber, required: u64) -> Vec<Fix> {
        /// What a node is, and no fault of it.
        const NATURE: [&str; 6] = [
            "containsSensitiveData",
            "criticalityLevel",
            "usedForGrounding",
            "usedForTraining",
            "runsCode",
            "canAct",
        ];
        let node = self.graph.node(node);
        let words = self.vocabulary.insights().iter().enumerate();
        let asked = words.filter(|(bit, word)| {
            required & (1 << bit) != 0 && !NATURE.contains(&word.name.as_str())
        });
        let properties: Value = serde_json::from_str(&node.properties).unwrap_or_default();
        let fixes = asked.map(|(_, word)| {
            let told = &properties["insights"][&word.name];
            Fix {
                object: told["object"].as_str().unwrap_or(&node.id).to_owned(),
                field: told["field"].as_str().unwrap_or(&word.name).to_owned(),
            }
        });
        fixes.collect()
    }

    fn findings(&self, pattern: &Pattern, found: &Match) -> Vec<PathFinding> {
        let mut listed = Vec::new();
        for node in &found.nodes {
            let facts = self.findings.of(&self.graph.node(*node).id);
            let unhealthy = facts
                .iter()
                .filter(|fact| fact.state == FindingState::Unhealthy);
            for fact in unhealthy {
                listed.push(self.contribution(pattern, found, *node, fact));
            }
        }
        // What breaks the path comes first, then the worse.
        listed.sort_by(|one, other| {
            let key = |finding: &PathFinding| {
                let severity: stance_model::Severity = finding.severity.parse().unwrap_or_default();
                (
                    !finding.breaks_path,
                    std::cmp::Reverse(severity),
                    finding.id.clone(),
                )
            };
            key(one).cmp(&key(other))
        });
        listed.truncate(MOST_FINDINGS);
        listed
    }

    fn contribution(
        &self,
        pattern: &Pattern,
        found: &Match,
        node: NodeNumber,
        fact: &FindingFact,
    ) -> PathFinding {
        let effect = self
            .effects
            .of(self.graph, &fact.recommendation, &fact.resource);
        let cut = effect.edges.iter().find(|edge| found.edges.contains(edge));
        let at_node = || asked(pattern, found).filter(|(at, _, _)| *at == node);
        let needed = at_node().any(|(_, required, _)| required & effect.clears != 0);
        let spoilt = at_node().any(|(_, _, forbidden)| forbidden & effect.sets != 0);
        let mut fixes: Vec<Fix> = effect
            .edges
            .iter()
            .filter(|edge| found.edges.contains(edge))
            .map(|edge| fix_of(self.graph, *edge))
            .collect();
        if needed {
            fixes.extend(self.insight_fixes(node, effect.clears));
        }
        let name = &self.graph.node(node).name;
        let contribution = match cut {
            Some(edge) => format!(
                "makes a step possible: {}",
                sentence(self.graph, self.vocabulary, *edge, "")
            ),
            None if needed => format!("the path needs it: {name} would not fit the rule without"),
            None if spoilt => format!("nothing stands in the way at {name}"),
            None => format!("weakens {name}, which lies on the path"),
        };
        PathFinding {
            id: fact.id.clone(),
            recommendation: fact.recommendation.clone(),
            title: fact.title.clone(),
            severity: fact.severity.as_str().to_owned(),
            resource: fact.resource.clone(),
            breaks_path: cut.is_some() || needed || spoilt,
            contribution,
            fixes,
        }
    }
}

fn fix_of(graph: &Graph, number: EdgeNumber) -> Fix {
    let evidence = &graph.edge_text(number).evidence;
    Fix {
        object: evidence.object.clone(),
        field: evidence.field.clone(),
    }
}

/// The named node that a step leads to: the first one at or behind its end.
fn alias_from<'a>(pattern: &'a Pattern, found: &Match, step: usize) -> Option<&'a str> {
    let at = found.aliases.iter().position(|place| *place > step)?;
    pattern.aliases().get(at).map(String::as_str)
}

/// The named nodes of a match, each with the insights that its rule asks for and those that it must lack.
fn asked(pattern: &Pattern, found: &Match) -> impl Iterator<Item = (NodeNumber, u64, u64)> {
    let places = found.aliases.iter().enumerate();
    places.filter_map(|(alias, place)| {
        let (required, forbidden) = pattern.insights_asked(alias);
        Some((*found.nodes.get(*place)?, required, forbidden))
    })
}

/// A template with `{alias}` put in; an alias that is not on the path stays as it is.
fn filled(template: &str, name_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((alias, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        match name_of(alias) {
            Some(name) => text.push_str(&name),
            None => {
                text.push('{');
                text.push_str(alias);
                text.push('}');
            }
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The subscription, account or project of a node's id, and its cloud.
fn place(id: &str) -> (String, String) {
    let between = |prefix: &str| {
        let (_, rest) = id.split_once(prefix)?;
        rest.split('/').next().map(str::to_owned)
    };
    if let Some(rest) = id.strip_prefix("arn:") {
        let account = rest.split(':').nth(3).unwrap_or_default();
        return (account.to_owned(), "AWS".to_owned());
    }
    if id.starts_with("//") || id.starts_with("gcp:") {
        return (between("/projects/").unwrap_or_default(), "GCP".to_owned());
    }
    if let Some(account) = id.strip_prefix("aws:") {
        return (account.to_owned(), "AWS".to_owned());
    }
    (
        between("/subscriptions/").unwrap_or_default(),
        "Azure".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_keep_what_they_do_not_know() {
        let name_of = |alias: &str| (alias == "store").then(|| "docs {x}".to_owned());
        assert_eq!(
            filled("to {store}, {other} {", &name_of),
            "to docs {x}, {other} {"
        );
    }

    #[test]
    fn ids_tell_their_place() {
        assert_eq!(place("arn:aws:s3:::b").1, "AWS");
        let lambda = "arn:aws:lambda:eu-central-1:111122223333:function:f";
        assert_eq!(place(lambda).0, "111122223333");
        assert_eq!(
            place("//storage.googleapis.com/projects/p/x"),
            ("p".into(), "GCP".into())
        );
        assert_eq!(place("/subscriptions/s/resourcegroups/g").0, "s");
    }
}
