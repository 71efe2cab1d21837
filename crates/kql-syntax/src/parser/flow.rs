//! Operators with pipelines of their own.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// `( operator | operator )`.
    pub(super) fn subquery(&mut self) {
        self.start(K::Subquery);
        if self.expect(K::LeftParen, "`(` and operators") {
            if self.enter() {
                self.contextual_table();
                self.operators();
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// `__contextual_datatable id (schema) |`, which a service may write in front of the operators.
    fn contextual_table(&mut self) {
        if !self.at_word("__contextual_datatable") {
            return;
        }
        self.bump();
        self.expression();
        self.row_schema();
        self.expect(K::Pipe, "`|`");
    }

    /// `operator | operator`.
    pub(super) fn operators(&mut self) {
        self.operator();
        self.piped_operators();
    }

    /// `( operators )` or `( pipeline )`.
    fn fork_subquery(&mut self) {
        self.start(K::Subquery);
        if self.expect(K::LeftParen, "`(` and operators") {
            if self.enter() {
                if self.operator_rule().is_some() {
                    self.operators();
                } else {
                    self.pipe_expression();
                }
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    pub(super) fn mv_apply_operator(&mut self) {
        self.start(K::MvApplyOperator);
        self.bump();
        self.operator_parameters(&[]);
        if self.at_word("to") && self.nth_word(1) == "typeof" {
            self.start(K::MvExpandItem);
            self.type_clause();
            self.finish();
        } else {
            self.open_list(Self::mv_expand_item);
        }
        self.limit_clause();
        if self.eat_word("id") {
            self.expression();
        }
        if self.expect_word("on") {
            self.subquery();
        }
        self.finish();
    }

    /// `partition by column (operators)`, `partition by column { pipeline }`.
    pub(super) fn partition_operator(&mut self) {
        self.start(K::PartitionOperator);
        self.bump();
        self.operator_parameters(&[]);
        if self.expect_word("by") {
            self.simple_path();
        }
        if self.at_word("in") {
            self.start(K::PartitionScope);
            self.bump();
            if self.at(K::DynamicLiteral) {
                self.token_node(K::Literal);
            } else {
                self.call();
            }
            self.finish();
        }
        match self.kind() {
            K::LeftBrace => self.braced_subquery(),
            _ => self.subquery(),
        }
        self.finish();
    }

    fn braced_subquery(&mut self) {
        self.start(K::Subquery);
        self.bump();
        if self.enter() {
            self.pipe_expression();
            self.leave();
        }
        self.expect(K::RightBrace, "`}`");
        self.finish();
    }

    /// `__partitionby column id 'x' (operators)`, as a service writes it.
    pub(super) fn partition_by_operator(&mut self) {
        self.start(K::PartitionOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.simple_path();
        if self.eat_word("id") {
            self.literal();
        }
        self.subquery();
        self.finish();
    }

    pub(super) fn fork_operator(&mut self) {
        self.start(K::ForkOperator);
        self.bump();
        let mut any = false;
        while self.at(K::LeftParen) || self.at_named() {
            any = true;
            self.start(K::ForkBranch);
            if !self.at(K::LeftParen) {
                self.name();
                self.bump();
            }
            self.fork_subquery();
            self.finish();
        }
        if !any {
            self.error_expected("`(` and operators");
        }
        self.finish();
    }

    pub(super) fn facet_operator(&mut self) {
        self.start(K::FacetOperator);
        self.bump();
        self.required_by_clause(Self::simple_path);
        if self.eat_word("with") {
            if self.at(K::LeftParen) {
                self.fork_subquery();
            } else {
                self.start(K::Subquery);
                self.operator();
                self.finish();
            }
        }
        self.finish();
    }

    pub(super) fn scan_operator(&mut self) {
        self.start(K::ScanOperator);
        self.bump();
        self.operator_parameters(&[]);
        for word in ["order", "partition"] {
            if self.eat_word(word) {
                self.required_by_clause(Self::ordered_expression);
            }
        }
        if self.at_word("declare") {
            self.start(K::ScanDeclare);
            self.bump();
            if self.expect(K::LeftParen, "`(`") {
                self.strict_list(K::RightParen, |parser| {
                    parser.parameter_of(K::ScanDeclaration);
                });
                self.expect(K::RightParen, "`)`");
            }
            self.finish();
        }
        if self.expect_word("with") && self.expect(K::LeftParen, "`(`") {
            while self.at_word("step") {
                self.scan_step();
            }
            self.expect(K::RightParen, "`step` or `)`");
        }
        self.finish();
    }

    fn scan_step(&mut self) {
        self.start(K::ScanStep);
        self.bump();
        self.column_name();
        self.eat_word("optional");
        if self.at_word("output") {
            self.operator_parameter();
        }
        if self.expect(K::Colon, "`:` and a condition") {
            self.expression();
        }
        if self.eat(K::FatArrow) {
            self.open_list(Self::scan_assignment);
        }
        self.expect(K::Semicolon, "`;`");
        self.finish();
    }

    fn scan_assignment(&mut self) {
        self.start(K::ScanAssignment);
        self.column_name();
        if self.expect(K::Equal, "`=`") {
            self.expression();
        }
        self.finish();
    }
}
