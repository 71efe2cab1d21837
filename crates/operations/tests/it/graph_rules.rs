//! Every shipped rule of the graph does what its own examples say.

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use stance_base::FixedClock;
use stance_exposure::{Confidence, GraphDraft, NodeDraft, Vocabulary};
use stance_lake::{Lake, LakeOptions};
use stance_operations::exposure::edge_rules::{
    GraphRule, RuleExample, RuleOutcome, RuleSettings, load_rules, read_rule, rules, run,
    run_examples,
};

fn settings(scratch: &Path) -> RuleSettings {
    RuleSettings {
        clock: Arc::new(FixedClock("2026-01-01T00:00:00Z".parse().unwrap())),
        scratch: scratch.to_owned(),
    }
}

async fn outcomes(rule: &GraphRule, scratch: &Path) -> Vec<RuleOutcome> {
    let vocabulary = Vocabulary::embedded().unwrap();
    run_examples(rule, &vocabulary, &settings(scratch))
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", rule.name))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_every_rule_holds() {
    let scratch = tempfile::tempdir().unwrap();
    let only = std::env::var("STANCE_RULE").ok();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/graph/rules");
    let (rules, problems) = load_rules(&folder);
    assert!(problems.is_empty(), "{problems:#?}");
    let chosen: Vec<_> = rules
        .iter()
        .filter(|rule| only.as_ref().is_none_or(|name| rule.name.contains(name)))
        .collect();
    let runs = chosen.iter().map(|rule| outcomes(rule, scratch.path()));
    let outcomes: Vec<_> = futures::stream::iter(runs)
        .buffer_unordered(4)
        .concat()
        .await;
    assert!(!outcomes.is_empty());
    let failed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.passed())
        .map(ToString::to_string)
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_rule_has_an_example_with_and_one_without_a_result() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/graph/rules");
    for rule in load_rules(&folder).0 {
        let empty =
            |example: &&RuleExample| example.edges.is_empty() && example.insights.is_empty();
        let without = rule.examples.iter().filter(empty).count();
        assert!(without > 0, "{} finds something everywhere", rule.name);
        assert!(without < rule.examples.len(), "{} never finds", rule.name);
    }
}

const RULE: &str = "{name: a, description: d,
    query: \"Resources | where type == 'x.y/z' | project EdgeLabel = 'uses', SourceId = id, TargetId = tostring(properties.of)\",
    examples: [{name: one, resources: [{id: R, name: r, type: X.Y/z, properties: {of: S}}], edges: ['r -[uses]-> s']}]}";

#[tokio::test]
async fn an_example_that_does_not_hold_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let held = outcomes(&read_rule(RULE).unwrap(), scratch.path()).await;
    assert!(held[0].passed(), "{}", held[0]);
    let other = RULE.replace("-> s", "-> t");
    let told = outcomes(&read_rule(&other).unwrap(), scratch.path()).await;
    assert!(told[0].missing.contains("r -[uses]-> t"));
    assert!(told[0].unexpected.contains("r -[uses]-> s"));
}

#[tokio::test]
async fn a_query_that_cannot_run_or_lacks_columns_says_so() {
    let scratch = tempfile::tempdir().unwrap();
    for (from, to, told) in [
        ("tostring(properties.of)", "nosuchcolumn", "nosuchcolumn"),
        ("EdgeLabel", "Label", "EdgeLabel, SourceId and TargetId"),
    ] {
        let rule = read_rule(&RULE.replace(from, to)).unwrap();
        let outcomes = outcomes(&rule, scratch.path()).await;
        let unexpected = format!("{:?}", outcomes[0].unexpected);
        assert!(unexpected.contains(told), "{unexpected}");
    }
}

#[tokio::test]
async fn a_rule_that_fails_stops_no_other_and_nodes_come_with_edges() {
    let scratch = tempfile::tempdir().unwrap();
    let lake = Lake::open(scratch.path().join("data"), LakeOptions::default()).unwrap();
    let catalog = stance_operations::catalog::catalog(&lake, &[])
        .await
        .unwrap();
    let query = "print EdgeLabel = 'uses', SourceId = 'Agent', TargetId = 'MCP:x', TargetLabel = 'mcp/server',
        TargetName = 'X', TargetInsights = dynamic(['isThirdParty']), Confidence = 'Low', Properties = dynamic({\"a\": 1})";
    let rule = |name: &str, query: &str| {
        let text = serde_json::json!({"name": name, "description": "d", "query": query});
        read_rule(&text.to_string()).unwrap()
    };
    let rules = [
        rule("broken", "Resources | where nosuchcolumn"),
        rule(
            "unknown-insight",
            "print NodeId = 'agent', Insight = 'isPurple'",
        ),
        rule("other", query),
    ];
    let mut draft = GraphDraft::new();
    draft.node(NodeDraft {
        id: "agent".to_owned(),
        label: "ai-agent".to_owned(),
        ..NodeDraft::default()
    });
    let vocabulary = Vocabulary::embedded().unwrap();
    let settings = settings(scratch.path());
    let problems = run(
        Arc::new(catalog),
        &rules,
        &vocabulary,
        &settings,
        &mut draft,
    )
    .await
    .unwrap();
    let failed: Vec<&str> = problems.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(failed, ["broken", "unknown-insight"]);
    assert!(problems.iter().all(|one| one.code == "EXP0002"));
    let graph = draft.close(&vocabulary);
    let server = graph.node(graph.find("mcp:x").unwrap());
    assert_eq!(&*server.name, "X");
    assert!(server.properties.contains("isThirdParty"));
    let edge = graph.leaving(graph.find("agent").unwrap()).next().unwrap();
    assert_eq!(&*graph.edge_text(edge).maker, "other");
    assert_eq!(graph.edge(edge).confidence, Confidence::Low);
}

#[test]
fn a_rule_of_the_user_stands_in_for_the_shipped_one_and_a_bad_file_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let own = "{name: agent-uses-tool, description: mine, query: Resources}";
    std::fs::write(folder.path().join("agent-uses-tool.yaml"), own).unwrap();
    std::fs::write(
        folder.path().join("bad.yaml"),
        "{name: bad, querry: Resources}",
    )
    .unwrap();
    let (shipped, problems) = rules(&[], false);
    assert!(problems.is_empty(), "{problems:#?}");
    let (all, problems) = rules(&[folder.path().to_owned()], false);
    assert_eq!(all.len(), shipped.len());
    let found: Vec<_> = all
        .iter()
        .filter(|rule| rule.name == "agent-uses-tool")
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].description, "mine");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "EXP0001");
    assert!(problems[0].message.contains("querry"));
}
