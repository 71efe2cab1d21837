//! Any text parses without a panic, loses no byte, and binds or says why not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_kql_syntax::{BindOptions, Column, MemoryCatalog, bind, completions_at, format, parse, render_diagnostics};

fuzz_target!(|text: &str| {
    let mut catalog = MemoryCatalog::new();
    let columns = [("a", "long"), ("b", "string"), ("c", "dynamic"), ("t", "datetime")];
    let columns = columns.iter().filter_map(|(name, kind)| Some(Column::new(*name, kind.parse().ok()?)));
    catalog.add_table("T", columns.collect());
    let parsed = parse(text);
    assert_eq!(parsed.syntax().text().to_string(), text);
    let bound = bind(&parsed, &catalog, &BindOptions::default());
    render_diagnostics(text, &bound.diagnostics);
    completions_at(text, text.len() / 2, &catalog);
    format(text);
});
