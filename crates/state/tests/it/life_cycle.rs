//! New, changed, resolved, reopened, gone.

use chrono::{DateTime, TimeZone as _, Utc};
use stance_base::{Coded as _, ErrorCode};
use stance_model::{FindingState, Severity};
use stance_state::{ChangeKind, FindingRecord, LifeCycleOutcome, ReadInput, ScanRecord, State};

use crate::databases::all;

fn day(number: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, number, 12, 0, 0).unwrap()
}

pub(crate) fn scan(number: u32, inputs: &[(&str, bool)]) -> ScanRecord {
    let inputs = inputs.iter().map(|(key, complete)| ReadInput {
        key: (*key).to_owned(),
        complete: *complete,
    });
    ScanRecord {
        id: format!("scan {number}"),
        started: day(number) - chrono::Duration::minutes(5),
        finished: day(number),
        resources: 2,
        inputs: inputs.collect(),
    }
}

pub(crate) fn finding(
    input: &str,
    resource: &str,
    rule: &str,
    state: FindingState,
) -> FindingRecord {
    FindingRecord {
        id: format!("{resource}/{rule}"),
        resource_key: resource.to_owned(),
        recommendation: rule.to_owned(),
        state,
        severity: Severity::High,
        cause_hash: format!("{state}"),
        input_key: input.to_owned(),
    }
}

