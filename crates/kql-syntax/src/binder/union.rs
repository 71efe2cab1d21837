//! `union`, and the merging of columns that `search` and `find` share.

use std::collections::HashMap;
use std::sync::Arc;

use stance_base::ScalarType as T;

use super::environment::LetValue;
use super::join::parameter;
use super::name::NameTable;
use super::project::matches_pattern;
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{BoundTabular, BoundUnion, Operator, SourceKind, UnionColumn, UnionInput};
use crate::diagnostics::{Diagnostic, DiagnosticCode};
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// Rows with the name they are known by.
pub(super) struct NamedTable {
    pub(super) name: Arc<str>,
    pub(super) plan: BoundTabular,
}

impl Binder<'_> {
    pub(super) fn bind_union_source(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let tables = self.union_operands(node);
        let (union, source_schema) = self.merged(node, tables);
        BoundTabular {
            source: SourceKind::Union(union),
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    pub(super) fn bind_union(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let name = source_name(flow).unwrap_or_else(|| "union_arg0".into());
        let input = flow.schema().clone();
        let mut tables = vec![NamedTable {
            name,
            plan: self.input_source(&input, span),
        }];
        tables.extend(self.union_operands(node));
        let (union, schema) = self.merged(node, tables);
        self.push(flow, Operator::Union(union), schema, span);
    }

    fn union_operands(&mut self, node: &SyntaxNode) -> Vec<NamedTable> {
        let fuzzy = parameter(node, "isfuzzy").is_some_and(|(value, _)| value == "true");
        let mut tables = Vec::new();
        for operand in node.expressions() {
            self.with_row(RowScope::default(), |binder| {
                binder.table_operand(&operand, fuzzy, &mut tables);
            });
        }
        tables
    }

    /// One operand: a pattern stands for several tables.
    pub(super) fn table_operand(
        &mut self,
        operand: &SyntaxNode,
        fuzzy: bool,
        tables: &mut Vec<NamedTable>,
    ) {
        match operand.kind() {
            K::NamePattern => {
                tables.extend(self.tables_matching(&name_text(operand), operand.span()));
            }
            K::StarExpression => tables.extend(self.tables_matching("*", operand.span())),
            _ => {
                let before = self.diagnostics.len();
                let plan = self.bind_tabular(operand);
                if fuzzy && self.take_missing(before) {
                    self.left_out = true;
                    return;
                }
                let name = source_name(&plan)
                    .or_else(|| self.view_name(operand))
                    .unwrap_or_else(|| format!("union_arg{}", tables.len()).into());
                tables.push(NamedTable { name, plan });
            }
        }
    }

    /// The name of a `view` that a `let` declares, which counts as a table's.
    fn view_name(&self, operand: &SyntaxNode) -> Option<Arc<str>> {
        let written = operand.name()?;
        let lets = self.environment.names();
        let (name, _) = lets.into_iter().find(|(name, value)| {
            *name == written && matches!(value, LetValue::Function(function) if function.is_view)
        })?;
        Some(Arc::from(name))
    }

    /// Whether the diagnostics since a point say that a table is missing; they are taken back then.
    fn take_missing(&mut self, since: usize) -> bool {
        let is_missing = |diagnostic: &Diagnostic| {
            matches!(
                diagnostic.code,
                DiagnosticCode::UnknownTable | DiagnosticCode::UnknownFunction
            )
        };
        let missing = self.diagnostics[since..].iter().any(is_missing);
        if missing {
            self.diagnostics.truncate(since);
            self.table_missing = false;
        }
        missing
    }

    /// A table pattern where one table is wanted.
    pub(super) fn bind_table_pattern(&mut self, pattern: &str, span: Span) -> BoundTabular {
        let mut tables = self.tables_matching(pattern, span);
        if tables.len() == 1
            && let Some(table) = tables.pop()
        {
            return table.plan;
        }
        let (union, source_schema) = merge(tables, None, false);
        BoundTabular {
            source: SourceKind::Union(union),
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    pub(super) fn tables_matching(&mut self, pattern: &str, span: Span) -> Vec<NamedTable> {
        let mut names: Vec<Arc<str>> = self.catalog.table_names();
        names.retain(|name| matches_pattern(name, pattern));
        let lets = self.environment.names().into_iter();
        let views = lets.filter(|(name, value)| {
            matches_pattern(name, pattern)
                && matches!(value, LetValue::Function(function) if function.is_view)
        });
        names.extend(views.map(|(name, _)| Arc::from(name)));
        if names.is_empty() {
            self.error(
                DiagnosticCode::UnknownTable,
                span,
                format!("no table's name fits `{pattern}`"),
            );
        }
        let mut tables = Vec::with_capacity(names.len());
        for name in names {
            if self.count_nodes(1, span) {
                let plan = self.bind_table_name(&name, span);
                tables.push(NamedTable { name, plan });
            }
        }
        tables
    }

    fn merged(&mut self, node: &SyntaxNode, tables: Vec<NamedTable>) -> (BoundUnion, Schema) {
        let source = parameter(node, "withsource").or_else(|| parameter(node, "with_source"));
        let inner = match parameter(node, "kind") {
            Some((kind, _)) if kind == "inner" => true,
            Some((kind, span)) if kind != "outer" => {
                self.error(
                    DiagnosticCode::UnknownParameter,
                    span,
                    format!("a union is `inner` or `outer`, not `{kind}`"),
                );
                false
            }
            _ => false,
        };
        let source = source.as_ref().map(|(name, _)| name.as_str());
        let (union, schema) = merge(tables, source, inner);
        if std::mem::take(&mut self.left_out) {
            return self.with_expected(union, &schema, node);
        }
        (union, schema)
    }

    /// A table that is not there may have had any columns: those that are named later are null.
    fn with_expected(
        &mut self,
        mut union: BoundUnion,
        schema: &Schema,
        node: &SyntaxNode,
    ) -> (BoundUnion, Schema) {
        let (widened, _) = self.opened(schema, node);
        for input in &mut union.inputs {
            input.columns.resize(widened.len(), UnionColumn::Missing);
        }
        (union, widened)
    }
}

/// The union of tables: columns of one name and type become one; of one name and several types,
/// one for each type, with the type after the name.
pub(super) fn merge(
    tables: Vec<NamedTable>,
    source_column: Option<&str>,
    inner: bool,
) -> (BoundUnion, Schema) {
    let groups = column_groups(&tables, inner);
    let mut names = NameTable::default();
    let mut columns = Vec::new();
    if let Some(name) = &source_column {
        columns.push(Column::new(names.unique(name), T::String));
    }
    // Position in the result of each name and type.
    let mut targets: HashMap<(Arc<str>, T), usize> = HashMap::new();
    for (name, types) in groups {
        for scalar_type in &types {
            let column_name = if types.len() > 1 {
                format!("{name}_{scalar_type}")
            } else {
                name.to_string()
            };
            targets.insert((Arc::clone(&name), *scalar_type), columns.len());
            columns.push(Column::new(names.unique(&column_name), *scalar_type));
        }
    }
    let inputs = tables.into_iter().map(|table| {
        let mut from = vec![UnionColumn::Missing; columns.len()];
        if source_column.is_some() {
            from[0] = UnionColumn::SourceName(Arc::clone(&table.name));
        }
        for (index, column) in table.plan.schema().columns().iter().enumerate() {
            if let Some(target) = targets.get(&(Arc::clone(&column.name), column.scalar_type)) {
                from[*target] = UnionColumn::Column(index);
            }
        }
        UnionInput {
            plan: table.plan,
            columns: from,
        }
    });
    let inputs = inputs.collect();
    (BoundUnion { inputs }, Schema::new(columns))
}

/// Column names in the order they are met, each with its types.
fn column_groups(tables: &[NamedTable], inner: bool) -> Vec<(Arc<str>, Vec<T>)> {
    let mut groups: indexmap::IndexMap<Arc<str>, Vec<T>> = indexmap::IndexMap::new();
    for column in tables
        .iter()
        .flat_map(|table| table.plan.schema().columns())
    {
        let types = groups.entry(Arc::clone(&column.name)).or_default();
        if !types.contains(&column.scalar_type) {
            types.push(column.scalar_type);
        }
    }
    if inner {
        groups.retain(|name, _| {
            tables
                .iter()
                .all(|table| table.plan.schema().column(name).is_some())
        });
    }
    groups.into_iter().collect()
}

/// The name of the table a pipeline reads.
pub(super) fn source_name(plan: &BoundTabular) -> Option<Arc<str>> {
    match &plan.source {
        SourceKind::Table(table) | SourceKind::ExternalTable(table) => {
            Some(Arc::clone(&table.name))
        }
        SourceKind::Shared {
            name: Some(name), ..
        } => Some(Arc::clone(name)),
        _ => None,
    }
}
