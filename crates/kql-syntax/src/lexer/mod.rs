//! Text to tokens. Never fails, keeps every byte: the token texts put together are the input.

mod number;
mod string;
mod typed;

pub(crate) use string::invalid_escape;

use crate::syntax::SyntaxKind;

/// One token: its kind and its length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: SyntaxKind,
    /// Length in bytes.
    pub length: usize,
    /// Whether it is broken: a string without its end, a bracket of a literal not closed.
    pub broken: bool,
}

/// Words with a dash, which are one token. Longest first where one starts another.
const DASHED_WORDS: &[&str] = &[
    "assert-schema",
    "graph-mark-components",
    "graph-match",
    "graph-merge",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "granny-asc",
    "granny-desc",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "parse-kv",
    "parse-where",
    "partitioned-by",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "sample-distinct",
    "top-hitters",
    "top-nested",
];

/// Splits a text into tokens.
pub fn tokenize(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while at < text.len() {
        let mut token = next_token(text, at);
        if token.length == 0 {
            // Cannot happen; were it to, the loop would not end.
            token = Token {
                kind: SyntaxKind::Unknown,
                length: text.len() - at,
                broken: true,
            };
        }
        at += token.length;
        tokens.push(token);
    }
    tokens
}

fn token(kind: SyntaxKind, length: usize) -> Token {
    Token {
        kind,
        length,
        broken: false,
    }
}

fn next_token(text: &str, at: usize) -> Token {
    let rest = &text[at..];
    let Some(first) = rest.chars().next() else {
        return token(SyntaxKind::End, 0);
    };
    if is_space(first) {
        return token(SyntaxKind::Whitespace, length_while(rest, is_space));
    }
    if rest.starts_with("//") {
        return token(
            SyntaxKind::Comment,
            rest.find(['\n', '\r']).unwrap_or(rest.len()),
        );
    }
    if first == '#' && starts_text(text, at) {
        return token(
            SyntaxKind::Directive,
            rest.find(['\n', '\r']).unwrap_or(rest.len()),
        );
    }
    if let Some(found) = string::string_token(rest) {
        return found;
    }
    if first.is_ascii_digit() {
        return number::number_token(rest);
    }
    if is_word_start(first) {
        return word_token(rest);
    }
    punctuation(rest, first)
}

fn word_token(rest: &str) -> Token {
    let dollar = usize::from(rest.starts_with('$'));
    let length = dollar + length_while(&rest[dollar..], is_word);
    let word = &rest[..length];
    let after = &rest[length..];
    if after.starts_with('-')
        && let Some(dashed) = DASHED_WORDS.iter().find(|dashed| is_dashed(rest, dashed))
    {
        return token(SyntaxKind::Identifier, dashed.len());
    }
    if word == "in" && after.starts_with('~') {
        return token(SyntaxKind::Identifier, length + 1);
    }
    typed::typed_literal(rest, word).unwrap_or(token(SyntaxKind::Identifier, length))
}

fn is_dashed(rest: &str, dashed: &str) -> bool {
    rest.strip_prefix(dashed)
        .is_some_and(|after| !after.starts_with(is_word))
}

fn punctuation(rest: &str, first: char) -> Token {
    use SyntaxKind as K;
    let second = rest[first.len_utf8()..].chars().next();
    let (kind, length) = match (first, second) {
        ('=', Some('=')) => (K::EqualEqual, 2),
        ('=', Some('~')) => (K::EqualTilde, 2),
        ('=', Some('>')) => (K::FatArrow, 2),
        ('=', _) => (K::Equal, 1),
        ('!', Some('~')) => (K::NotTilde, 2),
        ('!', Some(letter)) if letter.is_ascii_alphabetic() => return negated_word(rest),
        ('!', Some('=')) | ('<', Some('>')) => (K::NotEqual, 2),
        ('<', Some('=')) => (K::LessEqual, 2),
        ('<', _) => (K::Less, 1),
        ('>', Some('=')) => (K::GreaterEqual, 2),
        ('>', _) => (K::Greater, 1),
        ('.', Some('.')) => (K::DotDot, 2),
        ('.', _) => (K::Dot, 1),
        ('+', _) => (K::Plus, 1),
        ('-', _) => (K::Minus, 1),
        ('*', _) => (K::Star, 1),
        ('/', _) => (K::Slash, 1),
        ('%', _) => (K::Percent, 1),
        ('|', _) => (K::Pipe, 1),
        ('(', _) => (K::LeftParen, 1),
        (')', _) => (K::RightParen, 1),
        ('[', _) => (K::LeftBracket, 1),
        (']', _) => (K::RightBracket, 1),
        ('{', _) => (K::LeftBrace, 1),
        ('}', _) => (K::RightBrace, 1),
        (',', _) => (K::Comma, 1),
        (';', _) => (K::Semicolon, 1),
        (':', _) => (K::Colon, 1),
        ('@', _) => (K::At, 1),
        ('?', _) => (K::Question, 1),
        ('&', _) => (K::Ampersand, 1),
        _ => (K::Unknown, first.len_utf8()),
    };
    token(kind, length)
}

/// `!has`, `!in`, `!in~`, `!between`.
fn negated_word(rest: &str) -> Token {
    let length = 1 + length_while(&rest[1..], is_word);
    let tilde = usize::from(&rest[..length] == "!in" && rest[length..].starts_with('~'));
    token(SyntaxKind::Identifier, length + tilde)
}

fn length_while(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|character| !wanted(character))
        .unwrap_or(text.len())
}

/// Directives stand before everything but spaces, comments and other directives.
fn starts_text(text: &str, at: usize) -> bool {
    text[..at].lines().all(|line| {
        let line = line.trim_matches(is_space);
        line.is_empty() || line.starts_with("//") || line.starts_with('#')
    })
}

/// Besides Unicode's spaces the byte-order mark and the zero-width space, which editors leave behind.
fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}')
}

fn is_word_start(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '$')
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
