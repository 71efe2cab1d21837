//! Runs KQL over Parquet folders for `benches/kql.py`: a line of JSON in, a line of JSON out.
//!
//! The first line is `{"threads": 2, "tables": {"Events": "FOLDER"}, "dynamic": {"Events": ["Properties"]}}`, each
//! further one `{"query": "..."}`, answered with `{"ms", "rows"}` or `{"error"}`. With `"explain": true` a query
//! is answered with its plan. `{"index": "FOLDER", "columns": ["Message"]}` makes term filters (`benches/terms.py`).
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{BufRead, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use stance_base::ScalarType;
use stance_kql::{
    Engine, EngineOptions, MemoryCatalog, file_table, index_parquet, output, parquet_files,
};

async fn engine(setup: &Value) -> Engine {
    let mut catalog = MemoryCatalog::new();
    for (name, folder) in setup["tables"].as_object().unwrap() {
        let mut table = file_table(name, Path::new(folder.as_str().unwrap()))
            .await
            .unwrap();
        let dynamic = setup["dynamic"][name].as_array();
        for column in &mut table.schema.columns {
            if dynamic.is_some_and(|names| names.iter().any(|name| *name == *column.name)) {
                column.scalar_type = ScalarType::Dynamic;
            }
        }
        catalog.add_table(table);
    }
    let threads = setup["threads"].as_u64().unwrap_or(2);
    let options = EngineOptions {
        partitions: NonZeroUsize::new(usize::try_from(threads).unwrap()),
        memory_limit: Some(4 << 30),
        ..EngineOptions::default()
    };
    Engine::new(Arc::new(catalog), options).unwrap()
}

fn index(folder: &str, request: &Value) -> Value {
    let columns: Vec<String> = serde_json::from_value(request["columns"].clone()).unwrap();
    let start = Instant::now();
    let files = parquet_files(Path::new(folder)).unwrap();
    let made = files
        .iter()
        .map(|file| index_parquet(file, Some(&columns)).unwrap());
    let bytes: u64 = made.map(|file| file.filter_bytes).sum();
    json!({ "ms": start.elapsed().as_secs_f64() * 1000.0, "bytes": bytes })
}

async fn answer(engine: &Engine, request: &Value) -> Value {
    if let Some(folder) = request["index"].as_str() {
        return index(folder, request);
    }
    let query = request["query"].as_str().unwrap_or_default();
    if request["explain"].as_bool() == Some(true) {
        return match engine.explain(query).await {
            Ok(plan) => json!({ "plan": plan }),
            Err(error) => json!({ "error": error.to_string() }),
        };
    }
    let start = Instant::now();
    let result = engine.query(query).await;
    let taken = start.elapsed();
    match result {
        Ok(result) => json!({
            "ms": taken.as_secs_f64() * 1000.0,
            "plan_ms": (result.stats.parse_time + result.stats.bind_time + result.stats.plan_time).as_secs_f64() * 1000.0,
            "rows_left_out": result.stats.rows_left_out,
            "rows": output::json_rows(&result).unwrap(),
        }),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

fn main() {
    let mut lines = std::io::stdin().lock().lines();
    let setup: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let threads = usize::try_from(setup["threads"].as_u64().unwrap_or(2)).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .unwrap();
    let engine = runtime.block_on(engine(&setup));
    let engine = Arc::new(engine);
    for line in lines {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let engine = Arc::clone(&engine);
        let task = runtime.spawn(async move { answer(&engine, &request).await });
        let answered = runtime.block_on(task).unwrap();
        println!("{answered}");
        std::io::stdout().flush().unwrap();
    }
}
