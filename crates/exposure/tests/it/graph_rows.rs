//! Rows of the two tables into a graph.

use stance_exposure::graph::{EdgeRow, NodeRow, RowLoader};
use stance_exposure::{Confidence, Graph, Vocabulary};

fn graph(words: &Vocabulary, edges: &[&str]) -> Graph {
    let mut rows = RowLoader::new(words);
    let sensitive = r#"{"rawData":{"containsSensitiveData":true,"kind":"StorageV2"},"insights":{"containsSensitiveData":{"confidence":"low"}}}"#;
    for (id, label, properties) in [
        ("bot", "managed identity", "no JSON"),
        ("docs", "microsoft.storage/storageaccounts", sensitive),
    ] {
        rows.node(NodeRow {
            id,
            label,
            name: id,
            properties,
            entity_ids: "[]",
        });
    }
    for properties in edges {
        rows.edge(EdgeRow {
            label: "Has Permissions To",
            source: "bot",
            target: "docs",
            properties,
        });
    }
    rows.finish()
}

#[test]
fn an_edge_has_its_rights_and_what_it_stands_on() {
    let words = Vocabulary::embedded().unwrap();
    let text = r#"{"source":"azure rbac","confidence":"medium","evidence":{"object":"/a\u002fb","field":"f","text":"said"},
        "rawData":{"permissions":["read data: microsoft.storage/storageaccounts","unheard of"],"role":"Reader"}}"#;
    let graph = graph(&words, &[text, text]);
    for number in [0, 1] {
        let (edge, told) = (graph.edge(number), graph.edge_text(number));
        assert_eq!(graph.word(edge.label), "has permissions to");
        assert_eq!(edge.confidence, Confidence::Medium);
        let rights = words.names_of(graph.capabilities(edge));
        assert_eq!(rights, ["read data: microsoft.storage/storageaccounts"]);
        assert_eq!(
            (&*told.maker, told.evidence.object.as_str()),
            ("azure rbac", "/a/b")
        );
        assert_eq!(&*told.properties, r#"{"role":"Reader"}"#);
    }
}

#[test]
fn a_member_of_another_kind_does_not_cost_the_others() {
    let words = Vocabulary::embedded().unwrap();
    let text = r#"{"source":5,"confidence":null,"evidence":{"object":"o"},"rawData":{"permissions":["read data: microsoft.storage/storageaccounts"]}}"#;
    let graph = graph(&words, &[text, "", "[]"]);
    let (edge, told) = (graph.edge(0), graph.edge_text(0));
    assert_eq!((&*told.maker, told.evidence.object.as_str()), ("", "o"));
    assert!(!graph.capabilities(edge).is_empty());
    assert!(graph.capabilities(graph.edge(1)).is_empty());
    assert_eq!(graph.edges().len(), 3);
}

#[test]
fn a_node_has_its_insights() {
    let words = Vocabulary::embedded().unwrap();
    let graph = graph(&words, &[]);
    let docs = graph.node(graph.find("docs").unwrap());
    assert_eq!(
        docs.insights,
        words.insight("containsSensitiveData").unwrap()
    );
    assert!(docs.properties.contains("StorageV2"));
}
