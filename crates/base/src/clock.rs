//! Time is handed in, so that tests and `--now` fix it.

use chrono::{DateTime, SubsecRound, Utc};

/// Where "now" comes from. Functions that need the time take a `&dyn Clock`.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current instant, cut to the microsecond that the lake stores.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub DateTime<Utc>);

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.trunc_subsecs(6)
    }
}
