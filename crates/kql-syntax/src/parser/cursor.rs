//! The parser's state: tokens, tree builder, diagnostics, limits.

use rowan::{GreenNode, GreenNodeBuilder, Language as _};

use super::{MAX_DEPTH, MAX_DIAGNOSTICS};
use crate::diagnostics::{Diagnostic, DiagnosticCode};
use crate::lexer::{Token, invalid_escape, tokenize};
use crate::span::Span;
use crate::syntax::{KqlLanguage, SyntaxKind};

/// Parser state. Positions count tokens that are no trivia.
pub(super) struct Parser<'text> {
    text: &'text str,
    tokens: Vec<Token>,
    starts: Vec<usize>,
    /// Indices of tokens that are no trivia.
    significant: Vec<usize>,
    position: usize,
    /// How many of `tokens` are in the tree.
    emitted: usize,
    builder: GreenNodeBuilder<'static>,
    diagnostics: Vec<Diagnostic>,
    /// Position at which the last error was reported: one error a place is enough.
    last_error: Option<usize>,
    depth: usize,
    /// Height of what was built last, in nodes, so that long operator chains are bounded too.
    height: usize,
    /// Heights of the nodes around it.
    heights: Vec<usize>,
    /// Inside a list of tables, where `database("d").App*` is a pattern.
    pub(super) in_table_list: bool,
}

/// A place in the tree where a node may later be started around what follows.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    checkpoint: rowan::Checkpoint,
    saved_height: usize,
}

