//! One layout for all queries.

use crate::lexer::tokenize;
use crate::syntax::SyntaxKind as K;

const INDENT: &str = "    ";

/// Lays a query out anew: each operator on a line of its own, brackets indented, one statement
/// after the other. Words, strings and comments stay as they are, and so do the author's line
/// breaks inside an operator. Formatting twice changes nothing more.
///
/// A bracket written on one line stays on one line.
pub fn format(text: &str) -> String {
    let formatted = Writer::new(text).write();
    // Whatever the layout, it must not change what is said.
    if significant(&formatted) == significant(text) {
        formatted
    } else {
        text.to_owned()
    }
}

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

struct Piece<'text> {
    kind: K,
    text: &'text str,
    /// Line breaks before it.
    breaks: usize,
    /// Whether any space stands before it.
    spaced: bool,
}

struct Writer<'text> {
    pieces: Vec<Piece<'text>>,
    out: String,
    /// For each open bracket whether it runs over several lines.
    open: Vec<bool>,
}

impl<'text> Writer<'text> {
    fn new(text: &'text str) -> Self {
        let mut pieces = Vec::new();
        let (mut start, mut breaks, mut spaced) = (0, 0, false);
        for token in tokenize(text) {
            let piece = &text[start..start + token.length];
            start += token.length;
            if token.kind == K::Whitespace {
                breaks += piece.matches('\n').count();
                spaced = true;
                continue;
            }
            pieces.push(Piece {
                kind: token.kind,
                text: piece.trim_end(),
                breaks,
                spaced,
            });
            (breaks, spaced) = (0, false);
        }
        Self {
            pieces,
            out: String::new(),
            open: Vec::new(),
        }
    }

    fn write(mut self) -> String {
        for index in 0..self.pieces.len() {
            self.space_before(index);
            self.out.push_str(self.pieces[index].text);
            match self.pieces[index].kind {
                K::LeftParen | K::LeftBracket | K::LeftBrace => {
                    self.open.push(self.runs_over_lines(index));
                }
                K::RightParen | K::RightBracket | K::RightBrace => {
                    self.open.pop();
                }
                _ => {}
            }
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    /// Whether the bracket opened here holds a line break.
    fn runs_over_lines(&self, index: usize) -> bool {
        let mut depth = 0_usize;
        for (position, piece) in self.pieces.iter().enumerate().skip(index) {
            if position > index && piece.breaks > 0 {
                return true;
            }
            match piece.kind {
                K::LeftParen | K::LeftBracket | K::LeftBrace => depth += 1,
                K::RightParen | K::RightBracket | K::RightBrace => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return false;
            }
        }
        false
    }

    fn space_before(&mut self, index: usize) {
        if self.out.is_empty() {
            return;
        }
        let piece = &self.pieces[index];
        let before = &self.pieces[index - 1];
        let on_lines = self.open.last().copied().unwrap_or(true);
        let is_comment = piece.kind == K::Comment;
        if before.kind == K::Comment || before.kind == K::Directive {
            return self.line(index, piece.breaks > 1);
        }
        if before.kind == K::Semicolon && !is_comment {
            return self.line(index, piece.breaks > 1);
        }
        if piece.kind == K::Pipe && on_lines || piece.breaks > 0 {
            return self.line(index, piece.breaks > 1 && piece.kind != K::Pipe);
        }
        let tight = matches!(piece.kind, K::Comma | K::Semicolon);
        if (piece.spaced && !tight)
            || before.kind == K::Comma
            || before.kind == K::Pipe
            || piece.kind == K::Pipe
        {
            self.out.push(' ');
        }
    }

    fn line(&mut self, index: usize, blank: bool) {
        let piece = &self.pieces[index];
        let closes = matches!(piece.kind, K::RightParen | K::RightBracket | K::RightBrace);
        let depth = self.open.iter().filter(|over_lines| **over_lines).count();
        let depth = if closes && self.open.last() == Some(&true) {
            depth - 1
        } else {
            depth
        };
        let continues = !closes
            && piece.kind != K::Pipe
            && !self.starts_statement(index)
            && !self.starts_item(index);
        self.out.push('\n');
        if blank {
            self.out.push('\n');
        }
        for _ in 0..depth + usize::from(continues) {
            self.out.push_str(INDENT);
        }
    }

    /// Whether the piece is the first of a statement, comments left aside.
    fn starts_statement(&self, index: usize) -> bool {
        let earlier = self.pieces[..index]
            .iter()
            .rev()
            .find(|piece| !piece.kind.is_trivia());
        earlier.is_none_or(|piece| {
            matches!(
                piece.kind,
                K::Semicolon | K::LeftBrace | K::LeftParen | K::LeftBracket
            )
        })
    }

    /// Whether the piece follows a comma directly inside a bracket over several lines.
    fn starts_item(&self, index: usize) -> bool {
        let earlier = self.pieces[..index]
            .iter()
            .rev()
            .find(|piece| !piece.kind.is_trivia());
        self.open.last() == Some(&true) && earlier.is_some_and(|piece| piece.kind == K::Comma)
    }
}
