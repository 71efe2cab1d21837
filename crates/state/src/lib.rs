//! Mutable state in SQL: the life cycle of findings.
//!
//! CONTRACT the pipeline is being written against (lead, 20:58; refine inside, keep the meaning; remove this note):
//!
//! ```ignore
//! let state = State::open(url_or_path, clock).await?;            // migrations run, SQLite file 0600
//! let mut scan = state.begin_scan(ScanRecord { scan_id, started: DateTime<Utc>, inputs: Vec<String> }).await?; // one SQL transaction
//! // per chunk of a few thousand findings, streaming: gives back the dates of each finding, in order
//! let dates: Vec<FindingDates> = scan.apply(&[FindingRecord { id, resource_key, recommendation, state, severity, cause_hash, input }]).await?;
//! // FindingDates { first_seen: DateTime<Utc>, status_changed: DateTime<Utc>, resolved: Option<DateTime<Utc>>, change: Option<ChangeKind> }
//! // ChangeKind::{New, StateChanged { from }, Reopened}; severity-only changes are ChangeKind::SeverityChanged { from }
//! // `complete_inputs`: input keys that were wholly read; findings last seen in them and not applied now become Resolved (gone).
//! let outcome = scan.finish(&complete_inputs).await?;             // commits; LifeCycleOutcome { counts, gone: Vec<FindingChange>, since: Option<DateTime<Utc>> of the last scan }
//! // every change is also kept in a `finding_changes` table with a growing number, so that the lake copy is exactly-once:
//! state.changes_after(number, limit).await? -> Vec<FindingChange { number, scan_id, finding_id, resource_id.., from, to, kind, at }>
//! ```
