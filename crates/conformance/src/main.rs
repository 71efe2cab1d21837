//! Prints how far KQL in Stance agrees with the corpora it is given.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are what this program is for"
)]

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use stance_conformance::{
    Figure, Tables, bound_queries_run, bound_schemas, pair_results, pair_schemas, parsed,
    read_pairs, read_queries,
};

/// Holds KQL in Stance against real queries and the documentation of Kusto.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask conformance",
    after_help = "Example:\n  cargo xtask conformance --corpus real-queries.jsonl.gz --bound bound-queries.jsonl.gz \\\n      --tables tables.json --pairs docs-pairs.jsonl.gz"
)]
struct Arguments {
    /// Queries that the official parser accepts: `{query, source}` lines, `.jsonl` or `.jsonl.gz`.
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// Queries with their official result schema: `{query, source, schema}` lines.
    #[arg(long, value_name = "FILE", requires = "tables")]
    bound: Option<PathBuf>,
    /// The tables of the bound queries: `{table: {column: type}}`.
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// Queries of the documentation with their printed rows: `{path, line, query, rows, schema}`.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Print every miss whole, with its query, to standard error.
    #[arg(long)]
    explain: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let tables = arguments.tables.as_deref().map(Tables::read).transpose()?;
    let mut figures: Vec<(&'static str, Figure)> = Vec::new();
    if let Some(path) = &arguments.corpus {
        show(&mut figures, "parsed", parsed(&read_queries(path)?));
    }
    if let (Some(path), Some(tables)) = (&arguments.bound, &tables) {
        let queries = read_queries(path)?;
        show(
            &mut figures,
            "bound schemas equal",
            bound_schemas(&queries, tables),
        );
        let run = bound_queries_run(&queries, tables, progress("queries run", queries.len()));
        show(&mut figures, "bound run", run.await?);
    }
    if let Some(path) = &arguments.pairs {
        let pairs = read_pairs(path)?;
        show(&mut figures, "pair schemas equal", pair_schemas(&pairs));
        let results = pair_results(&pairs, progress("pairs run", pairs.len()));
        show(&mut figures, "pair results equal", results.await?);
    }
    for (name, figure) in &figures {
        if figure.misses.is_empty() {
            continue;
        }
        println!(
            "\nmissing from {name}, by construct:\n{}",
            figure.by_construct()
        );
        if arguments.explain {
            for miss in &figure.misses {
                eprintln!(
                    "# {name}: {} ({})\n{}\n",
                    miss.construct, miss.place, miss.detail
                );
            }
        }
    }
    Ok(())
}

fn show(figures: &mut Vec<(&'static str, Figure)>, name: &'static str, figure: Figure) {
    println!("{}", figure.line(name));
    figures.push((name, figure));
}

/// Says every few hundred how far it is.
fn progress(what: &'static str, of: usize) -> impl Fn(usize) {
    move |ended| {
        if ended % 500 == 0 {
            eprintln!("{ended} of {of} {what}");
        }
    }
}
