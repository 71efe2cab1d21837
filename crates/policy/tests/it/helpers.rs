//! What the tests share.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stance_model::{FindingState, Resource, Unknown};
use stance_policy::{
    AliasSources, BuildOptions, EvaluationContext, Library, PolicySet, RelatedResources,
    ResourceIndex, Verdict,
};

pub(crate) const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";
pub(crate) const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";

/// The shared corpora, or `None` with a loud line.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let default = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let folder = std::env::var_os("STANCE_SHARED").map_or_else(default, PathBuf::from);
    if folder.join("policies").is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED {test}: no shared corpora at {}; set STANCE_SHARED",
        folder.display()
    );
    None
}

/// A definition in the repository's shape.
pub(crate) fn definition(name: &str, mode: &str, parameters: &Value, rule: &Value) -> Value {
    json!({
        "name": name,
        "properties": {
            "displayName": name,
            "mode": mode,
            "metadata": {"category": "Test", "version": "1.0.0"},
            "parameters": parameters,
            "policyRule": rule,
        }
    })
}

/// An audit rule without parameters.
pub(crate) fn audit(condition: &Value) -> Value {
    definition(
        "audit",
        "All",
        &json!({}),
        &json!({"if": condition, "then": {"effect": "Audit"}}),
    )
}

/// A library of some definitions.
pub(crate) fn library(definitions: &[Value]) -> Library {
    let mut library = Library::default();
    for (index, definition) in definitions.iter().enumerate() {
        library.add_bytes(
            &format!("rule-{index}.json"),
            definition.to_string().as_bytes(),
        );
    }
    assert_eq!(library.diagnostics, [], "the test's own rules must load");
    library
}

/// A set of some definitions, which must all compile.
pub(crate) fn set(definitions: &[Value]) -> PolicySet {
    let (set, diagnostics) = PolicySet::build(
        &library(definitions),
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    assert_eq!(diagnostics, [], "the test's own rules must compile");
    set
}

pub(crate) fn context() -> EvaluationContext {
    EvaluationContext::new("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap())
}

/// A resource in the test group.
pub(crate) fn resource(kind: &str, name: &str, more: &Value) -> Resource {
    let mut body = json!({"id": format!("{GROUP}/providers/{}", path(kind, name)), "name": name, "type": kind, "location": "westeurope"});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    stance_policy::examples::resource(&body, Vec::new())
}

/// `Microsoft.X/a/b` and `n/m` give `Microsoft.X/a/n/b/m`.
fn path(kind: &str, name: &str) -> String {
    let mut types = kind.split('/');
    let mut out = types.next().unwrap_or_default().to_owned();
    let names: Vec<&str> = name.split('/').collect();
    for (index, segment) in types.enumerate() {
        out.extend(["/", segment, "/", names.get(index).unwrap_or(&"x")]);
    }
    out
}

pub(crate) fn account(properties: &Value) -> Resource {
    resource(
        "Microsoft.CognitiveServices/accounts",
        "acct",
        &json!({"kind": "OpenAI", "properties": properties}),
    )
}

pub(crate) fn with_unknown(mut resource: Resource, pointer: &str, expression: &str) -> Resource {
    resource.unknowns.push(Unknown {
        pointer: pointer.to_owned(),
        expression: expression.to_owned(),
    });
    resource
}

/// Everything collected.
pub(crate) fn index(resources: Vec<Resource>) -> ResourceIndex {
    ResourceIndex::new(resources.into_iter().map(Arc::new), |_, _| true)
}

/// The one verdict of a set on a resource.
pub(crate) fn judge(
    set: &PolicySet,
    resource: &Resource,
    related: &dyn RelatedResources,
) -> Verdict {
    let mut verdicts = set.evaluate(resource, related, &context());
    assert_eq!(verdicts.len(), 1, "{verdicts:#?}");
    verdicts.remove(0)
}

/// The state an audit rule gives a resource.
pub(crate) fn state(condition: &Value, resource: &Resource) -> FindingState {
    judge(&set(&[audit(condition)]), resource, &index(Vec::new())).state
}
