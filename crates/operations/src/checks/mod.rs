//! Checks run: their queries over the resources that a scan read.

mod examples;
mod rows;
mod stage;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stance_base::Clock;
use stance_kql::{Engine, EngineOptions, KqlError, MemoryCatalog};
use stance_model::{Diagnostic, DiagnosticLevel, Resource};
use stance_posture::{
    Check, CheckRow, CheckVerdict, Recommendation, embedded_checks, judge, load_checks,
};

use crate::OperationsError;
use crate::scan::gather::{Key, key_of};

pub use examples::{ExampleOutcome, run_examples};
pub(crate) use stage::Stage;

/// Longest run of one check.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// Most rows of one check: one for each judged resource.
const ROW_LIMIT: usize = 5_000_000;
/// Bytes that one check may hold.
const MEMORY_LIMIT: usize = 1 << 30;
/// A check's query fails.
const FAILED: &str = "CHK0002";

/// The checks of a scan, by the types they judge.
#[derive(Debug, Default)]
pub(crate) struct CheckSet {
    checks: Vec<Check>,
    /// What is known beside each check's rule, in the order of `checks`.
    recommendations: Vec<Recommendation>,
    by_type: HashMap<String, Vec<usize>>,
}

impl CheckSet {
    /// The shipped checks unless left out, and those of the user's folders.
    pub(crate) fn load(
        folders: &[std::path::PathBuf],
        without_shipped: bool,
    ) -> (Self, Vec<Diagnostic>) {
        let (mut checks, mut diagnostics) = if without_shipped {
            (Vec::new(), Vec::new())
        } else {
            embedded_checks()
        };
        for folder in folders {
            let (more, problems) = load_checks(folder);
            // The user's own check of a name stands in for the shipped one.
            checks.retain(|check| more.iter().all(|other| other.name != check.name));
            checks.extend(more);
            diagnostics.extend(problems);
        }
        (Self::of(checks), diagnostics)
    }

    /// A set of these checks.
    pub(crate) fn of(checks: Vec<Check>) -> Self {
        let mut by_type: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, check) in checks.iter().enumerate() {
            for name in &check.types {
                by_type.entry(name.clone()).or_default().push(index);
            }
        }
        Self {
            recommendations: checks.iter().map(Check::recommendation).collect(),
            checks,
            by_type,
        }
    }

    /// Types whose resources some query reads.
    pub(crate) fn wanted_types(&self) -> BTreeSet<String> {
        let all = self.checks.iter().flat_map(Check::wanted_types);
        all.map(str::to_owned).collect()
    }

    /// Runs every check that has something to judge.
    pub(crate) async fn run(
        &self,
        stage: &Stage,
        clock: Arc<dyn Clock>,
        scratch: &Path,
    ) -> Result<(CheckResults, Vec<Diagnostic>), OperationsError> {
        let mut results = CheckResults::default();
        let mut diagnostics = Vec::new();
        let present = |check: &Check| check.types.iter().any(|name| stage.holds(name));
        if !self.checks.iter().any(present) {
            return Ok((results, diagnostics));
        }
        let engine = engine(stage, clock, scratch).await?;
        for (index, check) in self.checks.iter().enumerate() {
            if !present(check) {
                continue;
            }
            match run_one(&engine, check).await {
                Ok(rows) => results.add(index, rows),
                Err(failure) => {
                    results.failed.insert(index);
                    diagnostics.push(told(check, &failure));
                }
            }
        }
        Ok((results, diagnostics))
    }

    /// The verdicts on one resource: one of every check about its type that could run.
    pub(crate) fn judge<'a>(
        &'a self,
        resource: &Resource,
        results: &CheckResults,
        collected: &dyn Fn(&str) -> bool,
    ) -> Vec<(&'a Check, &'a Recommendation, CheckVerdict)> {
        let Some(indices) = self.by_type.get(&resource.resource_type) else {
            return Vec::new();
        };
        let key = key_of(resource.id.as_str(), resource.origin);
        let rows = results.rows.get(&key);
        indices
            .iter()
            .filter(|index| !results.failed.contains(index))
            .map(|index| {
                let check = &self.checks[*index];
                let row = rows.and_then(|rows| rows.get(index));
                let known = &self.recommendations[*index];
                (check, known, judge(check, resource, row, collected))
            })
            .collect()
    }
}

/// What the queries gave, by resource and check.
#[derive(Debug, Default)]
pub(crate) struct CheckResults {
    rows: HashMap<Key, BTreeMap<usize, CheckRow>>,
    failed: BTreeSet<usize>,
}

impl CheckResults {
    fn add(&mut self, check: usize, rows: Vec<(Key, CheckRow)>) {
        for (key, row) in rows {
            let known = self.rows.entry(key).or_default();
            // Of several rows on one resource the worst counts.
            let worse = known
                .get(&check)
                .is_none_or(|before| rank(row.healthy) > rank(before.healthy));
            if worse {
                known.insert(check, row);
            }
        }
    }
}

fn rank(healthy: Option<bool>) -> u8 {
    match healthy {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    }
}

async fn engine(
    stage: &Stage,
    clock: Arc<dyn Clock>,
    scratch: &Path,
) -> Result<Engine, OperationsError> {
    let mut catalog = MemoryCatalog::new();
    for table in stage.tables().await? {
        catalog.add_table(table);
    }
    for function in crate::functions::shipped() {
        catalog.add_function(function);
    }
    let options = EngineOptions {
        memory_limit: Some(MEMORY_LIMIT),
        row_limit: ROW_LIMIT,
        time_limit: Some(TIME_LIMIT),
        clock,
        temp_dir: Some(scratch.to_owned()),
        ..EngineOptions::default()
    };
    Ok(Engine::new(Arc::new(catalog), options)?)
}

async fn run_one(engine: &Engine, check: &Check) -> Result<Vec<(Key, CheckRow)>, String> {
    let result = engine
        .query(&check.query)
        .await
        .map_err(|error: KqlError| error.to_string())?;
    rows::read(&result)
}

fn told(check: &Check, failure: &str) -> Diagnostic {
    Diagnostic {
        level: DiagnosticLevel::Error,
        file: check.name.clone(),
        line: 0,
        column: 0,
        code: FAILED.to_owned(),
        message: format!("the check `{}` was not evaluated: {failure}", check.name),
        help: "correct its query; every other check was evaluated".to_owned(),
    }
}
