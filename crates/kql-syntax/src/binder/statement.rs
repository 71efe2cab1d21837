//! Statements and the query as a whole.

use std::rc::Rc;
use std::sync::Arc;

use stance_base::ScalarType;

use super::Binder;
use super::environment::LetValue;
use super::types::{convert, measure};
use crate::ast::{LetStatement, NodeExt as _, ParameterDeclaration};
use crate::bound::{
    BoundExpression, BoundQuery, BoundTabular, ExpressionKind, Literal, Operator, QueryOption,
};
use crate::diagnostics::DiagnosticCode;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_root(&mut self, root: &SyntaxNode) -> Option<BoundQuery> {
        let mut options = Vec::new();
        let mut results = Vec::new();
        for statement in root.children() {
            match statement.kind() {
                K::LetStatement => self.bind_let(&statement),
                K::SetStatement => options.extend(self.bind_set_statement(&statement)),
                K::DeclareParameters => self.bind_parameters(&statement),
                K::ExpressionStatement => {
                    if let Some(node) = statement.expression() {
                        results.retain(|earlier| !gives_names(earlier));
                        let result = self.bind_result(&node);
                        self.name_graph_tables(&result);
                        results.push(result);
                    }
                }
                K::DeclarePattern => self.bind_pattern_statement(&statement),
                K::AliasStatement => self.bind_alias(&statement),
                K::RestrictStatement => self.bind_restrict(&statement),
                _ => {}
            }
        }
        let root_plan = results.pop();
        let has_statements = root.children().next().is_some();
        if root_plan.is_none() && has_statements && self.diagnostics.is_empty() {
            let message = "the query has no result: no tabular expression after its statements";
            self.error(DiagnosticCode::EmptyQuery, root.span(), message);
        }
        let render = self.render.take();
        root_plan.map(|root| BoundQuery {
            root,
            earlier_results: results,
            render,
            options,
        })
    }

    /// A statement's rows; a scalar stands for a row of it.
    fn bind_result(&mut self, node: &SyntaxNode) -> crate::bound::BoundTabular {
        if self.is_tabular(node) || node.kind() == K::NameExpression {
            return self.bind_tabular(node);
        }
        if node.kind() == K::CallExpression {
            return self.bind_tabular(node);
        }
        let value = self.bind_expression(node);
        self.error(
            DiagnosticCode::TabularMismatch,
            node.span(),
            "a query gives rows, not a value; put `print` before it",
        );
        self.print_of(vec![("print_0".into(), value)], node.span())
    }

    pub(super) fn bind_let(&mut self, statement: &SyntaxNode) {
        let Some(statement) = LetStatement::cast(statement.clone()) else {
            return;
        };
        let (Some(name), Some(value)) = (statement.name(), statement.value()) else {
            return;
        };
        if self.is_declared(&name) {
            let message = format!("there is a `let` of the name `{name}` already");
            self.error(DiagnosticCode::DuplicateName, statement.0.span(), message);
        }
        let bound = self
            .bind_let_value(&name, &value)
            .unwrap_or(LetValue::Broken);
        self.environment = self.environment.with(name, bound);
    }

    /// Whether this body or query has given the name already.
    fn is_declared(&self, name: &str) -> bool {
        self.environment.has_since(name, &self.body_start)
    }

    fn bind_let_value(&mut self, name: &str, value: &SyntaxNode) -> Option<LetValue> {
        if value.kind() == K::FunctionDeclaration {
            return self
                .declare_function(name, value)
                .map(|function| LetValue::Function(Rc::new(function)));
        }
        if let Some(function) = self.function_named(value) {
            return Some(LetValue::Function(function));
        }
        if value.kind() == K::EntityGroup {
            return Some(LetValue::EntityGroup(Rc::new(value.expressions())));
        }
        if self.is_tabular(value) {
            return self.bind_let_table(name, value);
        }
        let bound = self.with_row(super::RowScope::default(), |binder| {
            binder.bind_expression(value)
        });
        if matches!(bound.kind, ExpressionKind::Element { .. }) {
            let message = "a function that gives several values cannot be given a name by `let`";
            self.error(DiagnosticCode::TypeMismatch, value.span(), message);
        }
        let (nodes, height) = measure(&bound);
        Some(LetValue::Scalar {
            value: Rc::new(bound),
            nodes,
            height,
        })
    }

    /// `let g = f;` of a function with parameters.
    fn function_named(
        &mut self,
        value: &SyntaxNode,
    ) -> Option<Rc<super::environment::UserFunction>> {
        let name = (value.kind() == K::NameExpression).then(|| value.name())??;
        match self.environment.get(&name) {
            Some(LetValue::Function(function)) if !function.parameters.is_empty() => Some(function),
            _ => None,
        }
    }

    fn bind_let_table(&mut self, name: &str, value: &SyntaxNode) -> Option<LetValue> {
        const MAX_SHARED: usize = 200;
        let plan = self.with_row(super::RowScope::default(), |binder| {
            binder.bind_tabular(value)
        });
        let shared = match plan.source {
            crate::bound::SourceKind::Shared {
                id,
                materialize: true,
                plan: ref inner,
                ..
            } if plan.steps.is_empty() => {
                let inner = Arc::clone(inner);
                super::environment::SharedTable {
                    id,
                    name: Some(name.into()),
                    materialize: true,
                    plan: inner,
                    height: 1,
                }
            }
            _ => self.share(Some(name), false, plan),
        };
        if shared.height > MAX_SHARED {
            self.too_complex(value.span());
            return None;
        }
        Some(LetValue::Table(shared))
    }

    fn bind_set_statement(&mut self, statement: &SyntaxNode) -> Option<QueryOption> {
        let name = statement.name()?;
        let value = statement.expression().map(|node| self.option_value(&node));
        let value = value.unwrap_or(Literal::Bool(true));
        if let Some(scalar_type) = value.scalar_type() {
            // Functions such as `bin_auto` read what was set.
            let bound = super::literal(value.clone(), scalar_type, self.span(statement.span()));
            let (nodes, height) = measure(&bound);
            let value = Rc::new(bound);
            let known = LetValue::Scalar {
                value,
                nodes,
                height,
            };
            self.environment = self.environment.with(option_key(&name), known);
        }
        Some(QueryOption {
            name: name.into(),
            value,
        })
    }

    /// A constant, or a bare word as text.
    pub(super) fn option_value(&mut self, node: &SyntaxNode) -> Literal {
        if node.kind() == K::NameExpression {
            return Literal::String(node.name().unwrap_or_default().into());
        }
        if node.kind() == K::Name {
            return Literal::String(crate::ast::name_text(node).into());
        }
        if let ExpressionKind::Literal(value) = self
            .with_row(super::RowScope::default(), |binder| {
                binder.bind_expression(node)
            })
            .kind
        {
            value
        } else {
            self.error(
                DiagnosticCode::ConstantExpected,
                node.span(),
                "a constant is wanted here",
            );
            Literal::Null
        }
    }

    /// `declare query_parameters(a:long = 5)`.
    fn bind_parameters(&mut self, statement: &SyntaxNode) {
        let Some(list) = statement.child(K::ParameterList) else {
            return;
        };
        for parameter in list
            .children_of(K::Parameter)
            .into_iter()
            .map(ParameterDeclaration)
        {
            let Some(name) = parameter.name() else {
                continue;
            };
            let scalar_type = match parameter.type_name() {
                Some(type_name) => self.type_named(&type_name, parameter.0.span()),
                None => ScalarType::Dynamic,
            };
            let value = self.parameter_value(&name, scalar_type, &parameter);
            let (nodes, height) = measure(&value);
            self.environment = self.environment.with(
                name,
                LetValue::Scalar {
                    value: Rc::new(value),
                    nodes,
                    height,
                },
            );
        }
    }

    fn parameter_value(
        &mut self,
        name: &str,
        scalar_type: ScalarType,
        parameter: &ParameterDeclaration,
    ) -> BoundExpression {
        let span = self.span(parameter.0.span());
        let given = self
            .options
            .parameters
            .iter()
            .find(|(given, _)| given == name);
        if let Some((_, value)) = given {
            let own = value.scalar_type().unwrap_or(scalar_type);
            return convert(super::literal(value.clone(), own, span), scalar_type);
        }
        match parameter.default() {
            Some(node) => convert(self.bind_expression(&node), scalar_type),
            None => BoundExpression {
                kind: ExpressionKind::Parameter(name.into()),
                scalar_type,
                span,
            },
        }
    }
}

/// Whether a statement only gives names to the tables of a graph, for those after it.
fn gives_names(result: &BoundTabular) -> bool {
    let last = result.steps.last().map(|step| &step.operator);
    matches!(last, Some(Operator::GraphToTable(tables))
        if tables.outputs.iter().all(|table| table.name.is_some()))
}

/// What an option is kept under among the names of `let`: no name of a query holds a blank.
pub(super) fn option_key(name: &str) -> String {
    format!("set {}", name.to_ascii_lowercase())
}
