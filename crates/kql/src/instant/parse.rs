//! Text as datetimes and timespans.

use super::{Civil, MICROS_PER_SECOND, TICKS_PER_DAY, TICKS_PER_SECOND, from_civil, in_range};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads the forms that `todatetime` reads: ISO 8601 and its looser spellings, `M/d/yyyy`, RFC 822
/// and RFC 850. Microseconds from 1970; nothing where the text is no datetime.
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    if text.eq_ignore_ascii_case("min") {
        return Some(super::MIN_MICROS);
    }
    if text.eq_ignore_ascii_case("max") {
        return Some(super::MAX_MICROS);
    }
    let mut reader = Reader { rest: text };
    if let Some((name, rest)) = text.split_once(',')
        && name
            .chars()
            .all(|character| character.is_ascii_alphabetic())
    {
        reader.rest = rest.trim_start();
    }
    let (year, month, day) = reader.date()?;
    let (hour, minute, second, micro) = reader.time()?;
    let offset = reader.offset()?;
    let local = from_civil(Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        micro,
    })?;
    in_range(local.checked_sub(offset * 60 * MICROS_PER_SECOND)?)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn number(&mut self, most: usize) -> Option<(i64, usize)> {
        let length = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let value = self.rest.get(..length)?.parse().ok()?;
        self.rest = self.rest.get(length..)?;
        Some((value, length))
    }

    fn eat(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        let length = self
            .rest
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let word = self.rest[..length].to_ascii_lowercase();
        self.rest = &self.rest[length..];
        word
    }

    fn month_name(&mut self) -> Option<i64> {
        let word = self.word();
        let index = MONTHS.iter().position(|month| word.starts_with(month))?;
        i64::try_from(index + 1).ok()
    }

    /// Year, month, day, and the separator before the time.
    fn date(&mut self) -> Option<(i64, i64, i64)> {
        if self
            .rest
            .starts_with(|character: char| character.is_ascii_alphabetic())
        {
            // `Jan 2 2024`
            let month = self.month_name()?;
            self.separators();
            let (day, _) = self.number(2)?;
            self.separators();
            let (year, _) = self.number(4)?;
            return Some((year, month, day));
        }
        let (first, digits) = self.number(8)?;
        if digits == 8 {
            return Some((first / 10_000, first / 100 % 100, first % 100));
        }
        if self.eat('/') {
            let (second, _) = self.number(2)?;
            if !self.eat('/') {
                return None;
            }
            let (third, _) = self.number(4)?;
            return Some(if digits == 4 {
                (first, second, third)
            } else {
                (third, first, second)
            });
        }
        if digits == 4 {
            if !self.eat('-') && !self.eat('.') {
                return Some((first, 1, 1));
            }
            let (month, _) = self.number(2)?;
            if !self.eat('-') && !self.eat('.') {
                return Some((first, month, 1));
            }
            let (day, _) = self.number(2)?;
            return Some((first, month, day));
        }
        // `12-31-2024`
        let rest = self.rest;
        if self.eat('-')
            && self
                .rest
                .starts_with(|character: char| character.is_ascii_digit())
        {
            let (day, _) = self.number(2)?;
            if !self.eat('-') {
                return None;
            }
            let (year, digits) = self.number(4)?;
            return (digits == 4).then_some((year, first, day));
        }
        self.rest = rest;
        // `2 Jan 2024`, `02-Jan-24`
        self.separators();
        let month = self.month_name()?;
        self.separators();
        let (year, digits) = self.number(4)?;
        let year = if digits == 2 {
            year + if year < 50 { 2_000 } else { 1_900 }
        } else {
            year
        };
        Some((year, month, first))
    }

    fn separators(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '-', ',']);
    }

    fn time(&mut self) -> Option<(i64, i64, i64, i64)> {
        if !self.eat('T') && !self.eat('t') {
            let trimmed = self.rest.trim_start();
            if trimmed.is_empty()
                || !trimmed.starts_with(|character: char| character.is_ascii_digit())
            {
                self.rest = trimmed;
                return Some((0, 0, 0, 0));
            }
            self.rest = trimmed;
        }
        let (mut hour, _) = self.number(2)?;
        let (mut minute, mut second, mut micro) = (0, 0, 0);
        if self.eat(':') {
            minute = self.number(2)?.0;
            if self.eat(':') {
                second = self.number(2)?.0;
                if self.eat('.') || self.eat(',') {
                    let (value, digits) = self.number(9)?;
                    if digits == 0 {
                        return None;
                    }
                    let nanos = value * 10_i64.pow(u32::try_from(9 - digits).ok()?);
                    micro = nanos / 1_000;
                }
            }
        }
        let trimmed = self.rest.trim_start();
        let marker = trimmed.get(..2).map(str::to_ascii_lowercase);
        match marker.as_deref() {
            Some("am") if hour <= 12 => hour %= 12,
            Some("pm") if hour <= 12 => hour = hour % 12 + 12,
            _ => return Some((hour, minute, second, micro)),
        }
        self.rest = trimmed.get(2..)?;
        Some((hour, minute, second, micro))
    }

    /// Minutes east of UTC; the text must end here.
    fn offset(&mut self) -> Option<i64> {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return Some(0);
        }
        if matches!(self.rest.to_ascii_uppercase().as_str(), "Z" | "UTC" | "GMT") {
            return Some(0);
        }
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        let (hours, _) = self.number(2)?;
        self.eat(':');
        let minutes = if self.rest.is_empty() {
            0
        } else {
            self.number(2)?.0
        };
        (self.rest.is_empty() && hours < 15 && minutes < 60)
            .then_some(sign * (hours * 60 + minutes))
    }
}

