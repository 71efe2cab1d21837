//! Rules run over a graph: from patterns to paths with their risk.

use std::time::{Duration, Instant};

use rayon::prelude::*;
use stance_exposure::path::Match;
use stance_exposure::rule::{Rule, embedded_rules, load_rules};
use stance_exposure::search::{Found, Limits, Pattern, search};
use stance_exposure::{Graph, Vocabulary};
use stance_model::{Diagnostic, DiagnosticLevel};
use stance_posture::risk::{RiskFormula, Surroundings};

use super::assemble::Assembly;
use super::query_rules::FoundByQueries;
use super::record::PathRecord;
use super::risks::Rater;

/// Longest search of one rule.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// A rule cannot be used.
const UNUSABLE: &str = "ATP0002";

/// Rules made ready.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Rules of the short form with what they search for.
    pub patterns: Vec<(Rule, Pattern)>,
    /// Rules that are queries.
    pub queries: Vec<Rule>,
    /// What could not be used; it stops no other rule.
    pub diagnostics: Vec<Diagnostic>,
}

impl RuleSet {
    /// The shipped rules, and those of a folder where it is there. A rule of the user's takes the place of a shipped one
    /// of its name.
    pub fn load(vocabulary: &Vocabulary, folder: Option<&std::path::Path>) -> Self {
        let (mut rules, mut diagnostics) = embedded_rules();
        if let Some(folder) = folder.filter(|folder| folder.exists()) {
            let (own, problems) = load_rules(folder);
            rules.retain(|rule| own.iter().all(|other| other.name != rule.name));
            rules.extend(own);
            diagnostics.extend(problems);
        }
        Self::of(rules, diagnostics, vocabulary)
    }

    /// These rules, compiled.
    pub fn of(rules: Vec<Rule>, diagnostics: Vec<Diagnostic>, vocabulary: &Vocabulary) -> Self {
        let mut set = Self {
            diagnostics,
            ..Self::default()
        };
        for rule in rules {
            if rule.query.is_some() {
                set.queries.push(rule);
                continue;
            }
            match rule.compile(vocabulary) {
                Ok(pattern) => set.patterns.push((rule, pattern)),
                Err(problem) => set.diagnostics.push(Diagnostic {
                    level: DiagnosticLevel::Error,
                    file: rule.name.clone(),
                    line: 0,
                    column: 0,
                    code: UNUSABLE.to_owned(),
                    message: format!("the attack-path rule cannot be used: {problem}"),
                    help: "docs/attack-paths.md has the format; every other rule was run"
                        .to_owned(),
                }),
            }
        }
        set
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.patterns.len() + self.queries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What rules found.
#[derive(Debug, Default)]
pub(crate) struct FoundPaths {
    /// By rule, in the order of the set.
    pub matches: Vec<(usize, Vec<Match>)>,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
    /// How long each search took, in the order of the set.
    pub times: Vec<Duration>,
}

/// Runs the rules of the short form, on all cores.
pub(crate) fn run(graph: &Graph, rules: &RuleSet) -> FoundPaths {
    let found: Vec<(usize, Found, Duration)> = rules
        .patterns
        .par_iter()
        .enumerate()
        .map(|(number, (_, pattern))| {
            let begun = Instant::now();
            let late = || begun.elapsed() > TIME_LIMIT;
            let found = search(graph, pattern, &Limits::default(), &late);
            (number, found, begun.elapsed())
        })
        .collect();
    let mut all = FoundPaths::default();
    for (number, found, time) in found {
        all.times.push(time);
        if let Some(bound) = &found.bounded {
            let name = &rules.patterns[number].0.name;
            let (what, limit) = (bound.what, bound.limit);
            all.bounded.push(format!(
                "{name}: bounded at {limit} {what}; there may be more paths"
            ));
        }
        all.matches.push((number, found.matches));
    }
    all
}

/// Matches as records with their risk, worst first.
pub(crate) fn records(
    assembly: Assembly<'_>,
    rules: &RuleSet,
    found: &FoundPaths,
    by_query: &FoundByQueries,
    formula: &RiskFormula,
) -> Vec<(PathRecord, Surroundings)> {
    let rater = Rater::new(assembly.graph, assembly.vocabulary, formula);
    let by_pattern = found.matches.iter().flat_map(|(number, matches)| {
        let (rule, pattern) = &rules.patterns[*number];
        matches.iter().map(move |one| (rule, Some(pattern), one))
    });
    let by_query = by_query.matches.iter().flat_map(|(number, matches)| {
        let rule = &rules.queries[*number];
        matches.iter().map(move |one| (rule, None, one))
    });
    let all: Vec<_> = by_pattern.chain(by_query).collect();
    let mut records: Vec<(PathRecord, Surroundings)> = all
        .into_par_iter()
        .map(|(rule, pattern, one)| {
            let mut record = assembly.record(rule, pattern, one);
            let (risk, surroundings) = rater.path(&record);
            record.risk = risk;
            (record, surroundings)
        })
        .collect();
    records.sort_by(|(one, _), (other, _)| rank(one).cmp(&rank(other)));
    records
}

/// Worst first; of equals the surer, the shorter, then by id.
pub(crate) fn rank(
    path: &PathRecord,
) -> (std::cmp::Reverse<u8>, std::cmp::Reverse<u64>, usize, &str) {
    let hundredths = (path.risk.score * 100.0).round() as u64;
    (
        std::cmp::Reverse(path.risk.level.rank()),
        std::cmp::Reverse(hundredths),
        path.steps.len(),
        &path.id,
    )
}
