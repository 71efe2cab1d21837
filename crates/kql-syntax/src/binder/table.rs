//! Tabular expressions: tables, `let` tables, calls that give rows, paths to other databases.

use std::sync::Arc;

use super::environment::{LetValue, SharedTable, UserFunction};
use super::user_function::BodyValue;
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _, PipeExpression, is_expression, name_text};
use crate::bound::{BoundTabular, SourceKind, Subquery, TableReference};
use crate::catalog::TableSchema;
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::schema::Schema;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// Functions that lead to another database.
const REMOTE: &[&str] = &[
    "cluster",
    "database",
    "workspace",
    "app",
    "resource",
    "arg",
    "adx",
];
/// The table itself, where it is nothing but a `materialize(...)`.
fn computed_once(table: &BoundTabular) -> Option<SharedTable> {
    match &table.source {
        SourceKind::Shared {
            id,
            name,
            materialize: true,
            plan,
        } if table.steps.is_empty() => Some(SharedTable {
            id: *id,
            name: name.clone(),
            materialize: true,
            plan: Arc::clone(plan),
            height: 1,
        }),
        _ => None,
    }
}

/// Functions that always give rows.
const TABULAR_FUNCTIONS: &[&str] = &[
    "table",
    "materialize",
    "external_table",
    "materialized_view",
    "stored_query_result",
    "totable",
];

