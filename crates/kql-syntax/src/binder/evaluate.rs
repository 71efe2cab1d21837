//! `evaluate`: plugins and the columns they give.

use stance_base::ScalarType as T;

use super::aggregate::AggregateContext;
use super::columns::named_parts;
use super::plugin_schema::{joined, named_schema, pivot_columns, without};
use super::table::nothing;
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _};
use crate::bound::{BoundAggregate, BoundExpression, BoundTabular, Evaluate, Operator, SourceKind};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::functions::{self, FunctionKind, Returns};
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// A bound plugin call.
pub(super) struct PluginCall {
    pub(super) plugin: &'static functions::FunctionInfo,
    pub(super) arguments: Vec<BoundExpression>,
    pub(super) argument_names: Vec<Option<String>>,
    pub(super) aggregate: Option<BoundAggregate>,
    pub(super) tables: Vec<BoundTabular>,
    pub(super) typeof_schema: Option<(Schema, bool)>,
}

impl Binder<'_> {
    pub(super) fn bind_evaluate(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let Some(call) = self.plugin_call(&input, node) else {
            return;
        };
        let (schema, open) = self.plugin_schema(&input, &call, node);
        let evaluate = evaluate_of(call, open);
        self.push(flow, Operator::Evaluate(evaluate), schema, span);
    }

    pub(super) fn bind_evaluate_source(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let input = Schema::default();
        let Some(call) = self.plugin_call(&input, node) else {
            return nothing(input, self.span(span));
        };
        let (source_schema, open) = self.plugin_schema(&input, &call, node);
        let source = SourceKind::Plugin(Box::new(evaluate_of(call, open)));
        BoundTabular {
            source,
            source_schema,
            steps: Vec::new(),
            span: self.span(span),
        }
    }

    fn plugin_call(&mut self, input: &Schema, node: &SyntaxNode) -> Option<PluginCall> {
        let call = node
            .child(K::CallExpression)
            .and_then(CallExpression::cast)?;
        let name = call.name()?;
        let Some(plugin) = functions::plugin(&name) else {
            let known = functions::all(FunctionKind::Plugin)
                .into_iter()
                .map(|plugin| plugin.name);
            let help = suggest(&name, known);
            self.error_with_help(
                DiagnosticCode::UnknownPlugin,
                node.span(),
                format!("there is no plugin `{name}`"),
                help,
            );
            return None;
        };
        let mut bound = PluginCall {
            plugin,
            arguments: Vec::new(),
            argument_names: Vec::new(),
            aggregate: None,
            tables: Vec::new(),
            typeof_schema: None,
        };
        for argument in call.arguments() {
            self.plugin_argument(input, &argument, &mut bound);
        }
        Some(bound)
    }

    fn plugin_argument(&mut self, input: &Schema, node: &SyntaxNode, call: &mut PluginCall) {
        let (names, value) = named_parts(node);
        let Some(value) = value else { return };
        if value.kind() == K::TypeofExpression {
            let schema = value.child(K::RowSchema);
            let with_input = schema.as_ref().is_some_and(|schema| schema.has_word("*"));
            call.typeof_schema = schema.map(|schema| (self.row_schema(&schema), with_input));
            return;
        }
        let wants_table = call.plugin.signatures.iter().any(|signature| {
            let parameter = signature
                .parameters
                .get(call.arguments.len() + call.tables.len());
            parameter.is_some_and(|parameter| parameter.accepts == functions::Accepts::Table)
        });
        let is_table = self.with_row(RowScope::of(input), |binder| binder.is_tabular(&value));
        if is_table || wants_table && call.tables.is_empty() {
            let table = self.with_row(RowScope::default(), |binder| binder.bind_tabular(&value));
            call.tables.push(table);
            return;
        }
        if call.plugin.name == "pivot" && value.kind() == K::CallExpression {
            call.aggregate = self.pivot_aggregate(input, &value);
            return;
        }
        let mut scope = RowScope::of(input);
        if let Some(table) = call.tables.first() {
            // Keys of a lookup table are named like columns.
            let fits = value
                .name()
                .is_some_and(|name| input.column(&name).is_none());
            if fits && value.kind() == K::NameExpression {
                scope = RowScope::of(table.schema());
            }
        }
        let bound = self.with_row(scope, |binder| binder.bind_expression(&value));
        call.argument_names.push(names.into_iter().next());
        call.arguments.push(bound);
    }

    fn pivot_aggregate(&mut self, input: &Schema, value: &SyntaxNode) -> Option<BoundAggregate> {
        let ((), context) = self.with_row(RowScope::of(input), |binder| {
            binder.with_aggregates(AggregateContext::default(), |binder| {
                binder.bind_expression(value);
            })
        });
        context.aggregates.into_iter().next()
    }

    /// The columns a plugin gives, and whether more come that only the data know.
    fn plugin_schema(
        &mut self,
        input: &Schema,
        call: &PluginCall,
        node: &SyntaxNode,
    ) -> (Schema, Open) {
        if let Some(declared) = node
            .child(K::EvaluateSchema)
            .and_then(|schema| schema.child(K::RowSchema))
        {
            let with_input = declared.has_word("*");
            let schema = self.row_schema(&declared);
            if with_input && call.plugin.name == "bag_unpack" {
                return (
                    joined(&without(input, &call.arguments), &schema),
                    Open::default(),
                );
            }
            return (
                if with_input {
                    joined(input, &schema)
                } else {
                    schema
                },
                Open::default(),
            );
        }
        if let Some((schema, with_input)) = &call.typeof_schema {
            return (
                if *with_input {
                    joined(input, schema)
                } else {
                    schema.clone()
                },
                Open::default(),
            );
        }
        for signature in &call.plugin.signatures {
            if let Returns::Columns(columns) = &signature.returns {
                return (
                    columns
                        .iter()
                        .map(|(name, scalar_type)| Column::new(*name, *scalar_type))
                        .collect(),
                    Open::default(),
                );
            }
        }
        match call.plugin.name {
            "bag_unpack" => self.opened(&without(input, &call.arguments), node),
            "pivot" => self.opened(&pivot_columns(input, call), node),
            name if name.ends_with("_request") => self.opened(&Schema::default(), node),
            name => (named_schema(name, input, call), Open::default()),
        }
    }
}

