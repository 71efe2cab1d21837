//! The smallest set of fixes that closes everything: a minimum hitting set over the routes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::exact::{Budget, smallest_hitting_set};
use super::reduce::{Part, reduce, routes_of_fixes};
use super::{ChokePoints, Limits, Proof, SmallestCut};

/// The widest set of bits.
pub(super) const MOST_BITS: usize = 64;

/// The answer for one part.
struct Solved {
    /// As they are numbered within the part.
    fixes: Vec<usize>,
    at_least: usize,
    exact: bool,
}

impl ChokePoints {
    /// The smallest set of fixes that closes every outcome that can be closed.
    ///
    /// Exact where what the reductions leave is within the limits; otherwise greedy, with at most
    /// H(d) = 1 + 1/2 + … + 1/d times as many fixes as the smallest, d being the most routes that one fix cuts.
    pub fn smallest_cut(&self, limits: &Limits) -> SmallestCut {
        let outcomes = self.outcomes.iter().filter(|one| one.cuttable);
        let routes: Vec<Vec<usize>> = outcomes
            .flat_map(|one| self.routes[one.routes.clone()].iter().cloned())
            .collect();
        let reduced = reduce(routes, self.fixes.len());
        let mut fixes = reduced.forced;
        let mut at_least = fixes.len();
        let mut exact = true;
        let mut budget = Budget::new(limits.most_nodes);
        for part in &reduced.parts {
            let solved = solve(part, limits, &mut budget);
            fixes.extend(solved.fixes.iter().map(|fix| part.fixes[*fix]));
            at_least += solved.at_least;
            exact &= solved.exact;
        }
        let proof = if exact {
            Proof::Exact
        } else {
            // No part needs more than H(d) times its own least number, so this is at most the largest H(d).
            Proof::Greedy {
                bound: fixes.len() as f64 / at_least as f64,
            }
        };
        SmallestCut {
            cut: self.cut(fixes),
            proof,
            at_least,
            uncuttable: self.uncuttable(),
        }
    }
}

fn solve(part: &Part, limits: &Limits, budget: &mut Budget) -> Solved {
    let of_fix = routes_of_fixes(&part.routes, part.fixes.len());
    let greedy = greedy(part, &of_fix);
    let most_cut = of_fix.iter().map(Vec::len).max().unwrap_or_default();
    // By the bound of the greedy choice, and by routes that have no fix in common.
    let by_bound = (greedy.taken as f64 / harmonic(most_cut) - 1e-9).ceil() as usize;
    let at_least = by_bound.max(routes_apart(part));
    if greedy.fixes.len() <= at_least {
        return Solved {
            at_least: greedy.fixes.len(),
            fixes: greedy.fixes,
            exact: true,
        };
    }
    let small = part.fixes.len() <= limits.most_fixes.min(MOST_BITS)
        && part.routes.len() <= limits.most_routes;
    let found = small
        .then(|| {
            let routes: Vec<u64> = part.routes.iter().map(|route| as_bits(route)).collect();
            smallest_hitting_set(&routes, as_bits(&greedy.fixes), at_least, budget)
        })
        .flatten();
    match found {
        Some(set) => {
            let fixes: Vec<usize> = (0..MOST_BITS).filter(|fix| set & (1 << fix) != 0).collect();
            Solved {
                at_least: fixes.len(),
                fixes,
                exact: true,
            }
        }
        None => Solved {
            fixes: greedy.fixes,
            at_least,
            exact: false,
        },
    }
}

pub(super) fn as_bits(fixes: &[usize]) -> u64 {
    fixes.iter().fold(0, |set, fix| set | (1 << fix))
}

struct Greedy {
    /// Without those that turned out needless; ascending.
    fixes: Vec<usize>,
    /// How many were taken at first: the bound speaks of those.
    taken: usize,
}

/// Takes what cuts the most open routes until none is open, then gives back what is not needed.
fn greedy(part: &Part, of_fix: &[Vec<usize>]) -> Greedy {
    let mut hits = vec![0_usize; part.routes.len()];
    let mut heap: BinaryHeap<(usize, Reverse<usize>)> = of_fix
        .iter()
        .enumerate()
        .map(|(fix, routes)| (routes.len(), Reverse(fix)))
        .collect();
    let mut taken = Vec::new();
    while let Some((count, Reverse(fix))) = heap.pop() {
        let open = of_fix[fix]
            .iter()
            .filter(|route| hits[**route] == 0)
            .count();
        if open == 0 {
            continue;
        }
        // Counts only fall, so one that is still right is the largest.
        if open < count {
            heap.push((open, Reverse(fix)));
            continue;
        }
        for route in &of_fix[fix] {
            hits[*route] += 1;
        }
        taken.push(fix);
    }
    let count = taken.len();
    let mut fixes = Vec::with_capacity(count);
    for fix in taken {
        if of_fix[fix].iter().all(|route| hits[*route] > 1) {
            for route in &of_fix[fix] {
                hits[*route] -= 1;
            }
        } else {
            fixes.push(fix);
        }
    }
    fixes.sort_unstable();
    Greedy {
        fixes,
        taken: count,
    }
}

/// How many routes, short ones first, have no fix in common: each of them takes a fix of its own.
fn routes_apart(part: &Part) -> usize {
    let mut used = vec![false; part.fixes.len()];
    let mut apart = 0;
    for route in &part.routes {
        if route.iter().any(|fix| used[*fix]) {
            continue;
        }
        for fix in route {
            used[*fix] = true;
        }
        apart += 1;
    }
    apart
}

/// 1 + 1/2 + … + 1/d; at least 1.
fn harmonic(most: usize) -> f64 {
    (1..=most.max(1)).map(|one| 1.0 / one as f64).sum()
}
