//! The searches against a naive one that tries everything.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::budget::{Allowance, Budget, GraphError};
use super::numbering::{LongNumbers, TextNumbers};
use super::prune::{prune, worthwhile};
use super::reach::{Reach, is_exact};
use super::shortest::Shortest;
use super::*;

const NODES: usize = 6;

/// A match: nodes of the variables, and for each pattern edge its edges (by row) and inner nodes.
type Match = (Vec<u32>, Vec<(Vec<u32>, Vec<u32>)>);

struct Collected {
    rows: Vec<u32>,
    edges: usize,
    matches: Vec<Match>,
}

impl Sink for Collected {
    type Error = GraphError;

    fn take(&mut self, found: &Found<'_>) -> Result<(), GraphError> {
        let mut parts = Vec::new();
        for edge in 0..self.edges {
            let (mut edges, mut inner) = (Vec::new(), Vec::new());
            found.edges(edge, |edge| edges.push(self.rows[edge as usize]));
            found.inner_nodes(edge, |node| inner.push(node));
            parts.push((edges, inner));
        }
        self.matches.push((found.nodes.to_vec(), parts));
        Ok(())
    }
}

struct Counted(u64);

impl Sink for Counted {
    type Error = GraphError;

    fn take(&mut self, _: &Found<'_>) -> Result<(), GraphError> {
        self.0 += 1;
        Ok(())
    }

    fn count(&mut self, matches: u64) -> Result<(), GraphError> {
        self.0 += matches;
        Ok(())
    }

    fn counts_only(&self) -> bool {
        true
    }
}

#[derive(Debug, Clone)]
struct Case {
    /// From, to, whether the condition holds.
    edges: Vec<(u32, u32, bool)>,
    pattern: Pattern,
}

fn naive(case: &Case) -> BTreeSet<Match> {
    let mut found = BTreeSet::new();
    let mut nodes = vec![None; case.pattern.nodes.len()];
    let mut parts = Vec::new();
    extend(case, 0, &mut nodes, &mut parts, &mut found);
    found
}

/// Tries every walk for the pattern's edge of this position, in the order of the pattern.
fn extend(
    case: &Case,
    edge: usize,
    nodes: &mut Vec<Option<u32>>,
    parts: &mut Vec<(Vec<u32>, Vec<u32>)>,
    found: &mut BTreeSet<Match>,
) {
    let Some(wanted) = case.pattern.edges.get(edge) else {
        let nodes: Vec<u32> = nodes.iter().map(|node| node.unwrap()).collect();
        if allowed(case, &nodes, parts) {
            found.insert((nodes, parts.clone()));
        }
        return;
    };
    for start in 0..NODES as u32 {
        if nodes[wanted.from].is_some_and(|known| known != start)
            || !case.pattern.admits(wanted.from, start)
        {
            continue;
        }
        let before = nodes[wanted.from].replace(start);
        let mut walks = vec![(start, Vec::new(), Vec::new())];
        for length in 0..=wanted.steps.1 {
            let mut next = Vec::new();
            for (here, edges, visited) in walks {
                if length >= wanted.steps.0
                    && nodes[wanted.to].is_none_or(|known| known == here)
                    && case.pattern.admits(wanted.to, here)
                {
                    let before = nodes[wanted.to].replace(here);
                    let inner: Vec<u32> = visited
                        .iter()
                        .copied()
                        .take(edges.len().max(1) - 1)
                        .collect();
                    parts.push((edges.clone(), inner));
                    extend(case, edge + 1, nodes, parts, found);
                    parts.pop();
                    nodes[wanted.to] = before;
                }
                if length > 0 && wanted.inner.as_ref().is_some_and(|inner| !inner.has(here)) {
                    continue;
                }
                for (row, (source, target, holds)) in case.edges.iter().enumerate() {
                    if wanted.conditions != 0 && !holds {
                        continue;
                    }
                    let mut ends = BTreeSet::new();
                    if *source == here && wanted.direction != Direction::Backward {
                        ends.insert(*target);
                    }
                    if *target == here && wanted.direction != Direction::Forward {
                        ends.insert(*source);
                    }
                    for end in ends {
                        let mut edges: Vec<u32> = edges.clone();
                        edges.push(row as u32);
                        let mut visited: Vec<u32> = visited.clone();
                        visited.push(end);
                        next.push((end, edges, visited));
                    }
                }
            }
            walks = next;
        }
        nodes[wanted.from] = before;
    }
}

