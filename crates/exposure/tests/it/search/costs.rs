//! What a search costs, and what it says when that is too much.

use std::fmt::Write as _;

use stance_exposure::rule::{Rule, read_rule};
use stance_exposure::search::{Limits, search, search_through};
use stance_exposure::{EdgeDraft, Graph, GraphDraft, NodeDraft};

use super::scenes::words;

fn rule(path: &str) -> Rule {
    let text =
        "{name: r, displayName: R, description: d, severity: Low, entry: a, target: b, path: ";
    read_rule(&format!("{text}{path}}}")).unwrap()
}

/// `count` nodes `PREFIX0`, … and these edges `uses`.
fn graph(nodes: &[(&str, usize)], edges: &[(String, String)]) -> Graph {
    let mut draft = GraphDraft::new();
    for (prefix, count) in nodes {
        for number in 0..*count {
            draft.node(NodeDraft {
                id: format!("{prefix}{number}"),
                label: (*prefix).to_owned(),
                ..NodeDraft::default()
            });
        }
    }
    for (source, target) in edges {
        draft.edge(EdgeDraft {
            label: "uses".to_owned(),
            source: source.clone(),
            target: target.clone(),
            ..EdgeDraft::default()
        });
    }
    draft.close(words())
}

fn id(prefix: &str, number: usize) -> String {
    format!("{prefix}{number}")
}

#[test]
fn searching_again_costs_what_lies_around_the_change() {
    let many = 2000;
    let edges: Vec<_> = (0..many)
        .flat_map(|one| {
            [
                (id("agent", one), id("tool", one)),
                (id("tool", one), id("store", one)),
            ]
        })
        .collect();
    let graph = graph(&[("agent", many), ("tool", many), ("store", many)], &edges);
    let rule = rule(
        "[{node: a, label: [agent]}, {edge: [uses], repeat: 1..3}, {node: b, label: [store]}]",
    );
    let pattern = rule.compile(words()).unwrap();
    let limits = Limits::default();
    let whole = search(&graph, &pattern, &limits, &|| false);
    assert_eq!(whole.matches.len(), many);
    let changed = [graph.find("tool7").unwrap()];
    let again = search_through(&graph, &pattern, &limits, &changed, &|| false);
    assert_eq!(again.matches.len(), 1);
    assert!(again.expansions < 100, "{}", again.expansions);
    assert_eq!(again.over(&pattern, whole.matches.clone()), whole.matches);
}

#[test]
fn many_routes_between_two_nodes_cost_no_more_than_their_edges() {
    // Six rungs of thirty nodes, each joined with all of the next: 30^6 routes.
    let (rungs, wide) = (6, 30);
    let mut edges = Vec::new();
    for rung in 1..rungs {
        for (one, other) in (0..wide).flat_map(|one| (0..wide).map(move |other| (one, other))) {
            edges.push((
                id("rung", (rung - 1) * wide + one),
                id("rung", rung * wide + other),
            ));
        }
    }
    for one in 0..wide {
        edges.push(("in0".to_owned(), id("rung", one)));
        edges.push((id("rung", (rungs - 1) * wide + one), "out0".to_owned()));
    }
    let graph = graph(&[("in", 1), ("out", 1), ("rung", rungs * wide)], &edges);
    let rule = rule(
        "[{node: a, label: [in]}, {edge: [uses], repeat: 1..4}, {node: m}, {edge: [uses], repeat: 1..6}, {node: b, label: [out]}]",
    );
    let pattern = rule.compile(words()).unwrap();
    let found = search(&graph, &pattern, &Limits::default(), &|| false);
    assert_eq!(found.bounded, None);
    assert_eq!(found.matches.len(), 1);
    assert_eq!(found.matches[0].nodes.len(), rungs + 2);
    assert!(found.matches[0].more_alternatives);
    assert!(found.expansions < 500_000, "{}", found.expansions);
}

#[test]
fn what_a_limit_keeps_out_is_said() {
    let edges: Vec<_> = (0..50)
        .flat_map(|one| (0..50).map(move |other| (id("agent", one), id("tool", other))))
        .collect();
    let graph = graph(&[("agent", 50), ("tool", 50)], &edges);
    let rule = rule("[{node: a, label: [agent]}, {edge: [uses]}, {node: b, label: [tool]}]");
    let pattern = rule.compile(words()).unwrap();
    let mut said = String::new();
    for limits in [
        Limits {
            matches: 10,
            ..Limits::default()
        },
        Limits {
            edge_visits: 6000,
            ..Limits::default()
        },
        Limits {
            edge_visits: 1,
            ..Limits::default()
        },
    ] {
        let found = search(&graph, &pattern, &limits, &|| false);
        let bound = found.bounded.clone().unwrap();
        let _ = writeln!(
            said,
            "{} {} {}",
            bound.what,
            bound.limit,
            found.matches.len() < 2500
        );
        assert_eq!(found, search(&graph, &pattern, &limits, &|| false));
    }
    assert_eq!(
        said,
        "matches 10 true\nedges looked at 6000 true\nedges looked at 1 true\n"
    );
}
