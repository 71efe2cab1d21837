//! `join` and `lookup`.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn join_operator(&mut self) {
        self.start(K::JoinOperator);
        self.bump();
        self.operator_parameters(&["kind"]);
        self.join_rest();
        self.finish();
    }

    pub(super) fn lookup_operator(&mut self) {
        self.start(K::LookupOperator);
        self.bump();
        self.operator_parameters(&["kind"]);
        self.join_rest();
        self.finish();
    }

    fn join_rest(&mut self) {
        self.expression();
        if self.at_word("on") {
            self.start(K::OnClause);
            self.bump();
            self.open_list(Self::expression);
            self.finish();
        } else if self.at_word("where") {
            self.start(K::WhereClause);
            self.bump();
            self.expression();
            self.finish();
        } else {
            self.error_expected("`on`");
        }
    }
}
