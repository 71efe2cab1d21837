//! Small estates with planted faults (`examples/ground-truth`): exactly the intended attack paths are found, and none
//! once the faults are mended.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Sandbox, files, root};

/// Rule, name of the entry, name of the target.
type Told = (String, String, String);

fn estates() -> PathBuf {
    root().join("examples/ground-truth")
}

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(estates()).unwrap().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The paths that a file of an estate lists; none where there is no such file.
fn listed(estate: &str, file: &str) -> BTreeSet<Told> {
    let path = estates().join(estate).join(file);
    if !path.is_file() {
        return BTreeSet::new();
    }
    let records = csv::Reader::from_path(path).unwrap().into_records();
    records
        .map(|record| {
            let record = record.unwrap();
            (
                record[0].to_owned(),
                record[1].to_owned(),
                record[2].to_owned(),
            )
        })
        .collect()
}

/// What `stance paths` tells, with these arguments.
fn told(sandbox: &Sandbox, arguments: &[&str]) -> BTreeSet<Told> {
    let all = [&["paths"][..], arguments, &["--format", "json"]].concat();
    let report = sandbox.ok(&all).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let paths = report["paths"].as_array().unwrap();
    paths
        .iter()
        .map(|path| {
            (
                text(&path["rule"]),
                text(&path["entry"]["name"]),
                text(&path["target"]["name"]),
            )
        })
        .collect()
}

fn scan(sandbox: &Sandbox, folders: &[PathBuf]) {
    let mut arguments = vec!["scan", "--quiet", "--format", "json"];
    arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
    let report = sandbox.ok(&arguments).json();
    let faults = &report["summary"]["diagnostics"];
    assert!(
        faults["error"] == 0 && faults["warning"] == 0,
        "{}",
        report["diagnostics"]
    );
}

/// Scans one variant of every estate into one data folder: each lies in accounts of its own, so that a path from one
/// into another would be a fault as well.
fn differs(variant: &str, expected_in: &str) -> Vec<String> {
    let sandbox = Sandbox::new();
    let names = names();
    let folders: Vec<PathBuf> = names
        .iter()
        .map(|name| estates().join(name).join(variant))
        .collect();
    scan(&sandbox, &folders);
    let found = told(&sandbox, &[]);
    let mut faults = Vec::new();
    let mut expected = BTreeSet::new();
    for name in &names {
        for path in listed(name, expected_in) {
            if !found.contains(&path) {
                faults.push(format!("{name}/{variant}: missing {path:?}"));
            }
            assert!(expected.insert(path), "{name}: another estate lists it too");
        }
    }
    let extra = found.difference(&expected);
    faults.extend(extra.map(|path| format!("{variant}: unexpected {path:?}")));
    faults
}

#[test]
fn exactly_the_intended_paths_are_found() {
    assert!(names().len() >= 12);
    for name in names() {
        let intended = listed(&name, "expected-paths.csv");
        assert!(!intended.is_empty(), "{name} intends no path");
    }
    let (vulnerable, fixed) = std::thread::scope(|scope| {
        let vulnerable = scope.spawn(|| differs("vulnerable", "expected-paths.csv"));
        let fixed = scope.spawn(|| differs("fixed", "fixed-expected.csv"));
        (vulnerable.join().unwrap(), fixed.join().unwrap())
    });
    let faults = [vulnerable, fixed].concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Puts a variant of an estate where an input lies.
fn place(sandbox: &Sandbox, estate: &str, variant: &str) {
    let input = sandbox.path("input");
    let _ = std::fs::remove_dir_all(&input);
    let from = estates().join(estate).join(variant);
    for file in files(&from) {
        let to = input.join(file.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(&file, to).unwrap();
    }
}

#[test]
fn mending_closes_what_was_predicted_and_history_says_when() {
    let estate = "google-leaked-key";
    let sandbox = Sandbox::new();
    place(&sandbox, estate, "vulnerable");
    scan(&sandbox, &[sandbox.path("input")]);
    let intended = listed(estate, "expected-paths.csv");
    assert_eq!(told(&sandbox, &[]), intended);
    let predicted = told(&sandbox, &["--fix", "ai-service-account-keys"]);

    place(&sandbox, estate, "fixed");
    scan(&sandbox, &[sandbox.path("input")]);
    let left = told(&sandbox, &[]);
    let gone: BTreeSet<Told> = intended.difference(&left).cloned().collect();
    assert_eq!(gone, predicted);
    assert!(left.is_empty());

    let history = sandbox.ok(&["paths", "history", "--format", "json"]).json();
    let of_kind = |kind: &str| -> Vec<&Value> {
        let changes = history.as_array().unwrap().iter();
        changes.filter(|one| one["ChangeType"] == kind).collect()
    };
    assert_eq!(of_kind("Opened").len(), intended.len(), "{history:#}");
    assert_eq!(of_kind("Closed").len(), intended.len(), "{history:#}");
    for change in of_kind("Closed") {
        let reason = change["Reason"].as_str().unwrap();
        assert!(!reason.is_empty(), "{change:#}");
    }
}
