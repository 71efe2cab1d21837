//! `stance ingest`: rows of logs and alerts into their tables.

use serde_json::json;

use crate::support::Sandbox;

const ALERT: &str = r#"{"TimeGenerated": "2026-10-31T10:00:00.1234567Z", "AlertName": "A jailbreak attempt", "AlertSeverity": "High", "IsIncident": false, "ConfidenceScore": 0.5, "ExtendedProperties": {"CallerIpAddress": "192.0.2.1"}, "Strange": 1}"#;

#[test]
fn the_name_of_the_file_tells_the_table() {
    let sandbox = Sandbox::new();
    sandbox.write("SecurityAlert.jsonl", format!("{ALERT}\n{ALERT}\n"));
    let run = sandbox.ok(&["ingest", "SecurityAlert.jsonl"]);
    assert!(
        run.errors.contains("Strange") || run.output.contains("Strange"),
        "columns left out are named"
    );
    let rows = sandbox.query("SecurityAlert | project TimeGenerated, IsIncident, ConfidenceScore, ip = tostring(ExtendedProperties['CallerIpAddress']) | take 1");
    assert_eq!(
        json!(rows),
        json!([{"TimeGenerated": "2026-10-31T10:00:00.1234560Z", "IsIncident": false, "ConfidenceScore": 0.5, "ip": "192.0.2.1"}])
    );
    assert_eq!(sandbox.query("SecurityAlert | count")[0]["Count"], 2);
}

#[test]
fn a_file_is_ingested_once() {
    let sandbox = Sandbox::new();
    sandbox.write("SecurityAlert.jsonl", ALERT);
    sandbox.ok(&["ingest", "SecurityAlert.jsonl"]);
    let again = sandbox.ok(&["ingest", "SecurityAlert.jsonl"]);
    assert!(
        format!("{}{}", again.output, again.errors).contains("already"),
        "{}{}",
        again.output,
        again.errors
    );
    assert_eq!(sandbox.query("SecurityAlert | count")[0]["Count"], 1);
}

#[test]
fn extended_properties_may_come_as_text() {
    let sandbox = Sandbox::new();
    sandbox.write("alerts.json", json!([{"TimeGenerated": "2026-10-31T10:00:00Z", "ExtendedProperties": "{\"CallerIpAddress\": \"192.0.2.1\"}"}]).to_string());
    sandbox.ok(&["ingest", "--table", "SecurityAlert", "alerts.json"]);
    let rows = sandbox
        .query("SecurityAlert | project ip = tostring(ExtendedProperties['CallerIpAddress'])");
    assert_eq!(json!(rows), json!([{"ip": "192.0.2.1"}]));
}

#[test]
fn logs_overflow_into_additional_fields() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "AzureDiagnostics.jsonl",
        r#"{"TimeGenerated": "2026-10-31T10:00:00Z", "Category": "Audit", "odd_s": "x"}"#,
    );
    sandbox.ok(&["ingest", "AzureDiagnostics.jsonl"]);
    let rows = sandbox.query("AzureDiagnostics | project odd = tostring(AdditionalFields.odd_s)");
    assert_eq!(json!(rows), json!([{"odd": "x"}]));
}

#[test]
fn a_broken_line_is_told_and_the_others_stay() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "SecurityAlert.jsonl",
        format!("{ALERT}\n{{\"AlertName\": \n{ALERT}\n"),
    );
    let run = sandbox.ok(&["ingest", "SecurityAlert.jsonl"]);
    assert!(run.errors.contains('2'), "the line: {}", run.errors);
    assert_eq!(sandbox.query("SecurityAlert | count")[0]["Count"], 2);
}

#[test]
fn an_unknown_table_is_refused_with_the_known_ones() {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", "{}");
    let run = sandbox.run(&["ingest", "--table", "Nonsense", "rows.jsonl"]);
    assert_eq!(run.code, 2);
    assert!(run.errors.contains("SigninLogs"), "{}", run.errors);
}
