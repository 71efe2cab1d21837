//! Rows of JSON as a table for people.

use comfy_table::{Attribute, Cell, CellAlignment};
use serde_json::Value;
use stance_base::safe_text;

use crate::terminal::{self, Stream};

/// Columns of the terminal that one cell may take at most.
const WIDEST_CELL: usize = 200;

/// A table of a result: a row for each element. Without `columns`, every member that is not nested.
pub(super) fn of_value(value: &Value, columns: &[String]) -> String {
    let rows = match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => return String::new(),
        other => std::slice::from_ref(other),
    };
    let columns = if columns.is_empty() {
        flat_columns(rows)
    } else {
        columns.to_vec()
    };
    if columns.is_empty() {
        let cells = rows.iter().map(|row| vec![plain(row)]).collect();
        return render(&["Result".to_owned()], cells);
    }
    let cells = rows
        .iter()
        .map(|row| {
            let cells = columns
                .iter()
                .map(|key| row.get(key).map(plain).unwrap_or_default());
            cells.collect()
        })
        .collect();
    let headers: Vec<String> = columns.iter().map(|key| capitalised(key)).collect();
    render(&headers, cells)
}

/// A table of texts; cells that are numbers stand to the right.
pub(super) fn render(headers: &[String], rows: Vec<Vec<String>>) -> String {
    let mut table = terminal::table(terminal::width(), terminal::colour(Stream::Output));
    table.set_header(
        headers
            .iter()
            .map(|name| Cell::new(safe_text::one_line(name)).add_attribute(Attribute::Bold)),
    );
    for row in rows {
        table.add_row(row.iter().map(|text| {
            let shown = safe_text::one_line(text);
            let cell = Cell::new(safe_text::truncate_width(&shown, WIDEST_CELL));
            let number = text.trim_end_matches(['%', ' ']).parse::<f64>().is_ok();
            if number {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        }));
    }
    format!("{table}\n")
}

/// Names of members that hold no object and no list, in order of first appearance.
fn flat_columns(rows: &[Value]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for row in rows {
        for (key, value) in row.as_object().into_iter().flatten() {
            let flat = !value.is_object() && !value.is_array() && !value.is_null();
            if flat && !columns.contains(key) {
                columns.push(key.clone());
            }
        }
    }
    columns
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `displayName` is headed `DisplayName`.
fn capitalised(key: &str) -> String {
    let mut letters = key.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
