//! `graph-match` and `graph-shortest-paths`.

use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, RecordBatch};
use datafusion::common::{DataFusionError, Result};

use super::emitter::{Degrees, Emitter, OutputSource, Rows};
use super::numbered::Numbered;
use super::{GraphMatchOperator, GraphOutput, MAX_STEPS};
use crate::graph::budget::{Allowance, Budget};
use crate::graph::prune::{prune, worthwhile};
use crate::graph::reach::{Reach, is_exact};
use crate::graph::shortest::Shortest;
use crate::graph::{
    EdgeList, Found, Graph, NodeVariable, Pattern, PatternEdge, Plan, Search, Sink,
};
use crate::operators::OperatorContext;

/// Most edges of one pattern that have different conditions.
const MAX_CONDITIONS: usize = u16::BITS as usize;

/// Below this many edges a graph is searched by one thread.
const THREADED_EDGES: usize = 10_000;

/// Starts that a thread takes at once.
const CHUNK: usize = 16;

/// How a search goes.
enum Way {
    /// Every match.
    Matches,
    /// Shortest paths, all or one for each pair.
    Shortest(bool),
    /// Each pair of ends once.
    Pairs,
    /// Each end once.
    Ends,
}

impl GraphMatchOperator {
    pub(crate) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let mut numbered = Numbered::new(&self.graph, inputs, context)?;
        let degrees = self.degrees(&numbered);
        let mut pattern = self.pattern(&numbered)?;
        let list = self.edge_list(&mut numbered, &mut pattern)?;
        let nodes = numbered.node_count();
        context.reserve(16 * nodes + 10 * list.ends.len())?;
        let mut graph = Graph::new(nodes, list)?;
        let mut plan = Plan::new(&pattern, &graph);
        let way = self.way(&mut plan, &pattern, nodes);
        let chosen = match way {
            Way::Shortest(_) => Vec::new(),
            _ => worthwhile(&pattern, &plan, &graph),
        };
        let walks_back =
            plan.goes_backward() || chosen.contains(&true) || matches!(way, Way::Shortest(_));
        if walks_back {
            context.reserve(8 * graph.edges() + 4 * nodes)?;
            graph.index_backward();
        }
        if chosen.contains(&true) {
            context.reserve(nodes * chosen.len())?;
            let stopped = || context.check().is_err();
            let allowance = Allowance::new(MAX_STEPS, &stopped);
            let mut budget = Budget::new(&allowance);
            prune(&mut pattern, &mut plan, &graph, &chosen, &mut budget)?;
        }
        let sources = self
            .outputs
            .iter()
            .map(|output| OutputSource::new(output, &numbered))
            .collect::<Result<Vec<_>>>()?;
        let rows = Rows {
            numbered: &numbered,
            graph: &graph,
            sources,
            degrees,
        };
        search(&rows, &pattern, &plan, &way, context)
    }

    fn degrees(&self, numbered: &Numbered<'_>) -> Degrees {
        let mut degrees = Degrees::default();
        let wanted = |leaving: bool| {
            let is_wanted = |output: &GraphOutput| matches!(output, GraphOutput::Degree(_, of_leaving) if *of_leaving == leaving);
            self.outputs.iter().any(is_wanted)
        };
        let count = |ends: &mut dyn Iterator<Item = u32>| {
            let mut counts = vec![0_u32; numbered.node_count()];
            for end in ends {
                counts[end as usize] += 1;
            }
            counts
        };
        if wanted(true) {
            degrees.leaving = count(&mut numbered.ends.iter().map(|end| end.0));
        }
        if wanted(false) {
            degrees.entering = count(&mut numbered.ends.iter().map(|end| end.1));
        }
        degrees
    }

    fn pattern(&self, numbered: &Numbered<'_>) -> Result<Pattern> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let candidates = match &node.condition {
                Some(condition) => Some(numbered.nodes_where(condition)?),
                None => None,
            };
            nodes.push(NodeVariable { candidates });
        }
        let mut edges = Vec::with_capacity(self.edges.len());
        for edge in &self.edges {
            let inner = match &edge.inner {
                Some(condition) => Some(numbered.nodes_where(condition)?),
                None => None,
            };
            edges.push(PatternEdge {
                from: edge.from,
                to: edge.to,
                direction: edge.direction,
                steps: edge.steps,
                conditions: 0,
                inner,
            });
        }
        Ok(Pattern {
            nodes,
            edges,
            cycles: self.cycles,
        })
    }

    /// The edges that some edge of the pattern may be. Where all edges of the pattern ask the same,
    /// nothing is left to ask of those.
    fn edge_list(&self, numbered: &mut Numbered<'_>, pattern: &mut Pattern) -> Result<EdgeList> {
        let mut columns: Vec<usize> = self
            .edges
            .iter()
            .filter_map(|edge| edge.condition)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        if columns.len() > MAX_CONDITIONS {
            let message = format!(
                "a graph pattern has more than {MAX_CONDITIONS} different conditions on edges"
            );
            return Err(DataFusionError::ResourcesExhausted(message));
        }
        let ends = std::mem::take(&mut numbered.ends);
        let rows = std::mem::take(&mut numbered.rows);
        if columns.is_empty() {
            return Ok(EdgeList {
                ends,
                rows,
                conditions: Vec::new(),
            });
        }
        let all_ask = self.edges.iter().all(|edge| edge.condition.is_some());
        let is_uniform = all_ask && columns.len() == 1;
        for (edge, part) in pattern.edges.iter_mut().zip(&self.edges) {
            let bit = part
                .condition
                .and_then(|column| columns.binary_search(&column).ok());
            edge.conditions = match bit {
                Some(bit) if !is_uniform => 1 << bit,
                _ => 0,
            };
        }
        let bools = columns
            .iter()
            .map(|column| numbered.edges.bools(*column))
            .collect::<Result<Vec<_>>>()?;
        let mut list = EdgeList::default();
        for (end, row) in ends.into_iter().zip(rows) {
            let (batch, place) = numbered.edges.locate(row as usize);
            let mut met = 0_u16;
            for (bit, bools) in bools.iter().enumerate() {
                let bools = bools[batch];
                if bools.is_valid(place) && bools.value(place) {
                    met |= 1 << bit;
                }
            }
            if all_ask && met == 0 {
                continue;
            }
            list.ends.push(end);
            list.rows.push(row);
            if !is_uniform {
                list.conditions.push(met);
            }
        }
        Ok(list)
    }

    /// How to search; where each end is wanted once, the plan starts at the other end.
    fn way(&self, plan: &mut Plan, pattern: &Pattern, nodes: usize) -> Way {
        if let Some(all) = self.shortest {
            return Way::Shortest(all);
        }
        let mut asked = Vec::new();
        for output in &self.outputs {
            match output {
                GraphOutput::Node(node, _) => asked.push(*node),
                _ => return Way::Matches,
            }
        }
        asked.sort_unstable();
        asked.dedup();
        if !self.distinct || asked.is_empty() || !is_exact(pattern, plan) {
            return Way::Matches;
        }
        if let ([end], [step]) = (asked.as_slice(), plan.steps.as_slice())
            && pattern.cycles != crate::graph::Cycles::None
        {
            if step.to != *end {
                let counts: Vec<usize> = (0..pattern.nodes.len())
                    .map(|variable| pattern.candidates(variable, nodes))
                    .collect();
                *plan = Plan::starting_at(pattern, &counts, step.to);
            }
            return Way::Ends;
        }
        Way::Pairs
    }
}

