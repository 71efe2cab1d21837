//! Term filters come and go with their data files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use stance_lake::{Lake, LakeOptions, TableDefinition};
use stance_term_filter::{Borders, FilterFile, pattern_terms, side_path};

use crate::support::{plain, rows, writer};

const WHOLE: Borders = Borders {
    start: true,
    end: true,
};

fn searchable(name: &str) -> TableDefinition {
    plain(name).with_searchable(vec!["text".to_owned(), "number".to_owned()])
}

fn lake(folder: &Path) -> Lake {
    let options = LakeOptions {
        retention: Duration::ZERO,
        ..LakeOptions::default()
    };
    Lake::open(folder, options).unwrap()
}

fn side_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let paths = entries.map(|entry| entry.path());
    let is_side_file = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "terms");
    paths.filter(is_side_file).count()
}

/// How many blocks of all files may hold the term, and how many there are.
async fn blocks(lake: &Lake, term: &str) -> (usize, usize) {
    let snapshot = lake.snapshot("Logs").await.unwrap();
    let terms = pattern_terms(term, true, WHOLE);
    let mut all = Vec::new();
    for file in &snapshot.files {
        let mut filters = FilterFile::beside(&file.path)
            .unwrap()
            .expect("a side file");
        assert_eq!(filters.columns().collect::<Vec<_>>(), ["text"]);
        assert_eq!(filters.group_rows().iter().sum::<u64>(), file.rows.unwrap());
        for group in 0..filters.group_rows().len() {
            all.extend(filters.blocks_with("text", group, &terms).unwrap().unwrap());
        }
    }
    (all.iter().filter(|keep| **keep).count(), all.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_has_filters_for_its_searchable_columns() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let holder = writer(&lake).await;
    // Batches that do not fit the row groups.
    let batches: Vec<_> = (0..5)
        .map(|part| rows("a", part * 30_000..(part + 1) * 30_000))
        .collect();
    holder.append(searchable("Logs"), &batches).await.unwrap();
    // 131,072 rows in the first row group, 18,928 in the second.
    assert_eq!(blocks(&lake, "row").await, (10, 10));
    let (found, _) = blocks(&lake, "140000").await;
    assert!((1..=2).contains(&found), "{found}");
    let (found, _) = blocks(&lake, "nothing").await;
    assert!(found <= 1, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_survive_compaction_and_vanish_with_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let holder = writer(&lake).await;
    // Small files have none, apart from one that tells which columns are searchable.
    for part in 0..8 {
        let count = if part == 0 { 12_000 } else { 2_000 };
        let batch = rows("a", part * 20_000..part * 20_000 + count);
        holder.append(searchable("Logs"), &[batch]).await.unwrap();
    }
    let table = lake.snapshot("Logs").await.unwrap().folder.clone();
    assert_eq!(side_files(&table), 1);
    holder.compact("Logs").await.unwrap().expect("worth it");
    assert_eq!(blocks(&lake, "row").await, (2, 2));
    assert_eq!(side_files(&table), 2);
    holder.clean("Logs").await.unwrap();
    assert_eq!(side_files(&table), 1);
    assert_eq!(blocks(&lake, "row").await, (2, 2));
    holder
        .replace_all(searchable("Logs"), &[rows("a", 0..5)])
        .await
        .unwrap();
    holder.clean("Logs").await.unwrap();
    assert_eq!(side_files(&table), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_never_committed_leave_no_filters() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let holder = writer(&lake).await;
    let mut table = holder.begin(searchable("Logs")).unwrap();
    table.write(&rows("a", 0..20_000)).unwrap();
    let staged = table.finish().unwrap();
    let found = || {
        let below = walk(folder.path());
        below
            .iter()
            .filter(|path| path.ends_with(".parquet.terms"))
            .count()
    };
    assert_eq!(found(), 1);
    drop(staged);
    assert_eq!(found(), 0);
}

fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push(entry.path().to_string_lossy().into_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_reads_the_same_without_its_side_files() {
    let folder = tempfile::tempdir().unwrap();
    let lake = lake(folder.path());
    let holder = writer(&lake).await;
    holder
        .append(searchable("Logs"), &[rows("a", 0..20_000)])
        .await
        .unwrap();
    let snapshot = lake.snapshot("Logs").await.unwrap();
    for file in &snapshot.files {
        std::fs::remove_file(side_path(&file.path)).unwrap();
    }
    assert_eq!(lake.check("Logs").await.unwrap(), 20_000);
}
