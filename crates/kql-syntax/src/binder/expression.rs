//! Expressions: names, literals, paths, and the way to the others.

use stance_base::ScalarType;

use super::environment::LetValue;
use super::types::{arithmetic, convert};
use super::{Binder, literal};
use crate::ast::{NamedExpression, NodeExt as _, name_text};
use crate::bound::{ArithmeticOperator, BoundExpression, ColumnReference, ExpressionKind, Literal};
use crate::diagnostics::DiagnosticCode;
use crate::literal::literal_value;
use crate::schema::Schema;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    /// A scalar expression. Where it is wrong, that is said and the result fits everywhere.
    pub(super) fn bind_expression(&mut self, node: &SyntaxNode) -> BoundExpression {
        let span = node.span();
        let poison = self.poison(span);
        if !self.count_nodes(1, span) {
            return poison;
        }
        self.deeper(span, poison, |binder| binder.bind_kind(node, span))
    }

    fn bind_kind(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        match node.kind() {
            K::Literal => self.bind_literal(node, span),
            K::NameExpression => self.bind_name(&node.name().unwrap_or_default(), span),
            K::ParenExpression | K::OrderedExpression => self.bind_inner(node),
            K::NamedExpression => self.bind_named(node, span),
            K::PathExpression => self.bind_path(node, span),
            K::IndexExpression => self.bind_index(node, span),
            K::UnaryExpression => self.bind_unary(node, span),
            K::BinaryExpression => self.bind_binary(node, span),
            K::AndExpression | K::OrExpression => self.bind_logical(node, span),
            K::InExpression => self.bind_in(node, span),
            K::BetweenExpression => self.bind_between(node, span),
            K::CallExpression => self.bind_call(node, span),
            K::StarExpression => self.misplaced(span, "`*` cannot stand here"),
            K::NamePattern => self.misplaced(span, "a name with `*` cannot stand here"),
            K::TypeofExpression => literal(
                Literal::String(node.text().to_string().into()),
                ScalarType::String,
                self.span(span),
            ),
            _ => self.misplaced(span, "a value is wanted here, not rows"),
        }
    }

    fn misplaced(&mut self, span: Span, message: &str) -> BoundExpression {
        self.error(DiagnosticCode::TabularMismatch, span, message);
        self.poison(span)
    }

    fn bind_inner(&mut self, node: &SyntaxNode) -> BoundExpression {
        match node.expression() {
            Some(inner) => self.bind_expression(&inner),
            None => self.poison(node.span()),
        }
    }

    fn bind_named(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let value = NamedExpression::cast(node.clone()).and_then(|named| named.value());
        match value {
            Some(value) => self.bind_expression(&value),
            None => self.poison(span),
        }
    }

    fn bind_literal(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let tokens = node.own_tokens();
        if tokens.len() > 1 {
            let parts = tokens
                .iter()
                .map(|token| crate::literal::decode_string(token.text()));
            return literal(
                Literal::String(parts.collect::<String>().into()),
                ScalarType::String,
                self.span(span),
            );
        }
        let Some(token) = tokens.first() else {
            return self.poison(span);
        };
        match literal_value(token) {
            Ok((value, scalar_type)) => literal(value, scalar_type, self.span(span)),
            // The parser has said what is wrong inside `dynamic(...)`.
            Err(_) if token.kind() == K::DynamicLiteral => self.poison(span),
            Err(message) => {
                self.error(DiagnosticCode::InvalidLiteral, span, message);
                self.poison(span)
            }
        }
    }

    /// A name: a column first, then a `let`, then a function without parameters.
    pub(super) fn bind_name(&mut self, name: &str, span: Span) -> BoundExpression {
        if let Some(index) = self.row.columns.index_of(name) {
            return self.column(index, span);
        }
        if name.is_empty() {
            return self.poison(span);
        }
        if let Some(row) = self.row.named.iter().find(|row| row.name == name) {
            // A graph element on its own stands for its first column in functions about it.
            let (first, columns) = (row.first, row.columns.clone());
            return self.element_value(first, &columns, span);
        }
        match self.environment.get(name) {
            Some(LetValue::Scalar {
                value,
                nodes,
                height,
            }) => self.place_value(&value, nodes, height, span),
            Some(LetValue::Table(_)) => self.misplaced(
                span,
                &format!("`{name}` is a table; a value is wanted here"),
            ),
            Some(LetValue::Function(function)) if function.parameters.is_empty() => {
                self.call_user_scalar(&function, &[], span)
            }
            Some(LetValue::Function(_)) => {
                self.misplaced(span, &format!("the function `{name}` needs arguments"))
            }
            Some(LetValue::Broken | LetValue::Restriction(_)) => self.poison(span),
            Some(LetValue::EntityGroup(_) | LetValue::Entity(_)) => self.misplaced(
                span,
                &format!("`{name}` is a database; a value is wanted here"),
            ),
            Some(LetValue::Pattern(_)) => {
                self.misplaced(span, &format!("the pattern `{name}` gives rows"))
            }
            None => self.unknown_name(name, span),
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> BoundExpression {
        if self.row.present {
            self.unknown_column(span, name);
        } else {
            self.error(
                DiagnosticCode::UnknownName,
                span,
                format!("there is no name `{name}` here"),
            );
        }
        self.poison(span)
    }

    fn element_value(&mut self, first: usize, columns: &Schema, span: Span) -> BoundExpression {
        let Some(column) = columns.columns().first() else {
            return self.poison(span);
        };
        let reference = ColumnReference {
            index: first,
            name: column.name.clone(),
        };
        BoundExpression {
            kind: ExpressionKind::Column(reference),
            scalar_type: column.scalar_type,
            span: self.span(span),
        }
    }

    /// A constant's value in place of its name.
    fn place_value(
        &mut self,
        value: &BoundExpression,
        nodes: usize,
        height: usize,
        span: Span,
    ) -> BoundExpression {
        if !self.count_nodes(nodes, span) {
            return self.poison(span);
        }
        if self.depth + height > super::MAX_BIND_DEPTH {
            self.too_complex(span);
            return self.poison(span);
        }
        BoundExpression {
            span: self.span(span),
            ..value.clone()
        }
    }

    /// The input's column at a position.
    pub(super) fn column(&mut self, index: usize, span: Span) -> BoundExpression {
        let span_here = self.span(span);
        let Some(column) = self.row.columns.columns().get(index) else {
            return self.poison(span);
        };
        let expression = column_expression(index, column, span_here);
        if self.aggregates.is_some() {
            let message = format!(
                "`{}` stands outside an aggregate; put it inside one or after `by`",
                expression.1
            );
            self.error(DiagnosticCode::AggregateMisplaced, span, message);
        }
        expression.0
    }

    fn bind_path(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let Some(base) = node.expression() else {
            return self.poison(span);
        };
        let Some(name) = node.child(K::Name).map(|name| name_text(&name)) else {
            return self.misplaced(span, "a property name is wanted after `.`");
        };
        if base.kind() == K::NameExpression {
            let base_name = base.name().unwrap_or_default();
            if let Some(found) = self.bind_qualified(&base_name, &name, span) {
                return found;
            }
        }
        let value = self.bind_expression(&base);
        self.member(value, &name, span)
    }

    /// `$left.x`, `$right.x`, `element.x`, `step.x`.
    fn bind_qualified(&mut self, base: &str, name: &str, span: Span) -> Option<BoundExpression> {
        if let Some((left, right)) = &self.row.sides
            && matches!(base, "$left" | "$right")
        {
            let schema = if base == "$left" {
                left.clone()
            } else {
                right.clone()
            };
            return Some(self.side_column(&schema, 0, name, span));
        }
        let row = self
            .row
            .named
            .iter()
            .find(|row| row.name == base)
            .cloned()?;
        Some(self.side_column(&row.columns, row.first, name, span))
    }

    fn side_column(
        &mut self,
        schema: &Schema,
        first: usize,
        name: &str,
        span: Span,
    ) -> BoundExpression {
        let Some(index) = schema.index_of(name) else {
            let names: Vec<&str> = schema
                .columns()
                .iter()
                .map(|column| &*column.name)
                .collect();
            let help = crate::diagnostics::suggest(name, names.into_iter());
            let message = format!("there is no column `{name}` here");
            self.error_with_help(DiagnosticCode::UnknownColumn, span, message, help);
            return self.poison(span);
        };
        let span = self.span(span);
        column_expression(first + index, &schema.columns()[index], span).0
    }

    fn member(&mut self, value: BoundExpression, name: &str, span: Span) -> BoundExpression {
        if value.scalar_type != ScalarType::Dynamic {
            let message = format!("`.{name}` needs a dynamic, not a {}", value.scalar_type);
            let help = (value.scalar_type == ScalarType::String)
                .then(|| "use `parse_json(...)` first".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, span, message, help);
            return self.poison(span);
        }
        let kind = ExpressionKind::Member {
            value: Box::new(value),
            name: name.into(),
        };
        BoundExpression {
            kind,
            scalar_type: ScalarType::Dynamic,
            span: self.span(span),
        }
    }

    fn bind_index(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let parts = node.expressions();
        let (Some(base), Some(index)) = (parts.first(), parts.get(1)) else {
            let message = "`[...]` alone is no value; a name is written `['name']`";
            return self.misplaced(span, message);
        };
        let index = self.bind_expression(index);
        if let ExpressionKind::Literal(Literal::String(name)) = &index.kind {
            if base.kind() == K::NameExpression
                && let Some(found) =
                    self.bind_qualified(&base.name().unwrap_or_default(), &name.clone(), span)
            {
                return found;
            }
            let value = self.bind_expression(base);
            return self.member(value, &name.clone(), span);
        }
        let value = self.bind_expression(base);
        if let Some(element) = super::columns::picked_element(base, &value, &index) {
            return element;
        }
        if value.scalar_type != ScalarType::Dynamic {
            let message = format!("`[...]` needs a dynamic, not a {}", value.scalar_type);
            self.error(DiagnosticCode::TypeMismatch, span, message);
            return self.poison(span);
        }
        if !matches!(
            index.scalar_type,
            ScalarType::Int | ScalarType::Long | ScalarType::String | ScalarType::Dynamic
        ) {
            let message = format!(
                "an element is found by its position or name, not by a {}",
                index.scalar_type
            );
            self.error(DiagnosticCode::TypeMismatch, index.span, message);
        }
        let index = if index.scalar_type == ScalarType::Int {
            convert(index, ScalarType::Long)
        } else {
            index
        };
        let kind = ExpressionKind::Index {
            value: Box::new(value),
            index: Box::new(index),
        };
        BoundExpression {
            kind,
            scalar_type: ScalarType::Dynamic,
            span: self.span(span),
        }
    }

    fn bind_unary(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let operand = self.bind_inner(node);
        let negative = node
            .own_tokens()
            .first()
            .is_some_and(|token| token.kind() == K::Minus);
        let fits = super::types::is_number(operand.scalar_type)
            || matches!(
                operand.scalar_type,
                ScalarType::TimeSpan | ScalarType::DateTime | ScalarType::Dynamic
            );
        if !fits {
            let message = format!("a sign cannot stand before a {}", operand.scalar_type);
            self.error(DiagnosticCode::TypeMismatch, span, message);
            return self.poison(span);
        }
        if !negative {
            return operand;
        }
        let span = self.span(span);
        let scalar_type = operand.scalar_type;
        match negated(&operand) {
            Some(value) => literal(value, scalar_type, span),
            None => BoundExpression {
                kind: ExpressionKind::Negate(Box::new(operand)),
                scalar_type,
                span,
            },
        }
    }

    pub(super) fn bind_arithmetic(
        &mut self,
        operator: ArithmeticOperator,
        left: BoundExpression,
        right: BoundExpression,
        span: Span,
    ) -> BoundExpression {
        let Some((result, left_type, right_type)) =
            arithmetic(operator, left.scalar_type, right.scalar_type)
        else {
            let sign = match operator {
                ArithmeticOperator::Add => "+",
                ArithmeticOperator::Subtract => "-",
                ArithmeticOperator::Multiply => "*",
                ArithmeticOperator::Divide => "/",
                ArithmeticOperator::Modulo => "%",
            };
            let message = format!(
                "`{sign}` is not defined for {} and {}",
                left.scalar_type, right.scalar_type
            );
            let texts =
                left.scalar_type == ScalarType::String || right.scalar_type == ScalarType::String;
            let help = (sign == "+" && texts).then(|| "join texts with `strcat(...)`".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, span, message, help);
            return self.poison(span);
        };
        let kind = ExpressionKind::Arithmetic {
            operator,
            left: Box::new(convert(left, left_type)),
            right: Box::new(convert(right, right_type)),
        };
        BoundExpression {
            kind,
            scalar_type: result,
            span: self.span(span),
        }
    }
}

fn column_expression(
    index: usize,
    column: &crate::schema::Column,
    span: Span,
) -> (BoundExpression, String) {
    let reference = ColumnReference {
        index,
        name: column.name.clone(),
    };
    let expression = BoundExpression {
        kind: ExpressionKind::Column(reference),
        scalar_type: column.scalar_type,
        span,
    };
    (expression, column.name.to_string())
}

/// The constant with its sign turned.
fn negated(operand: &BoundExpression) -> Option<Literal> {
    match &operand.kind {
        ExpressionKind::Literal(Literal::Long(value)) => value.checked_neg().map(Literal::Long),
        ExpressionKind::Literal(Literal::Int(value)) => value.checked_neg().map(Literal::Int),
        ExpressionKind::Literal(Literal::Real(value)) => Some(Literal::Real(-value)),
        ExpressionKind::Literal(Literal::TimeSpan(value)) => {
            value.checked_neg().map(Literal::TimeSpan)
        }
        _ => None,
    }
}