/// Whether nothing repeats that must not.
fn allowed(case: &Case, nodes: &[u32], parts: &[(Vec<u32>, Vec<u32>)]) -> bool {
    let edges: Vec<u32> = parts.iter().flat_map(|part| part.0.clone()).collect();
    let distinct: BTreeSet<u32> = edges.iter().copied().collect();
    match case.pattern.cycles {
        Cycles::All => true,
        Cycles::UniqueEdges => distinct.len() == edges.len(),
        Cycles::None => {
            // A tree has one node more than edges; variables joined by an empty path are one node.
            let inner = parts.iter().flat_map(|part| part.1.iter().copied());
            let all: BTreeSet<u32> = nodes.iter().copied().chain(inner).collect();
            distinct.len() == edges.len() && all.len() == edges.len() + 1
        }
    }
}

fn graph_of(case: &Case) -> Graph {
    let list = EdgeList {
        ends: case.edges.iter().map(|edge| (edge.0, edge.1)).collect(),
        rows: (0..case.edges.len() as u32).collect(),
        conditions: case.edges.iter().map(|edge| u16::from(edge.2)).collect(),
    };
    let mut graph = Graph::new(NODES, list).unwrap();
    graph.index_backward();
    graph
}

fn with_budget<T>(
    limit: u64,
    work: impl FnOnce(&mut Budget<'_>) -> Result<T, GraphError>,
) -> Result<T, GraphError> {
    let allowance = Allowance::new(limit, &|| false);
    work(&mut Budget::new(&allowance))
}

fn search(case: &Case, with_pruning: bool) -> (Vec<Match>, u64) {
    let graph = graph_of(case);
    let mut pattern = case.pattern.clone();
    let mut plan = Plan::new(&pattern, &graph);
    let rows = (0..graph.edges() as u32)
        .map(|edge| graph.row(edge))
        .collect();
    let mut collected = Collected {
        rows,
        edges: pattern.edges.len(),
        matches: Vec::new(),
    };
    let mut counted = Counted(0);
    with_budget(u64::MAX, |budget| {
        if with_pruning {
            let possible =
                |step: &plan::Step| !step.closes && pattern.nodes[step.to].candidates.is_some();
            let chosen: Vec<bool> = plan.steps.iter().map(possible).collect();
            prune(&mut pattern, &mut plan, &graph, &chosen, budget)?;
        } else {
            let chosen = worthwhile(&pattern, &plan, &graph);
            assert_eq!(chosen.len(), plan.steps.len());
        }
        let mut search = Search::new(&graph, &pattern, &plan);
        for start in 0..NODES as u32 {
            search.run(start, budget, &mut collected)?;
            search.run(start, budget, &mut counted)?;
        }
        Ok(())
    })
    .unwrap();
    (collected.matches, counted.0)
}

fn candidates() -> impl Strategy<Value = Option<Bits>> {
    prop::option::of(
        prop::bits::u8::between(0, NODES)
            .prop_map(|mask| Bits::of(NODES, |node| mask >> node & 1 == 1)),
    )
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Forward),
        Just(Direction::Backward),
        Just(Direction::Any)
    ]
}

fn steps() -> impl Strategy<Value = (u32, u32)> {
    prop_oneof![
        Just((1, 1)),
        (0_u32..3, 0_u32..3).prop_map(|(least, more)| (least, least + more)),
    ]
}

fn pattern_edge(from: usize, to: usize) -> impl Strategy<Value = PatternEdge> {
    (direction(), steps(), 0_u16..2, candidates()).prop_map(
        move |(direction, steps, conditions, inner)| PatternEdge {
            from,
            to,
            direction,
            steps,
            conditions,
            inner,
        },
    )
}

fn edges() -> impl Strategy<Value = Vec<(u32, u32, bool)>> {
    prop::collection::vec((0..NODES as u32, 0..NODES as u32, any::<bool>()), 0..9)
}

fn cycles() -> impl Strategy<Value = Cycles> {
    prop_oneof![
        Just(Cycles::All),
        Just(Cycles::UniqueEdges),
        Just(Cycles::None)
    ]
}

