//! Where in a query an offset is.

use crate::lexer::{Token, tokenize};
use crate::span::Span;
use crate::syntax::SyntaxKind as K;

/// What is wanted at an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Position {
    /// A tabular operator.
    Operator,
    /// A table or what else starts a pipeline.
    Source,
    /// A value. `pipeline` is the text whose result's columns are in scope.
    Expression {
        pipeline: Option<String>,
        table_possible: bool,
    },
    /// A plugin.
    Plugin,
    /// After `kind=`.
    JoinKind,
    /// Inside a string or a comment.
    Nothing,
}

/// An offset with the word begun there.
pub(super) struct Context<'text> {
    pub(super) word: &'text str,
    pub(super) replaces: Span,
    pub(super) position: Position,
}

struct Placed<'text> {
    kind: K,
    text: &'text str,
    start: usize,
}

impl<'text> Context<'text> {
    pub(super) fn at(text: &'text str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let raw = tokenize(before);
        let tokens = placed(before, &raw);
        let inside_text = raw
            .last()
            .is_some_and(|last| last.kind == K::Comment || last.kind == K::String && last.broken);
        let word_start = word_start(before);
        let word = &before[word_start..];
        let earlier: Vec<Placed<'_>> = tokens
            .into_iter()
            .filter(|token| token.start < word_start)
            .collect();
        let position = if inside_text {
            Position::Nothing
        } else {
            position(before, &earlier)
        };
        Self {
            word,
            replaces: Span::new(word_start, offset),
            position,
        }
    }
}

/// Where the word at the end of a text starts; dashes belong to operators' names.
fn word_start(before: &str) -> usize {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    let start = before.trim_end_matches(is_word).len();
    let dashed = before
        .trim_end_matches(|character| is_word(character) || character == '-')
        .len();
    let after_pipe = before[..dashed].trim_end().ends_with('|');
    if after_pipe { dashed } else { start }
}

fn placed<'text>(text: &'text str, tokens: &[Token]) -> Vec<Placed<'text>> {
    let mut start = 0;
    let mut out = Vec::new();
    for token in tokens {
        if !token.kind.is_trivia() {
            out.push(Placed {
                kind: token.kind,
                text: &text[start..start + token.length],
                start,
            });
        }
        start += token.length;
    }
    out
}

fn position(before: &str, tokens: &[Placed<'_>]) -> Position {
    let Some(last) = tokens.last() else {
        return Position::Source;
    };
    let two_back = tokens.len().checked_sub(2).map(|index| tokens[index].text);
    match (last.kind, last.text) {
        (K::Pipe, _) => return Position::Operator,
        (K::Semicolon, _) => return Position::Source,
        (K::Equal, _) if two_back == Some("kind") => return Position::JoinKind,
        (_, "evaluate") => return Position::Plugin,
        (_, "union" | "join" | "lookup" | "materialize") => return Position::Source,
        (K::LeftParen, _)
            if matches!(
                two_back,
                Some("union" | "join" | "lookup" | "materialize" | "on")
            ) =>
        {
            return Position::Source;
        }
        _ => {}
    }
    let pipeline = pipeline_before(before, tokens);
    let table_possible = pipeline.is_none() || matches!(last.kind, K::LeftParen | K::Comma);
    Position::Expression {
        pipeline,
        table_possible,
    }
}

/// The pipeline up to the last `|` around the end of the text, with the `let` statements before it.
fn pipeline_before(before: &str, tokens: &[Placed<'_>]) -> Option<String> {
    // Each open bracket, outermost first: where its inside starts and its last `|`.
    let mut levels: Vec<(usize, Option<usize>)> = vec![(0, None)];
    let mut statement = 0;
    for token in tokens {
        match token.kind {
            K::LeftParen | K::LeftBracket | K::LeftBrace => {
                levels.push((token.start + token.text.len(), None));
            }
            K::RightParen | K::RightBracket | K::RightBrace if levels.len() > 1 => {
                levels.pop();
            }
            K::Semicolon => {
                if levels.len() == 1 {
                    statement = token.start + 1;
                }
                if let Some(level) = levels.last_mut() {
                    *level = (token.start + 1, None);
                }
            }
            K::Pipe => {
                if let Some(level) = levels.last_mut() {
                    level.1 = Some(token.start);
                }
            }
            _ => {}
        }
    }
    let (start, pipe) = levels.iter().rev().find(|(_, pipe)| pipe.is_some())?;
    let source = value_after_let(before.get(*start..(*pipe)?)?);
    Some(format!("{}\n{source}", before.get(..statement)?))
}

/// `let x = T` inside its own statement: the value.
fn value_after_let(text: &str) -> &str {
    match text.trim_start().strip_prefix("let ") {
        Some(rest) => rest.split_once('=').map_or(rest, |(_, value)| value),
        None => text,
    }
}
