//! Aggregates: collected while the expressions around them are bound.

use stance_base::ScalarType as T;

use super::name::automatic_name;
use super::types::convert;
use super::{Binder, RowScope};
use crate::ast::{NamedExpression, NodeExt as _};
use crate::bound::{BoundAggregate, BoundExpression, ColumnReference, ExpressionKind, Literal};
use crate::diagnostics::DiagnosticCode;
use crate::functions::{Accepts, FunctionInfo, Returns};
use crate::schema::Column;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// Collects the aggregates of one operator.
#[derive(Debug, Clone, Default)]
pub(super) struct AggregateContext {
    /// Width of the row before the aggregate results.
    pub(super) first: usize,
    pub(super) aggregates: Vec<BoundAggregate>,
    /// Columns that `*` leaves out: the group keys.
    pub(super) keys: Vec<String>,
}

impl AggregateContext {
    /// Position of the first result of the next aggregate.
    fn next_index(&self) -> usize {
        self.first
            + self
                .aggregates
                .iter()
                .map(|aggregate| aggregate.results.len())
                .sum::<usize>()
    }
}

/// What a call of an aggregate makes: one value or, at the top of an expression, several.
#[derive(Debug, Clone)]
pub(super) struct AggregateResult {
    /// Position of the first result.
    pub(super) index: usize,
    /// Names that the results ask for, and their types.
    pub(super) columns: Vec<Column>,
}

