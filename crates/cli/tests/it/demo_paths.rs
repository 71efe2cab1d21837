//! The attack paths of the demo estate: exactly those that are listed, told in every way that the command has.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::demo::{PARTS, scanned_parts};
use crate::support::{Sandbox, root};

/// The path that is shown at length.
const SHOWN: &str = "internet-openai-sensitive-store";
/// Rules that the estate was planted for, beside the four of the playbook.
const PLANTED: [&str; 9] = [
    "internet-openai-sensitive-store",
    "copilot-agent-dataverse-public-trigger",
    "foundry-project-vault-secrets",
    "indirect-prompt-injection-privileged-action",
    "cross-cloud-federation-ai",
    "pass-role-into-compute",
    "downloaded-key-ai-identity",
    "internet-compute-grounding-write",
    "mcp-tool-poisoning",
];

#[test]
fn attack_paths_of_the_demo_estate() {
    let (sandbox, _) = scanned_parts(&PARTS);
    let paths = sandbox.query(
        "ExposureAttackPaths | project RuleName, RiskLevel, EntryName, TargetName, Nodes, Steps, AttackPathId, Cloud",
    );
    exactly_the_listed_paths(&paths);
    enough_of_them(&paths);
    let shown = paths.iter().find(|path| path["RuleName"] == SHOWN).unwrap();
    let id = shown["AttackPathId"].as_str().unwrap();
    told_at_length(&sandbox, id);
    both_shapes_of_resource_graph(&sandbox, paths.len());
    names_of_the_playbook(&sandbox);
    a_role_of_the_chatbot_is_the_first_choke_point(&sandbox);
    a_fix_closes_its_path(&sandbox);
    a_second_scan_changes_nothing(&sandbox, paths.len());
}

/// `RULE,LEVEL,ENTRY,TARGET,STEPS`: names of the nodes, labels of the edges with the way their arrows run.
fn row(path: &Value) -> [String; 5] {
    let text = |name: &str| path[name].as_str().unwrap().to_owned();
    let nodes = path["Nodes"]["nodes"].as_array().unwrap();
    let name = |at: &Value| {
        let at = usize::try_from(at.as_u64().unwrap()).unwrap();
        nodes[at]["name"].as_str().unwrap().to_owned()
    };
    let mut steps = nodes[0]["name"].as_str().unwrap().to_owned();
    for step in path["Steps"].as_array().unwrap() {
        let label = step["label"].as_str().unwrap();
        let arrow = if step["back"] == true {
            format!(" <-[{label}]- ")
        } else {
            format!(" -[{label}]-> ")
        };
        steps.push_str(&arrow);
        steps.push_str(&name(&step["to"]));
    }
    [
        text("RuleName"),
        text("RiskLevel"),
        text("EntryName"),
        text("TargetName"),
        steps,
    ]
}

fn exactly_the_listed_paths(paths: &[Value]) {
    let file = root().join("examples/contoso-financial/expected-paths.csv");
    let found: BTreeSet<[String; 5]> = paths.iter().map(row).collect();
    assert_eq!(found.len(), paths.len(), "every path has a row of its own");
    if updates_golden() {
        let mut writer = csv::Writer::from_path(&file).unwrap();
        writer
            .write_record(["rule", "riskLevel", "entry", "target", "steps"])
            .unwrap();
        for row in &found {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    }
    let listed: BTreeSet<[String; 5]> = csv::Reader::from_path(file)
        .unwrap()
        .records()
        .map(|record| {
            let record = record.unwrap();
            std::array::from_fn(|at| record[at].to_owned())
        })
        .collect();
    let missing: Vec<_> = listed.difference(&found).collect();
    let extra: Vec<_> = found.difference(&listed).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:#?}\nextra {extra:#?}"
    );
}

fn enough_of_them(paths: &[Value]) {
    let rules: BTreeSet<&str> = paths
        .iter()
        .map(|path| path["RuleName"].as_str().unwrap())
        .collect();
    for rule in PLANTED {
        assert!(rules.contains(rule), "{rule} finds nothing");
    }
    assert!(paths.len() >= 14 && rules.len() >= 12, "{rules:#?}");
    for cloud in ["Azure", "AWS", "GCP"] {
        assert!(paths.iter().any(|path| path["Cloud"] == cloud), "{cloud}");
    }
}

fn told_at_length(sandbox: &Sandbox, id: &str) {
    let shown = sandbox.ok(&["paths", id]);
    matches_golden("path.txt", &shown.output);
    let steps = sandbox.ok(&["paths", id, "--format", "text"]);
    matches_golden("path-steps.txt", &steps.output);
    let picture = sandbox.ok(&["paths", id, "--format", "svg"]);
    assert!(picture.output.contains("<title"), "{}", picture.output);
}

