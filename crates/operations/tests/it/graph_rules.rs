//! Every shipped rule of the graph does what its own examples say.

use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use stance_base::FixedClock;
use stance_exposure::Vocabulary;
use stance_operations::exposure::edge_rules::{
    GraphRule, RuleOutcome, RuleSettings, load_rules, read_rule, run_examples,
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
        let empty = |example: &&stance_operations::exposure::edge_rules::RuleExample| {
            example.edges.is_empty() && example.insights.is_empty()
        };
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
