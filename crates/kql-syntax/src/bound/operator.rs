//! Tabular operators after `|`.

use std::sync::Arc;

use stance_base::ScalarType;

use super::{
    BoundAggregate, BoundExpression, BoundJoin, BoundTabular, BoundUnion, ColumnReference,
    GraphMatch, GraphShortestPaths, GraphToTable, Literal, MakeGraph, NamedExpression, Summarize,
};
use crate::schema::Schema;
use crate::span::Span;

/// One operator of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundStep {
    /// What it does.
    pub operator: Operator,
    /// Schema of its result.
    pub schema: Schema,
    /// Where it was written.
    pub span: Span,
}

/// What an operator does with its input rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// `where`: keeps rows for which the predicate (a bool) is true. Also `search` with an input.
    Where(BoundExpression),
    /// `project`, `extend` and the other `project-*`: one expression for each column of the step's
    /// schema. `form` says which it was; an engine needs it for nothing but messages.
    Project {
        /// Which operator was written.
        form: ProjectForm,
        /// Parallel to the step's schema.
        expressions: Vec<BoundExpression>,
    },
    /// `serialize`: the order of the rows is kept from here on. May add columns as `extend` does.
    Serialize(Vec<BoundExpression>),
    /// `take n`: any n rows (the first, where sorted). A constant long.
    Take(BoundExpression),
    /// `sample n`: any n rows at random.
    Sample(BoundExpression),
    /// `sort by`.
    Sort(Vec<SortKey>),
    /// `top n by`.
    Top {
        /// A constant long.
        count: BoundExpression,
        /// One key or more.
        keys: Vec<SortKey>,
    },
    /// `distinct`: the step's columns, each row once. One expression for each.
    Distinct(Vec<BoundExpression>),
    /// `sample-distinct n of x`.
    SampleDistinct {
        /// A constant long.
        count: BoundExpression,
        /// The value.
        of: BoundExpression,
    },
    /// `count`: one row, one column `Count`.
    Count,
    /// `summarize`.
    Summarize(Summarize),
    /// `join`, `lookup`.
    Join(BoundJoin),
    /// `union`; its first input reads [`super::SourceKind::Input`].
    Union(BoundUnion),
    /// `mv-expand`.
    MvExpand(MvExpand),
    /// `mv-apply`.
    MvApply(MvApply),
    /// `parse`, `parse-where`.
    Parse(Parse),
    /// `parse-kv`.
    ParseKeyValue(ParseKeyValue),
    /// `make-series`.
    MakeSeries(MakeSeries),
    /// `top-nested`.
    TopNested(TopNested),
    /// `top-hitters n of value by weight`; the step's schema is the value and its weight.
    TopHitters {
        /// A constant long.
        count: BoundExpression,
        /// What is counted.
        of: BoundExpression,
        /// Weight of each row; one where absent.
        by: Option<BoundExpression>,
    },
    /// `partition by`.
    Partition(Partition),
    /// `scan`.
    Scan(Scan),
    /// `reduce by`.
    Reduce {
        /// The text that is grouped.
        by: BoundExpression,
        /// `threshold=` (0 to 1) and `characters=` where given. `kind` (`source`): each input row
        /// with its pattern's row after it, as the step's schema says.
        options: Vec<(Arc<str>, BoundExpression)>,
    },
    /// `evaluate plugin(...)`.
    Evaluate(Evaluate),
    /// `getschema`: the columns of the input, as rows.
    GetSchema(Schema),
    /// `as name`: gives the rows a name; they pass unchanged.
    As(Arc<str>),
    /// `consume`: reads the rows, returns none.
    Consume,
    /// `fork`: several results of one input, named where written; the last step of its pipeline. The
    /// step's schema is the first branch's.
    Fork(Vec<(Option<Arc<str>>, BoundTabular)>),
    /// `facet by a, b with (...)`: one result for each column, its values and `count_` with the
    /// column's name after it; the last step of its pipeline. The step's schema is the first's.
    Facet {
        /// The columns.
        by: Vec<ColumnReference>,
        /// What is run on each; reads [`super::SourceKind::Input`].
        with: Option<Box<BoundTabular>>,
    },
    /// `make-graph`: the input rows are edges.
    MakeGraph(Box<MakeGraph>),
    /// `graph-match`.
    GraphMatch(Box<GraphMatch>),
    /// `graph-shortest-paths`.
    GraphShortestPaths(Box<GraphShortestPaths>),
    /// `graph-mark-components`: numbers each connected part; `strong` where direction counts.
    GraphMarkComponents {
        /// `kind=strong`.
        strong: bool,
        /// Name of the node column added.
        column: Arc<str>,
    },
    /// `graph-to-table`.
    GraphToTable(GraphToTable),
    /// `graph-where-nodes` / `graph-where-edges`; reads node or edge columns.
    GraphWhere {
        /// Nodes, else edges.
        nodes: bool,
        /// A bool.
        predicate: BoundExpression,
    },
}

