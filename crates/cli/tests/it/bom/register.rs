//! The register of approved AI, and what it says about the estate.

use serde_json::{Value, json};

use super::estate::{ACCOUNT, small};
use crate::support::Sandbox;

fn estate() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    sandbox
}

fn reasons(sandbox: &Sandbox) -> Vec<(String, String)> {
    let rows = sandbox
        .ok(&["register", "check", "--format", "json"])
        .json();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "Reason"), text(row, "Name")))
        .collect()
}

#[test]
fn without_a_register_nothing_is_shadow_and_that_is_said() {
    let sandbox = estate();
    let run = sandbox.ok(&["register", "check", "--fail"]);
    assert_eq!(run.output, "0 lines\n");
    assert!(
        run.errors.contains("there is no register"),
        "{}",
        run.errors
    );
}

#[test]
fn a_rule_speaks_only_where_the_register_has_entries_of_its_kind() {
    let sandbox = estate();
    sandbox.ok(&["register", "add", "model", "gpt-4o*"]);
    assert_eq!(reasons(&sandbox), []);
    sandbox.ok(&["register", "add", "region", "swedencentral"]);
    let found = reasons(&sandbox);
    assert!(
        found.iter().all(|(reason, _)| reason == "UnapprovedRegion"),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(_, name)| name == "claims-agent"),
        "{found:?}"
    );
    let failed = sandbox.run(&["register", "check", "--fail"]);
    assert_eq!(failed.code, 1);
    sandbox.ok(&["register", "add", "region", "WestEurope"]);
    sandbox.ok(&["register", "remove", "model", "GPT-4O*"]);
    sandbox.ok(&["register", "add", "model", "gpt-4.1"]);
    assert_eq!(
        reasons(&sandbox),
        [("UnapprovedModel".to_owned(), "gpt-4o".to_owned())]
    );
}

#[test]
fn agents_and_systems_that_nobody_registered_and_lapsed_approvals() {
    let sandbox = estate();
    sandbox.ok(&[
        "register",
        "add",
        "agent",
        "claims-agent",
        "--until",
        "2026-10-31",
        "--owner",
        "ana@contoso.example",
    ]);
    assert_eq!(
        reasons(&sandbox),
        [
            ("ApprovalLapsed".to_owned(), "claims-agent".to_owned()),
            ("NotRegistered".to_owned(), "ai-claims".to_owned()),
        ]
    );
    sandbox.ok(&[
        "register", "add", "system", ACCOUNT, "--name", "Claims", "--zone", "2",
    ]);
    assert_eq!(
        reasons(&sandbox),
        [],
        "the system covers what lies below its account"
    );
    let register = sandbox.query("AIRegister | project Kind, Name, Owner, Zone, ApprovedUntil");
    assert_eq!(register.len(), 2);
    let reconciled = sandbox.run(&["bom", "reconcile", "--format", "json", "--fail"]);
    let outcome = reconciled.json();
    assert_eq!(outcome["gone"], json!([]));
    assert_eq!(outcome["unknown"], json!([]));
    assert_eq!(reconciled.code, 1, "the agent's approval lapsed");
}

#[test]
fn calls_to_what_the_inventory_does_not_hold() {
    let sandbox = estate();
    let call = |account: &str, deployment: &str| {
        json!({
            "TimeGenerated": "2026-10-30T08:00:00Z", "ResourceProvider": "MICROSOFT.COGNITIVESERVICES",
            "Category": "RequestResponse", "OperationName": "ChatCompletions_Create",
            "_ResourceId": account, "Resource": account.rsplit('/').next(),
            "properties_s": json!({"modelDeploymentName": deployment, "modelName": "gpt-5"}).to_string(),
        })
        .to_string()
    };
    let elsewhere = ACCOUNT.replace("ai-claims", "ai-elsewhere");
    let lines = [
        call(ACCOUNT, "chat"),
        call(ACCOUNT, "secret"),
        call(ACCOUNT, "secret"),
        call(&elsewhere, "chat"),
    ];
    sandbox.write("AzureDiagnostics.jsonl", lines.join("\n"));
    sandbox.ok(&["ingest", "AzureDiagnostics.jsonl"]);
    assert_eq!(
        sandbox.query("ShadowAI").len(),
        0,
        "nothing without a register"
    );
    sandbox.ok(&["register", "add", "region", "westeurope"]);
    let rows = sandbox
        .query("ShadowAI | project Reason, Name, Calls, Model, Certainty | order by Name asc");
    assert_eq!(
        json!(rows),
        json!([
            {"Reason": "OnlyInTelemetry", "Name": "ai-elsewhere", "Calls": 1, "Model": "gpt-5", "Certainty": "Certain"},
            {"Reason": "OnlyInTelemetry", "Name": "secret", "Calls": 2, "Model": "gpt-5", "Certainty": "Certain"},
        ])
    );
}

#[test]
fn the_register_is_a_file_people_can_read() {
    let sandbox = Sandbox::new();
    sandbox.ok(&[
        "register",
        "add",
        "region",
        "westeurope",
        "--owner",
        "cloud team",
        "--register",
        "mine.yaml",
    ]);
    let text = std::fs::read_to_string(sandbox.path("mine.yaml")).unwrap();
    assert_eq!(
        text,
        "version: 1\nentries:\n- kind: region\n  value: westeurope\n  owner: cloud team\n"
    );
    sandbox.ok(&["register", "import", "mine.yaml"]);
    let exported = sandbox
        .ok(&["register", "export", "--format", "json"])
        .json();
    assert_eq!(exported["entries"][0]["value"], "westeurope");
    let listed = sandbox.ok(&["register", "list", "--format", "csv"]).output;
    assert!(listed.contains("region,westeurope"), "{listed}");

    sandbox.write(
        "wrong.yaml",
        "version: 1\nentries:\n- kind: planet\n  value: earth\n",
    );
    let wrong = sandbox.run(&["register", "import", "wrong.yaml"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.errors.contains("is no register"), "{}", wrong.errors);
    let all = sandbox.run(&["register", "add", "model", "*"]);
    assert_eq!(all.code, 2, "an entry that approves everything is refused");
    let gone = sandbox.run(&["register", "remove", "model", "gpt-4o"]);
    assert_eq!(gone.code, 2);
}
