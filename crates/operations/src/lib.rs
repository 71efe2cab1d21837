//! The pipeline: collect, store, judge, tell.
//!
//! [`scan::scan`] reads files and judges them, [`ingest::ingest`] adds rows of logs and alerts,
//! [`catalog::catalog`] is what a query sees.

mod as_of;
pub mod bom;
pub mod catalog;
pub mod checks;
pub mod doctor;
mod error;
pub mod exposure;
pub mod functions;
pub mod ingest;
pub mod inventory;
pub mod policy_states;
pub mod register;
mod rows;
pub mod scan;
mod stored;

pub use error::OperationsError;
