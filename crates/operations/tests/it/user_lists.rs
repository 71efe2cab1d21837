//! Sensitive and critical by the user's lists and the shipped rules.

use serde_json::{Map, Value, json};
use stance_exposure::{Confidence, GraphDraft, InsightDraft, Inventory, NodeDraft, Vocabulary};
use stance_model::{Cloud, Origin, Resource, SourceLocation};
use stance_operations::exposure::user_lists::{UserLists, add, shipped_criticality};

fn resource(body: Value) -> Resource {
    let body: Map<String, Value> = serde_json::from_value(body).unwrap();
    Resource::new(Cloud::Azure, Origin::Live, SourceLocation::default(), body)
}

/// The insights of a vault, a tagged account and a store, by node.
fn told(lists: &UserLists, before: &[(&str, &str, Confidence)]) -> Vec<(String, String, Value)> {
    let inventory: Inventory = [
        json!({"id": "/V", "name": "kv-example", "type": "Microsoft.KeyVault/vaults"}),
        json!({"id": "/A", "name": "ais-example", "type": "Microsoft.CognitiveServices/accounts",
            "tags": {"Business-Criticality": "Mission critical"}}),
        json!({"id": "/S", "name": "stexample", "type": "Microsoft.Storage/storageAccounts"}),
    ]
    .into_iter()
    .map(resource)
    .collect();
    let mut draft = GraphDraft::new();
    for resource in inventory.all() {
        draft.node(NodeDraft {
            id: resource.id.key(),
            label: resource.resource_type.clone(),
            name: resource.name().to_owned(),
            ..NodeDraft::default()
        });
    }
    for (node, name, confidence) in before {
        let insight = InsightDraft {
            name: (*name).to_owned(),
            value: true.into(),
            confidence: *confidence,
            ..InsightDraft::default()
        };
        draft.insight(*node, insight);
    }
    add(
        lists,
        &inventory,
        &Vocabulary::embedded().unwrap(),
        &mut draft,
    );
    let mut told: Vec<_> = draft.insights()[before.len()..]
        .iter()
        .map(|(node, insight)| (node.clone(), insight.name.clone(), insight.value.clone()))
        .collect();
    told.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    told
}

fn level(told: &[(String, String, Value)], node: &str) -> Option<u64> {
    let found = told
        .iter()
        .find(|(id, name, _)| id == node && name == "criticalityLevel")?;
    found.2["criticalityLevel"].as_u64()
}

#[test]
fn the_shipped_rules_rate_by_type_tag_and_insight() {
    assert!(!shipped_criticality().is_empty());
    let plain = told(&UserLists::default(), &[]);
    assert_eq!(level(&plain, "/v"), Some(1));
    assert_eq!(level(&plain, "/a"), Some(0));
    assert_eq!(level(&plain, "/s"), None);
    let sure = told(
        &UserLists::default(),
        &[("/s", "containsSensitiveData", Confidence::Medium)],
    );
    assert_eq!(level(&sure, "/s"), Some(1));
    let guessed = told(
        &UserLists::default(),
        &[("/s", "containsSensitiveData", Confidence::Low)],
    );
    assert_eq!(level(&guessed, "/s"), None);
}

#[test]
fn lists_of_the_user_count_beside_them() {
    let lists = UserLists::read(
        "{sensitive: ['st*'], critical: [{name: Vault of the bank, level: 0, match: {names: [kv-*], types: [microsoft.keyvault/vaults]}}]}",
    )
    .unwrap();
    let told = told(&lists, &[]);
    assert_eq!(level(&told, "/v"), Some(0));
    assert_eq!(level(&told, "/s"), Some(1), "sensitive data is critical");
    assert!(
        told.iter()
            .any(|(node, name, _)| node == "/s" && name == "containsSensitiveData")
    );
    let vault = told.iter().find(|(node, ..)| node == "/v").unwrap();
    let names = json!(["Vault of the bank", "Stores of secrets"]);
    assert_eq!(vault.2["ruleNames"], names);
}

#[test]
fn a_file_says_what_is_wrong_with_it() {
    for (text, reason) in [
        ("{sensitve: []}", "sensitve"),
        (
            "{critical: [{name: a, level: 4, match: {names: [a]}}]}",
            "from 0",
        ),
        ("{critical: [{name: a, level: 1, match: {}}]}", "`match`"),
    ] {
        let told = UserLists::read(text).unwrap_err();
        assert!(told.contains(reason), "{told}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = UserLists::place(folder.path());
    assert_eq!(
        UserLists::read_if_there(&path),
        (UserLists::default(), None)
    );
    std::fs::write(&path, "critical: 7").unwrap();
    let (lists, diagnostic) = UserLists::read_if_there(&path);
    assert_eq!(lists, UserLists::default());
    assert_eq!(diagnostic.unwrap().code, "EXP0003");
}
