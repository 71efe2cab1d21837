//! Sources without a table: `datatable`, `print`, `range`, `externaldata`.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::table::nothing;
use super::types::{arithmetic, convert, wider};
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    ArithmeticOperator, BoundExpression, BoundTabular, ExpressionKind, Literal, SourceKind,
};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_datatable(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let schema = node
            .child(K::RowSchema)
            .map(|schema| self.row_schema(&schema))
            .unwrap_or_default();
        let values = node
            .child(K::DatatableValues)
            .map(|values| values.expressions())
            .unwrap_or_default();
        let width = schema.len();
        if width == 0 || !values.len().is_multiple_of(width) {
            let message = format!(
                "{} values do not fill rows of {width} columns",
                values.len()
            );
            self.error(DiagnosticCode::ArgumentCount, span, message);
            return nothing(schema, self.span(span));
        }
        let mut rows = Vec::with_capacity(values.len() / width);
        for row in values.chunks(width) {
            let cells = row.iter().zip(schema.columns());
            let cells = cells.map(|(value, column)| {
                let bound =
                    self.with_row(RowScope::default(), |binder| binder.bind_expression(value));
                convert(bound, column.scalar_type)
            });
            rows.push(cells.collect());
        }
        BoundTabular {
            source: SourceKind::DataTable(rows),
            source_schema: schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    pub(super) fn bind_external_data(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let schema = node
            .child(K::RowSchema)
            .map(|schema| self.row_schema(&schema))
            .unwrap_or_default();
        let uris: Vec<BoundExpression> = node
            .expressions()
            .iter()
            .map(|uri| self.with_row(RowScope::default(), |binder| binder.bind_expression(uri)))
            .map(|uri| convert(uri, T::String))
            .collect();
        let mut options = node
            .child(K::WithClause)
            .map(|clause| self.constant_options(&clause))
            .unwrap_or_default();
        // `inline_external_table` writes its format as a parameter.
        for (name, value) in self.constant_options(node) {
            let name = match &*name {
                "dataformat" => "format".into(),
                _ => name,
            };
            options.push((name, value));
        }
        let source = SourceKind::ExternalData { uris, options };
        BoundTabular {
            source,
            source_schema: schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    /// `with (name = value, ...)`, words being texts.
    pub(super) fn constant_options(
        &mut self,
        clause: &SyntaxNode,
    ) -> Vec<(Arc<str>, BoundExpression)> {
        let mut options = Vec::new();
        for property in clause.children_of(K::OperatorParameter) {
            let (Some(name), Some(value)) = (property.child(K::Name), property.children().nth(1))
            else {
                continue;
            };
            let span = self.span(value.span());
            let literal = self.option_value(&value);
            let scalar_type = literal.scalar_type().unwrap_or(T::Dynamic);
            options.push((
                name_text(&name).into(),
                super::literal(literal, scalar_type, span),
            ));
        }
        options
    }

    pub(super) fn bind_print(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let items = self.with_row(RowScope::default(), |binder| {
            binder.bind_items(&node.expressions())
        });
        let mut columns = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let name = match item.name {
                Some(name) if item.explicit || item.is_element => name,
                _ => format!("print_{position}"),
            };
            columns.push((name, item.expression));
        }
        self.print_of(columns, span)
    }

    /// One row of these values.
    pub(super) fn print_of(
        &mut self,
        values: Vec<(String, BoundExpression)>,
        span: Span,
    ) -> BoundTabular {
        let mut names = super::name::NameTable::default();
        let mut columns = Vec::new();
        let mut expressions = Vec::new();
        for (name, expression) in values {
            if names.contains(&name) {
                self.error(
                    DiagnosticCode::DuplicateName,
                    expression.span,
                    format!("there is a column `{name}` already"),
                );
            }
            columns.push(Column::new(names.unique(&name), expression.scalar_type));
            expressions.push(expression);
        }
        let source = SourceKind::Print(expressions);
        BoundTabular {
            source,
            source_schema: Schema::new(columns),
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    pub(super) fn bind_range(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let name = node.name().unwrap_or_default();
        let parts: Vec<BoundExpression> = node
            .expressions()
            .iter()
            .map(|part| self.with_row(RowScope::default(), |b| b.bind_expression(part)))
            .collect();
        let Ok([from, to, step]) = <[BoundExpression; 3]>::try_from(parts) else {
            return nothing(
                Schema::new(vec![Column::new(name, T::Dynamic)]),
                self.span(span),
            );
        };
        if let ExpressionKind::Literal(Literal::Long(0)) = step.kind {
            let message = "a step of 0 never ends";
            self.error(DiagnosticCode::InvalidLiteral, step.span, message);
        }
        let Some((value_type, step_type)) = range_types(&from, &to, &step) else {
            let message = format!(
                "a range from a {} to a {} by a {} is not defined",
                from.scalar_type, to.scalar_type, step.scalar_type
            );
            self.error(DiagnosticCode::TypeMismatch, span, message);
            return nothing(
                Schema::new(vec![Column::new(name, from.scalar_type)]),
                self.span(span),
            );
        };
        let source = SourceKind::Range {
            from: Box::new(convert(from, value_type)),
            to: Box::new(convert(to, value_type)),
            step: Box::new(convert(step, step_type)),
        };
        let source_schema = Schema::new(vec![Column::new(name, value_type)]);
        BoundTabular {
            source,
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }
}

/// Types of a range's values and of its step.
fn range_types(
    from: &BoundExpression,
    to: &BoundExpression,
    step: &BoundExpression,
) -> Option<(T, T)> {
    let known = |expression: &BoundExpression| match &expression.kind {
        ExpressionKind::ScalarSubquery(_) | ExpressionKind::Call { .. }
            if expression.scalar_type == T::Dynamic =>
        {
            None
        }
        _ => Some(expression.scalar_type),
    };
    let ends = match (known(from), known(to)) {
        (Some(left), Some(right)) if left == right => left,
        (Some(left), Some(right)) => wider(left, right)
            .or((left == T::Dynamic).then_some(right))
            .or((right == T::Dynamic).then_some(left))?,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => T::Long,
    };
    match ends {
        T::DateTime | T::TimeSpan
            if matches!(step.scalar_type, T::TimeSpan | T::Dynamic)
                || ends == T::DateTime && step.scalar_type == T::DateTime =>
        {
            Some((ends, T::TimeSpan))
        }
        T::Int if step.scalar_type == T::Int => Some((T::Int, T::Int)),
        _ => {
            let (sum, _, _) = arithmetic(ArithmeticOperator::Add, ends, step.scalar_type)?;
            Some((sum, sum))
        }
    }
}
