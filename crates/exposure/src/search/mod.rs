//! The search for attack paths.
//!
//! Never exponential: first it is settled which nodes of each layer lie on a walk from the first to the last
//! ([`alive`]); then each entry is swept once over these, which gives every target with all ways to it ([`sweep`]); the
//! shortest way is taken unless a node stands on it twice, and only then, within a limit, others are tried ([`routes`]).

mod alive;
mod assemble;
mod budget;
mod hops;
mod node_set;
pub(crate) mod pattern;
mod permissions;
mod routes;
mod side;
mod sweep;
mod through;
pub(crate) mod view;

use std::cmp::Reverse;

use alive::Alive;
use assemble::Parts;
use budget::Budget;
use node_set::NodeSet;
use routes::Part;
use sweep::{Scratch, Sweep};
use view::View;

pub use budget::{Bound, Limits};
pub use pattern::Pattern;

use crate::graph::{Graph, NodeNumber};
use crate::path::Match;

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// One match for each pair of entry and target: surest first, then shortest, then by number.
    pub matches: Vec<Match>,
    /// Set where a limit kept matches out.
    pub bounded: Option<Bound>,
    /// Edges looked at.
    pub expansions: u64,
    /// Of [`search_through`]: whose paths were looked for anew, ascending. `None` where all were.
    pub renewed: Option<Vec<NodeNumber>>,
}

impl Found {
    /// What an earlier search found and this one did not look at again, together with what this one found.
    #[must_use]
    pub fn over(self, pattern: &Pattern, earlier: Vec<Match>) -> Vec<Match> {
        let Some(renewed) = self.renewed else {
            return self.matches;
        };
        let mut all = self.matches;
        let stays = |one: &Match| renewed.binary_search(&pattern.first_of(one)).is_err();
        all.extend(earlier.into_iter().filter(stays));
        sort(&mut all);
        all
    }
}

/// Every pair of entry and target that a pattern joins, each with its best path. `out_of_time` is asked now and then and
/// ends the search when it says yes; all other limits leave the same matches each time.
pub fn search(
    graph: &Graph,
    pattern: &Pattern,
    limits: &Limits,
    out_of_time: &dyn Fn() -> bool,
) -> Found {
    let mut budget = Budget::new(limits, out_of_time);
    budget.spend(0);
    let view = View::new(graph, &pattern.main);
    let candidates = alive::candidates(&view);
    let (pivot, start) = most_selective(&view, pattern, &candidates);
    let mut alive = Alive::from(&view, pivot, start, Some(&candidates), &mut budget);
    keep_sides((graph, pattern, &view), &mut alive, &mut budget);
    finish((pattern, &view, &alive), budget)
}

/// As [`search`], of those entries only whose paths a change may concern. `changed` holds every node whose facts changed
/// and at least one end of each edge that was added or taken away since the earlier search, as [`Graph::replace`] tells;
/// what it costs follows what lies around these, not the size of the graph. [`Found::over`] puts old and new together.
pub fn search_through(
    graph: &Graph,
    pattern: &Pattern,
    limits: &Limits,
    changed: &[NodeNumber],
    out_of_time: &dyn Fn() -> bool,
) -> Found {
    let mut budget = Budget::new(limits, out_of_time);
    budget.spend(0);
    let first = pattern.first_layer();
    let entries = through::affected(graph, pattern, changed, first, &mut budget);
    let view = View::new(graph, &pattern.main);
    let mut start = NodeSet::new(graph.nodes().len());
    for entry in entries.iter().filter(|entry| view.fits(first, *entry)) {
        start.insert(entry);
    }
    let mut alive = Alive::from(&view, first, start, None, &mut budget);
    keep_sides((graph, pattern, &view), &mut alive, &mut budget);
    let mut found = finish((pattern, &view, &alive), budget);
    found.renewed = Some(entries.iter().collect());
    found
}

/// The named layer with the fewest candidates, and these.
fn most_selective(
    view: &View<'_>,
    pattern: &Pattern,
    candidates: &alive::Candidates,
) -> (usize, NodeSet) {
    let count = view.graph.nodes().len();
    let size = |layer: usize| candidates[layer].as_ref().map_or(count, NodeSet::len);
    let named = pattern.main.named.iter().copied();
    let pivot = named.min_by_key(|layer| size(*layer)).unwrap_or_default();
    let start = candidates[pivot].clone().unwrap_or_else(|| {
        let mut all = NodeSet::new(count);
        (0..count).for_each(|node| {
            all.insert(node as NodeNumber);
        });
        all
    });
    (pivot, start)
}

