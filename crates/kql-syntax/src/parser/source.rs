//! Pipelines and the operators that may start one.

use super::cursor::Parser;
use super::keyword::{may_be_declared, may_be_read};
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// A source and the operators after it; also any scalar expression.
    pub(super) fn pipe_expression(&mut self) {
        let mark = self.mark();
        if !self.source_operator() {
            if self.at_operator_start() {
                // Operators without a source, as parts of workbooks have them.
                self.start_at(mark, K::PipeExpression);
                self.operators();
                self.finish();
                return self.release(mark);
            }
            self.expression();
        }
        if self.at(K::Pipe) {
            self.start_at(mark, K::PipeExpression);
            self.piped_operators();
            self.finish();
        }
        self.release(mark);
    }

    /// Whether an operator stands here, and no name of the same spelling.
    pub(super) fn at_operator_start(&self) -> bool {
        let word = self.word();
        let next = self.nth_word(1);
        match word {
            "evaluate" => may_be_declared(next) && !next.is_empty() || self.at_hint(1),
            "facet" => next == "by",
            "partition" | "reduce" => next == "by" || self.at_hint(1) || next == "kind",
            "range" => self.at_range(),
            "render" => !next.is_empty(),
            "fork" | "lookup" => false,
            "print" | "find" | "search" | "union" | "macro-expand" => true,
            // Words that are also good names start a pipeline only as names.
            _ => !may_be_read(word) && self.operator_rule().is_some(),
        }
    }

    fn at_range(&self) -> bool {
        let length = match self.nth(1) {
            K::Identifier if may_be_declared(self.nth_word(1)) => 1,
            _ => self.bracketed_name_length(1),
        };
        length > 0 && self.nth_word(1 + length) == "from"
    }

    /// `| operator | operator`.
    pub(super) fn piped_operators(&mut self) {
        while self.eat(K::Pipe) {
            self.operator();
        }
    }

    /// Takes the operator that starts here without an input, where one does.
    fn source_operator(&mut self) -> bool {
        if !self.at_operator_start() {
            return false;
        }
        match self.word() {
            "range" => self.range_operator(),
            "print" => self.print_operator(),
            "union" => self.union_operator(),
            "find" => self.find_operator(),
            "search" => self.search_operator(),
            "evaluate" => self.evaluate_operator(),
            "macro-expand" => self.macro_expand_operator(),
            _ => return false,
        }
        true
    }

    pub(super) fn datatable(&mut self) {
        self.start(K::Datatable);
        self.bump();
        self.operator_parameters(&[]);
        self.row_schema();
        self.start(K::DatatableValues);
        if self.expect(K::LeftBracket, "`[`") {
            self.eat(K::Comma);
            self.comma_list(K::RightBracket, Self::literal);
            self.expect(K::RightBracket, "`]`");
        }
        self.finish();
        self.finish();
    }

    pub(super) fn external_data(&mut self) {
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

    /// `inline_external_table (a:long) kind=storage dataformat=csv (h@"url") with (...)`.
    pub(super) fn inline_external_table(&mut self) {
        self.start(K::ExternalData);
        self.bump();
        if self.at(K::LeftParen) {
            self.row_schema();
        }
        if self.at_word("kind") {
            self.operator_parameter();
        } else {
            self.error_expected("`kind`");
        }
        if self.eat_word("partition") {
            self.expect_word("by");
            self.bracketed_tokens();
        }
        if self.eat_word("pathformat") {
            self.expect(K::Equal, "`=`");
            self.bracketed_tokens();
        }
        if self.at_word("dataformat") {
            self.operator_parameter();
        }
        if self.expect(K::LeftParen, "`(` and the places of the data") {
            self.comma_list(K::RightParen, Self::expression);
            self.expect(K::RightParen, "`)`");
        }
        self.with_properties();
        self.finish();
    }

    /// `( ... )` kept token by token.
    fn bracketed_tokens(&mut self) {
        let Some(length) = self.after_balanced(0).filter(|_| self.at(K::LeftParen)) else {
            return self.error_expected("`(`");
        };
        for _ in 0..length {
            self.bump();
        }
    }

    pub(super) fn range_operator(&mut self) {
        self.start(K::RangeOperator);
        self.bump();
        self.name();
        for word in ["from", "to", "step"] {
            if self.expect_word(word) {
                self.expression();
            }
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
        self.operator_parameters(&["best_effort"]);
        self.open_list(Self::table_operand);
        self.finish();
    }

    /// A table of a list: a name with or without `*`, a call, a path, a pipeline in brackets.
    fn table_operand(&mut self) {
        if self.at(K::LeftParen) {
            return self.unary();
        }
        if self.at_pattern() {
            return self.name_pattern();
        }
        // `App*` in brackets is a pattern too: `[App*]`.
        let in_list = std::mem::replace(&mut self.in_table_list, true);
        self.postfix();
        self.in_table_list = in_list;
    }

    pub(super) fn find_operator(&mut self) {
        self.start(K::FindOperator);
        self.bump();
        self.data_scope();
        let before = self.position();
        self.operator_parameters(&[]);
        self.find_in();
        if self.position() == before {
            self.eat_word("where");
        } else {
            self.expect_word("where");
        }
        self.expression();
        if self.at_any_word(&["project", "project-smart"]) {
            self.find_project();
        }
        self.finish();
    }

    /// `datascope=hotcache`.
    fn data_scope(&mut self) {
        if self.at_word("datascope") && self.nth(1) == K::Equal {
            self.operator_parameter();
        }
    }

    /// `in (tables)` where it stands here.
    fn find_in(&mut self) {
        if !self.at_word("in") {
            return;
        }
        self.start(K::FindIn);
        self.bump();
        if self.expect(K::LeftParen, "`(`") {
            if self.at(K::RightParen) {
                self.error_expected("a table");
            }
            self.strict_list(K::RightParen, |parser| {
                let mark = parser.mark();
                parser.table_operand();
                if parser.at(K::Pipe) {
                    parser.start_at(mark, K::PipeExpression);
                    parser.bump();
                    if parser.at_word("as") {
                        parser.as_operator();
                    } else {
                        parser.error_expected("`as`");
                    }
                    parser.finish();
                }
                parser.release(mark);
            });
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

    /// `name`, `name:type`, `pack(*)`, `*`.
    fn find_column(&mut self) {
        if self.at(K::Star) {
            return self.token_node(K::StarExpression);
        }
        if self.at_any_word(&["pack", "pack_all"]) && self.nth(1) == K::LeftParen {
            return self.call();
        }
        self.start(K::ColumnDeclaration);
        self.read_name();
        if self.eat(K::Colon) {
            self.wide_type();
        }
        self.finish();
    }

    pub(super) fn search_operator(&mut self) {
        self.start(K::SearchOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.data_scope();
        self.find_in();
        if self.at(K::Star) && self.nth(1) != K::EqualEqual && self.word_infix_ahead(1).is_none() {
            self.search_everything();
        } else {
            self.expression();
        }
        self.finish();
    }

    /// `search *`, `search * and condition`.
    fn search_everything(&mut self) {
        let mark = self.mark();
        self.token_node(K::StarExpression);
        if self.at_word("and") {
            self.start_at(mark, K::AndExpression);
            self.bump();
            self.expression();
            self.finish();
        }
        self.release(mark);
    }

    pub(super) fn evaluate_operator(&mut self) {
        self.start(K::EvaluateOperator);
        self.bump();
        self.operator_parameters(&[]);
        if self.at_call() {
            self.call();
        } else {
            self.error_expected("a plugin call such as `bag_unpack(x)`");
        }
        if self.at(K::Colon) {
            self.start(K::EvaluateSchema);
            self.bump();
            self.evaluate_schema();
            self.finish();
        }
        self.finish();
    }

    pub(super) fn macro_expand_operator(&mut self) {
        self.start(K::MacroExpandOperator);
        self.bump();
        self.operator_parameters(&["best_effort"]);
        if self.at_word("entity_group") {
            self.entity_group();
        } else {
            self.postfix();
        }
        if self.eat_word("as") {
            self.name();
        }
        if self.expect(K::LeftParen, "`(`") {
            if self.enter() {
                self.statements(K::RightParen);
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }
}
