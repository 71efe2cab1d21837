//! Functions written in KQL: each call puts the body in place.

use std::rc::Rc;
use std::sync::Arc;

use stance_base::ScalarType;

use super::environment::{
    Environment, LetValue, ParameterKind, SharedTable, UserFunction, UserParameter,
};
use super::types::{convert, measure};
use super::{Binder, RowScope};
use crate::ast::{FunctionDeclaration, NamedExpression, NodeExt as _, ParameterDeclaration};
use crate::bound::{BoundExpression, BoundTabular};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// Deepest nesting of calls.
const MAX_CALLS: usize = 24;

/// What a call counts for, so that calls that double at each level end soon.
const NODES_PER_CALL: usize = 40;

/// What a body comes to.
pub(super) enum BodyValue {
    Scalar(BoundExpression),
    Table(BoundTabular),
}

impl Binder<'_> {
    /// A function as declared, seeing the names around it.
    pub(super) fn declare_function(
        &mut self,
        name: &str,
        node: &SyntaxNode,
    ) -> Option<UserFunction> {
        let declaration = FunctionDeclaration::cast(node.clone())?;
        let mut parameters = Vec::new();
        for parameter in declaration.parameters() {
            parameters.push(self.declare_parameter(&parameter)?);
        }
        Some(UserFunction {
            name: name.to_owned(),
            parameters,
            body: declaration.body()?,
            environment: self.environment.clone(),
            is_view: declaration.is_view(),
            is_stored: false,
        })
    }

    fn declare_parameter(&mut self, parameter: &ParameterDeclaration) -> Option<UserParameter> {
        let name = parameter.name()?;
        let kind = match parameter.row_schema() {
            Some(schema) => ParameterKind::Table(self.row_schema(&schema)),
            None => {
                ParameterKind::Scalar(self.type_named(&parameter.type_name()?, parameter.0.span()))
            }
        };
        Some(UserParameter {
            name,
            kind,
            default: parameter.default(),
        })
    }

    /// A type by name; an error and `dynamic` where there is none.
    pub(super) fn type_named(&mut self, name: &str, span: Span) -> ScalarType {
        name.parse().unwrap_or_else(|error| {
            self.error(DiagnosticCode::UnknownType, span, format!("{error}"));
            ScalarType::Dynamic
        })
    }

    /// `(a:long, b:string)`.
    pub(super) fn row_schema(&mut self, node: &SyntaxNode) -> Schema {
        let mut columns = Vec::new();
        for column in node.children_of(K::ColumnDeclaration) {
            let name = column.name().unwrap_or_default();
            let type_name = column
                .child(K::TypeReference)
                .map(|node| node.text().to_string().trim().to_owned());
            let scalar_type = type_name.map_or(ScalarType::Dynamic, |type_name| {
                self.type_named(&type_name, column.span())
            });
            columns.push(Column::new(name, scalar_type));
        }
        Schema::new(columns)
    }

    /// The stored function of this name, from the catalog.
    pub(super) fn stored_function(&mut self, name: &str) -> Option<Rc<UserFunction>> {
        let stored = self.catalog.function(name)?;
        let parameters = if stored.parameters.trim().is_empty() {
            "()"
        } else {
            &stored.parameters
        };
        let text = format!("let f = {parameters} {{\n{}\n}}", stored.body);
        let parsed = crate::parse(&text);
        let statement = parsed.syntax().child(K::LetStatement)?;
        let node = statement.child(K::FunctionDeclaration)?;
        let environment = std::mem::take(&mut self.environment);
        let declared = self.declare_function(&stored.name, &node);
        self.environment = environment;
        let mut function = declared?;
        function.environment = Environment::default();
        function.is_stored = true;
        Some(Rc::new(function))
    }

    pub(super) fn call_user_scalar(
        &mut self,
        function: &Rc<UserFunction>,
        arguments: &[SyntaxNode],
        span: Span,
    ) -> BoundExpression {
        match self.call_user(function, None, arguments, span) {
            Some(BodyValue::Scalar(value)) => value,
            Some(BodyValue::Table(_)) => {
                let message = format!("`{}` gives rows; a value is wanted here", function.name);
                self.error_with_help(
                    DiagnosticCode::TabularMismatch,
                    span,
                    message,
                    Some("use `toscalar(...)`".into()),
                );
                self.poison(span)
            }
            None => self.poison(span),
        }
    }

    /// Binds a call. `piped` is the table that `invoke` hands in as first argument.
    pub(super) fn call_user(
        &mut self,
        function: &Rc<UserFunction>,
        piped: Option<SharedTable>,
        arguments: &[SyntaxNode],
        span: Span,
    ) -> Option<BodyValue> {
        if self.calls.len() >= MAX_CALLS
            || self
                .calls
                .iter()
                .filter(|name| **name == function.name)
                .count()
                > 4
        {
            let message = format!(
                "`{}` calls itself, or calls are nested too deep",
                function.name
            );
            self.error(DiagnosticCode::RecursiveFunction, span, message);
            return None;
        }
        // Putting a body in place costs more than its nodes.
        if !self.count_nodes(NODES_PER_CALL, span) {
            return None;
        }
        let environment = self.argument_scope(function, piped, arguments, span)?;
        let outer = std::mem::replace(&mut self.environment, environment);
        let span_override = self.span_override;
        if function.is_stored {
            self.span_override = Some(self.span(span));
        }
        self.calls.push(function.name.clone());
        let body = function.body.clone();
        let body_start = std::mem::replace(&mut self.body_start, self.environment.clone());
        let result = self.deeper(span, None, |binder| {
            binder.with_row(RowScope::default(), |binder| binder.bind_body(&body))
        });
        self.calls.pop();
        self.body_start = body_start;
        self.span_override = span_override;
        self.environment = outer;
        result
    }

    /// The function's names with its parameters bound to the arguments.
    fn argument_scope(
        &mut self,
        function: &Rc<UserFunction>,
        piped: Option<SharedTable>,
        arguments: &[SyntaxNode],
        span: Span,
    ) -> Option<Environment> {
        let mut environment = function.environment.clone();
        let mut values: Vec<Option<SyntaxNode>> = vec![None; function.parameters.len()];
        let offset = usize::from(piped.is_some());
        for (position, argument) in arguments.iter().enumerate() {
            let index = match argument_name(argument) {
                Some(name) => function
                    .parameters
                    .iter()
                    .position(|parameter| parameter.name == name),
                None => Some(position + offset).filter(|index| *index < values.len()),
            };
            let Some(index) = index else {
                let message = format!("`{}` has no such parameter", function.name);
                self.error(DiagnosticCode::ArgumentCount, argument.span(), message);
                return None;
            };
            values[index] = argument_value(argument);
        }
        let mut piped = piped;
        for (parameter, value) in function.parameters.iter().zip(values) {
            let bound = match (&parameter.kind, piped.take()) {
                (ParameterKind::Table(_), Some(table)) => LetValue::Table(table),
                (kind, _) => self.bind_argument(function, parameter, kind, value.as_ref(), span)?,
            };
            environment = environment.with(parameter.name.clone(), bound);
        }
        Some(environment)
    }

    fn bind_argument(
        &mut self,
        function: &UserFunction,
        parameter: &UserParameter,
        kind: &ParameterKind,
        value: Option<&SyntaxNode>,
        span: Span,
    ) -> Option<LetValue> {
        let Some(node) = value.or(parameter.default.as_ref()) else {
            let message = format!("`{}` needs a value for `{}`", function.name, parameter.name);
            self.error(DiagnosticCode::ArgumentCount, span, message);
            return None;
        };
        match kind {
            ParameterKind::Table(wanted) => {
                let plan = self.bind_tabular(node);
                self.check_table_argument(&plan, wanted, &parameter.name, node.span());
                Some(LetValue::Table(self.share(None, false, plan)))
            }
            ParameterKind::Scalar(scalar_type) => {
                let bound = convert(self.bind_expression(node), *scalar_type);
                let (nodes, height) = measure(&bound);
                Some(LetValue::Scalar {
                    value: Rc::new(bound),
                    nodes,
                    height,
                })
            }
        }
    }

    fn check_table_argument(
        &mut self,
        plan: &BoundTabular,
        wanted: &Schema,
        name: &str,
        span: Span,
    ) {
        for column in wanted.columns() {
            if plan.schema().column(&column.name).is_none() && !plan.schema().is_empty() {
                let message = format!("the table for `{name}` has no column `{}`", column.name);
                self.error(DiagnosticCode::TypeMismatch, span, message);
            }
        }
    }

    /// The statements of a body, then its value.
    fn bind_body(&mut self, body: &SyntaxNode) -> Option<BodyValue> {
        let mut result = None;
        for statement in body.children() {
            match statement.kind() {
                K::LetStatement => self.bind_let(&statement),
                K::ExpressionStatement => result = statement.expression(),
                _ => {}
            }
        }
        let Some(node) = result else {
            self.error(
                DiagnosticCode::EmptyQuery,
                body.span(),
                "this function has no value",
            );
            return None;
        };
        Some(if self.is_tabular(&node) {
            BodyValue::Table(self.bind_tabular(&node))
        } else {
            BodyValue::Scalar(self.bind_expression(&node))
        })
    }

    /// Rows with a new identity.
    pub(super) fn share(
        &mut self,
        name: Option<&str>,
        materialize: bool,
        plan: BoundTabular,
    ) -> SharedTable {
        let height = shared_height(&plan) + 1;
        SharedTable {
            id: self.id(),
            name: name.map(Arc::from),
            materialize,
            plan: Arc::new(plan),
            height,
        }
    }
}

/// How deep shared tables lie in one another, along the sources.
fn shared_height(plan: &BoundTabular) -> usize {
    use crate::bound::SourceKind;
    let mut height = 0;
    let mut next = Some(plan);
    while let Some(plan) = next {
        next = match &plan.source {
            SourceKind::Shared { plan, .. } => Some(plan),
            SourceKind::Nested(plan) => Some(plan),
            _ => None,
        };
        height += 1;
    }
    height
}

fn argument_name(node: &SyntaxNode) -> Option<String> {
    NamedExpression::cast(node.clone())?
        .names()
        .into_iter()
        .next()
}

fn argument_value(node: &SyntaxNode) -> Option<SyntaxNode> {
    match NamedExpression::cast(node.clone()) {
        Some(named) => named.value(),
        None => Some(node.clone()),
    }
}
