//! Pages of KQL examples with their answers (`.kqlt`).
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
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a wrong page is a fault of the test that reads it"
)]

use std::fmt::Write as _;
use std::str::FromStr;

use stance_base::ScalarType;

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A line of prose, or an empty one.
    Prose(String),
    /// A table.
    Table {
        /// `Name (column:type, ...)`.
        heading: String,
        /// One line for each row.
        rows: Vec<String>,
    },
    /// A view.
    View {
        /// Its name.
        name: String,
        /// Its KQL.
        body: String,
    },
    /// An example.
    Query {
        /// What it shows.
        title: String,
        /// The KQL.
        text: String,
        /// What it answers.
        answer: String,
    },
}

/// Reads a page.
///
/// # Panics
/// Where a line belongs to no block: the page is wrong.
pub fn parse_file(text: &str) -> Vec<Block> {
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

/// The text of a page.
pub fn write_file(blocks: &[Block]) -> String {
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

/// The cells of a row.
pub fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '|' => cells.push(std::mem::take(&mut cell)),
            '\\' => match characters.next() {
                Some('n') => cell.push('\n'),
                Some('t') => cell.push('\t'),
                Some(other) => cell.push(other),
                None => cell.push('\\'),
            },
            other => cell.push(other),
        }
    }
    cells.push(cell);
    cells
        .iter()
        .map(|cell| cell.trim_matches(' ').to_owned())
        .collect()
}

/// A cell as it is written.
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

/// Name and columns of a table's heading.
///
/// # Panics
/// Where the heading is wrong.
pub fn declared(heading: &str) -> (String, Vec<(String, ScalarType)>) {
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

/// Whether the query asks for an order that its last steps keep.
fn is_sorted(text: &str) -> bool {
    let words = ["sort by", "order by", "| top ", "serialize", "mv-expand"];
    words.iter().any(|word| text.contains(word))
}

/// The answer of a query as a page holds it: `columns` are `name:type`, a cell without text is null.
pub fn answer(query: &str, columns: &[String], rows: &[Vec<Option<String>>]) -> String {
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell.as_deref() {
                    None => "null".to_owned(),
                    Some("null") => "\"null\"".to_owned(),
                    Some(cell) => written(cell),
                })
                .collect();
            cells.join(" | ").trim_end().to_owned()
        })
        .collect();
    if !is_sorted(query) {
        lines.sort();
    }
    lines.insert(0, columns.join(" | "));
    lines.join("\n")
}
