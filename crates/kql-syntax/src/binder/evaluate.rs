//! `evaluate`: plugins and the columns they give.

use stance_base::ScalarType as T;

use super::aggregate::AggregateContext;
use super::columns::named_parts;
use super::name::NameTable;
use super::table::nothing;
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _};
use crate::bound::{
    BoundAggregate, BoundExpression, BoundTabular, Evaluate, ExpressionKind, Literal, Operator,
    SourceKind,
};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::functions::{self, FunctionKind, Returns};
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// A bound plugin call.
struct PluginCall {
    plugin: &'static functions::FunctionInfo,
    arguments: Vec<BoundExpression>,
    argument_names: Vec<Option<String>>,
    aggregate: Option<BoundAggregate>,
    tables: Vec<BoundTabular>,
    typeof_schema: Option<(Schema, bool)>,
}

impl Binder<'_> {
    pub(super) fn bind_evaluate(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let input = flow.schema().clone();
        let Some(call) = self.plugin_call(&input, node) else {
            return;
        };
        let (schema, open_schema) = self.plugin_schema(&input, &call, node);
        let evaluate = evaluate_of(call, open_schema);
        self.push(flow, Operator::Evaluate(evaluate), schema, span);
    }

    pub(super) fn bind_evaluate_source(&mut self, node: &SyntaxNode, span: Span) -> BoundTabular {
        let input = Schema::default();
        let Some(call) = self.plugin_call(&input, node) else {
            return nothing(input, self.span(span));
        };
        let (source_schema, open_schema) = self.plugin_schema(&input, &call, node);
        let source = SourceKind::Plugin(Box::new(evaluate_of(call, open_schema)));
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
    ) -> (Schema, bool) {
        if let Some(declared) = node
            .child(K::EvaluateSchema)
            .and_then(|schema| schema.child(K::RowSchema))
        {
            let with_input = declared.has_word("*");
            let schema = self.row_schema(&declared);
            if with_input && call.plugin.name == "bag_unpack" {
                return (joined(&without(input, &call.arguments), &schema), false);
            }
            return (
                if with_input {
                    joined(input, &schema)
                } else {
                    schema
                },
                false,
            );
        }
        if let Some((schema, with_input)) = &call.typeof_schema {
            return (
                if *with_input {
                    joined(input, schema)
                } else {
                    schema.clone()
                },
                false,
            );
        }
        for signature in &call.plugin.signatures {
            if let Returns::Columns(columns) = &signature.returns {
                return (
                    columns
                        .iter()
                        .map(|(name, scalar_type)| Column::new(*name, *scalar_type))
                        .collect(),
                    false,
                );
            }
        }
        match call.plugin.name {
            "bag_unpack" => (self.opened(&without(input, &call.arguments), node), true),
            "pivot" => (self.opened(&pivot_columns(input, call), node), true),
            name if name.ends_with("_request") => (self.opened(&Schema::default(), node), true),
            name => (named_schema(name, input, call), false),
        }
    }
}

impl Binder<'_> {
    /// The known columns and, as dynamics, those that operators after this one name: only the data
    /// know whether they are there.
    pub(super) fn opened(&mut self, known: &Schema, node: &SyntaxNode) -> Schema {
        let span = self.span(node.span());
        self.open_steps.push(span);
        let named = self
            .expected_columns
            .iter()
            .filter(|(step, _)| *step == span);
        let named = named.filter(|(_, name)| known.column(name).is_none());
        let named = named.map(|(_, name)| Column::new(name.as_str(), T::Dynamic));
        known.columns().iter().cloned().chain(named).collect()
    }
}

fn evaluate_of(call: PluginCall, open_schema: bool) -> Evaluate {
    Evaluate {
        plugin: call.plugin.canonical,
        arguments: call.arguments,
        aggregate: call.aggregate,
        tables: call.tables,
        open_schema,
    }
}

fn column_index(expression: &BoundExpression) -> Option<usize> {
    match &expression.kind {
        ExpressionKind::Column(column) => Some(column.index),
        _ => None,
    }
}

