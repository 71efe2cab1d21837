//! `join` and `lookup`.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// `join kind=inner (Table) on key`. The binder says where the condition is missing.
    pub(super) fn join_operator(&mut self) {
        self.start(K::JoinOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.expression();
        if self.at_word("where") {
            self.start(K::WhereClause);
            self.bump();
            self.expression();
            self.finish();
        } else {
            self.on_clause();
        }
        self.finish();
    }

    pub(super) fn lookup_operator(&mut self) {
        self.start(K::LookupOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.expression();
        if self.at_word("on") {
            self.on_clause();
        } else {
            self.error_expected("`on`");
        }
        self.finish();
    }

    fn on_clause(&mut self) {
        if !self.at_word("on") {
            return;
        }
        self.start(K::OnClause);
        self.bump();
        self.open_list(Self::expression);
        self.finish();
    }
}
