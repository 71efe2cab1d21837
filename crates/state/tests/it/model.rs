//! Any sequence of scans leaves what a simple model in memory says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use stance_model::FindingState;
use stance_state::{ChangeKind, State};

use crate::databases::all;
use crate::life_cycle::{finding, scan};

/// One scan: which inputs are read and how wholly, and the state of each finding (`None`: not judged).
type Step = ([Option<bool>; 2], Vec<Option<FindingState>>);

const RESOURCES: usize = 3;
const RULES: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    state: FindingState,
    first: u32,
    changed: u32,
    opened: Option<u32>,
    resolved: Option<u32>,
    gone: Option<u32>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let state = prop_oneof![
        Just(FindingState::Unhealthy),
        Just(FindingState::Unknown),
        Just(FindingState::Healthy),
        Just(FindingState::NotApplicable)
    ];
    let inputs = [any::<Option<bool>>(), any::<Option<bool>>()];
    let judged =
        proptest::collection::vec(proptest::option::weighted(0.7, state), RESOURCES * RULES);
    proptest::collection::vec((inputs, judged), 1..8)
}

/// Resource `n` always comes from input `n % 2`.
fn parts(index: usize) -> (usize, String, String) {
    let resource = index / RULES;
    (
        resource % 2,
        format!("r{resource}"),
        format!("k{}", index % RULES),
    )
}

fn judge(known: Option<&Known>, now: u32, state: FindingState) -> (Known, Option<ChangeKind>) {
    let fails = state == FindingState::Unhealthy;
    let Some(old) = known else {
        let new = Known {
            state,
            first: now,
            changed: now,
            opened: fails.then_some(now),
            resolved: None,
            gone: None,
        };
        return (new, Some(ChangeKind::New));
    };
    let settled = matches!(state, FindingState::Healthy | FindingState::NotApplicable);
    let changed = old.gone.is_some() || old.state != state;
    let kind = if !changed {
        None
    } else if fails && old.resolved.is_some() {
        Some(ChangeKind::Reopened)
    } else if old.gone.is_some() {
        Some(ChangeKind::Returned)
    } else if settled && old.opened.is_some() {
        Some(ChangeKind::Resolved)
    } else {
        Some(ChangeKind::StateChanged)
    };
    let new = Known {
        state,
        first: old.first,
        changed: if changed { now } else { old.changed },
        opened: if fails {
            old.opened.or(Some(now))
        } else if settled {
            None
        } else {
            old.opened
        },
        resolved: if fails {
            None
        } else if settled && old.opened.is_some() {
            Some(now)
        } else {
            old.resolved
        },
        gone: None,
    };
    (new, kind)
}

fn close(old: &Known, now: u32) -> Known {
    Known {
        changed: now,
        opened: None,
        resolved: if old.opened.is_some() {
            Some(now)
        } else {
            old.resolved
        },
        gone: Some(now),
        ..old.clone()
    }
}

/// Applies a step to the model; gives the changes it makes.
fn apply(
    model: &mut BTreeMap<String, Known>,
    now: u32,
    (inputs, judged): &Step,
) -> Vec<(String, ChangeKind)> {
    let mut changes = Vec::new();
    let is_judged = |index: usize| judged[index].filter(|_| inputs[parts(index).0].is_some());
    for index in 0..judged.len() {
        let (input, resource, rule) = parts(index);
        let id = format!("{resource}/{rule}");
        if let Some(state) = is_judged(index) {
            let (new, kind) = judge(model.get(&id), now, state);
            changes.extend(kind.map(|kind| (id.clone(), kind)));
            model.insert(id, new);
        } else if let Some(old) = model
            .get(&id)
            .filter(|old| old.gone.is_none() && inputs[input] == Some(true))
        {
            let resource_seen = (0..judged.len())
                .any(|other| parts(other).1 == resource && is_judged(other).is_some());
            changes.push((
                id.clone(),
                if resource_seen {
                    ChangeKind::Withdrawn
                } else {
                    ChangeKind::Gone
                },
            ));
            let closed = close(old, now);
            model.insert(id, closed);
        }
    }
    changes.sort();
    changes
}

async fn check(state: &State, steps: &[Step]) {
    let mut model = BTreeMap::new();
    for (now, step) in (1..).zip(steps) {
        let names = ["even", "odd"];
        let inputs: Vec<_> = names
            .into_iter()
            .zip(step.0)
            .filter_map(|(name, read)| read.map(|whole| (name, whole)))
            .collect();
        let findings = step.1.iter().enumerate().filter_map(|(index, state)| {
            let (input, resource, rule) = parts(index);
            state
                .filter(|_| step.0[input].is_some())
                .map(|state| finding(names[input], &resource, &rule, state))
        });
        let mut record = scan(now, &inputs);
        record.id = uuid::Uuid::new_v4().to_string();
        state
            .apply_scan(record, [findings.collect()])
            .await
            .unwrap();
        let pending = state.pending_changes(1000).await.unwrap();
        if let Some(last) = pending.last() {
            state.acknowledge_changes(last.sequence).await.unwrap();
        }
        let mut seen: Vec<_> = pending
            .into_iter()
            .map(|change| (change.finding_id, change.kind))
            .collect();
        seen.sort();
        assert_eq!(seen, apply(&mut model, now, step), "changes of scan {now}");
    }
    let on = |number: Option<u32>| number.map(|number| scan(number, &[]).finished);
    for status in state.statuses_after("", 1000).await.unwrap() {
        let known = model.remove(&status.id).expect("a finding nobody judged");
        assert_eq!(status.state, known.state);
        let times = (
            Some(status.first_seen),
            Some(status.status_changed),
            status.opened_at,
            status.resolved_at,
            status.gone_at,
        );
        assert_eq!(
            times,
            (
                on(Some(known.first)),
                on(Some(known.changed)),
                on(known.opened),
                on(known.resolved),
                on(known.gone)
            )
        );
    }
    assert!(model.is_empty(), "findings are missing: {model:?}");
}

#[test]
fn any_sequence_of_scans_equals_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                for database in all().await {
                    check(&database.state, &steps).await;
                    database.remove().await;
                }
            });
            Ok(())
        })
        .unwrap();
}
