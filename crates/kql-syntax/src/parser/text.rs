//! Operators that read texts, and `render`.

use super::cursor::Parser;
use super::keyword::may_be_column;
use crate::syntax::SyntaxKind as K;

/// What `render ... with (...)` takes.
const RENDER_PROPERTIES: &[&str] = &[
    "kind",
    "title",
    "accumulate",
    "xcolumn",
    "ycolumns",
    "anomalycolumns",
    "series",
    "xtitle",
    "ytitle",
    "xaxis",
    "yaxis",
    "legend",
    "ysplit",
    "ymin",
    "ymax",
    "xmin",
    "xmax",
];

/// Properties that hold columns.
const RENDER_COLUMNS: &[&str] = &["xcolumn", "ycolumns", "anomalycolumns", "series"];

impl Parser<'_> {
    pub(super) fn parse_operator(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.operator_parameters(&["kind", "flags"]);
        self.expression();
        if self.expect_word("with") {
            self.parse_pattern();
        }
        self.finish();
    }

    fn parse_pattern(&mut self) {
        loop {
            match self.kind() {
                K::Star => self.token_node(K::StarExpression),
                K::String => self.string_literal(),
                K::Identifier if may_be_column(self.word()) => self.parse_column(),
                K::LeftBracket if self.bracketed_name_length(0) > 0 => self.parse_column(),
                _ => return,
            }
        }
    }

    fn parse_column(&mut self) {
        self.start(K::ParseColumn);
        self.column_name();
        if self.eat(K::Colon) {
            self.type_reference();
        }
        self.finish();
    }

    pub(super) fn parse_kv_operator(&mut self) {
        self.start(K::ParseKvOperator);
        self.bump();
        self.expression();
        if self.expect_word("as") {
            self.row_schema();
        }
        self.with_parameters(&[
            "pair_delimiter",
            "kv_delimiter",
            "regex",
            "quote",
            "escape",
            "greedy",
        ]);
        self.finish();
    }

    pub(super) fn invoke_operator(&mut self) {
        self.start(K::InvokeOperator);
        self.bump();
        let mark = self.mark();
        if self.at_call() {
            self.call();
            while self.at(K::Dot) && self.nth(1) == K::Identifier && self.nth(2) == K::LeftParen {
                self.start_at(mark, K::PathExpression);
                self.bump();
                self.call();
                self.finish();
            }
        } else {
            self.error_expected("a call of a function");
        }
        self.release(mark);
        self.finish();
    }

    pub(super) fn render_operator(&mut self) {
        self.start(K::RenderOperator);
        self.bump();
        match self.word() {
            "true" | "false" => self.error_expected("a chart"),
            _ => self.any_name(),
        }
        if self.at(K::Identifier) && !self.at_with_bracket() {
            self.start(K::WithClause);
            self.old_render_properties();
            self.finish();
        }
        if self.at_with_bracket() {
            self.start(K::WithClause);
            self.bump();
            self.bump();
            self.eat(K::Comma);
            self.strict_list(K::RightParen, Self::render_property);
            self.expect(K::RightParen, "`)`");
            self.finish();
        }
        self.finish();
    }

    fn at_with_bracket(&self) -> bool {
        self.at_word("with") && self.nth(1) == K::LeftParen
    }

    /// `render chart kind=stacked title="x" by a, b`, the older form.
    fn old_render_properties(&mut self) {
        loop {
            match self.word() {
                "kind" | "title" | "accumulate" if self.nth(1) == K::Equal => {
                    self.render_property();
                }
                "with" if self.nth(1) != K::LeftParen => {
                    self.bump();
                    self.literal();
                }
                "by" => {
                    self.bump();
                    self.open_list(|parser| {
                        parser.start(K::NameExpression);
                        parser.column_name();
                        parser.finish();
                    });
                }
                _ => return,
            }
        }
    }

    /// `name = value`; of columns there may be several: `ycolumns = a, b`.
    fn render_property(&mut self) {
        self.start(K::OperatorParameter);
        let word = self.word();
        if !RENDER_PROPERTIES.contains(&word) {
            self.error_expected(&format!("one of {}", RENDER_PROPERTIES.join(", ")));
            return self.finish();
        }
        self.start(K::Name);
        self.bump();
        self.finish();
        if self.expect(K::Equal, "`=`") {
            if RENDER_COLUMNS.contains(&word) {
                self.render_columns();
            } else {
                self.render_value();
            }
        }
        self.finish();
    }

    fn render_columns(&mut self) {
        loop {
            self.start(K::NameExpression);
            self.column_name();
            self.finish();
            let more = self.at(K::Comma)
                && self.nth(2) != K::Equal
                && matches!(self.nth(1), K::Identifier | K::LeftBracket);
            if !more {
                return;
            }
            self.bump();
        }
    }

    /// A literal, a word, or (for titles) any value without an operator.
    fn render_value(&mut self) {
        if self.at_literal() {
            self.literal();
        } else if self.at(K::Identifier) && self.nth(1) == K::LeftParen {
            self.postfix();
        } else {
            self.start(K::NameExpression);
            self.any_name();
            self.finish();
        }
    }
}
