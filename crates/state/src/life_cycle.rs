//! A scan's verdicts against what was known: new, changed, resolved, reopened, gone.

use std::collections::HashMap;

use crate::StateError;
use crate::connection::{Explain as _, Parameter, Writing};
use crate::records::{ChangeKind, FindingDates, FindingRecord, LifeCycleOutcome, ScanRecord};
use crate::state::State;
use crate::verdict::{FIELDS, Known, content_of};

/// Findings handled by one round of statements.
const AT_ONCE: usize = 500;

/// Parameters of a row of `findings`.
const ROW: usize = 13;
/// Parameters of a row of `finding_changes`.
const CHANGE: usize = 5;

const DOING: &str = "store a scan";

/// Known findings of asked ids, as one text: a row is the number of its question and what `Known::parse` reads. One
/// long text costs a third of a result row per finding. The cross join has `SQLite` start from the questions.
const KNOWN: &str = "SELECT string_agg(concat_ws(' ', v.column1, f.number, f.state, f.content, f.first_seen, \
        f.status_changed, COALESCE(CAST(f.opened_at AS TEXT), '-'), COALESCE(CAST(f.resolved_at AS TEXT), '-'), \
        COALESCE(CAST(f.gone_at AS TEXT), '-')), ' ') \
    FROM (VALUES {values}) v CROSS JOIN findings f WHERE f.id = v.column2";

/// For new rows. Without `OR FAIL`, `SQLite` keeps a copy of each page it touches, to undo the statement alone; here an
/// error ends the whole transaction anyway (`ScanTransaction::broken`).
const WRITE: &str = "INSERT {or_fail} INTO findings (number, id, resource_key, recommendation, state, severity, \
        cause_hash, input_key, content, first_seen, status_changed, opened_at, resolved_at) VALUES {values}";

/// Follows `WRITE` for rows that are there.
const OVER: &str = " ON CONFLICT (number) DO UPDATE SET \
        resource_key = excluded.resource_key, recommendation = excluded.recommendation, state = excluded.state, \
        severity = excluded.severity, cause_hash = excluded.cause_hash, input_key = excluded.input_key, \
        content = excluded.content, status_changed = excluded.status_changed, opened_at = excluded.opened_at, \
        resolved_at = excluded.resolved_at, gone_at = NULL";

/// What the scan should have seen and did not. `$1` scan.
const MISSING: &str = "FROM finding_seen s CROSS JOIN findings f \
    WHERE f.number = s.finding AND s.scan <> $1 AND f.gone_at IS NULL AND f.input_key IN \
    (SELECT input_key FROM scan_inputs WHERE scan = $1 AND complete = 1)";

