//! Edges and insights that come from queries: KQL over the inventory and its views, one rule a file.
//!
//! Everything about agents comes this way; authority over resources and networks is computed in `stance_exposure`.

mod examples;
mod file;
mod rows;
mod side_by_side;
mod views;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use stance_base::Clock;
use stance_exposure::{GraphDraft, Vocabulary};
use stance_kql::{Catalog, Engine, EngineOptions, output};
use stance_model::{Diagnostic, DiagnosticLevel};

use crate::OperationsError;

pub use examples::{RuleOutcome, run_examples};
pub use file::{GraphRule, RuleExample, embedded_rules, load_rules, read_rule};

/// Longest run of one rule.
const TIME_LIMIT: Duration = Duration::from_mins(1);
/// Most rows of one rule.
const ROW_LIMIT: usize = 1_000_000;
/// Most rows that the joins of one rule may make.
const INTERMEDIATE_ROW_LIMIT: u64 = 50_000_000;
/// Bytes that one rule may hold.
const MEMORY_LIMIT: usize = 1 << 30;
/// A rule's query fails.
const FAILED: &str = "EXP0002";

/// Among the types of a rule: any agent of any platform.
const ANY_AGENT: &str = "agent";
/// Has a row where agents were taken in by `stance ingest`.
const TAKEN_IN_AGENT: &str = "AgentsInfoStored | take 1 | project AgentId";

/// What rules run with.
#[derive(Debug, Clone)]
pub struct RuleSettings {
    /// Where `now()` and `ago()` take the time from.
    pub clock: Arc<dyn Clock>,
    /// Folder for what does not fit in memory.
    pub scratch: PathBuf,
}

/// The shipped rules unless left out, and those of the user's folders, which stand in for shipped ones of the same name.
pub fn rules(folders: &[PathBuf], without_shipped: bool) -> (Vec<GraphRule>, Vec<Diagnostic>) {
    let (mut rules, mut diagnostics) = if without_shipped {
        (Vec::new(), Vec::new())
    } else {
        embedded_rules()
    };
    for folder in folders {
        let (more, problems) = load_rules(folder);
        rules.retain(|rule| more.iter().all(|other| other.name != rule.name));
        rules.extend(more);
        diagnostics.extend(problems);
    }
    (rules, diagnostics)
}

/// Runs every rule that has something to read and adds what they give to `draft`. Nodes that rules bring are added
/// where the draft knows none of that id, so the makers that know resources come first.
///
/// # Errors
/// A shared view that cannot run, such as one over a table that cannot be read. A rule that fails costs a diagnostic.
pub async fn run(
    catalog: Arc<dyn Catalog>,
    rules: &[GraphRule],
    vocabulary: &Vocabulary,
    settings: &RuleSettings,
    draft: &mut GraphDraft,
) -> Result<Vec<Diagnostic>, OperationsError> {
    let options = options(&settings.clock, &settings.scratch);
    let present = present_types(&catalog, &options).await?;
    let rules: Vec<&GraphRule> = rules
        .iter()
        .filter(|rule| rule.types.is_empty() || !rule.types.is_disjoint(&present))
        .collect();
    let queries: Vec<&str> = rules.iter().map(|rule| rule.query.as_str()).collect();
    let held = views::hold(catalog, &options, &present, &queries).await?;
    let engine = Engine::new(held, options)?;
    let queries = rules.iter().map(|rule| rule.query.clone());
    let results = side_by_side::run(&engine, queries).await;
    let mut diagnostics = Vec::new();
    for (rule, result) in rules.into_iter().zip(results) {
        let added = result
            .map_err(|error| error.to_string())
            .and_then(|result| rows::add(&rule.name, &result, vocabulary, draft));
        if let Err(reason) = added {
            diagnostics.push(told(rule, &reason));
        }
    }
    Ok(diagnostics)
}

fn options(clock: &Arc<dyn Clock>, scratch: &Path) -> EngineOptions {
    EngineOptions {
        memory_limit: Some(MEMORY_LIMIT),
        row_limit: ROW_LIMIT,
        intermediate_row_limit: Some(INTERMEDIATE_ROW_LIMIT),
        time_limit: Some(TIME_LIMIT),
        clock: Arc::clone(clock),
        temp_dir: Some(scratch.to_owned()),
        // Queries run side by side, so that each needs but one thread.
        partitions: NonZeroUsize::new(1),
        ..EngineOptions::default()
    }
}

/// Types that the inventory holds, and [`ANY_AGENT`].
async fn present_types(
    catalog: &Arc<dyn Catalog>,
    options: &EngineOptions,
) -> Result<BTreeSet<String>, OperationsError> {
    let engine = Engine::new(Arc::clone(catalog), options.clone())?;
    let query = "union Resources, ResourceContainers, AuthorizationResources, SecurityResources | distinct type";
    let rows = output::text_rows(&engine.query(query).await?)?;
    let mut present: BTreeSet<String> = rows.into_iter().flatten().collect();
    let taken_in = || async {
        let rows = output::text_rows(&engine.query(TAKEN_IN_AGENT).await?)?;
        Ok::<bool, OperationsError>(!rows.is_empty())
    };
    if views::some_agent(&present) || taken_in().await? {
        present.insert(ANY_AGENT.to_owned());
    }
    Ok(present)
}

fn told(rule: &GraphRule, reason: &str) -> Diagnostic {
    Diagnostic {
        level: DiagnosticLevel::Error,
        file: rule.name.clone(),
        line: 0,
        column: 0,
        code: FAILED.to_owned(),
        message: format!(
            "the rule `{}` of the graph was not evaluated: {reason}",
            rule.name
        ),
        help: "correct its query; every other rule was evaluated".to_owned(),
    }
}
