//! After a change: what is searched again and what stays are together what a new search finds.

use proptest::prelude::*;
use stance_exposure::path::Match;
use stance_exposure::search::{Limits, search, search_through};
use stance_exposure::{Graph, GraphDraft};

use super::scenes::{Scene, SceneEdge, SceneNode, edge, node, rule, scene, words};

/// What becomes of one node: taken away, or other facts and edges that it states.
#[derive(Debug, Clone)]
struct Turn {
    node: usize,
    becomes: Option<(SceneNode, Vec<SceneEdge>)>,
}

fn turn() -> impl Strategy<Value = Turn> {
    let becomes = (node(), proptest::collection::vec(edge(7), 0..4));
    (0..8usize, proptest::option::weighted(0.8, becomes))
        .prop_map(|(node, becomes)| Turn { node, becomes })
}

/// The scene after the turn; node 8 and above are new. Nodes keep their labels.
fn after(scene: &Scene, turn: &Turn) -> Scene {
    let mut scene = scene.clone();
    let number = turn.node.min(scene.nodes.len());
    let Some((node, edges)) = &turn.becomes else {
        return scene;
    };
    let mut node = node.clone();
    if let Some(before) = scene.nodes.get(number) {
        node.label = before.label;
        scene.nodes[number] = node;
    } else {
        scene.nodes.push(node);
    }
    // Every other edge stays, the first of the node's own among them.
    let mut own = 0;
    scene.edges.retain(|edge| {
        own += usize::from(edge.source == number);
        edge.source != number || own == 1
    });
    let count = scene.nodes.len();
    scene.edges.extend(edges.iter().map(|edge| SceneEdge {
        source: number,
        target: edge.target % count,
        ..edge.clone()
    }));
    scene
}

/// Tells the graph what the node states now.
fn tell(graph: &mut Graph, scene: &Scene, number: usize) -> Vec<u32> {
    let id = format!("n{number}");
    let mut draft = GraphDraft::new();
    if let Some(node) = scene.nodes.get(number) {
        node.draft(&id, &mut draft);
    }
    for (place, edge) in scene.edges.iter().enumerate() {
        if edge.source == number {
            draft.edge(edge.draft(place, &id, words()));
        }
    }
    graph.replace(&[id.to_uppercase()], draft, words())
}

/// What a match says, without numbers of edges.
fn told(matches: &[Match]) -> Vec<String> {
    let told = |one: &Match| {
        format!(
            "{:?} {:?} {:?} {}",
            one.entry, one.target, one.confidence, one.alternatives
        )
    };
    let mut all: Vec<String> = matches.iter().map(told).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_searched_again_and_what_stays_make_a_whole(
        scene in scene(),
        rule in rule(true),
        turns in proptest::collection::vec(turn(), 1..3),
    ) {
        let pattern = rule.compile(words()).unwrap();
        let limits = Limits::default();
        let mut graph = scene.graph(words());
        let before = search(&graph, &pattern, &limits, &|| false);
        let mut scene = scene;
        let mut changed = Vec::new();
        for turn in &turns {
            let number = turn.node.min(scene.nodes.len());
            if turn.becomes.is_none() {
                let draft = GraphDraft::new();
                let id = format!("n{number}");
                changed.extend(graph.replace(&[id], draft, words()));
                scene.edges.retain(|edge| edge.source != number && edge.target != number);
                continue;
            }
            scene = after(&scene, turn);
            changed.extend(tell(&mut graph, &scene, number));
        }
        let new = search_through(&graph, &pattern, &limits, &changed, &|| false);
        let together = new.over(&pattern, before.matches);
        let whole = search(&graph, &pattern, &limits, &|| false);
        prop_assert_eq!(told(&together), told(&whole.matches));
    }

    #[test]
    fn a_graph_told_of_changes_is_like_one_made_anew(scene in scene(), rule in rule(true), turn in turn()) {
        prop_assume!(turn.becomes.is_some());
        let pattern = rule.compile(words()).unwrap();
        let mut graph = scene.graph(words());
        let number = turn.node.min(scene.nodes.len());
        let scene = after(&scene, &turn);
        tell(&mut graph, &scene, number);
        let anew = scene.graph(words());
        let limits = Limits::default();
        let [one, other] = [&graph, &anew].map(|graph| search(graph, &pattern, &limits, &|| false));
        prop_assert_eq!(told(&one.matches), told(&other.matches));
    }
}
