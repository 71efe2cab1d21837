//! Calls of scalar functions.

use stance_base::ScalarType as T;

use super::Binder;
use super::arguments::{Matched, assign, match_score};
use super::environment::LetValue;
use super::types::{common, convert, wider};
use crate::ast::{CallExpression, NamedExpression, NodeExt as _};
use crate::bound::{BoundExpression, ExpressionKind, Literal};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::functions::{
    self, Accepts, ArgumentKind, FunctionInfo, FunctionKind, Returns, Signature,
};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_call(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let Some(call) = CallExpression::cast(node.clone()) else {
            return self.poison(span);
        };
        let name = call.name().unwrap_or_default();
        let arguments = call.arguments();
        if let Some(LetValue::Function(function)) = self.environment.get(&name) {
            return self.call_user_scalar(&function, &arguments, span);
        }
        if let Some(found) = self.bind_special(&name, &arguments, span) {
            return found;
        }
        let in_graph = self.row.named.iter().any(|_| true);
        let is_graph_word = in_graph && matches!(name.as_str(), "any" | "all");
        if !is_graph_word && let Some(function) = functions::aggregate(&name) {
            let also_scalar = functions::scalar(&name).is_some();
            if self.aggregates.is_some() || !also_scalar {
                return self.bind_aggregate_call(function, &arguments, span);
            }
        }
        if let Some(function) = functions::scalar(&name) {
            return self.bind_scalar_call(function, &arguments, span);
        }
        if let Some(function) = self.stored_function(&name) {
            return self.call_user_scalar(&function, &arguments, span);
        }
        let name_span = node.child(K::Name).map_or(span, |name| name.span());
        self.unknown_function(&name, name_span)
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> BoundExpression {
        let stored = self.catalog.function_names();
        let scalars = functions::all(FunctionKind::Scalar)
            .into_iter()
            .map(|function| function.name);
        let help = suggest(name, scalars.chain(stored.iter().map(|name| &**name)));
        self.error_with_help(
            DiagnosticCode::UnknownFunction,
            span,
            format!("there is no function `{name}`"),
            help,
        );
        self.poison(span)
    }

    fn bind_scalar_call(
        &mut self,
        function: &'static FunctionInfo,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> BoundExpression {
        let typeof_type = nodes.iter().find_map(typeof_type);
        let nodes: Vec<&SyntaxNode> = nodes
            .iter()
            .filter(|node| node.kind() != K::TypeofExpression)
            .collect();
        let mut arguments = Vec::with_capacity(nodes.len());
        for node in &nodes {
            if node.kind() == K::StarExpression {
                arguments.extend(self.all_columns(span));
            } else {
                arguments.push(self.bind_expression(node));
            }
        }
        self.call_function(function, arguments, typeof_type, span)
    }

    /// All columns of the row, for `*`.
    pub(super) fn all_columns(&mut self, span: Span) -> Vec<BoundExpression> {
        (0..self.row.columns.len())
            .map(|index| self.column(index, span))
            .collect()
    }

    pub(super) fn call_function(
        &mut self,
        function: &'static FunctionInfo,
        arguments: Vec<BoundExpression>,
        typeof_type: Option<T>,
        span: Span,
    ) -> BoundExpression {
        let types: Vec<T> = arguments
            .iter()
            .map(|argument| argument.scalar_type)
            .collect();
        let Some(matched) = self.overload(function, &arguments, span) else {
            return self.poison(span);
        };
        self.check_argument_kinds(function, &matched, &arguments);
        self.check_common_type(function, &matched, &arguments, span);
        let result = result_type(&matched, &types);
        let tuple = matched.signature.returns == Returns::Tuple;
        let wanted = argument_type(&matched, &types, result);
        let arguments = arguments.into_iter().enumerate();
        let arguments = arguments.map(|(index, argument)| match wanted(index) {
            Some(to) => convert(argument, to),
            None => argument,
        });
        let kind = ExpressionKind::Call {
            function: function.canonical,
            arguments: arguments.collect(),
        };
        let call = BoundExpression {
            kind,
            scalar_type: result,
            span: self.span(span),
        };
        if tuple {
            let kind = ExpressionKind::Element {
                tuple: Box::new(call),
                index: 0,
            };
            let (_, scalar_type) = super::series::first_element(function.canonical);
            return BoundExpression {
                kind,
                scalar_type,
                span: self.span(span),
            };
        }
        match typeof_type {
            Some(to) => convert(call, to),
            None => call,
        }
    }

    /// The overload these argument types fit best; an error where none does.
    pub(super) fn overload(
        &mut self,
        function: &'static FunctionInfo,
        arguments: &[BoundExpression],
        span: Span,
    ) -> Option<Matched> {
        let types: Vec<Option<T>> = arguments
            .iter()
            .map(|argument| (!self.is_unknown(argument)).then_some(argument.scalar_type))
            .collect();
        let mut best: Option<(u32, Matched)> = None;
        let mut mismatch = None;
        let tries = function
            .signatures
            .iter()
            .flat_map(|signature| [(signature, false), (signature, true)]);
        for (signature, with_optional) in tries {
            let Some(parameters) = assign(signature, types.len(), with_optional) else {
                continue;
            };
            let matched = Matched {
                signature,
                parameters,
            };
            match match_score(&matched, &types) {
                Ok(score) if best.as_ref().is_none_or(|(lowest, _)| score < *lowest) => {
                    best = Some((score, matched));
                }
                Ok(_) => {}
                Err(index) => mismatch = mismatch.or(Some((index, matched))),
            }
        }
        if let Some((_, matched)) = best {
            return Some(matched);
        }
        match mismatch {
            Some((index, matched)) => {
                if let Some(argument) = arguments.get(index) {
                    self.argument_mismatch(function, &matched, index, argument.scalar_type, span);
                }
            }
            None => self.wrong_count(function, types.len(), span),
        }
        None
    }

    fn argument_mismatch(
        &mut self,
        function: &FunctionInfo,
        matched: &Matched,
        index: usize,
        given: T,
        span: Span,
    ) {
        let parameter = matched.parameter(index);
        let message = format!(
            "`{}` takes {} for its argument {} (`{}`), not a {}",
            function.name,
            super::arguments::describe(&parameter.accepts),
            index + 1,
            parameter.name,
            given,
        );
        self.error(DiagnosticCode::TypeMismatch, span, message);
    }

    /// Arguments that must be columns, constants or literals.
    pub(super) fn check_argument_kinds(
        &mut self,
        function: &FunctionInfo,
        matched: &Matched,
        arguments: &[BoundExpression],
    ) {
        for (index, argument) in arguments.iter().enumerate() {
            let parameter = matched.parameter(index);
            let place = || {
                format!(
                    "argument {} (`{}`) of `{}`",
                    index + 1,
                    parameter.name,
                    function.name
                )
            };
            let poison = argument.kind == ExpressionKind::Literal(Literal::Null);
            match parameter.argument {
                ArgumentKind::Column
                    if !poison && !matches!(argument.kind, ExpressionKind::Column(_)) =>
                {
                    let message = format!("{} must be a column", place());
                    self.error(DiagnosticCode::ColumnExpected, argument.span, message);
                }
                ArgumentKind::Constant if super::types::reads_row(argument) => {
                    let message = format!("{} must be a constant", place());
                    self.error(DiagnosticCode::ConstantExpected, argument.span, message);
                }
                ArgumentKind::Literal if !matches!(argument.kind, ExpressionKind::Literal(_)) => {
                    let message = format!("{} must be a literal", place());
                    self.error(DiagnosticCode::ConstantExpected, argument.span, message);
                }
                ArgumentKind::Literal if parameter.name == "part" => {
                    self.check_date_part(function, argument);
                }
                _ => {}
            }
        }
    }

    /// Values of which one is chosen must be of one type. `coalesce`, `min_of` and `max_of` do not
    /// take a dynamic beside others; `iff` and `case` do.
    fn check_common_type(
        &mut self,
        function: &FunctionInfo,
        matched: &Matched,
        arguments: &[BoundExpression],
        span: Span,
    ) {
        let chosen = arguments.iter().enumerate().filter(|(index, argument)| {
            matched.parameter(*index).accepts == Accepts::Common && !self.is_unknown(argument)
        });
        let types: Vec<T> = chosen.map(|(_, argument)| argument.scalar_type).collect();
        let dynamics = types.iter().filter(|own| **own == T::Dynamic).count();
        let mixed = dynamics > 0
            && match function.canonical {
                "coalesce" => dynamics < types.len(),
                "max_of" | "min_of" => true,
                _ => false,
            };
        if mixed || (common(&types).is_none() && !types.is_empty()) {
            let message = format!("the values of `{}` have no type in common", function.name);
            let help = Some("convert them: `tostring(...)`, `tolong(...)`".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, span, message, help);
        }
    }

    /// `datetime_diff('day', ...)`: the part must be one there is.
    fn check_date_part(&mut self, function: &FunctionInfo, argument: &BoundExpression) {
        const LENGTHS: &[&str] = &[
            "year",
            "quarter",
            "month",
            "week",
            "day",
            "hour",
            "minute",
            "second",
            "millisecond",
            "microsecond",
            "nanosecond",
        ];
        let ExpressionKind::Literal(Literal::String(part)) = &argument.kind else {
            return;
        };
        let part = part.to_ascii_lowercase();
        let is_place = matches!(part.as_str(), "week_of_year" | "dayofyear");
        let known = match function.canonical {
            "datetime_part" => is_place || part != "week" && LENGTHS.contains(&part.as_str()),
            _ => LENGTHS.contains(&part.as_str()),
        };
        if !known {
            let message = format!("`{part}` is no part of a datetime");
            let help = suggest(&part, LENGTHS.iter().copied());
            self.error_with_help(DiagnosticCode::InvalidLiteral, argument.span, message, help);
        }
    }

    fn wrong_count(&mut self, function: &FunctionInfo, count: usize, span: Span) {
        let forms: Vec<String> = function
            .signatures
            .iter()
            .map(|signature| form(function.name, signature))
            .collect();
        let message = format!(
            "`{}` cannot take {count} argument{}",
            function.name,
            if count == 1 { "" } else { "s" }
        );
        let help = Some(format!("its form is {}", forms.join(" or ")));
        self.error_with_help(DiagnosticCode::ArgumentCount, span, message, help);
    }
}

