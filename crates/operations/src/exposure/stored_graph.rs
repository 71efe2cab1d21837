//! The graph read back from `ExposureGraphNodes` and `ExposureGraphEdges`, for what-if questions.

use std::sync::Arc;

use arrow::array::RecordBatch;
use stance_exposure::graph::{EdgeRow, NodeRow, RowLoader};
use stance_exposure::{Graph, Vocabulary};
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
    let mut rows = RowLoader::new(vocabulary);
    let nodes = lake.snapshot("ExposureGraphNodes").await?;
    stored::read(
        &nodes,
        Some(&NODE_COLUMNS),
        |_| true,
        |_, batch| add_nodes(&mut rows, &batch),
    )?;
    let edges = lake.snapshot("ExposureGraphEdges").await?;
    stored::read(
        &edges,
        Some(&EDGE_COLUMNS),
        |_| true,
        |_, batch| add_edges(&mut rows, &batch),
    )?;
    Ok(rows.finish())
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
    let mut rows = RowLoader::new(vocabulary);
    let query = format!("Nodes | project {}", NODE_COLUMNS.join(", "));
    let mut nodes = engine.stream(&query).await?;
    while let Some(batch) = nodes.next_batch().await {
        add_nodes(&mut rows, &batch?)?;
    }
    let query = format!("Edges | project {}", EDGE_COLUMNS.join(", "));
    let mut edges = engine.stream(&query).await?;
    while let Some(batch) = edges.next_batch().await {
        add_edges(&mut rows, &batch?)?;
    }
    Ok(rows.finish())
}

fn add_nodes(rows: &mut RowLoader<'_>, batch: &RecordBatch) -> Result<(), OperationsError> {
    let ids = stored::text_column(batch, "NodeId")?;
    let labels = stored::text_column(batch, "NodeLabel")?;
    let names = stored::text_column(batch, "NodeName")?;
    let properties = stored::text_column(batch, "NodeProperties")?;
    let entities = stored::text_column(batch, "EntityIds")?;
    for row in 0..batch.num_rows() {
        rows.node(NodeRow {
            id: stored::text(&ids, row),
            label: stored::text(&labels, row),
            name: stored::text(&names, row),
            properties: stored::text(&properties, row),
            entity_ids: stored::text(&entities, row),
        });
    }
    Ok(())
}

fn add_edges(rows: &mut RowLoader<'_>, batch: &RecordBatch) -> Result<(), OperationsError> {
    let labels = stored::text_column(batch, "EdgeLabel")?;
    let sources = stored::text_column(batch, "SourceNodeId")?;
    let targets = stored::text_column(batch, "TargetNodeId")?;
    let properties = stored::text_column(batch, "EdgeProperties")?;
    for row in 0..batch.num_rows() {
        rows.edge(EdgeRow {
            label: stored::text(&labels, row),
            source: stored::text(&sources, row),
            target: stored::text(&targets, row),
            properties: stored::text(&properties, row),
        });
    }
    Ok(())
}
