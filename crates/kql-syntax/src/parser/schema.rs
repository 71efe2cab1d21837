//! Types and lists of typed columns.

use super::cursor::Parser;
use super::keyword::may_be_column;
use crate::diagnostics::DiagnosticCode;
use crate::syntax::SyntaxKind as K;

/// Types of columns and parameters.
const TYPES: &[&str] = &[
    "bool", "boolean", "date", "datetime", "decimal", "double", "dynamic", "guid", "int", "int64",
    "int8", "long", "real", "string", "time", "timespan", "uniqueid",
];

/// Types that `typeof(...)` and `project name:type` of `find` take besides.
const MORE_TYPES: &[&str] = &[
    "float", "int16", "int32", "uint", "uint16", "uint32", "uint64", "uint8", "ulong",
];

impl Parser<'_> {
    /// A type's name, or an error.
    pub(super) fn type_reference(&mut self) {
        self.type_of(TYPES);
    }

    fn type_of(&mut self, types: &[&str]) {
        self.start(K::TypeReference);
        let word = self.word();
        if types.contains(&word) {
            self.bump();
        } else if self.at(K::Identifier) && may_be_column(word) || MORE_TYPES.contains(&word) {
            let message = format!("`{word}` is no type of a column");
            let help = format!("the types are {}", TYPES.join(", "));
            self.error(DiagnosticCode::UnknownType, message, Some(help));
            self.bump();
        } else {
            self.error_expected("a type");
        }
        self.finish();
    }

    /// The type in `typeof(...)`: the binder judges words that are no keywords.
    pub(super) fn any_type(&mut self) {
        self.start(K::TypeReference);
        let word = self.word();
        let known = TYPES.contains(&word) || MORE_TYPES.contains(&word);
        if known || self.at(K::Identifier) && super::keyword::may_be_declared(word) {
            self.bump();
        } else {
            self.error_expected("a type");
        }
        self.finish();
    }

    /// The type in `project name:type` of `find`.
    pub(super) fn wide_type(&mut self) {
        if MORE_TYPES.contains(&self.word()) {
            self.token_node(K::TypeReference);
        } else {
            self.type_reference();
        }
    }

    /// `(a:long, ['b c']:string)`; a comma may stand in front and at the end.
    pub(super) fn row_schema(&mut self) {
        self.schema_with(false);
    }

    /// `(*, a:long)`: the input's columns, then these.
    pub(super) fn evaluate_schema(&mut self) {
        self.schema_with(true);
    }

    fn schema_with(&mut self, star: bool) {
        self.start(K::RowSchema);
        if self.expect(K::LeftParen, "`(` and columns") {
            self.eat(K::Comma);
            if star && self.eat(K::Star) {
                self.eat(K::Comma);
            }
            self.comma_list(K::RightParen, Self::column_declaration);
            self.expect(K::RightParen, "`)`");
        }
        self.finish();
    }

    /// `(*)` or `(a:long, b:string)`: the rows a function takes.
    pub(super) fn table_schema(&mut self) {
        self.start(K::RowSchema);
        self.expect(K::LeftParen, "`(`");
        if !self.eat(K::Star) {
            self.comma_list(K::RightParen, Self::column_declaration);
        }
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    /// `(a:long, *)` inside `typeof`.
    pub(super) fn typeof_schema(&mut self) {
        self.start(K::RowSchema);
        self.expect(K::LeftParen, "`(`");
        self.strict_list(K::RightParen, |parser| {
            if !parser.eat(K::Star) {
                parser.column_declaration();
            }
        });
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    fn column_declaration(&mut self) {
        self.start(K::ColumnDeclaration);
        self.column_name();
        if self.expect(K::Colon, "`:` and a type") {
            self.type_reference();
        }
        self.finish();
    }
}
