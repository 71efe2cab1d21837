//! Changes of findings on their way to the lake.

use chrono::DateTime;

use crate::StateError;
use crate::connection::{Explain as _, Pool};
use crate::records::{FindingChange, parse_severity, parse_state, unknown};
use crate::state::State;

/// Changes handed out at once at most.
const LIMIT: u64 = 100_000;
/// Changes read by one statement.
const AT_ONCE: u64 = 1_000;

const DOING: &str = "list changes";

/// `$1` sequence to start after, `$2` how many. The database makes one JSON text of them: eleven columns of each row
/// passed one by one cost three times as much.
const PENDING: &str = "SELECT CAST({array_of}({array}(sequence, scan_id, at, finding_id, resource_key, recommendation, \
        severity, kind, from_state, to_state, first_seen)) AS TEXT) \
    FROM (SELECT c.sequence AS sequence, s.id AS scan_id, s.finished AS at, f.id AS finding_id, f.resource_key, \
            f.recommendation, f.severity, c.kind, c.from_state, c.to_state, f.first_seen \
        FROM finding_changes c JOIN findings f ON f.number = c.finding JOIN scans s ON s.number = c.scan \
        WHERE c.sequence > $1 ORDER BY c.sequence LIMIT $2) changes";

/// A change as `PENDING` gives it.
#[derive(serde::Deserialize)]
struct Pending(
    i64,
    String,
    i64,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<String>,
    i64,
);

impl State {
    /// Changes not yet acknowledged, oldest first, up to `limit`.
    ///
    /// Append them to the lake under the last one's sequence as transaction version, then call
    /// [`Self::acknowledge_changes`]; a crash in between hands out the same changes again, and the lake
    /// stores them once.
    pub async fn pending_changes(&self, limit: u64) -> Result<Vec<FindingChange>, StateError> {
        let limit = limit.min(LIMIT);
        let mut changes: Vec<FindingChange> = Vec::new();
        loop {
            let after = changes.last().map_or(i64::MIN, |change| change.sequence);
            let wanted = AT_ONCE.min(limit - changes.len() as u64);
            let more = self.changes_after(after, wanted).await?;
            let last = (more.len() as u64) < wanted || wanted == 0;
            changes.extend(more);
            if last {
                return Ok(changes);
            }
        }
    }

    async fn changes_after(
        &self,
        after: i64,
        limit: u64,
    ) -> Result<Vec<FindingChange>, StateError> {
        let (array_of, array) = match self.pool {
            Pool::Sqlite(_) => ("json_group_array", "json_array"),
            Pool::Postgres(_) => ("json_agg", "json_build_array"),
        };
        let sql = PENDING
            .replace("{array_of}", array_of)
            .replace("{array}", array);
        let rows = self
            .pool
            .fetch(&sql, vec![after.into(), limit.into()])
            .await
            .explain(DOING, &self.place)?;
        let text = match rows.first() {
            Some(row) => row.optional_text(0).explain(DOING, &self.place)?,
            None => None,
        };
        let pending: Vec<Pending> = serde_json::from_str(text.as_deref().unwrap_or("[]"))
            .map_err(|error| unknown("changes", &error.to_string()))?;
        let mut changes = pending
            .into_iter()
            .map(change)
            .collect::<Result<Vec<_>, _>>()?;
        // Neither database promises that aggregates keep the order of a subquery.
        changes.sort_by_key(|change| change.sequence);
        Ok(changes)
    }

    /// Forgets changes up to a sequence number: they are in the lake.
    pub async fn acknowledge_changes(&self, up_to: i64) -> Result<(), StateError> {
        let sql = "DELETE FROM finding_changes WHERE sequence <= $1";
        self.pool
            .execute(sql, vec![up_to.into()])
            .await
            .explain("acknowledge changes", &self.place)?;
        Ok(())
    }
}

fn change(pending: Pending) -> Result<FindingChange, StateError> {
    let instant = |microseconds: i64| {
        DateTime::from_timestamp_micros(microseconds)
            .ok_or_else(|| unknown("instant", &microseconds.to_string()))
    };
    let Pending(sequence, scan_id, at, finding_id, resource_key, recommendation, ..) = pending;
    Ok(FindingChange {
        sequence,
        scan_id,
        at: instant(at)?,
        finding_id,
        resource_key,
        recommendation,
        severity: parse_severity(&pending.6)?,
        kind: pending.7.parse()?,
        from: pending.8.as_deref().map(parse_state).transpose()?,
        to: pending.9.as_deref().map(parse_state).transpose()?,
        first_seen: instant(pending.10)?,
    })
}
