//! The graph read back from `ExposureGraphNodes` and `ExposureGraphEdges`, for what-if questions.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use serde_json::{Map, Value};
use stance_exposure::graph::GraphLoader;
use stance_exposure::{
    CapabilitySet, Confidence, EdgeDraft, Evidence, Graph, InsightDraft, NodeDraft, Vocabulary,
};
use stance_kql::{Engine, EngineOptions, MemoryCatalog, file_table};
use stance_lake::Lake;

use super::GraphFiles;

use crate::OperationsError;
use crate::stored;

const NODE_COLUMNS: [&str; 5] = [
    "NodeId",
    "NodeLabel",
    "NodeName",
    "NodeProperties",
    "EntityIds",
];
const EDGE_COLUMNS: [&str; 4] = [
    "EdgeLabel",
    "SourceNodeId",
    "TargetNodeId",
    "EdgeProperties",
];

/// The stored graph; empty where nothing was evaluated yet.
pub(crate) async fn read(lake: &Lake, vocabulary: &Vocabulary) -> Result<Graph, OperationsError> {
    let mut loader = Loader::new(vocabulary);
    let nodes = lake.snapshot("ExposureGraphNodes").await?;
    stored::read(
        &nodes,
        Some(&NODE_COLUMNS),
        |_| true,
        |_, batch| loader.nodes(&batch),
    )?;
    let edges = lake.snapshot("ExposureGraphEdges").await?;
    stored::read(
        &edges,
        Some(&EDGE_COLUMNS),
        |_| true,
        |_, batch| loader.edges(&batch),
    )?;
    Ok(loader.graph.finish())
}

/// The graph that files hold in the same columns.
pub(crate) async fn read_files(
    files: &GraphFiles,
    vocabulary: &Vocabulary,
) -> Result<Graph, OperationsError> {
    let mut catalog = MemoryCatalog::new();
    catalog.add_table(file_table("Nodes", &files.nodes).await?);
    catalog.add_table(file_table("Edges", &files.edges).await?);
    let options = EngineOptions {
        row_limit: usize::MAX,
        ..EngineOptions::default()
    };
    let engine = Engine::new(Arc::new(catalog), options)?;
    let mut loader = Loader::new(vocabulary);
    let query = format!("Nodes | project {}", NODE_COLUMNS.join(", "));
    let mut nodes = engine.stream(&query).await?;
    while let Some(batch) = nodes.next_batch().await {
        loader.nodes(&batch?)?;
    }
    let query = format!("Edges | project {}", EDGE_COLUMNS.join(", "));
    let mut edges = engine.stream(&query).await?;
    while let Some(batch) = edges.next_batch().await {
        loader.edges(&batch?)?;
    }
    Ok(loader.graph.finish())
}

/// A graph while it is read.
struct Loader<'a> {
    graph: GraphLoader<'a>,
    vocabulary: &'a Vocabulary,
    /// Numbers of the pairs by the name that tables give them.
    pairs: HashMap<String, usize>,
}

impl<'a> Loader<'a> {
    fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            graph: GraphLoader::new(vocabulary),
            vocabulary,
            pairs: pair_numbers(vocabulary),
        }
    }

    fn nodes(&mut self, batch: &RecordBatch) -> Result<(), OperationsError> {
        let ids = stored::text_column(batch, "NodeId")?;
        let labels = stored::text_column(batch, "NodeLabel")?;
        let names = stored::text_column(batch, "NodeName")?;
        let properties = stored::text_column(batch, "NodeProperties")?;
        let entities = stored::text_column(batch, "EntityIds")?;
        for row in 0..batch.num_rows() {
            let mut properties = object(stored::text(&properties, row));
            let mut raw = taken(&mut properties, "rawData");
            let told = taken(&mut properties, "insights");
            let mut insights = Vec::new();
            for word in self.vocabulary.insights() {
                if let Some(value) = raw.remove(&word.name) {
                    let told = told.get(&word.name).cloned().unwrap_or_default();
                    insights.push(insight(&word.name, value, &told));
                }
            }
            let entities: Vec<Map<String, Value>> =
                serde_json::from_str(stored::text(&entities, row)).unwrap_or_default();
            let node = NodeDraft {
                id: stored::text(&ids, row).to_owned(),
                label: stored::text(&labels, row).to_owned(),
                name: stored::text(&names, row).to_owned(),
                properties: raw,
                entity_ids: entities
                    .iter()
                    .map(|entity| (member(entity, "type"), member(entity, "id")))
                    .collect(),
            };
            self.graph.node(node, &insights);
        }
        Ok(())
    }

    fn edges(&mut self, batch: &RecordBatch) -> Result<(), OperationsError> {
        let labels = stored::text_column(batch, "EdgeLabel")?;
        let sources = stored::text_column(batch, "SourceNodeId")?;
        let targets = stored::text_column(batch, "TargetNodeId")?;
        let properties = stored::text_column(batch, "EdgeProperties")?;
        for row in 0..batch.num_rows() {
            let mut properties = object(stored::text(&properties, row));
            let evidence = taken(&mut properties, "evidence");
            let mut raw = taken(&mut properties, "rawData");
            let permissions = raw.remove("permissions").unwrap_or_default();
            self.graph.edge(EdgeDraft {
                label: stored::text(&labels, row).to_lowercase(),
                source: stored::text(&sources, row).to_owned(),
                target: stored::text(&targets, row).to_owned(),
                maker: member(&properties, "source"),
                evidence: Evidence {
                    object: member(&evidence, "object"),
                    field: member(&evidence, "field"),
                    text: member(&evidence, "text"),
                },
                confidence: Confidence::parse(&member(&properties, "confidence"))
                    .unwrap_or_default(),
                capabilities: capabilities(&permissions, &self.pairs),
                properties: raw,
            });
        }
        Ok(())
    }
}

/// Numbers of the pairs by the name that tables give them.
fn pair_numbers(vocabulary: &Vocabulary) -> HashMap<String, usize> {
    let pairs = vocabulary.pairs().iter().enumerate();
    pairs
        .map(|(number, pair)| (format!("{}: {}", pair.capability, pair.label), number))
        .collect()
}

fn insight(name: &str, value: Value, told: &Value) -> InsightDraft {
    let text = |key: &str| told[key].as_str().unwrap_or_default();
    InsightDraft {
        name: name.to_owned(),
        value,
        confidence: Confidence::parse(text("confidence")).unwrap_or_default(),
        evidence: Evidence {
            object: text("object").to_owned(),
            field: text("field").to_owned(),
            text: text("text").to_owned(),
        },
    }
}

fn capabilities(permissions: &Value, pairs: &HashMap<String, usize>) -> CapabilitySet {
    let mut set = CapabilitySet::EMPTY;
    let names = permissions.as_array().into_iter().flatten();
    for name in names.filter_map(Value::as_str) {
        if let Some(pair) = pairs.get(name) {
            set.insert(*pair);
        }
    }
    set
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

fn taken(object: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match object.remove(key) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn member(object: &Map<String, Value>, key: &str) -> String {
    let text = object.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
