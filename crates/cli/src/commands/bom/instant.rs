//! Dates and instants as people write them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// `now` is no instant of the past (`None`); a date is its end in UTC; an instant is itself.
///
/// # Errors
/// A text that is none of these, with how to write it.
pub(super) fn instant(text: &str) -> Result<Option<DateTime<Utc>>, String> {
    if text.eq_ignore_ascii_case("now") {
        return Ok(None);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let end = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap_or(NaiveTime::MIN);
        return Ok(Some(day.and_time(end).and_utc()));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|instant| Some(instant.with_timezone(&Utc)))
        .map_err(|_| {
            format!("`{text}` is no file, date or instant; write 2026-01-31, 2026-01-31T12:00:00Z or now")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_end() {
        let end = instant("2026-01-31").unwrap_or_default();
        assert_eq!(
            end.map(|end| end.to_rfc3339()).as_deref(),
            Some("2026-01-31T23:59:59.999999+00:00")
        );
        assert_eq!(instant("NOW"), Ok(None));
        assert!(instant("yesterday").is_err());
        assert!(instant("2026-01-31T12:00:00Z").is_ok());
    }
}
