//! Pipelines and the operators that may start one.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// A source and the operators after it; also any scalar expression.
    pub(super) fn pipe_expression(&mut self) {
        let mark = self.mark();
        if self.at_headless_pipeline() {
            self.start_at(mark, K::PipeExpression);
            self.operator();
            self.piped_operators();
            self.finish();
            return self.release(mark);
        }
        self.unpiped_expression();
        if self.at(K::Pipe) {
            self.start_at(mark, K::PipeExpression);
            self.piped_operators();
            self.finish();
        }
        self.release(mark);
    }

    /// Operators without a source, as parts of workbooks have them: `where x == 1 | project y`.
    fn at_headless_pipeline(&self) -> bool {
        matches!(self.nth(1), K::Identifier | K::String | K::Long)
            && self.word_infix_ahead(1).is_none()
            && self.source_operator().is_none()
            && self.operator_rule().is_some()
    }

    /// `| operator | operator`.
    pub(super) fn piped_operators(&mut self) {
        while self.eat(K::Pipe) {
            self.operator();
        }
    }

    fn unpiped_expression(&mut self) {
        match self.source_operator() {
            Some(parse) => parse(self),
            None => self.expression(),
        }
    }

    /// The rule of the operator that starts here without an input, where one does.
    fn source_operator(&self) -> Option<fn(&mut Self)> {
        let next = self.nth(1);
        // A word that goes on like an expression is a name, not an operator.
        let is_name = matches!(
            next,
            K::Pipe
                | K::End
                | K::Comma
                | K::RightParen
                | K::Semicolon
                | K::Dot
                | K::EqualEqual
                | K::DotDot
                | K::Equal
        );
        match self.word() {
            "datatable" if next == K::LeftParen => Some(Self::datatable),
            "externaldata" | "external_data" if next == K::LeftParen => Some(Self::external_data),
            "range" if next == K::Identifier && self.nth_word(2) == "from" => {
                Some(Self::range_operator)
            }
            "range" if next == K::LeftBracket => Some(Self::range_operator),
            "print" if !is_name => Some(Self::print_operator),
            "union" if !is_name => Some(Self::union_operator),
            "find" if !is_name => Some(Self::find_operator),
            "search" if !is_name => Some(Self::search_operator),
            "evaluate" if !is_name => Some(Self::evaluate_operator),
            "macro-expand" => Some(Self::macro_expand_operator),
            _ => None,
        }
    }

    fn datatable(&mut self) {
        self.start(K::Datatable);
        self.bump();
        self.operator_parameters(&[]);
        self.row_schema();
        self.start(K::DatatableValues);
        if self.expect(K::LeftBracket, "`[`") {
            self.comma_list(K::RightBracket, Self::expression);
            self.expect(K::RightBracket, "`]`");
        }
        self.finish();
        self.finish();
    }

    fn external_data(&mut self) {
        self.start(K::ExternalData);
        self.bump();
        self.operator_parameters(&[]);
        self.row_schema();
        if self.expect(K::LeftBracket, "`[`") {
            self.comma_list(K::RightBracket, Self::expression);
            self.expect(K::RightBracket, "`]`");
        }
        self.with_properties();
        self.finish();
    }

    fn range_operator(&mut self) {
        self.start(K::RangeOperator);
        self.bump();
        self.name();
        if self.expect_word("from") {
            self.expression();
        }
        if self.expect_word("to") {
            self.expression();
        }
        if self.expect_word("step") {
            self.expression();
        }
        self.finish();
    }

    fn print_operator(&mut self) {
        self.start(K::PrintOperator);
        self.bump();
        self.open_list(Self::named_expression);
        self.finish();
    }

    pub(super) fn union_operator(&mut self) {
        self.start(K::UnionOperator);
        self.bump();
        self.operator_parameters(&["kind", "withsource", "with_source", "isfuzzy"]);
        self.open_list(Self::table_operand);
        self.finish();
    }

    /// A table of a list: a name with or without `*`, a call, a pipeline in brackets.
    fn table_operand(&mut self) {
        if self.at_pattern() {
            self.name_pattern();
        } else {
            self.expression();
        }
    }

    fn at_pattern(&self) -> bool {
        self.at(K::Star) || self.at(K::Identifier) && self.nth(1) == K::Star && self.touches(1)
    }

    pub(super) fn find_operator(&mut self) {
        self.start(K::FindOperator);
        self.bump();
        self.operator_parameters(&["withsource", "with_source", "datascope"]);
        self.find_in();
        self.operator_parameters(&["withsource", "with_source", "datascope"]);
        self.eat_word("where");
        self.search_condition();
        if self.at_any_word(&["project", "project-smart", "project-away"]) {
            self.find_project();
        }
        self.finish();
    }

    /// `in (tables)` where it stands here.
    fn find_in(&mut self) {
        if !self.at_word("in") {
            return;
        }
        self.start(K::FindIn);
        self.bump();
        if self.expect(K::LeftParen, "`(`") {
            self.comma_list(K::RightParen, Self::table_operand);
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    fn find_project(&mut self) {
        self.start(K::FindProject);
        let smart = self.at_word("project-smart");
        self.bump();
        if !smart {
            self.open_list(Self::find_column);
        }
        self.finish();
    }

    /// `name`, `name:type`, `pack(*)`, a pattern.
    fn find_column(&mut self) {
        if self.at_pattern() {
            return self.name_pattern();
        }
        if self.at(K::Identifier) && self.nth(1) == K::LeftParen {
            return self.call();
        }
        self.start(K::ColumnDeclaration);
        self.name();
        if self.eat(K::Colon) {
            self.type_reference();
        }
        self.finish();
    }

    pub(super) fn search_operator(&mut self) {
        self.start(K::SearchOperator);
        self.bump();
        self.operator_parameters(&["kind"]);
        self.find_in();
        self.search_condition();
        self.finish();
    }

    fn search_condition(&mut self) {
        let before = std::mem::replace(&mut self.in_search, true);
        self.expression();
        self.in_search = before;
    }

    pub(super) fn evaluate_operator(&mut self) {
        self.start(K::EvaluateOperator);
        self.bump();
        self.operator_parameters(&[]);
        if self.at(K::Identifier) && self.nth(1) == K::LeftParen {
            self.call();
        } else {
            self.error_expected("a plugin call such as `bag_unpack(x)`");
        }
        if self.at(K::Colon) {
            self.start(K::EvaluateSchema);
            self.bump();
            self.row_schema();
            self.finish();
        }
        self.finish();
    }

    pub(super) fn macro_expand_operator(&mut self) {
        self.start(K::MacroExpandOperator);
        self.bump();
        self.operator_parameters(&["kind", "isfuzzy"]);
        if self.at_word("entity_group") && self.nth(1) == K::LeftBracket {
            self.entity_group();
        } else {
            self.name();
        }
        if self.eat_word("as") {
            self.name();
        }
        if self.expect(K::LeftParen, "`(`") && self.enter() {
            self.pipe_expression();
            while self.eat(K::Semicolon) && !self.at(K::RightParen) {
                self.pipe_expression();
            }
            self.leave();
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }
}
