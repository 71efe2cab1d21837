//! What a search may cost, and what stopped it.

/// What one search of one rule may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most matches.
    pub matches: usize,
    /// Most further routes that are counted for a pair of entry and target.
    pub routes: u32,
    /// Most edges looked at.
    pub edge_visits: u64,
    /// Most edges tried for one pair while the shortest walk between them meets a node twice.
    pub pair_visits: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            matches: 10_000,
            routes: 8,
            edge_visits: 50_000_000,
            pair_visits: 100_000,
        }
    }
}

/// A limit that kept matches out of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What there was too much of: `matches`, `edges looked at`, `routes tried for one pair`, `time`.
    pub what: &'static str,
    /// How much is allowed; of time nothing is said.
    pub limit: u64,
}

/// How often the clock is asked, in edges.
const TICK: u64 = 1 << 14;

pub(super) struct Budget<'a> {
    pub(super) limits: &'a Limits,
    out_of_time: &'a dyn Fn() -> bool,
    pub(super) spent: u64,
    next_tick: u64,
    over: bool,
    pub(super) bound: Option<Bound>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits, out_of_time: &'a dyn Fn() -> bool) -> Self {
        Self {
            limits,
            out_of_time,
            spent: 0,
            next_tick: 0,
            over: false,
            bound: None,
        }
    }

    /// Notes edges looked at.
    pub(super) fn spend(&mut self, edges: u64) {
        self.spent += edges;
        if self.over {
            return;
        }
        if self.spent > self.limits.edge_visits {
            self.stop("edges looked at", self.limits.edge_visits);
        } else if self.spent >= self.next_tick {
            self.next_tick = self.spent + TICK;
            if (self.out_of_time)() {
                self.stop("time", 0);
            }
        }
    }

    /// Whether the search must end.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Ends the search.
    pub(super) fn stop(&mut self, what: &'static str, limit: u64) {
        self.over = true;
        self.missed(what, limit);
    }

    /// Notes that something was left out; the search goes on.
    pub(super) fn missed(&mut self, what: &'static str, limit: u64) {
        self.bound.get_or_insert(Bound { what, limit });
    }
}
