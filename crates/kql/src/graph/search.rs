//! Every match of a pattern, depth first.
//!
//! The walk keeps a stack of places; a place is a node where the walk stands, in which step of the
//! plan and after how many hops of it. Nothing recurses, and memory is the length of one match.

use super::adjacency::{Graph, Link};
use super::budget::{Budget, GraphError};
use super::found::{Found, Sink};
use super::pattern::{Cycles, Pattern};
use super::plan::{Plan, Step};

/// Most edges of one match: memory is held for each, and each is looked through for repeats.
const MAX_TRAIL: usize = 10_000;

/// Edges of a match that are looked through for repeats at the price of one step.
const TRAIL_PER_STEP: u64 = 64;

/// What is left to do at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Whether the step may end here.
    Arrive,
    /// Whether it may go on from here.
    Open,
    /// Along edges.
    Out,
    /// Against edges.
    In,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    step: u32,
    hops: u32,
    node: u32,
    cursor: u32,
    end: u32,
    stage: Stage,
}

/// A search over a graph, with its memory.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    graph: &'a Graph,
    pattern: &'a Pattern,
    plan: &'a Plan,
    stack: Vec<Place>,
    nodes: Vec<u32>,
    parts: Vec<(usize, usize, bool)>,
    trail_edges: Vec<u32>,
    trail_nodes: Vec<u32>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(graph: &'a Graph, pattern: &'a Pattern, plan: &'a Plan) -> Self {
        let mut parts = vec![(0, 0, false); pattern.edges.len()];
        for step in &plan.steps {
            parts[step.edge].2 = step.reversed;
        }
        Self {
            graph,
            pattern,
            plan,
            stack: Vec::new(),
            nodes: vec![0; pattern.nodes.len()],
            parts,
            trail_edges: Vec::new(),
            trail_nodes: Vec::new(),
        }
    }

    /// Gives the sink every match whose first variable is this node.
    ///
    /// # Errors
    /// Those of the budget and of the sink.
    pub(crate) fn run<S: Sink>(
        &mut self,
        start: u32,
        budget: &mut Budget<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        budget.spend(1)?;
        if !self.pattern.admits(self.plan.start, start) {
            return Ok(());
        }
        self.stack.clear();
        self.trail_edges.clear();
        self.trail_nodes.clear();
        self.nodes[self.plan.start] = start;
        if self.plan.steps.is_empty() {
            return self.give(sink);
        }
        self.push(0, 0, start);
        while let Some(place) = self.stack.last().copied() {
            match place.stage {
                Stage::Arrive => self.arrive(place, sink)?,
                Stage::Open => self.open(place, budget, sink)?,
                Stage::Out => self.go_out(place, budget)?,
                Stage::In => self.go_in(place, budget)?,
            }
        }
        Ok(())
    }

    fn push(&mut self, step: usize, hops: u32, node: u32) {
        if hops == 0 {
            self.parts[self.plan.steps[step].edge].0 = self.trail_edges.len();
        }
        self.stack.push(Place {
            step: step as u32,
            hops,
            node,
            cursor: 0,
            end: 0,
            stage: Stage::Arrive,
        });
    }

    fn pop(&mut self) {
        if let Some(place) = self.stack.pop()
            && place.hops > 0
        {
            self.trail_edges.pop();
            self.trail_nodes.pop();
        }
    }

    fn set(&mut self, stage: Stage, range: std::ops::Range<u32>) {
        if let Some(place) = self.stack.last_mut() {
            place.stage = stage;
            place.cursor = range.start;
            place.end = range.end;
        }
    }

    /// Ends the step here where that is allowed, and goes on with the next one.
    fn arrive<S: Sink>(&mut self, place: Place, sink: &mut S) -> Result<(), S::Error> {
        self.set(Stage::Open, 0..0);
        let plan = self.plan;
        let step = &plan.steps[place.step as usize];
        if place.hops < step.hops.0 || !self.may_end(step, place.node) {
            return Ok(());
        }
        self.nodes[step.to] = place.node;
        self.parts[step.edge].1 = self.trail_edges.len();
        match plan.steps.get(place.step as usize + 1) {
            Some(next) => {
                let from = self.nodes[next.from];
                self.push(place.step as usize + 1, 0, from);
                Ok(())
            }
            None => self.give(sink),
        }
    }

    fn may_end(&self, step: &Step, node: u32) -> bool {
        if step.closes {
            return self.nodes[step.to] == node;
        }
        self.pattern.admits(step.to, node)
    }

    fn open<S: Sink>(
        &mut self,
        place: Place,
        budget: &mut Budget<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let plan = self.plan;
        let step = &plan.steps[place.step as usize];
        let inner = self.pattern.edges[step.edge].inner.as_ref();
        let may_go_on = place.hops < step.hops.1
            && (place.hops == 0 || inner.is_none_or(|inner| inner.has(place.node)));
        if !may_go_on {
            self.pop();
            return Ok(());
        }
        let is_last = place.step as usize + 1 == plan.steps.len();
        if is_last && place.hops + 1 == step.hops.1 {
            self.last_hop(place, step, budget, sink)?;
            self.pop();
            return Ok(());
        }
        if step.ways.0 {
            self.set(Stage::Out, self.graph.out_edges(place.node));
        } else {
            self.set(Stage::In, self.graph.in_positions(place.node));
        }
        Ok(())
    }

    /// The next edge along which the step goes on.
    fn go_out(&mut self, place: Place, budget: &mut Budget<'_>) -> Result<(), GraphError> {
        let step = &self.plan.steps[place.step as usize];
        let mut cursor = place.cursor;
        while cursor < place.end {
            let link = Link {
                node: self.graph.target(cursor),
                edge: cursor,
            };
            cursor += 1;
            if self.allows(step, place, link) {
                budget.spend(u64::from(cursor - place.cursor) * self.price())?;
                self.set(Stage::Out, cursor..place.end);
                return self.hop(place, link);
            }
        }
        budget.spend(u64::from(cursor - place.cursor) + 1)?;
        if step.ways.1 {
            self.set(Stage::In, self.graph.in_positions(place.node));
        } else {
            self.pop();
        }
        Ok(())
    }

    /// The next edge against which the step goes on.
    fn go_in(&mut self, place: Place, budget: &mut Budget<'_>) -> Result<(), GraphError> {
        let step = &self.plan.steps[place.step as usize];
        let mut cursor = place.cursor;
        while cursor < place.end {
            let link = self.graph.in_link(cursor);
            cursor += 1;
            // A loop was met on the way out.
            let is_second_look = step.ways.0 && link.node == place.node;
            if !is_second_look && self.allows(step, place, link) {
                budget.spend(u64::from(cursor - place.cursor) * self.price())?;
                self.set(Stage::In, cursor..place.end);
                return self.hop(place, link);
            }
        }
        budget.spend(u64::from(cursor - place.cursor) + 1)?;
        self.pop();
        Ok(())
    }

    /// Steps that looking at one link costs.
    fn price(&self) -> u64 {
        1 + self.trail_edges.len() as u64 / TRAIL_PER_STEP
    }

    fn hop(&mut self, place: Place, link: Link) -> Result<(), GraphError> {
        if self.trail_edges.len() >= MAX_TRAIL {
            return Err(GraphError::TooLong { limit: MAX_TRAIL });
        }
        self.trail_edges.push(link.edge);
        self.trail_nodes.push(link.node);
        self.push(place.step as usize, place.hops + 1, link.node);
        Ok(())
    }

    /// Whether the walk may go over this link.
    #[inline]
    fn allows(&self, step: &Step, place: Place, link: Link) -> bool {
        if !self.graph.meets(link.edge, step.conditions) {
            return false;
        }
        if let Some(distances) = &step.distances {
            let distance = u32::from(distances[link.node as usize]);
            if distance + place.hops + 1 > step.hops.1 {
                return false;
            }
        }
        // A plain edge ends where it arrives: no need to go there to see.
        if step.hops.1 == 1 && !self.may_end(step, link.node) {
            return false;
        }
        self.is_new(link)
    }

    #[inline]
    fn is_new(&self, link: Link) -> bool {
        match self.pattern.cycles {
            Cycles::All => true,
            Cycles::UniqueEdges => !self.trail_edges.contains(&link.edge),
            Cycles::None => {
                self.nodes[self.plan.start] != link.node && !self.trail_nodes.contains(&link.node)
            }
        }
    }

    /// All matches that end one hop from here.
    fn last_hop<S: Sink>(
        &mut self,
        place: Place,
        step: &Step,
        budget: &mut Budget<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let out = if step.ways.0 {
            self.graph.out_edges(place.node)
        } else {
            0..0
        };
        let inward = if step.ways.1 {
            self.graph.in_positions(place.node)
        } else {
            0..0
        };
        if sink.counts_only()
            && let Some(matches) = self.count_of(step, place.node, (&out, &inward))
        {
            budget.spend(2)?;
            return sink.count(matches);
        }
        budget.spend(u64::from(out.end - out.start) + u64::from(inward.end - inward.start) + 1)?;
        for edge in out {
            let link = Link {
                node: self.graph.target(edge),
                edge,
            };
            self.finish(step, link, sink)?;
        }
        for position in inward {
            let link = self.graph.in_link(position);
            if !(step.ways.0 && link.node == place.node) {
                self.finish(step, link, sink)?;
            }
        }
        Ok(())
    }

    /// Gives the match that ends with this link, where it is one.
    #[inline]
    fn finish<S: Sink>(&mut self, step: &Step, link: Link, sink: &mut S) -> Result<(), S::Error> {
        let fits = self.graph.meets(link.edge, step.conditions)
            && self.may_end(step, link.node)
            && self.is_new(link);
        if !fits {
            return Ok(());
        }
        if sink.counts_only() {
            return sink.count(1);
        }
        let before = self.nodes[step.to];
        self.nodes[step.to] = link.node;
        self.trail_edges.push(link.edge);
        self.trail_nodes.push(link.node);
        self.parts[step.edge].1 = self.trail_edges.len();
        let given = self.give(sink);
        self.trail_edges.pop();
        self.trail_nodes.pop();
        self.nodes[step.to] = before;
        given
    }

    /// How many links of a node end a match, where that follows from their number: each does but
    /// those of edges that the match holds already.
    fn count_of(
        &self,
        step: &Step,
        node: u32,
        (out, inward): (&std::ops::Range<u32>, &std::ops::Range<u32>),
    ) -> Option<u64> {
        let is_free = step.conditions == 0
            && !step.closes
            && self.pattern.nodes[step.to].candidates.is_none()
            && !(step.ways.0 && step.ways.1)
            && self.pattern.cycles != Cycles::None;
        if !is_free {
            return None;
        }
        let all = u64::from(out.end - out.start) + u64::from(inward.end - inward.start);
        if self.pattern.cycles == Cycles::All {
            return Some(all);
        }
        let held = self.trail_edges.iter().filter(|edge| {
            if step.ways.0 {
                out.contains(edge)
            } else {
                self.graph.target(**edge) == node
            }
        });
        Some(all - held.count() as u64)
    }

    fn give<S: Sink>(&self, sink: &mut S) -> Result<(), S::Error> {
        if sink.counts_only() {
            return sink.count(1);
        }
        sink.take(&Found::new(
            &self.nodes,
            &self.parts,
            &self.trail_edges,
            &self.trail_nodes,
        ))
    }
}
