//! Lines of the corpora.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Longest line that is read, in bytes.
const MAX_LINE: usize = 16 << 20;

/// A query of a corpus; of the columns only what its file knows.
#[derive(Debug, Clone, Deserialize)]
pub struct Query {
    /// Where it was published.
    #[serde(default)]
    pub source: String,
    /// The text.
    pub query: String,
    /// The official schema of its result, `name:type` each; `unknown` where that binder cannot tell.
    #[serde(default)]
    pub schema: Vec<String>,
}

/// A query of the documentation with what the page prints as its result.
#[derive(Debug, Clone, Deserialize)]
pub struct Pair {
    /// The page.
    pub path: String,
    /// Line of the page.
    #[serde(default)]
    pub line: u64,
    /// The text.
    pub query: String,
    /// The printed names of the columns.
    #[serde(default)]
    pub header: Vec<String>,
    /// The printed rows; one may lack empty cells at its end.
    pub rows: Vec<Vec<String>>,
    /// The official schema of its result.
    #[serde(default)]
    pub schema: Vec<String>,
}

impl Pair {
    /// The printed rows, each with as many cells as there are printed names. A short row without any
    /// text is how a page prints that there are none.
    pub fn full_rows(&self) -> Vec<Vec<String>> {
        let short = |row: &Vec<String>| row.len() < self.header.len();
        let mut rows = self.rows.clone();
        rows.retain(|row| !(short(row) && row.iter().all(String::is_empty)));
        for row in &mut rows {
            if row.len() < self.header.len() {
                row.resize(self.header.len(), String::new());
            }
        }
        rows
    }
}

/// Reads a corpus, `.jsonl` or `.jsonl.gz`.
pub fn read_queries(path: &Path) -> Result<Vec<Query>> {
    read(path)
}

/// Reads documentation pairs, `.jsonl` or `.jsonl.gz`.
pub fn read_pairs(path: &Path) -> Result<Vec<Pair>> {
    read(path)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let reader: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut reader = BufReader::new(reader);
    let mut records = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader
            .by_ref()
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut line)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        if read == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let record = serde_json::from_slice(&line)
            .with_context(|| format!("{}, line {number}, is no record", path.display()))?;
        records.push(record);
    }
    Ok(records)
}
