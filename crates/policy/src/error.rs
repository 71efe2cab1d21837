//! What can go wrong outside a single rule file; faults inside one are [`stance_model::Diagnostic`]s.

use std::io;

use stance_base::{Coded, ErrorCode};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`: {source}; check that it exists and that you may read it")]
    Read {
        /// The path as given.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is larger than is ever read.
    #[error(
        "`{path}` holds more than {limit} bytes; split it, or keep only the providers you need"
    )]
    TooLarge {
        /// The path as given.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// A file is not of the expected shape.
    #[error("`{path}` cannot be understood: {message}")]
    Malformed {
        /// The path as given.
        path: String,
        /// What is wrong and how to mend it.
        message: String,
    },
    /// The alias cache could not be written; evaluation goes on without it.
    #[error("cannot write the alias cache `{path}`: {source}; check the folder's space and rights")]
    Cache {
        /// The cache file.
        path: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Coded for PolicyError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => ErrorCode::NotFound,
                io::ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
                _ => ErrorCode::InvalidInput,
            },
            Self::TooLarge { .. } => ErrorCode::LimitExceeded,
            Self::Malformed { .. } => ErrorCode::InvalidInput,
            Self::Cache { .. } => ErrorCode::Storage,
        }
    }
}
