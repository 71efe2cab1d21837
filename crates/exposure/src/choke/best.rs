//! The k fixes that cut the most risk.

use super::cover::MOST_BITS;
use super::exact::{Budget, OutcomeBits, most_risk};
use super::reduce::dominated;
use super::tally::{Gain, Key, Tally, closes_most, largest_share};
use super::{BestFixes, ChokePoints, Limits, Outcome, Proof, points};

impl ChokePoints {
    /// The fixes, at most `most`, that close the most risk together. An outcome counts only where all of its known
    /// routes are cut.
    ///
    /// Exact for one fix, and where what the reductions leave is within the limits; otherwise greedy. Where every
    /// outcome has one route the greedy choice cuts at least 1 - 1/e of the best. Where some have several no such
    /// bound exists: two fixes may close together what neither does alone; then `bound` is what `at_most` proves.
    pub fn best_fixes(&self, most: usize, limits: &Limits) -> BestFixes {
        let (greedy, mut at_most) = self.greedy_fixes(most);
        let mut fixes = greedy;
        let mut cut = self.closed_risk(&fixes);
        let mut exact = most <= 1 || cut == at_most;
        if !exact && let Some(best) = self.exact_fixes(most, &fixes, cut, limits) {
            fixes = best;
            cut = self.closed_risk(&fixes);
            exact = true;
        }
        let proof = if exact {
            at_most = cut;
            Proof::Exact
        } else {
            Proof::Greedy {
                bound: self.proven_share(cut, at_most),
            }
        };
        BestFixes {
            cut: self.cut(fixes),
            proof,
            at_most: points(at_most),
        }
    }

    /// What a greedy choice is proven to cut of the best.
    fn proven_share(&self, cut: u64, at_most: u64) -> f64 {
        // `at_most` is larger than `cut`, or the choice would have been exact.
        let here = cut as f64 / at_most.max(1) as f64;
        let mut cuttable = self.outcomes.iter().filter(|one| one.cuttable);
        if cuttable.all(|one| one.routes.len() == 1) {
            return here.max(1.0 - (-1.0_f64).exp());
        }
        here
    }

    /// The better of two greedy choices, and what no choice exceeds in hundredths.
    fn greedy_fixes(&self, most: usize) -> (Vec<usize>, u64) {
        let cuttable = self.outcomes.iter().filter(|one| one.cuttable);
        let mut at_most: u64 = cuttable.map(|one| one.weight).sum();
        let mut choose = |key: fn(Gain) -> Key| {
            let mut tally = Tally::new(self);
            let mut fixes = Vec::new();
            at_most = at_most.min(tally.at_most(most));
            while fixes.len() < most {
                let Some(fix) = tally.largest(key) else {
                    break;
                };
                fixes.push(fix);
                tally.apply(fix);
                at_most = at_most.min(tally.at_most(most));
            }
            let fixes = self.filled(fixes, most);
            (self.closed_risk(&fixes), fixes)
        };
        let by_closing = choose(closes_most);
        let by_share = choose(largest_share);
        let better = if by_share.0 > by_closing.0 {
            by_share
        } else {
            by_closing
        };
        (better.1, at_most)
    }

    /// Without fixes that close nothing in the end; the places they leave are filled with what still closes something.
    fn filled(&self, fixes: Vec<usize>, most: usize) -> Vec<usize> {
        let mut kept = self.trimmed(fixes);
        let mut tally = Tally::new(self);
        for fix in &kept {
            tally.apply(*fix);
        }
        while kept.len() < most {
            let next = tally.largest(closes_most);
            let Some(fix) = next.filter(|fix| tally.gain(*fix).closes > 0) else {
                break;
            };
            kept.push(fix);
            tally.apply(fix);
        }
        kept
    }

    /// Without fixes whose absence leaves as much risk closed; the last ones go first.
    fn trimmed(&self, fixes: Vec<usize>) -> Vec<usize> {
        let mut hits = vec![0_usize; self.routes.len()];
        for route in fixes.iter().flat_map(|fix| &self.routes_of_fix[*fix]) {
            hits[*route] += 1;
        }
        let counts = |outcome: &Outcome| {
            outcome.weight > 0 && outcome.routes.clone().all(|route| hits[route] > 0)
        };
        let counts: Vec<bool> = self.outcomes.iter().map(counts).collect();
        let mut kept = Vec::with_capacity(fixes.len());
        for fix in fixes.into_iter().rev() {
            let own = &self.routes_of_fix[fix];
            let needed = |route: &usize| hits[*route] == 1 && counts[self.outcome_of_route[*route]];
            if own.iter().any(needed) {
                kept.push(fix);
            } else {
                for route in own {
                    hits[*route] -= 1;
                }
            }
        }
        kept.reverse();
        kept
    }

    fn closed_risk(&self, fixes: &[usize]) -> u64 {
        let mut cut = vec![false; self.routes.len()];
        for route in fixes.iter().flat_map(|fix| &self.routes_of_fix[*fix]) {
            cut[*route] = true;
        }
        let outcomes = self.outcomes.iter().filter(|one| one.cuttable);
        outcomes
            .filter(|one| one.routes.clone().all(|route| cut[route]))
            .map(|one| one.weight)
            .sum()
    }

    /// `None` where the question is too large or the search too long.
    fn exact_fixes(
        &self,
        most: usize,
        known: &[usize],
        cut: u64,
        limits: &Limits,
    ) -> Option<Vec<usize>> {
        let outcomes = self.outcomes.iter().filter(|one| one.cuttable);
        let routes: Vec<Vec<usize>> = outcomes
            .clone()
            .flat_map(|one| self.routes[one.routes.clone()].iter().cloned())
            .collect();
        if routes.len() > limits.most_routes {
            return None;
        }
        let needless = dominated(&routes, self.fixes.len());
        let mut numbers = vec![None; self.fixes.len()];
        let mut fixes: Vec<usize> = routes.iter().flatten().copied().collect();
        fixes.sort_unstable();
        fixes.dedup();
        fixes.retain(|fix| !needless[*fix]);
        if fixes.len() > limits.most_fixes.min(MOST_BITS) {
            return None;
        }
        for (number, fix) in fixes.iter().enumerate() {
            numbers[*fix] = Some(number);
        }
        let as_bits = |route: &Vec<usize>| {
            let known = route.iter().filter_map(|fix| numbers[*fix]);
            known.fold(0_u64, |set, number| set | (1 << number))
        };
        let bits: Vec<OutcomeBits> = outcomes
            .map(|one| OutcomeBits {
                weight: one.weight,
                routes: self.routes[one.routes.clone()]
                    .iter()
                    .map(as_bits)
                    .collect(),
            })
            .collect();
        let mut budget = Budget::new(limits.most_nodes);
        // The set to beat may hold fixes that have no number here; it stays where nothing beats it.
        let (set, closed) = most_risk(&bits, most, (0, cut), &mut budget)?;
        if closed == cut {
            return Some(known.to_vec());
        }
        let chosen = (0..fixes.len()).filter(|number| set & (1 << number) != 0);
        Some(self.trimmed(chosen.map(|number| fixes[number]).collect()))
    }
}
