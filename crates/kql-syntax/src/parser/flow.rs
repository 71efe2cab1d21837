//! Operators with pipelines of their own.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// `( operator | operator )`, or `{ pipeline }`.
    pub(super) fn subquery(&mut self) {
        self.start(K::Subquery);
        match self.kind() {
            K::LeftParen => {
                self.bump();
                if self.enter() {
                    self.operator();
                    self.piped_operators();
                    self.leave();
                }
                self.expect(K::RightParen, "`)`");
            }
            K::LeftBrace => {
                self.bump();
                if self.enter() {
                    self.pipe_expression();
                    self.leave();
                }
                self.expect(K::RightBrace, "`}`");
            }
            _ => self.error_expected("`(` and operators"),
        }
        self.finish();
    }

    pub(super) fn mv_apply_operator(&mut self) {
        self.start(K::MvApplyOperator);
        self.bump();
        self.operator_parameters(&["kind", "bagexpansion", "with_itemindex"]);
        self.open_list(Self::mv_expand_item);
        self.limit_clause();
        if self.at_word("id") {
            self.bump();
            self.expression();
        }
        if self.expect_word("on") {
            self.subquery();
        }
        self.finish();
    }

    pub(super) fn partition_operator(&mut self) {
        self.start(K::PartitionOperator);
        self.bump();
        self.operator_parameters(&[]);
        if self.expect_word("by") {
            // A bracket after the column starts the subquery, it makes no call.
            if self.at(K::Identifier) && self.nth(1) == K::LeftParen {
                self.name_expression();
            } else {
                self.expression();
            }
        }
        self.operator_parameters(&[]);
        self.subquery();
        self.finish();
    }

    pub(super) fn fork_operator(&mut self) {
        self.start(K::ForkOperator);
        self.bump();
        while self.at(K::LeftParen) || self.nth(1) == K::Equal {
            self.start(K::ForkBranch);
            if !self.at(K::LeftParen) {
                self.name();
                self.bump();
            }
            self.subquery();
            self.finish();
            self.eat(K::Comma);
        }
        self.finish();
    }

    pub(super) fn facet_operator(&mut self) {
        self.start(K::FacetOperator);
        self.bump();
        self.by_clause(Self::expression);
        if self.eat_word("with") {
            if self.at(K::LeftParen) {
                self.subquery();
            } else {
                self.operator();
            }
        }
        self.finish();
    }

    pub(super) fn scan_operator(&mut self) {
        self.start(K::ScanOperator);
        self.bump();
        self.operator_parameters(&["with_match_id"]);
        while matches!(
            (self.word(), self.nth_word(1)),
            ("order" | "partition", "by")
        ) {
            self.bump();
            self.by_clause(Self::ordered_expression);
        }
        if self.at_word("declare") {
            self.start(K::ScanDeclare);
            self.bump();
            if self.expect(K::LeftParen, "`(`") {
                self.comma_list(K::RightParen, Self::scan_declaration);
                self.expect(K::RightParen, "`)`");
            }
            self.finish();
        }
        if self.expect_word("with") && self.expect(K::LeftParen, "`(`") {
            self.scan_steps();
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    fn scan_declaration(&mut self) {
        self.start(K::ScanDeclaration);
        self.name();
        if self.expect(K::Colon, "`:` and a type") {
            self.type_reference();
        }
        if self.eat(K::Equal) {
            self.expression();
        }
        self.finish();
    }

    fn scan_steps(&mut self) {
        while self.at_word("step") {
            self.scan_step();
            self.eat(K::Semicolon);
        }
        if !self.at(K::RightParen) {
            self.error_expected("`step`");
            self.skip_until(|_| false);
        }
    }

    fn scan_step(&mut self) {
        self.start(K::ScanStep);
        self.bump();
        self.name();
        self.eat_word("optional");
        if self.at_word("output") {
            self.operator_parameter();
        }
        if self.expect(K::Colon, "`:` and a condition") {
            self.expression();
        }
        if self.eat(K::FatArrow) {
            self.open_list(|parser| {
                parser.start(K::ScanAssignment);
                parser.name();
                if parser.expect(K::Equal, "`=`") {
                    parser.expression();
                }
                parser.finish();
            });
        }
        self.finish();
    }
}
