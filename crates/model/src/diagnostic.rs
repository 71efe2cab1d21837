//! What went wrong while reading, said so that a person can mend it.

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiagnosticLevel {
    /// Something was not read.
    Error,
    /// Something was read in one of several possible ways.
    Warning,
    /// Good to know.
    Note,
}

/// One message about an input or a rule file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad.
    pub level: DiagnosticLevel,
    /// Path as the user would write it.
    pub file: String,
    /// Line from 1; 0 where there is none.
    pub line: u32,
    /// Column from 1; 0 where there is none.
    pub column: u32,
    /// Stable code, such as `COL0003`; listed in docs/diagnostics.md.
    pub code: String,
    /// What happened.
    pub message: String,
    /// How to mend it.
    pub help: String,
}
