//! Operators that group rows.

use stance_base::ScalarType as T;

use super::aggregate::{AggregateContext, aggregate_column, top_call};
use super::columns::{item_name, named_parts};
use super::join::parameter;
use super::name::{NameTable, automatic_name};
use super::project::{next_column, passed_through};
use super::{Binder, RowScope};
use crate::ast::{CallExpression, NodeExt as _};
use crate::bound::{
    BoundAggregate, BoundExpression, BoundTabular, ExpressionKind, MakeSeries, MakeSeriesRange,
    NamedExpression, Operator, Summarize, TopNested, TopNestedLevel,
};
use crate::diagnostics::DiagnosticCode;
use crate::functions;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// Columns over aggregates, with the aggregates they are made of.
struct Aggregated {
    outputs: Vec<(String, BoundExpression)>,
    aggregates: Vec<BoundAggregate>,
}

impl Binder<'_> {
    pub(super) fn bind_summarize(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let mut names = NameTable::default();
        let by = node
            .child(K::ByClause)
            .map(|by| by.expressions())
            .unwrap_or_default();
        let keys = self.group_keys(&input, &by, &mut names);
        let aggregated = self.aggregated(&input, &node.expressions(), &keys, &mut names);
        let mut columns: Vec<Column> = keys
            .iter()
            .map(|key| Column::new(key.name.clone(), key.expression.scalar_type))
            .collect();
        let mut outputs = passed_through(&Schema::new(columns.clone()), self.span(span));
        for (name, expression) in aggregated.outputs {
            columns.push(Column::new(name, expression.scalar_type));
            outputs.push(expression);
        }
        let summarize = Summarize {
            keys,
            aggregates: aggregated.aggregates,
            outputs,
        };
        self.push(
            flow,
            Operator::Summarize(summarize),
            Schema::new(columns),
            span,
        );
    }

    fn group_keys(
        &mut self,
        input: &Schema,
        nodes: &[SyntaxNode],
        names: &mut NameTable,
    ) -> Vec<NamedExpression> {
        let items = self.with_row(RowScope::of(input), |binder| binder.bind_items(nodes));
        let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
        let mut keys = Vec::new();
        for item in items {
            self.refuse_dynamic(&item.expression, "group by");
            let name = item_name(&item, names, &taken);
            keys.push(NamedExpression {
                name: name.into(),
                expression: item.expression,
            });
        }
        keys
    }

    /// Binds items over aggregates; the row they read is the keys, then the aggregate results.
    fn aggregated(
        &mut self,
        input: &Schema,
        nodes: &[SyntaxNode],
        keys: &[NamedExpression],
        names: &mut NameTable,
    ) -> Aggregated {
        // `by tostring(x)` makes a column `x` that is not the input's: `*` still holds the latter.
        let is_plain = |key: &&NamedExpression| match &key.expression.kind {
            ExpressionKind::Column(column) => column.name == key.name,
            _ => false,
        };
        let key_names = keys
            .iter()
            .filter(is_plain)
            .map(|key| key.name.to_string())
            .collect();
        let context = AggregateContext {
            first: keys.len(),
            aggregates: Vec::new(),
            keys: key_names,
        };
        let (outputs, context) = self.with_row(RowScope::of(input), |binder| {
            binder.with_aggregates(context, |binder| {
                let mut outputs = Vec::new();
                for node in nodes {
                    binder.aggregate_item(node, input, names, &mut outputs);
                }
                outputs
            })
        });
        Aggregated {
            outputs,
            aggregates: context.aggregates,
        }
    }

    fn aggregate_item(
        &mut self,
        node: &SyntaxNode,
        input: &Schema,
        names: &mut NameTable,
        outputs: &mut Vec<(String, BoundExpression)>,
    ) {
        let (written, value) = named_parts(node);
        let Some(value) = value else { return };
        for name in &written {
            if names.contains(name) {
                self.error(
                    DiagnosticCode::DuplicateName,
                    node.span(),
                    format!("there is a column `{name}` already"),
                );
            }
        }
        if self.several_results(&value, &written, names, outputs) {
            return;
        }
        let expression = self.bind_expression(&value);
        let name = match written.first().cloned().or_else(|| automatic_name(&value)) {
            Some(name) if name == "count_" => unique_count(names),
            Some(name) => names.unique(&name),
            None => next_column(names, input),
        };
        outputs.push((name, expression));
    }

    /// An aggregate that makes columns of names of its own: `arg_max`, `take_any`, `percentiles`.
    fn several_results(
        &mut self,
        value: &SyntaxNode,
        written: &[String],
        names: &mut NameTable,
        outputs: &mut Vec<(String, BoundExpression)>,
    ) -> bool {
        let Some(call) = top_call(value).and_then(CallExpression::cast) else {
            return false;
        };
        let Some(function) = call.name().as_deref().and_then(functions::aggregate) else {
            return false;
        };
        let names_itself = matches!(
            function.canonical,
            "arg_max"
                | "arg_min"
                | "take_any"
                | "percentile"
                | "percentiles"
                | "percentilew"
                | "percentilesw"
        );
        if !names_itself {
            return false;
        }
        let Some(result) = self.collect_aggregate(function, &call.arguments(), value.span()) else {
            return true;
        };
        for (position, column) in result.columns.iter().enumerate() {
            let name = match written.get(position) {
                Some(name) => names.unique(name),
                None => names.unique(&column.name),
            };
            let expression =
                aggregate_column(result.index + position, column, self.span(value.span()));
            outputs.push((name, expression));
        }
        true
    }

    pub(super) fn bind_make_series(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let mut names = NameTable::default();
        let by = node
            .child(K::ByClause)
            .map(|by| by.expressions())
            .unwrap_or_default();
        let keys = self.group_keys(&input, &by, &mut names);
        let items = node.children_of(K::MakeSeriesItem);
        let values: Vec<SyntaxNode> = items
            .iter()
            .filter_map(NodeExtExpression::first_expression)
            .collect();
        let mut aggregated = self.aggregated(&input, &values, &[], &mut names);
        let defaults = items.iter().map(|item| self.default_value(item)).collect();
        let axis_node = node.child(K::OnClause).and_then(|on| on.expression());
        let axis_items =
            axis_node.map(|axis| self.with_row(RowScope::of(&input), |b| b.bind_items(&[axis])));
        let Some(axis) = axis_items.and_then(|mut items| items.pop()) else {
            return;
        };
        let taken = NameTable::new(input.columns().iter().map(|column| &*column.name));
        let axis_name = item_name(&axis, &mut names, &taken);
        let Some(range) = self.series_range(node) else {
            return;
        };
        self.check_series_range(&axis.expression, &range);
        let mut columns: Vec<Column> = keys
            .iter()
            .map(|key| Column::new(key.name.clone(), key.expression.scalar_type))
            .collect();
        columns.extend(
            aggregated
                .outputs
                .iter()
                .map(|(name, _)| Column::new(name.as_str(), T::Dynamic)),
        );
        let axis_output = columns.len();
        columns.push(Column::new(axis_name.as_str(), T::Dynamic));
        let series = MakeSeries {
            keys,
            aggregates: std::mem::take(&mut aggregated.aggregates),
            defaults,
            outputs: aggregated
                .outputs
                .into_iter()
                .map(|(_, expression)| expression)
                .collect(),
            axis: NamedExpression {
                name: axis_name.into(),
                expression: axis.expression,
            },
            range,
            axis_output,
            non_empty: parameter(node, "kind").is_some_and(|(kind, _)| kind == "nonempty"),
        };
        self.push(
            flow,
            Operator::MakeSeries(series),
            Schema::new(columns),
            span,
        );
    }

    /// The ends are of the axis's type, the step can be added to it.
    fn check_series_range(&mut self, axis: &BoundExpression, range: &MakeSeriesRange) {
        if self.is_unknown(axis) {
            return;
        }
        let own = axis.scalar_type;
        let ends = [range.from.as_ref(), range.to.as_ref()];
        for end in ends.into_iter().flatten() {
            let promotes = super::types::wider(own, end.scalar_type) == Some(own);
            if end.scalar_type != own && !promotes && !self.is_unknown(end) {
                let message = format!("the axis is a {own}, this end a {}", end.scalar_type);
                self.error(DiagnosticCode::TypeMismatch, end.span, message);
            }
        }
        let step = range.step.scalar_type;
        let sum = super::types::arithmetic(crate::bound::ArithmeticOperator::Add, own, step);
        if sum.is_none() && !self.is_unknown(&range.step) {
            let message = format!("a {step} is no step on an axis of {own}");
            self.error(DiagnosticCode::TypeMismatch, range.step.span, message);
        }
    }

    fn default_value(&mut self, item: &SyntaxNode) -> Option<BoundExpression> {
        let node = item.child(K::DefaultClause)?.expression()?;
        Some(self.with_row(RowScope::default(), |binder| binder.bind_expression(&node)))
    }

    /// `from a to b step c` or `in range(a, b, c)`.
    fn series_range(&mut self, node: &SyntaxNode) -> Option<MakeSeriesRange> {
        let range = node.child(K::MakeSeriesRange)?;
        if range.has_word("in") {
            let call = range
                .child(K::CallExpression)
                .and_then(CallExpression::cast)?;
            let parts: Vec<_> = call
                .arguments()
                .iter()
                .map(|part| self.constant(part))
                .collect();
            let [from, to, step] = <[BoundExpression; 3]>::try_from(parts).ok()?;
            return Some(MakeSeriesRange {
                from: Some(from),
                to: Some(to),
                step,
                include_end: true,
            });
        }
        let words: Vec<String> = range
            .own_tokens()
            .iter()
            .map(|token| token.text().to_owned())
            .collect();
        let (mut from, mut to, mut step) = (None, None, None);
        for (word, value) in words.iter().zip(range.expressions()) {
            let bound = Some(self.constant(&value));
            match word.as_str() {
                "from" => from = bound,
                "to" => to = bound,
                _ => step = bound,
            }
        }
        Some(MakeSeriesRange {
            from,
            to,
            step: step?,
            include_end: false,
        })
    }

    fn constant(&mut self, node: &SyntaxNode) -> BoundExpression {
        self.with_row(RowScope::default(), |binder| binder.bind_expression(node))
    }

    pub(super) fn bind_top_nested(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let mut names = NameTable::default();
        let mut columns = Vec::new();
        let mut levels = Vec::new();
        for clause in node.children_of(K::TopNestedClause) {
            let Some(level) = self.top_nested_level(&clause, &input, &mut names) else {
                continue;
            };
            columns.push(Column::new(
                level.of.name.clone(),
                level.of.expression.scalar_type,
            ));
            columns.push(Column::new(
                level.by.name.clone(),
                level.by.expression.scalar_type,
            ));
            levels.push(level);
        }
        self.push(
            flow,
            Operator::TopNested(TopNested { levels }),
            Schema::new(columns),
            span,
        );
    }

    fn top_nested_level(
        &mut self,
        clause: &SyntaxNode,
        input: &Schema,
        names: &mut NameTable,
    ) -> Option<TopNestedLevel> {
        let mut parts = clause.expressions();
        let of_node = parts.pop()?;
        let count = parts.pop().map(|count| self.bind_row_count(Some(&count)));
        let of = self
            .group_keys(input, std::slice::from_ref(&of_node), names)
            .pop()?;
        let others = clause
            .child(K::WithClause)
            .and_then(|with| with.expression())
            .map(|node| self.constant(&node));
        let by_node = clause.child(K::ByClause)?.expression()?;
        let ascending = by_node.kind() == K::OrderedExpression && by_node.has_word("asc");
        let inner = if by_node.kind() == K::OrderedExpression {
            by_node.expression()?
        } else {
            by_node
        };
        let (written, value) = named_parts(&inner);
        let aggregated = self.aggregated(input, &[value?], &[], &mut NameTable::default());
        let (_, expression) = aggregated.outputs.into_iter().next()?;
        let name = names.unique(
            written
                .first()
                .unwrap_or(&format!("aggregated_{}", of.name)),
        );
        let by = NamedExpression {
            name: name.into(),
            expression,
        };
        Some(TopNestedLevel {
            count,
            of,
            others,
            aggregates: aggregated.aggregates,
            by,
            ascending,
        })
    }

    pub(super) fn bind_top_hitters(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        let input = flow.schema().clone();
        let parts = node.expressions();
        let count = self.bind_row_count(parts.first());
        let mut names = NameTable::default();
        let Some(of) = parts.get(1).and_then(|of| {
            self.group_keys(&input, std::slice::from_ref(of), &mut names)
                .pop()
        }) else {
            return;
        };
        self.require_column(&of.expression);
        let by_node = node.child(K::ByClause).and_then(|by| by.expression());
        let weight = by_node.as_ref().and_then(automatic_name);
        let by = by_node
            .map(|by| self.with_row(RowScope::of(&input), |binder| binder.bind_expression(&by)));
        let weight_name = match weight {
            Some(weight) => format!("approximate_sum_{weight}"),
            None => format!("approximate_count_{}", of.name),
        };
        let weight_type = by.as_ref().map_or(T::Long, |by| by.scalar_type);
        let columns = vec![
            Column::new(of.name, of.expression.scalar_type),
            Column::new(weight_name, weight_type),
        ];
        let operator = Operator::TopHitters {
            count,
            of: of.expression,
            by,
        };
        self.push(flow, operator, Schema::new(columns), span);
    }

    pub(super) fn bind_reduce(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(by_node) = node.child(K::ByClause).and_then(|by| by.expression()) else {
            return;
        };
        let by = self.on_rows(flow, |binder| binder.bind_expression(&by_node));
        if by.scalar_type != T::String && !self.is_unknown(&by) {
            let message = format!("`reduce` groups texts, not a {}", by.scalar_type);
            self.error(DiagnosticCode::TypeMismatch, by.span, message);
        }
        let by = super::types::convert(by, T::String);
        let mut options = self.constant_options(node);
        if let Some(clause) = node.child(K::WithClause) {
            options.extend(self.constant_options(&clause));
        }
        let with_source = options.iter().any(|(name, _)| &**name == "kind");
        let columns = [
            ("Pattern", T::String),
            ("Count", T::Long),
            ("Representative", T::String),
        ];
        let found = columns
            .iter()
            .map(|(name, scalar_type)| Column::new(*name, *scalar_type));
        let schema = if with_source {
            let input = flow.schema().columns().to_vec();
            input.into_iter().chain(found).collect()
        } else {
            found.collect()
        };
        self.push(flow, Operator::Reduce { by, options }, schema, span);
    }
}

/// `count_`, `count_1`, ...
fn unique_count(names: &mut NameTable) -> String {
    names.unique("count_")
}

/// The first child expression, as a plain function for iterators.
trait NodeExtExpression {
    fn first_expression(&self) -> Option<SyntaxNode>;
}

impl NodeExtExpression for SyntaxNode {
    fn first_expression(&self) -> Option<SyntaxNode> {
        crate::ast::NodeExt::expression(self)
    }
}
