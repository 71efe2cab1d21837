//! One verdict against what was known of its finding.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use stance_model::FindingState;

use crate::StateError;
use crate::records::{ChangeKind, FindingDates, FindingRecord, parse_state, unknown};

/// Fields of a finding in the text that [`Known::parse`] reads.
pub(crate) const FIELDS: usize = 8;

/// What the next verdict needs to know of a finding. Times are microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) number: i64,
    pub(crate) state: FindingState,
    pub(crate) content: i64,
    pub(crate) first_seen: i64,
    pub(crate) status_changed: i64,
    pub(crate) opened_at: Option<i64>,
    pub(crate) resolved_at: Option<i64>,
    pub(crate) gone: bool,
}

impl Known {
    /// A finding never seen before.
    pub(crate) fn first(number: i64, state: FindingState, content: i64, now: i64) -> Self {
        Self {
            number,
            state,
            content,
            first_seen: now,
            status_changed: now,
            opened_at: (state == FindingState::Unhealthy).then_some(now),
            resolved_at: None,
            gone: false,
        }
    }

    /// Reads the fields in the order above; what is absent is `-`.
    pub(crate) fn parse(fields: &[&str]) -> Result<Self, StateError> {
        let &[
            number,
            state,
            content,
            first_seen,
            status_changed,
            opened,
            resolved,
            gone,
        ] = fields
        else {
            return Err(unknown("finding", &fields.join(" ")));
        };
        Ok(Self {
            number: integer(number)?,
            state: parse_state(state)?,
            content: integer(content)?,
            first_seen: integer(first_seen)?,
            status_changed: integer(status_changed)?,
            opened_at: optional(opened)?,
            resolved_at: optional(resolved)?,
            gone: gone != "-",
        })
    }

    /// Where the finding stands after a verdict.
    pub(crate) fn after(&self, state: FindingState, content: i64, now: i64) -> Self {
        let changed = self.gone || self.state != state;
        let (opened_at, resolved_at) = match state {
            FindingState::Unhealthy => (self.opened_at.or(Some(now)), None),
            FindingState::Unknown => (self.opened_at, self.resolved_at),
            FindingState::Healthy | FindingState::NotApplicable => {
                (None, self.opened_at.map(|_| now).or(self.resolved_at))
            }
        };
        Self {
            state,
            content,
            status_changed: if changed { now } else { self.status_changed },
            opened_at,
            resolved_at,
            gone: false,
            ..*self
        }
    }

    /// What a verdict changes; `None` where the state stays.
    pub(crate) fn change_to(&self, state: FindingState) -> Option<ChangeKind> {
        if !self.gone && self.state == state {
            return None;
        }
        let settled = matches!(state, FindingState::Healthy | FindingState::NotApplicable);
        Some(
            if state == FindingState::Unhealthy && self.resolved_at.is_some() {
                ChangeKind::Reopened
            } else if self.gone {
                ChangeKind::Returned
            } else if settled && self.opened_at.is_some() {
                ChangeKind::Resolved
            } else {
                ChangeKind::StateChanged
            },
        )
    }

    pub(crate) fn dates(&self) -> Result<FindingDates, StateError> {
        Ok(FindingDates {
            first_seen: instant(self.first_seen)?,
            status_changed: instant(self.status_changed)?,
        })
    }
}

/// A hash of what is stored of a verdict beside its state. Another version of Rust may hash otherwise: then rows
/// are written once more.
pub(crate) fn content_of(finding: &FindingRecord, resource_key: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    resource_key.hash(&mut hasher);
    finding.recommendation.hash(&mut hasher);
    finding.severity.as_str().hash(&mut hasher);
    finding.cause_hash.hash(&mut hasher);
    finding.input_key.hash(&mut hasher);
    hasher.finish().cast_signed()
}

fn integer(text: &str) -> Result<i64, StateError> {
    text.parse().map_err(|_| unknown("number", text))
}

fn optional(text: &str) -> Result<Option<i64>, StateError> {
    (text != "-").then(|| integer(text)).transpose()
}

fn instant(microseconds: i64) -> Result<DateTime<Utc>, StateError> {
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| unknown("instant", &microseconds.to_string()))
}
