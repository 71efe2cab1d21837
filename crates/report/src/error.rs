//! What can go wrong while a report is written.

use stance_base::{Coded, ErrorCode};

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The disk, pipe or terminal refused the bytes.
    #[error(
        "the report could not be written: {0}; check the disk and the permissions of the output path"
    )]
    Write(#[from] std::io::Error),
    /// A value could not be turned into JSON.
    #[error("the report could not be turned into JSON: {0}; please report this fault")]
    Json(#[from] serde_json::Error),
    /// The CSV writer failed.
    #[error("the report could not be turned into CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The parts of a streamed report came in an order that no reader would accept.
    #[error(
        "{0} came after the part they belong to was closed; write resources, then findings, then the end"
    )]
    Order(&'static str),
}

impl Coded for ReportError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Write(_) => ErrorCode::Storage,
            Self::Csv(error) if error.is_io_error() => ErrorCode::Storage,
            Self::Json(error) if error.is_io() => ErrorCode::Storage,
            Self::Json(_) | Self::Csv(_) | Self::Order(_) => ErrorCode::Internal,
        }
    }
}
