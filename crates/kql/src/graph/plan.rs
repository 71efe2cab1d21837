//! Where a search starts and in which order it goes.

use super::adjacency::Graph;
use super::pattern::Pattern;

/// One edge of the pattern on the way of a search.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Position of the pattern's edge.
    pub(crate) edge: usize,
    /// The variable that is known before.
    pub(crate) from: usize,
    /// The variable that is known after.
    pub(crate) to: usize,
    /// The edge is gone from its right to its left.
    pub(crate) reversed: bool,
    /// `to` is known before, too.
    pub(crate) closes: bool,
    /// Whether it is walked along edges, and whether against them.
    pub(crate) ways: (bool, bool),
    /// Least and greatest number of steps.
    pub(crate) hops: (u32, u32),
    pub(crate) conditions: u16,
    /// For each node the least number of hops to a node that `to` may be; the greatest value
    /// where that is too far. Absent where it was not worth computing.
    pub(crate) distances: Option<Vec<u8>>,
}

/// The order of a search.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The variable that is tried first.
    pub(crate) start: usize,
    pub(crate) steps: Vec<Step>,
}

impl Plan {
    /// Starts at the variable with the fewest candidates; goes on along edges that close a ring
    /// first, then plain ones, then to where there are the fewest candidates.
    ///
    /// Edges that do not hang together with the start are left out: the caller refuses them.
    pub(crate) fn new(pattern: &Pattern, graph: &Graph) -> Self {
        let counts: Vec<usize> = (0..pattern.nodes.len())
            .map(|variable| pattern.candidates(variable, graph.nodes()))
            .collect();
        let start = (0..counts.len()).min_by_key(|variable| counts[*variable]);
        Self::starting_at(pattern, &counts, start.unwrap_or(0))
    }

    /// As [`Self::new`], from a given variable. `counts`: candidates of each variable.
    pub(crate) fn starting_at(pattern: &Pattern, counts: &[usize], start: usize) -> Self {
        let mut known = vec![false; counts.len()];
        if let Some(first) = known.get_mut(start) {
            *first = true;
        }
        let mut left: Vec<usize> = (0..pattern.edges.len()).collect();
        let mut steps = Vec::with_capacity(left.len());
        loop {
            let rank = |index: &usize| {
                let edge = pattern.edges.get(*index)?;
                let (from, to) = (*known.get(edge.from)?, *known.get(edge.to)?);
                let next = match (from, to) {
                    (true, true) => return Some((0, edge.steps.1, 0)),
                    (true, false) => edge.to,
                    (false, true) => edge.from,
                    (false, false) => return None,
                };
                Some((1, edge.steps.1, *counts.get(next)?))
            };
            let best = left
                .iter()
                .enumerate()
                .filter_map(|(place, index)| Some((rank(index)?, place)))
                .min();
            let Some((_, place)) = best else {
                break;
            };
            let index = left.remove(place);
            steps.push(step(pattern, index, &mut known));
        }
        Self { start, steps }
    }

    /// Whether a search goes against edges.
    pub(crate) fn goes_backward(&self) -> bool {
        self.steps.iter().any(|step| step.ways.1)
    }
}

fn step(pattern: &Pattern, index: usize, known: &mut [bool]) -> Step {
    let edge = &pattern.edges[index];
    let reversed = !known[edge.from];
    let (from, to) = if reversed {
        (edge.to, edge.from)
    } else {
        (edge.from, edge.to)
    };
    let closes = known[to];
    known[to] = true;
    Step {
        edge: index,
        from,
        to,
        reversed,
        closes,
        ways: edge.direction.ways(reversed),
        hops: edge.steps,
        conditions: edge.conditions,
        distances: None,
    }
}
