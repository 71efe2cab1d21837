//! Names, types, lists and operator parameters: what many rules share.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    /// Items between commas up to `close`, which is not taken. A comma at the end is allowed.
    pub(super) fn comma_list(&mut self, close: K, item: impl Fn(&mut Self)) {
        while !self.at(close) && !self.at(K::End) {
            let before = self.position();
            item(self);
            if self.eat(K::Comma) {
                continue;
            }
            if self.at(close) {
                return;
            }
            self.error_expected("`,`");
            self.skip_until(|kind| kind == K::Comma || kind == K::Semicolon);
            if !self.eat(K::Comma) || self.position() == before {
                return;
            }
        }
    }

    /// As [`Self::comma_list`], but a comma must be followed by an item.
    pub(super) fn strict_list(&mut self, close: K, item: impl Fn(&mut Self)) {
        self.comma_list(close, |parser| item(parser));
        if self.at(close) && self.after_comma() {
            self.error_expected("an expression");
        }
    }

    /// One item or more between commas, with nothing to end it.
    pub(super) fn open_list(&mut self, item: impl Fn(&mut Self)) {
        loop {
            item(self);
            if !self.eat(K::Comma) {
                return;
            }
        }
    }

    /// Whether a name starts here: a word, or `['...']`.
    pub(super) fn at_name(&self) -> bool {
        self.at(K::Identifier) && !self.word().starts_with('!') || self.at_bracketed_name(0)
    }

    /// `['name']` at the n-th token.
    pub(super) fn at_bracketed_name(&self, ahead: usize) -> bool {
        self.nth(ahead) == K::LeftBracket
            && self.nth(ahead + 1) == K::String
            && self.nth(ahead + 2) == K::RightBracket
    }

    /// A name, or an error.
    pub(super) fn name(&mut self) {
        self.start(K::Name);
        if self.at_bracketed_name(0) {
            self.bump();
            self.bump();
            self.bump();
        } else if self.at_name() {
            self.bump();
        } else {
            self.error_expected("a name");
        }
        self.finish();
    }

    /// A name that may hold `*`: `App*`, `*_x`, `a*b`.
    pub(super) fn name_pattern(&mut self) {
        if self.at_bracketed_name(0) {
            return self.name();
        }
        let is_part = |kind: K| matches!(kind, K::Identifier | K::Star | K::Long);
        let mut length = usize::from(is_part(self.kind()));
        while length > 0 && is_part(self.nth(length)) && self.touches(length) {
            length += 1;
        }
        let has_star = (0..length).any(|ahead| self.nth(ahead) == K::Star);
        if !has_star {
            return self.name();
        }
        self.start(K::NamePattern);
        for _ in 0..length {
            self.bump();
        }
        self.finish();
    }

    /// A type's name.
    pub(super) fn type_reference(&mut self) {
        self.start(K::TypeReference);
        if !self.eat(K::Identifier) {
            self.error_expected("a type");
        }
        self.finish();
    }

    /// `(a:long, ['b c']:string)`, `(*)`, `(*, a:long)`.
    pub(super) fn row_schema(&mut self) {
        self.start(K::RowSchema);
        self.expect(K::LeftParen, "`(`");
        self.comma_list(K::RightParen, Self::column_declaration);
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    fn column_declaration(&mut self) {
        if self.eat(K::Star) {
            return;
        }
        self.start(K::ColumnDeclaration);
        self.name();
        if self.expect(K::Colon, "`:` and a type") {
            self.type_reference();
        }
        self.finish();
    }

    /// Parameters before an operator's operands: `hint.*=x` and those of the given names.
    pub(super) fn operator_parameters(&mut self, names: &[&str]) {
        while self.at_operator_parameter(names) {
            self.operator_parameter();
            if self.at(K::Comma) && self.parameter_follows_comma(names) {
                self.bump();
            }
        }
    }

    fn parameter_follows_comma(&self, names: &[&str]) -> bool {
        self.nth(2) == K::Equal && names.contains(&self.nth_word(1))
            || self.nth_word(1) == "hint" && self.nth(2) == K::Dot
    }

    pub(super) fn at_operator_parameter(&self, names: &[&str]) -> bool {
        let hint = self.at_word("hint") && self.nth(1) == K::Dot && self.nth(3) == K::Equal;
        hint || self.nth(1) == K::Equal && self.at_any_word(names)
    }

    pub(super) fn operator_parameter(&mut self) {
        self.start(K::OperatorParameter);
        self.start(K::Name);
        self.bump();
        if self.eat(K::Dot) {
            self.bump();
        }
        self.finish();
        self.expect(K::Equal, "`=`");
        self.parameter_value();
        self.finish();
    }

    fn parameter_value(&mut self) {
        match self.kind() {
            K::LeftParen if self.enter() => {
                self.start(K::NameList);
                self.bump();
                self.comma_list(K::RightParen, Self::expression);
                self.expect(K::RightParen, "`)`");
                self.finish();
                self.leave();
            }
            K::Identifier => self.name(),
            K::Star => self.bump(),
            _ => self.unary(),
        }
    }

    /// `by` and a list, where one stands here.
    pub(super) fn by_clause(&mut self, item: impl Fn(&mut Self)) {
        if !self.at_word("by") {
            return;
        }
        self.start(K::ByClause);
        self.bump();
        self.operator_parameters(&[]);
        self.open_list(item);
        self.finish();
    }

    /// `to typeof(long)` where it stands here.
    pub(super) fn type_clause(&mut self) {
        if !self.at_word("to") {
            return;
        }
        self.start(K::ToTypeClause);
        self.bump();
        self.typeof_expression();
        self.finish();
    }

    /// `limit n` where it stands here.
    pub(super) fn limit_clause(&mut self) {
        if !self.at_word("limit") {
            return;
        }
        self.start(K::LimitClause);
        self.bump();
        self.expression();
        self.finish();
    }

    /// `with (name = value, ...)` where it stands here.
    pub(super) fn with_properties(&mut self) {
        if !self.at_word("with") {
            return;
        }
        self.start(K::WithClause);
        self.bump();
        if self.expect(K::LeftParen, "`(`") {
            self.comma_list(K::RightParen, Self::property);
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// `name = value`; the name may be a string, the value a plain word.
    fn property(&mut self) {
        self.start(K::OperatorParameter);
        self.start(K::Name);
        if !self.eat(K::String) && !self.eat(K::Identifier) {
            self.error_expected("a name");
        }
        while self.at(K::Dot) || self.at(K::Minus) {
            self.bump();
            self.bump();
        }
        self.finish();
        if self.expect(K::Equal, "`=`") {
            self.expression();
        }
        self.finish();
    }
}
