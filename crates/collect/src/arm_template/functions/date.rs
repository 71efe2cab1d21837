//! Dates.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::super::fault::Fault;
use super::super::value::Value;
use super::date_format::formatted;
use super::{int_of, text_of};

/// `utcNow()` and `utcNow(format)`.
pub(in crate::arm_template) fn utc_now(
    now: DateTime<Utc>,
    arguments: &[Value],
) -> Result<Value, Fault> {
    let pattern = match arguments {
        [] => "yyyyMMddTHHmmssZ",
        [format, ..] => text_of(format, "utcNow")?,
    };
    Value::text(formatted(now, pattern)?)
}

pub(super) fn date_time_from_epoch(arguments: &[Value]) -> Result<Value, Fault> {
    let seconds = int_of(&arguments[0], "dateTimeFromEpoch")?;
    let instant = DateTime::from_timestamp(seconds, 0)
        .filter(|instant| (1..=9999).contains(&chrono::Datelike::year(instant)))
        .ok_or_else(|| {
            Fault::argument(format!("{seconds} is no epoch time of the years 1 to 9999"))
        })?;
    Value::text(instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

pub(super) fn date_time_to_epoch(arguments: &[Value]) -> Result<Value, Fault> {
    let instant = parse_instant(text_of(&arguments[0], "dateTimeToEpoch")?)?;
    Ok(Value::Int(instant.timestamp()))
}

pub(super) fn date_time_add(arguments: &[Value]) -> Result<Value, Fault> {
    let base = parse_instant(text_of(&arguments[0], "dateTimeAdd")?)?;
    let duration = parse_duration(text_of(&arguments[1], "dateTimeAdd")?)?;
    let sum = duration
        .add_to(base)
        .ok_or_else(|| Fault::argument("`dateTimeAdd` leaves the years 1 to 9999"))?;
    let pattern = match arguments.get(2) {
        Some(pattern) => text_of(pattern, "dateTimeAdd")?,
        // What Azure's reference page shows for a call without a format.
        None => "M/d/yyyy h:mm:ss tt",
    };
    Value::text(formatted(sum, pattern)?)
}

/// ISO 8601 in its long and short spellings, and what `utcNow` writes.
fn parse_instant(text: &str) -> Result<DateTime<Utc>, Fault> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return Ok(instant.to_utc());
    }
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let patterns = [
        "%Y%m%dT%H%M%S",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %I:%M:%S %p",
    ];
    for pattern in patterns {
        if let Ok(instant) = NaiveDateTime::parse_from_str(bare, pattern) {
            return Ok(instant.and_utc());
        }
    }
    for pattern in ["%Y-%m-%d", "%Y%m%d", "%m/%d/%Y"] {
        if let Some(instant) = NaiveDate::parse_from_str(bare, pattern)
            .ok()
            .and_then(|day| day.and_hms_opt(0, 0, 0))
        {
            return Ok(instant.and_utc());
        }
    }
    Err(Fault::argument(
        "a date is not written as ISO 8601, such as `2026-01-31T12:00:00Z`",
    ))
}

/// `P1Y2M3W4DT5H6M7S`, with a sign in front or not.
#[derive(Debug, Default)]
struct Duration {
    negative: bool,
    months: u32,
    days: u64,
    seconds: f64,
}

impl Duration {
    fn add_to(&self, base: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let micros = (self.seconds * 1e6) as i64;
        let time = TimeDelta::microseconds(micros);
        let sum = if self.negative {
            base.checked_sub_months(Months::new(self.months))?
                .checked_sub_days(Days::new(self.days))?
                .checked_sub_signed(time)?
        } else {
            base.checked_add_months(Months::new(self.months))?
                .checked_add_days(Days::new(self.days))?
                .checked_add_signed(time)?
        };
        (1..=9999)
            .contains(&chrono::Datelike::year(&sum))
            .then_some(sum)
    }
}

fn parse_duration(text: &str) -> Result<Duration, Fault> {
    let wrong = || {
        Fault::argument(format!(
            "`{text}` is no ISO 8601 duration such as `P1DT12H`"
        ))
    };
    let mut made = Duration::default();
    let mut rest = text.trim();
    if let Some(after) = rest.strip_prefix('-') {
        made.negative = true;
        rest = after;
    }
    rest = rest
        .strip_prefix('+')
        .unwrap_or(rest)
        .strip_prefix('P')
        .ok_or_else(wrong)?;
    let mut in_time = false;
    let mut seen = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            in_time = true;
            rest = after;
            continue;
        }
        let end = rest
            .find(|next: char| !(next.is_ascii_digit() || next == '.'))
            .ok_or_else(wrong)?;
        let amount: f64 = rest[..end].parse().map_err(|_| wrong())?;
        let unit = rest[end..].chars().next().ok_or_else(wrong)?;
        // Beyond this no date is left, and the conversions below stay exact.
        if amount > 1e10 {
            return Err(wrong());
        }
        match (in_time, unit) {
            (false, 'Y') => made.months = made.months.saturating_add((amount * 12.0) as u32),
            (false, 'M') => made.months = made.months.saturating_add(amount as u32),
            (false, 'W') => made.days = made.days.saturating_add((amount * 7.0) as u64),
            (false, 'D') => made.days = made.days.saturating_add(amount as u64),
            (true, 'H') => made.seconds += amount * 3600.0,
            (true, 'M') => made.seconds += amount * 60.0,
            (true, 'S') => made.seconds += amount,
            _ => return Err(wrong()),
        }
        seen = true;
        rest = &rest[end + unit.len_utf8()..];
    }
    if seen { Ok(made) } else { Err(wrong()) }
}
