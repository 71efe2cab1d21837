//! Delta tables on disk: writer, snapshot scan.
//!
//! The data folder holds one Delta table per KQL table. One process writes at a time, under a lock;
//! any number read. A commit is acknowledged when its files, its log entry and their folders are on
//! the disk. Reads plan plain Parquet scans over the files of one version, so that a plan can be sent
//! to any executor.

mod actions;
mod commit;
mod durable_store;
mod error;
mod folder;
mod format_marker;
mod lake;
mod maintenance;
mod placement;
mod provider;
pub mod schema;
mod snapshot;
mod staging;
mod statistics;
mod table_log;
mod table_writer;
mod term_filters;
mod writer;

pub use commit::{AppTransaction, CommitMode, CommitOutcome, TableCommit};
pub use error::LakeError;
pub use format_marker::FORMAT;
pub use lake::{Lake, LakeOptions};
pub use provider::SnapshotTable;
pub use schema::{TableDefinition, arrow_schema, arrow_type, scanned_schema};
pub use snapshot::{DataFile, TableSnapshot};
pub use table_writer::{StagedRows, TableWriter};
pub use writer::Writer;
