//! What would disappear if something were mended: the stored graph changed in memory, and searched again.

use std::collections::BTreeSet;

use stance_exposure::graph::{EdgeNumber, Graph, NodeNumber};
use stance_exposure::{Effect, Effects, Vocabulary};
use stance_lake::Lake;

use super::assemble::path_id;
use super::find::{self, RuleSet};
use super::findings::Findings;
use super::{rule_folder, stored_graph};
use crate::OperationsError;

/// What one argument of `--fix` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixEffect {
    /// As it was written.
    pub asked: String,
    /// What it is, in words.
    pub what: String,
    /// Edges that go.
    pub edges: usize,
    /// Facts about nodes that change.
    pub facts: usize,
}

/// The answer.
#[derive(Debug, Default)]
pub struct WhatIf {
    /// What each argument does to the graph.
    pub effects: Vec<FixEffect>,
    /// Ids of paths that would be closed.
    pub closed: BTreeSet<String>,
    /// Ids of paths that stay, or of which another way stays.
    pub open: BTreeSet<String>,
    /// What was bounded, before or after.
    pub bounded: Vec<String>,
}

/// Mends `fixes` in memory and searches again. Nothing is stored and nothing outside is touched.
///
/// # Errors
/// Tables that cannot be read, or a fix that names nothing.
pub async fn what_if(lake: &Lake, fixes: &[String]) -> Result<WhatIf, OperationsError> {
    let vocabulary = Vocabulary::embedded()?;
    let effects = Effects::embedded(&vocabulary)?;
    let mut graph = stored_graph::read(lake, &vocabulary).await?;
    let findings = Findings::read(lake).await?;
    let rules = RuleSet::load(&vocabulary, Some(&rule_folder(lake)));
    let before = find::run(&graph, &rules);
    let ids_before = path_ids(&graph, &rules, &before);
    let resolver = Resolver {
        graph: &graph,
        vocabulary: &vocabulary,
        effects: &effects,
        findings: &findings,
    };
    let mut told = Vec::new();
    let mut changes = Vec::new();
    for fix in fixes {
        let (what, found) = resolver.resolve(fix)?;
        let edges: BTreeSet<EdgeNumber> = found.iter().flat_map(|one| one.edges.clone()).collect();
        told.push(FixEffect {
            asked: fix.clone(),
            what,
            edges: edges.len(),
            facts: found
                .iter()
                .filter(|one| one.clears | one.sets != 0)
                .count(),
        });
        changes.extend(found);
    }
    for change in changes {
        for edge in change.edges {
            graph.set_gone(edge, true);
        }
        if let Some(node) = change.node {
            graph.change_insights(node, change.sets, change.clears);
        }
    }
    let after = find::run(&graph, &rules);
    let open = path_ids(&graph, &rules, &after);
    let mut bounded = before.bounded;
    bounded.extend(after.bounded);
    bounded.sort();
    bounded.dedup();
    Ok(WhatIf {
        effects: told,
        closed: ids_before.difference(&open).cloned().collect(),
        open,
        bounded,
    })
}

fn path_ids(graph: &Graph, rules: &RuleSet, found: &find::FoundPaths) -> BTreeSet<String> {
    let all = found.matches.iter().flat_map(|(number, matches)| {
        let rule = &rules.patterns[*number].0.name;
        matches.iter().map(move |one| {
            let (entry, target) = (one.entry, one.target);
            path_id(rule, &graph.node(entry).id, &graph.node(target).id)
        })
    });
    all.collect()
}

/// Finds what an argument means.
struct Resolver<'a> {
    graph: &'a Graph,
    vocabulary: &'a Vocabulary,
    effects: &'a Effects,
    findings: &'a Findings,
}

impl Resolver<'_> {
    fn resolve(&self, fix: &str) -> Result<(String, Vec<Effect>), OperationsError> {
        let tries = [
            self.finding(fix),
            self.recommendation(fix),
            self.edge(fix),
            self.fact(fix),
        ];
        tries
            .into_iter()
            .flatten()
            .next()
            .ok_or_else(|| OperationsError::UnknownFix {
                fix: fix.to_owned(),
            })
    }

    /// The id of a finding, or the beginning of one.
    fn finding(&self, fix: &str) -> Option<(String, Vec<Effect>)> {
        if fix.len() < 6 || !fix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut found = self
            .findings
            .all()
            .filter(|(_, fact)| fact.id.starts_with(fix));
        let (_, fact) = found.next()?;
        let effect = self
            .effects
            .of(self.graph, &fact.recommendation, &fact.resource);
        let what = format!("{} on {}", fact.title, fact.resource);
        Some((what, vec![effect]))
    }

    /// `RECOMMENDATION` or `RECOMMENDATION@RESOURCE`.
    fn recommendation(&self, fix: &str) -> Option<(String, Vec<Effect>)> {
        let (name, wanted) = fix.split_once('@').unwrap_or((fix, ""));
        let wanted = wanted.to_lowercase();
        let found: Vec<_> = self
            .findings
            .all()
            .filter(|(key, fact)| fact.recommendation == name && key.contains(&wanted))
            .collect();
        let known = self.effects.recommendations().any(|one| one == name);
        if found.is_empty() && (!known || !wanted.is_empty()) {
            return None;
        }
        let effects = found
            .iter()
            .map(|(_, fact)| self.effects.of(self.graph, name, &fact.resource));
        let what = match found.as_slice() {
            [] => format!("{name}: nothing to mend, no finding of it is open"),
            [(_, fact)] => format!("{} on {}", fact.title, fact.resource),
            [(_, fact), ..] => format!("{} on {} resources", fact.title, found.len()),
        };
        Some((what, effects.collect()))
    }

    fn edge(&self, fix: &str) -> Option<(String, Vec<Effect>)> {
        if fix.len() != 32 {
            return None;
        }
        let (number, edge) = (0..)
            .zip(self.graph.edges())
            .find(|(number, _)| self.graph.edge_id(*number) == fix)?;
        let name = |node: NodeNumber| &self.graph.node(node).name;
        let label = self.graph.word(edge.label);
        let what = format!("{} {label} {}", name(edge.source), name(edge.target));
        let effect = Effect {
            edges: vec![number],
            ..Effect::default()
        };
        Some((what, vec![effect]))
    }

    /// `OBJECT#FIELD`: every edge and insight that stands on that fact.
    fn fact(&self, fix: &str) -> Option<(String, Vec<Effect>)> {
        let (object, field) = fix.rsplit_once('#')?;
        let stands = |evidence: &stance_exposure::Evidence| {
            evidence.object.eq_ignore_ascii_case(object) && evidence.field == field
        };
        let edges = (0..)
            .zip(self.graph.edges())
            .map(|(number, _)| number)
            .filter(|number| stands(&self.graph.edge_text(*number).evidence));
        let mut effects = vec![Effect {
            edges: edges.collect(),
            ..Effect::default()
        }];
        for (number, _) in (0..).zip(self.graph.nodes()) {
            let clears = self
                .graph
                .insights_from(self.vocabulary, number, object, field);
            if clears != 0 {
                effects.push(Effect {
                    node: Some(number),
                    clears,
                    ..Effect::default()
                });
            }
        }
        effects.retain(|effect| !effect.is_empty());
        if effects.is_empty() {
            return None;
        }
        Some((format!("{field} of {object}"), effects))
    }
}
