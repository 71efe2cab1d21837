//! A rule's search and the KQL that it stands for find the same, on every example of every shipped rule.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use stance_exposure::rule::{Rule, embedded_rules};
use stance_exposure::search::{Limits, Pattern, search};
use stance_exposure::{Graph, Vocabulary};
use stance_kql::{Engine, EngineOptions, MemoryCatalog, TableSource, file_table, output};
use stance_model::tables;

use super::graph_rows;
use crate::rows::table_batch::TableBatch;

type Pairs = BTreeSet<(String, String)>;

#[tokio::test]
async fn the_search_and_the_kql_of_a_rule_agree() {
    let vocabulary = Vocabulary::embedded().unwrap();
    let (rules, problems) = embedded_rules();
    assert!(problems.is_empty(), "{problems:#?}");
    let mut differ = Vec::new();
    for rule in rules.iter().filter(|rule| rule.query.is_none()) {
        let pattern = rule.compile(&vocabulary).unwrap();
        for example in &rule.examples {
            let graph = example.graph(&vocabulary).unwrap();
            let searched = searched(&graph, &pattern);
            let asked = asked(&graph, &vocabulary, rule, &pattern).await;
            if asked.as_ref() != Ok(&searched) {
                let name = format!("{}: {}", rule.name, example.name);
                differ.push(format!("{name}\n  search {searched:?}\n  KQL    {asked:?}"));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn searched(graph: &Graph, pattern: &Pattern) -> Pairs {
    let found = search(graph, pattern, &Limits::default(), &|| false);
    let id = |node| graph.node(node).id.to_string();
    let matches = found.matches.iter();
    matches.map(|one| (id(one.entry), id(one.target))).collect()
}

async fn asked(
    graph: &Graph,
    vocabulary: &Vocabulary,
    rule: &Rule,
    pattern: &Pattern,
) -> Result<Pairs, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = batch_of("ExposureGraphNodes");
    for (number, _) in (0..).zip(graph.nodes()) {
        nodes.push(graph_rows::node_cells(graph, vocabulary, number));
    }
    let mut edges = batch_of("ExposureGraphEdges");
    for (number, _) in (0..).zip(graph.edges()) {
        edges.push(graph_rows::edge_cells(graph, vocabulary, number));
    }
    let mut catalog = MemoryCatalog::new();
    for (name, batch) in [("ExposureGraphNodes", nodes), ("ExposureGraphEdges", edges)] {
        let path = folder.path().join(format!("{name}.parquet"));
        write(batch, &path);
        let rows = file_table(name, &path).await.unwrap();
        // As declared: the file itself does not say which texts are dynamic.
        let declared = tables::find(name).unwrap();
        catalog.add_table(TableSource::new(declared, rows.provider));
    }
    let engine = Engine::new(Arc::new(catalog), EngineOptions::default()).unwrap();
    let result = engine.query(&pattern.to_kql()).await;
    let result = result.map_err(|error| error.to_string())?;
    let rows = output::json_objects(&result).map_err(|error| error.to_string())?;
    let place = |alias: &str| pattern.aliases().iter().position(|one| one == alias);
    assert!(place(&rule.entry).is_some() && place(&rule.target).is_some());
    let end = |row: &serde_json::Map<String, serde_json::Value>, column: &str| {
        row.get(column)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Ok(rows
        .iter()
        .map(|row| (end(row, "Entry"), end(row, "Target")))
        .collect())
}

fn batch_of(table: &str) -> TableBatch {
    TableBatch::new(&tables::find(table).unwrap())
}

fn write(mut batch: TableBatch, path: &Path) {
    let rows = batch.take().unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}
