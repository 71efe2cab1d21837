//! Shortest paths, breadth first.
//!
//! A path pattern is a small automaton: a state is an edge of the pattern with the number of steps
//! gone along it. From each start one search goes over pairs of state and node; paths are then read
//! off backwards along falling distances. No path meets a node twice; where the first search finds
//! only walks that do (`*3..5` between neighbours), [`super::Search`] looks for the shortest real path.

use super::adjacency::Graph;
use super::budget::{Budget, GraphError};
use super::found::Sink;
use super::pattern::Pattern;

/// Most pairs of state and node.
const MAX_PLACES: usize = 1 << 31;

const UNSEEN: u16 = u16::MAX;

/// An edge of the pattern in the order of the search.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) edge: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) ways: (bool, bool),
    pub(super) hops: (u32, u32),
    pub(super) conditions: u16,
    /// Number of the state in which no step of it is gone.
    pub(super) first_state: usize,
    /// Most steps that states tell apart.
    pub(super) counted: usize,
}

/// A pair of state and node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) state: usize,
    pub(super) node: u32,
}

/// Searches for shortest paths, with their memory.
#[derive(Debug)]
pub(crate) struct Shortest<'a> {
    pub(super) graph: &'a Graph,
    pub(super) pattern: &'a Pattern,
    pub(super) segments: Vec<Segment>,
    pub(super) reversed: bool,
    pub(super) all: bool,
    /// The pattern's first and last variable are one.
    pub(super) is_ring: bool,
    wanted: usize,
    distances: Vec<u16>,
    order: Vec<Place>,
    ends: Vec<(u32, u16)>,
    is_end: Vec<bool>,
}

impl<'a> Shortest<'a> {
    /// Paths along the edges of a pattern that form a chain in their order. `all`: every shortest
    /// path of a pair of ends, else one. The graph must be indexed backward.
    ///
    /// # Errors
    /// Where graph and pattern are too large together.
    pub(crate) fn new(
        graph: &'a Graph,
        pattern: &'a Pattern,
        all: bool,
    ) -> Result<Self, GraphError> {
        let first = pattern.edges.first().map_or(0, |edge| edge.from);
        let last = pattern.edges.last().map_or(first, |edge| edge.to);
        let count = |variable| pattern.candidates(variable, graph.nodes());
        let reversed = first != last && Self::start_of(graph, pattern) == last;
        let is_single = pattern.edges.len() == 1;
        let mut segments = Vec::with_capacity(pattern.edges.len());
        let mut states = 0;
        for place in 0..pattern.edges.len() {
            let index = if reversed {
                pattern.edges.len() - 1 - place
            } else {
                place
            };
            let edge = &pattern.edges[index];
            let (from, to) = if reversed {
                (edge.to, edge.from)
            } else {
                (edge.from, edge.to)
            };
            let counted = if is_single {
                edge.steps.0.max(1)
            } else {
                edge.steps.1.max(1)
            };
            segments.push(Segment {
                edge: index,
                from,
                to,
                ways: edge.direction.ways(reversed),
                hops: edge.steps,
                conditions: edge.conditions,
                first_state: states,
                counted: counted as usize,
            });
            states += counted as usize + 1;
        }
        let places = states.saturating_mul(graph.nodes());
        if places > MAX_PLACES {
            return Err(GraphError::TooLarge {
                what: "nodes times steps of the pattern",
                limit: MAX_PLACES as u64,
            });
        }
        Ok(Self {
            graph,
            pattern,
            reversed,
            all,
            is_ring: first == last,
            wanted: count(if reversed { first } else { last }),
            segments,
            distances: vec![UNSEEN; places],
            order: Vec::new(),
            ends: Vec::new(),
            is_end: vec![false; graph.nodes()],
        })
    }

    /// The variable where searches start.
    pub(super) fn start(&self) -> usize {
        self.segments.first().map_or(0, |segment| segment.from)
    }

