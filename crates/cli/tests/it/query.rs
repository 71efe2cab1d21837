//! `stance query`: sources of the text, formats, files as tables, errors.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::{Run, Sandbox};

#[test]
fn the_text_comes_from_argument_file_or_pipe() {
    let sandbox = Sandbox::new();
    sandbox.write("q.kql", "print x = 1 + 1 // from a file");
    assert_eq!(sandbox.query("print x = 1 + 1"), [json!({"x": 2})]);
    let file = sandbox
        .ok(&["query", "-f", "q.kql", "--format", "json"])
        .json();
    assert_eq!(file, json!([{"x": 2}]));
    let mut child = sandbox
        .command(&["query", "--format", "csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"print x = 1 + 1")
        .unwrap();
    let run = Run::of(&child.wait_with_output().unwrap());
    assert_eq!(
        run.output.trim().replace("\r\n", "\n"),
        "x\n2",
        "{}",
        run.errors
    );
}

#[test]
fn files_are_tables() {
    let sandbox = Sandbox::new();
    sandbox.write("flows.jsonl", "{\"host\": \"a\", \"bytes\": 10}\n{\"host\": \"b\", \"bytes\": 5}\n{\"host\": \"a\", \"bytes\": 1}\n");
    sandbox.write("owners.csv", "host,owner\na,team-a\nb,team-b\n");
    let text = "Flows | summarize bytes = sum(bytes) by host | join kind=inner Owners on host | project owner, bytes | order by owner asc";
    let run = sandbox.ok(&[
        "query",
        text,
        "--table",
        "Flows=flows.jsonl",
        "--table",
        "Owners=owners.csv",
        "--format",
        "json",
    ]);
    assert_eq!(
        run.json(),
        json!([{"owner": "team-a", "bytes": 11}, {"owner": "team-b", "bytes": 5}])
    );

    sandbox.ok(&[
        "query",
        "Flows",
        "--table",
        "Flows=flows.jsonl",
        "--format",
        "parquet",
        "--output",
        "flows.parquet",
    ]);
    let back = sandbox.ok(&[
        "query",
        "Flows | count",
        "--table",
        "Flows=flows.parquet",
        "--format",
        "json",
    ]);
    assert_eq!(back.json(), json!([{"Count": 3}]));
}

#[test]
fn csv_cells_are_no_formulas() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok(&[
        "query",
        "print a = '=1+1', b = 'x,\"y\"', c = -1",
        "--format",
        "csv",
    ]);
    assert_eq!(
        run.output.replace("\r\n", "\n"),
        "a,b,c\n'=1+1,\"x,\"\"y\"\"\",-1\n"
    );
}

#[test]
fn an_error_points_at_the_place_and_helps() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["query", "Resources | where nmae == 'x'"]);
    assert_eq!(run.code, 2);
    assert!(run.errors.contains("nmae"), "{}", run.errors);
    assert!(run.errors.contains("name"), "a suggestion: {}", run.errors);
    assert!(run.errors.contains("KQL"), "a code: {}", run.errors);
}

#[test]
fn statistics_go_to_standard_error() {
    let sandbox = Sandbox::new();
    let run = sandbox.ok(&["query", "Resources | count", "--stats", "--format", "json"]);
    assert_eq!(run.json(), json!([{"Count": 0}]));
    for word in ["parse", "bind", "plan", "run", "rows", "bytes"] {
        assert!(run.errors.contains(word), "{word}: {}", run.errors);
    }
}

#[test]
fn a_result_over_the_limit_is_an_error() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["query", "range x from 1 to 100 step 1", "--max-rows", "10"]);
    assert_eq!(run.code, 2);
    assert!(run.errors.contains("10"), "{}", run.errors);
}

#[test]
fn tables_are_there_before_the_first_scan() {
    let sandbox = Sandbox::new();
    for table in [
        "Resources",
        "resources",
        "SecurityRecommendation",
        "SecurityAlert",
        "SigninLogs",
        "AzureDiagnostics",
        "SecurityAttackPath",
        "ExposureGraphNodes",
        "AIModels",
    ] {
        assert!(sandbox.query(table).is_empty(), "{table}");
    }
}

#[test]
fn functions_come_from_a_folder_and_are_shipped() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "functions/Twice.kql",
        "let Twice = (x:long, factor:long = 2) { x * factor };",
    );
    sandbox.write(
        "functions/more/Letters.kql",
        "datatable (l:string) ['a', 'b']",
    );
    let run = sandbox.ok(&[
        "query",
        "Letters | extend n = Twice(strlen(l)) | summarize n = sum(n)",
        "--functions",
        "functions",
        "--format",
        "json",
    ]);
    assert_eq!(run.json(), json!([{"n": 4}]));
    assert_eq!(
        sandbox.query("_GetWatchlistAlias() | count"),
        [json!({"Count": 0})]
    );
}

#[test]
fn a_broken_function_is_named_with_its_file() {
    let sandbox = Sandbox::new();
    sandbox.write("functions/Broken.kql", "let Broken = (x:long) { x + };");
    let run = sandbox.run(&["query", "print 1", "--functions", "functions"]);
    assert_ne!(run.code, 0);
    assert!(run.errors.contains("Broken.kql"), "{}", run.errors);
}
