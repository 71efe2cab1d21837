//! What a query cost.

use std::time::Duration;

use datafusion::physical_plan::ExecutionPlan;

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
    /// Rows of the result.
    pub rows_out: usize,
}

/// Rows and bytes that the leaves of a plan gave so far.
pub(super) fn read_so_far(plan: &dyn ExecutionPlan) -> (usize, usize) {
    let children = plan.children();
    if children.is_empty() {
        let Some(metrics) = plan.metrics() else {
            return (0, 0);
        };
        let rows = metrics.output_rows().unwrap_or(0);
        let bytes = metrics
            .sum_by_name("bytes_scanned")
            .map_or(0, |value| value.as_usize());
        return (rows, bytes);
    }
    children.into_iter().fold((0, 0), |(rows, bytes), child| {
        let (more_rows, more_bytes) = read_so_far(child.as_ref());
        (rows + more_rows, bytes + more_bytes)
    })
}
