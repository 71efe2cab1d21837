#![allow(clippy::print_stdout, clippy::expect_used)]
//! Prints the tree and the bound schema of a query from standard input.
use std::io::Read as _;
fn main() {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .expect("standard input");
    let parsed = stance_kql_syntax::parse(&text);
    println!("{:#?}", parsed.syntax());
    let bound = stance_kql_syntax::bind(
        &parsed,
        &stance_kql_syntax::EmptyCatalog,
        &stance_kql_syntax::BindOptions::default(),
    );
    println!(
        "{}",
        stance_kql_syntax::render_diagnostics(&text, &bound.diagnostics)
    );
    println!("{:?}", bound.schema);
}
