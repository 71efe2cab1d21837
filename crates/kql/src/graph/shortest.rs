//! Shortest paths, breadth first.
//!
//! A path pattern is a small automaton: a state is an edge of the pattern with the number of steps
//! gone along it. From each start one search goes over pairs of state and node; paths are then read
//! off backwards along falling distances. No path meets a node twice; where the first search finds
//! only walks that do (`*3..5` between neighbours), [`Search`] looks for the shortest real path.

use super::adjacency::Graph;
use super::budget::{Budget, GraphError};
use super::pattern::{Cycles, Pattern};
use super::plan::Plan;
use super::search::{Found, Search, Sink};

/// Most pairs of state and node.
const MAX_PLACES: usize = 1 << 31;

const UNSEEN: u16 = u16::MAX;

/// An edge of the pattern in the order of the search.
#[derive(Debug)]
struct Segment {
    edge: usize,
    from: usize,
    to: usize,
    ways: (bool, bool),
    hops: (u32, u32),
    conditions: u16,
    /// Number of the state in which no step of it is gone.
    first_state: usize,
    /// Most steps that states tell apart.
    counted: usize,
}

/// A pair of state and node.
#[derive(Debug, Clone, Copy)]
struct Place {
    state: usize,
    node: u32,
}

/// Searches for shortest paths, with their memory.
#[derive(Debug)]
pub(crate) struct Shortest<'a> {
    graph: &'a Graph,
    pattern: &'a Pattern,
    segments: Vec<Segment>,
    reversed: bool,
    all: bool,
    /// The pattern's first and last variable are one.
    is_ring: bool,
    wanted: usize,
    distances: Vec<u16>,
    order: Vec<Place>,
    ends: Vec<(u32, u16)>,
    is_end: Vec<bool>,
}

/// Goes back along one path.
struct Back {
    place: Place,
    edge: u32,
    before: Vec<(Place, u32)>,
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
    fn start(&self) -> usize {
        self.segments.first().map_or(0, |segment| segment.from)
    }

    /// The variable where searches for a pattern start: the end with fewer candidates.
    pub(crate) fn start_of(graph: &Graph, pattern: &Pattern) -> usize {
        let first = pattern.edges.first().map_or(0, |edge| edge.from);
        let last = pattern.edges.last().map_or(first, |edge| edge.to);
        let count = |variable| pattern.candidates(variable, graph.nodes());
        if count(last) < count(first) { last } else { first }
    }

    /// Bytes held.
    pub(crate) fn bytes(graph: &Graph, pattern: &Pattern) -> usize {
        let is_single = pattern.edges.len() == 1;
        let states = pattern.edges.iter().map(|edge| {
            let counted = if is_single { edge.steps.0 } else { edge.steps.1 };
            counted.max(1) as usize + 1
        });
        let states: usize = states.sum();
        states.saturating_mul(graph.nodes()).saturating_mul(2)
    }

    fn segment_of(&self, state: usize) -> usize {
        self.segments
            .partition_point(|segment| segment.first_state <= state)
            .saturating_sub(1)
    }

