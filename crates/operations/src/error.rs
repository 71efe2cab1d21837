//! What can go wrong in the pipeline.

use std::io;
use std::path::{Path, PathBuf};

use stance_base::{Coded, ErrorCode};

/// An error of the pipeline; errors of the floors below keep their own words.
#[derive(Debug, thiserror::Error)]
pub enum OperationsError {
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] stance_lake::LakeError),
    /// The state refused.
    #[error(transparent)]
    State(#[from] stance_state::StateError),
    /// Policies or aliases could not be loaded at all.
    #[error(transparent)]
    Policy(#[from] stance_policy::PolicyError),
    /// The embedded catalogue is damaged.
    #[error(transparent)]
    Catalogue(#[from] stance_posture::CatalogueError),
    /// A query or view could not run.
    #[error(transparent)]
    Kql(#[from] stance_kql::KqlError),
    /// The register of approved AI cannot be used.
    #[error(transparent)]
    Register(#[from] crate::register::RegisterError),
    /// The words of the exposure graph are damaged.
    #[error(transparent)]
    Vocabulary(#[from] stance_exposure::VocabularyError),
    /// The weights of the risk formula are damaged.
    #[error(transparent)]
    Risk(#[from] stance_posture::risk::RiskError),
    /// A file of the data folder cannot be used.
    #[error("`{}` cannot be written: {source}; free space on that disk or name another folder with --data", path.display())]
    Storage {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file named by the user cannot be read.
    #[error("`{}` cannot be read: {source}; check the path and its permissions", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file named by the user holds no function.
    #[error("`{}` holds no function: {message}", path.display())]
    Function {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The user named a table that does not exist.
    #[error("there is no table `{name}` to ingest into; known tables: {known}")]
    UnknownTable {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The user asked what if, of something that is not there.
    #[error(
        "`{fix}` names no finding, recommendation, edge or fact of the graph; `stance paths PATH` shows their ids, `stance paths choke-points` the facts"
    )]
    UnknownFix {
        /// What was asked for.
        fix: String,
    },
    /// Rows could not be put into columns: a fault of ours.
    #[error("rows do not fit their table: {0}; please report this with the input that caused it")]
    Rows(#[from] arrow::error::ArrowError),
    /// A value could not be written as JSON, or read back: a fault of ours.
    #[error(
        "a record cannot be coded as JSON: {0}; please report this with the input that caused it"
    )]
    Json(#[from] serde_json::Error),
}

impl OperationsError {
    /// A failure to write below `path`.
    pub(crate) fn storage(path: &Path, source: io::Error) -> Self {
        Self::Storage {
            path: path.to_owned(),
            source,
        }
    }

    /// A table was written to after writing it had failed.
    pub(crate) fn stopped() -> Self {
        Self::spool(io::Error::other("writing had failed before"))
    }

    /// A failure of the files that checks read.
    pub(crate) fn stage(error: parquet::errors::ParquetError) -> Self {
        Self::storage(
            Path::new("scratch tables of this scan"),
            io::Error::other(error),
        )
    }

    /// A failure of the scratch file that a scan keeps in the data folder.
    pub(crate) fn spool(source: io::Error) -> Self {
        Self::storage(Path::new("scratch file of this scan"), source)
    }
}

impl Coded for OperationsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Lake(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Policy(error) => error.code(),
            Self::Catalogue(error) => error.code(),
            Self::Kql(error) => error.code(),
            Self::Register(error) => error.code(),
            Self::Storage { .. } => ErrorCode::Storage,
            Self::Input { .. }
            | Self::Function { .. }
            | Self::UnknownTable { .. }
            | Self::UnknownFix { .. } => ErrorCode::InvalidInput,
            Self::Rows(_) | Self::Json(_) | Self::Vocabulary(_) | Self::Risk(_) => {
                ErrorCode::Internal
            }
        }
    }
}
