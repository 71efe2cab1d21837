//! The examples of a rule, run as an evaluation of the graph would run it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};
use stance_exposure::{GraphDraft, Vocabulary};
use stance_kql::{Catalog, MemoryCatalog, TableSource};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

use super::{GraphRule, RuleExample, RuleSettings, run};
use crate::OperationsError;
use crate::catalog;
use crate::checks::Stage;
use crate::register::Register;
use crate::scan::gather::Reading;

/// How one example went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The rule's name.
    pub rule: String,
    /// The example's name.
    pub example: String,
    /// Edges and insights that should be there and are not.
    pub missing: BTreeSet<String>,
    /// Those that are there and should not be, and what is wrong with the query.
    pub unexpected: BTreeSet<String>,
}

impl RuleOutcome {
    /// Whether the rule did what the example says.
    pub fn passed(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty()
    }
}

impl fmt::Display for RuleOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}:", self.rule, self.example)?;
        for one in &self.missing {
            write!(formatter, "\n  missing    {one}")?;
        }
        for one in &self.unexpected {
            write!(formatter, "\n  unexpected {one}")?;
        }
        Ok(())
    }
}

/// Runs every example of a rule.
///
/// # Errors
/// A shared view that cannot run, a scratch folder that cannot be written.
pub async fn run_examples(
    rule: &GraphRule,
    vocabulary: &Vocabulary,
    settings: &RuleSettings,
) -> Result<Vec<RuleOutcome>, OperationsError> {
    let mut outcomes = Vec::new();
    for example in &rule.examples {
        outcomes.push(run_example(rule, example, vocabulary, settings).await?);
    }
    Ok(outcomes)
}

async fn run_example(
    rule: &GraphRule,
    example: &RuleExample,
    vocabulary: &Vocabulary,
    settings: &RuleSettings,
) -> Result<RuleOutcome, OperationsError> {
    let resources: Vec<Resource> = example.resources.iter().map(resource).collect();
    let (catalog, _stage) = catalog_of(&resources, &settings.scratch).await?;
    let mut draft = GraphDraft::new();
    let rules = std::slice::from_ref(rule);
    let problems = run(catalog, rules, vocabulary, settings, &mut draft).await?;
    let edges = draft
        .edges()
        .iter()
        .map(|edge| format!("{} -[{}]-> {}", edge.source, edge.label, edge.target));
    let insights = draft
        .insights()
        .iter()
        .map(|(node, insight)| format!("{node}: {}", insight.name).to_lowercase());
    let actual: BTreeSet<String> = edges.chain(insights).collect();
    let expected: BTreeSet<String> = example
        .edges
        .iter()
        .chain(&example.insights)
        .map(|one| one.to_lowercase())
        .collect();
    let mut unexpected: BTreeSet<String> = actual.difference(&expected).cloned().collect();
    unexpected.extend(problems.into_iter().map(|problem| problem.message));
    Ok(RuleOutcome {
        rule: rule.name.clone(),
        example: example.name.clone(),
        missing: expected.difference(&actual).cloned().collect(),
        unexpected,
    })
}

fn resource(body: &Map<String, Value>) -> Resource {
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let resource_type = text("type").to_lowercase();
    let cloud = match text("cloud") {
        "AWS" => Cloud::Aws,
        "GCP" => Cloud::Gcp,
        "" if resource_type.starts_with("aws::") => Cloud::Aws,
        "" if resource_type.contains(".googleapis.com/") => Cloud::Gcp,
        _ => Cloud::Azure,
    };
    let place = SourceLocation::default();
    Resource::new(cloud, Origin::Live, place, body.clone())
}

/// A catalog of these resources alone, and the stage that its files live in.
async fn catalog_of(
    resources: &[Resource],
    scratch: &Path,
) -> Result<(Arc<dyn Catalog>, Stage), OperationsError> {
    let wanted = resources.iter().map(|one| one.resource_type.clone());
    let mut stage = Stage::new(scratch, wanted.collect())?;
    for one in resources {
        stage.push(one, &Reading::default())?;
    }
    stage.close()?;
    let mut catalog = MemoryCatalog::new();
    for schema in catalog::declared() {
        catalog.add_table(TableSource::empty(schema));
    }
    for table in stage.tables().await? {
        catalog.add_table(table);
    }
    for (name, body) in catalog::views() {
        catalog.add_view(name, body);
    }
    catalog.add_view("AIRegister", Register::default().as_view());
    for function in crate::functions::shipped() {
        catalog.add_function(function);
    }
    Ok((Arc::new(catalog), stage))
}
