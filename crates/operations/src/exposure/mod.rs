//! The exposure graph evaluated: inventory to graph, rules to attack paths, both to their tables.

mod assemble;
mod choke_points;
mod contributions;
pub mod edge_rules;
mod find;
mod findings;
mod graph_rows;
mod history;
#[cfg(test)]
mod kql_agrees;
mod pattern;
mod query_rules;
mod read;
mod record;
mod risks;
mod store;
mod stored_graph;
mod stored_inventory;
mod template;
pub mod user_lists;
mod what_if;

use std::cell::LazyCell;
use std::collections::HashSet;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use stance_base::{Clock, FixedClock};
use stance_exposure::build::{self, Sources};
use stance_exposure::{Effects, Graph, GraphDraft, Vocabulary};
use stance_lake::{Lake, Writer};
use stance_model::{Diagnostic, DiagnosticLevel};
use stance_posture::risk::RiskFormula;

use crate::OperationsError;
use crate::catalog::catalog;
use assemble::Assembly;
use findings::Findings;
use user_lists::UserLists;

pub use choke_points::{ChokeReport, FixSet, RankedFix, choke_points};
pub use find::RuleSet;
pub use history::PathCounts;
pub use pattern::Match;
pub use read::{StoredPaths, stored_paths};
pub use record::{Fix, PathFinding, PathNode, PathRecord, PathStep};
pub use what_if::{FixEffect, WhatIf, what_if};

/// Weights of the user's own, in the data folder.
const WEIGHTS: &str = "risk-weights.yaml";
/// Longest file of weights, in bytes.
const LONGEST_WEIGHTS: u64 = 1 << 16;

/// Where rules of the user's own lie, in the data folder.
pub fn rule_folder(lake: &Lake) -> PathBuf {
    lake.path().join("attack-paths")
}

/// Where rules that add edges and insights lie, in the data folder.
fn edge_rule_folders(lake: &Lake) -> Vec<PathBuf> {
    let folder = lake.path().join("graph-rules");
    folder.exists().then_some(folder).into_iter().collect()
}

/// How an evaluation went.
#[derive(Debug, Default)]
pub struct EvaluationOutcome {
    /// Nodes of the graph.
    pub nodes: usize,
    /// Edges of the graph.
    pub edges: usize,
    /// Paths, and how they moved.
    pub paths: PathCounts,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
    /// What could not be used.
    pub diagnostics: Vec<Diagnostic>,
}

/// Builds the graph of what is stored, searches it, and stores what it found: first the graph, then the paths in it.
///
/// # Errors
/// Tables that cannot be read or written. A rule that cannot be used is a diagnostic.
pub async fn evaluate(
    lake: &Lake,
    writer: &Writer,
    now: DateTime<Utc>,
) -> Result<EvaluationOutcome, OperationsError> {
    let vocabulary = Vocabulary::embedded()?;
    let (graph, mut diagnostics) = graph(lake, &vocabulary, now).await?;
    let rules = RuleSet::load(&vocabulary, Some(&rule_folder(lake)));
    diagnostics.extend(rules.diagnostics.iter().cloned());
    let findings = Findings::read(lake).await?;
    let effects = Effects::embedded(&vocabulary)?;
    let (formula, problem) = formula(lake)?;
    diagnostics.extend(problem);
    let assembly = Assembly {
        graph: &graph,
        vocabulary: &vocabulary,
        effects: &effects,
        findings: &findings,
    };
    store::store_graph(writer, &graph, &vocabulary).await?;
    let mut found = find::run(&graph, &rules);
    let clock: Arc<dyn Clock> = Arc::new(FixedClock(now));
    let by_query = query_rules::run(lake, clock, &graph, &rules.queries).await?;
    found.bounded.extend(by_query.bounded.iter().cloned());
    diagnostics.extend(by_query.diagnostics.iter().cloned());
    let mut paths = find::records(assembly, &rules, &found, &by_query, &formula);
    let before = history::before(lake).await?;
    for (path, _) in &mut paths {
        path.first_seen = history::first_seen(&before, &path.id, now);
    }
    let rater = risks::Rater::new(&graph, &vocabulary, &formula);
    let risks = rater.findings(&findings, &paths);
    let paths: Vec<PathRecord> = paths.into_iter().map(|(path, _)| path).collect();
    let (changes, counts) = {
        // Only closed paths ask, and an id is a hash: most evaluations need none.
        let edges = LazyCell::new(|| {
            let numbers = (0..).zip(graph.edges());
            let ids = numbers.map(|(number, _)| graph.edge_id(number));
            ids.collect::<HashSet<String>>()
        });
        history::compare(&before, &paths, |edge| edges.contains(edge))
    };
    let evaluated = store::Evaluated {
        graph: &graph,
        paths: &paths,
        changes: &changes,
        risks: &risks,
        rules: rules.len(),
        bounded: &found.bounded,
        diagnostics: &diagnostics,
    };
    store::store(writer, &evaluated, now.timestamp_micros()).await?;
    Ok(EvaluationOutcome {
        nodes: graph.nodes().len(),
        edges: graph.edges().len(),
        paths: counts,
        bounded: found.bounded,
        diagnostics,
    })
}

