//! One printed value, read as the type of its column.
//!
//! Pages print values freely: `<br>` inside cells, backquotes around them, `2,000.5`, dates as
//! `1/2/2024, 3:04:05.006 PM`. What is read here is the value, with the number of digits printed.

use serde_json::Value as Json;
use stance_base::ScalarType;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A printed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, `null`.
    Null,
    /// `true`, `1`.
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// A number, with the worth of one unit of its last printed digit.
    Real {
        /// The number.
        value: f64,
        /// `0.001` for `3.141`.
        unit: f64,
    },
    /// Microseconds from 1970, or of a timespan, with the worth of one unit of the last digit.
    Time {
        /// The instant or length.
        micros: i64,
        /// `1_000` where milliseconds are the last that is printed.
        unit: i64,
    },
    /// A dynamic.
    Json(Json),
    /// Text without its white space.
    Text(String),
}

/// Reads a printed value. What is no value of the type is text.
pub fn read(printed: &str, scalar_type: ScalarType) -> Cell {
    let text = plain(printed);
    let null = text.is_empty() || text.eq_ignore_ascii_case("null");
    let typed = match scalar_type {
        ScalarType::String => return Cell::Text(squeezed(&text)),
        _ if null => Some(Cell::Null),
        ScalarType::Bool => boolean(&text),
        ScalarType::Int | ScalarType::Long => whole(&text),
        ScalarType::Real | ScalarType::Decimal => real(&text),
        ScalarType::DateTime => datetime(&text).map(|(micros, unit)| Cell::Time { micros, unit }),
        ScalarType::TimeSpan => timespan(&text).map(|(micros, unit)| Cell::Time { micros, unit }),
        ScalarType::Dynamic => json(&text),
        ScalarType::Guid => Some(Cell::Text(text.to_ascii_lowercase())),
    };
    typed.unwrap_or_else(|| Cell::Text(squeezed(&text)))
}

/// Without the marks of the page.
fn plain(printed: &str) -> String {
    let mut text = printed.trim();
    if text.len() > 1 && text.starts_with('`') && text.ends_with('`') {
        text = &text[1..text.len() - 1];
    }
    // A link as Markdown has it.
    if text.starts_with("<http") && text.ends_with('>') {
        text = &text[1..text.len() - 1];
    }
    text.replace("<br>", "\n")
        .replace("<br/>", "\n")
        .replace("<br />", "\n")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
        .replace("\\|", "|")
        .trim()
        .to_owned()
}

/// Text as it compares: pages reflow white space and escape `\*` and `\_`.
fn squeezed(text: &str) -> String {
    let text = text.replace("\\*", "*").replace("\\_", "_");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    if quoted && !text[1..text.len() - 1].contains('"') {
        return text[1..text.len() - 1].to_owned();
    }
    text
}

/// JSON, or what pages print for it: with single quotes around texts.
fn json(text: &str) -> Option<Cell> {
    let strict = serde_json::from_str(text);
    let read = strict.or_else(|_| serde_json::from_str(&text.replace('\'', "\"")));
    read.ok().map(Cell::Json)
}

fn boolean(text: &str) -> Option<Cell> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(Cell::Bool(true)),
        "false" | "0" => Some(Cell::Bool(false)),
        _ => None,
    }
}

fn whole(text: &str) -> Option<Cell> {
    let digits = text.replace(',', "");
    let digits = digits.strip_suffix(".0").unwrap_or(&digits);
    digits.parse().ok().map(Cell::Whole)
}

fn real(text: &str) -> Option<Cell> {
    let digits = text.replace(',', "");
    let value: f64 = match digits.as_str() {
        "∞" | "Infinity" => f64::INFINITY,
        "-∞" | "-Infinity" => f64::NEG_INFINITY,
        other => other.parse().ok()?,
    };
    let (number, exponent) = digits.split_once(['e', 'E']).unwrap_or((&digits, "0"));
    let decimals = number.split_once('.').map_or(0, |(_, after)| after.len());
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let unit = 10f64.powi(exponent - i32::try_from(decimals).unwrap_or(i32::MAX));
    Some(Cell::Real { value, unit })
}

/// `2024-01-02T03:04:05.006Z`, `2024-01-02 03:04:05.0060000`, `1/2/2024, 3:04:05.006 PM`.
pub(crate) fn datetime(text: &str) -> Option<(i64, i64)> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text
        .split_once('T')
        .or_else(|| text.split_once(", "))
        .or_else(|| text.split_once(' '))
        .unwrap_or((text, "0:0:0"));
    let (year, month, day) = if let Some((year, rest)) = date.split_once('-') {
        let (month, day) = rest.split_once('-')?;
        (year, month, day)
    } else {
        let (month, rest) = date.split_once('/')?;
        let (day, year) = rest.split_once('/')?;
        (year, month, day)
    };
    let day = days_from_1970(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let time = time.trim();
    let (time, half) = match time.split_once(' ') {
        Some((time, half)) if half.eq_ignore_ascii_case("pm") => (time, Some(12)),
        Some((time, half)) if half.eq_ignore_ascii_case("am") => (time, Some(0)),
        Some(_) => return None,
        None => (time, None),
    };
    let (mut micros, unit) = clock(time)?;
    if let Some(half) = half {
        let hour = 3_600 * SECOND;
        micros = micros % (12 * hour) + half * hour;
    }
    Some((day.checked_mul(86_400 * SECOND)?.checked_add(micros)?, unit))
}

/// `1.02:03:04.0050000`, `-00:00:01`.
fn timespan(text: &str) -> Option<(i64, i64)> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let first_colon = text.find(':')?;
    let (days, time) = match text[..first_colon].split_once('.') {
        Some((days, _)) => (days.parse::<i64>().ok()?, &text[days.len() + 1..]),
        None => (0, text),
    };
    let (micros, unit) = clock(time)?;
    let micros = days.checked_mul(86_400 * SECOND)?.checked_add(micros)?;
    Some((sign * micros, unit))
}

/// `3:04:05.006` in microseconds, with the worth of the last digit.
fn clock(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split(':');
    let hours: i64 = parts.next()?.trim().parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds = parts.next().unwrap_or("0");
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole = (hours * 60 + minutes) * 60 + seconds.parse::<i64>().ok()?;
    let digits = fraction.len().min(6);
    let unit = 10i64.pow(u32::try_from(6 - digits).ok()?);
    let fraction: i64 = match &fraction[..digits] {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    Some((whole * SECOND + fraction * unit, unit))
}

/// Days of the proleptic Gregorian calendar, by Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn days_from_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}
