//! Real and official answers of Azure, judged by Microsoft's own definitions: nothing fails, nothing disagrees.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use stance_model::Resource;
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet, ResourceIndex};

use crate::helpers::{context, shared};

/// Every ARM object with an id and a type in a document.
fn collect(value: &Value, out: &mut BTreeMap<String, Resource>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
            if text("id").starts_with("/subscriptions/") && text("type").contains('/') {
                let resource = stance_policy::examples::resource(value, Vec::new());
                out.insert(resource.id.key(), resource);
                return;
            }
            object.values().for_each(|inner| collect(inner, out));
        }
        _ => {}
    }
}

#[test]
fn real_answers_are_judged_without_a_disagreement() {
    let Some(folder) = shared("real_answers_are_judged") else {
        return;
    };
    let mut resources = BTreeMap::new();
    for name in ["inputs/azure-live", "inputs/azure-examples"] {
        for entry in std::fs::read_dir(folder.join(name)).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            if let Ok(value) = serde_json::from_slice::<Value>(&bytes) {
                collect(&value, &mut resources);
            }
        }
    }
    let mut library = Library::embedded();
    library.add_path(&folder.join("policies/ai"));
    let options = BuildOptions {
        force_audit: true,
        ..BuildOptions::default()
    };
    let (set, _) = PolicySet::build(&library, &AliasSources::embedded(), &options).unwrap();
    let resources: Vec<Arc<Resource>> = resources.into_values().map(Arc::new).collect();
    let index = ResourceIndex::new(resources.iter().cloned(), |_, kind| {
        !kind.contains("diagnosticsettings")
    });
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for resource in &resources {
        for verdict in set.evaluate(resource, &index, &context()) {
            *states.entry(verdict.state.as_str()).or_default() += 1;
            assert!(
                !verdict.engine_disagreement,
                "{}: {verdict:#?}\n{}",
                resource.id, resource.body
            );
            assert!(
                !verdict.cause.is_empty() && !verdict.evidence.is_empty(),
                "{}: {verdict:#?}",
                resource.id
            );
            if verdict.state.as_str() == "Unknown" {
                *causes.entry(verdict.cause).or_default() += 1;
            }
        }
    }
    eprintln!(
        "{} resources, {} definitions, {states:?}",
        resources.len(),
        set.definitions().len()
    );
    for (cause, count) in causes {
        eprintln!("  {count} Unknown: {cause}");
    }
    assert!(
        states["Unhealthy"] > 50 && states["Healthy"] > 20,
        "{states:?}"
    );
}
