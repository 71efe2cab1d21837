//! Text to a lossless tree. Recursive descent with precedence climbing for expressions.
//!
//! The parser never fails: what it does not understand becomes an `ERROR` node and a diagnostic,
//! and it goes on at the next `|`, `;` or closing bracket. KQL's keywords are words by place, not
//! by nature (`count`, `kind` and `type` are good column names), so the lexer knows no keywords
//! and every decision looks at the word where the grammar asks for one.

mod cursor;
mod expression;
mod flow;
mod graph;
mod group;
mod join;
mod keyword;
mod list;
mod operator;
mod parameter;
mod primary;
mod rows;
mod schema;
mod source;
mod statement;
mod text;

use rowan::GreenNode;

use crate::diagnostics::{Diagnostic, DiagnosticCode};
use crate::span::Span;

pub(crate) use operator::OPERATOR_NAMES;

/// Longest query text in bytes (the limit of Kusto's service).
pub const MAX_QUERY_BYTES: usize = 2 * 1024 * 1024;
/// Deepest nesting of brackets and of operators in one expression.
pub const MAX_DEPTH: usize = 160;
/// Most diagnostics that are kept of one text.
const MAX_DIAGNOSTICS: usize = 100;

/// Parses a whole text.
pub(crate) fn parse_text(text: &str) -> (GreenNode, Vec<Diagnostic>) {
    if text.len() > MAX_QUERY_BYTES {
        return too_long(text);
    }
    let mut parser = cursor::Parser::new(text);
    parser.root();
    parser.finish_tree()
}

/// The text as one error token: nothing is lost and nothing is read.
fn too_long(text: &str) -> (GreenNode, Vec<Diagnostic>) {
    use rowan::Language as _;

    use crate::syntax::{KqlLanguage, SyntaxKind};

    let mut builder = rowan::GreenNodeBuilder::new();
    builder.start_node(KqlLanguage::kind_to_raw(SyntaxKind::Root));
    builder.token(KqlLanguage::kind_to_raw(SyntaxKind::Unknown), text);
    builder.finish_node();
    let message = format!(
        "the query is {} bytes long; the limit is {MAX_QUERY_BYTES}",
        text.len()
    );
    let diagnostic = Diagnostic::error(DiagnosticCode::QueryTooLong, Span::new(0, 0), message)
        .with_help("move lists of values into a table and use `in (Table)`");
    (builder.finish(), vec![diagnostic])
}
