//! Expressions by precedence, loosest first: `or`, `and`, equality, order, sums, products, text.

use super::cursor::{Mark, Parser};
use crate::syntax::SyntaxKind as K;

const EQUALITY: u8 = 0;
const ORDER: u8 = 1;
const SUM: u8 = 2;
const PRODUCT: u8 = 3;
const TEXT: u8 = 4;

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
    /// `name = value` or a value.
    pub(super) fn named_expression(&mut self) {
        if self.at_name_list() {
            return self.name_list_expression();
        }
        let is_named = match self.kind() {
            K::Identifier => self.nth(1) == K::Equal,
            K::LeftBracket => self.at_bracketed_name(0) && self.nth(3) == K::Equal,
            _ => false,
        };
        if !is_named {
            return self.expression();
        }
        self.start(K::NamedExpression);
        self.name();
        self.bump();
        self.expression();
        self.finish();
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
        self.comma_list(K::RightParen, Self::name);
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

    fn binary(&mut self, loosest: u8) {
        let mark = self.mark();
        self.unary();
        while let Some((level, infix)) = self.infix() {
            if level < loosest || !self.may_wrap() {
                break;
            }
            self.infix_expression(mark, level, &infix);
        }
        self.release(mark);
    }

    fn infix(&self) -> Option<(u8, Infix)> {
        let level = match self.kind() {
            K::EqualEqual | K::NotEqual => EQUALITY,
            K::Less | K::LessEqual | K::Greater | K::GreaterEqual => ORDER,
            K::Plus | K::Minus => SUM,
            K::Star | K::Slash | K::Percent => PRODUCT,
            K::EqualTilde | K::NotTilde => TEXT,
            K::Colon if self.in_search => TEXT,
            // `where a = b` is no syntax error in Kusto; the binder judges it.
            K::Equal if self.in_where => EQUALITY,
            K::Identifier => return self.word_infix_ahead(0),
            _ => return None,
        };
        Some((level, Infix::Token))
    }

    pub(super) fn word_infix_ahead(&self, ahead: usize) -> Option<(u8, Infix)> {
        let word = self.nth_word(ahead);
        if word == "in"
            && self.nth_word(ahead + 1) == "range"
            && self.nth(ahead + 2) == K::LeftParen
        {
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

    /// `(a, b, c)`, `(Table | project x)`, or a name where the brackets were left out.
    fn value_list(&mut self) {
        self.start(K::ValueList);
        if self.at(K::LeftParen) {
            self.bump();
            if self.enter() {
                self.strict_list(K::RightParen, Self::pipe_expression);
                self.leave();
            }
            self.expect(K::RightParen, "`)`");
        } else {
            self.unary();
        }
        self.finish();
    }

    fn between_range(&mut self) {
        self.expect(K::LeftParen, "`(`");
        if self.enter() {
            self.binary(SUM);
            self.expect(K::DotDot, "`..`");
            self.binary(SUM);
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
        if self.enter() {
            self.unary();
            self.leave();
        }
        self.finish();
    }

    /// Sums and below: ends of ranges, where `..` or a word follows.
    pub(super) fn sum(&mut self) {
        self.binary(SUM);
    }
}
