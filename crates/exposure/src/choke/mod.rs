//! Choke points: which few fixes cut the most risk.
//!
//! An outcome (an entry that reaches a target) has one or more routes; a fix cuts every edge that stands on it; the
//! outcome is gone when each of its routes has lost an edge. Works on numbers only: who calls keeps the table of what
//! a fix is. `docs/choke-points.md` says what is exact and what is not.
//!
//! Of fixes that cut the same the lower number is taken, so results do not depend on the order of the input.

mod best;
mod cover;
mod exact;
mod reduce;
mod tally;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use tally::Tally;

/// Hundredths in one point of risk: weights are counted in whole hundredths, so that sums are exact.
const HUNDREDTHS: f64 = 100.0;
/// The most that one outcome weighs, in points.
const MOST_WEIGHT: f64 = 1e6;
/// Above that, routes of one outcome are not searched for those that another one makes superfluous.
const MOST_COMPARED: usize = 128;

/// A fix: what one would change to undo a fact. The number is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FixId(pub u32);

/// One outcome and its known routes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PathCut {
    /// Its risk score. Counts to the hundredth; what is negative or no number counts as 0.
    pub weight: f64,
    /// For each route, the fixes that cut it; an empty route cannot be cut. No routes at all: nothing to cut.
    pub routes: Vec<Vec<FixId>>,
}

/// How long exact answers are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most fixes that are left after the reductions, in one independent part; never more than 64.
    pub most_fixes: usize,
    /// Most routes that are left, likewise.
    pub most_routes: usize,
    /// Most nodes of all search trees together.
    pub most_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            most_fixes: 64,
            most_routes: 1000,
            most_nodes: 200_000,
        }
    }
}

/// How good an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "method")]
pub enum Proof {
    /// None is better.
    Exact,
    /// Proven for this very input. Of a smallest cut: it has at most `bound` times as many fixes as the smallest. Of
    /// the best fixes: they cut at least `bound` times the risk that the best ones cut.
    Greedy {
        /// The factor: at least 1 of a smallest cut, at most 1 of best fixes.
        bound: f64,
    },
}

/// One fix in the order to do them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What to change.
    pub fix: FixId,
    /// Outcomes that close with it, after the steps before.
    pub paths_closed: usize,
    /// Their risk, in points.
    pub risk_cut: f64,
}

/// A set of fixes and what it does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// What cuts most comes first.
    pub steps: Vec<Step>,
    /// Outcomes that are gone, by their position in the input, ascending.
    pub closed: Vec<usize>,
    /// Their risk, in points.
    pub risk_cut: f64,
    /// The risk of all outcomes, in points.
    pub risk_total: f64,
}

/// The smallest set of fixes that closes whatever can be closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SmallestCut {
    /// The fixes.
    #[serde(flatten)]
    pub cut: Cut,
    /// Whether a smaller set may exist.
    pub proof: Proof,
    /// No set with fewer fixes closes as much.
    pub at_least: usize,
    /// Outcomes with a route that no fix cuts, by their position, ascending.
    pub uncuttable: Vec<usize>,
}

/// The fixes, at most so many, that cut the most risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BestFixes {
    /// The fixes. Fewer than asked for where more would close nothing.
    #[serde(flatten)]
    pub cut: Cut,
    /// Whether others may cut more.
    pub proof: Proof,
    /// No set of so many fixes cuts more risk, in points.
    pub at_most: f64,
}

/// One fix by itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChokePoint {
    /// What to change.
    pub fix: FixId,
    /// Outcomes that it closes alone.
    pub paths_closed: usize,
    /// Their risk, in points.
    pub risk_cut: f64,
    /// Outcomes of which it cuts at least one route. Routes that are cut whenever a shorter one of the same outcome is
    /// do not count.
    pub paths_on: usize,
    /// Their risk, in points.
    pub risk_on: f64,
}

/// An outcome, prepared.
#[derive(Debug)]
struct Outcome {
    /// In hundredths.
    weight: u64,
    routes: Range<usize>,
    cuttable: bool,
}

/// Outcomes, routes and fixes, prepared once for every question.
#[derive(Debug)]
pub struct ChokePoints {
    /// Ascending; everything inside speaks of positions in here.
    fixes: Vec<FixId>,
    outcomes: Vec<Outcome>,
    /// The routes of one outcome stand together; fixes ascending.
    routes: Vec<Vec<usize>>,
    outcome_of_route: Vec<usize>,
    routes_of_fix: Vec<Vec<usize>>,
}

impl ChokePoints {
    /// Prepares outcomes. Fixes that are not `offerable` cut nothing.
    pub fn new(paths: &[PathCut], offerable: impl Fn(FixId) -> bool) -> Self {
        let known: BTreeSet<FixId> = paths
            .iter()
            .flat_map(|path| path.routes.iter().flatten().copied())
            .filter(|fix| offerable(*fix))
            .collect();
        let fixes: Vec<FixId> = known.into_iter().collect();
        let mut prepared = Self {
            routes_of_fix: vec![Vec::new(); fixes.len()],
            fixes,
            outcomes: Vec::with_capacity(paths.len()),
            routes: Vec::new(),
            outcome_of_route: Vec::new(),
        };
        for path in paths {
            prepared.add(path);
        }
        prepared
    }

