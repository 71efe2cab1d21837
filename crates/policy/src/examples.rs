//! Rules carry examples of what they must and must not find (`metadata.stance.examples`); this runs them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use stance_model::{Origin, Resource, ResourceId, SourceLocation, Unknown};

use crate::context::EvaluationContext;
use crate::definition::Definition;
use crate::policy_set::PolicySet;
use crate::related::ResourceIndex;

/// One example of a rule file.
#[derive(Debug, Clone, Deserialize)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// `Healthy`, `Unhealthy`, `NotApplicable` or `Unknown`.
    pub expect: String,
    /// An ARM object.
    pub resource: Value,
    /// Resources beside it.
    #[serde(default)]
    pub related: Vec<Value>,
    /// Values of the resource that are not known.
    #[serde(default)]
    pub unknowns: Vec<Unknown>,
    /// Related types that were collected completely; all of them where left out.
    #[serde(default)]
    pub collected: Option<BTreeSet<String>>,
}

/// How one example went.
#[derive(Debug, Clone)]
pub struct ExampleResult {
    /// The definition's name.
    pub definition: String,
    /// The example's name.
    pub example: String,
    /// What it should give.
    pub expected: String,
    /// What it gave, with the cause.
    pub actual: String,
    /// Why.
    pub cause: String,
}

impl ExampleResult {
    /// Whether the rule did what the example says.
    pub fn passed(&self) -> bool {
        self.expected == self.actual
    }
}

impl fmt::Display for ExampleResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}: expected {}, got {} ({})",
            self.definition, self.example, self.expected, self.actual, self.cause
        )
    }
}

/// The examples of a definition; an error names the one that cannot be read.
pub fn examples(definition: &Definition) -> Result<Vec<Example>, String> {
    let list = definition
        .metadata
        .pointer("/stance/examples")
        .and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .enumerate()
        .map(|(index, example)| {
            Example::deserialize(example)
                .map_err(|error| format!("{}: example {index}: {error}", definition.file))
        })
        .collect()
}

/// Runs one example of a definition against a set that holds the definition.
pub fn run(definition: &Definition, example: &Example, set: &PolicySet) -> ExampleResult {
    let resource = resource(&example.resource, example.unknowns.clone());
    let collected = example.collected.as_ref().map(|types| {
        types
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect::<BTreeSet<_>>()
    });
    let beside = example
        .related
        .iter()
        .map(|body| Arc::new(self::resource(body, Vec::new())));
    let index = ResourceIndex::new(beside, move |_, name| {
        collected.as_ref().is_none_or(|types| types.contains(name))
    });
    let context = EvaluationContext::new(
        DateTime::<Utc>::from_str("2026-01-01T00:00:00Z").unwrap_or_default(),
    );
    let verdicts = set.evaluate(&resource, &index, &context);
    let own = verdicts
        .iter()
        .find(|verdict| verdict.definition.name == definition.name);
    ExampleResult {
        definition: definition.name.clone(),
        example: example.name.clone(),
        expected: example.expect.clone(),
        // A rule about other types says nothing at all.
        actual: own
            .map_or("NotApplicable", |verdict| verdict.state.as_str())
            .to_owned(),
        cause: own.map_or_else(
            || "the rule is about other types".to_owned(),
            |verdict| verdict.cause.clone(),
        ),
    }
}

/// A live resource of an ARM object, for examples and tests.
pub fn resource(body: &Value, unknowns: Vec<Unknown>) -> Resource {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let id = ResourceId::new(text("id"));
    let kind = if text("type").is_empty() {
        id.resource_type().unwrap_or_default()
    } else {
        text("type").to_owned()
    };
    Resource {
        resource_type: kind.to_ascii_lowercase(),
        id,
        cloud: stance_model::Cloud::Azure,
        origin: Origin::Live,
        source: SourceLocation::default(),
        observed_at: None,
        api_version: body
            .get("apiVersion")
            .and_then(Value::as_str)
            .map(str::to_owned),
        unknowns,
        positions: Vec::new(),
        body: body.clone(),
    }
}
