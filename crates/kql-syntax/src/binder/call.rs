//! Calls of scalar functions.

use stance_base::ScalarType as T;

use super::Binder;
use super::arguments::{Matched, assign, match_score};
use super::environment::LetValue;
use super::types::{common, convert, wider};
use crate::ast::{CallExpression, NamedExpression, NodeExt as _};
use crate::bound::{BoundExpression, ExpressionKind};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::functions::{self, Accepts, FunctionInfo, FunctionKind, Returns, Signature};
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
        let Some(matched) = self.overload(function, &types, span) else {
            return self.poison(span);
        };
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
        types: &[T],
        span: Span,
    ) -> Option<Matched> {
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
            match match_score(&matched, types) {
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
                self.argument_mismatch(function, &matched, index, types, span);
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
        types: &[T],
        span: Span,
    ) {
        let parameter = matched.parameter(index);
        let message = format!(
            "`{}` takes {} for its argument {} (`{}`), not a {}",
            function.name,
            super::arguments::describe(&parameter.accepts),
            index + 1,
            parameter.name,
            types[index],
        );
        self.error(DiagnosticCode::TypeMismatch, span, message);
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
