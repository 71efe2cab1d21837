//! How much a search may do.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a search ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GraphError {
    /// More edges were looked at than allowed.
    #[error(
        "the graph search looked at more than {limit} edges and was stopped; narrow it: fix a node or \
         an edge with `where`, shorten the variable-length edges (`*1..3`), or leave out edges \
         before `make-graph`"
    )]
    TooManySteps {
        /// The limit.
        limit: u64,
    },
    /// One match grew longer than allowed.
    #[error(
        "a path of the graph search has more than {limit} edges; shorten the variable-length edges \
         (`*1..10`), or use `cycles=none`"
    )]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// The numbers of nodes or edges do not fit 32 bits.
    #[error(
        "the graph has more than {limit} {what}; leave out rows with `where` before `make-graph`"
    )]
    TooLarge {
        /// Nodes or edges.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Nobody waits for the result any more.
    #[error("the query was stopped")]
    Stopped,
}

/// Steps done between two looks at the shared counter.
const CHECK_INTERVAL: u64 = 1 << 14;

/// What the threads of one search may spend together.
pub(crate) struct Allowance<'a> {
    limit: u64,
    used: AtomicU64,
    stopped: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Allowance<'a> {
    /// Allows `limit` steps, as long as `stopped` says no.
    pub(crate) fn new(limit: u64, stopped: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            limit,
            used: AtomicU64::new(0),
            stopped,
        }
    }
}

/// One thread's share of an [`Allowance`].
pub(crate) struct Budget<'a> {
    allowance: &'a Allowance<'a>,
    spent: u64,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(allowance: &'a Allowance<'a>) -> Self {
        Self {
            allowance,
            spent: 0,
        }
    }

    /// Counts steps.
    ///
    /// # Errors
    /// Where the limit is reached or the search was stopped.
    #[inline]
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), GraphError> {
        self.spent += steps;
        if self.spent < CHECK_INTERVAL {
            return Ok(());
        }
        self.settle()
    }

    #[cold]
    fn settle(&mut self) -> Result<(), GraphError> {
        let before = self.allowance.used.fetch_add(self.spent, Ordering::Relaxed);
        let used = before.saturating_add(self.spent);
        self.spent = 0;
        if (self.allowance.stopped)() {
            return Err(GraphError::Stopped);
        }
        let limit = self.allowance.limit;
        if used > limit {
            return Err(GraphError::TooManySteps { limit });
        }
        Ok(())
    }
}
