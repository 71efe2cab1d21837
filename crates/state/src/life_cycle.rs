//! A scan's verdicts against what was known: new, changed, resolved, reopened, gone.

use std::collections::HashMap;

use crate::StateError;
use crate::connection::{Explain as _, Parameter, Writing};
use crate::records::{ChangeKind, FindingDates, FindingRecord, LifeCycleOutcome, ScanRecord};
use crate::state::State;

/// Findings handled by one round of statements.
const AT_ONCE: usize = 500;
/// Columns of `incoming`.
const COLUMNS: usize = 7;

const INCOMING: &str = "CREATE TEMP TABLE IF NOT EXISTS incoming (id TEXT NOT NULL, resource_key TEXT NOT NULL, \
    recommendation TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, cause_hash TEXT NOT NULL, \
    input_key TEXT NOT NULL)";

/// `$1` scan, `$2` now.
const NOTE_CHANGES: &str = "INSERT INTO finding_changes (scan_id, at, finding_id, kind, from_state, to_state) \
    SELECT $1, $2, i.id, \
        CASE WHEN f.id IS NULL THEN 'New' \
             WHEN i.state = 'Unhealthy' AND f.resolved_at IS NOT NULL THEN 'Reopened' \
             WHEN f.gone_at IS NOT NULL THEN 'Returned' \
             WHEN i.state IN ('Healthy', 'NotApplicable') AND f.opened_at IS NOT NULL THEN 'Resolved' \
             ELSE 'StateChanged' END, \
        f.state, i.state \
    FROM incoming i LEFT JOIN findings f ON f.id = i.id \
    WHERE f.id IS NULL OR f.gone_at IS NOT NULL OR f.state <> i.state";

/// `$1` scan, `$2` now. `WHERE true` keeps `SQLite` from reading `ON` as part of a join.
const TAKE_OVER: &str = "INSERT INTO findings (id, resource_key, recommendation, state, severity, cause_hash, \
        input_key, last_scan, first_seen, last_seen, status_changed, opened_at) \
    SELECT id, resource_key, recommendation, state, severity, cause_hash, input_key, $1, $2, $2, $2, \
        CASE WHEN state = 'Unhealthy' THEN $2 END \
    FROM incoming WHERE true \
    ON CONFLICT (id) DO UPDATE SET \
        resource_key = excluded.resource_key, recommendation = excluded.recommendation, state = excluded.state, \
        severity = excluded.severity, cause_hash = excluded.cause_hash, input_key = excluded.input_key, \
        last_scan = excluded.last_scan, last_seen = excluded.last_seen, \
        status_changed = CASE WHEN findings.state <> excluded.state OR findings.gone_at IS NOT NULL \
            THEN excluded.status_changed ELSE findings.status_changed END, \
        opened_at = CASE WHEN excluded.state = 'Unhealthy' THEN COALESCE(findings.opened_at, excluded.opened_at) \
            WHEN excluded.state = 'Unknown' THEN findings.opened_at END, \
        resolved_at = CASE WHEN excluded.state = 'Unhealthy' THEN NULL \
            WHEN excluded.state <> 'Unknown' AND findings.opened_at IS NOT NULL THEN excluded.last_seen \
            ELSE findings.resolved_at END, \
        gone_at = NULL";

/// What the scan should have seen and did not. `$1` scan.
const MISSING: &str = "f.gone_at IS NULL AND f.last_scan <> $1 AND f.input_key IN \
    (SELECT input_key FROM scan_inputs WHERE scan_id = $1 AND complete = 1)";

impl State {
    /// Begins a scan's one transaction; waits for another scan that is under way.
    ///
    /// Dropped before [`ScanTransaction::finish`], nothing of the scan remains.
    pub async fn begin_scan(&self, scan: ScanRecord) -> Result<ScanTransaction, StateError> {
        let doing = "begin a scan";
        let mut writing = self
            .pool
            .begin_exclusive()
            .await
            .explain(doing, &self.place)?;
        let known = writing
            .fetch(
                "SELECT 1 FROM scans WHERE id = $1",
                vec![scan.id.as_str().into()],
            )
            .await
            .explain(doing, &self.place)?;
        if !known.is_empty() {
            return Err(StateError::ScanExists(scan.id));
        }
        writing
            .execute(INCOMING, Vec::new())
            .await
            .explain(doing, &self.place)?;
        Ok(ScanTransaction {
            writing,
            place: self.place.clone(),
            scan,
            judged: 0,
        })
    }

