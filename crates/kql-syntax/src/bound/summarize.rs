//! Grouping and aggregates.

use std::sync::Arc;

use super::BoundExpression;
use crate::schema::Column;
use crate::span::Span;

/// `summarize aggregates by keys`.
///
/// It runs in two beats: rows are grouped by `keys` and `aggregates` are computed over each group,
/// which gives a row *keys, then the results of every aggregate*; over that row `outputs` are
/// computed (`avg(x) * 100`), one for each column of the step's schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Summarize {
    /// Group keys, over the input. None: one group, one row, also of no rows. A null key is a group.
    pub keys: Vec<NamedExpression>,
    /// The aggregates, over the input.
    pub aggregates: Vec<BoundAggregate>,
    /// Over the row of keys and aggregate results; parallel to the step's schema.
    pub outputs: Vec<BoundExpression>,
}

/// An expression with the name of the column it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedExpression {
    /// Column name.
    pub name: Arc<str>,
    /// Its value.
    pub expression: BoundExpression,
}

/// One call of an aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundAggregate {
    /// Canonical name, see [`crate::functions`]: `make_set` for `makeset`, `take_any` for `any`,
    /// `arg_max` for `argmax`.
    pub function: &'static str,
    /// Arguments over the input, `*` already spelt out as columns.
    ///
    /// `arg_max(by, a, b)`: the first is what is ordered by, the rest what is returned.
    /// `percentiles(x, 5, 95)`: the value, then the percents.
    pub arguments: Vec<BoundExpression>,
    /// What it returns: one column for most; `arg_max`, `arg_min`, `take_any` and `percentiles`
    /// return several.
    pub results: Vec<Column>,
    /// Where it was written.
    pub span: Span,
}
