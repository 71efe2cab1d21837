//! `as`, `invoke`, `partition`, `fork`, `facet`.

use std::rc::Rc;
use std::sync::Arc;

use stance_base::ScalarType;

use super::environment::LetValue;
use super::join::hints;
use super::user_function::BodyValue;
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _};
use crate::bound::{
    BoundExpression, BoundTabular, ColumnReference, ExpressionKind, Operator, Partition,
};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::schema::Schema;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    /// `as name`: the rows so far are shared under that name.
    pub(super) fn bind_as(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let name = node.name().unwrap_or_default();
        let schema = flow.schema().clone();
        let so_far = std::mem::replace(flow, super::table::nothing(schema.clone(), span));
        let shared = self.share(Some(&name), false, so_far);
        *flow = self.shared_source(&shared, span);
        self.environment = self.environment.with(name.clone(), LetValue::Table(shared));
        self.push(flow, Operator::As(name.into()), schema, span);
    }

    /// `invoke f(a)`: the rows so far are the function's first argument.
    pub(super) fn bind_invoke(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(call) = node.expression() else {
            return;
        };
        let arguments = CallExpression::cast(call.clone())
            .map(|call| call.arguments())
            .unwrap_or_default();
        let name = call.name().unwrap_or_default();
        let function = match self.environment.get(&name) {
            Some(LetValue::Function(function)) => Some(function),
            _ => self.stored_function(&name),
        };
        let Some(function) = function else {
            let names: Vec<String> = self
                .environment
                .names()
                .into_iter()
                .map(|(name, _)| name)
                .collect();
            let help = suggest(&name, names.iter().map(String::as_str));
            self.error_with_help(
                DiagnosticCode::UnknownFunction,
                span,
                format!("there is no function `{name}`"),
                help,
            );
            return;
        };
        let so_far = std::mem::replace(flow, super::table::nothing(crate::Schema::default(), span));
        let shared = self.share(None, false, so_far);
        match self.call_user(&function, Some(shared), &arguments, span) {
            Some(BodyValue::Table(table)) => *flow = table,
            Some(BodyValue::Scalar(_)) => {
                self.error(
                    DiagnosticCode::TabularMismatch,
                    span,
                    format!("`{name}` gives a value, not rows"),
                );
            }
            None => {}
        }
    }

    pub(super) fn bind_partition(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let (Some(by_node), Some(subquery_node)) = (node.expression(), node.child(K::Subquery))
        else {
            return;
        };
        let Some(by) = self.column_reference(flow, &by_node) else {
            return;
        };
        let input = flow.schema().clone();
        if input
            .columns()
            .get(by.index)
            .is_some_and(|column| column.scalar_type == ScalarType::Dynamic)
            && self.expected_columns.is_empty()
        {
            let message = "rows cannot be parted by a dynamic";
            self.error(DiagnosticCode::TypeMismatch, by_node.span(), message);
        }
        let outer = self.environment.clone();
        if subquery_node.has_word("{") {
            self.environment = outer.with(by.name.to_string(), self.partition_value(&input, &by));
        }
        let subquery = Box::new(self.bind_operators_on(&subquery_node, &input));
        self.environment = outer;
        let schema = subquery.schema().clone();
        self.push(
            flow,
            Operator::Partition(Partition {
                by,
                subquery,
                hints: hints(node),
            }),
            schema,
            span,
        );
    }

    /// The value that all rows of a partition have in common, inside its `{ }`.
    fn partition_value(&self, input: &Schema, by: &ColumnReference) -> LetValue {
        let scalar_type = input
            .columns()
            .get(by.index)
            .map_or(ScalarType::Dynamic, |column| column.scalar_type);
        let value = BoundExpression {
            kind: ExpressionKind::Parameter(Arc::clone(&by.name)),
            scalar_type,
            span: self.span(Span::default()),
        };
        LetValue::Scalar {
            value: Rc::new(value),
            nodes: 1,
            height: 1,
        }
    }

    /// A column by its bare name.
    pub(super) fn column_reference(
        &mut self,
        flow: &BoundTabular,
        node: &SyntaxNode,
    ) -> Option<ColumnReference> {
        let bound = self.on_rows(flow, |binder| binder.bind_expression(node));
        if let ExpressionKind::Column(column) = bound.kind {
            Some(column)
        } else {
            self.error(
                DiagnosticCode::ColumnExpected,
                node.span(),
                "a column name is wanted here",
            );
            None
        }
    }

    pub(super) fn bind_fork(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let mut branches = Vec::new();
        for branch in node.children_of(K::ForkBranch) {
            let Some(subquery) = branch.child(K::Subquery) else {
                continue;
            };
            let plan = self.bind_operators_on(&subquery, &input);
            branches.push((branch.name().map(Into::into), plan));
        }
        let schema = branches
            .first()
            .map(|(_, plan)| plan.schema().clone())
            .unwrap_or(input);
        self.push(flow, Operator::Fork(branches), schema, span);
    }

    pub(super) fn bind_facet(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let items = node
            .child(K::ByClause)
            .map(|by| by.expressions())
            .unwrap_or_default();
        let by: Vec<ColumnReference> = items
            .iter()
            .filter_map(|item| self.column_reference(flow, item))
            .collect();
        let with = node
            .child(K::Subquery)
            .map(|subquery| Box::new(self.bind_operators_on(&subquery, &input)));
        let mut columns: Vec<_> = by
            .first()
            .map(|column| input.columns()[column.index].clone())
            .into_iter()
            .collect();
        let count = by.first().map(|column| format!("count_{}", column.name));
        columns.push(crate::Column::new(
            count.unwrap_or_else(|| "count_".to_owned()),
            ScalarType::Long,
        ));
        self.push(
            flow,
            Operator::Facet { by, with },
            crate::Schema::new(columns),
            span,
        );
    }

    /// Binds on a row that is not the flow's.
    pub(super) fn on_scope<R>(&mut self, scope: RowScope, work: impl FnOnce(&mut Self) -> R) -> R {
        self.with_row(scope, work)
    }
}
