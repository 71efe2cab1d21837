//! The bill of materials: whole, in part, and compared.

use serde_json::{Value, json};

use super::estate::{ACCOUNT, CONTRIBUTOR, OPENAI_USER, account, agent, assignment, mcp, small};
use super::golden;
use crate::support::{NOW, Sandbox, export};

fn names(bom: &Value, list: &str) -> Vec<String> {
    let mut names: Vec<String> = bom[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn property<'a>(part: &'a Value, name: &str) -> Vec<&'a str> {
    part["properties"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|property| property["name"] == name)
        .map(|property| property["value"].as_str().unwrap())
        .collect()
}

#[test]
fn a_bill_has_models_agents_tools_filters_and_who_may_do_what() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    let bom = sandbox.ok(&["bom"]).json();
    assert_eq!(bom["specVersion"], "1.6");
    assert_eq!(
        names(&bom, "components"),
        [
            "ai-claims (system-assigned)",
            "claims-agent",
            "gpt-4o",
            "policies",
            "strict"
        ]
    );
    assert_eq!(
        names(&bom, "services"),
        ["Intake", "ai-claims", "crm", "lookup_claim"]
    );
    let by_name = |list: &str, name: &str| -> Value {
        let parts = bom[list].as_array().unwrap();
        parts
            .iter()
            .find(|part| part["name"] == name)
            .unwrap()
            .clone()
    };
    let model = by_name("components", "gpt-4o");
    assert_eq!(model["type"], "machine-learning-model");
    assert_eq!(model["version"], "2024-08-06");
    assert_eq!(
        model["modelCard"]["modelParameters"]["modelArchitecture"],
        "gpt-4o"
    );
    let service = by_name("services", "ai-claims");
    assert_eq!(
        service["endpoints"],
        json!(["https://ai-claims.openai.azure.com/"])
    );
    let grants = property(&service, "stance:authority");
    assert!(
        grants[0].contains("Cognitive Services OpenAI User"),
        "{grants:?}"
    );
    let agent = by_name("components", "claims-agent");
    assert_eq!(
        property(&agent, "stance:dependency:uses-MCP-server"),
        ["mcp:https://mcp.contoso.example/sse"]
    );
    assert_eq!(
        property(&agent, "stance:dependency:uses-model"),
        [format!("{ACCOUNT}/deployments/chat").to_lowercase()]
    );
    let needs = bom["dependencies"].as_array().unwrap();
    let own = needs
        .iter()
        .find(|one| one["ref"] == agent["bom-ref"])
        .unwrap();
    assert_eq!(own["dependsOn"].as_array().unwrap().len(), 4, "{own}");
}

#[test]
fn an_agent_comes_with_all_it_needs_and_no_more() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    let table = sandbox
        .ok(&["bom", "--agent", "claims-agent", "--format", "csv"])
        .output;
    let groups: Vec<&str> = table
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    let mut sorted = groups.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        ["agent", "data", "guardrail", "model", "tool", "tool"]
    );
    let account = sandbox
        .ok(&["bom", "--account", "ai-claims", "--format", "json"])
        .json();
    assert_eq!(account["components"].as_array().unwrap().len(), 9);
    let wrong = sandbox.run(&["bom", "--agent", "nobody"]);
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.errors.contains("the estate has claims-agent"),
        "{}",
        wrong.errors
    );
}

#[test]
fn two_dates_differ_in_models_tools_and_grants() {
    let sandbox = Sandbox::new();
    let at = |day: &str, args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stance"));
        command.args(args).args(["--data"]).arg(sandbox.data());
        command.args(["--now", &format!("{day}T10:00:00Z"), "--quiet"]);
        let output = command.current_dir(sandbox.path("")).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let mut resources = account("gpt-4o", "2024-08-06");
    resources.push(agent(&json!([mcp(
        "crm",
        "https://mcp.contoso.example/sse"
    )])));
    resources.push(assignment(OPENAI_USER));
    sandbox.write("estate.json", export(&resources));
    at("2026-09-01", &["scan", "estate.json"]);

    let mut resources = account("gpt-4o", "2024-11-20");
    resources.push(agent(&json!([mcp("mail", "https://mail.example/mcp")])));
    resources.push(assignment(OPENAI_USER));
    resources.push(assignment(CONTRIBUTOR));
    sandbox.write("estate.json", export(&resources));
    at("2026-10-01", &["scan", "estate.json"]);

    // A third: the agent and its project are gone.
    let mut resources = account("gpt-4o", "2024-11-20");
    resources.remove(1);
    sandbox.write("estate.json", export(&resources));
    at("2026-10-20", &["scan", "estate.json"]);

    // Each estate is read once; files stand for the dates from there on.
    for day in ["2026-08-01", "2026-09-01", "2026-10-01"] {
        let file = format!("{day}.cdx.json");
        sandbox.ok(&["bom", "--at", day, "--output", &file]);
    }
    let (none, first, second) = (
        "2026-08-01.cdx.json",
        "2026-09-01.cdx.json",
        "2026-10-01.cdx.json",
    );
    let run = sandbox.run(&["bom", "diff", first, second, "--exit-code"]);
    assert_eq!(run.code, 1, "{}", run.errors);
    golden("diff.txt", &run.output);
    let diff = |before: &str, after: &str| {
        let arguments = ["bom", "diff", before, after, "--format", "json"];
        sandbox.ok(&arguments).json()
    };
    let found = diff(first, second);
    assert_eq!(found["added"][0]["name"], "mail");
    assert_eq!(found["removed"][0]["name"], "crm");
    let markdown = sandbox.ok(&["bom", "diff", first, second, "--format", "markdown"]);
    assert!(
        markdown
            .output
            .starts_with("## AI bill of materials: 1 added, 1 removed,")
    );
    let nothing_before = diff(none, first);
    assert_eq!(nothing_before["removed"], json!([]));
    assert_eq!(nothing_before["added"].as_array().unwrap().len(), 8);

    let gone = diff("2026-10-01", "now");
    let removed: Vec<&str> = gone["removed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert!(
        removed.contains(&"claims-agent") && removed.contains(&"Intake"),
        "{removed:?}"
    );
}

#[test]
fn a_file_and_the_estate_it_was_written_from_do_not_differ() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", small());
    sandbox.scan(&["estate.json"]);
    sandbox.ok(&["bom", "--output", "a.cdx.json"]);
    sandbox.ok(&["bom", "--at", NOW, "--output", "b.cdx.json"]);
    let read = |name: &str| std::fs::read_to_string(sandbox.path(name)).unwrap();
    assert_eq!(
        read("a.cdx.json"),
        read("b.cdx.json"),
        "history gives what the inventory gives, and the same estate the same bytes"
    );
    let run = sandbox.ok(&["bom", "diff", "a.cdx.json", "now", "--exit-code"]);
    assert_eq!(run.output, "no difference\n");
    sandbox.write("no.json", "{\"bomFormat\": \"SPDX\"}");
    let wrong = sandbox.run(&["bom", "diff", "no.json", "now"]);
    assert_eq!(wrong.code, 2);
    let unknown = sandbox.run(&["bom", "diff", "nothing-here", "a.cdx.json"]);
    assert_eq!(unknown.code, 2);
    assert!(
        unknown.errors.contains("no file, date or instant"),
        "{}",
        unknown.errors
    );
}
