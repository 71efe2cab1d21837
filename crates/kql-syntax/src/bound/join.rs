//! `join` and `lookup`.

use std::sync::Arc;

use super::{BoundExpression, BoundTabular};

/// `join` or `lookup` of the rows so far (left) with others (right).
#[derive(Debug, Clone, PartialEq)]
pub struct BoundJoin {
    /// Which rows are kept. `lookup` is `LeftOuter` or `Inner`.
    pub kind: JoinKind,
    /// The right side.
    pub right: Box<BoundTabular>,
    /// Equalities, all of which must hold; a null equals nothing. Both sides have one type.
    pub keys: Vec<JoinKey>,
    /// Conditions other than equality, over the row of left columns, then right columns.
    pub residual: Option<BoundExpression>,
    /// Where each column of the step's schema comes from.
    pub outputs: Vec<JoinOutput>,
    /// `hint.strategy=...` and other parameters that do not change the answer.
    pub hints: Vec<(Arc<str>, Arc<str>)>,
}

/// Which rows a join keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// The default: left rows are first made unique by key (any one row of each), then `Inner`.
    InnerUnique,
    /// Every matching pair.
    Inner,
    /// Pairs, and left rows without one.
    LeftOuter,
    /// Pairs, and right rows without one.
    RightOuter,
    /// Pairs, and rows of either side without one.
    FullOuter,
    /// Left rows without a match (`anti`, `leftantisemi`).
    LeftAnti,
    /// Right rows without a match (`rightantisemi`).
    RightAnti,
    /// Left rows with a match.
    LeftSemi,
    /// Right rows with a match.
    RightSemi,
}

/// `left == right`.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinKey {
    /// Over the left columns.
    pub left: BoundExpression,
    /// Over the right columns.
    pub right: BoundExpression,
}

/// A column of a join's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinOutput {
    /// The side it comes from.
    pub side: JoinSide,
    /// Its position in that side's schema. Its name in the result is the step schema's.
    pub index: usize,
}

/// A side of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinSide {
    /// The rows before the operator.
    Left,
    /// The rows in the operator.
    Right,
}