    fn distance(&self, place: Place) -> u16 {
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
            match self.segments.get(index + 1) {
                Some(next) => place.state = next.first_state,
                None => {
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
    }

    /// The paths to an end, found from its side.
    fn read_off<S: Sink>(
        &self,
        start: u32,
        end: u32,
        distance: u16,
        budget: &mut Budget<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let Some(last) = self.segments.last() else {
            return Ok(());
        };
        let mut given = false;
        for gone in last.hops.0 as usize..=last.counted {
            let place = Place {
                state: last.first_state + gone,
                node: end,
            };
            if self.distance(place) != distance || (given && !self.all) {
                continue;
            }
            let mut path = vec![self.back(place, u32::MAX, budget)?];
            while let Some(here) = path.last_mut() {
                if here.place.state == 0 && here.place.node == start && self.at_origin(here.place) {
                    if self.is_simple(&path) {
                        self.give(&path, sink)?;
                        given = true;
                    }
                    if given && !self.all {
                        return Ok(());
                    }
                    path.pop();
                    continue;
                }
                match here.before.pop() {
                    Some((place, edge)) => {
                        let before = self.back(place, edge, budget)?;
                        path.push(before);
                    }
                    None => {
                        path.pop();
                    }
                }
            }
        }
        if !given && !self.is_ring {
            self.search_for(start, end, budget, sink)?;
        }
        Ok(())
    }

    fn at_origin(&self, place: Place) -> bool {
        self.distance(place) == 0
    }

    /// A place with those from which it is reached at one step less.
    fn back(
        &self,
        place: Place,
        edge: u32,
        budget: &mut Budget<'_>,
    ) -> Result<Back, GraphError> {
        let distance = self.distance(place);
        let index = self.segment_of(place.state);
        let segment = &self.segments[index];
        let gone = place.state - segment.first_state;
        let mut before = Vec::new();
        if gone == 0 {
            if let Some(earlier) = index.checked_sub(1).and_then(|i| self.segments.get(i)) {
                for steps in earlier.hops.0 as usize..=earlier.counted {
                    let state = earlier.first_state + steps;
                    let place = Place {
                        state,
                        node: place.node,
                    };
                    if self.distance(place) == distance {
                        before.push((place, u32::MAX));
                    }
                }
            }
        } else if distance > 0 {
            let stays = self.segments.len() == 1 && gone == segment.counted;
            let inner = self.pattern.edges[segment.edge].inner.as_ref();
            let mut steps = 1;
            let ways = (segment.ways.1, segment.ways.0);
            self.graph
                .links(place.node, ways, segment.conditions, |link| {
                    steps += 1;
                    for gone in (gone - 1)..=(if stays { gone } else { gone - 1 }) {
                        let from = Place {
                            state: segment.first_state + gone,
                            node: link.node,
                        };
                        let passes = gone == 0 || inner.is_none_or(|inner| inner.has(link.node));
                        if passes && self.distance(from) == distance - 1 {
                            before.push((from, link.edge));
                        }
                    }
                });
            budget.spend(steps)?;
        }
        // The last of the list is tried first: let it be the link of the first node.
        before.reverse();
        Ok(Back {
            place,
            edge,
            before,
        })
    }

    /// Whether no node comes twice. `path` goes from the end to the start.
    fn is_simple(&self, path: &[Back]) -> bool {
        let [segment] = self.segments.as_slice() else {
            return self.no_node_twice(path);
        };
        segment.hops.0 <= 1 || self.no_node_twice(path)
    }

    fn no_node_twice(&self, path: &[Back]) -> bool {
        // An entry's edge leads to the entry before it in the list.
        let mut nodes: Vec<u32> = path
            .iter()
            .enumerate()
            .filter(|(position, back)| *position > 0 && back.edge != u32::MAX)
            .map(|(_, back)| back.place.node)
            .collect();
        if !self.is_ring {
            nodes.extend(path.first().map(|back| back.place.node));
        }
        nodes.sort_unstable();
        nodes.windows(2).all(|pair| pair[0] != pair[1])
    }

    fn give<S: Sink>(&self, path: &[Back], sink: &mut S) -> Result<(), S::Error> {
        let mut nodes = vec![0; self.pattern.nodes.len()];
        let mut parts = vec![(0, 0, self.reversed); self.pattern.edges.len()];
        let (mut trail_edges, mut trail_nodes) = (Vec::new(), Vec::new());
        for pair in path.windows(2).rev() {
            let [after, before] = pair else {
                continue;
            };
            let segment = &self.segments[self.segment_of(before.place.state)];
            if before.place.state == segment.first_state {
                nodes[segment.from] = before.place.node;
                parts[segment.edge].0 = trail_edges.len();
            }
            if before.edge != u32::MAX {
                trail_edges.push(before.edge);
                trail_nodes.push(after.place.node);
            }
            parts[segment.edge].1 = trail_edges.len();
        }
        if let (Some(last), Some(segment)) = (path.first(), self.segments.last()) {
            nodes[segment.to] = last.place.node;
            if last.place.state == segment.first_state {
                nodes[segment.from] = last.place.node;
            }
        }
        sink.take(&Found::new(&nodes, &parts, &trail_edges, &trail_nodes))
    }

    /// The shortest paths between two nodes among all that meet no node twice.
    fn search_for<S: Sink>(
        &self,
        start: u32,
        end: u32,
        budget: &mut Budget<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        let mut pattern = self.pattern.clone();
        pattern.cycles = Cycles::None;
        let ends = [
            (self.start(), start),
            (self.segments.last().map_or(0, |segment| segment.to), end),
        ];
        for (variable, node) in ends {
            let mut only = super::Bits::empty(self.graph.nodes());
            only.insert(node);
            pattern.nodes[variable].candidates = Some(only);
        }
        let plan = Plan::new(&pattern, self.graph);
        let mut kept = Kept {
            length: usize::MAX,
            all: self.all,
            edges: pattern.edges.len(),
            paths: Vec::new(),
        };
        let from = if plan.start == self.start() { start } else { end };
        Search::new(self.graph, &pattern, &plan).run(from, budget, &mut kept)?;
        for path in &kept.paths {
            sink.take(&Found::new(&path.nodes, &path.parts, &path.edges, &path.inner))?;
        }
        Ok(())
    }
}

/// The shortest matches so far.
struct Kept {
    length: usize,
    all: bool,
    edges: usize,
    paths: Vec<Path>,
}

struct Path {
    nodes: Vec<u32>,
    parts: Vec<(usize, usize, bool)>,
    edges: Vec<u32>,
    inner: Vec<u32>,
}

impl Sink for Kept {
    type Error = GraphError;

    fn take(&mut self, found: &Found<'_>) -> Result<(), GraphError> {
        let mut path = Path {
            nodes: found.nodes.to_vec(),
            parts: Vec::with_capacity(self.edges),
            edges: Vec::new(),
            inner: Vec::new(),
        };
        for edge in 0..self.edges {
            let start = path.edges.len();
            found.edges(edge, |edge| path.edges.push(edge));
            found.inner_nodes(edge, |node| path.inner.push(node));
            // One entry for the node where the edge ends keeps both lists in step.
            path.inner.resize(path.edges.len(), u32::MAX);
            path.parts.push((start, path.edges.len(), false));
        }
        if path.edges.len() < self.length {
            self.length = path.edges.len();
            self.paths.clear();
        } else if path.edges.len() > self.length || !self.all {
            return Ok(());
        }
        self.paths.push(path);
        Ok(())
    }
}