async fn changes(state: &State) -> Vec<String> {
    let pending = state.pending_changes(1000).await.unwrap();
    if let Some(last) = pending.last() {
        state.acknowledge_changes(last.sequence).await.unwrap();
    }
    let shown = |state: Option<FindingState>| state.map_or("-", FindingState::as_str);
    let mut lines: Vec<String> = pending
        .iter()
        .map(|change| {
            format!(
                "{} {} {}>{}",
                change.finding_id,
                change.kind.as_str(),
                shown(change.from),
                shown(change.to)
            )
        })
        .collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_finding_lives_through_every_state() {
    use FindingState::{Healthy, NotApplicable, Unhealthy, Unknown};
    let story = [
        (Some(Unhealthy), "r/k New ->Unhealthy"),
        (Some(Unhealthy), ""),
        (Some(Unknown), "r/k StateChanged Unhealthy>Unknown"),
        (Some(Healthy), "r/k Resolved Unknown>Healthy"),
        (
            Some(NotApplicable),
            "r/k StateChanged Healthy>NotApplicable",
        ),
        (Some(Unhealthy), "r/k Reopened NotApplicable>Unhealthy"),
        (None, "r/k Gone Unhealthy>-"),
        (None, ""),
        (Some(Healthy), "r/k Returned Unhealthy>Healthy"),
        (Some(Unhealthy), "r/k Reopened Healthy>Unhealthy"),
    ];
    for database in all().await {
        for (number, (state, expected)) in (1..).zip(story) {
            let batch = state.map(|state| vec![finding("in", "r", "k", state)]);
            database
                .state
                .apply_scan(scan(number, &[("in", true)]), batch)
                .await
                .unwrap();
            let expected: Vec<&str> = Some(expected)
                .filter(|line| !line.is_empty())
                .into_iter()
                .collect();
            assert_eq!(
                changes(&database.state).await,
                expected,
                "{} day {number}",
                database.name
            );
        }
        let status = database
            .state
            .statuses(&["r/k", "nobody"])
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            (status.first_seen, status.status_changed, status.last_seen),
            (day(1), day(10), day(10))
        );
        assert_eq!(
            (status.opened_at, status.resolved_at, status.gone_at),
            (Some(day(10)), None, None)
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn unknown_in_between_does_not_end_what_is_open() {
    use FindingState::{Unhealthy, Unknown};
    for database in all().await {
        for (number, state) in (1..).zip([Unhealthy, Unknown, Unhealthy]) {
            let batch = vec![finding("in", "r", "k", state)];
            database
                .state
                .apply_scan(scan(number, &[("in", true)]), [batch])
                .await
                .unwrap();
        }
        let status = database.state.statuses(&["r/k"]).await.unwrap().remove(0);
        assert_eq!(
            (status.opened_at, status.status_changed),
            (Some(day(1)), day(3))
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn only_what_is_missing_from_a_wholly_read_input_is_gone() {
    use FindingState::{Healthy, Unhealthy};
    for database in all().await {
        let state = &database.state;
        let first = vec![
            finding("a", "r1", "k1", Unhealthy),
            finding("a", "r1", "k2", Healthy),
            finding("a", "r2", "k1", Unhealthy),
            finding("b", "r3", "k1", Unhealthy),
            finding("c", "r4", "k1", Unhealthy),
        ];
        state
            .apply_scan(scan(1, &[("a", true), ("b", true), ("c", true)]), [first])
            .await
            .unwrap();
        changes(state).await;
        // `a` is whole, `b` was cut short, `c` was not looked at.
        let second = vec![finding("a", "r1", "k1", Unhealthy)];
        let outcome = state
            .apply_scan(scan(2, &[("a", true), ("b", false)]), [second])
            .await
            .unwrap();
        assert_eq!(
            outcome,
            LifeCycleOutcome {
                judged: 1,
                gone: 1,
                withdrawn: 1,
                ..LifeCycleOutcome::default()
            }
        );
        assert_eq!(
            changes(state).await,
            ["r1/k2 Withdrawn Healthy>-", "r2/k1 Gone Unhealthy>-"]
        );
        let gone = state.statuses(&["r2/k1"]).await.unwrap().remove(0);
        assert_eq!(
            (gone.gone_at, gone.resolved_at, gone.opened_at),
            (Some(day(2)), Some(day(2)), None)
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn a_scan_dropped_half_way_leaves_nothing() {
    for database in all().await {
        let mut half = database
            .state
            .begin_scan(scan(1, &[("a", true)]))
            .await
            .unwrap();
        half.add(vec![finding("a", "r", "k", FindingState::Unhealthy)])
            .await
            .unwrap();
        drop(half);
        assert_eq!(changes(&database.state).await, Vec::<String>::new());
        assert!(database.state.scans(10).await.unwrap().is_empty());
        // The same scan can be stored now, and only once.
        let whole = || {
            database.state.apply_scan(
                scan(1, &[]),
                [vec![finding("a", "r", "k", FindingState::Healthy)]],
            )
        };
        whole().await.unwrap();
        assert_eq!(whole().await.unwrap_err().code(), ErrorCode::InvalidInput);
        database.remove().await;
    }
}

#[tokio::test]
async fn more_findings_than_one_statement_takes() {
    for database in all().await {
        let many = |state| {
            (0..1203)
                .map(move |number| finding("a", &format!("R{number}"), "k", state))
                .collect::<Vec<_>>()
        };
        let mut twice = many(FindingState::Healthy);
        twice.extend(many(FindingState::Unhealthy));
        let outcome = database
            .state
            .apply_scan(scan(1, &[("a", true)]), [twice])
            .await
            .unwrap();
        assert_eq!(
            (outcome.judged, outcome.new),
            (1203, 1203),
            "{}",
            database.name
        );
        let page = database.state.statuses_after("R1", 2000).await.unwrap();
        assert!(
            page.iter()
                .all(|status| status.state == FindingState::Unhealthy
                    && status.resource_key.starts_with('r'))
        );
        let outcome = database
            .state
            .apply_scan(scan(2, &[("a", true)]), [many(FindingState::Healthy)])
            .await
            .unwrap();
        assert_eq!((outcome.resolved, outcome.changes()), (1203, 1203));
        assert_eq!(database.state.scans(1).await.unwrap()[0].findings, 1203);
        // The first scan left 1203 changes as well; they come in order, and as many as were asked for.
        let pending = database.state.pending_changes(2000).await.unwrap();
        assert_eq!(pending.len(), 2000);
        assert!(pending.is_sorted_by(|one, next| one.sequence < next.sequence));
        assert_eq!(
            (pending[1202].kind, pending[1203].kind),
            (ChangeKind::New, ChangeKind::Resolved)
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn what_changes_beside_the_state_is_kept_without_a_change() {
    for database in all().await {
        let state = &database.state;
        let mut given = finding("a", "r", "k", FindingState::Unhealthy);
        let first = vec![given.clone()];
        state
            .apply_scan(scan(1, &[("a", true)]), [first])
            .await
            .unwrap();
        changes(state).await;
        given.severity = Severity::Low;
        given.cause_hash = "other".to_owned();
        let mut second = state.begin_scan(scan(2, &[("a", true)])).await.unwrap();
        let dates = second.add(vec![given]).await.unwrap();
        let dates = dates["r/k"];
        assert_eq!((dates.first_seen, dates.status_changed), (day(1), day(1)));
        assert_eq!(second.finish().await.unwrap().changes(), 0);
        assert_eq!(changes(state).await, Vec::<String>::new());
        let status = state.statuses(&["r/k"]).await.unwrap().remove(0);
        assert_eq!(
            (status.severity, status.cause_hash.as_str()),
            (Severity::Low, "other")
        );
        assert_eq!(
            (status.last_scan.as_str(), status.last_seen),
            ("scan 2", day(2))
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn hostile_text_comes_back_as_it_was() {
    let hostile = "r\"\\'),\u{1}\u{1f} - \n\u{2028}\u{1f600}";
    for database in all().await {
        for (number, state) in [(1, FindingState::Unhealthy), (2, FindingState::Healthy)] {
            let batch = vec![finding(hostile, hostile, hostile, state)];
            let record = scan(number, &[(hostile, true)]);
            database.state.apply_scan(record, [batch]).await.unwrap();
        }
        let pending = database.state.pending_changes(10).await.unwrap();
        let kinds: Vec<ChangeKind> = pending.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [ChangeKind::New, ChangeKind::Resolved]);
        assert!(
            pending
                .iter()
                .all(|change| change.resource_key == hostile && change.recommendation == hostile)
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn a_scan_whose_verdicts_were_cut_short_cannot_be_finished() {
    for database in all().await {
        let mut half = database.state.begin_scan(scan(1, &[])).await.unwrap();
        let batch = (0..20_000)
            .map(|number| finding("a", &format!("r{number}"), "k", FindingState::Unhealthy))
            .collect();
        // Asked once and dropped, as a caller does that runs out of patience.
        let mut taking = Box::pin(half.add(batch));
        let asked = std::future::poll_fn(|context| {
            std::task::Poll::Ready(taking.as_mut().poll(context).is_pending())
        });
        assert!(asked.await);
        drop(taking);
        assert_eq!(half.finish().await.unwrap_err().code(), ErrorCode::Storage);
        assert!(database.state.scans(10).await.unwrap().is_empty());
        database.remove().await;
    }
}
