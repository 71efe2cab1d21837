//! Rules in KQL, and rules as KQL.

use stance_exposure::rule::{PathRow, embedded_rules, matches_from_rows, read_rule};
use stance_exposure::search::Limits;
use stance_exposure::{Confidence, EdgeDraft, Graph, GraphDraft, NodeDraft, Vocabulary};

const RULE: &str = "
name: a
displayName: A
description: d
severity: Low
query: ExposureGraphEdges | make-graph SourceNodeId --> TargetNodeId with ExposureGraphNodes on NodeId
entry: first
target: last
";

fn graph() -> Graph {
    let words = Vocabulary::embedded().unwrap();
    let mut draft = GraphDraft::new();
    for id in ["a", "b", "c"] {
        draft.node(NodeDraft {
            id: id.to_owned(),
            ..NodeDraft::default()
        });
    }
    for (source, target, confidence) in [
        ("a", "b", Confidence::High),
        ("b", "c", Confidence::Low),
        ("a", "c", Confidence::High),
    ] {
        draft.edge(EdgeDraft {
            label: "uses".to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            confidence,
            ..EdgeDraft::default()
        });
    }
    draft.close(&words)
}

#[test]
fn rows_become_one_match_for_each_pair() {
    let graph = graph();
    let rule = read_rule(RULE).unwrap();
    let id = |source: &str, target: &str| {
        let ends = (graph.find(source).unwrap(), graph.find(target).unwrap());
        let edge = (0..)
            .zip(graph.edges())
            .find(|(_, edge)| (edge.source, edge.target) == ends);
        graph.edge_id(edge.unwrap().0)
    };
    let row = |nodes: &[&str], edges: &[String]| PathRow {
        nodes: nodes.iter().map(|one| (*one).to_owned()).collect(),
        edges: edges.to_vec(),
    };
    let rows = [
        row(&["a", "b", "c"], &[id("a", "b"), id("b", "c")]),
        row(&["a", "c"], &[id("a", "c")]),
        row(&["b", "a"], &[id("a", "b")]),
        row(&["a", "b"], &[id("b", "c")]),
        row(&["a", "x"], &[id("a", "b")]),
        row(&["a", "b"], &[]),
    ];
    let (found, left_out) = matches_from_rows(&graph, &rule, &rows, &Limits::default());
    assert_eq!(left_out, 3);
    assert_eq!(found.matches.len(), 2);
    let best = found.matches.iter().find(|one| one.entry == 0).unwrap();
    assert_eq!(
        (best.confidence, best.nodes.len(), best.alternatives),
        (Confidence::High, 2, 1)
    );
    assert_eq!(id("a", "b").len(), 32);
}

#[test]
fn a_rule_in_kql_has_no_path_beside_it() {
    assert!(read_rule(&RULE.replace("entry: first", "entry: fraud")).is_err());
    assert!(read_rule(&format!("{RULE}path: [{{node: a}}]\n")).is_err());
    let rule = read_rule(RULE).unwrap();
    let words = Vocabulary::embedded().unwrap();
    let problem = rule.compile(&words).unwrap_err().to_string();
    assert!(problem.contains("matches_from_rows"), "{problem}");
}

#[test]
fn a_pattern_is_written_as_kql() {
    let words = Vocabulary::embedded().unwrap();
    let (rules, _) = embedded_rules();
    let kql = |name: &str| {
        let rule = rules.iter().find(|rule| rule.name == name).unwrap();
        rule.compile(&words).unwrap().to_kql()
    };
    let injection = kql("indirect-prompt-injection-privileged-action");
    assert!(
        injection.contains("[step_3*1..2]->(node_tool)"),
        "{injection}"
    );
    let deputy = kql("agent-confused-deputy");
    assert!(deputy.contains("| where id_user !in (Side0)"), "{deputy}");
    let key = kql("long-lived-key-model");
    assert!(
        key.contains("contains_cs '\"use model: ' or "),
        "what an edge grants: {key}"
    );
    let store = kql("internet-openai-sensitive-store");
    assert!(store.contains("set_has_element(grant.EdgeProperties.rawData.permissions, strcat('read data: ', held.NodeLabel))"), "{store}");
    assert!(
        store.contains("isnotnull(node_store.NodeProperties.rawData.containsSensitiveData)"),
        "{store}"
    );
}
