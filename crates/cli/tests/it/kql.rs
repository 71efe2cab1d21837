//! `stance kql fmt` and `stance kql check`.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Run, Sandbox};

const UNTIDY: &str =
    "Resources|where type=~'microsoft.compute/virtualmachines' // machines\n| take 5";
const TIDY: &str =
    "Resources\n| where type =~ 'microsoft.compute/virtualmachines' // machines\n| take 5\n";

fn piped(sandbox: &Sandbox, arguments: &[&str], text: &str) -> Run {
    let mut child = sandbox
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    Run::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_text_is_laid_out_to_standard_output() {
    let sandbox = Sandbox::new();
    let run = piped(&sandbox, &["kql", "fmt"], UNTIDY);
    assert_eq!((run.code, run.output.as_str()), (0, TIDY), "{}", run.errors);
    let run = piped(&sandbox, &["kql", "fmt", "-"], UNTIDY);
    assert_eq!((run.code, run.output.as_str()), (0, TIDY), "{}", run.errors);
}

#[test]
fn check_lists_what_differs_and_write_mends_it() {
    let sandbox = Sandbox::new();
    sandbox.write("queries/a.kql", UNTIDY);
    sandbox.write("queries/deep/b.csl", TIDY);
    sandbox.write("queries/readme.md", UNTIDY);
    let run = sandbox.run(&["kql", "fmt", "--check", "queries"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.output.trim().replace('\\', "/"), "queries/a.kql");
    sandbox.ok(&["kql", "fmt", "--write", "queries"]);
    let written = std::fs::read_to_string(sandbox.path("queries/a.kql")).unwrap();
    assert_eq!(written, TIDY);
    let other = std::fs::read_to_string(sandbox.path("queries/readme.md")).unwrap();
    assert_eq!(other, UNTIDY);
    assert_eq!(sandbox.ok(&["kql", "fmt", "--check", "queries"]).output, "");
}

#[test]
fn a_text_with_errors_is_left_alone() {
    let sandbox = Sandbox::new();
    let broken = "Resources | where (type ==";
    sandbox.write("a.kql", broken);
    let run = sandbox.run(&["kql", "fmt", "--write", "a.kql"]);
    assert_eq!(run.code, 1);
    assert!(run.errors.contains("error[KQL"), "{}", run.errors);
    let kept = std::fs::read_to_string(sandbox.path("a.kql")).unwrap();
    assert_eq!(kept, broken);
}

#[test]
fn bad_use_is_code_2() {
    let sandbox = Sandbox::new();
    sandbox.write("a.kql", TIDY);
    sandbox.write("b.kql", TIDY);
    sandbox.write("long.kql", " ".repeat(3 << 20));
    for arguments in [
        &["kql", "fmt", "a.kql", "b.kql"][..],
        &["kql", "fmt", "--check", "--write", "a.kql"],
        &["kql", "fmt", "--write", "-"],
        &["kql", "fmt", "missing.kql"],
        &["kql", "fmt", "--write", "long.kql"],
        &["kql", "check", "missing.kql"],
        &["kql", "check", "a.kql", "--schema", "b.kql"],
        &["kql"],
    ] {
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}\n{}{}", run.output, run.errors);
    }
}

#[test]
fn check_binds_against_the_built_in_tables_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "good.kql",
        "let vms = resources | where type has 'virtualmachines';\nvms | count",
    );
    sandbox.write("views.kql", "AIModels | take 1");
    let run = sandbox.ok(&["kql", "check", "good.kql", "views.kql"]);
    assert_eq!(run.output, "");
    assert!(run.errors.contains("built-in tables"), "{}", run.errors);
    sandbox.write("bad.kql", "Resources\n| where tipe == 'x'");
    let run = sandbox.run(&["kql", "check", "bad.kql"]);
    assert_eq!(run.code, 1);
    for part in [
        "bad.kql\n",
        "error[KQL",
        "line 2, column 9",
        "where tipe == 'x'",
        "help: ",
    ] {
        assert!(run.output.contains(part), "{part}: {}", run.output);
    }
}

#[test]
fn check_reads_tables_from_a_file_and_reports_json() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "tables.json",
        r#"{"Visits": {"When": "datetime", "Agent": "string"}}"#,
    );
    sandbox.write(
        "a.kql",
        "Visits | project Agent, When | extend x = strlen(Wen)",
    );
    let run = sandbox.run(&[
        "kql",
        "check",
        "a.kql",
        "--schema",
        "tables.json",
        "--format",
        "json",
    ]);
    assert_eq!(run.code, 1);
    let report = run.json();
    assert_eq!(report["schemaVersion"], "1");
    assert_eq!(report["tables"], "tables.json");
    assert_eq!(
        (&report["errors"], &report["warnings"]),
        (&json!(1), &json!(0))
    );
    let file = &report["files"][0];
    assert_eq!(file["file"], "a.kql");
    assert_eq!(
        file["columns"],
        json!([
            {"name": "Agent", "type": "string"},
            {"name": "When", "type": "datetime"},
            {"name": "x", "type": "long"}
        ])
    );
    let found = &file["diagnostics"][0];
    assert_eq!(found["severity"], "error");
    assert_eq!(
        found["start"],
        json!({"offset": 49, "line": 1, "column": 50})
    );
    assert_eq!(found["end"], json!({"offset": 52, "line": 1, "column": 53}));
    let run = sandbox.run(&["kql", "check", "a.kql"]);
    assert_eq!(run.code, 1, "Visits is no built-in table");
}
