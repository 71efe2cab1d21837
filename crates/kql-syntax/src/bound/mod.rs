//! The bound tree: a query with every name resolved and every type known.
//!
//! Plain data, made by [`crate::bind`], lowered by an engine. Rules that hold everywhere:
//!
//! - A pipeline is flat: a [`BoundTabular`] is a source and the steps after it. Each step knows the
//!   schema of its result, so nothing has to be worked out again.
//! - A column reference is a position in the schema of the step's input; its name is carried along
//!   for messages. Column names are unique in every schema.
//! - Conversions that Kusto applies by itself are written out as [`ExpressionKind::Convert`]. Where
//!   a function or operator accepts several types, its arguments come as they are.
//! - `let` names are gone: scalars and function bodies are put in place; tabular expressions appear
//!   as [`SourceKind::Shared`], which may be lowered in place or run once per `id`.
//! - The automatic names (`count_`, `Column1`, `print_0`, `k1`) are already given.

mod expression;
mod graph;
mod join;
mod literal;
mod operator;
mod query;
mod source;
mod summarize;
mod walk;

pub use expression::{
    ArithmeticOperator, BoundExpression, BoundSet, ColumnReference, ComparisonOperator,
    ExpressionKind, Subquery, TextMatch, TextMatchKind,
};
pub use graph::{
    BoundGraph, GraphDirection, GraphEdgeRange, GraphElement, GraphElementKind, GraphMatch,
    GraphPattern, GraphShortestPaths, GraphTable, GraphToTable, MakeGraph,
};
pub use join::{BoundJoin, JoinKey, JoinKind, JoinOutput, JoinSide};
pub use literal::{Literal, TICKS_AT_UNIX_EPOCH, TICKS_PER_DAY, TICKS_PER_SECOND};
pub use operator::{
    BoundStep, Evaluate, MakeSeries, MakeSeriesRange, MvApply, MvExpand, MvExpandColumn, Operator,
    Parse, ParseColumn, ParseKeyValue, ParseMode, ParsePart, Partition, ProjectForm, Scan,
    ScanColumn, ScanStep, SortKey, TopNested, TopNestedLevel,
};
pub use query::{BoundQuery, QueryOption, Render};
pub use source::{BoundTabular, BoundUnion, SourceKind, TableReference, UnionColumn, UnionInput};
pub use summarize::{BoundAggregate, NamedExpression, Summarize};
