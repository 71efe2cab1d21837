//! Scalar expressions.

use std::sync::Arc;

use stance_base::ScalarType;

use super::{BoundTabular, Literal};
use crate::span::Span;

/// A scalar expression with its type and where it stands in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundExpression {
    /// What is computed.
    pub kind: ExpressionKind,
    /// The type of the result.
    pub scalar_type: ScalarType,
    /// Where it was written. Inside a stored function's body the place of the call.
    pub span: Span,
}

/// What an expression computes.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A constant.
    Literal(Literal),
    /// A column of the input.
    Column(ColumnReference),
    /// A conversion Kusto applies by itself, to the type of this expression. Text to number and
    /// the like yields null where it cannot be done.
    Convert(Box<BoundExpression>),
    /// `-x`.
    Negate(Box<BoundExpression>),
    /// `+ - * / %`. Operand types are those of `scalar_type`'s rule: numbers come converted to the
    /// common type; `datetime - datetime`, `datetime ± timespan`, `timespan * number`,
    /// `timespan / timespan` and `dynamic` operands come as they are.
    Arithmetic {
        /// Which.
        operator: ArithmeticOperator,
        /// Left operand.
        left: Box<BoundExpression>,
        /// Right operand.
        right: Box<BoundExpression>,
    },
    /// `== != < <= > >=` of two operands of one type (numbers are widened; a `dynamic` compared
    /// with another type is converted to that type).
    Comparison {
        /// Which.
        operator: ComparisonOperator,
        /// Left operand.
        left: Box<BoundExpression>,
        /// Right operand.
        right: Box<BoundExpression>,
    },
    /// All hold; two operands or more.
    And(Vec<BoundExpression>),
    /// Any holds; two operands or more.
    Or(Vec<BoundExpression>),
    /// `has`, `contains`, `startswith`, `=~`, `matches regex` and their kin. Both operands are
    /// strings (a `dynamic` comes converted).
    TextMatch(Box<TextMatch>),
    /// `has_any`, `has_all`: `value` holds any (or all) of the terms.
    HasTerms {
        /// Whether all are wanted.
        all: bool,
        /// A string.
        value: Box<BoundExpression>,
        /// The terms, strings.
        terms: BoundSet,
    },
    /// `in`, `!in`, `in~`, `!in~`.
    In {
        /// `!in`, `!in~`.
        negated: bool,
        /// `in~`: strings compare without regard to case.
        ignore_case: bool,
        /// The value looked for.
        value: Box<BoundExpression>,
        /// Where it is looked for; members have the type of `value` unless the set is dynamic.
        set: BoundSet,
    },
    /// `value between (low .. high)`, both ends included.
    Between {
        /// `!between`.
        negated: bool,
        /// The value.
        value: Box<BoundExpression>,
        /// Lower end. For `datetime between (datetime .. timespan)` the upper end is computed here.
        low: Box<BoundExpression>,
        /// Upper end.
        high: Box<BoundExpression>,
    },
    /// `value.name` or `value["name"]` of a `dynamic`; result `dynamic`.
    Member {
        /// A dynamic.
        value: Box<BoundExpression>,
        /// Property name.
        name: Arc<str>,
    },
    /// `value[index]` of a `dynamic`, with an index that is no constant text; result `dynamic`.
    /// A `long` index counts from 0, from the end where negative; a `string` names a property.
    Index {
        /// A dynamic.
        value: Box<BoundExpression>,
        /// Position or name.
        index: Box<BoundExpression>,
    },
    /// A function of [`crate::functions`], by canonical name: aliases are resolved (`iif` → `iff`,
    /// `todynamic` → `parse_json`, `tobool` and `toboolean` → `tobool`). Also window functions
    /// (`row_number`, `prev`), which read the order of the rows.
    Call {
        /// Canonical name.
        function: &'static str,
        /// Arguments in order; named ones put in their places.
        arguments: Vec<BoundExpression>,
    },
    /// `pack_all()`, `pack("k", v)` with `*`: the named values of the row.
    PackRow {
        /// Leave out empty values (`pack_all(true)`).
        ignore_empty: bool,
        /// Columns of the input.
        columns: Vec<ColumnReference>,
    },
    /// `toscalar(...)`: the first column of the first row, run once per `id`.
    ScalarSubquery(Subquery),
    /// One value of a function that gives several (`series_fit_line`); the call's own type is
    /// `dynamic` and says nothing.
    Element {
        /// The call.
        tuple: Box<BoundExpression>,
        /// Which value, from 0.
        index: usize,
    },
    /// A name that is a parameter declared by `declare query_parameters` and not given a value; in
    /// the subquery of `partition by column { ... }` the column's value in the partition at hand.
    Parameter(Arc<str>),
}

/// A tabular expression inside a scalar one. Equal `id` means: run once, use everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// Identity inside one bound query.
    pub id: u32,
    /// The rows.
    pub plan: Arc<BoundTabular>,
}

/// A column of the input schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnReference {
    /// Position in the schema of the input.
    pub index: usize,
    /// Its name.
    pub name: Arc<str>,
}

/// What `in`, `has_any` and `has_all` look in.
#[derive(Debug, Clone, PartialEq)]
pub enum BoundSet {
    /// Values one by one. A `dynamic` member stands for its elements where it is an array.
    List(Vec<BoundExpression>),
    /// The first column of a tabular expression.
    Subquery(Subquery),
}

/// `+ - * / %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ArithmeticOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// `== != < <= > >=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ComparisonOperator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A test of one text against another.
#[derive(Debug, Clone, PartialEq)]
pub struct TextMatch {
    /// Which test.
    pub kind: TextMatchKind,
    /// `!has`, `!contains`, `!~`, ...
    pub negated: bool,
    /// `has_cs`, `contains_cs`, `matches regex`; the others ignore case.
    pub case_sensitive: bool,
    /// The text looked at.
    pub value: BoundExpression,
    /// What is looked for.
    pub pattern: BoundExpression,
}

/// The tests of [`TextMatch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextMatchKind {
    /// `=~`, `!~`.
    Equals,
    /// `contains`.
    Contains,
    /// `has`: a whole term.
    Has,
    /// `hasprefix`: start of a term.
    HasPrefix,
    /// `hassuffix`: end of a term.
    HasSuffix,
    /// `startswith`.
    StartsWith,
    /// `endswith`.
    EndsWith,
    /// `matches regex` (RE2 syntax).
    Regex,
    /// `like`, `likecs`: `*` stands for any text.
    Like,
}
