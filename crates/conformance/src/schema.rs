//! Parsing and binding.

use stance_kql_syntax::{BindOptions, Catalog, Diagnostic, bind, parse, render_diagnostics};

use crate::figure::{Figure, Miss};
use crate::records::Query;

/// Queries in which the parser finds no error.
pub fn parsed(queries: &[Query]) -> Figure {
    let mut figure = Figure::default();
    for (index, query) in queries.iter().enumerate() {
        let parsed = parse(&query.query);
        let first = parsed.diagnostics().iter().find(|found| found.is_error());
        figure.add(first.map(|found| Miss {
            construct: construct_of(found),
            place: format!("{} {}", query.source, index + 1),
            detail: render_diagnostics(&query.query, std::slice::from_ref(found)),
        }));
    }
    figure
}

/// How the schema that the binder gives differs from the official one: construct and detail.
pub(crate) fn difference(
    query: &str,
    official: &[String],
    catalog: &dyn Catalog,
) -> Option<(String, String)> {
    let bound = bind(&parse(query), catalog, &BindOptions::default());
    if bound.query.is_none() {
        let first = bound.diagnostics.iter().find(|found| found.is_error());
        let construct = first.map_or_else(|| "no query".to_owned(), construct_of);
        return Some((construct, render_diagnostics(query, &bound.diagnostics)));
    }
    let ours: Vec<String> = bound
        .schema
        .columns()
        .iter()
        .map(|column| format!("{}:{}", column.name, column.scalar_type))
        .collect();
    let equal = ours.len() == official.len()
        && ours
            .iter()
            .zip(official)
            .all(|(ours, official)| same_column(ours, official));
    if equal {
        return None;
    }
    let first = ours
        .iter()
        .zip(official)
        .find(|(ours, official)| !same_column(ours, official));
    let construct = match first {
        Some((ours, official)) => format!("column {ours} in place of {official}"),
        None => format!("{} columns in place of {}", ours.len(), official.len()),
    };
    let detail = format!(
        "ours:     {}\nofficial: {}",
        ours.join(", "),
        official.join(", ")
    );
    Some((construct, detail))
}

/// The code and message of a diagnostic, which name the construct.
pub(crate) fn construct_of(diagnostic: &Diagnostic) -> String {
    format!("{} {}", diagnostic.code, diagnostic.message)
}

/// What the official binder cannot tell may be anything here.
fn same_column(ours: &str, official: &str) -> bool {
    match official.strip_suffix(":unknown") {
        Some(name) => ours.rsplit_once(':').is_some_and(|(ours, _)| ours == name),
        None => ours == official,
    }
}
