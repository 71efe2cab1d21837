//! Statements and function declarations.

use super::cursor::Parser;
use super::keyword::{may_be_column, may_be_declared};
use crate::diagnostics::DiagnosticCode;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn root(&mut self) {
        self.start(K::Root);
        if self.at(K::End) {
            let message = "the query is empty".into();
            self.error(DiagnosticCode::EmptyQuery, message, None);
        }
        self.statements(K::End);
        while !self.at(K::End) {
            self.error_expected("`;` or the end of the query");
            self.skip_stray();
            self.statements(K::End);
        }
        self.trailing_trivia();
        self.finish();
    }

    /// Statements with `;` between, up to `end` or something that is none.
    pub(super) fn statements(&mut self, end: K) {
        while !self.at(end) && !self.at(K::End) {
            let before = self.position();
            self.statement();
            if self.position() == before || !self.eat(K::Semicolon) {
                return;
            }
            if self.at(K::Semicolon) {
                return self.error_expected("a statement");
            }
        }
    }

    /// Spaces and comments after the last token.
    fn trailing_trivia(&mut self) {
        let mark = self.mark();
        self.release(mark);
    }

    /// What nobody takes, up to the next statement.
    fn skip_stray(&mut self) {
        let before = self.position();
        self.skip_until(|kind| kind == K::Semicolon);
        if self.position() == before && !self.at(K::End) {
            self.token_node(K::Error);
        } else if self.at(K::Semicolon) {
            self.bump();
        }
    }

    fn statement(&mut self) {
        match self.word() {
            "let"
                if self.nth(1) == K::Identifier && may_be_declared(self.nth_word(1))
                    || self.at_word("let") && self.bracketed_name_length(1) > 0 =>
            {
                self.let_statement();
            }
            "set" => self.set_statement(),
            "declare" if self.nth_word(1) == "query_parameters" => self.declare_parameters(),
            "declare" if self.nth_word(1) == "pattern" => self.declare_pattern(),
            "alias" if self.nth_word(1) == "database" => self.alias_statement(),
            "restrict" if self.nth_word(1) == "access" => self.restrict_statement(),
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
        if self.at_word("entity_group") {
            return self.entity_group();
        }
        self.pipe_expression();
    }

    /// `()`, `(*`, `(name:` and `view` start a function.
    fn at_function_declaration(&self) -> bool {
        let ahead = usize::from(self.at_word("view"));
        if self.nth(ahead) != K::LeftParen {
            return false;
        }
        if matches!(self.nth(ahead + 1), K::RightParen | K::Star) {
            return true;
        }
        let length = match self.nth(ahead + 1) {
            K::Identifier if may_be_column(self.nth_word(ahead + 1)) => 1,
            _ => self.bracketed_name_length(ahead + 1),
        };
        length > 0 && self.nth(ahead + 1 + length) == K::Colon
    }

    fn function_declaration(&mut self) {
        self.start(K::FunctionDeclaration);
        self.eat_word("view");
        self.parameter_list();
        self.function_body();
        self.finish();
    }

    /// `(a:long, b:string = "x", T:(c:long), U:(*))`.
    fn parameter_list(&mut self) {
        self.start(K::ParameterList);
        if self.expect(K::LeftParen, "`(`") {
            self.strict_list(K::RightParen, |parser| parser.parameter_of(K::Parameter));
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// `name:type = default`.
    pub(super) fn parameter_of(&mut self, kind: K) {
        self.start(kind);
        self.column_name();
        if self.expect(K::Colon, "`:` and a type") {
            if self.at(K::LeftParen) {
                self.table_schema();
            } else {
                self.type_reference();
            }
        }
        if self.eat(K::Equal) {
            self.default_value();
        }
        self.finish();
    }

    /// A literal, or a word that stands for one.
    fn default_value(&mut self) {
        if self.at(K::Identifier) && !self.at_literal() && may_be_declared(self.word()) {
            self.name_expression();
        } else {
            self.literal();
        }
    }

    /// `{ let x = 1; expression }`.
    fn function_body(&mut self) {
        self.start(K::FunctionBody);
        if self.expect(K::LeftBrace, "`{`") {
            if self.enter() {
                self.body_statements();
                self.leave();
            }
            self.expect(K::RightBrace, "`}`");
        }
        self.finish();
    }

    fn body_statements(&mut self) {
        while matches!(self.word(), "let" | "declare") {
            self.statement();
            if !self.expect(K::Semicolon, "`;`") {
                self.skip_until(|kind| kind == K::Semicolon);
                if !self.eat(K::Semicolon) {
                    return;
                }
            }
        }
        if !matches!(self.kind(), K::RightBrace | K::End) {
            self.expression_statement();
            self.eat(K::Semicolon);
        }
        if !matches!(self.kind(), K::RightBrace | K::End) {
            self.error_expected("`}`");
            self.skip_until(|_| false);
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
        if self.at(K::LeftParen) && self.nth(1) == K::RightParen {
            self.error_expected("a parameter");
        }
        self.parameter_list();
        self.finish();
    }

    /// `declare pattern name = (a:string)[path:string] { ("x").["y"] = { query }; ... }`.
    fn declare_pattern(&mut self) {
        self.start(K::DeclarePattern);
        self.bump();
        self.bump();
        self.name();
        if self.eat(K::Equal) {
            self.parameter_list();
            if self.eat(K::LeftBracket) {
                self.parameter_of(K::Parameter);
                self.expect(K::RightBracket, "`]`");
            }
            if self.expect(K::LeftBrace, "`{`") {
                self.pattern_match();
                while self.at(K::LeftParen) {
                    self.pattern_match();
                }
                self.expect(K::RightBrace, "`(` or `}`");
            }
        }
        self.finish();
    }

    /// `("x").["y"] = { query };`.
    fn pattern_match(&mut self) {
        self.start(K::PatternMatch);
        if self.expect(K::LeftParen, "`(`") {
            self.start(K::ArgumentList);
            self.strict_list(K::RightParen, Self::expression);
            self.finish();
            self.expect(K::RightParen, "`)`");
            if self.eat(K::Dot) && self.expect(K::LeftBracket, "`[`") {
                self.literal();
                self.expect(K::RightBracket, "`]`");
            }
            self.expect(K::Equal, "`=`");
            self.function_body();
            self.expect(K::Semicolon, "`;`");
        }
        self.finish();
    }

    /// `alias database name = cluster("c").database("d")`.
    fn alias_statement(&mut self) {
        self.start(K::AliasStatement);
        self.bump();
        self.bump();
        self.name();
        if self.expect(K::Equal, "`=`") {
            self.expression();
        }
        self.finish();
    }

    /// `restrict access to (T*, database("d").T) with (...)`.
    fn restrict_statement(&mut self) {
        self.start(K::RestrictStatement);
        self.bump();
        self.bump();
        self.expect_word("to");
        if self.expect(K::LeftParen, "`(`") {
            if self.at(K::RightParen) {
                self.error_expected("a table");
            }
            let in_list = std::mem::replace(&mut self.in_table_list, true);
            self.strict_list(K::RightParen, |parser| {
                if parser.at_pattern() {
                    parser.name_pattern();
                } else {
                    parser.postfix();
                }
            });
            self.in_table_list = in_list;
            self.expect(K::RightParen, "`)`");
        }
        self.with_properties();
        self.finish();
    }

    /// `entity_group [ ... ]`, `entity_group("name")`.
    pub(super) fn entity_group(&mut self) {
        if self.at_call() {
            return self.call();
        }
        self.start(K::EntityGroup);
        self.bump();
        if self.expect(K::LeftBracket, "`[`") {
            if self.enter() {
                if self.at(K::RightBracket) {
                    self.error_expected("a database");
                }
                self.strict_list(K::RightBracket, Self::expression);
                self.leave();
            }
            self.expect(K::RightBracket, "`]`");
        }
        self.finish();
    }
}