/// Runs the search on as many threads as are worth it.
fn search(
    rows: &Rows<'_>,
    pattern: &Pattern,
    plan: &Plan,
    way: &Way,
    context: &mut OperatorContext,
) -> Result<()> {
    let nodes = rows.numbered.node_count();
    let start = match way {
        Way::Shortest(_) => Shortest::start_of(rows.graph, pattern),
        _ => plan.start,
    };
    let candidates = pattern
        .nodes
        .get(start)
        .and_then(|node| node.candidates.as_ref());
    let starts: Vec<u32> = match candidates {
        Some(candidates) => candidates.iter().collect(),
        None => (0..nodes as u32).collect(),
    };
    let threads = if matches!(way, Way::Ends) || rows.graph.edges() < THREADED_EDGES {
        1
    } else {
        let most = starts.len().div_ceil(CHUNK).max(1);
        context
            .task()
            .session_config()
            .target_partitions()
            .clamp(1, most)
    };
    let per_thread = match way {
        Way::Shortest(_) => Shortest::bytes(rows.graph, pattern),
        Way::Pairs | Way::Ends => 4 * nodes,
        Way::Matches => 0,
    };
    context.reserve(threads * per_thread + 4 * starts.len())?;
    let context: &OperatorContext = context;
    let stopped = || context.check().is_err();
    let allowance = Allowance::new(MAX_STEPS, &stopped);
    let worker = Worker {
        rows,
        pattern,
        plan,
        way,
        starts: &starts,
        next: AtomicUsize::new(0),
    };
    if threads == 1 {
        return worker.work(&allowance, context);
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = (1..threads)
            .map(|_| scope.spawn(|| worker.work(&allowance, context)))
            .collect();
        let mut result = worker.work(&allowance, context);
        for handle in handles {
            let other = handle.join().unwrap_or_else(|_| {
                let message = "a thread of a graph search failed".to_owned();
                Err(DataFusionError::Internal(message))
            });
            result = result.and(other);
        }
        result
    })
}

