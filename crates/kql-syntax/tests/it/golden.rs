//! Pairs of a query and what is printed about it, under `tests/golden`.
//!
//! `NAME.kql` is the query, `NAME.out` its diagnostics and the schema of its result. Run with
//! `STANCE_GOLDEN=write` to write the `.out` files anew, then read the difference.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_kql_syntax::{BindOptions, bind, parse, render_diagnostics};

fn report(text: &str) -> String {
    let bound = bind(
        &parse(text),
        &crate::seeds::catalog(),
        &BindOptions::default(),
    );
    let mut out = render_diagnostics(text, &bound.diagnostics);
    let columns = bound
        .schema
        .columns()
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type));
    let _ = writeln!(out, "schema: {}", columns.collect::<Vec<_>>().join(", "));
    out
}

#[test]
fn queries_print_what_is_written_beside_them() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write = std::env::var_os("STANCE_GOLDEN").is_some_and(|value| value == "write");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "kql") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let ours = report(&text);
        let beside = path.with_extension("out");
        if write {
            std::fs::write(&beside, &ours).unwrap();
        }
        let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(ours, wanted, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} golden queries found");
}
