//! Plans of KQL run in Ballista: scheduler and executor in this process, everything between them
//! through bytes, as on two machines.
//!
//! Every example of the golden pages that runs in the embedded engine must give the same answer
//! there. Tables are Parquet files, the only thing that both sides see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use stance_base::{FixedClock, ScalarType};
use stance_kql::{
    Engine, EngineOptions, KqlLogicalCodec, KqlPhysicalCodec, KqlQueryPlanner, MemoryCatalog,
    OutputColumn, TableSource, distributed_optimizer_rules, file_table, output, session_config,
};
use stance_testkit::kqlt::{self, Block, cells, declared, parse_file};

/// Longest time for one example; each takes about a quarter of a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Ballista of one scheduler and one executor in this process that know our nodes and functions.
async fn cluster() -> SessionContext {
    let logical = KqlLogicalCodec::over(Arc::new(BallistaLogicalExtensionCodec::default()));
    let physical = KqlPhysicalCodec::over(Arc::new(BallistaPhysicalExtensionCodec::default()));
    let config = SessionConfig::new_with_ballista()
        .with_ballista_logical_extension_codec(Arc::new(logical))
        .with_ballista_physical_extension_codec(Arc::new(physical))
        .with_target_partitions(2);
    let state = SessionStateBuilder::new()
        .with_config(session_config(config))
        .with_default_features()
        .with_optimizer_rules(distributed_optimizer_rules())
        .with_query_planner(Arc::new(KqlQueryPlanner))
        .build();
    SessionContext::standalone_with_state(state).await.unwrap()
}

fn engine(catalog: MemoryCatalog) -> Engine {
    let now = FromStr::from_str("2024-03-15T12:00:00Z").unwrap();
    let options = EngineOptions {
        clock: Arc::new(FixedClock(now)),
        ..EngineOptions::default()
    };
    Engine::new(Arc::new(catalog), options).unwrap()
}

/// A cell of a page as a KQL literal.
fn literal(cell: &str, scalar_type: ScalarType) -> String {
    match scalar_type {
        ScalarType::String => format!("{:?}", cell.trim_start_matches("null")),
        _ if cell == "null" => format!("{scalar_type}(null)"),
        ScalarType::TimeSpan => format!("timespan({cell}tick)"),
        _ => format!("{scalar_type}({cell})"),
    }
}

/// A table of a page as a Parquet file, written by the engine itself.
async fn table(folder: &Path, heading: &str, rows: &[String]) -> TableSource {
    let (name, columns) = declared(heading);
    let header: Vec<String> = columns
        .iter()
        .map(|(name, kind)| format!("['{name}']:{kind}"))
        .collect();
    let values: Vec<String> = rows
        .iter()
        .flat_map(|row| cells(row).into_iter().zip(&columns).collect::<Vec<_>>())
        .map(|(cell, (_, kind))| literal(&cell, *kind))
        .collect();
    let text = format!("datatable({}) [{}]", header.join(", "), values.join(", "));
    let result = engine(MemoryCatalog::new()).query(&text).await.unwrap();
    let path = folder.join(format!("{name}.parquet"));
    output::write_parquet(&result, &path).unwrap();
    file_table(&name, &path).await.unwrap()
}

/// What a query answers here; nothing where it is refused.
async fn here(engine: &Engine, text: &str) -> Option<String> {
    let result = engine.query(text).await.ok()?;
    Some(answer(text, &result.columns, &result.batches))
}

/// What it answers in the cluster.
async fn there(cluster: &SessionContext, engine: &Engine, text: &str) -> Result<String, String> {
    let (plan, columns, _held) = engine
        .logical_plan(text)
        .await
        .map_err(|error| error.to_string())?;
    let frame = cluster.execute_logical_plan(plan).await;
    let frame = frame.map_err(|error| error.to_string())?;
    let batches = frame.collect().await.map_err(|error| error.to_string())?;
    Ok(answer(text, &columns, &batches))
}

fn answer(text: &str, columns: &[OutputColumn], batches: &[RecordBatch]) -> String {
    let header: Vec<String> = columns
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let cell = |batch: &RecordBatch, row: usize, column: usize| {
        output::value_text(batch.column(column), row, columns[column].scalar_type).unwrap()
    };
    let rows: Vec<Vec<Option<String>>> = batches
        .iter()
        .flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)))
        .map(|(batch, row)| {
            (0..columns.len())
                .map(|column| Some(cell(batch, row, column)))
                .collect()
        })
        .collect();
    kqlt::answer(text, &header, &rows)
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../kql/tests/golden");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pages.sort();
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_give_the_same_answers_in_a_cluster() {
    let cluster = cluster().await;
    let mut failures = Vec::new();
    let mut compared = 0;
    for page in pages() {
        let blocks = parse_file(&std::fs::read_to_string(&page).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut catalog = MemoryCatalog::new();
        for block in &blocks {
            match block {
                Block::Table { heading, rows } => {
                    catalog.add_table(table(folder.path(), heading, rows).await);
                }
                Block::View { name, body } => catalog.add_view(name, body),
                Block::Prose(_) | Block::Query { .. } => {}
            }
        }
        let engine = engine(catalog);
        for block in &blocks {
            let Block::Query { title, text, .. } = block else {
                continue;
            };
            let Some(wanted) = here(&engine, text).await else {
                continue;
            };
            compared += 1;
            let found = tokio::time::timeout(PATIENCE, there(&cluster, &engine, text)).await;
            let found = found.unwrap_or_else(|_| Err("no answer in time".to_owned()));
            if found.as_ref() != Ok(&wanted) {
                let page = page.file_name().unwrap().to_string_lossy();
                failures.push(format!(
                    "{page}: {title}\n{text}\n--- here\n{wanted}\n--- there\n{found:?}\n"
                ));
            }
        }
    }
    assert!(compared > 100, "only {compared} examples ran");
    assert!(
        failures.is_empty(),
        "{} of {compared} differ\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}
