//! Runs the `.kqlt` files of `tests/golden`: each is a page of examples with the answers of Kusto.
//!
//! A file is a list of blocks. Lines that start with `#` are prose and stay as they are.
//!
//! ```text
//! table Name (column:type, ...)
//! cell | cell
//!
//! view Name
//! KQL text
//!
//! query: what the example shows
//! KQL text
//! ---
//! column:type | column:type
//! cell | cell
//! ===
//! ```
//!
//! After `---` stands the answer: the columns and the rows, or the diagnostics of a query that is
//! refused. A query ends with `===`. In cells `\|`, `\n`, `\t`, `\\` stand for these characters,
//! `null` for null, and nothing for the empty string; `"null"` in quotes is the word. Rows of a
//! query that does not sort are compared in any order, and written sorted.
//!
//! `STANCE_UPDATE_GOLDEN=1` writes the answers anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use stance_base::ScalarType;
use stance_kql::{KqlError, MemoryCatalog, QueryResult, output};

use crate::support;

enum Block {
    Prose(String),
    Table {
        heading: String,
        rows: Vec<String>,
    },
    View {
        name: String,
        body: String,
    },
    Query {
        title: String,
        text: String,
        answer: String,
    },
}

fn parse_file(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("table ") {
            let mut rows = Vec::new();
            while let Some(row) = lines.next_if(|row| !row.trim().is_empty()) {
                rows.push(row.to_owned());
            }
            blocks.push(Block::Table {
                heading: heading.to_owned(),
                rows,
            });
        } else if let Some(name) = line.strip_prefix("view ") {
            let mut body = Vec::new();
            while let Some(row) = lines.next_if(|row| !row.trim().is_empty()) {
                body.push(row);
            }
            blocks.push(Block::View {
                name: name.trim().to_owned(),
                body: body.join("\n"),
            });
        } else if let Some(title) = line.strip_prefix("query: ") {
            let mut text = Vec::new();
            for line in lines.by_ref().take_while(|line| *line != "---") {
                text.push(line);
            }
            let mut answer = Vec::new();
            for line in lines.by_ref().take_while(|line| *line != "===") {
                answer.push(line);
            }
            blocks.push(Block::Query {
                title: title.to_owned(),
                text: text.join("\n"),
                answer: answer.join("\n"),
            });
        } else if line.is_empty() || line.starts_with('#') {
            blocks.push(Block::Prose(line.to_owned()));
        } else {
            panic!("a line that belongs to no block: {line}");
        }
    }
    blocks
}

fn write_file(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Prose(line) => writeln!(out, "{line}").unwrap(),
            Block::Table { heading, rows } => {
                writeln!(out, "table {heading}").unwrap();
                for row in rows {
                    writeln!(out, "{row}").unwrap();
                }
            }
            Block::View { name, body } => writeln!(out, "view {name}\n{body}").unwrap(),
            Block::Query {
                title,
                text,
                answer,
            } => {
                writeln!(out, "query: {title}\n{text}\n---").unwrap();
                if !answer.is_empty() {
                    writeln!(out, "{answer}").unwrap();
                }
                writeln!(out, "===").unwrap();
            }
        }
    }
    out
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().unwrap();
        match character {
            '|' => cells.push(String::new()),
            '\\' => match characters.next() {
                Some('n') => cell.push('\n'),
                Some('t') => cell.push('\t'),
                Some(other) => cell.push(other),
                None => cell.push('\\'),
            },
            other => cell.push(other),
        }
    }
    cells
        .iter()
        .map(|cell| cell.trim_matches(' ').to_owned())
        .collect()
}

fn written(cell: &str) -> String {
    let mut out = String::new();
    for character in cell.chars() {
        match character {
            '|' => out.push_str("\\|"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out
}

fn declared(heading: &str) -> (String, Vec<(String, ScalarType)>) {
    let (name, columns) = heading.split_once('(').unwrap();
    let columns = columns.trim_end().trim_end_matches(')');
    let columns = columns
        .split(',')
        .map(|column| {
            let (name, scalar_type) = column.trim().split_once(':').unwrap();
            (
                name.to_owned(),
                ScalarType::from_str(scalar_type.trim()).unwrap(),
            )
        })
        .collect();
    (name.trim().to_owned(), columns)
}

/// Whether the last steps of the query keep an order that was asked for.
fn is_sorted(text: &str) -> bool {
    let words = ["sort by", "order by", "| top ", "serialize", "mv-expand"];
    words.iter().any(|word| text.contains(word))
}

fn answer(outcome: &Result<QueryResult, KqlError>, text: &str) -> String {
    let result = match outcome {
        Err(error) => return error.to_string(),
        Ok(result) => result,
    };
    let header: Vec<String> = result
        .columns
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let json = output::json_rows(result).unwrap();
    let rows = output::text_rows(result).unwrap();
    let mut lines: Vec<String> = rows
        .iter()
        .zip(&json)
        .map(|(row, json)| {
            let shown: Vec<String> = row
                .iter()
                .zip(json)
                .map(|(cell, json)| match cell.as_str() {
                    _ if json.is_null() => "null".to_owned(),
                    "null" => "\"null\"".to_owned(),
                    cell => written(cell),
                })
                .collect();
            shown.join(" | ").trim_end().to_owned()
        })
        .collect();
    if !is_sorted(text) {
        lines.sort();
    }
    lines.insert(0, header.join(" | "));
    lines.join("\n")
}

async fn run_file(path: &Path, failures: &mut Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = parse_file(&text);
    let mut catalog = MemoryCatalog::new();
    for block in &blocks {
        match block {
            Block::Table { heading, rows } => {
                let (name, columns) = declared(heading);
                let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
                for row in &rows {
                    assert_eq!(row.len(), columns.len(), "{name}: {row:?}");
                }
                catalog.add_table(support::table(&name, &columns, &rows));
            }
            Block::View { name, body } => catalog.add_view(name, body),
            Block::Prose(_) | Block::Query { .. } => {}
        }
    }
    let engine = support::engine(catalog);
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
        if found == *wanted {
            continue;
        }
        if update {
            *wanted = found;
        } else {
            failures.push(format!(
                "{file}: {title}\n{text}\n--- wanted\n{wanted}\n--- found\n{found}\n"
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
