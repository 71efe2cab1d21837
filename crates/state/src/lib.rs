//! Mutable state in SQL: the life cycle of findings.
//!
//! `SQLite` in a file of the data folder by default, `PostgreSQL` by URL. Everything a scan changes is one
//! transaction. Changes are also kept as an outbox, from which the caller moves them to the lake.

mod connection;
mod error;
mod finding_status;
mod life_cycle;
mod outbox;
mod records;
mod state;
mod verdict;

pub use error::StateError;
pub use life_cycle::ScanTransaction;
pub use records::{
    ChangeKind, FindingChange, FindingDates, FindingRecord, FindingStatus, LifeCycleOutcome,
    ReadInput, ScanRecord, ScanSummary,
};
pub use state::{State, StateOptions};
