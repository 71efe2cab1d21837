//! Functions that the binder answers itself, or whose arguments are no plain values.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::types::convert;
use super::{Binder, literal};
use crate::ast::NodeExt as _;
use crate::bound::{BoundExpression, ColumnReference, ExpressionKind, Literal};
use crate::diagnostics::DiagnosticCode;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    /// The call, where it is one of these.
    pub(super) fn bind_special(
        &mut self,
        name: &str,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> Option<BoundExpression> {
        match name {
            "toscalar" | "totable" => Some(self.bind_toscalar(nodes, span)),
            "column_ifexists" | "columnifexists" => Some(self.bind_column_if_exists(nodes, span)),
            "iscolumnexists" => Some(self.bind_is_column(nodes, span)),
            "pack_all" => Some(self.bind_pack_all(nodes, span)),
            "pack" | "bag_pack" | "pack_dictionary" if is_star(nodes) => {
                Some(self.pack_row(false, span))
            }
            "bag_pack_columns" => Some(self.bind_pack_columns(nodes, span)),
            "bin_auto" => Some(self.bind_bin_auto(nodes, span)),
            "column_names_of" => Some(self.bind_column_names(nodes, span)),
            "any" | "all" | "map" | "inner_nodes" | "node_degree_in" | "node_degree_out"
            | "labels" | "node_id"
                if !self.row.named.is_empty() =>
            {
                Some(self.bind_graph_function(name, nodes, span))
            }
            _ => None,
        }
    }

    fn bind_toscalar(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let Some(node) = nodes.first() else {
            return self.poison(span);
        };
        if !self.is_tabular(node) {
            return self.with_row(super::RowScope::default(), |binder| {
                binder.bind_expression(node)
            });
        }
        let subquery = self.bind_subquery(node);
        let first = subquery
            .plan
            .schema()
            .columns()
            .first()
            .map(|column| column.scalar_type);
        let scalar_type = first.unwrap_or(T::Dynamic);
        BoundExpression {
            kind: ExpressionKind::ScalarSubquery(subquery),
            scalar_type,
            span: self.span(span),
        }
    }

    /// A constant text argument.
    pub(super) fn constant_text(&mut self, node: Option<&SyntaxNode>) -> Option<Arc<str>> {
        let node = node?;
        let bound = self.with_row(super::RowScope::default(), |binder| {
            binder.bind_expression(node)
        });
        match bound.kind {
            ExpressionKind::Literal(Literal::String(text)) => Some(text),
            _ => None,
        }
    }

    fn bind_column_if_exists(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let Some(name) = self.constant_text(nodes.first()) else {
            self.error(
                DiagnosticCode::ConstantExpected,
                span,
                "the column's name must be a constant string",
            );
            return self.poison(span);
        };
        let Some(default) = nodes.get(1) else {
            self.error(
                DiagnosticCode::ArgumentCount,
                span,
                "`column_ifexists` takes a name and a value in its stead",
            );
            return self.poison(span);
        };
        let default = self.bind_expression(default);
        match self.row.columns.index_of(&name) {
            Some(index) => convert(self.column(index, span), default.scalar_type),
            None => default,
        }
    }

    fn bind_is_column(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let name = self.constant_text(nodes.first());
        let found = name.is_some_and(|name| self.row.columns.column(&name).is_some());
        literal(Literal::Bool(found), T::Bool, self.span(span))
    }

    fn bind_pack_all(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let ignore_empty = nodes.first().is_some_and(|node| {
            let bound = self.bind_expression(node);
            bound.kind == ExpressionKind::Literal(Literal::Bool(true))
        });
        self.pack_row(ignore_empty, span)
    }

    fn pack_row(&mut self, ignore_empty: bool, span: Span) -> BoundExpression {
        let columns = self.row.columns.columns().iter().enumerate();
        let columns = columns
            .map(|(index, column)| ColumnReference {
                index,
                name: column.name.clone(),
            })
            .collect();
        let kind = ExpressionKind::PackRow {
            ignore_empty,
            columns,
        };
        BoundExpression {
            kind,
            scalar_type: T::Dynamic,
            span: self.span(span),
        }
    }

    fn bind_pack_columns(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let mut columns = Vec::new();
        for node in nodes {
            let bound = self.bind_expression(node);
            match bound.kind {
                ExpressionKind::Column(column) => columns.push(column),
                _ => self.error(
                    DiagnosticCode::ColumnExpected,
                    node.span(),
                    "a column name is wanted here",
                ),
            }
        }
        let kind = ExpressionKind::PackRow {
            ignore_empty: false,
            columns,
        };
        BoundExpression {
            kind,
            scalar_type: T::Dynamic,
            span: self.span(span),
        }
    }

    /// `bin_auto(value)` by what `set query_bin_auto_size` and `set query_bin_auto_at` say.
    fn bind_bin_auto(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let [node] = nodes else {
            self.error(
                DiagnosticCode::ArgumentCount,
                span,
                "`bin_auto` takes one value",
            );
            return self.poison(span);
        };
        let value = self.bind_expression(node);
        let Some(size) = self.set_option("query_bin_auto_size") else {
            self.error(
                DiagnosticCode::ConstantExpected,
                span,
                "`bin_auto` needs `set query_bin_auto_size = ...;` before the query",
            );
            return self.poison(span);
        };
        let at = self.set_option("query_bin_auto_at");
        let scalar_type = value.scalar_type;
        let fixed = at.map(|at| convert(at, scalar_type));
        BoundExpression {
            kind: ExpressionKind::Call {
                function: if fixed.is_some() { "bin_at" } else { "bin" },
                arguments: [value, size].into_iter().chain(fixed).collect(),
            },
            scalar_type,
            span: self.span(span),
        }
    }

    /// The value of an option that was set before.
    fn set_option(&self, name: &str) -> Option<BoundExpression> {
        match self.environment.get(&super::statement::option_key(name)) {
            Some(super::environment::LetValue::Scalar { value, .. }) => Some((*value).clone()),
            _ => None,
        }
    }

    fn bind_column_names(&mut self, nodes: &[SyntaxNode], span: Span) -> BoundExpression {
        let Some(table) = nodes.first().map(|node| self.bind_tabular(node)) else {
            return self.poison(span);
        };
        let names = table
            .schema()
            .columns()
            .iter()
            .map(|column| column.name.to_string().into());
        let value = Literal::Dynamic(Arc::new(serde_json::Value::Array(names.collect())));
        literal(value, T::Dynamic, self.span(span))
    }
}

fn is_star(nodes: &[SyntaxNode]) -> bool {
    matches!(nodes, [only] if only.kind() == K::StarExpression)
}
