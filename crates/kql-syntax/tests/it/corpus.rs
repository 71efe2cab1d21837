//! Real queries of public repositories.

use stance_kql_syntax::parse;

use crate::shared::json_lines;

/// Writes failures where `STANCE_FAILURES` names a folder, for the one who mends them.
fn note_failures(name: &str, failures: &[String]) {
    if let Some(folder) = std::env::var_os("STANCE_FAILURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), failures.join("\n=====\n")).unwrap();
    }
}

#[test]
fn real_queries_parse_without_a_diagnostic() {
    let Some(records) = json_lines("kql/real-queries.jsonl.gz") else { return };
    let mut failures = Vec::new();
    for record in &records {
        let query = record["query"].as_str().unwrap();
        let parsed = parse(query);
        assert_eq!(parsed.syntax().text().to_string(), query);
        if let Some(first) = parsed.diagnostics().first() {
            failures.push(format!("{}\n{query}", stance_kql_syntax::render_diagnostics(query, std::slice::from_ref(first))));
        }
    }
    note_failures("parse.txt", &failures);
    let parsed = records.len() - failures.len();
    eprintln!("real queries parsed: {parsed} of {}", records.len());
    assert!(parsed * 1000 >= records.len() * 995, "{} of {} failed", failures.len(), records.len());
}
