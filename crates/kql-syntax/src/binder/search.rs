//! `search` and `find`.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::join::parameter;
use super::project::passed_through;
use super::union::{NamedTable, merge, source_name};
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    BoundExpression, BoundTabular, ColumnReference, ExpressionKind, Literal, Operator, ProjectForm,
    SourceKind,
};
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    /// `search` without an input: all tables, or those listed.
    pub(super) fn bind_search_source(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let tables = self.searched_tables(node, span);
        let (union, source_schema) = merge(tables, Some("$table"), false);
        let mut flow = BoundTabular {
            source: SourceKind::Union(union),
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        };
        self.push_search(&mut flow, node, span);
        flow
    }

    fn searched_tables(&mut self, node: &SyntaxNode, span: Span) -> Vec<NamedTable> {
        let Some(list) = node.child(K::FindIn) else {
            return self.tables_matching("*", span);
        };
        let mut tables = Vec::new();
        for operand in list.expressions() {
            self.with_row(RowScope::default(), |binder| {
                binder.table_operand(&operand, false, &mut tables);
            });
        }
        tables
    }

    /// `| search "x"`: the table's name in front, then the filter.
    pub(super) fn bind_search(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let name: Arc<str> = source_name(flow).unwrap_or_default();
        let span_here = self.span(span);
        let mut expressions = vec![super::literal(Literal::String(name), T::String, span_here)];
        expressions.extend(passed_through(&input, span_here));
        let mut columns = vec![Column::new("$table", T::String)];
        columns.extend(input.columns().iter().cloned());
        let operator = Operator::Project {
            form: ProjectForm::Extend,
            expressions,
        };
        self.push(flow, operator, Schema::new(columns), span);
        self.push_search(flow, node, span);
    }

    fn push_search(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(condition) = node.expression() else {
            return;
        };
        let sensitive = parameter(node, "kind").is_some_and(|(kind, _)| kind == "case_sensitive");
        let predicate = self.on_rows(flow, |binder| {
            binder.search_predicate(&condition, sensitive)
        });
        let schema = flow.schema().clone();
        self.push(flow, Operator::Where(predicate), schema, span);
    }

    /// A predicate in which a text on its own is looked for in every column.
    fn search_predicate(&mut self, node: &SyntaxNode, sensitive: bool) -> BoundExpression {
        let span = node.span();
        match node.kind() {
            K::ParenExpression => match node.expression() {
                Some(inner) => self.search_predicate(&inner, sensitive),
                None => self.poison(span),
            },
            K::AndExpression | K::OrExpression => {
                let parts = node
                    .expressions()
                    .iter()
                    .map(|part| self.search_predicate(part, sensitive))
                    .collect();
                let is_and = node.kind() == K::AndExpression;
                let kind = if is_and {
                    ExpressionKind::And(parts)
                } else {
                    ExpressionKind::Or(parts)
                };
                BoundExpression {
                    kind,
                    scalar_type: T::Bool,
                    span: self.span(span),
                }
            }
            K::Literal => self.search_term(node, sensitive, span),
            K::StarExpression => super::literal(Literal::Bool(true), T::Bool, self.span(span)),
            _ => self.bind_predicate(node),
        }
    }

    fn search_term(&mut self, node: &SyntaxNode, sensitive: bool, span: Span) -> BoundExpression {
        let bound = self.bind_expression(node);
        let ExpressionKind::Literal(Literal::String(text)) = &bound.kind else {
            return if bound.scalar_type == T::Bool {
                bound
            } else {
                self.any_column_matches("==", &bound, span)
            };
        };
        if &**text == "*" {
            return super::literal(Literal::Bool(true), T::Bool, self.span(span));
        }
        let (operator, pattern) = term_test(text);
        let operator = match (sensitive, operator) {
            (true, "matches") | (false, _) => operator.to_owned(),
            (true, other) => format!("{other}_cs"),
        };
        let wanted = super::literal(Literal::String(pattern.into()), T::String, self.span(span));
        self.any_column_matches(&operator, &wanted, span)
    }

    /// `find [in (tables)] where predicate [project ...]`.
    pub(super) fn bind_find(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let tables = self.searched_tables(node, span);
        let source = parameter(node, "withsource").or_else(|| parameter(node, "with_source"));
        let source = source.map_or_else(|| "source_".to_owned(), |(name, _)| name);
        let common = common_columns(&tables);
        let (union, source_schema) = merge(tables, Some(&source), false);
        let mut flow = BoundTabular {
            source: SourceKind::Union(union),
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        };
        if let Some(condition) = node.expression() {
            let predicate =
                self.on_rows(&flow, |binder| binder.search_predicate(&condition, false));
            let schema = flow.schema().clone();
            self.push(&mut flow, Operator::Where(predicate), schema, span);
        }
        self.push_find_columns(&mut flow, node, &common, span);
        flow
    }

    /// The source name, the columns asked for (or those the predicate names and those all tables
    /// have), and the rest of the row in `pack_`.
    fn push_find_columns(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        common: &[Arc<str>],
        span: Span,
    ) {
        let project = node.child(K::FindProject);
        let wanted: Vec<String> = match &project {
            Some(list) => list
                .children_of(K::ColumnDeclaration)
                .iter()
                .filter_map(crate::ast::NodeExt::name)
                .collect(),
            None => mentioned_names(node)
                .into_iter()
                .chain(common.iter().map(ToString::to_string))
                .collect(),
        };
        let packs = project
            .as_ref()
            .is_none_or(|list| list.child(K::CallExpression).is_some());
        let merged = flow.schema().clone();
        let is_kept = |index: &usize| {
            *index == 0
                || wanted
                    .iter()
                    .any(|name| **name == *merged.columns()[*index].name)
        };
        let (mut kept, rest): (Vec<usize>, Vec<usize>) = (0..merged.len()).partition(is_kept);
        // What all tables have comes before what only the predicate names.
        let is_extra =
            |index: &usize| *index > 0 && !common.contains(&merged.columns()[*index].name);
        kept.sort_by_key(|index| project.is_none() && is_extra(index));
        let span_here = self.span(span);
        let all = passed_through(&merged, span_here);
        let mut columns: Vec<Column> = kept
            .iter()
            .map(|index| merged.columns()[*index].clone())
            .collect();
        let mut expressions: Vec<BoundExpression> =
            kept.iter().map(|index| all[*index].clone()).collect();
        if packs {
            let packed = rest.iter().map(|index| ColumnReference {
                index: *index,
                name: merged.columns()[*index].name.clone(),
            });
            let kind = ExpressionKind::PackRow {
                ignore_empty: true,
                columns: packed.collect(),
            };
            expressions.push(BoundExpression {
                kind,
                scalar_type: T::Dynamic,
                span: span_here,
            });
            columns.push(Column::new("pack_", T::Dynamic));
        }
        let operator = Operator::Project {
            form: ProjectForm::Project,
            expressions,
        };
        self.push(flow, operator, Schema::new(columns), span);
    }
}

