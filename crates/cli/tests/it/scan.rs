//! `stance scan`: what it finds, how it ends, what it says of bad input.

use serde_json::{Value, json};

use crate::support::{Sandbox, account, export};

fn open_account() -> Value {
    account(
        "open",
        &json!({"disableLocalAuth": false, "publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}),
    )
}

fn findings<'a>(report: &'a Value, state: &str) -> Vec<&'a Value> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] == state)
        .collect()
}

/// An account whose key access hangs on something only known after deployment.
fn template(disable_local_auth: &str) -> String {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string", "defaultValue": "bot"}},
        "resources": [{
            "type": "Microsoft.CognitiveServices/accounts",
            "apiVersion": "2024-10-01",
            "name": "[parameters('name')]",
            "location": "westeurope",
            "kind": "OpenAI",
            "sku": {"name": "S0"},
            "properties": {"disableLocalAuth": disable_local_auth},
        }],
    })
    .to_string()
}

#[test]
fn a_finding_says_what_where_why_and_how_to_mend_it() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", export(&[open_account()]));
    let report = sandbox.scan(&["estate.json"]);
    assert_eq!(report["summary"]["resources"], 1);
    let unhealthy = findings(&report, "Unhealthy");
    let key_access = unhealthy
        .iter()
        .find(|finding| finding["evidence"].to_string().contains("disableLocalAuth"))
        .expect("key access is found");
    assert_eq!(key_access["resourceId"], report["resources"][0]["id"]);
    let evidence = &key_access["evidence"][0];
    assert_eq!(evidence["value"], false);
    assert_eq!(evidence["source"], report["resources"][0]["id"]);
    let commands = key_access["remediation"]["commands"].as_array().unwrap();
    let tools: Vec<_> = commands
        .iter()
        .map(|command| command["tool"].as_str().unwrap())
        .collect();
    assert_eq!(tools, ["azure-cli", "terraform", "arm"]);
    assert!(commands[0]["text"].as_str().unwrap().contains("open"));
    assert!(!key_access["frameworks"].as_array().unwrap().is_empty());
}

#[test]
fn finding_ids_outlive_scans_and_data_folders() {
    let ids = |sandbox: &Sandbox| -> Vec<Value> {
        sandbox.write("estate.json", export(&[open_account()]));
        let report = sandbox.scan(&["estate.json"]);
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["id"].clone())
            .collect()
    };
    let (first, second) = (Sandbox::new(), Sandbox::new());
    let seen = ids(&first);
    assert!(!seen.is_empty());
    assert_eq!(seen, ids(&first));
    assert_eq!(seen, ids(&second));
}

#[test]
fn exit_codes_tell_findings_from_failures() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", export(&[open_account()]));
    sandbox.write("broken.json", "{\"value\": [{\"id\": ");
    let code = |arguments: &[&str]| sandbox.run(arguments).code;
    assert_eq!(
        code(&["scan", "estate.json", "--quiet"]),
        0,
        "findings alone"
    );
    assert_eq!(
        code(&["scan", "estate.json", "--fail-on", "low"]),
        1,
        "findings at the bar"
    );
    assert_eq!(
        code(&["scan", "estate.json", "--fail-on", "CRITICAL"]),
        0,
        "findings below the bar"
    );
    assert_eq!(code(&["scan", "broken.json"]), 2, "nothing could be read");
    assert_eq!(code(&["scan", "absent.json"]), 2, "no such file");
    assert_eq!(
        code(&["scan", "estate.json", "broken.json"]),
        0,
        "something could be read"
    );
    assert_eq!(
        code(&["scan", "estate.json", "broken.json", "--strict"]),
        2,
        "strict"
    );
    assert_eq!(
        code(&["scan", "estate.json", "--policy", "absent"]),
        2,
        "no such policies"
    );
    assert_eq!(
        code(&["scan", "estate.json", "--fail-on", "dreadful"]),
        2,
        "wrong argument"
    );
}

