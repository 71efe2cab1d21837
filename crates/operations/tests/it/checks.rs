//! Every shipped check does what its own examples say.

use std::sync::Arc;

use futures::StreamExt;
use stance_base::FixedClock;
use stance_operations::checks::run_examples;
use stance_posture::{embedded_checks, read_check};

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock("2026-01-01T00:00:00Z".parse().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_every_check_holds() {
    let scratch = tempfile::tempdir().unwrap();
    let only = std::env::var("STANCE_CHECK").ok();
    let (checks, problems) = embedded_checks();
    assert!(problems.is_empty(), "{problems:#?}");
    let chosen = checks
        .into_iter()
        .filter(|check| only.as_ref().is_none_or(|name| check.name.contains(name)));
    let folder = scratch.path();
    let runs = chosen.map(|check| async move {
        run_examples(&check, clock(), folder)
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", check.name))
    });
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

#[tokio::test]
async fn an_example_that_does_not_hold_is_told() {
    let scratch = tempfile::tempdir().unwrap();
    let text =
        "{name: a, displayName: A, description: d, cloud: AWS, severity: Low, types: ['aws::x::y'],
        query: 'Resources | project id, origin, healthy = false',
        examples: [{name: one, expect: Healthy, resource: {id: r, name: r, type: 'AWS::X::Y'}}]}";
    let check = read_check(text).unwrap();
    let outcomes = run_examples(&check, clock(), scratch.path()).await.unwrap();
    assert_eq!(outcomes[0].actual, "Unhealthy");
    assert!(!outcomes[0].passed());
}

#[tokio::test]
async fn a_query_that_does_not_bind_is_an_error_that_names_the_fault() {
    let scratch = tempfile::tempdir().unwrap();
    let text =
        "{name: a, displayName: A, description: d, cloud: AWS, severity: Low, types: ['aws::x::y'],
        query: 'Resources | project id, origin, healthy = nosuchcolumn',
        examples: [{name: one, expect: Healthy, resource: {id: r, name: r, type: 'AWS::X::Y'}}]}";
    let check = read_check(text).unwrap();
    let outcomes = run_examples(&check, clock(), scratch.path()).await.unwrap();
    assert_eq!(outcomes[0].actual, "an error");
    assert!(
        outcomes[0].cause.contains("nosuchcolumn"),
        "{}",
        outcomes[0].cause
    );
}
