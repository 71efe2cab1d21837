//! Every real answer is read, and a diagnostic stands only where a file holds no resource.

use std::collections::BTreeMap;

use stance_collect::{CollectOptions, Gathered, collect};

use crate::support::shared;

fn run(folder: &str) -> Option<(Gathered, BTreeMap<String, u64>)> {
    let folder = shared(folder)?;
    let mut gathered = Gathered::default();
    let summary = collect(&[folder], &CollectOptions::default(), &mut gathered);
    eprintln!("{summary:#?}");
    let mut by_file = BTreeMap::new();
    for resource in &gathered.resources {
        *by_file.entry(resource.source.file.clone()).or_default() += 1;
    }
    for resource in &gathered.resources {
        show_redacted(&resource.source.file, "", &resource.body);
    }
    for said in &gathered.diagnostics {
        eprintln!(
            "{} {}:{} {} {}",
            said.code, said.file, said.line, said.message, said.help
        );
    }
    Some((gathered, by_file))
}

#[test]
fn recorded_live_answers() {
    let Some((gathered, by_file)) = run("inputs/azure-live") else {
        return;
    };
    assert!(
        gathered.resources.len() >= 90,
        "{}",
        gathered.resources.len()
    );
    assert_eq!(gathered.diagnostics.len(), 1, "{:#?}", gathered.diagnostics);
    assert_eq!(gathered.diagnostics[0].code, "COL0006");
    assert!(gathered.diagnostics[0].message.contains("provider"));
    assert!(!by_file.contains_key(&gathered.diagnostics[0].file));
}

#[test]
fn official_example_answers() {
    let Some((gathered, by_file)) = run("inputs/azure-examples") else {
        return;
    };
    assert!(
        gathered.resources.len() >= 950,
        "{}",
        gathered.resources.len()
    );
    assert!(
        gathered.diagnostics.len() <= 5,
        "{:#?}",
        gathered.diagnostics
    );
    for said in &gathered.diagnostics {
        assert_eq!(said.code, "COL0006", "{said:?}");
        assert!(!by_file.contains_key(&said.file), "{said:?}");
    }
}

#[test]
fn recorded_answers_of_google_cloud() {
    let Some((gathered, by_file)) = run("fixtures/gcp") else {
        return;
    };
    assert!(
        gathered.resources.len() >= 250,
        "{}",
        gathered.resources.len()
    );
    for said in &gathered.diagnostics {
        // Errors that were recorded, results of operations, metrics.
        assert!(
            matches!(said.code.as_str(), "COL0006" | "COL0013"),
            "{said:?}"
        );
    }
    let kinds: BTreeMap<&str, usize> =
        gathered
            .resources
            .iter()
            .fold(BTreeMap::new(), |mut kinds, resource| {
                *kinds.entry(resource.resource_type.as_str()).or_default() += 1;
                kinds
            });
    eprintln!("{kinds:#?} in {} files", by_file.len());
    for expected in [
        "aiplatform.googleapis.com/batchpredictionjob",
        "aiplatform.googleapis.com/customjob",
        "aiplatform.googleapis.com/dataset",
        "aiplatform.googleapis.com/endpoint",
        "aiplatform.googleapis.com/hyperparametertuningjob",
        "aiplatform.googleapis.com/model",
        "aiplatform.googleapis.com/publishermodel",
        "notebooks.googleapis.com/instance",
    ] {
        assert!(kinds.contains_key(expected), "{expected}");
    }
    let projects = gathered.resources.iter().filter(|resource| {
        resource
            .subscription()
            .is_some_and(|project| project.starts_with(|letter: char| letter.is_ascii_digit()))
    });
    assert_eq!(projects.count(), 0);
    let complete = gathered
        .coverage
        .iter()
        .filter(|row| row.what == "notebooks.googleapis.com/instance");
    assert!(complete.clone().count() > 0);
    assert!(
        complete
            .clone()
            .all(|row| row.status.as_str() == "Complete"),
        "{complete:?}"
    );
}

fn show_redacted(file: &str, pointer: &str, value: &serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.contains("***redacted") => {
            eprintln!("REDACTED {file} {pointer} {text}");
        }
        serde_json::Value::Array(items) => {
            for item in items {
                show_redacted(file, &format!("{pointer}/*"), item);
            }
        }
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                show_redacted(file, &format!("{pointer}/{key}"), value);
            }
        }
        _ => {}
    }
}
