//! The data folder: private, safe under kills and under two scans at once.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::support::{Run, Sandbox, account, export};

fn estate(count: usize) -> String {
    let resources: Vec<_> = (0..count)
        .map(|number| account(&format!("a{number}"), &json!({"disableLocalAuth": false})))
        .collect();
    export(&resources)
}

#[cfg(unix)]
#[test]
fn the_folder_is_private_to_its_user() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", estate(1));
    sandbox.scan(&["estate.json"]);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&sandbox.data()), 0o700);
    for file in crate::support::files(&sandbox.data()) {
        assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
    }
}

#[test]
fn two_scans_at_once_both_count() {
    let sandbox = Sandbox::new();
    let mut children = Vec::new();
    for number in 0..3 {
        let name = format!("estate-{number}.json");
        sandbox.write(&name, export(&[account(&format!("a{number}"), &json!({}))]));
        let child = sandbox
            .command(&["scan", &name, "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        children.push(child);
    }
    for child in children {
        let run = Run::of(&child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{}", run.errors);
    }
    assert_eq!(sandbox.query("Resources | count")[0]["Count"], 3);
    let findings = sandbox.query(
        "SecurityRecommendation | summarize rows=count(), distinct_rows=count_distinct(FindingId)",
    );
    assert_eq!(findings[0]["rows"], findings[0]["distinct_rows"]);
}

/// A scan killed at any moment leaves tables that open, hold the scan before, and take the next one.
#[test]
fn a_killed_scan_loses_nothing_acknowledged() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "kept.json",
        export(&[account("kept", &json!({"disableLocalAuth": false}))]),
    );
    sandbox.write("estate.json", estate(300));
    sandbox.scan(&["kept.json"]);
    for round in 0..12_u64 {
        let mut child = sandbox
            .command(&["scan", "estate.json", "--quiet", "--format", "json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40 + round * 70));
        let _ = child.kill();
        child.wait().unwrap();
        assert_eq!(
            sandbox.query("Resources | where name == 'kept'").len(),
            1,
            "round {round}"
        );
        let rows =
            sandbox.query("Resources | summarize rows=count(), ids=count_distinct(tolower(id))");
        assert_eq!(rows[0]["rows"], rows[0]["ids"], "round {round}");
    }
    sandbox.scan(&["estate.json"]);
    assert_eq!(sandbox.query("Resources | count")[0]["Count"], 301);
    let findings = sandbox.query(
        "SecurityRecommendation | summarize rows=count(), distinct_rows=count_distinct(FindingId)",
    );
    assert_eq!(findings[0]["rows"], findings[0]["distinct_rows"]);
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", estate(1));
    sandbox.scan(&["estate.json"]);
    let marker = sandbox.data().join("stance.json");
    let newer = std::fs::read_to_string(&marker)
        .unwrap()
        .replace("\"format\":1", "\"format\":99")
        .replace("\"format\": 1", "\"format\": 99");
    std::fs::write(&marker, newer).unwrap();
    let run = sandbox.run(&["scan", "estate.json"]);
    assert_eq!(run.code, 4, "{}", run.errors);
    assert!(run.errors.contains("99"), "{}", run.errors);
}

#[test]
fn a_data_folder_that_is_a_file_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", estate(1));
    sandbox.write("data", "not a folder");
    let run = sandbox.run(&["scan", "estate.json"]);
    assert_ne!(run.code, 0);
    assert!(run.errors.contains("data"), "{}", run.errors);
}
