//! Exact answers by branch and bound, over sets of at most 64 fixes as bits.

use super::tally::PARTS;

/// A search that stops after so many nodes.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new(most_nodes: usize) -> Self {
        Self { left: most_nodes }
    }

    /// Whether there was one more.
    fn spend(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }
}

/// The smallest set of bits that hits every route, given one that does; `None` where the budget ended first.
///
/// Branches on the route with the fewest fixes; a node is given up where routes without a common fix prove that it
/// cannot beat the best.
pub(super) fn smallest_hitting_set(
    routes: &[u64],
    known: u64,
    at_least: usize,
    budget: &mut Budget,
) -> Option<u64> {
    let mut search = Hitting {
        routes,
        best: known,
        at_least: at_least as u32,
        budget,
    };
    search.visit(0, 0).then_some(search.best)
}

struct Hitting<'a> {
    routes: &'a [u64],
    best: u64,
    at_least: u32,
    budget: &'a mut Budget,
}

impl Hitting<'_> {
    /// False where the budget ended.
    fn visit(&mut self, chosen: u64, excluded: u64) -> bool {
        if self.best.count_ones() <= self.at_least {
            return true;
        }
        if !self.budget.spend() {
            return false;
        }
        let mut shortest = 0_u64;
        let mut used = 0_u64;
        let mut apart = 0;
        for route in self.routes.iter().filter(|route| **route & chosen == 0) {
            let left = route & !excluded;
            if left == 0 {
                return true;
            }
            if shortest == 0 || left.count_ones() < shortest.count_ones() {
                shortest = left;
            }
            if left & used == 0 {
                used |= left;
                apart += 1;
            }
        }
        if chosen.count_ones() + apart >= self.best.count_ones() {
            return true;
        }
        if shortest == 0 {
            self.best = chosen;
            return true;
        }
        let mut excluded = excluded;
        for bit in self.in_order(shortest, chosen) {
            if !self.visit(chosen | bit, excluded) {
                return false;
            }
            excluded |= bit;
        }
        true
    }

    /// The fixes of a route: what hits most open routes first.
    fn in_order(&self, route: u64, chosen: u64) -> Vec<u64> {
        let mut order: Vec<u64> = bits(route).collect();
        order.sort_by_cached_key(|bit| {
            let open = self.routes.iter().filter(|one| **one & chosen == 0);
            std::cmp::Reverse(open.filter(|one| **one & bit != 0).count())
        });
        order
    }
}

/// An outcome as bits.
#[derive(Debug)]
pub(super) struct OutcomeBits {
    /// In hundredths.
    pub(super) weight: u64,
    /// Which fixes cut each route.
    pub(super) routes: Vec<u64>,
}

/// The at most `most` fixes that close the most risk, given a set to beat and what it closes in hundredths; `None`
/// where the budget ended first.
///
/// Fixes close together at most the sum of their shares: each outcome's risk, times the share of its open routes that
/// the fix cuts. A node is given up where the largest shares that are left cannot beat the best.
pub(super) fn most_risk(
    outcomes: &[OutcomeBits],
    most: usize,
    known: (u64, u64),
    budget: &mut Budget,
) -> Option<(u64, u64)> {
    let mut search = Covering {
        outcomes,
        best: known,
        budget,
    };
    search.visit(0, 0, most).then_some(search.best)
}

struct Covering<'a> {
    outcomes: &'a [OutcomeBits],
    /// The set and what it closes.
    best: (u64, u64),
    budget: &'a mut Budget,
}

impl Covering<'_> {
    /// False where the budget ended.
    fn visit(&mut self, chosen: u64, excluded: u64, left: usize) -> bool {
        if !self.budget.spend() {
            return false;
        }
        let (closed, shares) = self.shares(chosen, excluded);
        if closed > self.best.1 {
            self.best = (chosen, closed);
        }
        if left == 0 {
            return true;
        }
        let mut order: Vec<usize> = (0..shares.len()).filter(|fix| shares[*fix] > 0).collect();
        order.sort_by_key(|fix| std::cmp::Reverse(shares[*fix]));
        let mut excluded = excluded;
        for (position, fix) in order.iter().enumerate() {
            let more: u64 = order[position..]
                .iter()
                .take(left)
                .map(|one| shares[*one])
                .sum();
            if closed + more / PARTS <= self.best.1 {
                break;
            }
            let bit = 1 << fix;
            if !self.visit(chosen | bit, excluded, left - 1) {
                return false;
            }
            excluded |= bit;
        }
        true
    }

    /// What is closed in hundredths, and the share of each fix in parts of those.
    fn shares(&self, chosen: u64, excluded: u64) -> (u64, [u64; 64]) {
        let mut closed = 0;
        let mut shares = [0; 64];
        for outcome in self.outcomes {
            let open = || outcome.routes.iter().filter(|route| **route & chosen == 0);
            let count = open().count() as u64;
            if count == 0 {
                closed += outcome.weight;
                continue;
            }
            if open().any(|route| route & !excluded == 0) {
                continue;
            }
            let mut cuts = [0_u64; 64];
            for route in open() {
                bits(route & !excluded).for_each(|bit| cuts[bit.trailing_zeros() as usize] += 1);
            }
            for (share, cut) in shares.iter_mut().zip(cuts) {
                *share += (outcome.weight * PARTS * cut).div_ceil(count);
            }
        }
        (closed, shares)
    }
}

/// Each bit by itself, from the lowest.
pub(super) fn bits(mut set: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let bit = set & set.wrapping_neg();
        set ^= bit;
        (bit != 0).then_some(bit)
    })
}
