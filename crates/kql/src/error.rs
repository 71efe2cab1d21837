//! What can go wrong between a query's text and its rows.

use std::time::Duration;

use crate::operators::TooManyIntermediateRows;
use datafusion::error::DataFusionError;
use stance_base::{Coded, ErrorCode};
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Span, render_diagnostics};

use crate::graph::GraphError;

/// A query that gave no rows, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KqlError {
    /// The query is wrong, or uses a part of the language that does not run yet.
    #[error("{}", render_diagnostics(.text, .diagnostics).trim_end())]
    Query {
        /// The text of the query.
        text: String,
        /// What is wrong, with places in the text.
        diagnostics: Vec<Diagnostic>,
    },
    /// More rows than the limit.
    #[error(
        "the query gives more than {limit} rows; narrow it with `where`, `summarize` or `take`, or raise the row limit"
    )]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// Joins and expansions that make more rows than the limit.
    #[error(
        "the joins and expansions of the query make more than {limit} rows; join on keys that repeat less, filter or `summarize` before the join, give `mv-expand` a `limit`, or raise the limit of intermediate rows"
    )]
    TooManyIntermediateRows {
        /// The limit.
        limit: u64,
    },
    /// The query ran longer than the limit.
    #[error(
        "the query ran longer than {:.0} s and was stopped; narrow its time range or raise the time limit",
        .limit.as_secs_f64()
    )]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// The query needs more memory than the limit.
    #[error("the query needs more memory than its limit allows: {0}")]
    OutOfMemory(String),
    /// A search in a graph would not end in a sensible time, or the graph is too large.
    #[error("{0}")]
    GraphLimit(String),
    /// A file given as a table cannot be read.
    #[error("cannot read `{path}` as a table: {reason}")]
    FileTable {
        /// The file.
        path: String,
        /// What is wrong and how to mend it.
        reason: String,
        /// Its kind.
        code: ErrorCode,
    },
    /// Reading data or computing failed.
    #[error("the query failed while it ran: {0}")]
    Execution(String),
    /// A fault of ours: a bound query that could not be planned.
    #[error(
        "the query could not be planned: {0}; this is a fault of Stance, please report it with the query"
    )]
    Planning(String),
}

impl Coded for KqlError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Query { .. } => ErrorCode::InvalidInput,
            Self::TooManyRows { .. }
            | Self::TooManyIntermediateRows { .. }
            | Self::TimedOut { .. }
            | Self::OutOfMemory(_)
            | Self::GraphLimit(_) => ErrorCode::LimitExceeded,
            Self::FileTable { code, .. } => *code,
            Self::Execution(_) => ErrorCode::Storage,
            Self::Planning(_) => ErrorCode::Internal,
        }
    }
}

impl KqlError {
    /// An error met while a plan ran.
    pub(crate) fn running(error: &DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(message) => Self::OutOfMemory(message.clone()),
            DataFusionError::External(inner) if inner.is::<GraphError>() => {
                Self::GraphLimit(inner.to_string())
            }
            DataFusionError::External(cause) => {
                match cause.downcast_ref::<TooManyIntermediateRows>() {
                    Some(rows) => Self::TooManyIntermediateRows { limit: rows.limit },
                    None => Self::Execution(cause.to_string()),
                }
            }
            other => Self::Execution(other.strip_backtrace()),
        }
    }

    /// An error met while a plan was made.
    pub(crate) fn planning(error: &DataFusionError) -> Self {
        match error.find_root() {
            // Constants are computed while planning: those errors are the query's.
            DataFusionError::Execution(message) => Self::Execution(message.clone()),
            DataFusionError::ResourcesExhausted(message) => Self::OutOfMemory(message.clone()),
            DataFusionError::ObjectStore(error) => Self::Execution(error.to_string()),
            other => Self::Planning(other.strip_backtrace()),
        }
    }

    /// The diagnostics of a wrong query; none of other errors.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Query { diagnostics, .. } => diagnostics,
            _ => &[],
        }
    }
}

/// Why lowering stopped.
#[derive(Debug)]
pub(crate) enum LowerError {
    /// Something in the query cannot be run.
    Diagnostic(Diagnostic),
    /// The engine refused a plan that we made.
    Plan(DataFusionError),
    /// The rows of a subquery are needed first.
    Subquery(stance_kql_syntax::bound::Subquery),
    /// The rows of `materialize(...)` are needed first.
    Materialize {
        /// Its identity in the bound query.
        id: u32,
        /// The rows.
        plan: std::sync::Arc<stance_kql_syntax::bound::BoundTabular>,
    },
    /// The columns of a plugin are not known before its input is.
    OpenSchema(Box<crate::lower::OpenStep>),
}

impl From<DataFusionError> for LowerError {
    fn from(error: DataFusionError) -> Self {
        Self::Plan(error)
    }
}

/// A construct that does not run yet.
pub(crate) fn unsupported(construct: &str, span: Span) -> LowerError {
    let message = format!("{construct} does not run yet");
    LowerError::Diagnostic(Diagnostic::error(
        DiagnosticCode::NotSupported,
        span,
        message,
    ))
}
