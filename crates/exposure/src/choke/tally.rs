//! What each fix would close next, kept up to date while fixes are taken.

use std::cmp::Reverse;

use super::ChokePoints;

/// Parts of a hundredth in which shares are counted.
pub(super) const PARTS: u64 = 1000;

/// What one more fix would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Gain {
    /// Risk of the outcomes that close, in hundredths.
    pub(super) closes: u64,
    /// How many close.
    pub(super) outcomes: usize,
    /// For every open outcome, its risk times the share of its open routes that the fix cuts, in parts of a hundredth,
    /// rounded up. However fixes are combined, they never close more than the sum of their shares.
    pub(super) share: u64,
}

/// By what a fix is chosen.
pub(super) type Key = (u64, Gain);

/// What closes the most risk.
pub(super) fn closes_most(gain: Gain) -> Key {
    (0, gain)
}

/// What has the largest share: it may close nothing yet.
pub(super) fn largest_share(gain: Gain) -> Key {
    (gain.share, gain)
}

/// Which routes are open, and what each fix would close.
pub(super) struct Tally<'a> {
    all: &'a ChokePoints,
    open: Vec<bool>,
    gains: Vec<Gain>,
    /// Risk closed so far, in hundredths.
    closed: u64,
}

impl<'a> Tally<'a> {
    /// Everything is open.
    pub(super) fn new(all: &'a ChokePoints) -> Self {
        let mut tally = Self {
            all,
            open: vec![true; all.routes.len()],
            gains: vec![Gain::default(); all.fixes.len()],
            closed: 0,
        };
        for outcome in 0..all.outcomes.len() {
            tally.count(outcome, |gain, own| {
                gain.closes += own.closes;
                gain.outcomes += own.outcomes;
                gain.share += own.share;
            });
        }
        tally
    }

    /// What a fix would do now.
    pub(super) fn gain(&self, fix: usize) -> Gain {
        self.gains[fix]
    }

    /// Position of the fix that closes most; of those that close the same the one with the largest share, then the
    /// first.
    pub(super) fn next_of(&self, fixes: &[usize]) -> Option<usize> {
        (0..fixes.len()).max_by_key(|position| (self.gains[fixes[*position]], Reverse(*position)))
    }

    /// The fix with the largest key, of those that still cut something; the first of several.
    pub(super) fn largest(&self, key: fn(Gain) -> Key) -> Option<usize> {
        let fixes = 0..self.gains.len();
        fixes
            .filter(|fix| self.gains[*fix].share > 0)
            .max_by_key(|fix| (key(self.gains[*fix]), Reverse(*fix)))
    }

    /// What no `count` more fixes can bring the closed risk above, in hundredths.
    pub(super) fn at_most(&self, count: usize) -> u64 {
        let mut shares: Vec<u64> = self.gains.iter().map(|gain| gain.share).collect();
        shares.sort_unstable_by_key(|share| Reverse(*share));
        let more: u64 = shares.iter().take(count).sum();
        self.closed + more / PARTS
    }

    /// Takes a fix.
    pub(super) fn apply(&mut self, fix: usize) {
        let all = self.all;
        let mut routes = all.routes_of_fix[fix].as_slice();
        while let Some(first) = routes.first() {
            let outcome = all.outcome_of_route[*first];
            let end = all.outcomes[outcome].routes.end;
            let (own, rest) = routes.split_at(routes.partition_point(|route| *route < end));
            routes = rest;
            if own.iter().all(|route| !self.open[*route]) {
                continue;
            }
            self.count(outcome, |gain, own| {
                gain.closes -= own.closes;
                gain.outcomes -= own.outcomes;
                gain.share -= own.share;
            });
            for route in own {
                self.open[*route] = false;
            }
            self.count(outcome, |gain, own| {
                gain.closes += own.closes;
                gain.outcomes += own.outcomes;
                gain.share += own.share;
            });
            if self.is_closed(outcome) {
                self.closed += all.outcomes[outcome].weight;
            }
        }
    }

    /// Outcomes that are closed, ascending.
    pub(super) fn closed(&self) -> Vec<usize> {
        let outcomes = 0..self.all.outcomes.len();
        outcomes.filter(|one| self.is_closed(*one)).collect()
    }

    fn is_closed(&self, outcome: usize) -> bool {
        let outcome = &self.all.outcomes[outcome];
        outcome.cuttable && !outcome.routes.clone().any(|route| self.open[route])
    }

    /// Hands every fix on an open route of an outcome what it gains there.
    fn count(&mut self, outcome: usize, mut with: impl FnMut(&mut Gain, Gain)) {
        let outcome = &self.all.outcomes[outcome];
        if !outcome.cuttable {
            return;
        }
        let open: Vec<usize> = outcome
            .routes
            .clone()
            .filter(|one| self.open[*one])
            .collect();
        let mut touching: Vec<usize> = open
            .iter()
            .flat_map(|route| self.all.routes[*route].iter().copied())
            .collect();
        touching.sort_unstable();
        for same in touching.chunk_by(|one, two| one == two) {
            let closes = same.len() == open.len();
            let share = (outcome.weight * PARTS * same.len() as u64).div_ceil(open.len() as u64);
            let own = Gain {
                closes: if closes { outcome.weight } else { 0 },
                outcomes: usize::from(closes),
                share,
            };
            with(&mut self.gains[same[0]], own);
        }
    }
}
