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
    /// Longest time for one query, planning included. No limit where absent.
    pub time_limit: Option<Duration>,
    /// Where `now()` and `ago()` take the time from, once for each query.
    pub clock: Arc<dyn Clock>,
    /// Folder for spilled data; the system's where absent.
    pub temp_dir: Option<PathBuf>,
    /// Number of threads that work on one query; the number of cores where absent.
    pub partitions: Option<NonZeroUsize>,
}

impl Default for EngineOptions {
    /// 1 GiB, 500,000 rows (the limit of Kusto), 4 minutes (as Kusto), the machine's clock.
    fn default() -> Self {
        Self {
            memory_limit: Some(1 << 30),
            row_limit: 500_000,
            time_limit: Some(Duration::from_mins(4)),
            clock: Arc::new(SystemClock),
            temp_dir: None,
            partitions: None,
        }
    }
}