/// Which operator a [`Operator::Project`] was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ProjectForm {
    Project,
    ProjectAway,
    ProjectKeep,
    ProjectRename,
    ProjectReorder,
    Extend,
}

/// One key of a sort.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// What is compared.
    pub expression: BoundExpression,
    /// `desc`, which is the default.
    pub descending: bool,
    /// Where nulls go; by default last for `desc`, first for `asc`.
    pub nulls_first: bool,
}

/// `mv-expand a, b to typeof(long), ... limit n`.
///
/// Each row becomes as many as the longest array has elements; a shorter one is filled with null.
/// Null or an empty array gives one row with null; a scalar is an array of one; a bag expands into
/// bags of one property, or into pairs `[key, value]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MvExpand {
    /// What is expanded.
    pub columns: Vec<MvExpandColumn>,
    /// `bagexpansion=array`: pairs in place of bags.
    pub bag_as_array: bool,
    /// `with_itemindex=name`: position in the step's schema of the element's index, from 0.
    pub item_index: Option<usize>,
    /// `limit n`: at most this many rows of each.
    pub limit: Option<BoundExpression>,
}

/// One expanded column.
#[derive(Debug, Clone, PartialEq)]
pub struct MvExpandColumn {
    /// The array, a dynamic.
    pub expression: BoundExpression,
    /// Position in the step's schema of the column that receives the elements. All other columns
    /// of the step's schema are the input's columns, in the input's order.
    pub output: usize,
    /// Elements are converted to this type (`to typeof(...)`), else `dynamic`.
    pub to: ScalarType,
}

/// `mv-apply x = arr to typeof(t) on ( subquery )`.
#[derive(Debug, Clone, PartialEq)]
pub struct MvApply {
    /// The expansion, done for each input row by itself; its outputs are positions in
    /// `expanded_schema`.
    pub expand: MvExpand,
    /// Schema after the expansion: what the subquery reads as [`super::SourceKind::Input`].
    pub expanded_schema: Schema,
    /// Run on the expanded rows of one input row.
    pub subquery: Box<BoundTabular>,
    /// The step's schema: input columns of these positions, then the subquery's columns of these.
    pub input_outputs: Vec<usize>,
    /// See `input_outputs`.
    pub subquery_outputs: Vec<usize>,
}

/// How `parse` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParseMode {
    /// Texts must be met exactly; a failed conversion fails the whole.
    Simple,
    /// As `Simple`, but a failed conversion leaves that column null.
    Relaxed,
    /// Texts are regular expressions.
    Regex,
}

/// `parse kind=... source with pattern`, `parse-where`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parse {
    /// How.
    pub mode: ParseMode,
    /// `flags=` of the regex mode: letters of `imsU`.
    pub flags: Arc<str>,
    /// The text that is read.
    pub source: BoundExpression,
    /// The pattern in order.
    pub pattern: Vec<ParsePart>,
    /// `parse-where`: rows that do not match go away. Else their columns are null.
    pub drop_unmatched: bool,
}

/// One part of a `parse` pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum ParsePart {
    /// `*`: anything.
    Skip,
    /// This text.
    Text(Arc<str>),
    /// What stands here goes into a column.
    Column(ParseColumn),
}

/// A column filled by `parse`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseColumn {
    /// Position in the step's schema.
    pub output: usize,
    /// Type of the column, to which the text is converted.
    pub scalar_type: ScalarType,
}

/// `parse-kv source as (a:string, b:long) with (pair_delimiter=..., ...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParseKeyValue {
    /// The text.
    pub source: BoundExpression,
    /// The keys looked for, in step-schema positions.
    pub keys: Vec<(Arc<str>, ParseColumn)>,
    /// `pair_delimiter`, `kv_delimiter`, `quote`, `escape`, `greedy`, `regex`.
    pub options: Vec<(Arc<str>, Literal)>,
}

/// `make-series aggregates on axis from a to b step c by keys`.
///
/// The step's schema is keys, then one array for each aggregate, then the axis array.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeSeries {
    /// Group keys.
    pub keys: Vec<NamedExpression>,
    /// Aggregates (bins without rows get the default), each of one result.
    pub aggregates: Vec<BoundAggregate>,
    /// For each aggregate the value of empty bins; 0 where not written.
    pub defaults: Vec<Option<BoundExpression>>,
    /// For each aggregate an expression over the row of aggregate results (`avg(x) * 2`).
    pub outputs: Vec<BoundExpression>,
    /// What is binned: datetime, timespan or number.
    pub axis: NamedExpression,
    /// The bins.
    pub range: MakeSeriesRange,
    /// Position of the axis array in the step's schema.
    pub axis_output: usize,
    /// `kind=nonempty`: without keys, an empty input still gives one row of default values.
    pub non_empty: bool,
}