impl Binder<'_> {
    /// Binds with aggregates allowed; gives what was collected back with the result.
    pub(super) fn with_aggregates<R>(
        &mut self,
        context: AggregateContext,
        work: impl FnOnce(&mut Self) -> R,
    ) -> (R, AggregateContext) {
        let before = self.aggregates.replace(context);
        let result = work(self);
        let collected = std::mem::replace(&mut self.aggregates, before);
        (result, collected.unwrap_or_default())
    }

    pub(super) fn bind_aggregate_call(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> BoundExpression {
        let Some(result) = self.collect_aggregate(function, nodes, span) else {
            return self.poison(span);
        };
        let Some(first) = result.columns.first() else {
            return self.poison(span);
        };
        aggregate_column(result.index, first, self.span(span))
    }

    /// Binds an aggregate's arguments and notes it down.
    pub(super) fn collect_aggregate(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> Option<AggregateResult> {
        let Some(mut context) = self.aggregates.take() else {
            let message = format!("the aggregate `{}` cannot stand here", function.name);
            let help = Some("aggregates belong in `summarize` and the like".to_owned());
            self.error_with_help(DiagnosticCode::AggregateMisplaced, span, message, help);
            return None;
        };
        let bound = self.bind_aggregate(function, nodes, &context.keys, span);
        let result = bound.map(|aggregate| {
            let result = AggregateResult {
                index: context.next_index(),
                columns: aggregate.results.clone(),
            };
            context.aggregates.push(aggregate);
            result
        });
        self.aggregates = Some(context);
        result
    }

    fn bind_aggregate(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        keys: &[String],
        span: Span,
    ) -> Option<BoundAggregate> {
        match function.canonical {
            "arg_max" | "arg_min" => self.bind_arg_extreme(function, nodes, keys, span),
            "take_any" => self.bind_take_any(function, nodes, keys, span),
            "percentile" | "percentiles" | "percentilew" | "percentilesw" => {
                self.bind_percentiles(function, nodes, span)
            }
            _ => self.bind_plain_aggregate(function, nodes, span),
        }
    }

    fn bind_plain_aggregate(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> Option<BoundAggregate> {
        let arguments: Vec<_> = nodes
            .iter()
            .map(|node| self.bind_expression(node))
            .collect();
        let types: Vec<T> = arguments
            .iter()
            .map(|argument| argument.scalar_type)
            .collect();
        let matched = self.overload(function, &arguments, span)?;
        self.check_argument_kinds(function, &matched, &arguments);
        let mut arguments = arguments;
        for (index, argument) in arguments.iter_mut().enumerate() {
            if let Accepts::Types(accepted) = &matched.parameter(index).accepts
                && !accepted.contains(&argument.scalar_type)
                && let Some(to) = accepted.first()
            {
                let span = argument.span;
                let taken =
                    std::mem::replace(argument, super::literal(Literal::Null, T::Dynamic, span));
                *argument = convert(taken, *to);
            }
        }
        let scalar_type = match &matched.signature.returns {
            Returns::Type(found) => *found,
            Returns::PromotedFirst if types.first() == Some(&T::Int) => T::Long,
            Returns::PromotedFirst | Returns::Argument(_) => {
                types.first().copied().unwrap_or(T::Dynamic)
            }
            _ => T::Dynamic,
        };
        let results = vec![Column::new(function.canonical, scalar_type)];
        let function = counting(function.canonical, arguments.len());
        Some(BoundAggregate {
            function,
            arguments,
            results,
            span: self.span(span),
        })
    }

    /// `arg_max(by, a, b = c, *)`.
    fn bind_arg_extreme(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        keys: &[String],
        span: Span,
    ) -> Option<BoundAggregate> {
        let Some(by_node) = nodes.first() else {
            self.error(
                DiagnosticCode::ArgumentCount,
                span,
                format!("`{}` needs something to order by", function.name),
            );
            return None;
        };
        let prefix = if function.canonical == "arg_max" {
            "max"
        } else {
            "min"
        };
        let by = self.bind_expression(by_node);
        let by_name = automatic_name(by_node).unwrap_or_else(|| format!("{prefix}_"));
        if by.scalar_type == T::Dynamic && !self.is_unknown(&by) {
            let message = format!("`{}` cannot order by a dynamic", function.name);
            let help = Some("give it a type: `tostring(...)`, `tolong(...)`".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, by.span, message, help);
        }
        let mut results = vec![Column::new(by_name.clone(), by.scalar_type)];
        let mut arguments = vec![by];
        for (position, node) in nodes.iter().enumerate().skip(1) {
            if node.kind() == K::StarExpression {
                self.star_results(&by_name, keys, span, &mut arguments, &mut results);
                continue;
            }
            let value = self.bind_expression(node);
            let name =
                automatic_name(node).unwrap_or_else(|| format!("{prefix}_{by_name}_arg{position}"));
            results.push(Column::new(name, value.scalar_type));
            arguments.push(value);
        }
        Some(BoundAggregate {
            function: function.canonical,
            arguments,
            results,
            span: self.span(span),
        })
    }

    /// All columns but the group keys and the one ordered by.
    fn star_results(
        &mut self,
        by: &str,
        keys: &[String],
        span: Span,
        arguments: &mut Vec<BoundExpression>,
        results: &mut Vec<Column>,
    ) {
        let columns = self.row.columns.columns().to_vec();
        for (index, column) in columns.iter().enumerate() {
            let left_out = &*column.name == by || keys.iter().any(|key| **key == *column.name);
            if !left_out {
                results.push(column.clone());
                arguments.push(self.column(index, span));
            }
        }
    }

    /// `take_any(a, b)`, `take_any(*)`, and `any(...)` with its `any_` before the names.
    fn bind_take_any(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        keys: &[String],
        span: Span,
    ) -> Option<BoundAggregate> {
        let prefix = if function.name == "any" { "any_" } else { "" };
        let (mut arguments, mut results) = (Vec::new(), Vec::new());
        for (position, node) in nodes.iter().enumerate() {
            if node.kind() == K::StarExpression {
                self.star_results("", keys, span, &mut arguments, &mut results);
                continue;
            }
            let value = self.bind_expression(node);
            let name = automatic_name(node).unwrap_or_else(|| format!("any_arg{position}"));
            results.push(Column::new(name, value.scalar_type));
            arguments.push(value);
        }
        if results.is_empty() {
            self.error(
                DiagnosticCode::ArgumentCount,
                span,
                format!("`{}` needs a value", function.name),
            );
            return None;
        }
        let results = results
            .into_iter()
            .map(|column| Column::new(format!("{prefix}{}", column.name), column.scalar_type));
        Some(BoundAggregate {
            function: function.canonical,
            arguments,
            results: results.collect(),
            span: self.span(span),
        })
    }

    /// `percentiles(x, 5, 95)`: a column for each percent.
    fn bind_percentiles(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> Option<BoundAggregate> {
        let arguments: Vec<_> = nodes
            .iter()
            .map(|node| self.bind_expression(node))
            .collect();
        let types: Vec<T> = arguments
            .iter()
            .map(|argument| argument.scalar_type)
            .collect();
        self.overload(function, &arguments, span)?;
        let weighted = usize::from(function.canonical.ends_with('w'));
        let scalar_type = if types.first() == Some(&T::Int) {
            T::Long
        } else {
            *types.first()?
        };
        let name = nodes.first().and_then(automatic_name).unwrap_or_default();
        let mut results = Vec::new();
        for percent in &arguments[(1 + weighted).min(arguments.len())..] {
            let label = match &percent.kind {
                ExpressionKind::Literal(Literal::Long(value)) => value.to_string(),
                ExpressionKind::Literal(Literal::Int(value)) => value.to_string(),
                ExpressionKind::Literal(Literal::Real(value)) => {
                    value.to_string().replace('.', "_")
                }
                _ => String::new(),
            };
            results.push(Column::new(
                format!("percentile_{name}_{label}"),
                scalar_type,
            ));
        }
        Some(BoundAggregate {
            function: function.canonical,
            arguments,
            results,
            span: self.span(span),
        })
    }
}

/// `count(predicate)` is `countif`.
fn counting(canonical: &'static str, arguments: usize) -> &'static str {
    if canonical == "count" && arguments == 1 {
        "countif"
    } else {
        canonical
    }
}

/// The value of an aggregate's result.
pub(super) fn aggregate_column(index: usize, column: &Column, span: Span) -> BoundExpression {
    let reference = ColumnReference {
        index,
        name: column.name.clone(),
    };
    BoundExpression {
        kind: ExpressionKind::Column(reference),
        scalar_type: column.scalar_type,
        span,
    }
}

/// The aggregate called at the top of an item, names before `=` left aside.
pub(super) fn top_call(node: &SyntaxNode) -> Option<SyntaxNode> {
    match node.kind() {
        K::CallExpression => Some(node.clone()),
        K::NamedExpression => top_call(&NamedExpression::cast(node.clone())?.value()?),
        K::ParenExpression | K::OrderedExpression => top_call(&node.expression()?),
        _ => None,
    }
}

impl RowScope {
    /// The columns, for messages.
    pub(super) fn names(&self) -> Vec<String> {
        self.columns
            .columns()
            .iter()
            .map(|column| column.name.to_string())
            .collect()
    }
}