    fn add(&mut self, path: &PathCut) {
        let mut routes: Vec<Vec<usize>> = path.routes.iter().map(|one| self.dense(one)).collect();
        routes.sort_by(|one, two| one.len().cmp(&two.len()).then_with(|| one.cmp(two)));
        routes.dedup();
        let cuttable = routes.first().is_some_and(|shortest| !shortest.is_empty());
        let routes = without_superfluous(routes);
        let start = self.routes.len();
        for route in routes {
            let number = self.routes.len();
            for fix in &route {
                self.routes_of_fix[*fix].push(number);
            }
            self.outcome_of_route.push(self.outcomes.len());
            self.routes.push(route);
        }
        self.outcomes.push(Outcome {
            weight: hundredths(path.weight),
            routes: start..self.routes.len(),
            cuttable,
        });
    }

    /// Positions of a route's fixes, ascending, each once.
    fn dense(&self, route: &[FixId]) -> Vec<usize> {
        let found: BTreeSet<usize> = route
            .iter()
            .filter_map(|fix| self.fixes.binary_search(fix).ok())
            .collect();
        found.into_iter().collect()
    }

    /// Every fix by itself: what cuts most risk first, then what stands on most.
    pub fn ranking(&self) -> Vec<ChokePoint> {
        let tally = Tally::new(self);
        let mut on = vec![(0_usize, 0_u64); self.fixes.len()];
        for outcome in &self.outcomes {
            let touching: BTreeSet<usize> = self.routes[outcome.routes.clone()]
                .iter()
                .flatten()
                .copied()
                .collect();
            for fix in touching {
                on[fix].0 += 1;
                on[fix].1 += outcome.weight;
            }
        }
        let mut order: Vec<usize> = (0..self.fixes.len()).collect();
        order.sort_by_key(|fix| {
            let gain = tally.gain(*fix);
            let (paths_on, risk_on) = on[*fix];
            std::cmp::Reverse((
                (gain.closes, gain.outcomes, risk_on, paths_on),
                std::cmp::Reverse(*fix),
            ))
        });
        order
            .into_iter()
            .map(|fix| ChokePoint {
                fix: self.fixes[fix],
                paths_closed: tally.gain(fix).outcomes,
                risk_cut: points(tally.gain(fix).closes),
                paths_on: on[fix].0,
                risk_on: points(on[fix].1),
            })
            .collect()
    }

    /// What these fixes close together, in the order that cuts most first. Fixes that nobody knows do nothing.
    pub fn what_if(&self, fixes: &[FixId]) -> Cut {
        self.cut(self.dense(fixes))
    }

    /// Outcomes with a route that no fix cuts, by their position, ascending.
    pub fn uncuttable(&self) -> Vec<usize> {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes
            .filter(|(_, outcome)| !outcome.cuttable && !outcome.routes.is_empty())
            .map(|(number, _)| number)
            .collect()
    }

    /// Puts fixes in order and says what they do.
    fn cut(&self, mut fixes: Vec<usize>) -> Cut {
        fixes.sort_unstable();
        let mut tally = Tally::new(self);
        let mut steps = Vec::with_capacity(fixes.len());
        while let Some(position) = tally.next_of(&fixes) {
            let fix = fixes.remove(position);
            let gain = tally.gain(fix);
            steps.push(Step {
                fix: self.fixes[fix],
                paths_closed: gain.outcomes,
                risk_cut: points(gain.closes),
            });
            tally.apply(fix);
        }
        let closed = tally.closed();
        Cut {
            steps,
            risk_cut: points(closed.iter().map(|one| self.outcomes[*one].weight).sum()),
            closed,
            risk_total: points(self.outcomes.iter().map(|one| one.weight).sum()),
        }
    }
}

/// Without routes that are cut whenever a shorter one is; `routes` are in order of their length.
fn without_superfluous(routes: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    if routes.len() < 2 || routes.len() > MOST_COMPARED {
        return routes;
    }
    let mut kept: Vec<Vec<usize>> = Vec::with_capacity(routes.len());
    for route in routes {
        // The empty route stays beside the others: it says that the outcome cannot be closed, they say what is on it.
        let cut_along = |one: &Vec<usize>| !one.is_empty() && reduce::is_subset(one, &route);
        if !kept.iter().any(cut_along) {
            kept.push(route);
        }
    }
    kept
}

fn hundredths(weight: f64) -> u64 {
    // Not a number becomes 0 here.
    (weight.clamp(0.0, MOST_WEIGHT) * HUNDREDTHS).round() as u64
}

fn points(hundredths: u64) -> f64 {
    hundredths as f64 / HUNDREDTHS
}
