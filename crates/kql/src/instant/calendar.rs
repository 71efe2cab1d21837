//! Years, months, weeks and days.

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, in_range};

/// A date and time of day taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    pub(crate) micro: i64,
}

/// The units that `datetime_diff`, `datetime_add` and `datetime_part` know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalendarPart {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    DayOfYear,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl CalendarPart {
    /// By the name that KQL uses, in any case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Self::Year,
            "quarter" => Self::Quarter,
            "month" => Self::Month,
            "week" | "week_of_year" | "weekofyear" => Self::Week,
            "day" => Self::Day,
            "dayofyear" => Self::DayOfYear,
            "hour" => Self::Hour,
            "minute" => Self::Minute,
            "second" => Self::Second,
            "millisecond" => Self::Millisecond,
            "microsecond" => Self::Microsecond,
            "nanosecond" => Self::Nanosecond,
            _ => return None,
        })
    }

    /// Microseconds in the unit, where that is a fixed number.
    fn micros(self) -> Option<i64> {
        Some(match self {
            Self::Week => 7 * MICROS_PER_DAY,
            Self::Day | Self::DayOfYear => MICROS_PER_DAY,
            Self::Hour => 3_600 * MICROS_PER_SECOND,
            Self::Minute => 60 * MICROS_PER_SECOND,
            Self::Second => MICROS_PER_SECOND,
            Self::Millisecond => 1_000,
            Self::Microsecond => 1,
            Self::Year | Self::Quarter | Self::Month | Self::Nanosecond => return None,
        })
    }
}

/// Days from 1970-01-01 of a proleptic Gregorian date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Takes an instant apart.
pub(crate) fn civil(micros: i64) -> Civil {
    let days = micros.div_euclid(MICROS_PER_DAY);
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let seconds = of_day / MICROS_PER_SECOND;
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
        hour: seconds / 3_600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        micro: of_day % MICROS_PER_SECOND,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Puts an instant together; nothing where the parts name no such date or time.
pub(crate) fn from_civil(parts: Civil) -> Option<i64> {
    let valid = (1..=9999).contains(&parts.year)
        && (1..=12).contains(&parts.month)
        && (1..=days_in_month(parts.year, parts.month)).contains(&parts.day)
        && (0..24).contains(&parts.hour)
        && (0..60).contains(&parts.minute)
        && (0..60).contains(&parts.second)
        && (0..MICROS_PER_SECOND).contains(&parts.micro);
    valid.then(|| {
        let seconds = parts.hour * 3_600 + parts.minute * 60 + parts.second;
        days_from_civil(parts.year, parts.month, parts.day) * MICROS_PER_DAY
            + seconds * MICROS_PER_SECOND
            + parts.micro
    })
}

/// 0 for Sunday.
fn day_of_week(micros: i64) -> i64 {
    (micros.div_euclid(MICROS_PER_DAY) + 4).rem_euclid(7)
}

/// Day in its year, from 1.
pub(crate) fn day_of_year(micros: i64) -> i64 {
    let parts = civil(micros);
    micros.div_euclid(MICROS_PER_DAY) - days_from_civil(parts.year, 1, 1) + 1
}

/// Week number of ISO 8601.
pub(crate) fn iso_week(micros: i64) -> i64 {
    let days = micros.div_euclid(MICROS_PER_DAY);
    let weekday = (days + 3).rem_euclid(7);
    let thursday = days - weekday + 3;
    let year = civil(thursday * MICROS_PER_DAY).year;
    (thursday - days_from_civil(year, 1, 1)) / 7 + 1
}

/// The number that a unit has in an instant.
pub(crate) fn part_of(part: CalendarPart, micros: i64) -> i64 {
    let parts = civil(micros);
    match part {
        CalendarPart::Year => parts.year,
        CalendarPart::Quarter => (parts.month + 2) / 3,
        CalendarPart::Month => parts.month,
        CalendarPart::Week => iso_week(micros),
        CalendarPart::Day => parts.day,
        CalendarPart::DayOfYear => day_of_year(micros),
        CalendarPart::Hour => parts.hour,
        CalendarPart::Minute => parts.minute,
        CalendarPart::Second => parts.second,
        CalendarPart::Millisecond => parts.micro / 1_000,
        CalendarPart::Microsecond => parts.micro,
        CalendarPart::Nanosecond => parts.micro * 1_000,
    }
}

/// How many borders of the unit lie between `right` and `left` (`datetime_diff`).
pub(crate) fn difference(part: CalendarPart, left: i64, right: i64) -> i64 {
    let (a, b) = (civil(left), civil(right));
    match part {
        CalendarPart::Year => a.year - b.year,
        CalendarPart::Quarter => {
            (a.year * 4 + (a.month - 1) / 3) - (b.year * 4 + (b.month - 1) / 3)
        }
        CalendarPart::Month => (a.year * 12 + a.month) - (b.year * 12 + b.month),
        CalendarPart::Week => (start_of_week(left) - start_of_week(right)) / (7 * MICROS_PER_DAY),
        CalendarPart::Nanosecond => (left - right).saturating_mul(1_000),
        other => {
            let unit = other.micros().unwrap_or(1);
            left.div_euclid(unit) - right.div_euclid(unit)
        }
    }
}

/// Adds whole units (`datetime_add`); a day past the end of a month becomes its last day.
pub(crate) fn add_part(part: CalendarPart, amount: i64, micros: i64) -> Option<i64> {
    let months = match part {
        CalendarPart::Year => amount.checked_mul(12)?,
        CalendarPart::Quarter => amount.checked_mul(3)?,
        CalendarPart::Month => amount,
        CalendarPart::Nanosecond => {
            return micros
                .checked_add(amount.div_euclid(1_000))
                .and_then(in_range);
        }
        other => {
            let distance = amount.checked_mul(other.micros()?)?;
            return micros.checked_add(distance).and_then(in_range);
        }
    };
    let mut parts = civil(micros);
    let total = (parts.year * 12 + parts.month - 1).checked_add(months)?;
    parts.year = total.div_euclid(12);
    parts.month = total.rem_euclid(12) + 1;
    if !(1..=9999).contains(&parts.year) {
        return None;
    }
    parts.day = parts.day.min(days_in_month(parts.year, parts.month));
    from_civil(parts)
}

fn start_of_week(micros: i64) -> i64 {
    let day = micros.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY;
    day - day_of_week(micros) * MICROS_PER_DAY
}

/// The first instant of the year, month, week (Sunday) or day, `offset` units away.
pub(crate) fn start_of(part: CalendarPart, micros: i64, offset: i64) -> Option<i64> {
    let start = match part {
        CalendarPart::Week => start_of_week(micros),
        CalendarPart::Year | CalendarPart::Month => {
            let parts = civil(micros);
            let month = if part == CalendarPart::Year {
                1
            } else {
                parts.month
            };
            days_from_civil(parts.year, month, 1) * MICROS_PER_DAY
        }
        _ => micros.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY,
    };
    add_part(part, offset, start)
}

/// The last instant of the unit, `offset` units away.
pub(crate) fn end_of(part: CalendarPart, micros: i64, offset: i64) -> Option<i64> {
    let next = start_of(part, micros, offset.checked_add(1)?);
    match next {
        Some(next) => Some(next - 1),
        // The unit that ends with the last day Kusto knows.
        None => start_of(part, micros, offset).map(|_| super::MAX_MICROS),
    }
}

/// Day of the week, 0 for Sunday.
pub(crate) fn weekday(micros: i64) -> i64 {
    day_of_week(micros)
}