/// A function and its parameters, as people write them.
pub(crate) fn form(name: &str, signature: &Signature) -> String {
    let parameters: Vec<String> = signature
        .parameters
        .iter()
        .map(|parameter| match (parameter.minimum, parameter.repeats) {
            (0, _) => format!("[{}]", parameter.name),
            (_, true) => format!("{}, ...", parameter.name),
            (_, false) => parameter.name.to_owned(),
        })
        .collect();
    format!("`{name}({})`", parameters.join(", "))
}

fn result_type(matched: &Matched, types: &[T]) -> T {
    match &matched.signature.returns {
        Returns::Type(found) => *found,
        Returns::Argument(index) => types.get(*index).copied().unwrap_or(T::Dynamic),
        Returns::PromotedFirst => match types.first() {
            Some(T::Int) => T::Long,
            other => other.copied().unwrap_or(T::Dynamic),
        },
        Returns::Widest => widest(types),
        Returns::Common => common(&common_types(matched, types)).unwrap_or(T::Dynamic),
        Returns::Typeof | Returns::Tuple | Returns::Special | Returns::Columns(_) => T::Dynamic,
    }
}

/// The type of `bin(x, step)`: the first's where it is an instant, else the wider number.
fn widest(types: &[T]) -> T {
    let Some(&first) = types.first() else {
        return T::Long;
    };
    if matches!(first, T::DateTime | T::TimeSpan) {
        return first;
    }
    types[1..].iter().fold(first, |found, next| match found {
        T::Dynamic => *next,
        _ => wider(found, *next).unwrap_or(found),
    })
}

fn common_types(matched: &Matched, types: &[T]) -> Vec<T> {
    let indices =
        (0..types.len()).filter(|index| matched.parameter(*index).accepts == Accepts::Common);
    indices.map(|index| types[index]).collect()
}

/// What each argument has to be converted to.
fn argument_type<'call>(
    matched: &'call Matched,
    types: &'call [T],
    result: T,
) -> impl Fn(usize) -> Option<T> + 'call {
    move |index| match &matched.parameter(index).accepts {
        Accepts::Types(accepted) if !accepted.contains(&types[index]) => accepted.first().copied(),
        Accepts::Common if result != T::Dynamic => Some(result),
        Accepts::Number
            if matched.signature.returns == Returns::Widest && super::types::is_number(result) =>
        {
            Some(result)
        }
        _ => None,
    }
}

/// The type in `typeof(long)`.
pub(super) fn typeof_type(node: &SyntaxNode) -> Option<T> {
    let node = match node.kind() {
        K::NamedExpression => NamedExpression::cast(node.clone())?.value()?,
        _ => node.clone(),
    };
    let reference =
        (node.kind() == K::TypeofExpression).then(|| node.child(K::TypeReference))??;
    reference.text().to_string().trim().parse().ok()
}