#[test]
fn a_broken_file_costs_one_diagnostic_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("in/good.json", export(&[open_account()]));
    sandbox.write(
        "in/truncated.json",
        "{\"value\": [{\"id\": \"/subscriptions/s",
    );
    sandbox.write("in/deep.json", "[".repeat(10_000));
    sandbox.write("in/notes.txt", "nothing to see");
    let report = sandbox.scan(&["in"]);
    assert_eq!(report["summary"]["resources"], 1);
    for file in ["truncated.json", "deep.json"] {
        let about: Vec<_> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|diagnostic| diagnostic["file"].as_str().unwrap().ends_with(file))
            .collect();
        assert_eq!(about.len(), 1, "{file}: {about:?}");
        assert!(!about[0]["help"].as_str().unwrap().is_empty());
        assert!(about[0]["line"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn a_template_is_judged_before_it_is_deployed() {
    let sandbox = Sandbox::new();
    sandbox.write("main.json", template("[false()]"));
    let report = sandbox.scan(&["main.json"]);
    let finding = findings(&report, "Unhealthy")
        .into_iter()
        .find(|finding| finding["evidence"].to_string().contains("disableLocalAuth"))
        .expect("key access is found")
        .clone();
    let source = finding["evidence"][0]["source"].as_str().unwrap();
    assert!(source.starts_with("main.json:"), "{source}");
}

#[test]
fn what_cannot_be_known_is_unknown_with_the_expression() {
    let sandbox = Sandbox::new();
    let expression = "[reference(resourceId('Microsoft.KeyVault/vaults', 'v'), '2023-07-01').enableRbacAuthorization]";
    sandbox.write("main.json", template(expression));
    let report = sandbox.scan(&["main.json"]);
    let about: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["evidence"].to_string().contains("disableLocalAuth"))
        .collect();
    assert!(!about.is_empty());
    for finding in about {
        assert_eq!(finding["state"], "Unknown", "{finding}");
        assert!(
            finding["evidence"]
                .to_string()
                .contains("enableRbacAuthorization"),
            "{finding}"
        );
    }
}

#[test]
fn powershell_writes_utf16() {
    let sandbox = Sandbox::new();
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(
        export(&[open_account()])
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    sandbox.write("estate.json", bytes);
    assert_eq!(sandbox.scan(&["estate.json"])["summary"]["resources"], 1);
}

#[cfg(unix)]
#[test]
fn links_do_not_leave_the_input_folder() {
    let sandbox = Sandbox::new();
    sandbox.write("outside/secret.json", export(&[open_account()]));
    sandbox.write("in/empty.json", "{\"value\": []}");
    std::os::unix::fs::symlink(
        sandbox.path("outside/secret.json"),
        sandbox.path("in/link.json"),
    )
    .unwrap();
    std::os::unix::fs::symlink(sandbox.path("outside"), sandbox.path("in/folder")).unwrap();
    let report = sandbox.scan(&["in"]);
    assert_eq!(report["summary"]["resources"], 0);
    assert!(
        report["diagnostics"].to_string().contains("link"),
        "{}",
        report["diagnostics"]
    );
}

#[test]
fn sarif_points_at_file_and_line() {
    let sandbox = Sandbox::new();
    sandbox.write("infra/main.json", template("false"));
    let sarif = sandbox.ok(&["scan", "infra", "--format", "sarif"]).json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert!(
        place["artifactLocation"]["uri"]
            .as_str()
            .unwrap()
            .ends_with("main.json")
    );
    assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
}

#[test]
fn a_policy_of_the_user_judges_too() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", export(&[open_account()]));
    let policy = json!({"name": "own-region", "properties": {
        "displayName": "AI accounts live in Sweden", "policyType": "Custom", "mode": "Indexed", "description": "Data stays there.",
        "parameters": {},
        "policyRule": {"if": {"allOf": [
            {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            {"field": "location", "notEquals": "swedencentral"}]}, "then": {"effect": "audit"}}}});
    sandbox.write("rules/own.json", policy.to_string());
    sandbox.write("rules/wrong.json", "{\"properties\": {\"policyRule\": 7}}");
    let report = sandbox
        .ok(&[
            "scan",
            "estate.json",
            "--policy",
            "rules",
            "--format",
            "json",
        ])
        .json();
    let own: Vec<_> = findings(&report, "Unhealthy")
        .into_iter()
        .filter(|finding| finding["recommendation"] == "own-region")
        .collect();
    assert_eq!(own.len(), 1);
    assert_eq!(
        own[0]["evidence"].as_array().unwrap().last().unwrap()["value"],
        "westeurope"
    );
    assert!(report["diagnostics"].to_string().contains("wrong.json"));
}
