//! Functions over datetimes and timespans.

use super::{CallContext, ScalarFunction};
use crate::instant::{
    CalendarPart, Civil, MAX_MICROS, MICROS_PER_DAY, MICROS_PER_SECOND, TICKS_PER_DAY,
    TICKS_PER_SECOND, add_part, day_of_year, difference, end_of, format_datetime_pattern,
    format_timespan_pattern, from_civil, in_range, iso_week, part_of, start_of, weekday,
};
use crate::value::{Value, convert, to_text};
use stance_base::ScalarType;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("datetime_diff", datetime_diff),
    ScalarFunction::new("datetime_add", datetime_add),
    ScalarFunction::new("datetime_part", datetime_part),
    ScalarFunction::new("startofday", |_, values| start(CalendarPart::Day, values)),
    ScalarFunction::new("startofweek", |_, values| start(CalendarPart::Week, values)),
    ScalarFunction::new("startofmonth", |_, values| {
        start(CalendarPart::Month, values)
    }),
    ScalarFunction::new("startofyear", |_, values| start(CalendarPart::Year, values)),
    ScalarFunction::new("endofday", |_, values| end(CalendarPart::Day, values)),
    ScalarFunction::new("endofweek", |_, values| end(CalendarPart::Week, values)),
    ScalarFunction::new("endofmonth", |_, values| end(CalendarPart::Month, values)),
    ScalarFunction::new("endofyear", |_, values| end(CalendarPart::Year, values)),
    ScalarFunction::new("dayofweek", |_, values| {
        Some(Value::TimeSpan(weekday(instant(values)?) * TICKS_PER_DAY))
    }),
    ScalarFunction::new("dayofmonth", |_, values| part(CalendarPart::Day, values)),
    ScalarFunction::new("dayofyear", |_, values| {
        Some(Value::Long(day_of_year(instant(values)?)))
    }),
    ScalarFunction::new("getmonth", |_, values| part(CalendarPart::Month, values)),
    ScalarFunction::new("monthofyear", |_, values| part(CalendarPart::Month, values)),
    ScalarFunction::new("getyear", |_, values| part(CalendarPart::Year, values)),
    ScalarFunction::new("hourofday", |_, values| part(CalendarPart::Hour, values)),
    ScalarFunction::new("week_of_year", |_, values| {
        Some(Value::Long(iso_week(instant(values)?)))
    }),
    ScalarFunction::new("weekofyear", |_, values| {
        Some(Value::Long(iso_week(instant(values)?)))
    }),
    ScalarFunction::new("format_datetime", |_, values| {
        let text = format_datetime_pattern(instant(values)?, &to_text(values.get(1)?));
        Some(Value::string(text))
    }),
    ScalarFunction::new("format_timespan", |_, values| {
        let Value::TimeSpan(ticks) = values.first()? else {
            return None;
        };
        Some(Value::string(format_timespan_pattern(
            *ticks,
            &to_text(values.get(1)?),
        )))
    }),
    ScalarFunction::new("make_datetime", make_datetime),
    ScalarFunction::new("make_timespan", make_timespan),
    ScalarFunction::new("unixtime_seconds_todatetime", |_, values| unix(values, 1e6)),
    ScalarFunction::new("unixtime_milliseconds_todatetime", |_, values| {
        unix(values, 1e3)
    }),
    ScalarFunction::new("unixtime_microseconds_todatetime", |_, values| {
        unix(values, 1.0)
    }),
    ScalarFunction::new("unixtime_nanoseconds_todatetime", |_, values| {
        unix(values, 1e-3)
    }),
];

fn instant(values: &[Value<'_>]) -> Option<i64> {
    match values.first()? {
        Value::DateTime(micros) => Some(*micros),
        _ => None,
    }
}

fn part<'a>(part: CalendarPart, values: &[Value<'a>]) -> Option<Value<'a>> {
    Some(Value::Long(part_of(part, instant(values)?)))
}