    /// Stores a whole scan: all of it or nothing.
    pub async fn apply_scan(
        &self,
        scan: ScanRecord,
        batches: impl IntoIterator<Item = Vec<FindingRecord>>,
    ) -> Result<LifeCycleOutcome, StateError> {
        let mut transaction = self.begin_scan(scan).await?;
        for batch in batches {
            transaction.add(batch).await?;
        }
        transaction.finish().await
    }
}

/// A scan being stored.
#[derive(Debug)]
pub struct ScanTransaction {
    writing: Writing,
    place: String,
    scan: ScanRecord,
    judged: u64,
}

impl ScanTransaction {
    /// Takes verdicts. Of several with one id in a batch the last counts.
    pub async fn add(&mut self, findings: Vec<FindingRecord>) -> Result<(), StateError> {
        let mut findings = last_of_each(findings).into_iter().peekable();
        while findings.peek().is_some() {
            let some: Vec<FindingRecord> = findings.by_ref().take(AT_ONCE).collect();
            self.judged += some.len() as u64;
            self.add_some(some).await?;
        }
        Ok(())
    }

    async fn add_some(&mut self, findings: Vec<FindingRecord>) -> Result<(), StateError> {
        self.run("DELETE FROM incoming", Vec::new()).await?;
        let sql = insert_incoming(findings.len(), matches!(self.writing, Writing::Sqlite(_)));
        let parameters = findings.into_iter().flat_map(|finding| {
            [
                Parameter::Text(finding.id),
                Parameter::Text(finding.resource_key.to_lowercase()),
                Parameter::Text(finding.recommendation),
                finding.state.as_str().into(),
                finding.severity.as_str().into(),
                Parameter::Text(finding.cause_hash),
                Parameter::Text(finding.input_key),
            ]
        });
        self.run(&sql, parameters.collect()).await?;
        let scan_and_now = self.scan_and_now();
        self.run(NOTE_CHANGES, scan_and_now.clone()).await?;
        self.run(TAKE_OVER, scan_and_now).await
    }

