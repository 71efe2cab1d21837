//! Simple routes through sweeps: a pattern's part before the entry, the part between, and the part behind the target.

use super::budget::Budget;
use super::sweep::{NONE, Sweep};
use super::view::NO_EDGE;
use crate::graph::{Confidence, NodeNumber};

/// From the surest.
const LEVELS: [Confidence; 3] = [Confidence::High, Confidence::Medium, Confidence::Low];

/// One sweep that a route passes, from its root to one of `ends`.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) sweep: &'a Sweep,
    pub(super) ends: &'a [u32],
}

/// A step of a route: the state it enters, seen from the sweep's root, and the link it takes.
pub(super) type Step = (u32, u32);

/// The best route of a pair, and how many others there are.
pub(super) struct Best {
    /// By part, from the end of its sweep to the root.
    pub(super) steps: Vec<Vec<Step>>,
    /// Those that were found beside it, itself among them, in the same form.
    pub(super) all: Vec<Vec<Vec<Step>>>,
    pub(super) others: u32,
    pub(super) more: bool,
}

impl Part<'_> {
    fn lengths(&self, confidence: Confidence) -> u64 {
        let ends = self.ends.iter();
        ends.fold(0, |all, end| {
            all | self.sweep.states[*end as usize].lengths[confidence as usize]
        })
    }
}

/// The surest, and of those the shortest route on which no node stands twice. The first part's root begins it.
pub(super) fn best(parts: &[Part<'_>], budget: &mut Budget<'_>) -> Option<Best> {
    let allowed = budget.limits.pair_visits;
    let mut finder = Finder {
        parts,
        confidence: Confidence::High,
        used: Vec::new(),
        steps: vec![Vec::new(); parts.len()],
        tried: 0,
        allowed,
        wanted: 1,
        found: 0,
        first: None,
        all: Vec::new(),
    };
    for confidence in LEVELS {
        finder.confidence = confidence;
        finder.all_lengths();
        if finder.first.is_some() || finder.tried >= allowed {
            break;
        }
    }
    let steps = finder.first.take();
    finder.all.clear();
    if steps.is_none() && finder.tried >= allowed {
        budget.missed("routes tried for one pair", allowed);
    }
    budget.spend(finder.tried);
    let steps = steps?;
    let most = budget.limits.routes;
    finder.confidence = Confidence::Low;
    finder.found = 0;
    finder.tried = 0;
    finder.wanted = most.saturating_add(1);
    finder.all_lengths();
    budget.spend(finder.tried);
    let others = finder.found.saturating_sub(1);
    finder.all.truncate(most as usize + 1);
    Some(Best {
        steps,
        all: finder.all,
        others,
        more: others >= most || finder.tried >= allowed,
    })
}

struct Finder<'a> {
    parts: &'a [Part<'a>],
    confidence: Confidence,
    used: Vec<NodeNumber>,
    steps: Vec<Vec<Step>>,
    tried: u64,
    allowed: u64,
    wanted: u32,
    found: u32,
    first: Option<Vec<Vec<Step>>>,
    all: Vec<Vec<Vec<Step>>>,
}

impl Finder<'_> {
    /// Routes of every length, shorter ones first.
    fn all_lengths(&mut self) {
        let mut sums = 1u64;
        for part in self.parts {
            let own = part.lengths(self.confidence);
            sums = bits(own).fold(0, |all, length| all | (sums << length));
        }
        self.used.clear();
        if let Some(part) = self.parts.first() {
            self.used.push(part.sweep.states[0].node);
        }
        for length in bits(sums) {
            self.part(0, length);
            if self.is_done() {
                return;
            }
        }
    }

    fn is_done(&self) -> bool {
        self.found >= self.wanted || self.tried >= self.allowed
    }

    /// Routes through this part and those after it that take `rest` edges.
    fn part(&mut self, number: usize, rest: u32) {
        let Some(part) = self.parts.get(number).copied() else {
            if rest == 0 {
                self.found += 1;
                self.all.push(self.steps.clone());
                if self.first.is_none() {
                    self.first = Some(self.steps.clone());
                }
            }
            return;
        };
        for end in part.ends {
            let lengths = part.sweep.states[*end as usize].lengths[self.confidence as usize];
            for own in bits(lengths).take_while(|own| *own <= rest) {
                self.back(number, *end, own, rest - own);
                if self.is_done() {
                    return;
                }
            }
        }
    }

    /// From a state back to the root of its sweep in exactly `own` edges.
    fn back(&mut self, number: usize, at: u32, own: u32, rest: u32) {
        let sweep = self.parts[number].sweep;
        if at == 0 {
            return self.part(number + 1, rest);
        }
        let state = &sweep.states[at as usize];
        let mut link = state.link;
        while link != NONE && !self.is_done() {
            let number_of_link = link;
            let taken = &sweep.links[link as usize];
            link = taken.next;
            self.tried += 1;
            let step = u32::from(taken.edge != NO_EDGE);
            let before = sweep.states[taken.from as usize].lengths[self.confidence as usize];
            if taken.confidence < self.confidence
                || own < step
                || before & (1u64 << (own - step)) == 0
            {
                continue;
            }
            if step == 1 {
                if self.used.contains(&state.node) {
                    continue;
                }
                self.used.push(state.node);
            }
            self.steps[number].push((at, number_of_link));
            self.back(number, taken.from, own - step, rest);
            self.steps[number].pop();
            if step == 1 {
                self.used.pop();
            }
        }
    }
}

fn bits(mut set: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then(|| set.trailing_zeros())?;
        set &= set - 1;
        Some(bit)
    })
}
