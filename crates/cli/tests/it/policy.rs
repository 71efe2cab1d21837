//! `stance policy`: definitions listed as az lists them, initiatives, assignments and exemptions made, compliance told.

use serde_json::{Value, json};

use crate::support::{Sandbox, account, export};

const SUBSCRIPTION: &str = "/subscriptions/11111111-1111-1111-1111-111111111111";
const KEYS: &str = "ai-services-disable-key-access";
const LOGS: &str = "ai-services-diagnostic-logs";

/// Three accounts: one takes keys, one does not, one takes keys in another group.
fn estate() -> String {
    let open = json!({"disableLocalAuth": false});
    let mut legacy = account("legacy", &open);
    legacy["id"] = json!(format!(
        "{SUBSCRIPTION}/resourceGroups/old/providers/Microsoft.CognitiveServices/accounts/legacy"
    ));
    legacy["resourceGroup"] = json!("old");
    export(&[
        account("bad", &open),
        account("good", &json!({"disableLocalAuth": true})),
        legacy,
    ])
}

/// A sandbox with an initiative of two definitions in two groups, assigned to the subscription.
fn assigned() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "definitions.json",
        json!([
            {"policyDefinitionId": KEYS, "groupNames": ["IM-1"]},
            {"policyDefinitionId": format!("/providers/Microsoft.Authorization/policyDefinitions/{LOGS}"), "groupNames": ["LT-3"]},
        ])
        .to_string(),
    );
    sandbox.ok(&[
        "policy",
        "initiative",
        "create",
        "--name",
        "own",
        "--definitions",
        "@definitions.json",
        "--definition-groups",
        r#"[{"name": "IM-1"}, {"name": "LT-3"}]"#,
        "--metadata",
        r#"{"category":"AI Governance"}"#,
    ]);
    sandbox.ok(&[
        "policy",
        "assign",
        "--name",
        "all",
        "--policy-set-definition",
        "own",
        "--scope",
        SUBSCRIPTION,
    ]);
    sandbox.write("estate.json", estate());
    sandbox
}

#[test]
fn the_query_of_the_page_lists_the_definitions_about_ai() {
    let sandbox = Sandbox::new();
    let query = "[?contains(displayName,'AI Services') || contains(displayName,'Cognitive Services') || contains(displayName,'Machine Learning')].{name:name,displayName:displayName}";
    let table = sandbox.ok(&[
        "policy",
        "definition",
        "list",
        "--query",
        query,
        "-o",
        "table",
    ]);
    let header = table
        .output
        .lines()
        .find(|line| line.contains("Name"))
        .unwrap();
    assert!(
        header.find(" Name ").unwrap() < header.find("DisplayName").unwrap(),
        "columns in the order of the query: {header}"
    );
    assert!(table.output.contains(KEYS));
    assert!(!table.output.contains("ai-search-disable-key-access"));
    let lines = sandbox.ok(&["policy", "list", "--query", query, "--format", "tsv"]);
    let first: Vec<&str> = lines.output.lines().next().unwrap().split('\t').collect();
    assert_eq!(first.len(), 2);
    assert!(first[0].starts_with("ai-services"), "{first:?}");
    let rows = sandbox.ok(&["policy", "list"]).json();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == KEYS)
        .unwrap();
    for key in [
        "id",
        "displayName",
        "description",
        "policyType",
        "mode",
        "metadata",
        "parameters",
        "policyRule",
        "type",
    ] {
        assert!(row.get(key).is_some(), "{key}: {row}");
    }
    let shown = sandbox.ok(&["policy", "show", KEYS, "--query", "policyRule.then.effect"]);
    assert!(shown.output.contains("effect"), "{}", shown.output);
}

#[test]
fn a_bad_query_or_name_is_told_and_not_a_panic() {
    let sandbox = Sandbox::new();
    let deep = "(".repeat(5000);
    for arguments in [
        ["policy", "list", "--query", "[?contains("],
        ["policy", "list", "--query", &deep],
        ["policy", "list", "--query", "[].nope(@)"],
        ["policy", "show", "--name", "none"],
    ] {
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, 2, "{arguments:?} {}", run.errors);
        assert!(run.errors.starts_with("error["), "{}", run.errors);
    }
}