/// Reads `[-][d.]hh:mm[:ss[.fffffff]]`, a number of days, or a literal such as `1.5h`.
pub(crate) fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let ticks = if body.contains(':') {
        clock(body)?
    } else {
        unit_literal(body)?
    };
    Some(if negative { -ticks } else { ticks })
}

fn clock(text: &str) -> Option<i64> {
    let (head, tail) = text.split_once(':')?;
    let (days, hours) = match head.split_once('.') {
        Some((days, hours)) => (digits(days)?, digits(hours)?),
        None => (0, digits(head)?),
    };
    let mut parts = tail.splitn(2, ':');
    let minutes = digits(parts.next()?)?;
    let (seconds, fraction) = match parts.next() {
        None => (0, 0),
        Some(rest) => match rest.split_once(['.', ':']) {
            Some((seconds, fraction)) => (digits(seconds)?, fraction_ticks(fraction)?),
            None => (digits(rest)?, 0),
        },
    };
    if hours > 23 && days > 0 || hours > 24 || minutes > 59 || seconds > 59 {
        return None;
    }
    let total = hours * 3_600 + minutes * 60 + seconds;
    days.checked_mul(TICKS_PER_DAY)?
        .checked_add(total.checked_mul(TICKS_PER_SECOND)?)?
        .checked_add(fraction)
}

fn digits(text: &str) -> Option<i64> {
    let plain =
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn fraction_ticks(text: &str) -> Option<i64> {
    digits(text)?;
    let seven: String = text.chars().chain("0000000".chars()).take(7).collect();
    seven.parse().ok()
}

fn unit_literal(text: &str) -> Option<i64> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b'.')
        .count();
    let number: f64 = text.get(..length)?.parse().ok()?;
    #[allow(clippy::cast_precision_loss)]
    let unit = match text.get(length..)?.trim() {
        "" | "d" | "day" | "days" => TICKS_PER_DAY as f64,
        "h" | "hr" | "hrs" | "hour" | "hours" => 36_000_000_000.0,
        "m" | "min" | "minute" | "minutes" => 600_000_000.0,
        "s" | "sec" | "second" | "seconds" => 10_000_000.0,
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 10_000.0,
        "micro" | "micros" | "microsecond" | "microseconds" => 10.0,
        "tick" | "ticks" => 1.0,
        _ => return None,
    };
    let ticks = (number * unit).round();
    (ticks.abs() < 9.2e18).then_some(ticks as i64)
}