impl State {
    /// Begins a scan's one transaction; waits for another scan that is under way.
    ///
    /// Dropped before [`ScanTransaction::finish`], nothing of the scan remains.
    pub async fn begin_scan(&self, scan: ScanRecord) -> Result<ScanTransaction, StateError> {
        let doing = "begin a scan";
        let place = &self.place;
        let mut writing = self.pool.begin_exclusive().await.explain(doing, place)?;
        let numbers = writing
            .fetch(
                "SELECT (SELECT COUNT(*) FROM scans WHERE id = $1), \
                 (SELECT COALESCE(MAX(number), 0) FROM scans), (SELECT COALESCE(MAX(number), 0) FROM findings)",
                vec![scan.id.as_str().into()],
            )
            .await
            .explain(doing, place)?;
        let read = |column| match numbers.first() {
            Some(row) => row.integer(column).explain(doing, place),
            None => Ok(0),
        };
        if read(0)? > 0 {
            return Err(StateError::ScanExists(scan.id));
        }
        Ok(ScanTransaction {
            number: read(1)? + 1,
            last_finding: read(2)?,
            writing,
            place: place.clone(),
            scan,
            judged: 0,
            broken: false,
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
    /// Of the scan.
    number: i64,
    /// The highest number given to a finding.
    last_finding: i64,
    judged: u64,
    /// Verdicts were begun to be taken in, and not ended: nothing may be committed.
    broken: bool,
}

/// What a round of verdicts writes, as parameters of statements.
#[derive(Default)]
struct Round {
    new: Vec<Parameter>,
    changed: Vec<Parameter>,
    changes: Vec<Parameter>,
    /// Findings known before.
    seen: Vec<Parameter>,
}

impl ScanTransaction {
    /// Takes verdicts and gives the dates of their findings, by id. Of several with one id in a batch the last counts.
    pub async fn add(
        &mut self,
        findings: Vec<FindingRecord>,
    ) -> Result<HashMap<String, FindingDates>, StateError> {
        let mut dates = HashMap::with_capacity(findings.len());
        let was_broken = std::mem::replace(&mut self.broken, true);
        let mut findings = last_of_each(findings).into_iter().peekable();
        while findings.peek().is_some() {
            let some: Vec<FindingRecord> = findings.by_ref().take(AT_ONCE).collect();
            self.judged += some.len() as u64;
            self.add_some(some, &mut dates).await?;
        }
        self.broken = was_broken;
        Ok(dates)
    }

    async fn add_some(
        &mut self,
        findings: Vec<FindingRecord>,
        dates: &mut HashMap<String, FindingDates>,
    ) -> Result<(), StateError> {
        let known = self.known(&findings).await?;
        let now = self.scan.finished.timestamp_micros();
        let last_before = self.last_finding;
        let mut round = Round::default();
        for (finding, before) in findings.into_iter().zip(known) {
            let resource_key = finding.resource_key.to_lowercase();
            let content = content_of(&finding, &resource_key);
            let after = if let Some(before) = before {
                before.after(finding.state, content, now)
            } else {
                self.last_finding += 1;
                Known::first(self.last_finding, finding.state, content, now)
            };
            dates.insert(finding.id.clone(), after.dates()?);
            match before {
                None => round.new.extend(row(finding, resource_key, &after)),
                Some(before) => {
                    round.seen.push(before.number.into());
                    if let Some(kind) = before.change_to(finding.state) {
                        let change = change(self.number, &before, kind, &after);
                        round.changes.extend(change);
                    }
                    if before != after {
                        round.changed.extend(row(finding, resource_key, &after));
                    }
                }
            }
        }
        self.write(round, last_before).await
    }

    /// What is known of each finding.
    async fn known(
        &mut self,
        findings: &[FindingRecord],
    ) -> Result<Vec<Option<Known>>, StateError> {
        let asked = findings.iter().enumerate().flat_map(|(index, finding)| {
            [
                Parameter::from(index as u64),
                Parameter::from(finding.id.as_str()),
            ]
        });
        let sql = KNOWN.replace("{values}", &self.writing.places(findings.len(), 2));
        let rows = self
            .writing
            .fetch(&sql, asked.collect())
            .await
            .explain(DOING, &self.place)?;
        let text = match rows.first() {
            Some(row) => row.optional_text(0).explain(DOING, &self.place)?,
            None => None,
        };
        let mut known = vec![None; findings.len()];
        let words: Vec<&str> = text.as_deref().unwrap_or_default().split(' ').collect();
        for row in words.chunks_exact(1 + FIELDS) {
            let place = row[0]
                .parse()
                .ok()
                .and_then(|index: usize| known.get_mut(index));
            if let Some(place) = place {
                *place = Some(Known::parse(&row[1..])?);
            }
        }
        Ok(known)
    }

    async fn write(&mut self, round: Round, last_before: i64) -> Result<(), StateError> {
        let or_fail = match self.writing {
            Writing::Sqlite(_) => "OR FAIL",
            Writing::Postgres(_) => "",
        };
        let write = WRITE.replace("{or_fail}", or_fail);
        let over = WRITE.replace("{or_fail}", "") + OVER;
        self.write_rows::<ROW>(&write, round.new).await?;
        self.write_rows::<ROW>(&over, round.changed).await?;
        if self.last_finding > last_before {
            self.note_new(last_before).await?;
        }
        let changes = "INSERT INTO finding_changes (scan, finding, kind, from_state, to_state) VALUES {values}";
        self.write_rows::<CHANGE>(changes, round.changes).await?;
        if round.seen.is_empty() {
            return Ok(());
        }
        let places = self.writing.places(1, round.seen.len());
        let scan = self.number;
        let sql = format!("UPDATE finding_seen SET scan = {scan} WHERE finding IN {places}");
        self.run(&sql, round.seen).await
    }

    async fn write_rows<const COLUMNS: usize>(
        &mut self,
        sql: &str,
        rows: Vec<Parameter>,
    ) -> Result<(), StateError> {
        if rows.is_empty() {
            return Ok(());
        }
        let places = self.writing.places(rows.len() / COLUMNS, COLUMNS);
        self.run(&sql.replace("{values}", &places), rows).await
    }

    /// Notes the findings numbered higher as new and seen.
    async fn note_new(&mut self, last_before: i64) -> Result<(), StateError> {
        for sql in [
            "INSERT INTO finding_changes (scan, finding, kind, from_state, to_state) \
             SELECT $1, number, 'New', NULL, state FROM findings WHERE number > $2 ORDER BY number",
            "INSERT INTO finding_seen (scan, finding) SELECT $1, number FROM findings WHERE number > $2",
        ] {
            let parameters = vec![self.number.into(), last_before.into()];
            self.run(sql, parameters).await?;
        }
        Ok(())
    }

    /// Closes what the scan should have seen and did not, and commits. On return it is on the disk.
    pub async fn finish(mut self) -> Result<LifeCycleOutcome, StateError> {
        let scan = self.scan.clone();
        if self.broken {
            return Err(StateError::ScanBroken(scan.id));
        }
        self.run(
            "INSERT INTO scans (number, id, started, finished, resources, findings) VALUES ($1, $2, $3, $4, $5, $6)",
            vec![
                self.number.into(),
                scan.id.into(),
                scan.started.into(),
                scan.finished.into(),
                scan.resources.into(),
                self.judged.into(),
            ],
        )
        .await?;
        for input in scan.inputs {
            self.run(
                "INSERT INTO scan_inputs (scan, input_key, complete) VALUES ($1, $2, $3) \
                 ON CONFLICT (scan, input_key) DO UPDATE SET complete = \
                 CASE WHEN excluded.complete < scan_inputs.complete THEN excluded.complete ELSE scan_inputs.complete END",
                vec![
                    self.number.into(),
                    input.key.into(),
                    i64::from(input.complete).into(),
                ],
            )
            .await?;
        }
        self.close_missing().await?;
        let outcome = self.outcome().await?;
        self.writing.commit().await.explain(DOING, &self.place)?;
        Ok(outcome)
    }

    async fn close_missing(&mut self) -> Result<(), StateError> {
        let note = format!(
            "INSERT INTO finding_changes (scan, finding, kind, from_state, to_state) \
             SELECT $1, f.number, CASE WHEN f.resource_key IN ( \
                 SELECT other.resource_key FROM finding_seen t CROSS JOIN findings other \
                 WHERE other.number = t.finding AND t.scan = $1 \
                 AND other.resource_key IN (SELECT f.resource_key {MISSING})) \
             THEN 'Withdrawn' ELSE 'Gone' END, f.state, NULL {MISSING} ORDER BY f.number"
        );
        self.run(&note, vec![self.number.into()]).await?;
        let close = format!(
            "UPDATE findings SET gone_at = $2, status_changed = $2, opened_at = NULL, \
             resolved_at = CASE WHEN opened_at IS NOT NULL THEN $2 ELSE resolved_at END \
             WHERE number IN (SELECT f.number {MISSING})"
        );
        let parameters = vec![self.number.into(), self.scan.finished.into()];
        self.run(&close, parameters).await
    }

    async fn outcome(&mut self) -> Result<LifeCycleOutcome, StateError> {
        let mut outcome = LifeCycleOutcome {
            judged: self.judged,
            ..LifeCycleOutcome::default()
        };
        let rows = self
            .writing
            .fetch(
                "SELECT kind, COUNT(*) FROM finding_changes WHERE scan = $1 GROUP BY kind",
                vec![self.number.into()],
            )
            .await
            .explain("count changes", &self.place)?;
        for row in rows {
            let kind: ChangeKind = row.text(0).explain("count changes", &self.place)?.parse()?;
            outcome.count(kind, row.count(1).explain("count changes", &self.place)?);
        }
        Ok(outcome)
    }

    async fn run(&mut self, sql: &str, parameters: Vec<Parameter>) -> Result<(), StateError> {
        self.writing
            .execute(sql, parameters)
            .await
            .explain(DOING, &self.place)?;
        Ok(())
    }
}

fn row(finding: FindingRecord, resource_key: String, now: &Known) -> [Parameter; ROW] {
    [
        now.number.into(),
        finding.id.into(),
        resource_key.into(),
        finding.recommendation.into(),
        Parameter::Word(now.state.as_str()),
        Parameter::Word(finding.severity.as_str()),
        finding.cause_hash.into(),
        finding.input_key.into(),
        now.content.into(),
        now.first_seen.into(),
        now.status_changed.into(),
        now.opened_at.into(),
        now.resolved_at.into(),
    ]
}

fn change(scan: i64, before: &Known, kind: ChangeKind, after: &Known) -> [Parameter; CHANGE] {
    [
        scan.into(),
        before.number.into(),
        Parameter::Word(kind.as_str()),
        Parameter::Word(before.state.as_str()),
        Parameter::Word(after.state.as_str()),
    ]
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
