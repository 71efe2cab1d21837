//! Statements and function declarations.

use super::cursor::Parser;
use crate::diagnostics::DiagnosticCode;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn root(&mut self) {
        self.start(K::Root);
        let mut any = false;
        loop {
            while self.eat(K::Semicolon) {}
            if self.at(K::End) {
                break;
            }
            any = true;
            self.statement();
            if !matches!(self.kind(), K::Semicolon | K::End) {
                self.error_expected("`;` or the end of the query");
                self.skip_stray();
            }
        }
        if !any {
            self.error(
                DiagnosticCode::EmptyQuery,
                "the query is empty".into(),
                None,
            );
        }
        self.trailing_trivia();
        self.finish();
    }

    /// Spaces and comments after the last token.
    fn trailing_trivia(&mut self) {
        let mark = self.mark();
        self.release(mark);
    }

    /// A closing bracket nobody opened, and all up to the next statement.
    fn skip_stray(&mut self) {
        let before = self.position();
        self.skip_until(|kind| kind == K::Semicolon);
        if self.position() == before && !matches!(self.kind(), K::Semicolon | K::End) {
            self.start(K::Error);
            self.bump();
            self.finish();
        }
    }

    fn statement(&mut self) {
        match self.word() {
            "let" => self.let_statement(),
            "set" if self.nth(1) == K::Identifier => self.set_statement(),
            "declare" if self.nth_word(1) == "query_parameters" => self.declare_parameters(),
            "declare" if self.nth_word(1) == "pattern" => self.opaque_statement(K::DeclarePattern),
            "alias" if self.nth_word(1) == "database" => self.opaque_statement(K::AliasStatement),
            "restrict" if self.nth_word(1) == "access" => {
                self.opaque_statement(K::RestrictStatement);
            }
            _ => self.expression_statement(),
        }
    }

    fn expression_statement(&mut self) {
        self.start(K::ExpressionStatement);
        self.pipe_expression();
        self.finish();
    }

    fn let_statement(&mut self) {
        self.start(K::LetStatement);
        self.bump();
        self.name();
        if self.expect(K::Equal, "`=`") {
            self.let_value();
        }
        self.finish();
    }

    fn let_value(&mut self) {
        if self.at_function_declaration() {
            return self.function_declaration();
        }
        if self.at_word("entity_group") && self.nth(1) == K::LeftBracket {
            return self.entity_group();
        }
        self.pipe_expression();
    }

    fn at_function_declaration(&self) -> bool {
        let ahead = usize::from(self.at_word("view"));
        self.nth(ahead) == K::LeftParen
            && self
                .after_balanced(ahead)
                .is_some_and(|after| self.nth(after) == K::LeftBrace)
    }

    fn function_declaration(&mut self) {
        self.start(K::FunctionDeclaration);
        self.eat_word("view");
        self.parameter_list();
        self.function_body();
        self.finish();
    }

    /// `(a:long, b:string = "x", T:(c:long), U:(*))`.
    pub(super) fn parameter_list(&mut self) {
        self.start(K::ParameterList);
        self.expect(K::LeftParen, "`(`");
        self.comma_list(K::RightParen, Self::parameter);
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    fn parameter(&mut self) {
        self.start(K::Parameter);
        self.name();
        if self.expect(K::Colon, "`:` and a type") {
            if self.at(K::LeftParen) {
                self.row_schema();
            } else {
                self.type_reference();
            }
        }
        if self.eat(K::Equal) {
            self.expression();
        }
        self.finish();
    }

    fn function_body(&mut self) {
        self.start(K::FunctionBody);
        self.expect(K::LeftBrace, "`{`");
        if self.enter() {
            self.body_statements();
            self.leave();
        }
        self.expect(K::RightBrace, "`}`");
        self.finish();
    }

    fn body_statements(&mut self) {
        loop {
            while self.eat(K::Semicolon) {}
            if matches!(self.kind(), K::RightBrace | K::End) {
                return;
            }
            self.statement();
            if !matches!(self.kind(), K::Semicolon | K::RightBrace | K::End) {
                self.error_expected("`;` or `}`");
                self.skip_until(|kind| kind == K::Semicolon);
                if !matches!(self.kind(), K::Semicolon | K::RightBrace) {
                    return;
                }
            }
        }
    }

    fn set_statement(&mut self) {
        self.start(K::SetStatement);
        self.bump();
        self.name();
        if self.eat(K::Equal) {
            self.expression();
        }
        self.finish();
    }

    fn declare_parameters(&mut self) {
        self.start(K::DeclareParameters);
        self.bump();
        self.bump();
        self.parameter_list();
        self.finish();
    }

    /// A statement kept in the tree token by token.
    fn opaque_statement(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        while !matches!(
            self.kind(),
            K::Semicolon | K::End | K::RightParen | K::RightBrace | K::RightBracket
        ) {
            match self.kind() {
                K::LeftParen | K::LeftBrace | K::LeftBracket => self.raw_group(),
                _ => self.bump(),
            }
        }
        self.finish();
    }

    /// Everything from a bracket to the one that closes it, as tokens.
    pub(super) fn raw_group(&mut self) {
        let mut left = self.after_balanced(0).unwrap_or(usize::MAX);
        while left > 0 && !self.at(K::End) {
            self.bump();
            left -= 1;
        }
    }

    /// `entity_group [ ... ]`.
    pub(super) fn entity_group(&mut self) {
        self.start(K::EntityGroup);
        self.bump();
        self.expect(K::LeftBracket, "`[`");
        if self.enter() {
            self.comma_list(K::RightBracket, Self::expression);
            self.leave();
        }
        self.expect(K::RightBracket, "`]`");
        self.finish();
    }
}
