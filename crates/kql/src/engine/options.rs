//! Limits and surroundings of an engine.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use stance_base::{Clock, SystemClock};

/// Limits and surroundings of an engine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Bytes that one engine may hold for grouping, sorting and joining; what does not fit is
    /// spilled to disk where the operator can, else the query stops. No limit where absent.
    pub memory_limit: Option<usize>,
    /// Most rows of a result; a query that gives more stops with an error.
    pub row_limit: usize,
    /// Most rows that all joins and expansions of one query may make together, so that a key that
    /// repeats does not fill the machine; a query that makes more stops. No limit where absent.
    pub intermediate_row_limit: Option<u64>,
    /// Longest time for one query, planning included. No limit where absent.
    pub time_limit: Option<Duration>,
    /// Where `now()` and `ago()` take the time from, once for each query.
    pub clock: Arc<dyn Clock>,
    /// Folder for spilled data; the system's where absent.
    pub temp_dir: Option<PathBuf>,
    /// Number of threads that work on one query; the number of cores where absent.
    pub partitions: Option<NonZeroUsize>,
    /// Folders whose files `externaldata` may read; none where empty. Links that lead out of them
    /// are not followed.
    pub external_data_folders: Vec<PathBuf>,
    /// What `externaldata` does with places that are no files of this machine.
    pub remote_external_data: RemoteExternalData,
}

/// What `externaldata` does with a place on the network, which is never read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemoteExternalData {
    /// The query stops with a diagnostic.
    #[default]
    Refuse,
    /// The table is empty, with the declared columns: queries can be checked without their data.
    Empty,
}

impl Default for EngineOptions {
    /// 1 GiB, 500,000 rows (the limit of Kusto), 1,000,000,000 intermediate rows, 4 minutes (as Kusto),
    /// the machine's clock, no external data.
    fn default() -> Self {
        Self {
            memory_limit: Some(1 << 30),
            row_limit: 500_000,
            intermediate_row_limit: Some(1_000_000_000),
            time_limit: Some(Duration::from_mins(4)),
            clock: Arc::new(SystemClock),
            temp_dir: None,
            partitions: None,
            external_data_folders: Vec::new(),
            remote_external_data: RemoteExternalData::Refuse,
        }
    }
}