/// The weights of the data folder's `risk-weights.yaml` where it is there, else those of the product. A file that cannot be
/// used costs a diagnostic.
fn formula(lake: &Lake) -> Result<(RiskFormula, Option<Diagnostic>), OperationsError> {
    let place = lake.path().join(WEIGHTS);
    if !place.exists() {
        return Ok((RiskFormula::embedded()?, None));
    }
    let shown = place.display().to_string();
    let mut text = String::new();
    let read = std::fs::File::open(&place)
        .and_then(|file| file.take(LONGEST_WEIGHTS).read_to_string(&mut text))
        .map_err(|error| error.to_string());
    let own =
        read.and_then(|_| RiskFormula::read(&shown, &text).map_err(|error| error.to_string()));
    match own {
        Ok(formula) => Ok((formula, None)),
        Err(reason) => {
            let problem = Diagnostic {
                level: DiagnosticLevel::Error,
                file: shown,
                line: 0,
                column: 0,
                code: "RSK0001".to_owned(),
                message: format!("the weights cannot be used: {reason}"),
                help: "docs/risk.md has the format; the product's own weights were used".to_owned(),
            };
            Ok((RiskFormula::embedded()?, Some(problem)))
        }
    }
}

/// The graph of the stored inventory: what is computed, then what rules in KQL add.
async fn graph(
    lake: &Lake,
    vocabulary: &Vocabulary,
    now: DateTime<Utc>,
) -> Result<(Graph, Vec<Diagnostic>), OperationsError> {
    let inventory = stored_inventory::read(lake, stored_inventory::reads).await?;
    let mut draft = GraphDraft::new();
    let sources = Sources {
        inventory: &inventory,
        vocabulary,
    };
    build::build(sources, &mut draft);
    let (rules, mut diagnostics) = edge_rules::rules(&edge_rule_folders(lake), false);
    let settings = edge_rules::RuleSettings {
        clock: Arc::new(FixedClock(now)),
        scratch: lake.path().to_owned(),
    };
    let catalog = Arc::new(catalog(lake, &[]).await?);
    diagnostics.extend(edge_rules::run(catalog, &rules, vocabulary, &settings, &mut draft).await?);
    let (lists, problem) = UserLists::read_if_there(&UserLists::place(lake.path()));
    diagnostics.extend(problem);
    user_lists::add(&lists, &inventory, vocabulary, &mut draft);
    Ok((draft.close(vocabulary), diagnostics))
}

/// [`evaluate`] by itself, outside of a scan.
///
/// # Errors
/// As [`evaluate`]; another process that writes for too long.
pub async fn evaluate_now(
    lake: &Lake,
    now: DateTime<Utc>,
    on_wait: impl FnOnce(&str),
) -> Result<EvaluationOutcome, OperationsError> {
    let writer = crate::scan::writer(lake, on_wait).await?;
    evaluate(lake, &writer, now).await
}

/// A graph in files of the columns of `ExposureGraphNodes` and `ExposureGraphEdges`, as advanced hunting exports it.
#[derive(Debug, Clone)]
pub struct GraphFiles {
    /// Nodes.
    pub nodes: PathBuf,
    /// Edges.
    pub edges: PathBuf,
}

/// What rules found in a graph that is not stored.
#[derive(Debug, Default)]
pub struct FilesOutcome {
    /// Worst first.
    pub paths: Vec<PathRecord>,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
    /// What could not be used.
    pub diagnostics: Vec<Diagnostic>,
    /// What it took.
    pub stats: FilesStats,
}

/// What an evaluation of files took.
#[derive(Debug, Default)]
pub struct FilesStats {
    /// Nodes of the graph.
    pub nodes: usize,
    /// Edges of the graph.
    pub edges: usize,
    /// Reading the files and building the index.
    pub load_time: Duration,
    /// All rules.
    pub search_time: Duration,
    /// What paths say, their risk and their order.
    pub record_time: Duration,
    /// Each rule with its search and how many paths it found; rules run beside each other.
    pub rules: Vec<(String, Duration, usize)>,
}

/// Runs the rules over a graph in files; stores nothing. `lake` tells where rules of the user's own lie.
///
/// # Errors
/// Files that cannot be read.
pub async fn evaluate_files(
    lake: &Lake,
    files: &GraphFiles,
) -> Result<FilesOutcome, OperationsError> {
    let vocabulary = Vocabulary::embedded()?;
    let begun = Instant::now();
    let graph = stored_graph::read_files(files, &vocabulary).await?;
    let load_time = begun.elapsed();
    let rules = RuleSet::load(&vocabulary, Some(&rule_folder(lake)));
    let findings = Findings::default();
    let effects = Effects::embedded(&vocabulary)?;
    let formula = RiskFormula::embedded()?;
    let assembly = Assembly {
        graph: &graph,
        vocabulary: &vocabulary,
        effects: &effects,
        findings: &findings,
    };
    let begun = Instant::now();
    let found = find::run(&graph, &rules);
    let search_time = begun.elapsed();
    let begun = Instant::now();
    let none = query_rules::FoundByQueries::default();
    let paths = find::records(assembly, &rules, &found, &none, &formula);
    let searched = found.matches.iter().zip(&found.times);
    let stats = FilesStats {
        nodes: graph.nodes().len(),
        edges: graph.edges().len(),
        load_time,
        search_time,
        record_time: begun.elapsed(),
        rules: searched
            .map(|((number, matches), time)| {
                let name = rules.patterns[*number].0.name.clone();
                (name, *time, matches.len())
            })
            .collect(),
    };
    Ok(FilesOutcome {
        paths: paths.into_iter().map(|(path, _)| path).collect(),
        bounded: found.bounded,
        diagnostics: rules.diagnostics,
        stats,
    })
}
