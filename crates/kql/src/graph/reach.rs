//! Which nodes reach which, where only that is asked.
//!
//! A breadth-first search over one variable-length edge of at least 0 or 1 steps. The shortest walk
//! from one node to another repeats neither nodes nor edges, and the shortest walk along edges from
//! a node back to itself repeats no edge; so what this finds is what [`super::Search`] finds, each
//! pair once.

use super::adjacency::Graph;
use super::budget::{Budget, GraphError};
use super::pattern::{Cycles, Pattern};
use super::plan::{Plan, Step};

/// Whether a breadth-first search finds all ends of the pattern's matches.
pub(crate) fn is_exact(pattern: &Pattern, plan: &Plan) -> bool {
    let [step] = plan.steps.as_slice() else {
        return false;
    };
    let any_way = step.ways.0 && step.ways.1;
    !step.closes && step.hops.0 <= 1 && (pattern.cycles != Cycles::UniqueEdges || !any_way)
}

/// Breadth-first searches, with their memory.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    graph: &'a Graph,
    pattern: &'a Pattern,
    step: &'a Step,
    /// Number of the search in which a node was last reached.
    reached: Vec<u32>,
    round: u32,
    front: Vec<u32>,
    next: Vec<u32>,
}

impl<'a> Reach<'a> {
    /// A search along the one step of a plan for which [`is_exact`].
    pub(crate) fn new(graph: &'a Graph, pattern: &'a Pattern, step: &'a Step) -> Self {
        Self {
            graph,
            pattern,
            step,
            reached: vec![0; graph.nodes()],
            round: 0,
            front: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Calls `found` once for each end that is reached from any of these starts.
    ///
    /// # Errors
    /// Those of the budget and of `found`.
    pub(crate) fn run<E: From<GraphError>>(
        &mut self,
        starts: &[u32],
        budget: &mut Budget<'_>,
        mut found: impl FnMut(u32) -> Result<(), E>,
    ) -> Result<(), E> {
        self.round += 1;
        let round = self.round;
        let (graph, pattern, step) = (self.graph, self.pattern, self.step);
        let inner = pattern.edges[step.edge].inner.as_ref();
        let is_start = |node: u32| starts.binary_search(&node).is_ok();
        let own_start = |node: u32| pattern.cycles == Cycles::None && is_start(node);
        self.front.clear();
        self.front.extend_from_slice(starts);
        let with_start = step.hops.0 == 0;
        for start in starts.iter().filter(|_| with_start) {
            self.reached[*start as usize] = round;
            if pattern.admits(step.to, *start) {
                found(*start)?;
            }
        }
        for _ in 0..step.hops.1 {
            self.next.clear();
            for node in &self.front {
                let mut steps = 1;
                let mut result = Ok(());
                graph.links(*node, step.ways, step.conditions, |link| {
                    steps += 1;
                    let last = &mut self.reached[link.node as usize];
                    if *last == round || result.is_err() {
                        return;
                    }
                    *last = round;
                    if own_start(link.node) {
                        return;
                    }
                    if pattern.admits(step.to, link.node) {
                        result = found(link.node);
                    }
                    let goes_on = inner.is_none_or(|inner| inner.has(link.node));
                    if goes_on && !is_start(link.node) {
                        self.next.push(link.node);
                    }
                });
                result?;
                budget.spend(steps)?;
            }
            if self.next.is_empty() {
                break;
            }
            std::mem::swap(&mut self.front, &mut self.next);
        }
        Ok(())
    }
}
