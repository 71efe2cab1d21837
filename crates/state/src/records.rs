//! The shapes that go into and come out of the state database.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use stance_model::{FindingState, Severity};

use crate::StateError;

/// One verdict of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRecord {
    /// Stable over scans. Each is given once in a scan.
    pub id: String,
    /// The resource's id; kept in lower case.
    pub resource_key: String,
    /// The recommendation's stable id.
    pub recommendation: String,
    /// The verdict.
    pub state: FindingState,
    /// How bad.
    pub severity: Severity,
    /// A hash of what the verdict stands on.
    pub cause_hash: String,
    /// The input the resource was read from.
    pub input_key: String,
}

/// An input that a scan read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadInput {
    /// Stable over scans: the input's path or scope.
    pub key: String,
    /// Whether it was read to its end without loss. Only then is what is missing from it gone.
    pub complete: bool,
}

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRecord {
    /// Never used twice.
    pub id: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When its verdicts were reached; the time of everything it changes.
    pub finished: DateTime<Utc>,
    /// Resources read.
    pub resources: u64,
    /// What it read.
    pub inputs: Vec<ReadInput>,
}

/// What happened to a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Seen for the first time.
    New,
    /// Another state, and none of the below.
    StateChanged,
    /// Was unhealthy, is healthy or not applicable now.
    Resolved,
    /// Was resolved, is unhealthy again.
    Reopened,
    /// Its resource was gone or it was withdrawn, and it is back; not unhealthy.
    Returned,
    /// Its resource is no longer in an input that was wholly read. An unhealthy one counts as resolved.
    Gone,
    /// Its resource is there, but the recommendation is no longer judged on it.
    Withdrawn,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::New,
        Self::StateChanged,
        Self::Resolved,
        Self::Reopened,
        Self::Returned,
        Self::Gone,
        Self::Withdrawn,
    ];

    /// The name in tables and output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::StateChanged => "StateChanged",
            Self::Resolved => "Resolved",
            Self::Reopened => "Reopened",
            Self::Returned => "Returned",
            Self::Gone => "Gone",
            Self::Withdrawn => "Withdrawn",
        }
    }
}

impl FromStr for ChangeKind {
    type Err = StateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| unknown("kind of change", text))
    }
}

/// One change of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingChange {
    /// Grows with every change; the version under which changes are committed to the lake.
    pub sequence: i64,
    /// The scan that found it.
    pub scan_id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The finding.
    pub finding_id: String,
    /// Its resource, in lower case.
    pub resource_key: String,
    /// Its recommendation.
    pub recommendation: String,
    /// Its severity now.
    pub severity: Severity,
    /// What happened.
    pub kind: ChangeKind,
    /// State before; `None` for a new one.
    pub from: Option<FindingState>,
    /// State now; `None` where gone or withdrawn.
    pub to: Option<FindingState>,
    /// When the finding was first seen.
    pub first_seen: DateTime<Utc>,
}

/// Where a finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingStatus {
    /// The finding.
    pub id: String,
    /// Its resource, in lower case.
    pub resource_key: String,
    /// Its recommendation.
    pub recommendation: String,
    /// Its last state.
    pub state: FindingState,
    /// Its last severity.
    pub severity: Severity,
    /// A hash of what the last verdict stood on.
    pub cause_hash: String,
    /// The input it was last read from.
    pub input_key: String,
    /// The last scan that judged it.
    pub last_scan: String,
    /// When it was first judged.
    pub first_seen: DateTime<Utc>,
    /// When it was last judged.
    pub last_seen: DateTime<Utc>,
    /// When its state last changed, or it went or came back.
    pub status_changed: DateTime<Utc>,
    /// Since when it is unhealthy. Unknown in between does not end it.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was last resolved, by mending or because the resource went.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Since when it is gone or withdrawn.
    pub gone_at: Option<DateTime<Utc>>,
}

/// Since when a finding is known and has its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingDates {
    /// When it was first judged.
    pub first_seen: DateTime<Utc>,
    /// When its state last changed, or it came back.
    pub status_changed: DateTime<Utc>,
}

/// How many findings did what in a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LifeCycleOutcome {
    /// Findings judged.
    pub judged: u64,
    /// Seen for the first time.
    pub new: u64,
    /// Another state, and none of the others.
    pub state_changed: u64,
    /// Mended.
    pub resolved: u64,
    /// Unhealthy again.
    pub reopened: u64,
    /// Back, not unhealthy.
    pub returned: u64,
    /// Their resource is gone.
    pub gone: u64,
    /// No longer judged.
    pub withdrawn: u64,
}

impl LifeCycleOutcome {
    pub(crate) fn count(&mut self, kind: ChangeKind, number: u64) {
        let place = match kind {
            ChangeKind::New => &mut self.new,
            ChangeKind::StateChanged => &mut self.state_changed,
            ChangeKind::Resolved => &mut self.resolved,
            ChangeKind::Reopened => &mut self.reopened,
            ChangeKind::Returned => &mut self.returned,
            ChangeKind::Gone => &mut self.gone,
            ChangeKind::Withdrawn => &mut self.withdrawn,
        };
        *place += number;
    }

    /// All changes together.
    pub fn changes(&self) -> u64 {
        self.new
            + self.state_changed
            + self.resolved
            + self.reopened
            + self.returned
            + self.gone
            + self.withdrawn
    }
}

/// A scan as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanSummary {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When its verdicts were reached.
    pub finished: DateTime<Utc>,
    /// Resources read.
    pub resources: u64,
    /// Findings judged.
    pub findings: u64,
}

pub(crate) fn unknown(what: &'static str, value: &str) -> StateError {
    StateError::Value {
        what,
        value: value
            .chars()
            .filter(|letter| !letter.is_control())
            .take(40)
            .collect(),
    }
}

pub(crate) fn parse_state(text: &str) -> Result<FindingState, StateError> {
    let all = [
        FindingState::Unhealthy,
        FindingState::Unknown,
        FindingState::Healthy,
        FindingState::NotApplicable,
    ];
    all.into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| unknown("state", text))
}

pub(crate) fn parse_severity(text: &str) -> Result<Severity, StateError> {
    text.parse().map_err(|_| unknown("severity", text))
}
