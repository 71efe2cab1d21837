//! What can go wrong with the data folder, said so that a person can mend it.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use deltalake::DeltaTableError;
use stance_base::{Coded, ErrorCode};

/// A failure of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The operating system refused or failed an operation on the data folder.
    #[error("could not {doing} `{}`: {source}{}", path.display(), hint(source))]
    Io {
        /// What was being done, as a verb phrase: `write`, `create the folder`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The data folder was written by a newer version of Stance.
    #[error(
        "data folder `{}` has format {found}, this version reads up to format {known}; \
         use Stance {needs} or newer, or give another folder with --data", path.display()
    )]
    NewerFormat {
        /// The data folder.
        path: PathBuf,
        /// Format number found in `stance.json`.
        found: u64,
        /// Newest format number this version reads.
        known: u64,
        /// Oldest version of Stance that reads it, as the folder names it.
        needs: String,
    },
    /// A table uses features of the Delta protocol that this version does not read.
    #[error(
        "table `{table}` needs {needs}, which this version does not read; use a newer Stance, \
         or rewrite the table without it. Other tables can be used"
    )]
    NewerTable {
        /// The table.
        table: String,
        /// The protocol version or feature.
        needs: String,
    },
    /// Another process writes to the data folder.
    #[error(
        "another process writes to data folder `{}`{holder} and did not finish within {waited_seconds} s; \
         run the command again later or give another folder with --data", path.display()
    )]
    Busy {
        /// The data folder.
        path: PathBuf,
        /// ` (process 4711)` where known.
        holder: String,
        /// How long was waited.
        waited_seconds: u64,
    },
    /// A stored file is not what the table's log says it is.
    #[error(
        "file `{}` is damaged: {reason}; restore it from a backup, or remove the table's folder \
         `{}` and scan again", path.display(), path.parent().unwrap_or(path).display()
    )]
    Corrupt {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Rows or columns do not fit the table.
    #[error("table `{table}`: {reason}")]
    Schema {
        /// The table.
        table: String,
        /// What does not fit, and what would.
        reason: String,
    },
    /// The name cannot be a table's name.
    #[error(
        "`{0}` cannot be the name of a table; use 1 to 128 letters, digits and underscores, not starting with a digit"
    )]
    TableName(String),
    /// The Delta library failed.
    #[error("could not {doing} table `{table}`: {source}")]
    Delta {
        /// What was being done, as a verb: `read`, `commit to`.
        doing: &'static str,
        /// The table.
        table: String,
        /// The library's answer.
        #[source]
        source: Box<DeltaTableError>,
    },
    /// Arrow or Parquet could not take or give rows.
    #[error("could not {doing} rows of table `{table}`: {source}{}", hint_of(source.as_ref()))]
    Rows {
        /// What was being done, as a verb: `write`.
        doing: &'static str,
        /// The table.
        table: String,
        /// The library's answer.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A task of ours was cancelled or failed without an answer.
    #[error("a background task of the lake ended early: {0}")]
    Task(String),
}

impl LakeError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    pub(crate) fn delta(doing: &'static str, table: &str) -> impl FnOnce(DeltaTableError) -> Self {
        let table = table.to_owned();
        move |source| Self::Delta {
            doing,
            table,
            source: Box::new(source),
        }
    }

    pub(crate) fn rows<E>(doing: &'static str, table: &str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let table = table.to_owned();
        move |source| Self::Rows {
            doing,
            table,
            source: source.into(),
        }
    }
}

impl Coded for LakeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => code_of(source),
            Self::NewerFormat { .. } | Self::NewerTable { .. } => ErrorCode::Unsupported,
            Self::Busy { .. } => ErrorCode::Busy,
            Self::Corrupt { .. } => ErrorCode::Storage,
            Self::Schema { .. } | Self::TableName(_) => ErrorCode::InvalidInput,
            Self::Delta { source, .. } => {
                find_io(source.as_ref()).map_or(ErrorCode::Storage, code_of)
            }
            Self::Rows { source, .. } => {
                find_io(source.as_ref()).map_or(ErrorCode::Internal, code_of)
            }
            Self::Task(_) => ErrorCode::Internal,
        }
    }
}

/// The first error of the operating system among an error and its sources.
fn find_io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<io::Error>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn code_of(source: &io::Error) -> ErrorCode {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ErrorCode::PermissionDenied
        }
        io::ErrorKind::NotFound => ErrorCode::NotFound,
        _ => ErrorCode::Storage,
    }
}

fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; make the data folder writable for you, or give another one with --data"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space, or give a folder on another disk with --data. Everything acknowledged before is kept"
        }
        _ => "",
    }
}

fn hint_of(source: &(dyn Error + Send + Sync + 'static)) -> &'static str {
    find_io(source).map_or("", hint)
}
