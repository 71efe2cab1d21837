//! Reading where findings stand.

use crate::StateError;
use crate::connection::{Explain as _, Parameter, Row};
use crate::records::{FindingStatus, parse_severity, parse_state};
use crate::state::State;

const SELECT: &str = "SELECT f.id, f.resource_key, f.recommendation, f.state, f.severity, f.cause_hash, f.input_key, \
                      s.id, f.first_seen, s.finished, f.status_changed, f.opened_at, f.resolved_at, f.gone_at \
                      FROM findings f JOIN finding_seen seen ON seen.finding = f.number \
                      JOIN scans s ON s.number = seen.scan";

/// Ids asked for in one statement.
const AT_ONCE: usize = 500;

impl State {
    /// Where the findings of these ids stand; unknown ids are left out. In no particular order.
    pub async fn statuses(&self, ids: &[&str]) -> Result<Vec<FindingStatus>, StateError> {
        let mut statuses = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let places: Vec<String> = (1..=some.len())
                .map(|number| format!("${number}"))
                .collect();
            let sql = format!("{SELECT} WHERE f.id IN ({})", places.join(", "));
            let parameters = some.iter().map(|id| Parameter::from(*id)).collect();
            statuses.extend(self.read_statuses(&sql, parameters).await?);
        }
        Ok(statuses)
    }

    /// Findings after an id, in the order of their ids: a page of all, gone ones included.
    pub async fn statuses_after(
        &self,
        id: &str,
        limit: u64,
    ) -> Result<Vec<FindingStatus>, StateError> {
        let sql = format!("{SELECT} WHERE f.id > $1 ORDER BY f.id LIMIT $2");
        self.read_statuses(&sql, vec![id.into(), limit.into()])
            .await
    }

    async fn read_statuses(
        &self,
        sql: &str,
        parameters: Vec<Parameter>,
    ) -> Result<Vec<FindingStatus>, StateError> {
        let rows = self
            .pool
            .fetch(sql, parameters)
            .await
            .explain("read findings", &self.place)?;
        rows.iter().map(|row| self.status(row)).collect()
    }

    fn status(&self, row: &Row) -> Result<FindingStatus, StateError> {
        let text = |column| row.text(column).explain("read findings", &self.place);
        let instant = |column| row.instant(column).explain("read findings", &self.place);
        let optional = |column| {
            row.optional_instant(column)
                .explain("read findings", &self.place)
        };
        Ok(FindingStatus {
            id: text(0)?,
            resource_key: text(1)?,
            recommendation: text(2)?,
            state: parse_state(&text(3)?)?,
            severity: parse_severity(&text(4)?)?,
            cause_hash: text(5)?,
            input_key: text(6)?,
            last_scan: text(7)?,
            first_seen: instant(8)?,
            last_seen: instant(9)?,
            status_changed: instant(10)?,
            opened_at: optional(11)?,
            resolved_at: optional(12)?,
            gone_at: optional(13)?,
        })
    }
}
