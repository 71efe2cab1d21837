//! Commits: atomic, once, cleaned up after.

use std::fs;
use std::path::Path;
use std::time::Duration;

use stance_base::{Coded as _, ErrorCode, ScalarType};
use stance_lake::{AppTransaction, CommitMode, Lake, LakeOptions, TableCommit, TableDefinition};

use crate::support::{by_scope, number, open, plain, rows, schema, writer};

fn parquet_files(folder: &Path) -> usize {
    let entries = walk(folder);
    entries
        .iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "parquet")
        })
        .count()
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(walk(&path)),
            path => found.push(path),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_not_committed_never_show_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let holder = writer(&lake).await;
    let mut half = holder.begin(plain("Events")).unwrap();
    half.write(&rows("a", 0..1000)).unwrap();
    drop(half);
    let mut finished = holder.begin(plain("Events")).unwrap();
    finished.write(&rows("a", 0..1000)).unwrap();
    drop(finished.finish().unwrap());
    assert!(lake.tables().unwrap().is_empty());
    assert_eq!(parquet_files(folder.path()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_tables_commit_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let holder = writer(&lake).await;
    let commits = (0..6).map(|table| {
        let mut rows_of = holder.begin(plain(&format!("Table{table}"))).unwrap();
        rows_of.write(&rows("a", 0..=table)).unwrap();
        TableCommit::new(rows_of.finish().unwrap(), CommitMode::Append)
    });
    let outcomes = holder.commit_all(commits.collect()).await.unwrap();
    assert_eq!(
        outcomes
            .iter()
            .map(|outcome| outcome.rows)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(lake.tables().unwrap().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_delivery_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let holder = writer(&lake).await;
    for (version, repeated) in [(1, false), (1, true), (3, false), (2, true)] {
        let mut delivery = holder.begin(plain("Events")).unwrap();
        delivery.write(&rows("a", [version])).unwrap();
        let transaction = AppTransaction {
            application: "source:alerts".to_owned(),
            version,
        };
        let commit = TableCommit::new(delivery.finish().unwrap(), CommitMode::Append)
            .with_transaction(transaction);
        let outcomes = holder.commit_all(vec![commit]).await.unwrap();
        assert_eq!(outcomes[0].already_committed, repeated);
    }
    assert_eq!(lake.snapshot("Events").await.unwrap().rows, 2);
    assert_eq!(
        open(folder.path())
            .transaction_version("Events", "source:alerts")
            .await
            .unwrap(),
        Some(3)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_write_streams_into_partitions() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let holder = writer(&lake).await;
    let table = by_scope("Resources");
    let mut stream = holder.begin(table.clone()).unwrap();
    for start in 0..100 {
        // More partitions than files are kept open at once.
        for scope in 0..3 {
            let scope = format!("scope {}", (start + scope * 40) % 90);
            stream
                .write(&rows(&scope, start * 1000..start * 1000 + 334))
                .unwrap();
        }
    }
    holder
        .commit_all(vec![TableCommit::new(
            stream.finish().unwrap(),
            CommitMode::Append,
        )])
        .await
        .unwrap();
    assert_eq!(
        number(&lake, &table.schema, "SELECT COUNT(*) FROM resources").await,
        100_200
    );
    assert_eq!(
        number(
            &lake,
            &table.schema,
            "SELECT COUNT(DISTINCT scope) FROM resources"
        )
        .await,
        90
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path());
    let holder = writer(&lake).await;
    holder
        .append(by_scope("Events"), &[rows("a", [1])])
        .await
        .unwrap();
    let other_type = TableDefinition::partitioned_by(
        schema(
            "Events",
            &[
                ("scope", ScalarType::String),
                ("number", ScalarType::String),
            ],
        ),
        "scope",
    );
    let batch = rows("a", [1]).project(&[0]).unwrap();
    let cases = [
        holder.append(other_type, &[batch]).await,
        holder.append(plain("Events"), &[rows("a", [1])]).await,
        holder
            .replace_partitions(by_scope("Events"), vec!["b".into()], &[rows("a", [1])])
            .await,
        holder.append(plain("../escape"), &[rows("a", [1])]).await,
        holder
            .append(
                TableDefinition::new(schema(
                    "Twice",
                    &[("a", ScalarType::Int), ("A", ScalarType::Int)],
                )),
                &[],
            )
            .await,
    ];
    let messages: Vec<String> = cases
        .into_iter()
        .map(|case| {
            let error = case.unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidInput);
            error.to_string()
        })
        .collect();
    let expected = [
        "table `Events`: column `number` is stored as Int64, given was Utf8; use another column name",
        "table `Events`: is kept apart by `scope`, not by nothing",
        "table `Events`: rows of `a` were given, which is not among the values to replace",
        "`../escape` cannot be the name of a table; use 1 to 128 letters, digits and underscores, not starting with a digit",
        "table `Twice`: column `A` is declared twice (case does not count); rename one",
    ];
    assert_eq!(messages, expected);
    assert_eq!(lake.snapshot("Events").await.unwrap().rows, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_keeps_the_rows_and_cleaning_removes_old_files() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(
        folder.path(),
        LakeOptions {
            retention: Duration::ZERO,
            ..LakeOptions::default()
        },
    )
    .unwrap();
    let holder = writer(&lake).await;
    let table = by_scope("Events");
    for start in 0..10 {
        holder
            .append(table.clone(), &[rows("a", [start]), rows("", [start])])
            .await
            .unwrap();
    }
    assert_eq!(
        holder
            .compact("Events")
            .await
            .unwrap()
            .expect("worth it")
            .rows,
        20
    );
    assert_eq!(lake.snapshot("Events").await.unwrap().files.len(), 2);
    assert_eq!(holder.compact("Events").await.unwrap(), None);
    assert_eq!(holder.clean("Events").await.unwrap(), 20);
    let sum = "SELECT SUM(number) FROM events WHERE scope IS NULL";
    assert_eq!(number(&open(folder.path()), &table.schema, sum).await, 45);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_many_commits_opens_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let options = LakeOptions {
        retention: Duration::ZERO,
        checkpoint_interval: 10,
        ..LakeOptions::default()
    };
    let lake = Lake::open(folder.path(), options).unwrap();
    let holder = writer(&lake).await;
    for start in 0..25 {
        holder
            .replace_all(plain("Events"), &[rows("a", [start])])
            .await
            .unwrap();
    }
    let table = folder.path().join("tables/Events");
    assert!(
        table
            .join("_delta_log/00000000000000000019.checkpoint.parquet")
            .exists()
    );
    assert!(
        parquet_files(&table) <= 8,
        "files of replaced rows were not removed"
    );
    assert_eq!(
        number(
            &open(folder.path()),
            &plain("Events").schema,
            "SELECT number FROM events"
        )
        .await,
        24
    );
}
