//! Operators that choose and order rows.

use stance_base::ScalarType as T;

use super::types::convert;
use super::{Binder, RowScope};
use crate::ast::NodeExt as _;
use crate::bound::{BoundExpression, BoundTabular, ExpressionKind, Literal, Operator, SortKey};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_where(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(condition) = node.expression() else {
            return;
        };
        let predicate = self.on_rows(flow, |binder| binder.bind_condition(&condition));
        let schema = flow.schema().clone();
        self.push(flow, Operator::Where(predicate), schema, span);
    }

    /// A constant number of rows.
    pub(super) fn bind_row_count(&mut self, node: Option<&SyntaxNode>) -> BoundExpression {
        let Some(node) = node else {
            return self.poison(Span::default());
        };
        let bound = self.with_row(RowScope::default(), |binder| binder.bind_expression(node));
        if !matches!(bound.scalar_type, T::Int | T::Long) && !self.is_unknown(&bound) {
            self.error(
                DiagnosticCode::TypeMismatch,
                node.span(),
                "a whole number of rows is wanted here",
            );
        }
        convert(bound, T::Long)
    }

    pub(super) fn bind_take(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
        make: fn(BoundExpression) -> Operator,
    ) {
        let count = self.bind_row_count(node.expression().as_ref());
        let schema = flow.schema().clone();
        self.push(flow, make(count), schema, span);
    }

    pub(super) fn bind_sample_distinct(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let parts = node.expressions();
        let count = self.bind_row_count(parts.first());
        let Some(of) = parts.get(1) else { return };
        let items = self.on_rows(flow, |binder| binder.bind_items(std::slice::from_ref(of)));
        for item in &items {
            self.require_column(&item.expression);
            self.refuse_dynamic(&item.expression, "take distinct values of");
        }
        let (mut expressions, schema) = self.projected(flow.schema(), items);
        let Some(of) = expressions.pop() else { return };
        self.push(flow, Operator::SampleDistinct { count, of }, schema, span);
    }

    pub(super) fn bind_sort(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let keys = self.sort_keys(flow, node);
        let schema = flow.schema().clone();
        self.push(flow, Operator::Sort(keys), schema, span);
    }

    /// `top` orders dynamics too, where `sort` does not.
    pub(super) fn bind_top(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let count = self.bind_row_count(node.expression().as_ref());
        let keys = self.ordered_keys(flow, node);
        let schema = flow.schema().clone();
        self.push(flow, Operator::Top { count, keys }, schema, span);
    }

    fn sort_keys(&mut self, flow: &BoundTabular, node: &SyntaxNode) -> Vec<SortKey> {
        let keys = self.ordered_keys(flow, node);
        for key in &keys {
            self.refuse_dynamic(&key.expression, "sort by");
        }
        keys
    }

    fn ordered_keys(&mut self, flow: &BoundTabular, node: &SyntaxNode) -> Vec<SortKey> {
        let items = node
            .child(K::ByClause)
            .map(|by| by.expressions())
            .unwrap_or_default();
        self.on_rows(flow, |binder| {
            items.iter().map(|item| binder.sort_key(item)).collect()
        })
    }

    pub(super) fn sort_key(&mut self, node: &SyntaxNode) -> SortKey {
        let expression = self.bind_expression(node);
        let descending = !node.has_word("asc") && !node.has_word("granny-asc");
        let nulls_first = if node.has_word("nulls") {
            node.has_word("first")
        } else {
            !descending
        };
        SortKey {
            expression,
            descending,
            nulls_first,
        }
    }

    /// Dynamics have no order and make no groups.
    pub(super) fn refuse_dynamic(&mut self, expression: &BoundExpression, what: &str) {
        if expression.scalar_type != T::Dynamic || self.is_unknown(expression) {
            return;
        }
        let message = format!("one cannot {what} a dynamic");
        let help = Some("give it a type: `tostring(...)`, `tolong(...)`".to_owned());
        self.error_with_help(DiagnosticCode::TypeMismatch, expression.span, message, help);
    }

    /// A column where nothing else will do.
    pub(super) fn require_column(&mut self, expression: &BoundExpression) {
        let poison = expression.kind == ExpressionKind::Literal(Literal::Null);
        if !poison && !matches!(expression.kind, ExpressionKind::Column(_)) {
            let message = "a column name is wanted here";
            self.error(DiagnosticCode::ColumnExpected, expression.span, message);
        }
    }

    pub(super) fn bind_distinct(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let items = self.on_rows(flow, |binder| binder.bind_items(&node.expressions()));
        for item in &items {
            self.refuse_dynamic(&item.expression, "take distinct values of");
        }
        let (expressions, schema) = self.projected(flow.schema(), items);
        self.push(flow, Operator::Distinct(expressions), schema, span);
    }

    pub(super) fn bind_count(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let name = node.name().unwrap_or_else(|| "Count".into());
        self.push(
            flow,
            Operator::Count,
            Schema::new(vec![Column::new(name, T::Long)]),
            span,
        );
    }

    pub(super) fn bind_getschema(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        if super::join::parameter(node, "kind").is_some_and(|(kind, _)| kind == "csl") {
            return self.push_schema_text(flow, &input, span);
        }
        let columns = [
            ("ColumnName", T::String),
            ("ColumnOrdinal", T::Long),
            ("DataType", T::String),
            ("ColumnType", T::String),
        ];
        let schema = columns
            .iter()
            .map(|(name, scalar_type)| Column::new(*name, *scalar_type))
            .collect();
        self.push(flow, Operator::GetSchema(input), schema, span);
    }

    /// `getschema kind=csl`: one row, `a:long,b:string`.
    fn push_schema_text(&mut self, flow: &mut BoundTabular, input: &Schema, span: Span) {
        let columns = input.columns().iter();
        let text: Vec<String> = columns
            .map(|column| format!("{}:{}", column.name, column.scalar_type))
            .collect();
        let value = super::literal(
            Literal::String(text.join(",").into()),
            T::String,
            self.span(span),
        );
        *flow = self.print_of(vec![("Schema".to_owned(), value)], span);
    }
}
