//! Instants as exports spell them.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Formats beside RFC 3339 that Azure's tools print: the portal's CSV, PowerShell, US style.
const FORMATS: [&str; 4] = [
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%m/%d/%Y, %I:%M:%S%.f %p",
    "%m/%d/%Y %I:%M:%S %p",
];

/// Microseconds since 1970-01-01 UTC, or `None` where the text is no instant. Without a zone it is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_micros());
    }
    let bare = text.strip_suffix('Z').unwrap_or(text);
    if let Some(instant) = FORMATS
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(bare, format).ok())
    {
        return Some(instant.and_utc().timestamp_micros());
    }
    let date = NaiveDate::parse_from_str(bare, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_azure_tools() {
        let noon = Some(1_767_268_800_000_000);
        for text in [
            "2026-01-01T12:00:00Z",
            "2026-01-01T12:00:00.0000000Z",
            "2026-01-01 12:00:00.000",
            "2026-01-01T13:00:00+01:00",
            "01/01/2026 12:00:00 PM",
            "1/1/2026, 12:00:00.000 PM",
        ] {
            assert_eq!(parse(text), noon, "{text}");
        }
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse(""), None);
    }
}