impl Binder<'_> {
    /// The known columns and, as dynamics, those that operators after this one name: only the data
    /// know whether they are there. Where an engine has found out, the columns it found.
    pub(super) fn opened(&mut self, known: &Schema, node: &SyntaxNode) -> (Schema, Open) {
        let span = self.span(node.span());
        let index = self.open_steps.len();
        let found = self.options.open_schemas.get(&index);
        let open = Open {
            schema: found.is_none(),
            index: Some(index),
        };
        let known = found.unwrap_or(known);
        self.open_steps.push(span);
        let named = self
            .expected_columns
            .iter()
            .filter(|(step, _)| *step == span);
        let named = named.filter(|(_, name)| known.column(name).is_none());
        let named = named.map(|(_, name)| Column::new(name.as_str(), T::Dynamic));
        let schema = known.columns().iter().cloned().chain(named).collect();
        (schema, open)
    }
}

/// Whether only the data know the columns of a plugin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Open {
    schema: bool,
    index: Option<usize>,
}

fn evaluate_of(call: PluginCall, open: Open) -> Evaluate {
    let names = call.argument_names.into_iter();
    Evaluate {
        plugin: call.plugin.canonical,
        arguments: call.arguments,
        argument_names: names.map(|name| name.map(Into::into)).collect(),
        aggregate: call.aggregate,
        tables: call.tables,
        open_schema: open.schema,
        open_index: open.index,
    }
}