    /// The variable where searches for a pattern start: the end with fewer candidates.
    pub(crate) fn start_of(graph: &Graph, pattern: &Pattern) -> usize {
        let first = pattern.edges.first().map_or(0, |edge| edge.from);
        let last = pattern.edges.last().map_or(first, |edge| edge.to);
        let count = |variable| pattern.candidates(variable, graph.nodes());
        if count(last) < count(first) {
            last
        } else {
            first
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(graph: &Graph, pattern: &Pattern) -> usize {
        let is_single = pattern.edges.len() == 1;
        let states = pattern.edges.iter().map(|edge| {
            let counted = if is_single {
                edge.steps.0
            } else {
                edge.steps.1
            };
            counted.max(1) as usize + 1
        });
        let states: usize = states.sum();
        states.saturating_mul(graph.nodes()).saturating_mul(2)
    }

    pub(super) fn segment_of(&self, state: usize) -> usize {
        self.segments
            .partition_point(|segment| segment.first_state <= state)
            .saturating_sub(1)
    }

    pub(super) fn distance(&self, place: Place) -> u16 {
        self.distances[place.state * self.graph.nodes() + place.node as usize]
    }

    /// Gives the sink the shortest paths from this node.
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
        if self.segments.is_empty() || !self.pattern.admits(self.start(), start) {
            return Ok(());
        }
        self.spread(start, budget)?;
        let ends = std::mem::take(&mut self.ends);
        let mut result = Ok(());
        for (end, distance) in &ends {
            result = self.read_off(start, *end, *distance, budget, sink);
            if result.is_err() {
                break;
            }
        }
        self.ends = ends;
        let nodes = self.graph.nodes();
        for place in &self.order {
            self.distances[place.state * nodes + place.node as usize] = UNSEEN;
        }
        for (end, _) in &self.ends {
            self.is_end[*end as usize] = false;
        }
        self.order.clear();
        self.ends.clear();
        result
    }

    /// Distances from the start, until every wanted end is reached.
    fn spread(&mut self, start: u32, budget: &mut Budget<'_>) -> Result<(), GraphError> {
        let origin = Place {
            state: 0,
            node: start,
        };
        self.enter(origin, 0, start);
        let mut next = 0;
        while let Some(place) = self.order.get(next).copied() {
            next += 1;
            let distance = self.distance(place);
            let is_done = self.ends.len() >= self.wanted;
            let last = self.ends.last().map_or(UNSEEN, |end| end.1);
            // Paths of the length of the last end may still be wanted.
            if is_done && (!self.all || distance >= last) {
                break;
            }
            let index = self.segment_of(place.state);
            let segment = &self.segments[index];
            let gone = place.state - segment.first_state;
            let hops = if self.segments.len() == 1 {
                usize::from(distance)
            } else {
                gone
            };
            let inner = self.pattern.edges[segment.edge].inner.as_ref();
            let stays = gone > 0 && inner.is_some_and(|inner| !inner.has(place.node));
            if stays || hops >= segment.hops.1 as usize || distance >= UNSEEN - 1 {
                continue;
            }
            let state = segment.first_state + (gone + 1).min(segment.counted);
            let (ways, conditions) = (segment.ways, segment.conditions);
            let mut steps = 1;
            let graph = self.graph;
            graph.links(place.node, ways, conditions, |link| {
                steps += 1;
                let arrived = Place {
                    state,
                    node: link.node,
                };
                self.enter(arrived, distance + 1, start);
            });
            budget.spend(steps)?;
        }
        Ok(())
    }

    /// Notes a place that is seen for the first time, and those that follow without a step.
    fn enter(&mut self, place: Place, distance: u16, start: u32) {
        let mut place = place;
        loop {
            let slot = &mut self.distances[place.state * self.graph.nodes() + place.node as usize];
            if *slot != UNSEEN {
                return;
            }
            *slot = distance;
            self.order.push(place);
            let index = self.segment_of(place.state);
            let segment = &self.segments[index];
            let gone = (place.state - segment.first_state) as u32;
            if gone < segment.hops.0 || !self.pattern.admits(segment.to, place.node) {
                return;
            }
            if let Some(next) = self.segments.get(index + 1) {
                place.state = next.first_state;
                continue;
            }
            let fits = (place.node == start) == (self.is_ring || distance == 0);
            let is_known = &mut self.is_end[place.node as usize];
            if fits && !*is_known {
                *is_known = true;
                self.ends.push((place.node, distance));
            }
            return;
        }
    }
}
