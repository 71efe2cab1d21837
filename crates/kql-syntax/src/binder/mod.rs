//! Names, types and scopes: the tree becomes a bound query.

mod aggregate;
mod arguments;
mod call;
mod columns;
mod compare;
mod environment;
mod evaluate;
mod expand;
mod expression;
mod flow;
mod graph;
mod graph_scope;
mod group;
mod join;
mod name;
mod outside;
mod parameter;
mod parse;
mod pipeline;
mod plugin_schema;
mod project;
mod rows;
mod scan;
mod search;
mod series;
mod source;
mod special;
mod statement;
mod table;
mod types;
mod union;
mod user_function;

pub(crate) use call::form;

use stance_base::ScalarType;

use crate::bound::{BoundExpression, BoundGraph, BoundQuery, ExpressionKind, Literal, Render};
use crate::catalog::Catalog;
use crate::diagnostics::{Diagnostic, DiagnosticCode, suggest};
use crate::schema::Schema;
use crate::span::Span;
use crate::{BindOptions, Bound, Parse};

use aggregate::AggregateContext;
use environment::Environment;

/// Deepest nesting of what is being bound, functions put in place included.
const MAX_BIND_DEPTH: usize = 200;
/// Most diagnostics that are kept.
const MAX_DIAGNOSTICS: usize = 100;

/// Binds a parsed query.
pub(crate) fn bind_parse(parse: &Parse, catalog: &dyn Catalog, options: &BindOptions) -> Bound {
    let (mut binder, mut query) = bind_until_settled(parse, catalog, options);
    let mut diagnostics = parse.diagnostics().to_vec();
    binder
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.span.start);
    diagnostics.append(&mut binder.diagnostics);
    let schema = query
        .as_ref()
        .map(|query| query.schema().clone())
        .unwrap_or_default();
    if diagnostics.iter().any(Diagnostic::is_error) {
        query = None;
    }
    Bound {
        query,
        schema,
        diagnostics,
    }
}

/// Binds, and again while columns turn up that a step of unknown columns may give.
fn bind_until_settled<'a>(
    parse: &Parse,
    catalog: &'a dyn Catalog,
    options: &'a BindOptions,
) -> (Binder<'a>, Option<BoundQuery>) {
    const MAX_PASSES: usize = 6;
    let mut expected = Vec::new();
    let mut pass = 0;
    loop {
        let mut binder = Binder::new(catalog, options);
        binder.expected_columns.clone_from(&expected);
        let query = binder.bind_root(&parse.syntax());
        pass += 1;
        let before = expected.len();
        for missing in binder.missing_columns.drain(..) {
            if !expected.contains(&missing) {
                expected.push(missing);
            }
        }
        if expected.len() == before || pass == MAX_PASSES {
            return (binder, query);
        }
    }
}

/// State of one binding.
pub(crate) struct Binder<'a> {
    catalog: &'a dyn Catalog,
    options: &'a BindOptions,
    diagnostics: Vec<Diagnostic>,
    /// Names of `let`.
    environment: Environment,
    /// The names there were where the function's body at hand began.
    body_start: Environment,
    /// The row that expressions read.
    row: RowScope,
    /// Where aggregates may stand, they are collected here.
    aggregates: Option<AggregateContext>,
    /// Rows for [`crate::bound::SourceKind::Input`] inside a subquery.
    input: Option<Schema>,
    /// The graph between graph operators.
    graph: Option<BoundGraph>,
    render: Option<Render>,
    nodes: usize,
    depth: usize,
    next_id: u32,
    /// Place of the call while text from elsewhere (a stored function) is bound.
    span_override: Option<Span>,
    /// Steps so far whose columns only the data know.
    open_steps: Vec<Span>,
    /// Columns that such steps are expected to give, by step.
    expected_columns: Vec<(Span, String)>,
    /// Columns found wanting after such a step.
    missing_columns: Vec<(Span, String)>,
    /// A table of the union at hand is missing and was left out.
    left_out: bool,
    /// A table is missing: columns that may have been its own are not complained about.
    table_missing: bool,
    /// Databases by the names that `alias database` gave them.
    aliases: Vec<(String, environment::EntityScope)>,
    /// Names of the functions being put in place, against recursion.
    calls: Vec<String>,
    /// Views that are computed once for each query, however often it reads them: stored functions without parameters
    /// whose body is `materialize(...)`.
    computed_views: std::collections::HashMap<String, environment::SharedTable>,
}