/// Columns that every table has.
fn common_columns(tables: &[NamedTable]) -> Vec<Arc<str>> {
    let Some(first) = tables.first() else {
        return Vec::new();
    };
    let in_all = |column: &&Column| {
        tables.iter().all(|table| {
            table
                .plan
                .schema()
                .column(&column.name)
                .is_some_and(|found| found == *column)
        })
    };
    first
        .plan
        .schema()
        .columns()
        .iter()
        .filter(in_all)
        .map(|column| Arc::clone(&column.name))
        .collect()
}

/// Names in the predicate.
fn mentioned_names(node: &SyntaxNode) -> Vec<String> {
    let condition = node.expression();
    let names = condition
        .iter()
        .flat_map(SyntaxNode::descendants)
        .filter(|inner| inner.kind() == K::Name);
    names.map(|name| name_text(&name)).collect()
}

/// The operator a search term with `*` at its ends means, and the text without them.
fn term_test(text: &str) -> (&'static str, String) {
    let inner = text.trim_matches('*');
    if inner.contains('*') {
        let parts: Vec<String> = text.split('*').map(regex::escape).collect();
        return ("matches", format!("(?i){}", parts.join(".*")));
    }
    let operator = match (text.starts_with('*'), text.ends_with('*')) {
        (true, true) => "contains",
        (true, false) => "hassuffix",
        (false, true) => "hasprefix",
        (false, false) => "has",
    };
    (operator, inner.to_owned())
}