#[test]
fn what_is_assigned_is_judged_and_rolls_up_by_group() {
    let sandbox = assigned();
    let report = sandbox.scan(&["estate.json"]);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 6, "two definitions on three accounts");
    let compliance = sandbox
        .ok(&[
            "policy",
            "compliance",
            "--initiative",
            "own",
            "--format",
            "json",
        ])
        .json();
    let own = &compliance["assignments"][0];
    assert!(
        own["policyAssignmentId"]
            .as_str()
            .unwrap()
            .ends_with("/policyAssignments/all")
    );
    assert_eq!(own["resources"]["total"], 3);
    assert_eq!(own["resources"]["nonCompliant"], 2);
    let group = |name: &str| {
        let groups = own["groups"].as_array().unwrap();
        groups.iter().find(|group| group["name"] == name).unwrap()["resources"].clone()
    };
    assert_eq!(group("IM-1")["percentage"], 33.3);
    // Nobody collected diagnostic settings: Azure counts what is unknown as good, which is worth nothing here.
    assert_eq!(group("LT-3")["unknown"], 3);
    assert_eq!(group("LT-3")["percentage"], 100.0);
    assert_eq!(group("LT-3")["percentageOfKnown"], Value::Null);
    let table = sandbox.ok(&["policy", "compliance"]).output;
    assert!(
        table.contains("IM-1") && table.contains("33.3 %"),
        "{table}"
    );

    let states = sandbox.query(
        "PolicyResources | where type == 'microsoft.policyinsights/policystates' \
         | extend state = tostring(properties.complianceState), reference = tostring(properties.policyDefinitionReferenceId) \
         | summarize n = count() by reference, state | order by reference asc, state asc",
    );
    assert_eq!(
        json!(states),
        json!([
            {"reference": LOGS, "state": "Unknown", "n": 3},
            {"reference": KEYS, "state": "Compliant", "n": 1},
            {"reference": KEYS, "state": "NonCompliant", "n": 2},
        ])
    );
    let kinds = sandbox
        .query("PolicyResources | where name in ('own', 'all') | project type | order by type asc");
    assert_eq!(
        json!(kinds),
        json!([{"type": "microsoft.authorization/policyassignments"}, {"type": "microsoft.authorization/policysetdefinitions"}])
    );
}

#[test]
fn an_exempt_resource_keeps_its_verdict_in_sight() {
    let sandbox = assigned();
    let old = format!("{SUBSCRIPTION}/resourceGroups/old");
    sandbox.ok(&[
        "policy",
        "exempt",
        "--name",
        "legacy",
        "--policy-assignment",
        "all",
        "--exemption-category",
        "waiver",
        "--scope",
        &old,
        "--expires-on",
        "2026-12-31T00:00:00Z",
    ]);
    let report = sandbox.scan(&["estate.json"]);
    let told = report["diagnostics"].to_string();
    assert!(
        told.contains("2 findings are exempt; 1 of them would be unhealthy"),
        "{told}"
    );
    let rows = sandbox.query(&format!(
        "SecurityRecommendation | where AssessedResourceId has 'legacy' and RecommendationName == '{KEYS}' \
         | project RecommendationState, NotApplicableReason, without = tostring(Evidence[0].value.stateWithout)"
    ));
    assert_eq!(rows[0]["RecommendationState"], "NotApplicable");
    assert!(
        rows[0]["NotApplicableReason"]
            .as_str()
            .unwrap()
            .starts_with("exempt: Waiver until 2026-12-31")
    );
    assert_eq!(rows[0]["without"], "Unhealthy");
    let exempt = sandbox.ok(&[
        "policy",
        "states",
        "--state",
        "exempt",
        "--query",
        "length(@)",
    ]);
    assert_eq!(exempt.output.trim(), "2");
    // After the end of the exemption it is kept for the record, and not honoured.
    let mut later = std::process::Command::new(env!("CARGO_BIN_EXE_stance"));
    later
        .args([
            "scan",
            "estate.json",
            "--quiet",
            "--now",
            "2027-01-01T00:00:00Z",
        ])
        .current_dir(sandbox.path(""))
        .env("STANCE_DATA", sandbox.data());
    assert!(later.output().unwrap().status.success());
    let exempt = sandbox.ok(&[
        "policy",
        "states",
        "--state",
        "exempt",
        "--query",
        "length(@)",
    ]);
    assert_eq!(exempt.output.trim(), "0");
    let kept = sandbox.query(
        "PolicyResources | where type == 'microsoft.authorization/policyexemptions' | count",
    );
    assert_eq!(kept[0]["Count"], 1);
}

