//! Names of what lies outside: patterns, aliases of databases, groups of databases, restrictions.

use std::rc::Rc;
use std::sync::Arc;

use super::environment::{EntityScope, LetValue, Pattern, PatternCase, UserFunction};
use super::table::nothing;
use super::union::{NamedTable, merge, source_name};
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _, ParameterDeclaration, name_text};
use crate::bound::{BoundTabular, SourceKind};
use crate::diagnostics::DiagnosticCode;
use crate::literal::decode_string;
use crate::schema::Schema;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// The environment's name for what `restrict access` allows; no query can spell it.
const RESTRICTION: &str = "\u{0}restriction";

impl Binder<'_> {
    /// `declare pattern p = (a:string)[b:string] { ("x").["y"] = { query }; ... }`.
    pub(super) fn bind_pattern_statement(&mut self, statement: &SyntaxNode) {
        let Some(name) = statement.name() else {
            return;
        };
        let parameters = statement
            .child(K::ParameterList)
            .map_or(0, |list| list.children_of(K::Parameter).len());
        let path = statement
            .child(K::Parameter)
            .map(ParameterDeclaration)
            .is_some();
        let mut cases = Vec::new();
        for case in statement.children_of(K::PatternMatch) {
            cases.extend(self.pattern_case(&name, &case));
        }
        let pattern = Pattern {
            parameters,
            path,
            declared_only: statement.child(K::PatternMatch).is_none(),
            cases,
        };
        self.environment = self
            .environment
            .with(name, LetValue::Pattern(Rc::new(pattern)));
    }

    fn pattern_case(&mut self, name: &str, case: &SyntaxNode) -> Option<PatternCase> {
        let keys = case.child(K::ArgumentList)?.expressions();
        let keys = keys
            .iter()
            .map(|key| self.constant_text(Some(key)))
            .collect::<Vec<_>>();
        let path = case
            .child(K::Literal)
            .and_then(|literal| literal.first_token())
            .map(|token| decode_string(token.text()));
        let function = UserFunction {
            name: name.to_owned(),
            parameters: Vec::new(),
            body: case.child(K::FunctionBody)?,
            environment: self.environment.clone(),
            is_view: false,
            is_stored: false,
        };
        Some(PatternCase {
            keys,
            path,
            function: Rc::new(function),
        })
    }

    /// The pattern that a call or a path of one names, with the path's last part.
    pub(super) fn pattern_call(
        &self,
        node: &SyntaxNode,
    ) -> Option<(Rc<Pattern>, SyntaxNode, Option<String>)> {
        let (call, path) = match node.kind() {
            K::CallExpression => (node.clone(), None),
            K::PathExpression => {
                let path = node.child(K::Name).map(|name| name_text(&name))?;
                (node.expression()?, Some(path))
            }
            _ => return None,
        };
        if call.kind() != K::CallExpression {
            return None;
        }
        match self.environment.get(&call.name()?) {
            Some(LetValue::Pattern(pattern)) => Some((pattern, call, path)),
            _ => None,
        }
    }

    /// The rows of the pattern's case whose keys are the call's arguments.
    pub(super) fn bind_pattern_call(
        &mut self,
        pattern: &Pattern,
        call: &SyntaxNode,
        path: Option<&str>,
        span: Span,
    ) -> BoundTabular {
        let arguments = CallExpression::cast(call.clone())
            .map(|call| call.arguments())
            .unwrap_or_default();
        let empty = nothing(Schema::default(), self.span(span));
        if arguments.len() != pattern.parameters && !pattern.declared_only {
            let message = format!(
                "the pattern takes {} arguments, not {}",
                pattern.parameters,
                arguments.len()
            );
            self.error(DiagnosticCode::ArgumentCount, span, message);
            return empty;
        }
        if pattern.path != path.is_some() && !pattern.declared_only {
            let message =
                "the pattern is called as `name(keys)` or, where it has a path, `name(keys).path`";
            self.error(DiagnosticCode::ArgumentCount, span, message);
            return empty;
        }
        let keys: Vec<Option<Arc<str>>> = arguments
            .iter()
            .map(|argument| self.constant_text(Some(argument)))
            .collect();
        let found = pattern
            .cases
            .iter()
            .find(|case| case.keys == keys && case.path.as_deref() == path);
        if let Some(case) = found {
            self.call_table_function(&case.function, &[], span)
        } else {
            let message = "the pattern has no case for these keys";
            self.error(DiagnosticCode::UnknownName, span, message);
            empty
        }
    }

    /// `alias database name = cluster("c").database("d")`.
    pub(super) fn bind_alias(&mut self, statement: &SyntaxNode) {
        let (Some(name), Some(value)) = (statement.name(), statement.expression()) else {
            return;
        };
        let Some(scope) = self.entity_scope(&value) else {
            let message =
                "a database is wanted here: `database(\"d\")` or `cluster(\"c\").database(\"d\")`";
            self.error(DiagnosticCode::UnknownName, value.span(), message);
            return;
        };
        self.aliases.push((name, scope));
    }

    /// The database that an expression means.
    pub(super) fn entity_scope(&mut self, node: &SyntaxNode) -> Option<EntityScope> {
        let mut scope = EntityScope::default();
        let mut next = Some(node.clone());
        while let Some(step) = next {
            match step.kind() {
                K::ParenExpression => {
                    next = step.expression();
                    continue;
                }
                K::NameExpression => {
                    return match self.environment.get(&step.name()?)? {
                        LetValue::Entity(scope) => Some((*scope).clone()),
                        _ => None,
                    };
                }
                _ => {}
            }
            let call = match step.kind() {
                K::CallExpression => step.clone(),
                _ => step
                    .children()
                    .filter(|child| child.kind() == K::CallExpression)
                    .last()?,
            };
            let call = CallExpression::cast(call)?;
            let argument = self.constant_text(call.arguments().first());
            match call.name().as_deref() {
                Some("cluster" | "adx") => scope.cluster = argument,
                Some("database" | "workspace" | "app" | "resource") => scope.database = argument,
                _ => return None,
            }
            next = (step.kind() == K::PathExpression)
                .then(|| step.expression())
                .flatten();
        }
        Some(scope)
    }

    /// `restrict access to (T*, V)`: from here on other tables cannot be named.
    pub(super) fn bind_restrict(&mut self, statement: &SyntaxNode) {
        let mut allowed: Vec<String> = Vec::new();
        for item in statement.expressions() {
            match item.kind() {
                K::NamePattern => allowed.push(name_text(&item)),
                K::NameExpression => allowed.extend(item.name()),
                K::PathExpression => {
                    let last = item.children().last();
                    allowed.extend(last.map(|last| name_text(&last)));
                }
                _ => {}
            }
        }
        self.environment = self
            .environment
            .with(RESTRICTION, LetValue::Restriction(Rc::new(allowed)));
    }

    /// Whether `restrict access` lets a table of the database be named here.
    pub(super) fn may_be_named(&self, name: &str) -> bool {
        match self.environment.get(RESTRICTION) {
            Some(LetValue::Restriction(allowed)) => allowed
                .iter()
                .any(|pattern| super::project::matches_pattern(name, pattern)),
            _ => true,
        }
    }

    /// `macro-expand group as X (X.T | ...)`: the union over the group's databases.
    pub(super) fn bind_macro_expand(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        const MOST_ENTITIES: usize = 500;
        self.check_parameters(node);
        let entities = self.entities(node, span);
        let scope_name = node.children_of(K::Name).last().map(name_text);
        let mut tables = Vec::new();
        for entity in entities.iter().take(MOST_ENTITIES) {
            let outer = self.environment.clone();
            self.enter_entity(entity, scope_name.as_deref());
            let plan = self.macro_body(node, span);
            self.environment = outer;
            let name = source_name(&plan).unwrap_or_else(|| "macro_expand".into());
            tables.push(NamedTable { name, plan });
        }
        let (union, source_schema) = merge(tables, None, false);
        BoundTabular {
            source: SourceKind::Union(union),
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    fn entities(&mut self, node: &SyntaxNode, span: Span) -> Vec<SyntaxNode> {
        let group = node.children().find(|child| {
            !matches!(child.kind(), K::OperatorParameter | K::Name)
                && crate::ast::is_expression(child.kind())
        });
        let group = match group {
            Some(group) if group.kind() == K::EntityGroup => Some(Rc::new(group.expressions())),
            Some(group) => match group.name().and_then(|name| self.environment.get(&name)) {
                Some(LetValue::EntityGroup(group)) => Some(group),
                _ => None,
            },
            None => None,
        };
        let Some(group) = group else {
            let message =
                "a group of databases is wanted here: `entity_group [database(\"a\"), ...]`";
            self.error(DiagnosticCode::UnknownName, span, message);
            return Vec::new();
        };
        group.to_vec()
    }

    fn enter_entity(&mut self, entity: &SyntaxNode, name: Option<&str>) {
        let value = if let Some(scope) = self.entity_scope(entity) {
            LetValue::Entity(Rc::new(scope))
        } else {
            let plan = self.with_row(RowScope::default(), |binder| binder.bind_tabular(entity));
            LetValue::Table(self.share(None, false, plan))
        };
        if let Some(name) = name {
            self.environment = self.environment.with(name, value);
        }
    }

    /// The statements in the brackets; the last rows are the result.
    fn macro_body(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let mut result = None;
        for statement in node.children() {
            match statement.kind() {
                K::LetStatement => self.bind_let(&statement),
                K::ExpressionStatement => result = statement.expression(),
                _ => {}
            }
        }
        if let Some(expression) = result {
            self.with_row(RowScope::default(), |binder| {
                binder.bind_tabular(&expression)
            })
        } else {
            let message = "`macro-expand` has nothing to run";
            self.error(DiagnosticCode::EmptyQuery, span, message);
            nothing(Schema::default(), self.span(span))
        }
    }
}
