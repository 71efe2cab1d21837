//! A query's rows as a table for people.

use comfy_table::{Attribute, Cell, CellAlignment};
use stance_base::{ScalarType, safe_text};
use stance_kql::{KqlError, QueryResult, output};

use crate::terminal;

/// Rows shown; more are counted.
const MOST_ROWS: usize = 1000;
/// Columns of the terminal that one cell may take at most.
const WIDEST_CELL: usize = 200;

/// The table, and how many rows there are.
pub(crate) fn text(result: &QueryResult, width: usize, colour: bool) -> Result<String, KqlError> {
    let mut table = terminal::table(width, colour);
    table.set_header(
        result.columns.iter().map(|column| {
            Cell::new(safe_text::one_line(&column.name)).add_attribute(Attribute::Bold)
        }),
    );
    let rows = output::text_rows(result)?;
    for row in rows.iter().take(MOST_ROWS) {
        table.add_row(row.iter().zip(&result.columns).map(|(text, column)| {
            let shown = safe_text::one_line(text);
            let cell = Cell::new(safe_text::truncate_width(&shown, WIDEST_CELL));
            if is_number(column.scalar_type) {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        }));
    }
    let count = rows.len();
    let shown = if count > MOST_ROWS {
        format!(", the first {MOST_ROWS} shown; --format csv or json has all")
    } else {
        String::new()
    };
    let plural = if count == 1 { "row" } else { "rows" };
    Ok(format!("{table}\n{count} {plural}{shown}\n"))
}

fn is_number(scalar_type: ScalarType) -> bool {
    matches!(
        scalar_type,
        ScalarType::Int | ScalarType::Long | ScalarType::Real | ScalarType::Decimal
    )
}