#[test]
fn states_go_with_their_resources_and_have_no_history() {
    let sandbox = assigned();
    sandbox.scan(&["estate.json"]);
    let states = "PolicyResources | where type has 'policystates' | count";
    assert_eq!(sandbox.query(states)[0]["Count"], 6);
    sandbox.scan(&["estate.json"]);
    assert_eq!(sandbox.query(states)[0]["Count"], 6, "the same scan again");
    // Another input leaves these alone; a resource read from it takes its states along.
    sandbox.write(
        "more/one.json",
        export(&[account("bad", &json!({"disableLocalAuth": true}))]),
    );
    sandbox.scan(&["more/one.json"]);
    assert_eq!(sandbox.query(states)[0]["Count"], 6);
    let bad = sandbox.query(&format!(
        "PolicyResources | where type has 'policystates' and parent_id endswith '/bad' \
         | extend name = tostring(properties.policyDefinitionName) | where name == '{KEYS}' \
         | project state = tostring(properties.complianceState)"
    ));
    assert_eq!(json!(bad), json!([{"state": "Compliant"}]));
    // A resource that is gone has no state.
    sandbox.write(
        "estate.json",
        export(&[account("good", &json!({"disableLocalAuth": true}))]),
    );
    sandbox.scan(&["estate.json"]);
    assert_eq!(sandbox.query(states)[0]["Count"], 4);
    let history = sandbox.query("ResourceChanges | where type has 'policy' | count");
    assert_eq!(
        history[0]["Count"], 0,
        "what a scan makes itself has no history"
    );
    let compliance = sandbox.ok(&[
        "policy",
        "compliance",
        "-o",
        "json",
        "--query",
        "resources.total",
    ]);
    assert_eq!(compliance.output.trim(), "2");
}

#[test]
fn an_estate_brings_its_own_assignments_beside_the_baseline() {
    let sandbox = Sandbox::new();
    let object = |kind: &str, scope: &str, name: &str, properties: Value| {
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/{kind}/{name}"),
            "name": name,
            "type": format!("microsoft.authorization/{}", kind.to_lowercase()),
            "subscriptionId": SUBSCRIPTION.rsplit('/').next(),
            "properties": properties,
        })
    };
    let rule = json!({
        "displayName": "accounts need an owner",
        "mode": "Indexed",
        "policyRule": {
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
                {"field": "tags['owner']", "exists": false},
            ]},
            "then": {"effect": "audit"},
        },
    });
    let of = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/policyDefinitions/owner");
    let mut estate: Value = serde_json::from_str(&estate()).unwrap();
    let rows = estate["data"].as_array_mut().unwrap();
    rows.push(object(
        "policyDefinitions",
        SUBSCRIPTION,
        "owner",
        rule.clone(),
    ));
    rows.push(object("policyDefinitions", SUBSCRIPTION, "idle", rule));
    let group = format!("{SUBSCRIPTION}/resourceGroups/rg");
    rows.push(object(
        "policyAssignments",
        &group,
        "o",
        json!({"policyDefinitionId": of, "scope": group}),
    ));
    rows.push(object(
        "policyAssignments",
        SUBSCRIPTION,
        "builtin",
        json!({"policyDefinitionId": "/providers/Microsoft.Authorization/policySetDefinitions/00000000", "scope": SUBSCRIPTION}),
    ));
    sandbox.write("estate.json", estate.to_string());
    let report = sandbox.scan(&["estate.json"]);
    let findings = report["findings"].as_array().unwrap();
    let named = |name: &str| {
        findings
            .iter()
            .filter(|one| one["recommendation"] == name)
            .count()
    };
    assert_eq!(named("owner"), 2, "two accounts lie in the group");
    assert_eq!(named("idle"), 0);
    assert_eq!(named(KEYS), 3, "the baseline judges on");
    let codes: Vec<&str> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert!(codes.contains(&"POL0015"), "{codes:?}");
}

#[test]
fn what_was_made_is_listed_and_removed_and_names_stay_inside_the_folder() {
    let sandbox = assigned();
    let names = |what: &str| {
        let run = sandbox.ok(&["policy", what, "list", "--query", "[].name", "-o", "tsv"]);
        run.output.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(names("set-definition").contains(&"own".to_owned()));
    assert_eq!(names("assignment"), ["all"]);
    let file = sandbox.data().join("policy/assignments/all.json");
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written["type"], "Microsoft.Authorization/policyAssignments");
    assert_eq!(written["properties"]["enforcementMode"], "Default");
    sandbox.ok(&["policy", "assignment", "delete", "--name", "all"]);
    assert!(names("assignment").is_empty());
    for name in ["../out", "a/b", "", ".hidden", "a\nb"] {
        let run = sandbox.run(&[
            "policy",
            "assign",
            "--name",
            name,
            "--policy",
            KEYS,
            "--scope",
            SUBSCRIPTION,
        ]);
        assert_eq!(run.code, 2, "{name}: {}", run.errors);
    }
    for (option, value) in [
        ("--scope", "nowhere"),
        ("--params", r#"{"effect": {"value": "Explode"}}"#),
        ("--params", "missing.json"),
        ("--policy", "unknown"),
    ] {
        let mut arguments = vec!["policy", "assign", "--name", "x"];
        for (key, standard) in [("--policy", KEYS), ("--scope", SUBSCRIPTION)] {
            arguments.extend([key, if key == option { value } else { standard }]);
        }
        if option == "--params" {
            arguments.extend([option, value]);
        }
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, 2, "{option} {value}: {}", run.errors);
    }
    assert!(
        names("assignment").is_empty(),
        "what is wrong is not written"
    );
}