/// One to three edges: a chain, a star or a ring.
fn case() -> impl Strategy<Value = Case> {
    let shapes = prop_oneof![
        Just(vec![(0, 1)]),
        Just(vec![(0, 1), (1, 2)]),
        Just(vec![(0, 1), (2, 1), (1, 3)]),
        Just(vec![(0, 1), (1, 0)]),
        Just(vec![(0, 0)]),
        Just(vec![(0, 1), (1, 2), (2, 0)]),
    ];
    shapes
        .prop_flat_map(|shape: Vec<(usize, usize)>| {
            let variables = 1 + shape.iter().map(|edge| edge.0.max(edge.1)).max().unwrap();
            let parts: Vec<_> = shape
                .iter()
                .map(|edge| pattern_edge(edge.0, edge.1))
                .collect();
            (
                edges(),
                prop::collection::vec(candidates(), variables),
                parts,
                cycles(),
            )
        })
        .prop_map(|(edges, nodes, parts, cycles)| Case {
            edges,
            pattern: Pattern {
                nodes: nodes
                    .into_iter()
                    .map(|candidates| NodeVariable { candidates })
                    .collect(),
                edges: parts,
                cycles,
            },
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_search_finds_each_match_once(case in case()) {
        let expected = naive(&case);
        for with_pruning in [false, true] {
            let (found, counted) = search(&case, with_pruning);
            let distinct: BTreeSet<Match> = found.iter().cloned().collect();
            prop_assert_eq!(distinct.len(), found.len());
            prop_assert_eq!(counted, found.len() as u64);
            prop_assert_eq!(&distinct, &expected);
        }
    }

    #[test]
    fn a_breadth_first_search_finds_the_same_ends(
        edges in edges(), nodes in prop::collection::vec(candidates(), 2),
        edge in pattern_edge(0, 1), cycles in cycles(),
    ) {
        let nodes = nodes.into_iter().map(|candidates| NodeVariable { candidates }).collect();
        let case = Case { edges, pattern: Pattern { nodes, edges: vec![edge], cycles } };
        let graph = graph_of(&case);
        let plan = Plan::new(&case.pattern, &graph);
        if !is_exact(&case.pattern, &plan) {
            return Ok(());
        }
        let step = &plan.steps[0];
        let pairs: BTreeSet<(u32, u32)> = naive(&case)
            .into_iter()
            .map(|found| (found.0[step.from], found.0[step.to]))
            .collect();
        let starts: Vec<u32> = (0..NODES as u32)
            .filter(|node| case.pattern.admits(plan.start, *node))
            .collect();
        let mut reach = Reach::new(&graph, &case.pattern, step);
        let mut found = Vec::new();
        let mut ends = Vec::new();
        with_budget(u64::MAX, |budget| {
            for start in &starts {
                reach.run(&[*start], budget, |end| {
                    found.push((*start, end));
                    Ok::<(), GraphError>(())
                })?;
            }
            reach.run(&starts, budget, |end| {
                ends.push(end);
                Ok::<(), GraphError>(())
            })
        }).unwrap();
        let distinct: BTreeSet<(u32, u32)> = found.iter().copied().collect();
        prop_assert_eq!(distinct.len(), found.len());
        prop_assert_eq!(&distinct, &pairs);
        if case.pattern.cycles != Cycles::None {
            let distinct: BTreeSet<u32> = ends.iter().copied().collect();
            prop_assert_eq!(distinct.len(), ends.len());
            prop_assert_eq!(distinct, pairs.iter().map(|pair| pair.1).collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn shortest_paths_are_the_shortest_of_all_simple_ones(
        edges in edges(), nodes in prop::collection::vec(candidates(), 3),
        parts in (pattern_edge(0, 1), pattern_edge(1, 2)), two in any::<bool>(),
        all in any::<bool>(),
    ) {
        let mut nodes: Vec<NodeVariable> =
            nodes.into_iter().map(|candidates| NodeVariable { candidates }).collect();
        let mut parts = vec![parts.0, parts.1];
        if !two {
            nodes.pop();
            parts.pop();
        }
        let last = nodes.len() - 1;
        let pattern = Pattern { nodes, edges: parts, cycles: Cycles::None };
        let case = Case { edges, pattern };
        let length = |found: &Match| found.1.iter().map(|part| part.0.len()).sum::<usize>();
        let mut expected: BTreeMap<(u32, u32), Vec<Match>> = BTreeMap::new();
        for found in naive(&case) {
            expected.entry((found.0[0], found.0[last])).or_default().push(found);
        }
        for paths in expected.values_mut() {
            let least = paths.iter().map(length).min().unwrap();
            paths.retain(|path| length(path) == least);
        }
        let graph = graph_of(&case);
        let mut shortest = Shortest::new(&graph, &case.pattern, all).unwrap();
        let rows = (0..graph.edges() as u32).map(|edge| graph.row(edge)).collect();
        let edges = case.pattern.edges.len();
        let mut collected = Collected { rows, edges, matches: Vec::new() };
        with_budget(u64::MAX, |budget| {
            for start in 0..NODES as u32 {
                shortest.run(start, budget, &mut collected)?;
            }
            Ok(())
        }).unwrap();
        let mut found: BTreeMap<(u32, u32), Vec<Match>> = BTreeMap::new();
        for path in collected.matches {
            found.entry((path.0[0], path.0[last])).or_default().push(path);
        }
        for paths in found.values_mut() {
            paths.sort();
        }
        if all {
            prop_assert_eq!(found, expected);
        } else {
            prop_assert_eq!(
                found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>()
            );
            for (pair, paths) in found {
                prop_assert_eq!(paths.len(), 1);
                prop_assert!(expected[&pair].contains(&paths[0]));
            }
        }
    }

    #[test]
    fn components_are_classes_of_nodes_that_reach_each_other(edges in edges()) {
        let mut reaches = [[false; NODES]; NODES];
        let mut connected = [[false; NODES]; NODES];
        for node in 0..NODES {
            reaches[node][node] = true;
            connected[node][node] = true;
        }
        for (source, target, _) in &edges {
            reaches[*source as usize][*target as usize] = true;
            connected[*source as usize][*target as usize] = true;
            connected[*target as usize][*source as usize] = true;
        }
        for table in [&mut reaches, &mut connected] {
            for middle in 0..NODES {
                for from in 0..NODES {
                    for to in 0..NODES {
                        table[from][to] |= table[from][middle] && table[middle][to];
                    }
                }
            }
        }
        let nodes = vec![NodeVariable::default()];
        let pattern = Pattern { nodes, edges: Vec::new(), cycles: Cycles::All };
        let graph = graph_of(&Case { edges: edges.clone(), pattern });
        let ends: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.0, edge.1)).collect();
        let weak = with_budget(u64::MAX, |budget| components::weak(NODES, &ends, budget)).unwrap();
        let strong = with_budget(u64::MAX, |budget| components::strong(&graph, budget)).unwrap();
        for from in 0..NODES {
            for to in 0..NODES {
                prop_assert_eq!(weak[from] == weak[to], connected[from][to]);
                prop_assert_eq!(strong[from] == strong[to], reaches[from][to] && reaches[to][from]);
            }
        }
        for numbers in [weak, strong] {
            let used: BTreeSet<u32> = numbers.iter().copied().collect();
            prop_assert_eq!(used.len() as u32, numbers.iter().max().unwrap() + 1);
            prop_assert_eq!(numbers[0], 0);
        }
    }

    #[test]
    fn equal_ids_have_equal_numbers(ids in prop::collection::vec(any::<i8>(), 1..40), wide in any::<bool>()) {
        let ids: Vec<i64> = ids.iter().map(|id| i64::from(*id) * if wide { 1 << 50 } else { 1 }).collect();
        let mut numbers = LongNumbers::new(ids.len(), *ids.iter().min().unwrap(), *ids.iter().max().unwrap());
        let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut text_numbers = TextNumbers::new(1);
        let mut expected: BTreeMap<i64, u32> = BTreeMap::new();
        for (id, text) in ids.iter().zip(&texts) {
            let next = expected.len() as u32;
            let is_new = !expected.contains_key(id);
            let number = *expected.entry(*id).or_insert(next);
            prop_assert_eq!(numbers.number(*id).unwrap(), (number, is_new));
            prop_assert_eq!(text_numbers.number(text).unwrap(), (number, is_new));
            prop_assert_eq!(numbers.get(*id), Some(number));
            prop_assert_eq!(text_numbers.get(text), Some(number));
        }
        prop_assert_eq!(numbers.get(7 + (1 << 40)), None);
        prop_assert_eq!(text_numbers.get("x"), None);
    }
}

#[test]
fn a_search_that_grows_without_end_is_stopped() {
    // Every node is linked with every other: walks of 30 steps are beyond counting.
    let edges = (0..NODES as u32)
        .flat_map(|a| (0..NODES as u32).map(move |b| (a, b, true)))
        .collect();
    let edge = PatternEdge {
        from: 0,
        to: 1,
        direction: Direction::Any,
        steps: (1, 30),
        conditions: 0,
        inner: None,
    };
    let pattern = Pattern {
        nodes: vec![NodeVariable::default(), NodeVariable::default()],
        edges: vec![edge],
        cycles: Cycles::All,
    };
    let graph = graph_of(&Case {
        edges,
        pattern: pattern.clone(),
    });
    let plan = Plan::new(&pattern, &graph);
    let result = with_budget(1_000_000, |budget| {
        let mut counted = Counted(0);
        Search::new(&graph, &pattern, &plan).run(0, budget, &mut counted)
    });
    assert_eq!(result, Err(GraphError::TooManySteps { limit: 1_000_000 }));
}

#[test]
fn a_path_that_never_ends_is_an_error() {
    let edges = vec![(0, 1, true), (1, 0, true)];
    let edge = PatternEdge {
        from: 0,
        to: 1,
        direction: Direction::Forward,
        steps: (1, u32::MAX),
        conditions: 0,
        inner: None,
    };
    let pattern = Pattern {
        nodes: vec![NodeVariable::default(), NodeVariable::default()],
        edges: vec![edge],
        cycles: Cycles::All,
    };
    let graph = graph_of(&Case {
        edges,
        pattern: pattern.clone(),
    });
    let plan = Plan::new(&pattern, &graph);
    let result = with_budget(u64::MAX, |budget| {
        Search::new(&graph, &pattern, &plan).run(0, budget, &mut Counted(0))
    });
    assert_eq!(result, Err(GraphError::TooLong { limit: 10_000 }));
}
