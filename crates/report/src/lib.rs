//! Writers: one file per output format.
//!
//! Every writer takes a [`ScanReport`] and an [`std::io::Write`]; [`json::JsonWriter`] and
//! [`csv_findings::CsvWriter`] take rows one by one, so that a scan of any size needs no more memory than one row.
//! All text in a report comes from strangers and goes through [`stance_base::safe_text`] here.

pub mod csv_findings;
pub mod cyclonedx;
pub mod error;
pub mod html;
pub mod json;
pub mod markdown;
pub mod paths;
pub mod sarif;
pub mod scan_report;
pub mod summary;
pub mod table;

mod groups;
mod show;

pub use error::ReportError;
pub use scan_report::{ResourceRow, ScanReport};
pub use summary::{
    Changes, DiagnosticCounts, FindingCounts, PathCounts, SeverityCounts, StateCounts, Summary,
    WorkloadCount,
};
pub use table::TableOptions;
