//! Datetimes and timespans as text.

use std::fmt::Write as _;

use super::calendar::civil;
use super::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// `2024-01-01T00:00:00.0000000Z`, seven digits as Kusto writes them.
pub(crate) fn write_datetime(out: &mut String, micros: i64) {
    let parts = civil(micros);
    let _ = write!(
        out,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}0Z",
        parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, parts.micro
    );
}

/// `1.02:03:04.0000005`; the fraction and the days are left out where they are zero.
pub(crate) fn write_timespan(out: &mut String, ticks: i64) {
    if ticks < 0 {
        out.push('-');
    }
    let ticks = ticks.unsigned_abs();
    let day = TICKS_PER_DAY.unsigned_abs();
    let second = TICKS_PER_SECOND.unsigned_abs();
    let (days, rest) = (ticks / day, ticks % day);
    if days > 0 {
        let _ = write!(out, "{days}.");
    }
    let seconds = rest / second;
    let _ = write!(
        out,
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    );
    let fraction = rest % second;
    if fraction > 0 {
        let _ = write!(out, ".{fraction:07}");
    }
}

/// Splits a format pattern into runs of one letter, and single other characters.
fn runs(pattern: &str) -> Vec<(char, usize)> {
    let mut found: Vec<(char, usize)> = Vec::new();
    for character in pattern.chars() {
        match found.last_mut() {
            Some((last, count)) if *last == character && character.is_ascii_alphabetic() => {
                *count += 1;
            }
            _ => found.push((character, 1)),
        }
    }
    found
}

/// The first `count` of the seven digits of a fraction of a second given in ticks.
fn fraction_digits(ticks: i64, count: usize) -> String {
    let digits = format!("{ticks:07}");
    digits.chars().take(count.min(7)).collect()
}

/// `format_datetime`: letters `y M d h H m s f F t`, all else stands for itself.
pub(crate) fn format_datetime_pattern(micros: i64, pattern: &str) -> String {
    let parts = civil(micros);
    let ticks = parts.micro * 10;
    let half = if parts.hour % 12 == 0 {
        12
    } else {
        parts.hour % 12
    };
    let mut out = String::new();
    for (letter, count) in runs(pattern) {
        let number = |out: &mut String, value: i64| {
            let width = count.min(2);
            let _ = write!(out, "{value:0width$}");
        };
        match letter {
            'y' if count >= 3 => {
                let _ = write!(out, "{:04}", parts.year);
            }
            'y' => number(&mut out, parts.year % 100),
            'M' => number(&mut out, parts.month),
            'd' => number(&mut out, parts.day),
            'H' => number(&mut out, parts.hour),
            'h' => number(&mut out, half),
            'm' => number(&mut out, parts.minute),
            's' => number(&mut out, parts.second),
            'f' => out.push_str(&fraction_digits(ticks, count)),
            'F' => out.push_str(fraction_digits(ticks, count).trim_end_matches('0')),
            't' => out.push_str(if parts.hour < 12 { "AM" } else { "PM" }),
            other => out.extend(std::iter::repeat_n(other, count)),
        }
    }
    out
}

/// `format_timespan`: letters `d h H m s f F`, all else stands for itself.
pub(crate) fn format_timespan_pattern(ticks: i64, pattern: &str) -> String {
    let positive = i64::try_from(ticks.unsigned_abs()).unwrap_or(i64::MAX);
    let seconds = positive / TICKS_PER_SECOND;
    let fraction = positive % TICKS_PER_SECOND;
    let mut out = String::new();
    if ticks < 0 {
        out.push('-');
    }
    for (letter, count) in runs(pattern) {
        let number = |out: &mut String, value: i64| {
            let _ = write!(out, "{value:0count$}");
        };
        match letter {
            'd' => number(&mut out, positive / TICKS_PER_DAY),
            'h' | 'H' => number(&mut out, seconds / 3_600 % 24),
            'm' => number(&mut out, seconds / 60 % 60),
            's' => number(&mut out, seconds % 60),
            'f' => out.push_str(&fraction_digits(fraction, count)),
            'F' => out.push_str(fraction_digits(fraction, count).trim_end_matches('0')),
            other => out.extend(std::iter::repeat_n(other, count)),
        }
    }
    out
}
