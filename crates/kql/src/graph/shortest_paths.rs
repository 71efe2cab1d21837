//! Shortest paths read off from distances.

use super::budget::{Budget, GraphError};
use super::found::{Found, Sink};
use super::pattern::Cycles;
use super::plan::Plan;
use super::search::Search;
use super::shortest::{Place, Shortest};

/// Goes back along one path.
struct Back {
    place: Place,
    edge: u32,
    before: Vec<(Place, u32)>,
}

impl Shortest<'_> {
    /// The paths to an end, found from its side.
    pub(super) fn read_off<S: Sink>(
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
    fn back(&self, place: Place, edge: u32, budget: &mut Budget<'_>) -> Result<Back, GraphError> {
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
        let from = if plan.start == self.start() {
            start
        } else {
            end
        };
        Search::new(self.graph, &pattern, &plan).run(from, budget, &mut kept)?;
        for path in &kept.paths {
            sink.take(&Found::new(
                &path.nodes,
                &path.parts,
                &path.edges,
                &path.inner,
            ))?;
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
