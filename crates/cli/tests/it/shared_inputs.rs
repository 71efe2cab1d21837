//! Real answers of Azure, where the public corpora are at hand: diagnostics only where a file holds no resource.

use crate::support::{Sandbox, shared};

#[test]
fn real_answers_are_read_whole() {
    let Some(shared) = shared() else { return };
    for folder in ["inputs/azure-live", "inputs/azure-examples"] {
        let sandbox = Sandbox::new();
        let path = shared.join(folder);
        let report = sandbox.scan(&[path.to_str().unwrap()]);
        let resources = report["summary"]["resources"].as_u64().unwrap();
        assert!(resources > 50, "{folder}: {resources}");
        let errors: Vec<_> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|diagnostic| diagnostic["level"] == "error")
            .collect();
        for error in &errors {
            let file = std::path::Path::new(error["file"].as_str().unwrap())
                .file_name()
                .unwrap()
                .to_owned();
            let text = std::fs::read_to_string(path.join(&file)).unwrap();
            let holds_resource = text.contains("\"id\": \"/subscriptions/")
                && text.contains("\"type\": \"Microsoft.");
            assert!(!holds_resource, "{folder}: {error}");
        }
    }
}

#[test]
fn every_ai_definition_of_microsoft_loads() {
    let Some(shared) = shared() else { return };
    let sandbox = Sandbox::new();
    let input = shared.join("inputs/azure-live");
    let policies = shared.join("policies/ai");
    let aliases = shared.join("policies/aliases.json.gz");
    let arguments = [
        "scan",
        input.to_str().unwrap(),
        "--policy",
        policies.to_str().unwrap(),
        "--aliases",
        aliases.to_str().unwrap(),
        "--format",
        "json",
    ];
    let report = sandbox.ok(&arguments).json();
    let refused: Vec<_> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|diagnostic| {
            diagnostic["code"].as_str().unwrap().starts_with("POL")
                && diagnostic["level"] == "error"
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
    let known = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .any(|finding| finding["recommendation"] == "71ef260a-8f18-47b7-abcb-62d0673d94dc");
    assert!(known, "a built-in judged");
}
