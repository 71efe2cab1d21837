//! Rules that are KQL queries, run over the stored graph.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use stance_base::Clock;
use stance_exposure::Graph;
use stance_exposure::path::Match;
use stance_exposure::rule::{PathRow, Rule, matches_from_rows};
use stance_exposure::search::Limits;
use stance_kql::{Engine, EngineOptions, output};
use stance_lake::Lake;
use stance_model::{Diagnostic, DiagnosticLevel};

use crate::OperationsError;
use crate::catalog::catalog;

/// Longest run of one rule.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Most rows of one rule.
const ROW_LIMIT: usize = 10_000;
/// Bytes that one rule may hold.
const MEMORY_LIMIT: usize = 1 << 30;
/// A rule's query fails.
const FAILED: &str = "ATP0003";

/// What queries found: by position among them, with what was bounded and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct FoundByQueries {
    /// Matches by rule.
    pub matches: Vec<(usize, Vec<Match>)>,
    /// What was bounded, in words.
    pub bounded: Vec<String>,
    /// Rules that failed; they stop no other.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs them; the graph must be stored as it is in memory.
pub(crate) async fn run(
    lake: &Lake,
    clock: Arc<dyn Clock>,
    graph: &Graph,
    rules: &[Rule],
) -> Result<FoundByQueries, OperationsError> {
    let mut found = FoundByQueries::default();
    if rules.is_empty() {
        return Ok(found);
    }
    let options = EngineOptions {
        memory_limit: Some(MEMORY_LIMIT),
        row_limit: ROW_LIMIT,
        time_limit: Some(TIME_LIMIT),
        clock,
        temp_dir: Some(lake.path().to_owned()),
        ..EngineOptions::default()
    };
    let engine = Engine::new(Arc::new(catalog(lake, &[]).await?), options)?;
    for (number, rule) in rules.iter().enumerate() {
        match rows(&engine, rule).await {
            Ok(rows) => found.take(number, rule, graph, &rows),
            Err(reason) => found.diagnostics.push(told(rule, &reason)),
        }
    }
    Ok(found)
}

impl FoundByQueries {
    fn take(&mut self, number: usize, rule: &Rule, graph: &Graph, rows: &[PathRow]) {
        let (matches, left_out) = matches_from_rows(graph, rule, rows, &Limits::default());
        if let Some(bound) = matches.bounded {
            let (what, limit) = (bound.what, bound.limit);
            self.bounded
                .push(format!("{}: bounded at {limit} {what}", rule.name));
        }
        if left_out > 0 {
            let reason = format!(
                "{left_out} rows are no path of the graph: edges must join their neighbours"
            );
            self.diagnostics.push(told(rule, &reason));
        }
        self.matches.push((number, matches.matches));
    }
}

async fn rows(engine: &Engine, rule: &Rule) -> Result<Vec<PathRow>, String> {
    let query = rule.query.as_deref().unwrap_or_default();
    let result = engine
        .query(query)
        .await
        .map_err(|error| error.to_string())?;
    let objects = output::json_objects(&result).map_err(|error| error.to_string())?;
    objects.iter().map(row).collect()
}

fn row(object: &Map<String, Value>) -> Result<PathRow, String> {
    let list = |column: &str| {
        let value = object.get(column).and_then(Value::as_array);
        let Some(items) = value else {
            return Err(format!("its rows have no list `{column}`"));
        };
        let texts = items.iter().filter_map(Value::as_str);
        Ok(texts.map(str::to_owned).collect())
    };
    Ok(PathRow {
        nodes: list("Nodes")?,
        edges: list("Edges")?,
    })
}

fn told(rule: &Rule, reason: &str) -> Diagnostic {
    Diagnostic {
        level: DiagnosticLevel::Error,
        file: rule.name.clone(),
        line: 0,
        column: 0,
        code: FAILED.to_owned(),
        message: format!(
            "the attack-path rule `{}` was not evaluated: {reason}",
            rule.name
        ),
        help: "correct its query; every other rule was evaluated".to_owned(),
    }
}