impl Binder<'_> {
    /// Whether an expression gives rows.
    pub(super) fn is_tabular(&mut self, node: &SyntaxNode) -> bool {
        match node.kind() {
            K::PipeExpression
            | K::Datatable
            | K::ExternalData
            | K::PrintOperator
            | K::RangeOperator
            | K::UnionOperator
            | K::FindOperator
            | K::SearchOperator
            | K::EvaluateOperator
            | K::MacroExpandOperator => true,
            K::ParenExpression => node
                .expression()
                .is_some_and(|inner| self.is_tabular(&inner)),
            K::NameExpression => self.is_tabular_name(&node.name().unwrap_or_default()),
            K::CallExpression => {
                self.pattern_call(node).is_some()
                    || self.is_tabular_call(&node.name().unwrap_or_default())
            }
            K::PathExpression => self.is_remote(node) || self.pattern_call(node).is_some(),
            _ => false,
        }
    }

    /// Whether a path starts at another database.
    fn is_remote(&self, node: &SyntaxNode) -> bool {
        let mut next = node.expression();
        while let Some(step) = next {
            match step.kind() {
                K::CallExpression => {
                    return step
                        .name()
                        .is_some_and(|name| REMOTE.contains(&name.as_str()));
                }
                K::NameExpression => {
                    let value = step.name().and_then(|name| self.environment.get(&name));
                    return matches!(value, Some(LetValue::Entity(_)));
                }
                K::PathExpression => next = step.expression(),
                _ => return false,
            }
        }
        false
    }

    fn is_tabular_name(&mut self, name: &str) -> bool {
        if self.row.columns.column(name).is_some() {
            return false;
        }
        match self.environment.get(name) {
            Some(LetValue::Table(_)) => true,
            Some(LetValue::Function(function)) => self.gives_rows(&function),
            Some(_) => false,
            None => {
                self.catalog.table(name).is_some()
                    || self.catalog.function(name).is_some()
                        && self
                            .stored_function(name)
                            .is_some_and(|f| self.gives_rows(&f))
            }
        }
    }

    fn is_tabular_call(&mut self, name: &str) -> bool {
        if let Some(LetValue::Function(function)) = self.environment.get(name) {
            return self.gives_rows(&function);
        }
        if TABULAR_FUNCTIONS.contains(&name) {
            return true;
        }
        let known =
            crate::functions::scalar(name).is_some() || crate::functions::aggregate(name).is_some();
        !known
            && name != "toscalar"
            && self
                .stored_function(name)
                .is_some_and(|function| self.gives_rows(&function))
    }

    /// Whether a function's body is tabular, its parameters taken for what they are.
    fn gives_rows(&mut self, function: &UserFunction) -> bool {
        let mut names = function.environment.clone();
        for parameter in &function.parameters {
            let value = match &parameter.kind {
                super::environment::ParameterKind::Table(schema) => {
                    LetValue::Table(Self::placeholder(schema))
                }
                super::environment::ParameterKind::Scalar(_) => LetValue::Broken,
            };
            names = names.with(parameter.name.clone(), value);
        }
        let Some(result) = last_result(&function.body) else {
            return false;
        };
        for statement in function.body.children_of(K::LetStatement) {
            let (Some(name), Some(value)) = (statement.name(), statement.expression()) else {
                continue;
            };
            let outer = std::mem::replace(&mut self.environment, names.clone());
            let tabular = self.depth < super::MAX_BIND_DEPTH && self.probe(&value);
            self.environment = outer;
            let value = if tabular {
                LetValue::Table(Self::placeholder(&Schema::default()))
            } else {
                LetValue::Broken
            };
            names = names.with(name, value);
        }
        let outer = std::mem::replace(&mut self.environment, names);
        let tabular = self.probe(&result);
        self.environment = outer;
        tabular
    }

    fn probe(&mut self, node: &SyntaxNode) -> bool {
        if self.depth >= super::MAX_BIND_DEPTH || !self.count_nodes(1, node.span()) {
            return false;
        }
        self.depth += 8;
        let row = std::mem::take(&mut self.row);
        let tabular = self.is_tabular(node);
        self.row = row;
        self.depth -= 8;
        tabular
    }

    fn placeholder(schema: &Schema) -> SharedTable {
        SharedTable {
            id: 0,
            name: None,
            materialize: false,
            plan: Arc::new(nothing(schema.clone(), Span::default())),
            height: 1,
        }
    }

    /// Rows for an expression; where it is wrong that is said and there are no columns.
    pub(super) fn bind_tabular(&mut self, node: &SyntaxNode) -> BoundTabular {
        let span = node.span();
        let empty = nothing(Schema::default(), self.span(span));
        if !self.count_nodes(1, span) {
            return empty;
        }
        self.deeper(span, empty, |binder| binder.bind_tabular_kind(node, span))
    }

    fn bind_tabular_kind(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        if !matches!(node.kind(), K::CallExpression | K::MacroExpandOperator) {
            self.check_parameters(node);
        }
        match node.kind() {
            K::PipeExpression => match PipeExpression::cast(node.clone()) {
                Some(pipe) => self.bind_pipeline(&pipe, span),
                None => nothing(Schema::default(), span),
            },
            K::ParenExpression => match node.expression() {
                Some(inner) => self.bind_tabular(&inner),
                None => nothing(Schema::default(), span),
            },
            K::NameExpression => self.bind_table_name(&node.name().unwrap_or_default(), span),
            K::NamePattern => self.bind_table_pattern(&name_text(node), span),
            K::CallExpression => self.bind_table_call(node, span),
            K::PathExpression => self.bind_remote_path(node, span),
            K::Datatable => self.bind_datatable(node, span),
            K::ExternalData => self.bind_external_data(node, span),
            K::PrintOperator => self.bind_print(node, span),
            K::RangeOperator => self.bind_range(node, span),
            K::UnionOperator => self.bind_union_source(node, span),
            K::SearchOperator => self.bind_search_source(node, span),
            K::FindOperator => self.bind_find(node, span),
            K::EvaluateOperator => self.bind_evaluate_source(node, span),
            K::MacroExpandOperator => self.bind_macro_expand(node, span),
            _ => {
                self.error(
                    DiagnosticCode::TabularMismatch,
                    span,
                    "rows are wanted here, not a value",
                );
                nothing(Schema::default(), self.span(span))
            }
        }
    }

    /// Rows inside an expression, with an identity of their own.
    pub(super) fn bind_subquery(&mut self, node: &SyntaxNode) -> Subquery {
        let plan = self.with_row(RowScope::default(), |binder| binder.bind_tabular(node));
        if let SourceKind::Shared {
            id, plan: inner, ..
        } = &plan.source
            && plan.steps.is_empty()
        {
            return Subquery {
                id: *id,
                plan: Arc::clone(inner),
            };
        }
        Subquery {
            id: self.id(),
            plan: Arc::new(plan),
        }
    }

    pub(super) fn bind_table_name(&mut self, name: &str, span: Span) -> BoundTabular {
        match self.environment.get(name) {
            Some(LetValue::Table(shared)) => return self.shared_source(&shared, span),
            Some(LetValue::Function(function)) => {
                return self.call_table_function(&function, &[], span);
            }
            Some(LetValue::Scalar { .. }) => {
                let message = format!("`{name}` is a value; rows are wanted here");
                self.error(DiagnosticCode::TabularMismatch, span, message);
                return nothing(Schema::default(), self.span(span));
            }
            Some(LetValue::Broken | LetValue::Restriction(_)) => {
                return nothing(Schema::default(), self.span(span));
            }
            Some(LetValue::EntityGroup(_) | LetValue::Entity(_) | LetValue::Pattern(_)) => {
                let message = format!("`{name}` is no table");
                self.error(DiagnosticCode::TabularMismatch, span, message);
                return nothing(Schema::default(), self.span(span));
            }
            None => {}
        }
        if !self.may_be_named(name) {
            let message = format!("`restrict access` does not let `{name}` be read here");
            self.error(DiagnosticCode::UnknownTable, span, message);
            return nothing(Schema::default(), self.span(span));
        }
        if let Some(table) = self.catalog.table(name) {
            return self.table_source(table, None, None, span);
        }
        if let Some(function) = self.stored_function(name) {
            return self.call_table_function(&function, &[], span);
        }
        self.unknown_table(name, span);
        nothing(Schema::default(), self.span(span))
    }

    pub(super) fn unknown_table(&mut self, name: &str, span: Span) {
        self.table_missing = true;
        let mut names: Vec<String> = self
            .catalog
            .table_names()
            .iter()
            .map(ToString::to_string)
            .collect();
        names.extend(self.environment.names().into_iter().map(|(name, _)| name));
        let help = suggest(name, names.iter().map(String::as_str));
        self.error_with_help(
            DiagnosticCode::UnknownTable,
            span,
            format!("there is no table `{name}`"),
            help,
        );
    }

    pub(super) fn shared_source(&mut self, shared: &SharedTable, span: Span) -> BoundTabular {
        BoundTabular {
            source: SourceKind::Shared {
                id: shared.id,
                name: shared.name.clone(),
                materialize: shared.materialize,
                plan: Arc::clone(&shared.plan),
            },
            source_schema: shared.plan.schema().clone(),
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    fn table_source(
        &mut self,
        table: TableSchema,
        cluster: Option<Arc<str>>,
        database: Option<Arc<str>>,
        span: Span,
    ) -> BoundTabular {
        BoundTabular {
            source: SourceKind::Table(TableReference {
                cluster,
                database,
                name: table.name,
            }),
            source_schema: table.schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    pub(super) fn call_table_function(
        &mut self,
        function: &std::rc::Rc<UserFunction>,
        arguments: &[SyntaxNode],
        span: Span,
    ) -> BoundTabular {
        // A stored function does not see the names of its caller: without parameters it is the same table everywhere.
        let is_view = function.is_stored && function.parameters.is_empty() && arguments.is_empty();
        if is_view && let Some(shared) = self.computed_views.get(&function.name).cloned() {
            return self.shared_source(&shared, span);
        }
        match self.call_user(function, None, arguments, span) {
            Some(BodyValue::Table(table)) => {
                if is_view && let Some(shared) = computed_once(&table) {
                    self.computed_views.insert(function.name.clone(), shared);
                }
                table
            }
            Some(BodyValue::Scalar(_)) => {
                let message = format!("`{}` gives a value; rows are wanted here", function.name);
                self.error(DiagnosticCode::TabularMismatch, span, message);
                nothing(Schema::default(), self.span(span))
            }
            None => nothing(Schema::default(), self.span(span)),
        }
    }

    fn bind_table_call(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let Some(call) = CallExpression::cast(node.clone()) else {
            return nothing(Schema::default(), span);
        };
        if let Some((pattern, call, _)) = self.pattern_call(node) {
            return self.bind_pattern_call(&pattern, &call, None, span);
        }
        let name = call.name().unwrap_or_default();
        let arguments = call.arguments();
        if matches!(name.as_str(), "totable" | "materialize") {
            self.check_parameters(node);
        }
        if let Some(LetValue::Function(function)) = self.environment.get(&name) {
            return self.call_table_function(&function, &arguments, span);
        }
        match name.as_str() {
            "materialize" => return self.bind_materialize(&arguments, span),
            "totable" => return self.bind_first_argument(&arguments, span),
            "table" | "materialized_view" | "stored_query_result" => {
                if let Some(table) = self.constant_text(arguments.first()) {
                    return self.bind_table_name(&table, span);
                }
            }
            "external_table" => return self.bind_external_table(&arguments, span),
            _ => {}
        }
        if let Some(function) = self.stored_function(&name) {
            return self.call_table_function(&function, &arguments, span);
        }
        let stored = self.catalog.function_names();
        let help = suggest(&name, stored.iter().map(|name| &**name));
        let message = format!("there is no function `{name}` that gives rows");
        self.error_with_help(DiagnosticCode::UnknownFunction, span, message, help);
        nothing(Schema::default(), self.span(span))
    }

    fn bind_first_argument(&mut self, arguments: &[SyntaxNode], span: Span) -> BoundTabular {
        match arguments.first() {
            Some(node) => self.bind_tabular(node),
            None => nothing(Schema::default(), self.span(span)),
        }
    }

    fn bind_materialize(&mut self, arguments: &[SyntaxNode], span: Span) -> BoundTabular {
        let plan = self.bind_first_argument(arguments, span);
        let shared = self.share(None, true, plan);
        self.shared_source(&shared, span)
    }

    fn bind_external_table(&mut self, arguments: &[SyntaxNode], span: Span) -> BoundTabular {
        let name = self.constant_text(arguments.first()).unwrap_or_default();
        let Some(table) = self.catalog.external_table(&name) else {
            self.unknown_table(&name, span);
            return nothing(Schema::default(), self.span(span));
        };
        let reference = TableReference {
            cluster: None,
            database: None,
            name: table.name,
        };
        let source = SourceKind::ExternalTable(reference);
        BoundTabular {
            source,
            source_schema: table.schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    /// `database("d").T`, `cluster("c").database("d").T`, `workspace("w").T`.
    fn bind_remote_path(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        if let Some((pattern, call, path)) = self.pattern_call(node) {
            return self.bind_pattern_call(&pattern, &call, path.as_deref(), span);
        }
        let scope = node.expression().and_then(|base| self.entity_scope(&base));
        let mut scope = scope.unwrap_or_default();
        let aliased = self
            .aliases
            .iter()
            .find(|(name, _)| scope.cluster.is_none() && scope.database.as_deref() == Some(name));
        if let Some((_, own)) = aliased {
            scope = own.clone();
        }
        let (cluster, database) = (scope.cluster, scope.database);
        let name = match node
            .children()
            .last()
            .filter(|last| is_expression(last.kind()))
        {
            Some(call) if call.kind() == K::CallExpression => {
                return self.bind_table_call(&call, span);
            }
            Some(pattern) if pattern.kind() == K::NamePattern => {
                return self.bind_table_pattern(&name_text(&pattern), span);
            }
            _ => node.name().unwrap_or_default(),
        };
        let found = self.catalog.remote_table(
            cluster.as_deref(),
            database.as_deref().unwrap_or_default(),
            &name,
        );
        if let Some(table) = found {
            return self.table_source(table, cluster, database, span);
        }
        if let Some(function) = self.stored_function(&name) {
            return self.call_table_function(&function, &[], span);
        }
        self.unknown_table(&name, span);
        nothing(Schema::default(), self.span(span))
    }
}

/// No rows, of these columns.
pub(super) fn nothing(schema: Schema, span: Span) -> BoundTabular {
    BoundTabular {
        source: SourceKind::DataTable(Vec::new()),
        source_schema: schema,
        steps: Vec::new(),
        span,
    }
}

/// The expression a body ends with.
fn last_result(body: &SyntaxNode) -> Option<SyntaxNode> {
    body.children_of(K::ExpressionStatement)
        .last()?
        .expression()
}
