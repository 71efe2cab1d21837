//! Expressions by precedence, loosest first: `or`, `and`, equality, order, sums, products, text.

use super::cursor::{Mark, Parser};
use crate::syntax::SyntaxKind as K;

const EQUALITY: u8 = 1;
const ORDER: u8 = 2;
const SUM: u8 = 3;
const PRODUCT: u8 = 4;
const TEXT: u8 = 5;

/// Operators on text that are words.
pub(super) const TEXT_OPERATORS: &[&str] = &[
    "has",
    "!has",
    "has_cs",
    "!has_cs",
    "hasprefix",
    "!hasprefix",
    "hasprefix_cs",
    "!hasprefix_cs",
    "hassuffix",
    "!hassuffix",
    "hassuffix_cs",
    "!hassuffix_cs",
    "contains",
    "!contains",
    "contains_cs",
    "!contains_cs",
    "notcontains",
    "notcontainscs",
    "containscs",
    "startswith",
    "!startswith",
    "startswith_cs",
    "!startswith_cs",
    "endswith",
    "!endswith",
    "endswith_cs",
    "!endswith_cs",
    "like",
    "notlike",
    "likecs",
    "notlikecs",
];

/// Operators that look into a list.
pub(super) const LIST_OPERATORS: &[&str] = &["in", "!in", "in~", "!in~", "has_any", "has_all"];

/// What stands between two operands.
pub(super) enum Infix {
    /// One token.
    Token,
    /// `matches regex`.
    MatchesRegex,
    List,
    Between,
}

