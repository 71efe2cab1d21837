//! Rows of `CollectionDiagnostics`.

use stance_model::{Diagnostic, DiagnosticLevel};

use crate::rows::table_batch::Cell;

/// The cells of one row, in the order of `content/tables/inventory.kql`.
pub(crate) fn cells<'a>(
    diagnostic: &'a Diagnostic,
    now: i64,
    scan_id: &'a str,
    input: &'a str,
) -> [Cell<'a>; 10] {
    [
        Cell::DateTime(now),
        Cell::Text(level(diagnostic.level)),
        Cell::Text(&diagnostic.code),
        Cell::Text(&diagnostic.file),
        Cell::Long(diagnostic.line.into()),
        Cell::Long(diagnostic.column.into()),
        Cell::Text(&diagnostic.message),
        Cell::Text(&diagnostic.help),
        Cell::Text(scan_id),
        Cell::Text(input),
    ]
}

fn level(level: DiagnosticLevel) -> &'static str {
    match level {
        DiagnosticLevel::Error => "Error",
        DiagnosticLevel::Warning => "Warning",
        DiagnosticLevel::Note => "Note",
    }
}
