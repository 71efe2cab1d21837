//! Runs the `.kqlt` files of `tests/golden`: each is a page of examples with the answers of Kusto.
//! The format is described at [`stance_testkit::kqlt`]; `STANCE_UPDATE_GOLDEN=1` writes the answers
//! anew. Every plan is also sent through bytes and run again: it must give the same answer.

use std::path::{Path, PathBuf};

use stance_kql::{Engine, KqlError, MemoryCatalog, QueryResult, output};
use stance_testkit::kqlt::{self, Block, cells, declared, parse_file, write_file};

use crate::support;

fn answer(outcome: &Result<QueryResult, KqlError>, text: &str) -> String {
    let result = match outcome {
        Err(error) => return error.to_string(),
        Ok(result) => result,
    };
    let columns: Vec<String> = result
        .columns
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let json = output::json_rows(result).unwrap();
    let rows: Vec<Vec<Option<String>>> = output::text_rows(result)
        .unwrap()
        .into_iter()
        .zip(&json)
        .map(|(row, json)| {
            row.into_iter()
                .zip(json)
                .map(|(cell, json)| (!json.is_null()).then_some(cell))
                .collect()
        })
        .collect();
    kqlt::answer(text, &columns, &rows)
}

/// The tables and views of a page; tables are Parquet files in the folder.
fn catalog(blocks: &[Block], folder: &Path) -> MemoryCatalog {
    let mut catalog = MemoryCatalog::new();
    for block in blocks {
        match block {
            Block::Table { heading, rows } => {
                let (name, columns) = declared(heading);
                let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
                for row in &rows {
                    assert_eq!(row.len(), columns.len(), "{name}: {row:?}");
                }
                catalog.add_table(support::parquet_table(folder, &name, &columns, &rows));
            }
            Block::View { name, body } => catalog.add_view(name, body),
            Block::Prose(_) | Block::Query { .. } => {}
        }
    }
    catalog
}

/// The answer after the plan went through bytes.
async fn answer_elsewhere(engine: &Engine, text: &str) -> String {
    match engine.portable_plan(text).await {
        Ok(plan) => answer(&engine.run_portable(&plan).await, text),
        Err(error) => answer(&Err(error), text),
    }
}

async fn run_file(path: &Path, failures: &mut Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = parse_file(&text);
    let folder = tempfile::tempdir().unwrap();
    let engine = support::engine(catalog(&blocks, folder.path()));
    let update = std::env::var_os("STANCE_UPDATE_GOLDEN").is_some();
    let file = path.file_name().unwrap().to_string_lossy();
    for block in &mut blocks {
        let Block::Query {
            title,
            text,
            answer: wanted,
        } = block
        else {
            continue;
        };
        let found = answer(&engine.query(text).await, text);
        if update {
            wanted.clone_from(&found);
        } else if found != *wanted {
            failures.push(format!(
                "{file}: {title}\n{text}\n--- wanted\n{wanted}\n--- found\n{found}\n"
            ));
            continue;
        }
        let elsewhere = answer_elsewhere(&engine, text).await;
        if elsewhere != found {
            failures.push(format!(
                "{file}: {title}: another answer after its plan went through bytes\n{text}\n--- here\n{found}\n--- there\n{elsewhere}\n"
            ));
        }
    }
    if update {
        std::fs::write(path, write_file(&blocks)).unwrap();
    }
}

fn golden_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "kqlt")
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn the_examples_give_the_answers_of_kusto() {
    let files = golden_files();
    assert!(files.len() > 5, "the golden files are missing");
    let mut failures = Vec::new();
    for file in files {
        run_file(&file, &mut failures).await;
    }
    assert!(
        failures.is_empty(),
        "{} differ\n\n{}",
        failures.len(),
        failures.join("\n")
    );
}
