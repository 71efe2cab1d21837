//! What was collected, and what was not: absence is a finding only where the thing was collected.

use serde::{Deserialize, Serialize};

/// How far a scope was collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CoverageStatus {
    /// Everything there is was read.
    Complete,
    /// Some of it was read.
    Partial,
    /// Access was refused.
    Denied,
    /// Nobody asked for it.
    NotConfigured,
}

impl CoverageStatus {
    /// The spelling of tables and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "Complete",
            Self::Partial => "Partial",
            Self::Denied => "Denied",
            Self::NotConfigured => "NotConfigured",
        }
    }
}

/// One row of `CollectionCoverage`: for `scope`, how far `what` was collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// A resource id prefix (subscription, group, resource) or an input file.
    pub scope: String,
    /// A resource type in lower case, or `*` for every type the source holds.
    pub what: String,
    /// How far.
    pub status: CoverageStatus,
    /// Why, in words; empty where complete.
    pub reason: String,
    /// The input it was learnt from.
    pub source: String,
    /// Rows that were read.
    pub count: u64,
}