/// Takes out the nodes that lack a side chain of `also`, or have one of `unless`.
fn keep_sides(
    (graph, pattern, view): (&Graph, &Pattern, &View<'_>),
    alive: &mut Alive,
    budget: &mut Budget<'_>,
) {
    let mut changed = false;
    let also = pattern.also.iter().map(|side| (side, true));
    let unless = pattern.unless.iter().map(|side| (side, false));
    for (side, wanted) in also.chain(unless) {
        if budget.is_over() {
            return;
        }
        let roots = &mut alive.nodes[pattern.layer_of(side.root)];
        let having = side::with_chain(graph, &side.chain, roots, budget);
        let before = roots.len();
        for root in roots.clone().iter() {
            if having.contains(root) != wanted {
                roots.remove(root);
            }
        }
        changed |= roots.len() != before;
    }
    if changed {
        alive.tighten(view, budget);
    }
}

/// Sweeps each entry.
fn finish((pattern, view, alive): (&Pattern, &View<'_>, &Alive), mut budget: Budget<'_>) -> Found {
    let mut hunt = Hunt {
        pattern,
        view,
        alive,
        scratch: Scratch::new(view),
        matches: Vec::new(),
    };
    for node in alive.nodes[pattern.first_layer()].iter() {
        if budget.is_over() {
            break;
        }
        hunt.entry(node, &mut budget);
    }
    let mut matches = hunt.matches;
    sort(&mut matches);
    Found {
        matches,
        bounded: budget.bound,
        expansions: budget.spent,
        renewed: None,
    }
}

fn sort(matches: &mut [Match]) {
    matches.sort_by(|one, other| order(one).cmp(&order(other)));
}

type Order<'a> = (
    Reverse<crate::graph::Confidence>,
    usize,
    NodeNumber,
    NodeNumber,
    &'a [NodeNumber],
);

fn order(found: &Match) -> Order<'_> {
    (
        Reverse(found.confidence),
        found.nodes.len(),
        found.entry,
        found.target,
        &found.nodes,
    )
}

struct Hunt<'a> {
    pattern: &'a Pattern,
    view: &'a View<'a>,
    alive: &'a Alive,
    scratch: Scratch,
    matches: Vec<Match>,
}

impl Hunt<'_> {
    fn sweep(&mut self, root: (usize, NodeNumber), goal: usize, budget: &mut Budget<'_>) -> Sweep {
        let on = (self.view, self.alive);
        Sweep::new(on, root, goal, &mut self.scratch, budget)
    }

    /// All pairs of one node of the first layer.
    fn entry(&mut self, node: NodeNumber, budget: &mut Budget<'_>) {
        let (first, second) = (self.pattern.first_layer(), self.pattern.second_layer());
        let between = self.sweep((first, node), second, budget);
        let before = self.sweep((first, node), 0, budget);
        let mut ends = between.ends.clone();
        ends.sort_unstable_by_key(|end| between.states[*end as usize].node);
        for end in ends {
            if budget.is_over() {
                return;
            }
            let other = between.states[end as usize].node;
            let behind = self.sweep((second, other), self.view.last(), budget);
            let parts = Parts {
                between: Part {
                    sweep: &between,
                    ends: &[end],
                },
                before: Part {
                    sweep: &before,
                    ends: &before.ends,
                },
                behind: Part {
                    sweep: &behind,
                    ends: &behind.ends,
                },
            };
            let Some(best) = routes::best(&[parts.between, parts.before, parts.behind], budget)
            else {
                continue;
            };
            if self.matches.len() >= budget.limits.matches {
                return budget.stop("matches", budget.limits.matches as u64);
            }
            let mut found = parts.join(self.view, &self.pattern.main.named, &best);
            found.entry = found.nodes[found.aliases[self.pattern.entry]];
            found.target = found.nodes[found.aliases[self.pattern.target]];
            self.matches.push(found);
        }
    }
}
