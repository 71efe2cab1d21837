//! The queries of the public Kusto documentation that need no table, with their printed answers.
//!
//! Read from `$STANCE_SHARED/kql/docs-pairs.jsonl.gz` (default `../shared` beside the workspace);
//! skipped where that is absent. Printed answers are rounded and freely formatted, so the
//! comparison is loose; `STANCE_SHOW_PAIRS=1` prints what fails or differs.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value as Json;
use stance_base::{Coded, ErrorCode};
use stance_kql::{MemoryCatalog, output};

use crate::support;

/// The pairs that ran and agreed when this was written; fewer is a step back.
const LEAST_RUN: usize = 290;
const LEAST_AGREED: usize = 245;

/// A cell without what the printing of the documentation adds or leaves out.
fn loose(cell: &str) -> String {
    let cell = cell.replace("<br>", "").replace('`', "").to_lowercase();
    let cell = cell.trim().trim_end_matches('z').replace('t', " ");
    let digits_only = cell
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.e".contains(c));
    if let (true, Ok(number)) = (digits_only, cell.parse::<f64>()) {
        return format!("{number:.4e}");
    }
    let plain: String = cell
        .chars()
        .filter(|character| !character.is_whitespace() && *character != '"')
        .collect();
    let plain = plain
        .replace(".0000000", "")
        .replace("null", "")
        .replace(".0,", ",")
        .replace(".0]", "]");
    plain.trim_end_matches("00:00:00").to_owned()
}

#[tokio::test]
async fn the_documentation_runs() {
    let path = support::shared().join("kql/docs-pairs.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no documentation pairs at {}", path.display());
        return;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let show = std::env::var_os("STANCE_SHOW_PAIRS").is_some();
    let engine = support::engine(MemoryCatalog::new());
    let (mut total, mut run, mut agreed, mut internal) = (0, 0, 0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines() {
        let pair: Json = serde_json::from_str(line).unwrap();
        let query = pair["query"].as_str().unwrap();
        total += 1;
        let result = match engine.query(query).await {
            Ok(result) => result,
            Err(error) => {
                if error.code() == ErrorCode::Internal {
                    internal += 1;
                    eprintln!("INTERNAL {query}\n{error}\n");
                }
                let reason = error.diagnostics().first().map_or_else(
                    || error.to_string(),
                    |diagnostic| format!("{} {}", diagnostic.code, diagnostic.message),
                );
                *reasons.entry(reason).or_default() += 1;
                continue;
            }
        };
        run += 1;
        let mut found: Vec<Vec<String>> = output::text_rows(&result)
            .unwrap()
            .iter()
            .map(|row| row.iter().map(|cell| loose(cell)).collect())
            .collect();
        let mut wanted: Vec<Vec<String>> = pair["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                row.as_array()
                    .unwrap()
                    .iter()
                    .map(|cell| loose(cell.as_str().unwrap()))
                    .collect()
            })
            .collect();
        found.sort();
        wanted.sort();
        if found == wanted {
            agreed += 1;
        } else if show {
            eprintln!(
                "DIFFERS {}\n{query}\nwanted {wanted:?}\nfound  {found:?}\n",
                pair["path"]
            );
        }
    }
    if show {
        let mut reasons: Vec<(usize, String)> = reasons
            .into_iter()
            .map(|(reason, count)| (count, reason))
            .collect();
        reasons.sort_by(|a, b| b.cmp(a));
        for (count, reason) in reasons {
            eprintln!("FAILS {count} {reason}");
        }
    }
    eprintln!("documentation: {total} pairs, {run} run, {agreed} agree");
    assert_eq!(internal, 0, "queries that bind must plan");
    assert!(
        run >= LEAST_RUN && agreed >= LEAST_AGREED,
        "{run} run, {agreed} agree"
    );
}
