//! Literals written as a type with its value in brackets.

use super::{Token, string};
use crate::syntax::SyntaxKind;

/// Types whose bracketed form is one token, read without looking at what is inside.
const TYPES: &[&str] = &[
    "bool", "date", "datetime", "decimal", "double", "guid", "int", "int32", "int64", "long",
    "real", "time", "timespan",
];

/// The literal that the word at the start of `rest` begins, if it does.
pub(super) fn typed_literal(rest: &str, word: &str) -> Option<Token> {
    let is_dynamic = word == "dynamic";
    if !is_dynamic && !TYPES.contains(&word) {
        return None;
    }
    let after = &rest[word.len()..];
    // Spaces may stand before the bracket of `dynamic (...)` alone.
    let after = if is_dynamic {
        after.trim_start_matches([' ', '\t', '\r', '\n'])
    } else {
        after
    };
    let inside = after.strip_prefix('(')?;
    let open = rest.len() - inside.len();
    let (kind, end) = if is_dynamic {
        (SyntaxKind::DynamicLiteral, balanced_end(inside))
    } else {
        (SyntaxKind::TypedLiteral, plain_end(inside))
    };
    Some(match end {
        Some(length) => Token {
            kind,
            length: open + length + 1,
            broken: false,
        },
        None => Token {
            kind,
            length: open + first_line(inside),
            broken: true,
        },
    })
}

/// Offset of the closing bracket, which stands on the same line.
fn plain_end(inside: &str) -> Option<usize> {
    let end = inside.find([')', '\n', '\r'])?;
    inside[end..].starts_with(')').then_some(end)
}

/// Offset of the bracket that closes, brackets inside being balanced and strings skipped.
fn balanced_end(inside: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if rest.starts_with(['"', '\'', '@', '`', '~', 'h', 'H'])
            && let Some(text) = string::string_token(rest)
        {
            at += text.length.max(1);
            continue;
        }
        if rest.starts_with("//") {
            at += first_line(rest).max(1);
            continue;
        }
        let character = rest.chars().next()?;
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += character.len_utf8();
    }
    None
}

fn first_line(text: &str) -> usize {
    text.find(['\n', '\r']).unwrap_or(text.len())
}
