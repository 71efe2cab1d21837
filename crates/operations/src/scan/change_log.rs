//! Changes of findings, moved from the state's outbox to the lake exactly once.

use stance_lake::{AppTransaction, CommitMode, Lake, TableCommit, Writer};
use stance_model::FindingState;
use stance_state::{ChangeKind, FindingChange, State};

use crate::OperationsError;
use crate::rows::table_batch::Cell;
use crate::rows::table_output::TableOutput;

const TABLE: &str = "SecurityRecommendationChange";
/// The lake remembers the last sequence number under this name.
const APPLICATION: &str = "state:finding-changes";
/// Changes moved by one commit.
const AT_ONCE: u64 = 50_000;

/// How one scan moved findings over the line that people watch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Findings that turned Unhealthy.
    pub newly_unhealthy: u64,
    /// Findings that were Unhealthy and are no more.
    pub no_longer_unhealthy: u64,
}

impl Moved {
    fn count(&mut self, change: &FindingChange) {
        let unhealthy = |state| state == Some(FindingState::Unhealthy);
        match (unhealthy(change.from), unhealthy(change.to)) {
            (false, true) => self.newly_unhealthy += 1,
            (true, false) => self.no_longer_unhealthy += 1,
            // A finding that went unhealthy and came back unhealthy.
            (true, true) if change.kind == ChangeKind::Reopened => self.newly_unhealthy += 1,
            _ => {}
        }
    }
}

/// Moves everything that waits, also what a killed process left; counts what `scan_id` moved.
pub(crate) async fn move_to_lake(
    lake: &Lake,
    writer: &Writer,
    state: &State,
    scan_id: &str,
) -> Result<Moved, OperationsError> {
    let mut moved = Moved::default();
    loop {
        let changes = state.pending_changes(AT_ONCE).await?;
        let Some(last) = changes.last().map(|change| change.sequence) else {
            return Ok(moved);
        };
        changes
            .iter()
            .filter(|change| change.scan_id == scan_id)
            .for_each(|change| moved.count(change));
        let done = lake
            .transaction_version(TABLE, APPLICATION)
            .await?
            .unwrap_or(i64::MIN);
        let mut output = TableOutput::begin(writer, TABLE, None)?;
        for change in changes.iter().filter(|change| change.sequence > done) {
            output.push(cells(change))?;
        }
        let transaction = AppTransaction {
            application: APPLICATION.to_owned(),
            version: last,
        };
        let commit =
            TableCommit::new(output.finish()?, CommitMode::Append).with_transaction(transaction);
        writer.commit_all(vec![commit]).await?;
        state.acknowledge_changes(last).await?;
    }
}

/// The cells of one row, in the order of `content/tables/security.kql`.
fn cells(change: &FindingChange) -> [Cell<'_>; 10] {
    let state =
        |state: Option<FindingState>| state.map_or(Cell::Null, |state| Cell::Text(state.as_str()));
    [
        Cell::DateTime(change.at.timestamp_micros()),
        Cell::Text(&change.scan_id),
        Cell::Text(&change.finding_id),
        Cell::Text(&change.resource_key),
        Cell::Text(&change.recommendation),
        Cell::Text(change.severity.as_str()),
        Cell::Text(change.kind.as_str()),
        state(change.from),
        state(change.to),
        Cell::DateTime(change.first_seen.timestamp_micros()),
    ]
}
