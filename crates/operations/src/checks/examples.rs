//! The examples of a check, run as a scan would judge them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use stance_base::Clock;
use stance_model::{Origin, Resource, SourceLocation};
use stance_posture::{Check, CheckExample};

use super::{CheckSet, Stage};
use crate::OperationsError;
use crate::scan::gather::Reading;

/// How one example went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleOutcome {
    /// The check's name.
    pub check: String,
    /// The example's name.
    pub example: String,
    /// The state it should give.
    pub expected: String,
    /// The state it gave.
    pub actual: String,
    /// Why, or what is wrong with the query.
    pub cause: String,
}

impl ExampleOutcome {
    /// Whether the check did what the example says.
    pub fn passed(&self) -> bool {
        self.expected == self.actual
    }
}

impl fmt::Display for ExampleOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: expected {}, got {} ({})",
            self.check, self.example, self.expected, self.actual, self.cause
        )
    }
}

/// Runs every example of a check; `scratch` is a folder for files of the run.
pub async fn run_examples(
    check: &Check,
    clock: Arc<dyn Clock>,
    scratch: &Path,
) -> Result<Vec<ExampleOutcome>, OperationsError> {
    let set = CheckSet::of(vec![check.clone()]);
    let mut outcomes = Vec::new();
    for example in &check.examples {
        outcomes.push(run_example(&set, check, example, Arc::clone(&clock), scratch).await?);
    }
    Ok(outcomes)
}

async fn run_example(
    set: &CheckSet,
    check: &Check,
    example: &CheckExample,
    clock: Arc<dyn Clock>,
    scratch: &Path,
) -> Result<ExampleOutcome, OperationsError> {
    let mut resource = resource(check, &example.resource);
    resource.unknowns.clone_from(&example.unknowns);
    let mut stage = Stage::new(scratch, set.wanted_types())?;
    let beside = example
        .related
        .iter()
        .map(|body| self::resource(check, body));
    for one in std::iter::once(resource.clone()).chain(beside) {
        if stage.wants(&one.resource_type) {
            stage.push(&one, &Reading::default())?;
        }
    }
    stage.close()?;
    let (results, problems) = set.run(&stage, clock, scratch).await?;
    let collected = |name: &str| {
        example
            .collected
            .as_ref()
            .is_none_or(|types| types.contains(name))
    };
    let verdicts = set.judge(&resource, &results, &collected);
    let (actual, cause) = match (verdicts.first(), problems.first()) {
        (_, Some(problem)) => ("an error", problem.message.clone()),
        (Some((_, _, verdict)), _) => (verdict.state.as_str(), verdict.cause.clone()),
        (None, None) => ("NotApplicable", "the check is about other types".to_owned()),
    };
    Ok(ExampleOutcome {
        check: check.name.clone(),
        example: example.name.clone(),
        expected: example.expect.clone(),
        actual: actual.to_owned(),
        cause,
    })
}

fn resource(check: &Check, body: &Map<String, Value>) -> Resource {
    let place = SourceLocation::default();
    Resource::new(check.cloud, Origin::Live, place, body.clone())
}
