//! Datetimes and timespans as numbers: reading, writing and the calendar.
//!
//! A datetime is microseconds from 1970-01-01 UTC within the years 1 to 9999, a timespan ticks of
//! 100 nanoseconds (`docs/decisions/0001-datetime-and-timespan.md`).

mod calendar;
mod format;
mod parse;

pub(crate) use calendar::{
    CalendarPart, Civil, add_part, day_of_year, difference, end_of, from_civil, iso_week, part_of,
    start_of, weekday,
};
pub(crate) use format::{
    format_datetime_pattern, format_timespan_pattern, write_datetime, write_timespan,
};
pub(crate) use parse::{parse_datetime, parse_timespan};

/// Ticks of 100 nanoseconds in a microsecond.
pub(crate) const TICKS_PER_MICRO: i64 = 10;
/// Microseconds in a second.
pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Ticks in a second.
pub(crate) const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a day.
pub(crate) const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;
/// 0001-01-01T00:00:00Z.
pub(crate) const MIN_MICROS: i64 = -719_162 * MICROS_PER_DAY;
/// 9999-12-31T23:59:59.999999Z.
pub(crate) const MAX_MICROS: i64 = 2_932_897 * MICROS_PER_DAY - 1;

/// The instant, where it lies in the range of Kusto.
pub(crate) fn in_range(micros: i64) -> Option<i64> {
    (MIN_MICROS..=MAX_MICROS)
        .contains(&micros)
        .then_some(micros)
}

/// Ticks to microseconds, towards the past.
pub(crate) fn ticks_to_micros(ticks: i64) -> i64 {
    ticks.div_euclid(TICKS_PER_MICRO)
}
