//! Queries that people published, planned over the schemas of the real tables.
//!
//! Read from `$STANCE_SHARED/kql` (default `../shared` beside the workspace); skipped where that is
//! absent. Nothing is run, for the tables are empty: every query that binds must plan, or say in a
//! coded diagnostic which construct does not run yet. `STANCE_SHOW_PAIRS=1` prints the reasons.

use std::collections::BTreeMap;
use std::io::Read;
use std::str::FromStr;

use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql::MemoryCatalog;
use stance_kql_syntax::DiagnosticCode;

use crate::support;

/// Share of the queries that bind which also plan, in hundredths; less is a step back.
const LEAST_PLANNED: usize = 90;

fn catalog(tables: &Json) -> MemoryCatalog {
    let mut catalog = MemoryCatalog::new();
    for (name, columns) in tables.as_object().unwrap() {
        let columns: Vec<(String, ScalarType)> = columns
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, scalar_type)| {
                let scalar_type = ScalarType::from_str(scalar_type.as_str().unwrap());
                (name.clone(), scalar_type.unwrap_or(ScalarType::Dynamic))
            })
            .collect();
        catalog.add_table(support::table(name, &columns, &[]));
    }
    catalog
}

#[tokio::test]
async fn published_queries_plan() {
    let folder = support::shared().join("kql");
    let (Ok(tables), Ok(file)) = (
        std::fs::read_to_string(folder.join("tables.json")),
        std::fs::File::open(folder.join("bound-queries.jsonl.gz")),
    ) else {
        eprintln!("SKIPPED: no published queries at {}", folder.display());
        return;
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let show = std::env::var_os("STANCE_SHOW_PAIRS").is_some();
    // A part of the queries is enough to see a step back.
    let step = if show { 25 } else { 60 };
    let engine = support::engine(catalog(&serde_json::from_str(&tables).unwrap()));
    let started = std::time::Instant::now();
    let (mut total, mut bound, mut planned, mut broken) = (0, 0, 0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines().step_by(step) {
        let query: Json = serde_json::from_str(line).unwrap();
        let query = query["query"].as_str().unwrap();
        total += 1;
        if show {
            eprintln!("QUERY {total} {:?}", started.elapsed());
        }
        let Err(error) = engine.explain(query).await else {
            bound += 1;
            planned += 1;
            continue;
        };
        let Some(diagnostic) = error.diagnostics().first() else {
            broken += 1;
            eprintln!("BROKEN {query}\n{error}\n");
            continue;
        };
        bound += usize::from(diagnostic.code == DiagnosticCode::NotSupported);
        let reason = format!("{} {}", diagnostic.code, diagnostic.message);
        *reasons.entry(reason).or_default() += 1;
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
    eprintln!("published queries: {total}, {bound} bind, {planned} plan");
    assert_eq!(broken, 0, "queries that bind must plan");
    assert!(
        planned * 100 >= bound * LEAST_PLANNED,
        "{bound} bind, {planned} plan"
    );
}
