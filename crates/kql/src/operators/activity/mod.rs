//! Plugins that follow users over time: how many there are, which of them come back.
//!
//! All read an id, a time and dimensions; ids are told apart by their text. Times are whole
//! numbers: microseconds of datetimes, ticks of timespans, or longs.
//! <https://learn.microsoft.com/kusto/query/user-analytics>

mod cohorts;
mod counts;
mod events;
mod sequences;

use arrow::array::RecordBatch;
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::OperatorContext;
use crate::instant::{CalendarPart, MICROS_PER_DAY, start_of};
use events::Events;

/// Most periods of one analysis.
const MAX_PERIODS: usize = 1 << 20;

/// A plugin over events. The input holds id, time, then what the kind names, then dimensions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) kind: ActivityKind,
    /// Type of the time.
    pub(crate) timeline: ScalarType,
    /// First and last moment of the analysis; what the data span where absent.
    pub(crate) range: Option<(i64, i64)>,
    /// What results are counted by.
    pub(crate) period: Period,
    /// Types of the dimensions.
    pub(crate) dimensions: Vec<ScalarType>,
}

/// How time is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Period {
    /// Pieces of one width, the first of which starts with the analysis.
    Width(i64),
    /// Weeks from Sunday, of datetimes.
    Week,
    /// Months of the calendar.
    Month,
    /// Years of the calendar.
    Year,
}

/// Which plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "plugin", rename_all = "snake_case")]
pub(crate) enum ActivityKind {
    /// `activity_counts_metrics`.
    Counts,
    /// `activity_metrics`.
    Metrics,
    /// `activity_engagement`.
    Engagement { outer: i64 },
    /// `active_users_count`.
    ActiveUsers {
        lookback: i64,
        period: i64,
        least: i64,
    },
    /// `sliding_window_counts`.
    SlidingCounts { lookback: i64 },
    /// `session_count`.
    Sessions { lookback: i64 },
    /// `new_activity_metrics`; a second input holds the ids of earlier times.
    Cohorts { only: Option<i64> },
    /// `funnel_sequence`; the state stands behind the time.
    Funnel { step: i64, sequence: Vec<String> },
    /// `funnel_sequence_completion`; the state stands behind the time.
    Completion {
        sequence: Vec<String>,
        /// Longest times for the whole sequence.
        spans: Vec<i64>,
    },
    /// `sequence_detect`; flags of the steps stand behind the time.
    Detect {
        steps: usize,
        step_span: i64,
        span: i64,
    },
}

impl ActivityKind {
    /// Columns between the time and the dimensions.
    fn own_columns(&self) -> usize {
        match self {
            Self::Funnel { .. } | Self::Completion { .. } => 1,
            Self::Detect { steps, .. } => *steps,
            _ => 0,
        }
    }
}

impl Activity {
    pub(super) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let batches = inputs.first().map(Vec::as_slice).unwrap_or_default();
        let own = self.kind.own_columns();
        let events = Events::read(batches, own, (self.timeline, &self.dimensions), context)?;
        let Some(range) = self.range.or_else(|| events.span()) else {
            return Ok(());
        };
        let periods = Periods {
            first: range.0,
            last: range.1,
            period: self.period,
        };
        match &self.kind {
            ActivityKind::Counts => Self::counts(&events, &periods, context),
            ActivityKind::Metrics => Self::metrics(&events, &periods, context),
            ActivityKind::Engagement { outer } => {
                Self::engagement(&events, &periods, *outer, context)
            }
            ActivityKind::ActiveUsers {
                lookback,
                period,
                least,
            } => Self::active_users(&events, &periods, (*lookback, *period, *least), context),
            ActivityKind::SlidingCounts { lookback } => {
                Self::sliding_counts(&events, &periods, *lookback, context)
            }
            ActivityKind::Sessions { lookback } => {
                Self::sessions(&events, &periods, *lookback, context)
            }
            ActivityKind::Cohorts { only } => {
                let earlier = inputs.get(1).map(Vec::as_slice).unwrap_or_default();
                Self::cohorts(&events, &periods, (*only, earlier), context)
            }
            ActivityKind::Funnel { step, sequence } => {
                Self::funnel(&events, &periods, (*step, sequence), context)
            }
            ActivityKind::Completion { sequence, spans } => {
                self.completion(&events, &periods, (sequence, spans), context)
            }
            ActivityKind::Detect {
                steps,
                step_span,
                span,
            } => self.detect(&events, (*steps, *step_span, *span), context),
        }
    }
}

/// The periods of an analysis.
#[derive(Debug, Clone, Copy)]
struct Periods {
    first: i64,
    last: i64,
    period: Period,
}

impl Periods {
    /// The start of the period that a moment lies in.
    fn start(&self, time: i64) -> i64 {
        let calendar = |part| start_of(part, time, 0).unwrap_or(time);
        match self.period {
            Period::Width(width) => {
                let distance = time.saturating_sub(self.first);
                self.first + distance.div_euclid(width.max(1)) * width.max(1)
            }
            Period::Week => calendar(CalendarPart::Week),
            Period::Month => calendar(CalendarPart::Month),
            Period::Year => calendar(CalendarPart::Year),
        }
    }

    fn next(&self, start: i64) -> i64 {
        match self.period {
            Period::Width(width) => start.saturating_add(width.max(1)),
            Period::Week => start + 7 * MICROS_PER_DAY,
            Period::Month => self.start(start + 32 * MICROS_PER_DAY),
            Period::Year => self.start(start + 367 * MICROS_PER_DAY),
        }
    }

    /// Whether a moment is part of the analysis.
    fn holds(&self, time: i64) -> bool {
        self.first <= time && time <= self.last
    }

    /// The starts of all periods.
    fn all(&self) -> Vec<i64> {
        let mut starts = Vec::new();
        let mut start = self.start(self.first);
        while start <= self.last && starts.len() < MAX_PERIODS {
            starts.push(start);
            let next = self.next(start);
            if next <= start {
                break;
            }
            start = next;
        }
        starts
    }
}
