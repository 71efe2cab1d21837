//! `stance inventory`.

use super::estate::small;
use super::golden;
use crate::support::Sandbox;

#[test]
fn workloads_are_listed_with_their_findings() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    let listed = sandbox.ok(&["inventory", "--format", "json"]).json();
    let listed = listed.as_array().unwrap();
    let account = listed
        .iter()
        .find(|item| item["name"] == "ai-claims")
        .unwrap();
    assert_eq!(account["kind"], "Microsoft Foundry (AI Services) account");
    assert!(
        account["findings"]["medium"].as_u64().unwrap() > 0,
        "{account}"
    );
    assert!(
        listed
            .iter()
            .all(|item| item["type"] != "microsoft.authorization/roleassignments")
    );

    golden(
        "inventory-agents-only.txt",
        &sandbox.ok(&["inventory", "--category", "agents"]).output,
    );
    let none = sandbox.ok(&["inventory", "--cloud", "gcp"]).output;
    assert_eq!(none, "0 AI workloads\n");
    let by_type = sandbox
        .ok(&["inventory", "--type", "deployments", "--format", "csv"])
        .output;
    assert_eq!(by_type.lines().count(), 2, "{by_type}");
}

#[test]
fn agents_are_listed_with_what_they_use() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    golden("agents.txt", &sandbox.ok(&["inventory", "agents"]).output);
}
