//! Operators that group rows.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn summarize_operator(&mut self) {
        self.start(K::SummarizeOperator);
        self.bump();
        self.operator_parameters(&[]);
        if !self.at_word("by") {
            self.optional_list(Self::named_expression);
        }
        self.by_clause(Self::named_expression);
        self.finish();
    }

    pub(super) fn make_series_operator(&mut self) {
        self.start(K::MakeSeriesOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.open_list(Self::make_series_item);
        self.start(K::OnClause);
        if self.expect_word("on") {
            self.named_expression();
        }
        self.finish();
        self.make_series_range();
        self.by_clause(Self::named_expression);
        self.finish();
    }

    fn make_series_item(&mut self) {
        self.start(K::MakeSeriesItem);
        self.named_expression();
        if self.at_word("default") {
            self.start(K::DefaultClause);
            self.bump();
            self.expect(K::Equal, "`=`");
            self.named_expression();
            self.finish();
        }
        self.finish();
    }

    /// `[from a] [to b] step c`, or `in range(a, b, c)`.
    fn make_series_range(&mut self) {
        self.start(K::MakeSeriesRange);
        if self.at_any_word(&["from", "to", "step"]) {
            for word in ["from", "to"] {
                if self.eat_word(word) {
                    self.expression();
                }
            }
            if self.expect_word("step") {
                self.expression();
            }
        } else if self.eat_word("in") {
            if self.at_word("range") {
                self.call();
            } else {
                self.error_expected("`range(from, to, step)`");
            }
        } else {
            self.error_expected("`step`");
        }
        self.finish();
    }

    pub(super) fn top_nested_operator(&mut self) {
        self.start(K::TopNestedOperator);
        self.top_nested_clause();
        while self.eat(K::Comma) {
            if self.at_word("top-nested") {
                self.top_nested_clause();
            } else {
                self.error_expected("`top-nested`");
            }
        }
        self.finish();
    }

    fn top_nested_clause(&mut self) {
        self.start(K::TopNestedClause);
        self.bump();
        if !self.at_word("of") {
            self.named_expression();
        }
        if self.expect_word("of") {
            self.named_expression();
        }
        if self.at_word("with") {
            self.start(K::WithClause);
            self.bump();
            self.expect_word("others");
            self.expect(K::Equal, "`=`");
            self.expression();
            self.finish();
        }
        if self.at_word("by") {
            self.start(K::ByClause);
            self.bump();
            self.ordered_expression();
            self.finish();
        } else {
            self.error_expected("`by`");
        }
        self.finish();
    }

    pub(super) fn top_hitters_operator(&mut self) {
        self.start(K::TopHittersOperator);
        self.bump();
        self.named_expression();
        if self.expect_word("of") {
            self.named_expression();
        }
        if self.at_word("by") {
            self.start(K::ByClause);
            self.bump();
            self.named_expression();
            self.finish();
        }
        self.finish();
    }

    pub(super) fn reduce_operator(&mut self) {
        self.start(K::ReduceOperator);
        self.bump();
        self.operator_parameters(&["threshold", "characters"]);
        if self.at_word("by") {
            self.start(K::ByClause);
            self.bump();
            self.named_expression();
            self.finish();
        } else {
            self.error_expected("`by`");
        }
        if self.at_word("with") {
            self.start(K::WithClause);
            self.bump();
            self.open_list(|parser| parser.named_parameter(&["threshold", "characters"]));
            self.finish();
        }
        self.finish();
    }
}
