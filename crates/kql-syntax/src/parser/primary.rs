//! Literals, names, calls, paths and brackets.

use super::cursor::Parser;
use super::expression::{LIST_OPERATORS, TEXT_OPERATORS};
use crate::syntax::SyntaxKind as K;

/// Words that end an expression instead of starting one.
const RESERVED: &[&str] = &["and", "or", "by", "asc", "desc", "on", "to", "typeof"];

impl Parser<'_> {
    /// A value with `.name` and `[index]` after it.
    pub(super) fn postfix(&mut self) {
        let mark = self.mark();
        let is_plain = matches!(self.kind(), K::String | K::Long | K::Real | K::Timespan);
        self.primary();
        while !is_plain && matches!(self.kind(), K::Dot | K::LeftBracket) && self.may_wrap() {
            if self.at(K::Dot) && self.nth(1) == K::LeftBracket && !self.at_bracketed_name(1) {
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

    /// What stands after the dot: a name, a pattern, a call, or `['name']`.
    fn path_selector(&mut self) {
        if self.at(K::Identifier) && self.nth(1) == K::LeftParen {
            return self.call();
        }
        if matches!(self.kind(), K::Long | K::Timespan) {
            self.start(K::Name);
            self.bump();
            return self.finish();
        }
        if self.at_bracketed_name(0) || self.nth(1) != K::Star || !self.touches(1) {
            return self.name();
        }
        self.name_pattern();
    }

    fn index(&mut self) {
        self.bump();
        if self.enter() {
            self.expression();
            self.leave();
        }
        self.expect(K::RightBracket, "`]`");
    }

    fn primary(&mut self) {
        match self.kind() {
            K::String => self.string_literal(),
            K::Long | K::Real | K::Timespan | K::TypedLiteral | K::DynamicLiteral => {
                self.token_node(K::Literal);
            }
            K::LeftParen => self.paren_expression(),
            K::Star => self.token_node(K::StarExpression),
            K::Identifier => self.word_expression(),
            K::LeftBracket if self.at_bracketed_name(0) => self.name_expression(),
            _ => self.error_expected("an expression"),
        }
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

    pub(super) fn name_expression(&mut self) {
        self.start(K::NameExpression);
        self.name();
        self.finish();
    }

    fn word_expression(&mut self) {
        match self.word() {
            "true" | "false" | "null" | "True" | "False" | "TRUE" | "FALSE" => {
                return self.token_node(K::Literal);
            }
            "typeof" if self.nth(1) == K::LeftParen => return self.typeof_expression(),
            word if TEXT_OPERATORS.contains(&word) || LIST_OPERATORS.contains(&word) => {
                // As names these words need brackets: `['has']`.
                return self.error_expected("an expression");
            }
            word if word.starts_with('!') => return self.error_expected("an expression"),
            word if RESERVED.contains(&word) && self.nth(1) != K::LeftParen => {
                return self.error_expected("an expression");
            }
            _ => {}
        }
        if self.nth(1) == K::LeftParen {
            self.call();
        } else {
            self.name_expression();
        }
    }

    /// `name(arguments)`.
    pub(super) fn call(&mut self) {
        self.start(K::CallExpression);
        self.name();
        self.argument_list();
        self.finish();
    }

    fn argument_list(&mut self) {
        self.start(K::ArgumentList);
        self.bump();
        if self.enter() {
            self.strict_list(K::RightParen, Self::argument);
            self.leave();
        }
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    fn argument(&mut self) {
        if self.at(K::Star) && matches!(self.nth(1), K::Comma | K::RightParen) {
            return self.token_node(K::StarExpression);
        }
        let name_length = if self.at_bracketed_name(0) {
            3
        } else {
            usize::from(self.at(K::Identifier))
        };
        if name_length > 0 && self.nth(name_length) == K::Equal {
            return self.named_expression();
        }
        self.pipe_expression();
    }

    /// `( value )`, `( Table | ... )`.
    fn paren_expression(&mut self) {
        self.start(K::ParenExpression);
        self.bump();
        if self.enter() {
            self.pipe_expression();
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
            self.row_schema();
        } else if self.expect(K::LeftParen, "`(`") {
            self.type_reference();
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }
}
