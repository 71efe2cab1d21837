//! Where rows come from, and pipelines.

use std::sync::Arc;

use super::{BoundExpression, BoundStep};
use crate::schema::Schema;
use crate::span::Span;

/// A tabular expression: a source and the operators after it.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundTabular {
    /// Where the rows come from.
    pub source: SourceKind,
    /// Schema of the source's rows.
    pub source_schema: Schema,
    /// The operators, in the order they run.
    pub steps: Vec<BoundStep>,
    /// Where it was written.
    pub span: Span,
}

impl BoundTabular {
    /// The schema of the result.
    pub fn schema(&self) -> &Schema {
        self.steps
            .last()
            .map_or(&self.source_schema, |step| &step.schema)
    }

    /// The schema that the step of this position reads.
    pub fn input_schema(&self, step: usize) -> &Schema {
        step.checked_sub(1)
            .and_then(|before| self.steps.get(before))
            .map_or(&self.source_schema, |step| &step.schema)
    }
}

/// The first part of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceKind {
    /// A table of the catalog.
    Table(TableReference),
    /// A tabular `let`, `materialize(...)`, or a tabular argument of a function. Nodes of one `id`
    /// hold the same plan.
    Shared {
        /// Identity inside one bound query.
        id: u32,
        /// The name it was given, if any.
        name: Option<Arc<str>>,
        /// `materialize(...)`: must be run once, all uses seeing the same rows.
        materialize: bool,
        /// The rows.
        plan: Arc<BoundTabular>,
    },
    /// A pipeline in brackets.
    Nested(Box<BoundTabular>),
    /// The rows handed in by the operator around it (`mv-apply`, `partition`, `fork`, `facet`).
    Input,
    /// `datatable(...) [...]`: rows of constants, in schema order and already converted.
    DataTable(Vec<Vec<BoundExpression>>),
    /// `print`: one row.
    Print(Vec<BoundExpression>),
    /// `range name from a to b step c`.
    Range {
        /// First value.
        from: Box<BoundExpression>,
        /// Last value, included where met.
        to: Box<BoundExpression>,
        /// Distance.
        step: Box<BoundExpression>,
    },
    /// `union` and, made of it, `find` and `search` without an input.
    Union(BoundUnion),
    /// `externaldata(...) [ uris ] with (...)`.
    ExternalData {
        /// Constant strings: the places, with their secrets.
        uris: Vec<BoundExpression>,
        /// Options: `format`, `ignoreFirstRecord`, ...
        options: Vec<(Arc<str>, BoundExpression)>,
    },
    /// A table outside the database: `external_table("x")`.
    ExternalTable(TableReference),
    /// `evaluate` or another plugin as a source.
    Plugin(Box<super::Evaluate>),
}

/// A table of the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableReference {
    /// `cluster("...")`.
    pub cluster: Option<Arc<str>>,
    /// `database("...")`.
    pub database: Option<Arc<str>>,
    /// The catalog's canonical name.
    pub name: Arc<str>,
}

/// Rows of several inputs, one after the other in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundUnion {
    /// The inputs. Where `union` is an operator after `|`, the rows before it are
    /// the first input, as [`SourceKind::Input`].
    pub inputs: Vec<UnionInput>,
}

/// One input of a union.
#[derive(Debug, Clone, PartialEq)]
pub struct UnionInput {
    /// The rows.
    pub plan: BoundTabular,
    /// For each column of the union's result, where this input has it from.
    pub columns: Vec<UnionColumn>,
}

/// How one input fills one column of a union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnionColumn {
    /// The input's column of this position.
    Column(usize),
    /// The input has no such column: null (empty for a string).
    Missing,
    /// `withsource=`: this text, the name of the input.
    SourceName(Arc<str>),
    /// `find`'s `pack_`: the input's other columns as one bag.
    Pack(Vec<usize>),
}
