//! Operators that read texts, and `render`.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn parse_operator(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.operator_parameters(&["kind", "flags"]);
        self.expression();
        if self.expect_word("with") {
            self.parse_pattern();
        }
        self.finish();
    }

    fn parse_pattern(&mut self) {
        loop {
            match self.kind() {
                K::Star => self.token_node(K::StarExpression),
                K::String => self.string_literal(),
                K::Long | K::Real | K::Timespan | K::TypedLiteral | K::DynamicLiteral => {
                    self.token_node(K::Literal);
                }
                K::Comma => self.bump(),
                _ if self.at_name() => self.parse_column(),
                _ => return,
            }
        }
    }

    fn parse_column(&mut self) {
        self.start(K::ParseColumn);
        self.name();
        if self.eat(K::Colon) {
            self.type_reference();
        }
        self.finish();
    }

    pub(super) fn parse_kv_operator(&mut self) {
        self.start(K::ParseKvOperator);
        self.bump();
        self.expression();
        if self.expect_word("as") {
            self.row_schema();
        }
        self.with_properties();
        self.finish();
    }

    pub(super) fn invoke_operator(&mut self) {
        self.start(K::InvokeOperator);
        self.bump();
        self.postfix();
        self.finish();
    }

    pub(super) fn render_operator(&mut self) {
        self.start(K::RenderOperator);
        self.bump();
        self.name();
        if self.at_word("with") {
            self.start(K::WithClause);
            self.bump();
            if self.expect(K::LeftParen, "`(`") {
                self.render_properties(K::RightParen);
                self.expect(K::RightParen, "`)`");
            }
            self.finish();
        } else if self.nth(1) == K::Equal && self.at(K::Identifier) {
            self.start(K::WithClause);
            self.render_properties(K::Pipe);
            self.finish();
        } else if self.at_word("by") {
            self.by_clause(Self::expression);
        }
        self.finish();
    }

    /// `name = value, name = a, b`: a value may be a list of columns.
    fn render_properties(&mut self, close: K) {
        while !matches!(self.kind(), K::End | K::Pipe | K::Semicolon) && !self.at(close) {
            let before = self.position();
            self.start(K::OperatorParameter);
            self.name();
            if self.expect(K::Equal, "`=`") {
                self.expression();
                while self.at(K::Comma) && self.nth(2) != K::Equal && self.nth(1) != close {
                    self.bump();
                    self.expression();
                }
            }
            self.finish();
            self.eat(K::Comma);
            if self.position() == before {
                return;
            }
        }
    }
}
