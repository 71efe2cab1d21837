//! Names, lists and clauses: what many rules share.

use super::cursor::Parser;
use super::keyword::{may_be_column, may_be_declared, may_be_read};
use crate::diagnostics::DiagnosticCode;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// Items between commas up to `close`, which is not taken. A comma at the end is allowed.
    pub(super) fn comma_list(&mut self, close: K, item: impl Fn(&mut Self)) {
        while !self.at(close) && !self.at(K::End) {
            let before = self.position();
            item(self);
            if self.eat(K::Comma) {
                continue;
            }
            if self.at(close) {
                return;
            }
            self.error_expected("`,`");
            self.skip_until(|kind| kind == K::Comma || kind == K::Semicolon);
            if !self.eat(K::Comma) || self.position() == before {
                return;
            }
        }
    }

    /// As [`Self::comma_list`], but a comma must be followed by an item.
    pub(super) fn strict_list(&mut self, close: K, item: impl Fn(&mut Self)) {
        self.comma_list(close, |parser| item(parser));
        if self.at(close) && self.after_comma() {
            self.error_expected("an expression");
        }
    }

    /// One item or more between commas, with nothing to end it.
    pub(super) fn open_list(&mut self, item: impl Fn(&mut Self)) {
        loop {
            item(self);
            if !self.eat(K::Comma) {
                return;
            }
        }
    }

    /// A list that may be empty, up to the end of the operator.
    pub(super) fn optional_list(&mut self, item: impl Fn(&mut Self)) {
        if !matches!(
            self.kind(),
            K::Pipe | K::Semicolon | K::RightParen | K::RightBrace | K::RightBracket | K::End
        ) {
            self.open_list(item);
        }
    }

    /// Whether a plain new name starts here: a word, or `['...']`.
    pub(super) fn at_name(&self) -> bool {
        self.at(K::Identifier) && may_be_declared(self.word()) || self.bracketed_name_length(0) > 0
    }

    /// Number of tokens of `['name']` at the n-th token; none where there is no such name. Strings
    /// side by side are one.
    pub(super) fn bracketed_name_length(&self, ahead: usize) -> usize {
        if self.nth(ahead) != K::LeftBracket || self.nth(ahead + 1) != K::String {
            return 0;
        }
        let mut next = ahead + 2;
        while self.nth(next) == K::String {
            next += 1;
        }
        if self.nth(next) == K::RightBracket {
            next + 1 - ahead
        } else {
            0
        }
    }

    /// A plain new name, or an error: `let x`, `as x`.
    pub(super) fn name(&mut self) {
        self.name_where(may_be_declared);
    }

    /// The name of a new column or parameter, or an error.
    pub(super) fn column_name(&mut self) {
        self.name_where(may_be_column);
    }

    /// A name that is read, or an error.
    pub(super) fn read_name(&mut self) {
        self.name_where(may_be_read);
    }

    /// Any word as a name: the caller has looked at it.
    pub(super) fn any_name(&mut self) {
        self.name_where(|word| !word.starts_with('!'));
    }

    fn name_where(&mut self, fits: impl Fn(&str) -> bool) {
        self.start(K::Name);
        let bracketed = self.bracketed_name_length(0);
        if bracketed > 0 {
            for _ in 0..bracketed {
                self.bump();
            }
        } else if self.at(K::Identifier) && fits(self.word()) {
            self.bump();
        } else if self.at(K::Identifier) && !self.word().starts_with('!') {
            let word = self.word();
            let message = format!("`{word}` is a keyword; it cannot stand here as a name");
            let help = format!("write `['{word}']`");
            self.error(DiagnosticCode::SyntaxError, message, Some(help));
            self.bump();
        } else {
            self.error_expected("a name");
        }
        self.finish();
    }

    /// Whether a name with `*` in it stands here.
    pub(super) fn at_pattern(&self) -> bool {
        self.at(K::Star)
            || self.at(K::Identifier)
                && (may_be_column(self.word()))
                && self.nth(1) == K::Star
                && self.touches(1)
    }

    /// A name that may hold `*`: `App*`, `*_x`, `a*b`.
    pub(super) fn name_pattern(&mut self) {
        if !self.at_pattern() {
            return self.read_name();
        }
        let is_part = |kind: K| matches!(kind, K::Identifier | K::Star | K::Long);
        let mut length = 1;
        while is_part(self.nth(length)) && self.touches(length) {
            length += 1;
        }
        self.start(K::NamePattern);
        for _ in 0..length {
            self.bump();
        }
        self.finish();
    }

    /// `name.name['name'][0]`: no calls.
    pub(super) fn simple_path(&mut self) {
        if !self.at(K::Identifier) && self.bracketed_name_length(0) == 0 {
            return self.error_expected("a column");
        }
        let mark = self.mark();
        self.start(K::NameExpression);
        self.read_name();
        self.finish();
        while matches!(self.kind(), K::Dot | K::LeftBracket) && self.may_wrap() {
            if self.eat_index(mark) {
                continue;
            }
            self.start_at(mark, K::PathExpression);
            self.bump();
            self.read_name();
            self.finish();
        }
        self.release(mark);
    }

    fn eat_index(&mut self, mark: super::cursor::Mark) -> bool {
        if !self.at(K::LeftBracket) {
            return false;
        }
        self.start_at(mark, K::IndexExpression);
        self.bump();
        if self.enter() {
            self.expression();
            self.leave();
        }
        self.expect(K::RightBracket, "`]`");
        self.finish();
        true
    }

    /// `by` and a list, where one stands here.
    pub(super) fn by_clause(&mut self, item: impl Fn(&mut Self)) {
        if !self.at_word("by") {
            return;
        }
        self.start(K::ByClause);
        self.bump();
        self.open_list(item);
        self.finish();
    }

    /// `by` and a list, or an error.
    pub(super) fn required_by_clause(&mut self, item: impl Fn(&mut Self)) {
        if self.at_word("by") {
            self.by_clause(item);
        } else {
            self.error_expected("`by`");
        }
    }

    /// `to typeof(long)` where it stands here.
    pub(super) fn type_clause(&mut self) {
        if !self.at_word("to") {
            return;
        }
        self.start(K::ToTypeClause);
        self.bump();
        self.typeof_expression();
        self.finish();
    }

    /// `limit n` where it stands here.
    pub(super) fn limit_clause(&mut self) {
        if !self.at_word("limit") {
            return;
        }
        self.start(K::LimitClause);
        self.bump();
        self.expression();
        self.finish();
    }
}
