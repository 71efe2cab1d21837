//! `name = value` beside an operator: `kind=inner`, `hint.strategy=shuffle`, `with (...)`.

use super::cursor::Parser;
use super::keyword::may_be_declared;
use crate::syntax::SyntaxKind as K;

/// Names that are read as parameters of any operator; the binder says which belong where.
const KNOWN: &[&str] = &[
    "__crossCluster",
    "__crossDB",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__sourceColumnIndex",
    "bagexpansion",
    "bin_legacy",
    "cycles",
    "decodeblocks",
    "expandoutput",
    "force_remote",
    "isfuzzy",
    "kind",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
];

/// What may follow `hint.`.
const HINTS: &[&str] = &[
    "concurrency",
    "distribution",
    "materialized",
    "num_partitions",
    "pass_filters",
    "pass_filters_column",
    "progressive_top",
    "remote",
    "shufflekey",
    "spread",
    "strategy",
];

/// Keywords that are values of a parameter.
const VALUES: &[&str] = &["simple", "relaxed", "nooptimization", "hotcache", "last"];

impl Parser<'_> {
    /// Parameters before an operator's operands: the known ones and those of the given names.
    pub(super) fn operator_parameters(&mut self, names: &[&str]) {
        while self.at_operator_parameter(names) {
            self.operator_parameter();
        }
    }

    pub(super) fn at_operator_parameter(&self, names: &[&str]) -> bool {
        if self.at_hint(0) {
            return self.nth(3) == K::Equal;
        }
        self.nth(1) == K::Equal && (self.at_any_word(names) || self.at_any_word(KNOWN))
    }

    /// Whether `hint.name` stands at the n-th token.
    pub(super) fn at_hint(&self, ahead: usize) -> bool {
        self.nth_word(ahead) == "hint"
            && self.nth(ahead + 1) == K::Dot
            && HINTS.contains(&self.nth_word(ahead + 2))
    }

    pub(super) fn operator_parameter(&mut self) {
        self.start(K::OperatorParameter);
        self.parameter_name();
        self.expect(K::Equal, "`=`");
        self.parameter_value();
        self.finish();
    }

    fn parameter_name(&mut self) {
        self.start(K::Name);
        self.bump();
        if self.eat(K::Dot) {
            self.bump();
        }
        self.finish();
    }

    /// A literal or a word.
    fn parameter_value(&mut self) {
        if self.at_literal() {
            return self.literal();
        }
        if self.bracketed_name_length(0) > 0 {
            return self.any_name();
        }
        let word = self.word();
        if !word.is_empty() && (may_be_declared(word) || VALUES.contains(&word)) {
            self.any_name();
        } else {
            self.error_expected("a value");
        }
    }

    /// `with (name = value, ...)` where it stands here; the names may be any.
    pub(super) fn with_properties(&mut self) {
        if !self.at_word("with") {
            return;
        }
        self.start(K::WithClause);
        self.bump();
        if self.expect(K::LeftParen, "`(`") {
            self.strict_list(K::RightParen, Self::property);
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// `name = value`, the value a literal or a plain word.
    fn property(&mut self) {
        self.start(K::OperatorParameter);
        self.column_name();
        if self.expect(K::Equal, "`=`") {
            if self.at_literal() {
                self.literal();
            } else {
                self.start(K::NameExpression);
                self.column_name();
                self.finish();
            }
        }
        self.finish();
    }

    /// `with (name = value, ...)` with these names alone.
    pub(super) fn with_parameters(&mut self, names: &[&str]) {
        if !self.at_word("with") {
            return;
        }
        self.start(K::WithClause);
        self.bump();
        if self.expect(K::LeftParen, "`(`") {
            self.strict_list(K::RightParen, |parser| parser.named_parameter(names));
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    pub(super) fn named_parameter(&mut self, names: &[&str]) {
        if self.at_any_word(names) {
            self.operator_parameter();
        } else {
            self.error_expected(&format!("one of {}", names.join(", ")));
        }
    }
}
