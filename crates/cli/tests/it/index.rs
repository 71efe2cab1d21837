//! Term filters, made by `stance index` and by `stance ingest`, and used by queries.

use std::fmt::Write as _;

use crate::support::Sandbox;

/// The number before ` rows left out by term filters`.
fn left_out(errors: &str) -> u64 {
    let (before, _) = errors.split_once(" rows left out by term filters").unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn an_indexed_file_is_read_in_part() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("logs")).unwrap();
    let rows = "range n from 1 to 40000 step 1 | extend text = strcat('row ', n, ' of many')";
    sandbox.ok(&[
        "query",
        rows,
        "--format",
        "parquet",
        "--output",
        "logs/rows.parquet",
    ]);
    let search = [
        "query",
        "--table",
        "T=logs",
        "--stats",
        "T | where text has '39000'",
    ];
    let before = sandbox.ok(&search);
    assert_eq!(left_out(&before.errors), 0);

    let told = sandbox.ok(&["index", "--column", "text", "logs"]);
    assert!(
        told.output.contains("40000 rows, filters for text of "),
        "{}",
        told.output
    );
    let after = sandbox.ok(&search);
    assert_eq!(after.output, before.output);
    assert_eq!(left_out(&after.errors), 2 * 16_384);

    let wrong = sandbox.run(&["index", "--column", "n", "logs"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.errors.contains("no column of text `n`"),
        "{}",
        wrong.errors
    );
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let nothing = sandbox.run(&["index", "empty"]);
    assert_eq!(nothing.code, 2);
}

#[test]
fn an_ingested_table_is_read_in_part() {
    let sandbox = Sandbox::new();
    let mut rows = String::new();
    for number in 0..20_000 {
        writeln!(
            rows,
            "{{\"TimeGenerated\":\"2026-11-01T10:00:00Z\",\"UserPrincipalName\":\"user{number}@example.com\",\"DeviceDetail\":{{\"deviceId\":\"d-{number}\"}}}}"
        )
        .unwrap();
    }
    sandbox.write("SigninLogs.jsonl", rows);
    sandbox.ok(&["ingest", "SigninLogs.jsonl"]);
    for condition in [
        "UserPrincipalName has 'user17000'",
        "DeviceDetail.deviceId == 'd-17000'",
        "DeviceDetail has 'd-17000'",
    ] {
        let query = format!("SigninLogs | where {condition} | project UserPrincipalName");
        let found = sandbox.ok(&["query", "--stats", "--format", "csv", &query]);
        assert!(
            found.output.contains("user17000@example.com"),
            "{condition}"
        );
        assert_eq!(left_out(&found.errors), 16_384, "{condition}");
    }
}