/// What the threads of a search share.
struct Worker<'a> {
    rows: &'a Rows<'a>,
    pattern: &'a Pattern,
    plan: &'a Plan,
    way: &'a Way,
    starts: &'a [u32],
    next: AtomicUsize,
}

impl Worker<'_> {
    /// Takes starts until there are none left.
    fn work(&self, allowance: &Allowance<'_>, context: &OperatorContext) -> Result<()> {
        let mut emitter = Emitter::new(self.rows, context);
        let result = self.search(&mut Budget::new(allowance), &mut emitter);
        if result.is_err() {
            // The other threads need not go on.
            self.next.store(self.starts.len(), Ordering::Relaxed);
        }
        result?;
        emitter.finish()
    }

    fn search(&self, budget: &mut Budget<'_>, emitter: &mut Emitter<'_>) -> Result<()> {
        let graph = self.rows.graph;
        match (self.way, self.plan.steps.as_slice()) {
            (Way::Shortest(all), _) => {
                let mut search = Shortest::new(graph, self.pattern, *all)?;
                self.each_start(|start| search.run(start, budget, emitter))
            }
            (Way::Pairs, [step]) => {
                let mut reach = Reach::new(graph, self.pattern, step);
                self.each_start(|start| {
                    reach.run(&[start], budget, |end| {
                        give_pair((step.from, start), (step.to, end), emitter)
                    })
                })
            }
            (Way::Ends, [step]) => {
                Reach::new(graph, self.pattern, step).run(self.starts, budget, |end| {
                    give_pair((step.from, 0), (step.to, end), emitter)
                })
            }
            _ => {
                let mut search = Search::new(graph, self.pattern, self.plan);
                self.each_start(|start| search.run(start, budget, emitter))
            }
        }
    }

    fn each_start(&self, mut run: impl FnMut(u32) -> Result<()>) -> Result<()> {
        loop {
            let first = self.next.fetch_add(CHUNK, Ordering::Relaxed);
            let Some(starts) = self.starts.get(first..) else {
                return Ok(());
            };
            if starts.is_empty() {
                return Ok(());
            }
            for start in starts.iter().take(CHUNK) {
                run(*start)?;
            }
        }
    }
}

/// A row of two ends and nothing between.
fn give_pair(
    from: (usize, u32),
    to: (usize, u32),
    emitter: &mut Emitter<'_>,
) -> std::result::Result<(), DataFusionError> {
    let mut nodes = [0; 2];
    for (variable, node) in [from, to] {
        if let Some(slot) = nodes.get_mut(variable) {
            *slot = node;
        }
    }
    emitter.take(&Found::new(&nodes, &[], &[], &[]))
}
