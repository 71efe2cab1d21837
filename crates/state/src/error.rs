//! What can go wrong with the state database, said so that a person can mend it.

use std::io;
use std::path::PathBuf;

use sqlx::migrate::MigrateError;
use stance_base::{Coded, ErrorCode};

/// A failure of the state database.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The database's file could not be made or opened.
    #[error("could not open the state database `{}`: {source}; make its folder writable for you, or give another one with --data", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The database was written by a newer version of Stance.
    #[error(
        "the state database {place} has schema version {found}, this version knows up to {known}; use a newer Stance"
    )]
    NewerSchema {
        /// The file or the server, without credentials.
        place: String,
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// The address is no database we speak to.
    #[error("`{0}` is no state database; use a file path or postgres://user@host/database")]
    Address(String),
    /// Another process held the database for too long.
    #[error("the state database {place} is in use by another process; run the command again later")]
    Busy {
        /// The file or the server, without credentials.
        place: String,
    },
    /// The scan was stored before.
    #[error("scan `{0}` is stored already; give every scan an id of its own")]
    ScanExists(String),
    /// An error came while the scan's verdicts were taken in; nothing of it is kept.
    #[error("scan `{0}` failed half way and was not stored; run it again")]
    ScanBroken(String),
    /// A stored value is not one that this version writes.
    #[error(
        "the state database holds `{value}` as {what}, which this version does not know; use a newer Stance"
    )]
    Value {
        /// What the value is: `state`, `severity`, `kind of change`.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// The database refused or failed.
    #[error("the state database failed to {doing}: {source}")]
    Database {
        /// What was being done, as a verb phrase.
        doing: &'static str,
        /// The database's answer.
        #[source]
        source: Box<sqlx::Error>,
    },
    /// Bringing the database up to date failed.
    #[error("the state database could not be brought up to date: {0}")]
    Migration(#[source] Box<MigrateError>),
}

/// Primary result codes, from sqlite.org/rescode.html.
mod sqlite_code {
    pub(super) const BUSY: i64 = 5;
    pub(super) const LOCKED: i64 = 6;
    pub(super) const READ_ONLY: i64 = 8;
    pub(super) const CANNOT_OPEN: i64 = 14;
}

/// SQLSTATE of `lock_not_available`, from postgresql.org/docs/current/errcodes-appendix.html.
const POSTGRES_LOCK_TIMEOUT: &str = "55P03";

impl StateError {
    /// Wraps the database's answer.
    pub(crate) fn database(doing: &'static str, place: &str, source: sqlx::Error) -> Self {
        if is_busy(&source) {
            return Self::Busy {
                place: place.to_owned(),
            };
        }
        Self::Database {
            doing,
            source: Box::new(source),
        }
    }

    pub(crate) fn migration(place: &str, known: i64, error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
                Self::NewerSchema {
                    place: place.to_owned(),
                    found,
                    known,
                }
            }
            MigrateError::Execute(source) if is_busy(&source) => Self::Busy {
                place: place.to_owned(),
            },
            other => Self::Migration(Box::new(other)),
        }
    }
}

fn primary_sqlite_code(error: &sqlx::Error) -> Option<i64> {
    let code = error.as_database_error()?.code()?;
    // Extended codes carry the primary one in the low byte.
    code.parse::<i64>().ok().map(|code| code & 0xff)
}

fn is_busy(error: &sqlx::Error) -> bool {
    let Some(database) = error.as_database_error() else {
        return matches!(error, sqlx::Error::PoolTimedOut);
    };
    if database.code().as_deref() == Some(POSTGRES_LOCK_TIMEOUT) {
        return true;
    }
    let is_sqlite = database
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some();
    is_sqlite
        && matches!(
            primary_sqlite_code(error),
            Some(sqlite_code::BUSY | sqlite_code::LOCKED)
        )
}

impl Coded for StateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    ErrorCode::PermissionDenied
                }
                _ => ErrorCode::Storage,
            },
            Self::NewerSchema { .. } | Self::Value { .. } => ErrorCode::Unsupported,
            Self::Address(_) | Self::ScanExists(_) => ErrorCode::InvalidInput,
            Self::Busy { .. } => ErrorCode::Busy,
            Self::Database { source, .. } => match primary_sqlite_code(source) {
                Some(sqlite_code::READ_ONLY | sqlite_code::CANNOT_OPEN) => {
                    ErrorCode::PermissionDenied
                }
                _ => ErrorCode::Storage,
            },
            Self::ScanBroken(_) | Self::Migration(_) => ErrorCode::Storage,
        }
    }
}