    /// The dates of findings that were added, by id.
    pub async fn dates(
        &mut self,
        ids: &[&str],
    ) -> Result<HashMap<String, FindingDates>, StateError> {
        let mut dates = HashMap::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let places: Vec<String> = (1..=some.len())
                .map(|number| format!("${number}"))
                .collect();
            let sql = format!(
                "SELECT id, first_seen, status_changed FROM findings WHERE id IN ({})",
                places.join(", ")
            );
            let parameters = some.iter().map(|id| Parameter::from(*id)).collect();
            for row in self
                .writing
                .fetch(&sql, parameters)
                .await
                .explain("read dates", &self.place)?
            {
                let instant = |column| row.instant(column).explain("read dates", &self.place);
                let found = FindingDates {
                    first_seen: instant(1)?,
                    status_changed: instant(2)?,
                };
                dates.insert(row.text(0).explain("read dates", &self.place)?, found);
            }
        }
        Ok(dates)
    }

    /// Closes what the scan should have seen and did not, and commits. On return it is on the disk.
    pub async fn finish(mut self) -> Result<LifeCycleOutcome, StateError> {
        let scan = self.scan.clone();
        self.run(
            "INSERT INTO scans (id, started, finished, resources, findings) VALUES ($1, $2, $3, $4, $5)",
            vec![scan.id.as_str().into(), scan.started.into(), scan.finished.into(), scan.resources.into(), self.judged.into()],
        )
        .await?;
        for input in &scan.inputs {
            self.run(
                "INSERT INTO scan_inputs (scan_id, input_key, complete) VALUES ($1, $2, $3) \
                 ON CONFLICT (scan_id, input_key) DO UPDATE SET complete = \
                 CASE WHEN excluded.complete < scan_inputs.complete THEN excluded.complete ELSE scan_inputs.complete END",
                vec![scan.id.as_str().into(), input.key.as_str().into(), i64::from(input.complete).into()],
            )
            .await?;
        }
        self.close_missing().await?;
        let outcome = self.outcome().await?;
        self.run("DELETE FROM incoming", Vec::new()).await?;
        self.writing
            .commit()
            .await
            .explain("store a scan", &self.place)?;
        Ok(outcome)
    }

    async fn close_missing(&mut self) -> Result<(), StateError> {
        let scan_and_now = self.scan_and_now();
        let note = format!(
            "INSERT INTO finding_changes (scan_id, at, finding_id, kind, from_state, to_state) \
             SELECT $1, $2, f.id, CASE WHEN EXISTS (SELECT 1 FROM findings other \
                 WHERE other.resource_key = f.resource_key AND other.last_scan = $1) \
                 THEN 'Withdrawn' ELSE 'Gone' END, f.state, NULL FROM findings f WHERE {MISSING}"
        );
        self.run(&note, scan_and_now.clone()).await?;
        let close = format!(
            "UPDATE findings AS f SET gone_at = $2, status_changed = $2, opened_at = NULL, \
             resolved_at = CASE WHEN opened_at IS NOT NULL THEN $2 ELSE resolved_at END WHERE {MISSING}"
        );
        self.run(&close, scan_and_now).await
    }

    async fn outcome(&mut self) -> Result<LifeCycleOutcome, StateError> {
        let mut outcome = LifeCycleOutcome {
            judged: self.judged,
            ..LifeCycleOutcome::default()
        };
        let rows = self
            .writing
            .fetch(
                "SELECT kind, COUNT(*) FROM finding_changes WHERE scan_id = $1 GROUP BY kind",
                vec![self.scan.id.as_str().into()],
            )
            .await
            .explain("count changes", &self.place)?;
        for row in rows {
            let kind: ChangeKind = row.text(0).explain("count changes", &self.place)?.parse()?;
            outcome.count(kind, row.count(1).explain("count changes", &self.place)?);
        }
        Ok(outcome)
    }

    fn scan_and_now(&self) -> Vec<Parameter> {
        vec![self.scan.id.as_str().into(), self.scan.finished.into()]
    }

    async fn run(&mut self, sql: &str, parameters: Vec<Parameter>) -> Result<(), StateError> {
        self.writing
            .execute(sql, parameters)
            .await
            .explain("store a scan", &self.place)?;
        Ok(())
    }
}

/// Drops all but the last of findings with the same id, keeping the order.
fn last_of_each(findings: Vec<FindingRecord>) -> Vec<FindingRecord> {
    let last: HashMap<&str, usize> = findings
        .iter()
        .enumerate()
        .map(|(index, finding)| (finding.id.as_str(), index))
        .collect();
    if last.len() == findings.len() {
        return findings;
    }
    let mut kept: Vec<usize> = last.into_values().collect();
    kept.sort_unstable();
    let mut kept = kept.into_iter().peekable();
    let numbered = findings.into_iter().enumerate();
    numbered
        .filter_map(|(index, finding)| kept.next_if_eq(&index).map(|_| finding))
        .collect()
}

/// `SQLite` looks up each numbered parameter's name one after the other, which is slow for thousands; plain ones
/// have no name.
fn insert_incoming(rows: usize, plain: bool) -> String {
    let place = |number: usize| {
        if plain {
            "?".to_owned()
        } else {
            format!("${number}")
        }
    };
    let places = (0..rows).map(|row| {
        let columns: Vec<String> = (1..=COLUMNS)
            .map(|column| place(row * COLUMNS + column))
            .collect();
        format!("({})", columns.join(", "))
    });
    format!(
        "INSERT INTO incoming VALUES {}",
        places.collect::<Vec<_>>().join(", ")
    )
}
