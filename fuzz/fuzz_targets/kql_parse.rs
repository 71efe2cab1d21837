//! Any text parses without a panic, loses no byte, and binds or says why not. Its layout keeps every
//! token, and laying out what is laid out changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_kql_syntax::{BindOptions, Column, MemoryCatalog, bind, completions_at, format, parse, render_diagnostics};

const TABLES: [(&str, &[(&str, &str)]); 3] = [
    ("T", &[("a", "long"), ("b", "string"), ("c", "dynamic"), ("t", "datetime")]),
    ("Events", &[("Id", "guid"), ("Kind", "string"), ("Took", "timespan"), ("Value", "real"), ("Ok", "bool")]),
    ("resources", &[("id", "string"), ("type", "string"), ("tags", "dynamic"), ("properties", "dynamic")]),
];

fuzz_target!(|text: &str| {
    let mut catalog = MemoryCatalog::new();
    for (name, columns) in TABLES {
        let columns = columns.iter().filter_map(|(name, kind)| Some(Column::new(*name, kind.parse().ok()?)));
        catalog.add_table(name, columns.collect());
    }
    let parsed = parse(text);
    assert_eq!(parsed.syntax().text().to_string(), text);
    let bound = bind(&parsed, &catalog, &BindOptions::default());
    assert_eq!(bound.query.is_none(), bound.diagnostics.iter().any(|found| found.is_error()));
    render_diagnostics(text, &bound.diagnostics);
    completions_at(text, text.len() / 2, &catalog);
    let laid_out = format(text);
    assert_eq!(significant(&laid_out), significant(text));
    assert_eq!(format(&laid_out), laid_out);
});

/// Everything but white space, to which KQL counts the byte-order mark and the zero-width space.
fn significant(text: &str) -> String {
    let is_space = |character: &char| character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}');
    text.chars().filter(|character| !is_space(character)).collect()
}
