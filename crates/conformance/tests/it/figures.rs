//! Figures that a change must not lower.

use std::path::PathBuf;

use stance_conformance::{
    Figure, Tables, bound_queries_run, bound_schemas, pair_results, pair_schemas, parsed,
    read_pairs, read_queries,
};

/// One bound query in this many is run: enough to see a step back.
const RUN_ONE_IN: usize = 20;

fn shared(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("STANCE_SHARED").map_or_else(beside, PathBuf::from);
    let path = folder.join("kql").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: there is no {}; set STANCE_SHARED", path.display());
    None
}

/// At least this share, in thousandths.
fn at_least(figure: &Figure, name: &str, thousandths: usize) {
    assert!(
        figure.equal() * 1_000 >= figure.total * thousandths,
        "{}\n{}",
        figure.line(name),
        figure.by_construct()
    );
}

#[test]
fn real_queries_parse() {
    let Some(corpus) = shared("real-queries.jsonl.gz") else {
        return;
    };
    at_least(&parsed(&read_queries(&corpus).unwrap()), "parsed", 995);
}

#[tokio::test]
async fn bound_queries_have_the_official_columns_and_run() {
    let (Some(bound), Some(tables)) = (shared("bound-queries.jsonl.gz"), shared("tables.json"))
    else {
        return;
    };
    let queries = read_queries(&bound).unwrap();
    let tables = Tables::read(&tables).unwrap();
    at_least(
        &bound_schemas(&queries, &tables),
        "bound schemas equal",
        980,
    );
    let some: Vec<_> = queries.into_iter().step_by(RUN_ONE_IN).collect();
    let run = bound_queries_run(&some, &tables, |_| {}).await.unwrap();
    at_least(&run, "bound run", 940);
}

#[tokio::test]
async fn documentation_pairs_agree() {
    let Some(pairs) = shared("docs-pairs.jsonl.gz") else {
        return;
    };
    let pairs = read_pairs(&pairs).unwrap();
    at_least(&pair_schemas(&pairs), "pair schemas equal", 980);
    let results = pair_results(&pairs, |_| {}).await.unwrap();
    at_least(&results, "pair results equal", 900);
}
