//! What the search finds is what trying everything finds.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use proptest::prelude::*;
use stance_exposure::graph::NodeNumber;
use stance_exposure::path::Match;
use stance_exposure::search::{Found, Limits, search};
use stance_exposure::{Confidence, Graph};

use super::naive::{Naive, Route};
use super::scenes::{Scene, rule, scene, words};

fn whole(graph: &Graph, rule: &stance_exposure::rule::Rule) -> Found {
    let pattern = rule.compile(words()).unwrap();
    search(graph, &pattern, &Limits::default(), &|| false)
}

fn pairs(found: &Found) -> BTreeSet<(NodeNumber, NodeNumber)> {
    let matches = found.matches.iter();
    matches.map(|one| (one.entry, one.target)).collect()
}

/// The match is one of the best routes, and its edges lead along its nodes.
fn check(graph: &Graph, found: &Match, routes: &[Route]) {
    let worth = |route: &Route| (Reverse(route.confidence), route.stations.len());
    let best = routes.iter().map(worth).min().unwrap();
    assert_eq!(found.confidence, best.0.0);
    let named: Vec<_> = found.aliases.iter().map(|at| found.nodes[*at]).collect();
    let is_route = |route: &Route| {
        let mut nodes = found.nodes.iter();
        worth(route) == best
            && route.named == named
            && route
                .stations
                .iter()
                .all(|station| nodes.any(|node| node == station))
    };
    assert!(routes.iter().any(is_route), "{found:?} {routes:?}");
    assert_eq!(found.edges.len() + 1, found.nodes.len());
    for (edge, ends) in found.edges.iter().zip(found.nodes.windows(2)) {
        let edge = graph.edge(*edge);
        let (one, other) = (ends[0], ends[1]);
        assert!([(one, other), (other, one)].contains(&(edge.source, edge.target)));
    }
    let others = routes.len() as u32 - 1;
    assert_eq!(found.alternatives, others.min(8));
    assert_eq!(found.more_alternatives, others >= 8);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_pair_is_found_with_its_best_route(scene in scene(), rule in rule(true)) {
        let words = words();
        let graph = scene.graph(words);
        let all = Naive { graph: &graph, words }.pairs(&rule);
        let found = whole(&graph, &rule);
        prop_assert_eq!(&found.bounded, &None);
        prop_assert_eq!(pairs(&found), all.keys().copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(found.matches.len(), all.len());
        for one in &found.matches {
            check(&graph, one, &all[&(one.entry, one.target)]);
        }
        let order: Vec<_> = found.matches.iter().map(|one| (Reverse(one.confidence), one.nodes.len())).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn a_further_permission_takes_no_path_away(
        scene in scene(),
        rule in rule(false),
        ends in (0..7usize, 0..7usize, 0..3usize),
    ) {
        let words = words();
        let before = pairs(&whole(&scene.graph(words), &rule));
        let mut more = Scene { ..scene };
        more.edges.push(super::scenes::SceneEdge {
            source: ends.0 % more.nodes.len(),
            target: ends.1 % more.nodes.len(),
            label: 3,
            confidence: Confidence::Medium,
            capabilities: ends.2,
        });
        let after = pairs(&whole(&more.graph(words), &rule));
        prop_assert!(before.is_subset(&after));
    }

    #[test]
    fn a_bounded_search_says_so_and_finds_the_same_each_time(
        scene in scene(),
        rule in rule(false),
        most in 0..4usize,
    ) {
        let words = words();
        let graph = scene.graph(words);
        let pattern = rule.compile(words).unwrap();
        let limits = Limits { matches: most, ..Limits::default() };
        let all = whole(&graph, &rule);
        let few = search(&graph, &pattern, &limits, &|| false);
        prop_assert_eq!(few.bounded.is_some(), all.matches.len() > most);
        prop_assert_eq!(few.matches.len(), all.matches.len().min(most));
        prop_assert_eq!(&few, &search(&graph, &pattern, &limits, &|| false));
        let none = search(&graph, &pattern, &Limits::default(), &|| true);
prop_assert_eq!(none.bounded.map(|bound| bound.what), Some("time"));
        prop_assert!(none.matches.is_empty());
    }
}
