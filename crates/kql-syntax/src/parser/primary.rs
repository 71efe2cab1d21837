//! Literals, names, calls, paths and brackets.

use super::cursor::Parser;
use super::keyword::{may_be_property, may_be_read, needs_brackets};
use crate::diagnostics::DiagnosticCode;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// A value with `.name` and `[index]` after it.
    pub(super) fn postfix(&mut self) {
        let mark = self.mark();
        let found = self.primary();
        while found && matches!(self.kind(), K::Dot | K::LeftBracket) && self.may_wrap() {
            if self.at(K::Dot)
                && self.nth(1) == K::LeftBracket
                && self.bracketed_name_length(1) == 0
            {
                self.start_at(mark, K::IndexExpression);
                self.bump();
                self.index();
            } else if self.at(K::Dot) {
                self.start_at(mark, K::PathExpression);
                self.bump();
                self.path_selector();
            } else {
                self.start_at(mark, K::IndexExpression);
                self.index();
            }
            self.finish();
        }
        self.release(mark);
    }

    /// What stands after the dot: a name, a call, `['name']`, in lists of tables also a pattern.
    fn path_selector(&mut self) {
        if self.in_table_list && self.at_pattern() {
            return self.name_pattern();
        }
        if self.at_call() {
            return self.call();
        }
        if self.at(K::Identifier) && !may_be_property(self.word()) {
            return self.error_expected("a name");
        }
        if self.at(K::At) {
            return self.token_node(K::Name);
        }
        self.any_name();
    }

    fn index(&mut self) {
        self.bump();
        if self.enter() {
            self.expression();
            self.leave();
        }
        self.expect(K::RightBracket, "`]`");
    }

    /// One value without anything after it; whether there was one.
    fn primary(&mut self) -> bool {
        match self.kind() {
            K::String => self.string_literal(),
            K::Long | K::Real | K::Timespan | K::TypedLiteral | K::DynamicLiteral => {
                self.token_node(K::Literal);
            }
            K::LeftParen => self.paren_expression(),
            K::Identifier => return self.word_expression(),
            K::LeftBracket if self.at_call() => self.call(),
            K::LeftBracket if self.bracketed_name_length(0) > 0 => self.name_expression(),
            K::LeftBracket => {
                self.start(K::IndexExpression);
                self.index();
                self.finish();
            }
            _ => {
                self.error_expected("an expression");
                return false;
            }
        }
        true
    }

    pub(super) fn token_node(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.finish();
    }

    /// Strings side by side are one.
    pub(super) fn string_literal(&mut self) {
        self.start(K::Literal);
        while self.eat(K::String) {}
        self.finish();
    }

    /// A literal: what `datatable` and default values take. A sign touches its number.
    pub(super) fn literal(&mut self) {
        match self.kind() {
            K::String => self.string_literal(),
            K::Long | K::Real | K::Timespan | K::TypedLiteral | K::DynamicLiteral => {
                self.token_node(K::Literal);
            }
            K::Minus | K::Plus
                if self.touches(1) && matches!(self.nth(1), K::Long | K::Real | K::Timespan) =>
            {
                self.unary();
            }
            K::Identifier if is_bool(self.word()) => self.token_node(K::Literal),
            K::Identifier if self.at_word("typeof") && self.nth(1) == K::LeftParen => {
                self.typeof_expression();
            }
            _ => self.error_expected("a literal"),
        }
    }

    /// Whether a literal starts here.
    pub(super) fn at_literal(&self) -> bool {
        match self.kind() {
            K::String | K::Long | K::Real | K::Timespan | K::TypedLiteral | K::DynamicLiteral => {
                true
            }
            K::Minus | K::Plus => {
                self.touches(1) && matches!(self.nth(1), K::Long | K::Real | K::Timespan)
            }
            K::Identifier => {
                is_bool(self.word()) || self.at_word("typeof") && self.nth(1) == K::LeftParen
            }
            _ => false,
        }
    }

    pub(super) fn name_expression(&mut self) {
        self.start(K::NameExpression);
        self.any_name();
        self.finish();
    }

    fn word_expression(&mut self) -> bool {
        match self.word() {
            word if is_bool(word) => self.token_node(K::Literal),
            "datatable" => self.datatable(),
            "externaldata" | "external_data" => self.external_data(),
            "typeof" if self.nth(1) == K::LeftParen => self.typeof_expression(),
            "inline_external_table" if self.at_inline_table() => self.inline_external_table(),
            "toscalar" | "totable" => self.subquery_call(),
            "materialize" if self.nth(1) == K::LeftParen => self.subquery_call(),
            "hint" if self.at_hint(0) => {
                self.error_expected("an expression");
                return false;
            }
            word if needs_brackets(word) => return self.keyword_as_name(word),
            word if !may_be_read(word) => {
                self.error_expected("an expression");
                return false;
            }
            _ if self.at_call() => self.call(),
            _ => self.name_expression(),
        }
        true
    }

    /// A keyword where only a name makes sense: the error says how to write it.
    fn keyword_as_name(&mut self, word: &str) -> bool {
        if !self.name_follows_on(1) {
            self.error_expected("an expression");
            return false;
        }
        let message = format!("`{word}` is a keyword; it cannot stand here as a name");
        let help = format!("write `['{word}']`");
        self.error(DiagnosticCode::SyntaxError, message, Some(help));
        self.token_node(K::Error);
        true
    }

    /// Whether the n-th token goes on from a name, as an operator does.
    fn name_follows_on(&self, ahead: usize) -> bool {
        matches!(
            self.nth(ahead),
            K::EqualEqual
                | K::NotEqual
                | K::EqualTilde
                | K::NotTilde
                | K::Greater
                | K::GreaterEqual
                | K::Less
                | K::LessEqual
                | K::Star
                | K::Slash
                | K::Percent
                | K::RightParen
                | K::RightBracket
                | K::RightBrace
                | K::Dot
                | K::Comma
                | K::Colon
                | K::Pipe
        ) || matches!(self.nth_word(ahead), "and" | "or")
            || self.word_infix_ahead(ahead).is_some()
    }

    /// Whether columns or `kind=` follow the word.
    fn at_inline_table(&self) -> bool {
        self.nth_word(1) == "kind" || self.nth(1) == K::LeftParen && self.nth(3) == K::Colon
    }

    /// Whether a name with `(` after it stands here.
    pub(super) fn at_call(&self) -> bool {
        if self.kind() == K::Identifier {
            self.nth(1) == K::LeftParen && super::keyword::may_be_declared(self.word())
        } else {
            let length = self.bracketed_name_length(0);
            length > 0 && self.nth(length) == K::LeftParen
        }
    }

    /// `name(arguments)`.
    pub(super) fn call(&mut self) {
        self.start(K::CallExpression);
        self.any_name();
        self.argument_list();
        self.finish();
    }

    /// `toscalar(Table | count)`, `totable(...)`, `materialize(...)`.
    fn subquery_call(&mut self) {
        self.start(K::CallExpression);
        self.start(K::Name);
        self.bump();
        self.finish();
        self.operator_parameters(&["kind"]);
        self.start(K::ArgumentList);
        if self.expect(K::LeftParen, "`(`") {
            if self.enter() {
                self.pipe_expression();
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
        self.finish();
    }

    fn argument_list(&mut self) {
        self.start(K::ArgumentList);
        if self.expect(K::LeftParen, "`(`") {
            if self.enter() {
                self.strict_list(K::RightParen, Self::argument);
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    fn argument(&mut self) {
        if self.at(K::Star) && matches!(self.nth(1), K::Comma | K::RightParen) {
            return self.token_node(K::StarExpression);
        }
        self.named_expression();
    }

    /// `( value )`, `( Table | ... )`.
    fn paren_expression(&mut self) {
        self.start(K::ParenExpression);
        self.bump();
        if self.enter() {
            let in_list = std::mem::take(&mut self.in_table_list);
            self.pipe_expression();
            self.in_table_list = in_list;
            self.leave();
        }
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    /// `typeof(long)`, `typeof(a:long, b:string)`, `typeof(*, a:long)`.
    pub(super) fn typeof_expression(&mut self) {
        self.start(K::TypeofExpression);
        self.expect_word("typeof");
        let is_schema = matches!(self.nth(1), K::Star | K::LeftBracket) || self.nth(2) == K::Colon;
        if self.at(K::LeftParen) && is_schema {
            self.typeof_schema();
        } else if self.expect(K::LeftParen, "`(`") {
            self.any_type();
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }
}

fn is_bool(word: &str) -> bool {
    matches!(word, "true" | "false" | "True" | "False" | "TRUE" | "FALSE")
}
