//! Whether rows are the printed ones.
//!
//! Columns compare by position, values by the type of the column:
//!
//! - a printed number is rounded: half a unit of its last digit is allowed, and a relative error of
//!   1e-9 where all digits are printed (two ways to the same number differ that much);
//! - a printed time may be cut: what is finer than its last digit is not looked at;
//! - dynamics compare as JSON, order of properties left aside, numbers and times inside as above;
//! - text compares without white space, which pages reflow;
//! - dynamics are printed with single quotes or none around texts as well;
//! - rows compare in any order, but where the query sorts by a column of the result, that column
//!   must come in the printed order.

use serde_json::Value as Json;
use stance_base::ScalarType;

use crate::cell::{Cell, datetime, read};

/// Error allowed between two computations of one number.
const RELATIVE: f64 = 1e-9;

/// How rows differ from printed ones, in words; nothing where they do not.
///
/// `order` holds positions of columns whose sequence must be the printed one.
pub fn difference(
    found: &[Vec<String>],
    printed: &[Vec<String>],
    types: &[ScalarType],
    order: &[usize],
) -> Option<String> {
    if let Some(row) = printed.iter().find(|row| row.len() != types.len()) {
        return Some(format!("{} columns in place of {}", types.len(), row.len()));
    }
    if found.len() != printed.len() {
        return Some(format!(
            "{} rows in place of {}",
            found.len(),
            printed.len()
        ));
    }
    let found = cells(found, types);
    let printed = cells(printed, types);
    let mut left: Vec<&Vec<Cell>> = found.iter().collect();
    for row in &printed {
        let same = left.iter().position(|own| same_row(own, row));
        match same {
            Some(position) => {
                left.remove(position);
            }
            None => return Some(format!("no row {row:?}; left over: {:?}", left.first())),
        }
    }
    for column in order {
        let differs = found.iter().zip(&printed).position(|(own, row)| {
            !matches!((own.get(*column), row.get(*column)), (Some(a), Some(b)) if same(a, b))
        });
        if let Some(row) = differs {
            return Some(format!("row {row} is out of order in column {column}"));
        }
    }
    None
}

fn cells(rows: &[Vec<String>], types: &[ScalarType]) -> Vec<Vec<Cell>> {
    rows.iter()
        .map(|row| {
            row.iter()
                .zip(types)
                .map(|(cell, scalar_type)| read(cell, *scalar_type))
                .collect()
        })
        .collect()
}

fn same_row(own: &[Cell], printed: &[Cell]) -> bool {
    own.iter()
        .zip(printed)
        .all(|(own, printed)| same(own, printed))
}

/// Whether a value is the printed one.
fn same(own: &Cell, printed: &Cell) -> bool {
    match (own, printed) {
        (Cell::Real { value, .. }, Cell::Real { value: shown, unit }) => {
            same_number(*value, *shown, *unit)
        }
        (
            Cell::Time { micros, .. },
            Cell::Time {
                micros: shown,
                unit,
            },
        ) => micros.div_euclid(*unit) == shown.div_euclid(*unit),
        (Cell::Json(own), Cell::Json(shown)) => same_json(own, shown),
        // A dynamic text is printed without its quotes.
        (Cell::Json(Json::String(own)), Cell::Text(shown)) => {
            own.chars().filter(|c| !c.is_whitespace()).eq(shown.chars())
        }
        // Arrays of texts, too.
        (Cell::Json(own @ Json::Array(_)), Cell::Text(shown)) => {
            unquoted(&own.to_string()) == unquoted(shown)
        }
        (Cell::Text(own), Cell::Json(Json::String(shown))) => {
            shown.chars().filter(|c| !c.is_whitespace()).eq(own.chars())
        }
        _ => own == printed,
    }
}

fn unquoted(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'')
        .collect()
}

#[allow(clippy::float_cmp, reason = "infinities have no other distance")]
fn same_number(own: f64, shown: f64, unit: f64) -> bool {
    if own.is_nan() || shown.is_nan() {
        return own.is_nan() && shown.is_nan();
    }
    if own.is_infinite() || shown.is_infinite() {
        return own == shown;
    }
    let error = (own - shown).abs();
    // A little over the half, for the half itself has no exact form.
    error <= unit * 0.500_001 || error <= RELATIVE * own.abs().max(shown.abs())
}

fn same_json(own: &Json, shown: &Json) -> bool {
    match (own, shown) {
        (Json::Number(own_number), Json::Number(shown_number)) => {
            let (Some(a), Some(b)) = (own_number.as_f64(), shown_number.as_f64()) else {
                return own_number == shown_number;
            };
            match read(&shown.to_string(), ScalarType::Real) {
                Cell::Real { unit, .. } if !shown_number.is_i64() => same_number(a, b, unit),
                _ => same_number(a, b, 0.0),
            }
        }
        (Json::Array(own), Json::Array(shown)) => {
            own.len() == shown.len() && own.iter().zip(shown).all(|(a, b)| same_json(a, b))
        }
        (Json::Object(own), Json::Object(shown)) => {
            own.len() == shown.len()
                && own
                    .iter()
                    .all(|(key, a)| shown.get(key).is_some_and(|b| same_json(a, b)))
        }
        (Json::String(own_text), Json::String(shown_text)) => {
            own_text == shown_text
                || matches!(
                    (datetime(own_text), datetime(shown_text)),
                    (Some((a, _)), Some((b, unit))) if a.div_euclid(unit) == b.div_euclid(unit)
                )
        }
        _ => own == shown,
    }
}