impl Parser<'_> {
    /// `name = value`, `(a, b) = value`, or a value.
    pub(super) fn named_expression(&mut self) {
        if self.at_name_list() {
            return self.name_list_expression();
        }
        if !self.at_named() {
            return self.expression();
        }
        self.start(K::NamedExpression);
        self.column_name();
        self.bump();
        self.expression();
        self.finish();
    }

    /// `name =`.
    pub(super) fn at_named(&self) -> bool {
        let length = match self.kind() {
            K::Identifier => 1,
            _ => self.bracketed_name_length(0),
        };
        length > 0 && self.nth(length) == K::Equal
    }

    /// `(a, b) =`.
    fn at_name_list(&self) -> bool {
        self.at(K::LeftParen)
            && matches!(self.nth(1), K::Identifier | K::LeftBracket)
            && matches!(self.nth(2), K::Comma | K::RightParen | K::String)
            && self
                .after_balanced(0)
                .is_some_and(|after| self.nth(after) == K::Equal)
    }

    fn name_list_expression(&mut self) {
        self.start(K::NamedExpression);
        self.start(K::NameList);
        self.bump();
        self.strict_list(K::RightParen, Self::column_name);
        self.expect(K::RightParen, "`)`");
        self.finish();
        self.expect(K::Equal, "`=`");
        self.expression();
        self.finish();
    }

    /// A value, or an error.
    pub(super) fn expression(&mut self) {
        self.chain("or", K::OrExpression, |parser| {
            parser.chain("and", K::AndExpression, |inner| inner.binary(EQUALITY));
        });
    }

    /// Operands with the same word between, flat: rules with hundreds of `or` are common.
    fn chain(&mut self, word: &str, kind: K, operand: impl Fn(&mut Self)) {
        let mark = self.mark();
        operand(self);
        if self.at_word(word) {
            self.start_at(mark, kind);
            while self.eat_word(word) {
                operand(self);
            }
            self.finish();
        }
        self.release(mark);
    }

    /// Comparisons and tests of text do not chain: `a < b < c` is no expression.
    fn binary(&mut self, loosest: u8) {
        let mark = self.mark();
        if self.at_any_column() {
            self.token_node(K::StarExpression);
        } else {
            self.unary();
        }
        let mut tightest = TEXT;
        while let Some((level, infix)) = self.infix() {
            if level < loosest || level > tightest || !self.may_wrap() {
                break;
            }
            self.infix_expression(mark, level, &infix);
            tightest = match level {
                SUM | PRODUCT => level,
                _ => level - 1,
            };
        }
        self.release(mark);
    }

    /// `* has "x"`, `* == 1`: any column.
    fn at_any_column(&self) -> bool {
        self.at(K::Star)
            && match self.nth(1) {
                K::EqualEqual | K::EqualTilde | K::NotTilde | K::Colon => true,
                _ => matches!(self.word_infix_ahead(1), Some((TEXT, _))),
            }
    }

    fn infix(&self) -> Option<(u8, Infix)> {
        let level = match self.kind() {
            K::EqualEqual | K::NotEqual => EQUALITY,
            K::Less | K::LessEqual | K::Greater | K::GreaterEqual => ORDER,
            K::Plus | K::Minus => SUM,
            K::Star | K::Slash | K::Percent => PRODUCT,
            K::EqualTilde | K::NotTilde | K::Colon => TEXT,
            K::Identifier => return self.word_infix_ahead(0),
            _ => return None,
        };
        Some((level, Infix::Token))
    }

    pub(super) fn word_infix_ahead(&self, ahead: usize) -> Option<(u8, Infix)> {
        let word = self.nth_word(ahead);
        if word == "in" && self.nth_word(ahead + 1) == "range" {
            // `make-series ... on x in range(a, b, c)`.
            return None;
        }
        if LIST_OPERATORS.contains(&word) {
            return Some((EQUALITY, Infix::List));
        }
        match word {
            "between" | "!between" => Some((EQUALITY, Infix::Between)),
            "matches" if self.nth_word(ahead + 1) == "regex" => Some((TEXT, Infix::MatchesRegex)),
            _ if TEXT_OPERATORS.contains(&word) => Some((TEXT, Infix::Token)),
            _ => None,
        }
    }

    fn infix_expression(&mut self, mark: Mark, level: u8, infix: &Infix) {
        match infix {
            Infix::Token | Infix::MatchesRegex => {
                self.start_at(mark, K::BinaryExpression);
                self.bump();
                if matches!(infix, Infix::MatchesRegex) {
                    self.bump();
                }
                self.binary(level + 1);
            }
            Infix::List => {
                self.start_at(mark, K::InExpression);
                self.bump();
                self.value_list();
            }
            Infix::Between => {
                self.start_at(mark, K::BetweenExpression);
                self.bump();
                self.between_range();
            }
        }
        self.finish();
    }

    /// `(a, b, c)` or `(Table | project x)`.
    fn value_list(&mut self) {
        self.start(K::ValueList);
        if self.expect(K::LeftParen, "`(`") {
            if self.enter() {
                if self.at(K::RightParen) {
                    self.error_expected("an expression");
                } else if self.at_query() {
                    self.pipe_expression();
                } else {
                    self.strict_list(K::RightParen, Self::expression);
                }
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// Whether a query stands here: an operator, or a `|` before the bracket closes.
    fn at_query(&self) -> bool {
        if self.at_operator_start() {
            return true;
        }
        let mut open = 0_usize;
        for ahead in 0.. {
            match self.nth(ahead) {
                K::End | K::Semicolon => return false,
                K::Comma | K::RightParen if open == 0 => return false,
                K::Pipe if open == 0 => return true,
                K::LeftParen => open += 1,
                K::RightParen => open -= 1,
                _ => {}
            }
        }
        false
    }

    fn between_range(&mut self) {
        if !self.expect(K::LeftParen, "`(`") {
            return;
        }
        if self.enter() {
            self.expression();
            self.expect(K::DotDot, "`..`");
            self.expression();
            self.leave();
        }
        self.expect(K::RightParen, "`)`");
    }

    /// `-x`, `+x`, or a value without a sign.
    pub(super) fn unary(&mut self) {
        if !matches!(self.kind(), K::Minus | K::Plus) {
            return self.postfix();
        }
        self.start(K::UnaryExpression);
        self.bump();
        self.postfix();
        self.finish();
    }
}
