//! Rows of `ExposureGraphNodes` and `ExposureGraphEdges`.

use serde_json::{Map, Value, json};
use stance_exposure::graph::{EdgeNumber, NodeNumber};
use stance_exposure::{Graph, Node, Vocabulary};

use crate::rows::table_batch::Cell;

/// The cells of a node, in the order of `content/tables/exposure.kql`.
pub(crate) fn node_cells<'a>(
    graph: &'a Graph,
    vocabulary: &Vocabulary,
    number: NodeNumber,
) -> [Cell<'a>; 6] {
    let node = graph.node(number);
    [
        Cell::Text(&node.id),
        Cell::Text(graph.word(node.label)),
        Cell::Text(&node.name),
        Cell::OwnedJson(categories(node, vocabulary)),
        Cell::RawJson(&node.properties),
        Cell::RawJson(&node.entity_ids),
    ]
}

/// The cells of an edge, in the order of `content/tables/exposure.kql`.
pub(crate) fn edge_cells<'a>(
    graph: &'a Graph,
    vocabulary: &Vocabulary,
    number: EdgeNumber,
) -> [Cell<'a>; 11] {
    let edge = graph.edge(number);
    let (source, target) = (graph.node(edge.source), graph.node(edge.target));
    [
        Cell::Owned(graph.edge_id(number)),
        Cell::Text(graph.word(edge.label)),
        Cell::Text(&source.id),
        Cell::Text(&source.name),
        Cell::Text(graph.word(source.label)),
        Cell::OwnedJson(categories(source, vocabulary)),
        Cell::Text(&target.id),
        Cell::Text(&target.name),
        Cell::Text(graph.word(target.label)),
        Cell::OwnedJson(categories(target, vocabulary)),
        Cell::OwnedJson(edge_properties(graph, vocabulary, number)),
    ]
}

fn categories(node: &Node, vocabulary: &Vocabulary) -> Value {
    let names = vocabulary.categories().iter().enumerate();
    let held = names.filter(|(bit, _)| node.categories & (1 << bit) != 0);
    held.map(|(_, name)| Value::from(name.as_str())).collect()
}

/// `{"source": who found it, "confidence": …, "evidence": {…}, "rawData": {…}}`.
fn edge_properties(graph: &Graph, vocabulary: &Vocabulary, number: EdgeNumber) -> Value {
    let edge = graph.edge(number);
    let text = graph.edge_text(number);
    let mut raw: Map<String, Value> = serde_json::from_str(&text.properties).unwrap_or_default();
    let granted = graph.capabilities(edge);
    if !granted.is_empty() {
        raw.insert(
            "permissions".to_owned(),
            json!(vocabulary.names_of(granted)),
        );
    }
    json!({
        "source": text.maker,
        "confidence": edge.confidence.as_str(),
        "evidence": {
            "object": text.evidence.object,
            "field": text.evidence.field,
            "text": text.evidence.text,
        },
        "rawData": raw,
    })
}