/// The bins of `make-series`.
#[derive(Debug, Clone, PartialEq)]
pub struct MakeSeriesRange {
    /// First bin; the data's least where absent.
    pub from: Option<BoundExpression>,
    /// End, itself excluded (`in range(a, b, c)` includes it); the data's greatest where absent.
    pub to: Option<BoundExpression>,
    /// Width of a bin.
    pub step: BoundExpression,
    /// Whether `to` is included.
    pub include_end: bool,
}

/// `top-nested n of a by agg, top-nested m of b by agg`.
#[derive(Debug, Clone, PartialEq)]
pub struct TopNested {
    /// Levels from the outermost.
    pub levels: Vec<TopNestedLevel>,
}

/// One level of `top-nested`. It makes two columns: the value and its aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct TopNestedLevel {
    /// How many; all where absent.
    pub count: Option<BoundExpression>,
    /// The value that is grouped by.
    pub of: NamedExpression,
    /// `with others = "..."`: the label under which the rest is put together.
    pub others: Option<BoundExpression>,
    /// What it is ranked by.
    pub aggregates: Vec<BoundAggregate>,
    /// Over the row of aggregate results.
    pub by: NamedExpression,
    /// Ascending ranks the least first.
    pub ascending: bool,
}

/// `partition by column ( subquery )`.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// The column.
    pub by: ColumnReference,
    /// Run on the rows of each value; reads [`super::SourceKind::Input`]. Written in `{ }` it reads
    /// tables of its own and the value as [`super::ExpressionKind::Parameter`] of the column's name.
    pub subquery: Box<BoundTabular>,
    /// `hint.*`.
    pub hints: Vec<(Arc<str>, Arc<str>)>,
}

/// `scan declare (...) with (step a: cond => x = ...; ...)`.
///
/// Expressions read the row *input columns, then for each step in order that step's state: all
/// input columns, then the declared ones*. So column `i` of step `s` has index
/// `input.len() + s * (input.len() + declared.len()) + i`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Rows are taken in this order where written; they must be serialised otherwise.
    pub order_by: Vec<SortKey>,
    /// Rows of different keys do not see one another.
    pub partition_by: Vec<BoundExpression>,
    /// `with_match_id=name`: whether the step's schema holds it, as its last column. Before it stand
    /// the input columns and the declared ones.
    pub match_id: bool,
    /// Declared columns.
    pub declared: Vec<ScanColumn>,
    /// The steps.
    pub steps: Vec<ScanStep>,
}

/// A declared column of `scan`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanColumn {
    /// Name.
    pub name: Arc<str>,
    /// Type.
    pub scalar_type: ScalarType,
    /// Value before a step assigns one; null where absent.
    pub default: Option<BoundExpression>,
}

/// A step of `scan`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanStep {
    /// Its name.
    pub name: Arc<str>,
    /// May be skipped.
    pub optional: bool,
    /// `output = all | last | none`, in lower case.
    pub output: Arc<str>,
    /// When a row matches.
    pub condition: BoundExpression,
    /// Assignments: position in `declared`, value.
    pub assignments: Vec<(usize, BoundExpression)>,
}

/// `evaluate plugin(...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluate {
    /// Canonical plugin name.
    pub plugin: &'static str,
    /// Arguments over the input, in order. A column's name stands as a `Column`; aggregates stand
    /// in `aggregate`.
    pub arguments: Vec<BoundExpression>,
    /// The names that arguments were given by (`columnsConflict='keep_source'`), parallel to them.
    pub argument_names: Vec<Option<Arc<str>>>,
    /// The aggregate argument of `pivot`.
    pub aggregate: Option<BoundAggregate>,
    /// Tabular arguments (`ipv4_lookup`'s table).
    pub tables: Vec<BoundTabular>,
    /// The schema depends on the data (`pivot`, `bag_unpack` without a declared schema): the step's
    /// schema holds the columns known beforehand and, as dynamics, those that later operators name
    /// (null where the data do not have them). An engine that has looked at the data binds again with
    /// [`crate::BindOptions::open_schemas`], after which the schema is whole and this is false.
    pub open_schema: bool,
    /// Which of the query's plugins of open schema this is, in the order of binding.
    pub open_index: Option<usize>,
}