fn offset(values: &[Value<'_>]) -> i64 {
    values.get(1).and_then(Value::as_long).unwrap_or(0)
}

fn start<'a>(part: CalendarPart, values: &[Value<'a>]) -> Option<Value<'a>> {
    start_of(part, instant(values)?, offset(values)).map(Value::DateTime)
}

fn end<'a>(part: CalendarPart, values: &[Value<'a>]) -> Option<Value<'a>> {
    end_of(part, instant(values)?, offset(values)).map(Value::DateTime)
}

/// Counts the borders of the unit between the two, not whole units of elapsed time.
fn datetime_diff<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let part = CalendarPart::from_name(&to_text(values.first()?))?;
    match (values.get(1)?, values.get(2)?) {
        (Value::DateTime(left), Value::DateTime(right)) => {
            Some(Value::Long(difference(part, *left, *right)))
        }
        _ => None,
    }
}

fn datetime_add<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let part = CalendarPart::from_name(&to_text(values.first()?))?;
    let amount = values.get(1)?.as_long()?;
    match values.get(2)? {
        Value::DateTime(micros) => add_part(part, amount, *micros).map(Value::DateTime),
        _ => None,
    }
}

fn datetime_part<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let part = CalendarPart::from_name(&to_text(values.first()?))?;
    match values.get(1)? {
        Value::DateTime(micros) => Some(Value::Long(part_of(part, *micros))),
        Value::TimeSpan(ticks) => Some(Value::Long(part_of(part, ticks.div_euclid(10)))),
        _ => None,
    }
}

/// `make_datetime(year, month, day [, hour, minute [, second]])`, or of a text.
fn make_datetime<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    if let [Value::String(_)] = values {
        return Some(convert(values.first()?, ScalarType::DateTime));
    }
    let whole = |index: usize, default: i64| match values.get(index) {
        Some(value) => value.as_long(),
        None => Some(default),
    };
    let second = values.get(5).map_or(Some(0.0), Value::as_real)?;
    let micros = (second * MICROS_PER_SECOND as f64).round();
    if !(0.0..60e6).contains(&micros) {
        return None;
    }
    let micros = micros as i64;
    from_civil(Civil {
        year: whole(0, 1)?,
        month: whole(1, 1)?,
        day: whole(2, 1)?,
        hour: whole(3, 0)?,
        minute: whole(4, 0)?,
        second: micros / MICROS_PER_SECOND,
        micro: micros % MICROS_PER_SECOND,
    })
    .map(Value::DateTime)
}

/// `make_timespan([day,] hour, minute [, second])`.
fn make_timespan<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    if let [Value::String(_)] = values {
        return Some(convert(values.first()?, ScalarType::TimeSpan));
    }
    let (day, rest) = match values.len() {
        4 => (values.first()?.as_long()?, values.get(1..)?),
        _ => (0, values),
    };
    let (hour, minute) = (rest.first()?.as_long()?, rest.get(1)?.as_long()?);
    let second = rest.get(2).map_or(Some(0.0), Value::as_real)?;
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..60.0).contains(&second) {
        return None;
    }
    let ticks = (second * TICKS_PER_SECOND as f64).round() as i64;
    let clock = (hour * 3_600 + minute * 60) * TICKS_PER_SECOND + ticks;
    Some(Value::TimeSpan(
        day.checked_mul(TICKS_PER_DAY)?.checked_add(clock)?,
    ))
}

/// `unit` is the number of microseconds in one of the given numbers.
fn unix<'a>(values: &[Value<'a>], unit: f64) -> Option<Value<'a>> {
    let micros = match values.first()? {
        Value::Long(number) if unit >= 1.0 => number.checked_mul(unit as i64)?,
        Value::Long(number) => number.div_euclid(1_000),
        other => {
            let micros = other.as_real()? * unit;
            if micros.abs() > MAX_MICROS as f64 + MICROS_PER_DAY as f64 {
                return None;
            }
            micros.round() as i64
        }
    };
    in_range(micros).map(Value::DateTime)
}
