//! The rows of a rule in KQL as matches.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Rule;
use crate::graph::{Confidence, EdgeNumber, Graph, NodeNumber};
use crate::path::Match;
use crate::search::{Bound, Found, Limits};

/// One row: ids of the nodes in order, and of the edges between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRow {
    /// `Nodes`.
    pub nodes: Vec<String>,
    /// `Edges`.
    pub edges: Vec<String>,
}

/// The matches that the rows of a rule in KQL are: one for each pair of entry and target, as the search gives them. A row
/// that is no path of this graph (an unknown node, an edge that does not join its neighbours) is left out; the second
/// value counts these.
pub fn matches_from_rows(
    graph: &Graph,
    rule: &Rule,
    rows: &[PathRow],
    limits: &Limits,
) -> (Found, usize) {
    let mut best: BTreeMap<(NodeNumber, NodeNumber), Match> = BTreeMap::new();
    let mut left_out = 0;
    for row in rows {
        let Some(found) = path(graph, rule, row) else {
            left_out += 1;
            continue;
        };
        let Some(known) = best.get_mut(&(found.entry, found.target)) else {
            best.insert((found.entry, found.target), found);
            continue;
        };
        let others = known.alternatives + 1;
        if worth(&found) < worth(known) {
            *known = found;
        }
        known.more_alternatives = others >= limits.routes;
        known.alternatives = others.min(limits.routes);
    }
    let mut matches: Vec<Match> = best.into_values().collect();
    let bounded = (matches.len() > limits.matches).then_some(Bound {
        what: "matches",
        limit: limits.matches as u64,
    });
    matches.truncate(limits.matches);
    matches.sort_by(|one, other| worth(one).cmp(&worth(other)));
    let found = Found {
        matches,
        bounded,
        ..Found::default()
    };
    (found, left_out)
}

type Worth<'a> = (
    Reverse<Confidence>,
    usize,
    &'a [NodeNumber],
    &'a [EdgeNumber],
);

fn worth(found: &Match) -> Worth<'_> {
    (
        Reverse(found.confidence),
        found.nodes.len(),
        &found.nodes,
        &found.edges,
    )
}

fn path(graph: &Graph, rule: &Rule, row: &PathRow) -> Option<Match> {
    let nodes = row.nodes.iter().map(|id| graph.find(id));
    let nodes: Vec<NodeNumber> = nodes.collect::<Option<_>>()?;
    if row.edges.len() + 1 != nodes.len() {
        return None;
    }
    let mut edges = Vec::new();
    let mut confidence = Confidence::High;
    for (id, ends) in row.edges.iter().zip(nodes.windows(2)) {
        let edge = between(graph, ends[0], ends[1], id)
            .or_else(|| between(graph, ends[1], ends[0], id))?;
        confidence = confidence.min(graph.edge(edge).confidence);
        edges.push(edge);
    }
    let places = [&rule.entry, &rule.target].map(|place| match place.as_str() {
        "first" => Some(0),
        "last" => nodes.len().checked_sub(1),
        number => number.parse().ok(),
    });
    let [entry, target] = places.map(|place| place.filter(|place| *place < nodes.len()));
    let (entry, target) = (entry?, target?);
    Some(Match {
        aliases: (0..nodes.len()).collect(),
        entry: nodes[entry],
        target: nodes[target],
        nodes,
        routes: vec![edges.clone()],
        edges,
        confidence,
        alternatives: 0,
        more_alternatives: false,
    })
}

fn between(graph: &Graph, from: NodeNumber, to: NodeNumber, id: &str) -> Option<EdgeNumber> {
    let mut joining = graph
        .leaving(from)
        .filter(|edge| graph.edge(*edge).target == to);
    joining.find(|edge| graph.edge_id(*edge) == id)
}
