//! Faster ways to the values that the functions of the registry define one by one.
//!
//! A function over [`Value`](crate::value::Value)s says what a result is; this module only saves work on the way to the
//! same result: rows with equal arguments are computed once ([`distinct`]), and a few functions that run over whole
//! logs have loops over columns ([`loops`]). A test runs both ways over generated columns.

pub(crate) mod distinct;
mod loops;
#[cfg(test)]
mod tests;

pub(super) use loops::whole_column;

use crate::instant::{MICROS_PER_DAY, MICROS_PER_SECOND};
use crate::value::{ColumnReader, to_text};

/// Microseconds of time within which a function of a datetime does not change; 1 where nothing is known.
pub(super) fn steady_time(function: &str, readers: &[ColumnReader]) -> i64 {
    match function {
        "startofday" | "startofweek" | "startofmonth" | "startofyear" | "endofday"
        | "endofweek" | "endofmonth" | "endofyear" | "dayofweek" | "dayofmonth" | "dayofyear"
        | "getmonth" | "monthofyear" | "getyear" | "week_of_year" | "weekofyear" => MICROS_PER_DAY,
        "hourofday" => 3_600 * MICROS_PER_SECOND,
        "format_datetime" => format_unit(readers),
        _ => 1,
    }
}

/// The unit of the finest letter in a constant pattern.
fn format_unit(readers: &[ColumnReader]) -> i64 {
    let Some(pattern) = readers.get(1).and_then(ColumnReader::constant) else {
        return 1;
    };
    let pattern = to_text(&pattern);
    if pattern.contains(['f', 'F']) {
        1
    } else if pattern.contains(['H', 'h', 'm', 's', 't']) {
        MICROS_PER_SECOND
    } else {
        MICROS_PER_DAY
    }
}