/// What names in an expression may stand for, besides `let` names.
#[derive(Debug, Clone, Default)]
struct RowScope {
    /// Columns by bare name.
    columns: Schema,
    /// Whether there is a row at all; `let x = ...` and `print` have none.
    present: bool,
    /// Both sides of a join: `$left.x`, `$right.x`. Indices are each side's own.
    sides: Option<(Schema, Schema)>,
    /// Rows by name: graph elements, steps of `scan`. Columns start at the given index.
    named: Vec<NamedRow>,
}

/// A row with a name inside a scope.
#[derive(Debug, Clone)]
struct NamedRow {
    name: String,
    first: usize,
    columns: Schema,
}

impl RowScope {
    fn of(columns: &Schema) -> Self {
        Self {
            columns: columns.clone(),
            present: true,
            ..Self::default()
        }
    }
}

impl<'a> Binder<'a> {
    fn new(catalog: &'a dyn Catalog, options: &'a BindOptions) -> Self {
        Self {
            catalog,
            options,
            diagnostics: Vec::new(),
            environment: Environment::default(),
            body_start: Environment::default(),
            row: RowScope::default(),
            aggregates: None,
            input: None,
            graph: None,
            render: None,
            nodes: 0,
            depth: 0,
            next_id: 0,
            span_override: None,
            open_steps: Vec::new(),
            expected_columns: Vec::new(),
            missing_columns: Vec::new(),
            left_out: false,
            table_missing: false,
            aliases: Vec::new(),
            calls: Vec::new(),
            computed_views: std::collections::HashMap::new(),
        }
    }

    /// The span to report for a place in the text at hand.
    fn span(&self, span: Span) -> Span {
        self.span_override.unwrap_or(span)
    }

    fn error(&mut self, code: DiagnosticCode, span: Span, message: impl Into<String>) {
        self.error_with_help(code, span, message, None);
    }

    fn error_with_help(
        &mut self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::error(code, self.span(span), message);
        diagnostic.help = help;
        // A function put in place twice says the same twice.
        if self.diagnostics.len() < MAX_DIAGNOSTICS && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn unknown_column(&mut self, span: Span, name: &str) {
        if let Some(step) = self.open_steps.last() {
            self.missing_columns.push((*step, name.to_owned()));
        }
        if self.table_missing {
            return;
        }
        let names: Vec<String> = self
            .row
            .columns
            .columns()
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        let help = suggest(name, names.iter().map(String::as_str));
        self.error_with_help(
            DiagnosticCode::UnknownColumn,
            span,
            format!("there is no column `{name}` here"),
            help,
        );
    }

    fn id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// Counts a node against the limit; false, said once, where there are too many.
    fn count_nodes(&mut self, nodes: usize, span: Span) -> bool {
        let before = self.nodes;
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.options.max_nodes {
            return true;
        }
        if before <= self.options.max_nodes {
            self.too_complex(span);
        }
        false
    }

    fn too_complex(&mut self, span: Span) {
        let message = "the query grows too large once its functions and names are put in place";
        self.error(DiagnosticCode::QueryTooComplex, span, message);
    }

    /// Runs `work` one level deeper; the fallback where that is too deep.
    fn deeper<T>(&mut self, span: Span, fallback: T, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_BIND_DEPTH {
            self.too_complex(span);
            return fallback;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Runs `work` with this row in scope and no aggregates allowed.
    fn with_row<T>(&mut self, row: RowScope, work: impl FnOnce(&mut Self) -> T) -> T {
        let row = std::mem::replace(&mut self.row, row);
        let aggregates = self.aggregates.take();
        let result = work(self);
        self.aggregates = aggregates;
        self.row = row;
        result
    }

    /// An expression without value where there was an error; it fits everywhere.
    fn poison(&self, span: Span) -> BoundExpression {
        literal(Literal::Null, ScalarType::Dynamic, self.span(span))
    }
}

fn literal(value: Literal, scalar_type: ScalarType, span: Span) -> BoundExpression {
    BoundExpression {
        kind: ExpressionKind::Literal(value),
        scalar_type,
        span,
    }
}
