//! Operators that choose rows and columns.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// `where condition`. `where a = b` is no syntax error in Kusto; the binder judges it.
    pub(super) fn where_operator(&mut self) {
        self.start(K::WhereOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.named_expression();
        self.finish();
    }

    pub(super) fn extend_operator(&mut self) {
        self.start(K::ExtendOperator);
        self.bump();
        self.open_list(Self::named_expression);
        self.finish();
    }

    /// `project` and `project-rename`.
    pub(super) fn project_operator(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.optional_list(Self::named_expression);
        self.finish();
    }

    pub(super) fn project_by_names_operator(&mut self) {
        self.start(K::ProjectByNamesOperator);
        self.bump();
        self.optional_list(Self::expression);
        self.finish();
    }

    /// `project-away a, b*`, `project-keep a`.
    pub(super) fn project_names(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.optional_list(Self::name_pattern);
        self.finish();
    }

    /// `project-reorder a asc, *`.
    pub(super) fn project_reorder_operator(&mut self) {
        self.start(K::ProjectReorderOperator);
        self.bump();
        self.optional_list(Self::ordered_pattern);
        self.finish();
    }

    fn ordered_pattern(&mut self) {
        let mark = self.mark();
        self.name_pattern();
        if self.at_any_word(&["asc", "desc", "granny-asc", "granny-desc"]) {
            self.start_at(mark, K::OrderedExpression);
            self.bump();
            self.finish();
        }
        self.release(mark);
    }

    pub(super) fn distinct_operator(&mut self) {
        self.start(K::DistinctOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.open_list(|parser| {
            if parser.at(K::Star) && !matches!(parser.nth(1), K::EqualEqual | K::Identifier) {
                parser.token_node(K::StarExpression);
            } else {
                parser.named_expression();
            }
        });
        self.finish();
    }

    pub(super) fn count_operator(&mut self) {
        self.start(K::CountOperator);
        self.bump();
        if self.eat_word("as") {
            self.name();
        }
        self.finish();
    }

    pub(super) fn number_operator(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.operator_parameters(&[]);
        self.named_expression();
        self.finish();
    }

    pub(super) fn sample_distinct_operator(&mut self) {
        self.start(K::SampleDistinctOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.named_expression();
        self.expect_word("of");
        self.named_expression();
        self.finish();
    }

    pub(super) fn top_operator(&mut self) {
        self.start(K::TopOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.named_expression();
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

    pub(super) fn sort_operator(&mut self) {
        self.start(K::SortOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.required_by_clause(Self::ordered_expression);
        self.finish();
    }

    /// `x desc nulls last`.
    pub(super) fn ordered_expression(&mut self) {
        let mark = self.mark();
        self.named_expression();
        if self.at_any_word(&["asc", "desc", "granny-asc", "granny-desc", "nulls"]) {
            self.start_at(mark, K::OrderedExpression);
            if !self.at_word("nulls") {
                self.bump();
            }
            if self.eat_word("nulls") && !self.eat_word("first") && !self.eat_word("last") {
                self.error_expected("`first` or `last`");
            }
            self.finish();
        }
        self.release(mark);
    }

    pub(super) fn serialize_operator(&mut self) {
        self.start(K::SerializeOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.optional_list(Self::named_expression);
        self.finish();
    }

    pub(super) fn as_operator(&mut self) {
        self.start(K::AsOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.name();
        self.finish();
    }

    pub(super) fn consume_operator(&mut self) {
        self.start(K::ConsumeOperator);
        self.bump();
        self.operator_parameters(&["decodeblocks"]);
        self.finish();
    }

    pub(super) fn getschema_operator(&mut self) {
        self.start(K::GetschemaOperator);
        self.bump();
        self.operator_parameters(&["kind"]);
        self.finish();
    }

    pub(super) fn assert_schema_operator(&mut self) {
        self.start(K::AssertSchemaOperator);
        self.bump();
        self.row_schema();
        self.finish();
    }

    pub(super) fn mv_expand_operator(&mut self) {
        self.start(K::MvExpandOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.open_list(Self::mv_expand_item);
        self.limit_clause();
        self.finish();
    }

    pub(super) fn mv_expand_item(&mut self) {
        self.start(K::MvExpandItem);
        self.named_expression();
        self.type_clause();
        self.finish();
    }
}
