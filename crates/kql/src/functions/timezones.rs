//! Time zones: `datetime_utc_to_local`, `datetime_local_to_utc`, `datetime_list_timezones`, by the
//! IANA database.

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::json;

use super::{CallContext, ScalarFunction};
use crate::instant::in_range;
use crate::value::{Value, to_text};

/// Names that Kusto takes beside those of IANA.
const OTHER_NAMES: [(&str, Tz); 5] = [
    ("US/Pacific-New", Tz::America__Los_Angeles),
    ("Pacific Standard Time", Tz::America__Los_Angeles),
    ("Eastern Standard Time", Tz::America__New_York),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("GMT Standard Time", Tz::Europe__London),
];

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("datetime_utc_to_local", utc_to_local),
    ScalarFunction::new("datetime_local_to_utc", local_to_utc),
    ScalarFunction::new("datetime_list_timezones", |_, _| {
        let names: Vec<&str> = TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        Some(Value::json(&json!(names)))
    }),
];

/// Nothing for a name that is no time zone; case does not matter.
fn zone(name: &str) -> Option<Tz> {
    let other = OTHER_NAMES
        .iter()
        .find(|known| known.0.eq_ignore_ascii_case(name));
    match other {
        Some((_, zone)) => Some(*zone),
        None => TZ_VARIANTS
            .iter()
            .find(|zone| zone.name().eq_ignore_ascii_case(name))
            .copied(),
    }
}

fn arguments(values: &[Value<'_>]) -> Option<(NaiveDateTime, Tz)> {
    let Value::DateTime(micros) = values.first()? else {
        return None;
    };
    let at = DateTime::from_timestamp_micros(*micros)?.naive_utc();
    Some((at, zone(&to_text(values.get(1)?))?))
}

fn given<'a>(at: NaiveDateTime) -> Option<Value<'a>> {
    in_range(at.and_utc().timestamp_micros()).map(Value::DateTime)
}

fn utc_to_local<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (at, zone) = arguments(values)?;
    let offset = zone.offset_from_utc_datetime(&at).fix();
    given(at.checked_add_offset(offset)?)
}

/// Of an hour that a clock shows twice the earlier is meant; in an hour that it leaves out the
/// offset after it counts.
fn local_to_utc<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (at, zone) = arguments(values)?;
    let offset = match zone.offset_from_local_datetime(&at).earliest() {
        Some(offset) => offset.fix(),
        None => zone
            .offset_from_local_datetime(&at.checked_add_signed(chrono::TimeDelta::hours(3))?)
            .earliest()?
            .fix(),
    };
    given(at.checked_sub_offset(offset)?)
}
