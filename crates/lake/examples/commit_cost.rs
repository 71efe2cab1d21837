//! Prints what opening, committing and reading cost: `cargo run --release -p stance-lake --example commit_cost`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::prelude::SessionContext;
use stance_base::ScalarType;
use stance_lake::{CommitMode, Lake, LakeOptions, TableCommit, TableDefinition};
use stance_model::tables::{Column, TableSchema};

fn definition(name: &str) -> TableDefinition {
    let columns = [
        ("scope", ScalarType::String),
        ("id", ScalarType::String),
        ("number", ScalarType::Long),
        ("properties", ScalarType::Dynamic),
    ];
    let columns = columns.into_iter().map(|(name, scalar_type)| Column {
        name: name.into(),
        scalar_type,
    });
    let schema = TableSchema {
        name: name.to_owned().into(),
        columns: columns.collect(),
    };
    TableDefinition::partitioned_by(schema, "scope")
}

fn rows(count: i64) -> RecordBatch {
    let ids: Vec<String> = (0..count)
        .map(|number| format!("/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg/providers/microsoft.cognitiveservices/accounts/{number}"))
        .collect();
    let properties: Vec<String> = (0..count)
        .map(|number| format!("{{\"publicNetworkAccess\":\"Enabled\",\"number\":{number}}}"))
        .collect();
    RecordBatch::try_from_iter([
        (
            "scope",
            Arc::new(StringArray::from(vec!["input"; ids.len()])) as ArrayRef,
        ),
        ("id", Arc::new(StringArray::from(ids)) as ArrayRef),
        (
            "number",
            Arc::new(Int64Array::from_iter_values(0..count)) as ArrayRef,
        ),
        (
            "properties",
            Arc::new(StringArray::from(properties)) as ArrayRef,
        ),
    ])
    .unwrap()
}

fn since(what: &str, start: Instant) {
    println!("{:>9.2} ms  {what}", start.elapsed().as_secs_f64() * 1000.0);
}

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("stance-commit-cost-{}", std::process::id()));
    let batch = rows(30);
    for run in 0..5 {
        let start = Instant::now();
        let lake = Lake::open(&folder, LakeOptions::default()).unwrap();
        since(&format!("open the folder, process {}", run + 1), start);
        let holder = lake.writer(Duration::from_secs(1), |_| {}).await.unwrap();
        let start = Instant::now();
        let commits = (0..6).map(|table| {
            let mut writer = holder.begin(definition(&format!("Table{table}"))).unwrap();
            writer.write(&batch).unwrap();
            TableCommit::new(
                writer.finish().unwrap(),
                CommitMode::ReplacePartitions(vec!["input".to_owned()]),
            )
        });
        let commits = commits.collect();
        since("  write 6 tables of 30 rows", start);
        let start = Instant::now();
        holder.commit_all(commits).await.unwrap();
        since("  commit them", start);
        let start = Instant::now();
        let context = SessionContext::new();
        context
            .register_table(
                "t",
                Lake::open(&folder, LakeOptions::default())
                    .unwrap()
                    .table_provider(&definition("Table0").schema)
                    .await
                    .unwrap(),
            )
            .unwrap();
        since("  open the folder again and one table", start);
        let start = Instant::now();
        let found = context
            .sql("SELECT id FROM t WHERE number = 7")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap();
        since(&format!("  ask it ({} row)", found[0].num_rows()), start);
    }
    let lake = Lake::open(&folder, LakeOptions::default()).unwrap();
    let holder = lake.writer(Duration::from_secs(1), |_| {}).await.unwrap();
    let start = Instant::now();
    for _ in 0..100 {
        holder
            .append(definition("Many"), std::slice::from_ref(&batch))
            .await
            .unwrap();
    }
    since("100 commits to one table, one after the other", start);
    let start = Instant::now();
    holder.compact("Many").await.unwrap();
    since("compact its 100 files", start);
    let batch = rows(10_000);
    let start = Instant::now();
    let mut writer = holder.begin(definition("Large")).unwrap();
    for _ in 0..100 {
        writer.write(&batch).unwrap();
    }
    let staged = writer.finish().unwrap();
    since("write 1,000,000 rows", start);
    let start = Instant::now();
    holder
        .commit_all(vec![TableCommit::new(staged, CommitMode::ReplaceAll)])
        .await
        .unwrap();
    since("commit them", start);
    println!("{} bytes", lake.snapshot("Large").await.unwrap().bytes);
    std::fs::remove_dir_all(folder).unwrap();
}