/// Keys of the documented shape and of that of Exposure Management stand side by side.
fn both_shapes_of_resource_graph(sandbox: &Sandbox, count: usize) {
    let rows = sandbox.query("SecurityResources | where type == 'microsoft.security/attackpaths'");
    assert_eq!(rows.len(), count);
    for row in rows {
        for key in ["id", "name", "tenantId", "location", "subscriptionId"] {
            assert!(row[key].is_string(), "{key}: {row}");
        }
        let properties = &row["properties"];
        let texts = [
            "displayName",
            "description",
            "attackPathType",
            "manualRemediationSteps",
            "refreshInterval",
            "AttackPathID",
            "potentialImpact",
            "entryPointEntityInternalID",
            "targetEntityInternalID",
            "riskLevel",
            "attackStory",
        ];
        for key in texts {
            assert!(
                properties[key]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{key}: {properties}"
            );
        }
        for key in [
            "riskCategories",
            "riskFactors",
            "attackPathSteps",
            "mITRETacticsAndTechniques",
            "entryPointEntityInfos",
        ] {
            assert!(properties[key].is_array(), "{key}: {properties}");
        }
        assert_eq!(properties["isPartialAttackPath"], false);
        assert!(properties["assessments"].is_object(), "{properties}");
        let graph = &properties["graphComponent"];
        let entities: BTreeSet<&str> = graph["entities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entity| entity["entityInternalId"].as_str().unwrap())
            .collect();
        for end in ["entryPointEntityInternalID", "targetEntityInternalID"] {
            assert!(
                entities.contains(properties[end].as_str().unwrap()),
                "{end}"
            );
        }
        for connection in graph["connections"].as_array().unwrap() {
            for end in ["sourceEntityInternalId", "targetEntityInternalId"] {
                assert!(
                    entities.contains(connection[end].as_str().unwrap()),
                    "{end}"
                );
            }
        }
    }
}

/// The four paths that the playbook names, and the columns that it asks for.
fn names_of_the_playbook(sandbox: &Sandbox) {
    let rows = sandbox.query(
        "SecurityAttackPath | project AttackPathDisplayName, RiskLevel, EntryPoint, Target, RemediationSteps",
    );
    for name in [
        "Internet-exposed Azure OpenAI endpoint with access to sensitive data store",
        "Copilot Studio agent with over-permissive Dataverse role chained to a public-facing trigger",
        "AI Foundry project with managed identity granting access to a Key Vault containing customer secrets",
        "Indirect prompt injection chain (external content source → agent → privileged action)",
    ] {
        let row = rows.iter().find(|row| row["AttackPathDisplayName"] == name);
        let row = row.unwrap_or_else(|| panic!("{name} is not there"));
        for column in ["RiskLevel", "EntryPoint", "Target", "RemediationSteps"] {
            assert_ne!(row[column], "", "{column} of {name}");
        }
    }
}

/// Contributor of the chatbot's identity on its group carries more paths than anything else.
fn a_role_of_the_chatbot_is_the_first_choke_point(sandbox: &Sandbox) {
    let report = sandbox
        .ok(&["paths", "choke-points", "--format", "json"])
        .json();
    let first = &report["ranking"][0];
    let text = first.to_string();
    assert!(
        text.contains("roleAssignments/9ea7a57b-7c85-55bb-8cc5-194e3d6edef1"),
        "{report:#}"
    );
}

fn a_fix_closes_its_path(sandbox: &Sandbox) {
    let run = sandbox.ok(&[
        "paths",
        "--fix",
        "ai-services-disable-public-network@oai-chatbot-prod",
    ]);
    let told = format!("{}{}", run.output, run.errors);
    assert!(told.contains("1 of "), "{told}");
    assert!(told.contains("stcustomerdocsprod"), "{told}");
}

fn a_second_scan_changes_nothing(sandbox: &Sandbox, count: usize) {
    let changes = "ExposureAttackPathChanges | summarize Rows = count()";
    assert_eq!(sandbox.query(changes)[0]["Rows"], count);
    let estate = root().join("examples/contoso-financial");
    let parts = PARTS.map(|part| estate.join(part).to_str().unwrap().to_owned());
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    sandbox.scan(&parts);
    assert_eq!(sandbox.query(changes)[0]["Rows"], count);
    let paths = sandbox.query("ExposureAttackPaths | summarize Rows = count()");
    assert_eq!(paths[0]["Rows"], count);
}

fn updates_golden() -> bool {
    std::env::var_os("STANCE_UPDATE_GOLDEN").is_some()
}

/// Compares with a file of `golden/`.
fn matches_golden(name: &str, text: &str) {
    let file = root().join("crates/cli/tests/it/golden").join(name);
    if updates_golden() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    similar_enough(&golden, text, name);
}

/// Line by line, so that a difference is easy to read.
fn similar_enough(golden: &str, text: &str, name: &str) {
    for (number, (one, other)) in golden.lines().zip(text.lines()).enumerate() {
        assert_eq!(one, other, "{name}, line {}", number + 1);
    }
    assert_eq!(golden.lines().count(), text.lines().count(), "{name}");
}
