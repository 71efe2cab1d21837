//! What a query cost.

use std::time::Duration;

use datafusion::physical_plan::ExecutionPlan;

use crate::terms::ROWS_LEFT_OUT;

/// What a query cost. Times do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryStats {
    /// Reading the text.
    pub parse_time: Duration,
    /// Resolving names and types.
    pub bind_time: Duration,
    /// Making the plan, subqueries run for it included.
    pub plan_time: Duration,
    /// From the start of the plan to the last row.
    pub run_time: Duration,
    /// Rows that the tables gave.
    pub rows_read: usize,
    /// Bytes read from files; 0 where the tables do not count them.
    pub bytes_read: usize,
    /// Rows of files that term filters spared the query.
    pub rows_left_out: usize,
    /// Rows of the result.
    pub rows_out: usize,
}

/// What the leaves of a plan gave so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReadSoFar {
    pub(super) rows: usize,
    pub(super) bytes: usize,
    pub(super) rows_left_out: usize,
}

/// Rows and bytes that the leaves of a plan gave so far.
pub(super) fn read_so_far(plan: &dyn ExecutionPlan) -> ReadSoFar {
    let children = plan.children();
    if children.is_empty() {
        let Some(metrics) = plan.metrics() else {
            return ReadSoFar::default();
        };
        let sum = |name| {
            metrics
                .sum_by_name(name)
                .map_or(0, |value| value.as_usize())
        };
        return ReadSoFar {
            rows: metrics.output_rows().unwrap_or(0),
            bytes: sum("bytes_scanned"),
            rows_left_out: sum(ROWS_LEFT_OUT),
        };
    }
    let read = children
        .into_iter()
        .map(|child| read_so_far(child.as_ref()));
    read.fold(ReadSoFar::default(), |sum, more| ReadSoFar {
        rows: sum.rows + more.rows,
        bytes: sum.bytes + more.bytes,
        rows_left_out: sum.rows_left_out + more.rows_left_out,
    })
}
