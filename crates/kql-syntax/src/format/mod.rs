//! One layout for all queries.

mod build;
mod doc;
mod spacing;

use crate::lexer::tokenize;
use crate::syntax::SyntaxKind as K;

/// Lays a query out anew: each operator on a line of its own that starts with `|`, brackets and
/// lists that are too long for a line broken into one item a line, statements one after the other.
/// Words, strings and comments stay as they are. Formatting twice changes nothing more.
///
/// A text that does not parse is left alone: where it is wrong nobody knows what belongs where.
pub fn format(text: &str) -> String {
    let parsed = crate::parse(text);
    if parsed.diagnostics().iter().any(crate::Diagnostic::is_error) {
        return text.to_owned();
    }
    let formatted = doc::print(&build::Builder::root(&parsed.syntax()));
    // Whatever the layout, it must not change what is said.
    if significant(&formatted) == significant(text) {
        formatted
    } else {
        text.to_owned()
    }
}

/// Tokens and comments, without the space between.
fn significant(text: &str) -> Vec<&str> {
    let mut start = 0;
    let mut out = Vec::new();
    for token in tokenize(text) {
        let piece = &text[start..start + token.length];
        start += token.length;
        if token.kind != K::Whitespace {
            out.push(piece.trim_end());
        }
    }
    out
}
