//! Timespans: `1.5h` and `1.02:03:04.5`.

use crate::bound::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// Ticks of 100 nanoseconds of a timespan as KQL writes it; nothing where it is none.
///
/// A number with a unit (`1d`, `100ms`), `[-][d.]hh:mm[:ss[.fffffff]]`, or a number of days.
pub fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let ticks = if text.contains(':') {
        clock(text)?
    } else {
        with_unit(text)?
    };
    if negative {
        ticks.checked_neg()
    } else {
        Some(ticks)
    }
}

fn with_unit(text: &str) -> Option<i64> {
    let digits = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let ticks = unit_ticks(unit.trim())?;
    if let Ok(whole) = number.parse::<i64>() {
        return scaled(whole, ticks);
    }
    let value = number.parse::<f64>().ok()? * ticks;
    (value.abs() < i64::MAX as f64).then_some(value.round() as i64)
}

fn scaled(whole: i64, ticks: f64) -> Option<i64> {
    // Nanoseconds are the one unit below a tick.
    if ticks < 1.0 {
        Some(whole / 100)
    } else {
        whole.checked_mul(ticks as i64)
    }
}

fn unit_ticks(unit: &str) -> Option<f64> {
    let second = TICKS_PER_SECOND as f64;
    Some(match unit {
        "" | "d" | "day" | "days" => TICKS_PER_DAY as f64,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0 * second,
        "m" | "min" | "minute" | "minutes" => 60.0 * second,
        "s" | "sec" | "second" | "seconds" => second,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => second / 1e3,
        "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => 10.0,
        "nano" | "nanos" | "nanosec" | "nanosecond" | "nanoseconds" => 0.01,
        "tick" | "ticks" => 1.0,
        _ => return None,
    })
}

fn clock(text: &str) -> Option<i64> {
    let (days, time) = match text.split_once('.') {
        Some((days, time)) if !days.contains(':') => (days.parse::<i64>().ok()?, time),
        _ => (0, text),
    };
    let mut parts = time.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let seconds = parts.next().map_or(Some(0), second_ticks)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 {
        return None;
    }
    let rest = (hours * 3600 + minutes * 60) * TICKS_PER_SECOND + seconds;
    days.checked_mul(TICKS_PER_DAY)?.checked_add(rest)
}

/// Ticks of `ss[.fffffff]`.
pub(super) fn second_ticks(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole
        .parse()
        .ok()
        .filter(|seconds| (0..60).contains(seconds))?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    Some(seconds * TICKS_PER_SECOND + digits.parse::<i64>().ok()?)
}
