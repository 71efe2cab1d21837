//! Datetimes in the forms Kusto reads.

use chrono::{Datelike as _, NaiveDate};

use super::timespan::second_ticks;
use crate::bound::{TICKS_PER_DAY, TICKS_PER_SECOND};

/// Ticks of 100 nanoseconds since 0001-01-01 UTC; nothing where the text is no datetime.
///
/// ISO 8601 in its common shapes (`2024`, `2024-05`, `2024-05-25`, with a time after `T` or a
/// space, with `Z` or an offset), `5/25/2024`, and RFC 822 (`Sat, 8 Nov 14 15:05:02 GMT`).
pub fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    iso(text)
        .or_else(|| slashed(text))
        .or_else(|| rfc822(text))
        .or_else(|| spaced(text))
}

fn day_ticks(year: i32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| (1..=9999).contains(&year))?;
    Some(i64::from(date.num_days_from_ce() - 1) * TICKS_PER_DAY)
}

fn iso(text: &str) -> Option<i64> {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let ticks = iso_date(date)?;
    if time.is_empty() {
        Some(ticks)
    } else {
        in_range(ticks.checked_add(time_ticks(time)?)?)
    }
}

fn iso_date(date: &str) -> Option<i64> {
    if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        return day_ticks(
            date[..4].parse().ok()?,
            date[4..6].parse().ok()?,
            date[6..].parse().ok()?,
        );
    }
    let mut parts = date.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = parts.next().map_or(Some(1), |month| month.parse().ok())?;
    let day = parts.next().map_or(Some(1), |day| day.parse().ok())?;
    if parts.next().is_some() {
        None
    } else {
        day_ticks(year, month, day)
    }
}

/// Ticks of `hh:mm[:ss[.fffffff]][ AM|PM][Z|±hh:mm]`, the offset taken off.
fn time_ticks(time: &str) -> Option<i64> {
    let (time, offset) = split_offset(time)?;
    let (time, noon) = split_noon(time);
    let mut parts = time.split(':');
    let hour: i64 = parts.next()?.trim().parse().ok()?;
    let minute: i64 = parts.next().map_or(Some(0), |minute| minute.parse().ok())?;
    let seconds = parts.next().map_or(Some(0), second_ticks)?;
    if parts.next().is_some() || !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return None;
    }
    let hour = match noon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    Some((hour * 3600 + minute * 60 - offset) * TICKS_PER_SECOND + seconds)
}

fn split_noon(time: &str) -> (&str, Option<bool>) {
    let lower = time.to_ascii_lowercase();
    let cut = time.len().saturating_sub(2);
    match lower.get(cut..) {
        Some("pm") => (time[..cut].trim_end(), Some(true)),
        Some("am") => (time[..cut].trim_end(), Some(false)),
        _ => (time, None),
    }
}

/// The time without its zone, and the zone's distance from UTC in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(plain) = time.strip_suffix(['Z', 'z']) {
        return Some((plain.trim_end(), 0));
    }
    if let Some(plain) = time
        .strip_suffix(" GMT")
        .or_else(|| time.strip_suffix(" UTC"))
    {
        return Some((plain, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let zone = time[at + 1..].replace(':', "");
    let hours: i64 = zone.get(..2)?.parse().ok()?;
    let minutes: i64 = zone
        .get(2..)
        .filter(|rest| !rest.is_empty())
        .map_or(Some(0), |rest| rest.parse().ok())?;
    let seconds = hours * 3600 + minutes * 60;
    Some((
        time[..at].trim_end(),
        if time[at..].starts_with('-') {
            -seconds
        } else {
            seconds
        },
    ))
}

/// `2017 - 08 - 01`, `2025, 6, 14`, `12-31-2022`.
fn spaced(text: &str) -> Option<i64> {
    if let Some((month_day, year)) = text.rsplit_once('-').filter(|(_, year)| year.len() == 4) {
        let (month, day) = month_day.split_once('-')?;
        return day_ticks(
            year.parse().ok()?,
            month.trim().parse().ok()?,
            day.trim().parse().ok()?,
        );
    }
    let parts: Vec<&str> = text.split(['-', ',']).map(str::trim).collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    day_ticks(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// `5/25/2024 10:00`.
fn slashed(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = date.split('/');
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let year = parts.next()?.parse().ok()?;
    let ticks = day_ticks(year, month, day)?;
    if time.is_empty() {
        Some(ticks)
    } else {
        in_range(ticks.checked_add(time_ticks(time.trim())?)?)
    }
}

/// `[Sat, ]8 Nov 14 15:05[:02][ GMT]`.
fn rfc822(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let text = text.split_once(", ").map_or(text, |(_, rest)| rest);
    let mut parts = text.splitn(4, ' ');
    let day = parts.next()?.parse().ok()?;
    let name = parts.next()?.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year: i32 = parts.next()?.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    let ticks = day_ticks(year, u32::try_from(month).ok()?, day)?;
    parts.next().map_or(Some(ticks), |time| {
        in_range(ticks.checked_add(time_ticks(time)?)?)
    })
}

fn in_range(ticks: i64) -> Option<i64> {
    let end = i64::from(NaiveDate::from_ymd_opt(9999, 12, 31)?.num_days_from_ce()) * TICKS_PER_DAY;
    (0..end).contains(&ticks).then_some(ticks)
}
