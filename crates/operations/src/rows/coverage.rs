//! Rows of `CollectionCoverage`.

use stance_model::Coverage;

use crate::rows::table_batch::Cell;

/// The cells of one row, in the order of `content/tables/inventory.kql`.
pub(crate) fn cells<'a>(
    coverage: &'a Coverage,
    now: i64,
    scan_id: &'a str,
    input: &'a str,
) -> [Cell<'a>; 9] {
    [
        Cell::DateTime(now),
        Cell::Text(&coverage.scope),
        Cell::Text(&coverage.what),
        Cell::Text(coverage.status.as_str()),
        Cell::Text(&coverage.reason),
        Cell::Text(&coverage.source),
        Cell::Long(i64::try_from(coverage.count).unwrap_or(i64::MAX)),
        Cell::Text(scan_id),
        Cell::Text(input),
    ]
}