fn without(input: &Schema, arguments: &[BoundExpression]) -> Schema {
    let gone = arguments.first().and_then(column_index);
    let kept = input
        .columns()
        .iter()
        .enumerate()
        .filter(|(index, _)| Some(*index) != gone);
    kept.map(|(_, column)| column.clone()).collect()
}

/// The columns named after the aggregate, or all that neither pivot nor aggregate reads.
fn pivot_columns(input: &Schema, call: &PluginCall) -> Schema {
    if call.arguments.len() > 1 {
        return call.arguments[1..]
            .iter()
            .filter_map(column_index)
            .map(|index| input.columns()[index].clone())
            .collect();
    }
    let aggregate = call
        .aggregate
        .iter()
        .flat_map(|aggregate| aggregate.arguments.iter());
    let used: Vec<usize> = call
        .arguments
        .iter()
        .chain(aggregate)
        .filter_map(column_index)
        .collect();
    let kept = input
        .columns()
        .iter()
        .enumerate()
        .filter(|(index, _)| !used.contains(index));
    kept.map(|(_, column)| column.clone()).collect()
}

fn joined(left: &Schema, right: &Schema) -> Schema {
    let mut names = NameTable::new(left.columns().iter().map(|column| &*column.name));
    let added = right
        .columns()
        .iter()
        .map(|column| Column::new(names.unique(&column.name), column.scalar_type));
    left.columns()
        .iter()
        .cloned()
        .chain(added.collect::<Vec<_>>())
        .collect()
}

/// Columns of the left, then those of the right whose names are new.
fn with_new(left: &Schema, right: &Schema) -> Schema {
    let added = right
        .columns()
        .iter()
        .filter(|column| left.column(&column.name).is_none());
    left.columns().iter().chain(added).cloned().collect()
}

fn plain(columns: &[(&str, T)]) -> Schema {
    columns
        .iter()
        .map(|(name, scalar_type)| Column::new(*name, *scalar_type))
        .collect()
}

/// Plugins whose columns follow from their arguments.
fn named_schema(name: &str, input: &Schema, call: &PluginCall) -> Schema {
    let segments = [
        ("SegmentId", T::Long),
        ("Count", T::Long),
        ("Percent", T::Real),
    ];
    match name {
        "autocluster" | "basket" => joined(&plain(&segments), input),
        "diffpatterns" => {
            let counts = [
                ("SegmentId", T::Long),
                ("CountA", T::Long),
                ("CountB", T::Long),
                ("PercentA", T::Real),
                ("PercentB", T::Real),
                ("PercentDiffAB", T::Real),
            ];
            joined(&plain(&counts), input)
        }
        "ipv4_lookup" | "ipv6_lookup" | "geo_polygon_lookup" | "geo_line_lookup" => {
            match call.tables.first() {
                Some(table) => with_new(input, table.schema()),
                None => input.clone(),
            }
        }
        "dcount_intersect" => {
            let sets = (0..call.arguments.len())
                .map(|index| Column::new(format!("s{index}"), T::Long))
                .collect();
            joined(input, &sets)
        }
        "estimate_rows_count" => plain(&[("EstimatedRowsCount", T::Long)]),
        "rolling_percentile" => rolling(input, call),
        "sequence_detect" => sequence(input, call),
        "funnel_sequence" => {
            let rest = [
                ("prev", T::String),
                ("next", T::String),
                ("dcount", T::Long),
                ("samples", T::Dynamic),
            ];
            activity(input, call, &rest, 1, 7)
        }
        "funnel_sequence_completion" => activity(
            input,
            call,
            &[("Period", T::TimeSpan), ("dcount", T::Long)],
            1,
            5,
        ),
        "activity_counts_metrics" => {
            let rest = [
                ("count", T::Long),
                ("dcount", T::Long),
                ("new_dcount", T::Long),
                ("aggregated_dcount", T::Long),
            ];
            activity(input, call, &rest, 1, 5)
        }
        "activity_metrics" => {
            let rest = [
                ("dcount_values", T::Long),
                ("dcount_newvalues", T::Long),
                ("retention_rate", T::Real),
                ("churn_rate", T::Real),
            ];
            activity(input, call, &rest, 1, 5)
        }
        "active_users_count" => activity(input, call, &[("dcount", T::Long)], 1, 8),
        "session_count" => activity(input, call, &[("count_sessions", T::Long)], 1, 6),
        "sliding_window_counts" => activity(
            input,
            call,
            &[("Count", T::Long), ("Dcount", T::Long)],
            1,
            6,
        ),
        "activity_engagement" => {
            let rest = [
                ("dcount_activities_inner", T::Long),
                ("dcount_activities_outer", T::Long),
                ("activity_ratio", T::Real),
            ];
            activity(input, call, &rest, 1, 6)
        }
        "new_activity_metrics" => new_activity(input, call),
        _ => input.clone(),
    }
}

