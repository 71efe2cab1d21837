//! Real queries of public repositories.

use stance_kql_syntax::parse;

use crate::shared::json_lines;

/// Writes failures where `STANCE_FAILURES` names a folder, for the one who mends them.
fn note_failures(name: &str, failures: &[String]) {
    if let Some(folder) = std::env::var_os("STANCE_FAILURES") {
        std::fs::write(
            std::path::Path::new(&folder).join(name),
            failures.join("\n=====\n"),
        )
        .unwrap();
    }
}

#[test]
fn real_queries_parse_without_a_diagnostic() {
    let Some(records) = json_lines("kql/real-queries.jsonl.gz") else {
        return;
    };
    let mut failures = Vec::new();
    for record in &records {
        let query = record["query"].as_str().unwrap();
        let parsed = parse(query);
        assert_eq!(parsed.syntax().text().to_string(), query);
        if let Some(first) = parsed.diagnostics().first() {
            failures.push(format!(
                "{}\n{query}",
                stance_kql_syntax::render_diagnostics(query, std::slice::from_ref(first))
            ));
        }
    }
    note_failures("parse.txt", &failures);
    let parsed = records.len() - failures.len();
    eprintln!("real queries parsed: {parsed} of {}", records.len());
    assert!(
        parsed * 1000 >= records.len() * 998,
        "{} of {} failed",
        failures.len(),
        records.len()
    );
}

/// Binds a record's query and says how its schema differs from the expected one.
fn schema_difference(
    query: &str,
    expected: &serde_json::Value,
    catalog: &dyn stance_kql_syntax::Catalog,
) -> Option<String> {
    let parsed = parse(query);
    let bound =
        stance_kql_syntax::bind(&parsed, catalog, &stance_kql_syntax::BindOptions::default());
    let ours: Vec<String> = bound
        .schema
        .columns()
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let theirs: Vec<&str> = expected
        .as_array()
        .map(|list| list.iter().map(|name| name.as_str().unwrap()).collect())
        .unwrap_or_default();
    let equal = ours.len() == theirs.len()
        && ours
            .iter()
            .zip(&theirs)
            .all(|(ours, theirs)| same_column(ours, theirs));
    let errors = stance_kql_syntax::render_diagnostics(query, &bound.diagnostics);
    if equal && bound.query.is_some() {
        return None;
    }
    let kind = if bound.query.is_none() {
        "ERROR"
    } else {
        "SCHEMA"
    };
    Some(format!(
        "{kind}\n{errors}ours:   {}\ntheirs: {}\n{query}",
        ours.join(", "),
        theirs.join(", ")
    ))
}

/// What the other binder cannot tell may be anything here.
fn same_column(ours: &str, theirs: &str) -> bool {
    match theirs.strip_suffix(":unknown") {
        Some(name) => ours.rsplit_once(':').is_some_and(|(ours, _)| ours == name),
        None => ours == theirs,
    }
}

fn shared_tables() -> Option<stance_kql_syntax::MemoryCatalog> {
    let text = std::fs::read_to_string(crate::shared::folder()?.join("kql/tables.json")).unwrap();
    let tables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut catalog = stance_kql_syntax::MemoryCatalog::new();
    for (name, columns) in tables {
        let columns = columns.as_object().unwrap().iter();
        let schema = columns
            .map(|(name, scalar_type)| {
                stance_kql_syntax::Column::new(
                    name.as_str(),
                    scalar_type.as_str().unwrap().parse().unwrap(),
                )
            })
            .collect();
        catalog.add_table(name, schema);
    }
    Some(catalog)
}

fn bind_all(
    path: &str,
    catalog: &dyn stance_kql_syntax::Catalog,
    name: &str,
) -> Option<(usize, usize)> {
    let records = json_lines(path)?;
    let mut failures = Vec::new();
    for record in &records {
        failures.extend(schema_difference(
            record["query"].as_str().unwrap(),
            &record["schema"],
            catalog,
        ));
    }
    note_failures(name, &failures);
    eprintln!(
        "{path}: {} of {} bound with the expected schema",
        records.len() - failures.len(),
        records.len()
    );
    Some((records.len() - failures.len(), records.len()))
}

#[test]
fn real_queries_bind_to_the_expected_schema() {
    let Some(catalog) = shared_tables() else {
        return;
    };
    let Some((equal, all)) = bind_all("kql/bound-queries.jsonl.gz", &catalog, "bind.txt") else {
        return;
    };
    assert!(equal * 100 >= all * 97, "{equal} of {all}");
}

#[test]
fn documentation_queries_bind_to_the_expected_schema() {
    let catalog = stance_kql_syntax::EmptyCatalog;
    let Some((equal, all)) = bind_all("kql/docs-pairs.jsonl.gz", &catalog, "docs.txt") else {
        return;
    };
    assert!(equal * 100 >= all * 97, "{equal} of {all}");
}
