//! What could be changed to cut a path, and what each finding has to do with it.

use std::collections::BTreeSet;

use serde_json::Value;
use stance_exposure::Graph;
use stance_exposure::graph::{EdgeNumber, NodeNumber, labels};
use stance_exposure::path::{Match, sentence};
use stance_exposure::search::Pattern;
use stance_model::FindingState;

use super::assemble::Assembly;
use super::findings::FindingFact;
use super::record::{Fix, PathFinding};

/// Most findings that one path lists.
const MOST_FINDINGS: usize = 100;

impl Assembly<'_> {
    /// The facts whose change would cut a route: its edges, and the insights that its rule asks for.
    pub(super) fn fixes(
        &self,
        pattern: Option<&Pattern>,
        found: &Match,
        route: &[EdgeNumber],
    ) -> Vec<Fix> {
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

    pub(super) fn findings(&self, pattern: Option<&Pattern>, found: &Match) -> Vec<PathFinding> {
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
        pattern: Option<&Pattern>,
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
        let at_an_end = node == found.entry || node == found.target;
        let stops_here = (needed || spoilt) && (at_an_end || found.routes.len() == 1);
        let cuts = |route: &Vec<EdgeNumber>| effect.edges.iter().any(|edge| route.contains(edge));
        // A path is broken where each of its ways is.
        let breaks_path =
            !found.more_alternatives && found.routes.iter().all(|route| stops_here || cuts(route));
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
        let helps = cut.is_some() || needed || spoilt;
        let contribution = if helps && !breaks_path {
            format!("{contribution}; there is another way")
        } else {
            contribution
        };
        PathFinding {
            id: fact.id.clone(),
            recommendation: fact.recommendation.clone(),
            title: fact.title.clone(),
            severity: fact.severity.as_str().to_owned(),
            resource: fact.resource.clone(),
            breaks_path,
            contribution,
            fixes,
        }
    }
}

/// What an edge stands on.
pub(super) fn fix_of(graph: &Graph, number: EdgeNumber) -> Fix {
    let evidence = &graph.edge_text(number).evidence;
    Fix {
        object: evidence.object.clone(),
        field: evidence.field.clone(),
    }
}

/// The named nodes of a match, each with the insights that its rule asks for and those that it must lack.
fn asked(pattern: Option<&Pattern>, found: &Match) -> impl Iterator<Item = (NodeNumber, u64, u64)> {
    let places = found.aliases.iter().enumerate();
    places.filter_map(move |(alias, place)| {
        let (required, forbidden) = pattern?.insights_asked(alias);
        Some((*found.nodes.get(*place)?, required, forbidden))
    })
}