/// The timeline column, dimension columns (those after `fixed` arguments), then the figures.
fn activity(
    input: &Schema,
    call: &PluginCall,
    rest: &[(&str, T)],
    timeline: usize,
    fixed: usize,
) -> Schema {
    let column = |expression: &BoundExpression| {
        column_index(expression).map(|index| input.columns()[index].clone())
    };
    let mut columns: Vec<Column> = call
        .arguments
        .get(timeline)
        .and_then(column)
        .into_iter()
        .collect();
    if fixed < call.arguments.len() || call.plugin.name == "funnel_sequence_completion" {
        columns.extend(
            call.arguments[fixed.min(call.arguments.len())..]
                .iter()
                .filter_map(column),
        );
    }
    columns.extend(plain(rest).columns().iter().cloned());
    Schema::new(columns)
}

fn new_activity(input: &Schema, call: &PluginCall) -> Schema {
    let timeline = call
        .arguments
        .get(1)
        .and_then(column_index)
        .map(|index| input.columns()[index].clone());
    let Some(timeline) = timeline else {
        return Schema::default();
    };
    let ends = ["from", "to"]
        .map(|end| Column::new(format!("{end}_{}", timeline.name), timeline.scalar_type));
    let figures = plain(&[
        ("dcount_new_values", T::Long),
        ("dcount_retained_values", T::Long),
        ("dcount_churn_values", T::Long),
        ("retention_rate", T::Real),
        ("churn_rate", T::Real),
    ]);
    ends.into_iter()
        .chain(figures.columns().iter().cloned())
        .collect()
}

fn rolling(input: &Schema, call: &PluginCall) -> Schema {
    let column = |position: usize| {
        call.arguments
            .get(position)
            .and_then(column_index)
            .map(|index| input.columns()[index].clone())
    };
    let number = |position: usize| match call.arguments.get(position).map(|argument| &argument.kind)
    {
        Some(ExpressionKind::Literal(Literal::Long(value))) => value.to_string(),
        _ => String::new(),
    };
    let mut columns: Vec<Column> = column(2).into_iter().collect();
    columns.extend((5..call.arguments.len()).filter_map(column));
    if let Some(value) = column(0) {
        let name = format!(
            "rolling_{}_percentile_{}_{}",
            number(4),
            value.name,
            number(1)
        );
        columns.push(Column::new(name, value.scalar_type));
    }
    Schema::new(columns)
}

fn sequence(input: &Schema, call: &PluginCall) -> Schema {
    let timeline = call
        .arguments
        .first()
        .and_then(column_index)
        .map(|index| input.columns()[index].clone());
    let mut columns: Vec<Column> = call
        .arguments
        .iter()
        .skip(3)
        .filter_map(column_index)
        .map(|index| input.columns()[index].clone())
        .collect();
    if let Some(timeline) = timeline {
        let steps = call.argument_names.iter().flatten();
        columns
            .extend(steps.map(|step| {
                Column::new(format!("{step}_{}", timeline.name), timeline.scalar_type)
            }));
    }
    columns.push(Column::new("Duration", T::TimeSpan));
    Schema::new(columns)
}
