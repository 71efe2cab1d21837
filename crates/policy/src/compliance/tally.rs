//! States of compliance and counts of them.

use std::fmt;
use std::str::FromStr;

/// A state of compliance. Ordered by rank: of several the first wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComplianceState {
    /// The rule is not met.
    NonCompliant,
    /// The rule is met.
    Compliant,
    /// Two assignments contradict each other.
    Conflict,
    /// An exemption covers it.
    Exempt,
    /// Nobody attested, or what the rule needs is not known.
    Unknown,
}

impl ComplianceState {
    /// The spelling of Azure: `NonCompliant`, `Compliant`, `Conflict`, `Exempt`, `Unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NonCompliant => "NonCompliant",
            Self::Compliant => "Compliant",
            Self::Conflict => "Conflict",
            Self::Exempt => "Exempt",
            Self::Unknown => "Unknown",
        }
    }

    /// The weight that Resource Graph's own queries sort states by.
    pub fn weight(self) -> u16 {
        match self {
            Self::NonCompliant => 300,
            Self::Compliant => 200,
            Self::Conflict => 100,
            Self::Exempt => 50,
            Self::Unknown => 0,
        }
    }

    /// The state of several taken together; `None` for none.
    pub fn of(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        states.into_iter().min()
    }
}

impl fmt::Display for ComplianceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ComplianceState {
    type Err = String;

    /// Case does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALL: [ComplianceState; 5] = [
            ComplianceState::NonCompliant,
            ComplianceState::Compliant,
            ComplianceState::Conflict,
            ComplianceState::Exempt,
            ComplianceState::Unknown,
        ];
        ALL.into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                format!(
                    "`{text}` is no state; use NonCompliant, Compliant, Conflict, Exempt or Unknown"
                )
            })
    }
}

/// How many are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// In the state `NonCompliant`.
    pub non_compliant: u64,
    /// In the state `Compliant`.
    pub compliant: u64,
    /// In the state `Conflict`.
    pub conflict: u64,
    /// In the state `Exempt`.
    pub exempt: u64,
    /// In the state `Unknown`.
    pub unknown: u64,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, state: ComplianceState) {
        *match state {
            ComplianceState::NonCompliant => &mut self.non_compliant,
            ComplianceState::Compliant => &mut self.compliant,
            ComplianceState::Conflict => &mut self.conflict,
            ComplianceState::Exempt => &mut self.exempt,
            ComplianceState::Unknown => &mut self.unknown,
        } += 1;
    }

    /// All that were counted.
    pub fn total(&self) -> u64 {
        self.non_compliant + self.compliant + self.conflict + self.exempt + self.unknown
    }

    /// Compliant, exempt and unknown ones in a hundred of all; `None` where there are none at all.
    pub fn percentage(&self) -> Option<f64> {
        let total = self.total();
        let good = self.compliant + self.exempt + self.unknown;
        (total > 0).then(|| good as f64 * 100.0 / total as f64)
    }

    /// Compliant and exempt ones in a hundred of those whose state is known; `None` where nothing is. Azure counts
    /// what is unknown as good; this says what that is worth.
    pub fn percentage_of_known(&self) -> Option<f64> {
        let known = self.total() - self.unknown;
        let good = self.compliant + self.exempt;
        (known > 0).then(|| good as f64 * 100.0 / known as f64)
    }

    /// The state of all taken together.
    pub fn state(&self) -> Option<ComplianceState> {
        let counted = [
            (self.non_compliant, ComplianceState::NonCompliant),
            (self.compliant, ComplianceState::Compliant),
            (self.conflict, ComplianceState::Conflict),
            (self.exempt, ComplianceState::Exempt),
            (self.unknown, ComplianceState::Unknown),
        ];
        counted
            .into_iter()
            .find(|(count, _)| *count > 0)
            .map(|(_, state)| state)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nineteen_of_twenty_are_95_percent() {
        let mut tally = Tally::default();
        tally.add(ComplianceState::NonCompliant);
        (0..17).for_each(|_| tally.add(ComplianceState::Compliant));
        tally.add(ComplianceState::Exempt);
        tally.add(ComplianceState::Unknown);
        assert!((tally.percentage().unwrap() - 95.0).abs() < 1e-9);
        assert!((tally.percentage_of_known().unwrap() - 1800.0 / 19.0).abs() < 1e-9);
        assert_eq!(tally.state(), Some(ComplianceState::NonCompliant));
        assert_eq!(Tally::default().percentage(), None);
    }

    #[test]
    fn conflicts_count_in_the_whole_and_not_as_good() {
        let mut tally = Tally::default();
        tally.add(ComplianceState::Conflict);
        tally.add(ComplianceState::Compliant);
        assert!((tally.percentage().unwrap() - 50.0).abs() < 1e-9);
    }

    #[test]
    fn compliant_outranks_exempt_and_exempt_unknown() {
        use ComplianceState::{Compliant, Conflict, Exempt, NonCompliant, Unknown};
        assert_eq!(
            ComplianceState::of([Exempt, Compliant, Unknown]),
            Some(Compliant)
        );
        assert_eq!(ComplianceState::of([Unknown, Exempt]), Some(Exempt));
        assert_eq!(ComplianceState::of([Exempt, Conflict]), Some(Conflict));
        assert_eq!(
            ComplianceState::of([Compliant, NonCompliant]),
            Some(NonCompliant)
        );
        assert_eq!(ComplianceState::of([]), None);
    }
}