impl<'text> Parser<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        let tokens = tokenize(text);
        let starts = tokens
            .iter()
            .scan(0, |next, token| {
                let start = *next;
                *next += token.length;
                Some(start)
            })
            .collect();
        let significant = (0..tokens.len())
            .filter(|index| !tokens[*index].kind.is_trivia())
            .collect();
        let mut parser = Self {
            text,
            tokens,
            starts,
            significant,
            position: 0,
            emitted: 0,
            builder: GreenNodeBuilder::new(),
            diagnostics: Vec::new(),
            last_error: None,
            depth: 0,
            height: 0,
            heights: Vec::new(),
            in_table_list: false,
        };
        parser.report_broken_tokens();
        parser
    }

    pub(super) fn finish_tree(mut self) -> (GreenNode, Vec<Diagnostic>) {
        self.diagnostics
            .sort_by_key(|diagnostic| diagnostic.span.start);
        (self.builder.finish(), self.diagnostics)
    }

    fn report_broken_tokens(&mut self) {
        for index in 0..self.tokens.len() {
            let token = self.tokens[index];
            match token.kind {
                SyntaxKind::String if !token.broken => {
                    self.report_escape(index);
                    continue;
                }
                SyntaxKind::DynamicLiteral if !token.broken => {
                    self.report_dynamic(index);
                    continue;
                }
                _ => {}
            }
            let (code, message) = match token.kind {
                _ if !token.broken => continue,
                SyntaxKind::String => (
                    DiagnosticCode::UnterminatedString,
                    "this string is not closed",
                ),
                _ => (
                    DiagnosticCode::InvalidLiteral,
                    "this literal is not closed; `)` is missing",
                ),
            };
            self.push(Diagnostic::error(code, self.token_span(index), message));
        }
    }

    fn report_escape(&mut self, index: usize) {
        let span = self.token_span(index);
        let Some(offset) = invalid_escape(&self.text[span.range()]) else {
            return;
        };
        let start = span.start as usize + offset;
        let escape: String = self.text[start..].chars().take(2).collect();
        let place = Span::new(start, start + escape.len());
        let message = format!("`{escape}` stands for nothing in a string");
        let help = format!("write `\\{escape}`, or put `@` before the string");
        self.push(
            Diagnostic::error(DiagnosticCode::InvalidLiteral, place, message).with_help(help),
        );
    }

    /// What is wrong inside `dynamic(...)`.
    fn report_dynamic(&mut self, index: usize) {
        let span = self.token_span(index);
        if let Err(message) = crate::literal::check_dynamic(&self.text[span.range()]) {
            self.push(Diagnostic::error(
                DiagnosticCode::InvalidLiteral,
                span,
                message,
            ));
        }
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn token_span(&self, index: usize) -> Span {
        let start = self.starts[index];
        Span::new(start, start + self.tokens[index].length)
    }

    /// Kind of the n-th token from here; `End` after the last.
    pub(super) fn nth(&self, ahead: usize) -> SyntaxKind {
        self.significant
            .get(self.position + ahead)
            .map_or(SyntaxKind::End, |index| self.tokens[*index].kind)
    }

    /// Text of the n-th token from here.
    pub(super) fn nth_text(&self, ahead: usize) -> &'text str {
        let Some(&index) = self.significant.get(self.position + ahead) else {
            return "";
        };
        &self.text[self.token_span(index).range()]
    }

    /// Text of the n-th token where it is a word, else nothing.
    pub(super) fn nth_word(&self, ahead: usize) -> &'text str {
        if self.nth(ahead) == SyntaxKind::Identifier {
            self.nth_text(ahead)
        } else {
            ""
        }
    }

    pub(super) fn kind(&self) -> SyntaxKind {
        self.nth(0)
    }

    pub(super) fn word(&self) -> &'text str {
        self.nth_word(0)
    }

    pub(super) fn at(&self, kind: SyntaxKind) -> bool {
        self.kind() == kind
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.word() == word
    }

    pub(super) fn at_any_word(&self, words: &[&str]) -> bool {
        words.contains(&self.word())
    }

    /// Whether the token before this one is a comma.
    pub(super) fn after_comma(&self) -> bool {
        let before = self
            .position
            .checked_sub(1)
            .and_then(|before| self.significant.get(before));
        before.is_some_and(|index| self.tokens[*index].kind == SyntaxKind::Comma)
    }

    /// Whether the n-th token touches the one before it.
    pub(super) fn touches(&self, ahead: usize) -> bool {
        let at = self.position + ahead;
        match (
            at.checked_sub(1)
                .and_then(|before| self.significant.get(before)),
            self.significant.get(at),
        ) {
            (Some(before), Some(this)) => before + 1 == *this,
            _ => false,
        }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Span of the token here; at the end the last byte.
    pub(super) fn here(&self) -> Span {
        match self.significant.get(self.position) {
            Some(&index) => self.token_span(index),
            None => Span::new(self.text.trim_end().len(), self.text.trim_end().len()),
        }
    }

    fn emit_trivia(&mut self) {
        let until = self
            .significant
            .get(self.position)
            .copied()
            .unwrap_or(self.tokens.len());
        while self.emitted < until {
            self.emit_token();
        }
    }

    fn emit_token(&mut self) {
        let span = self.token_span(self.emitted);
        let kind = self.tokens[self.emitted].kind;
        self.builder
            .token(KqlLanguage::kind_to_raw(kind), &self.text[span.range()]);
        self.emitted += 1;
    }

    /// Takes the token here into the tree.
    pub(super) fn bump(&mut self) {
        if self.position >= self.significant.len() {
            return;
        }
        self.emit_trivia();
        self.emit_token();
        self.position += 1;
    }

    pub(super) fn eat(&mut self, kind: SyntaxKind) -> bool {
        let found = self.at(kind) && kind != SyntaxKind::End;
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn expect(&mut self, kind: SyntaxKind, what: &str) -> bool {
        let found = self.eat(kind);
        if !found {
            self.error_expected(what);
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> bool {
        let found = self.eat_word(word);
        if !found {
            self.error_expected(&format!("`{word}`"));
        }
        found
    }

    pub(super) fn start(&mut self, kind: SyntaxKind) {
        if !self.heights.is_empty() {
            self.emit_trivia();
        }
        self.builder.start_node(KqlLanguage::kind_to_raw(kind));
        self.heights.push(self.height);
        self.height = 0;
    }

    pub(super) fn finish(&mut self) {
        self.builder.finish_node();
        let before = self.heights.pop().unwrap_or_default();
        self.height = before.max(self.height + 1);
    }

    pub(super) fn mark(&mut self) -> Mark {
        self.emit_trivia();
        let saved_height = self.height;
        self.height = 0;
        Mark {
            checkpoint: self.builder.checkpoint(),
            saved_height,
        }
    }

    /// Starts a node around everything since the mark.
    pub(super) fn start_at(&mut self, mark: Mark, kind: SyntaxKind) {
        self.builder
            .start_node_at(mark.checkpoint, KqlLanguage::kind_to_raw(kind));
        self.heights.push(0);
    }

    /// Closes the scope of a mark.
    pub(super) fn release(&mut self, mark: Mark) {
        self.height = self.height.max(mark.saved_height);
    }

    /// Whether what stands since the last mark may be wrapped once more.
    pub(super) fn may_wrap(&mut self) -> bool {
        let fits = self.height < MAX_DEPTH;
        if !fits {
            self.error_too_deep();
        }
        fits
    }

    /// Goes one bracket deeper; at the limit says so and passes over the rest of the bracket.
    pub(super) fn enter(&mut self) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            return true;
        }
        self.error_too_deep();
        self.skip_balanced();
        false
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn error_too_deep(&mut self) {
        if self
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code == DiagnosticCode::NestingTooDeep)
        {
            self.last_error = Some(self.position);
            return;
        }
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        self.error(
            DiagnosticCode::NestingTooDeep,
            message,
            Some("give parts of the expression a name with `let`".into()),
        );
    }

    pub(super) fn error_expected(&mut self, what: &str) {
        let found = match self.kind() {
            SyntaxKind::End => "the query ends".to_owned(),
            _ => format!("found `{}`", short(self.nth_text(0))),
        };
        self.error(
            DiagnosticCode::SyntaxError,
            format!("expected {what}, {found}"),
            None,
        );
    }

    pub(super) fn error(&mut self, code: DiagnosticCode, message: String, help: Option<String>) {
        if self.last_error == Some(self.position) {
            return;
        }
        self.last_error = Some(self.position);
        let mut diagnostic = Diagnostic::error(code, self.here(), message);
        diagnostic.help = help;
        self.push(diagnostic);
    }

    /// Puts tokens into an `ERROR` node up to something the grammar can go on from.
    pub(super) fn skip_balanced(&mut self) {
        self.skip_until(|kind| matches!(kind, SyntaxKind::Pipe | SyntaxKind::Semicolon));
    }

    /// Passes over tokens until `stop` holds outside brackets, or a bracket closes.
    pub(super) fn skip_until(&mut self, stop: impl Fn(SyntaxKind) -> bool) {
        use SyntaxKind as K;
        let mut open = 0_usize;
        let mut started = false;
        loop {
            match self.kind() {
                K::End => break,
                K::LeftParen | K::LeftBracket | K::LeftBrace => open += 1,
                K::RightParen | K::RightBracket | K::RightBrace if open == 0 => break,
                K::RightParen | K::RightBracket | K::RightBrace => open -= 1,
                kind if open == 0 && stop(kind) => break,
                _ => {}
            }
            if !started {
                self.start(SyntaxKind::Error);
                started = true;
            }
            self.bump();
        }
        if started {
            self.finish();
        }
    }

    /// Position after the bracket that closes the one at `ahead`, if any.
    pub(super) fn after_balanced(&self, ahead: usize) -> Option<usize> {
        use SyntaxKind as K;
        let mut open = 0_usize;
        let mut at = ahead;
        loop {
            match self.nth(at) {
                K::End => return None,
                K::LeftParen | K::LeftBracket | K::LeftBrace => open += 1,
                K::RightParen | K::RightBracket | K::RightBrace => open = open.checked_sub(1)?,
                _ => {}
            }
            at += 1;
            if open == 0 {
                return Some(at);
            }
        }
    }
}

fn short(text: &str) -> String {
    const SHOWN: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= SHOWN && line.len() == text.len() {
        return line.to_owned();
    }
    line.chars().take(SHOWN).chain(['…']).collect()
}
