//! Comparisons, text tests, `in`, `between`, `and`, `or`.

use stance_base::ScalarType as T;

use super::Binder;
use super::types::{common, comparison, convert};
use crate::ast::{NamedExpression, NodeExt as _};
use crate::bound::{
    ArithmeticOperator, BoundExpression, BoundSet, ColumnReference, ComparisonOperator,
    ExpressionKind, Literal, TextMatch, TextMatchKind,
};
use crate::diagnostics::DiagnosticCode;
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_logical(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let operands: Vec<_> = node
            .expressions()
            .iter()
            .map(|operand| self.bind_operand(operand))
            .collect();
        let is_and = node.kind() == K::AndExpression;
        let kind = if is_and {
            ExpressionKind::And(operands)
        } else {
            ExpressionKind::Or(operands)
        };
        BoundExpression {
            kind,
            scalar_type: T::Bool,
            span: self.span(span),
        }
    }

    /// An operand of `and` and `or`: a bool, or a dynamic that holds one.
    fn bind_operand(&mut self, node: &SyntaxNode) -> BoundExpression {
        let bound = self.bind_expression(node);
        if bound.scalar_type == T::Dynamic {
            convert(bound, T::Bool)
        } else {
            self.checked_bool(bound, node)
        }
    }

    /// An expression that must be a bool.
    pub(super) fn bind_predicate(&mut self, node: &SyntaxNode) -> BoundExpression {
        let bound = self.bind_expression(node);
        self.checked_bool(bound, node)
    }

    fn checked_bool(&mut self, bound: BoundExpression, node: &SyntaxNode) -> BoundExpression {
        match bound.scalar_type {
            T::Bool => bound,
            T::Dynamic if self.is_unknown(&bound) => convert(bound, T::Bool),
            other => {
                let message = format!("a bool is wanted here, not a {other}");
                self.error(DiagnosticCode::TypeMismatch, node.span(), message);
                convert(bound, T::Bool)
            }
        }
    }

    /// Whether an expression is a dynamic only because its type cannot be known before the query
    /// runs: something is wrong with it, or columns are in play that only the data know.
    pub(super) fn is_unknown(&self, bound: &BoundExpression) -> bool {
        if bound.scalar_type != T::Dynamic {
            return false;
        }
        let nothing = bound.kind == ExpressionKind::Literal(Literal::Null);
        nothing || self.table_missing || !self.expected_columns.is_empty()
    }

    pub(super) fn bind_binary(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let operands = node.expressions();
        let tokens = node.own_tokens();
        let (Some(left), Some(right), Some(operator)) =
            (operands.first(), operands.get(1), tokens.first())
        else {
            return self.poison(span);
        };
        if left.kind() == K::StarExpression {
            return self.bind_any_column(operator.text(), right, span);
        }
        let left = self.bind_expression(left);
        let right = self.bind_expression(right);
        self.combine(operator.text(), left, right, span)
    }

    fn combine(
        &mut self,
        operator: &str,
        left: BoundExpression,
        right: BoundExpression,
        span: Span,
    ) -> BoundExpression {
        if let Some(arithmetic) = arithmetic_operator(operator) {
            return self.bind_arithmetic(arithmetic, left, right, span);
        }
        if let Some(comparison) = comparison_operator(operator) {
            return self.bind_comparison(comparison, left, right, span);
        }
        let Some((kind, negated, case_sensitive)) = text_operator(operator) else {
            self.error(
                DiagnosticCode::NotSupported,
                span,
                format!("the operator `{operator}` is not supported"),
            );
            return self.poison(span);
        };
        let value = self.text_operand(operator, left);
        let whole_terms = matches!(
            kind,
            TextMatchKind::Has | TextMatchKind::HasPrefix | TextMatchKind::HasSuffix
        ) && operator != ":";
        if whole_terms && right.scalar_type == T::Dynamic && !self.is_unknown(&right) {
            let message = format!("`{operator}` looks for a string, not a dynamic");
            let help = Some("use `tostring(...)`, or `has_any` for a list".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, right.span, message, help);
        }
        let pattern = self.text_operand(operator, right);
        let text = TextMatch {
            kind,
            negated,
            case_sensitive,
            value,
            pattern,
        };
        BoundExpression {
            kind: ExpressionKind::TextMatch(Box::new(text)),
            scalar_type: T::Bool,
            span: self.span(span),
        }
    }

    /// The condition of `where`. `where a = true` is let pass where the right side is a bool, and
    /// compares where the left side is a column.
    pub(super) fn bind_condition(&mut self, node: &SyntaxNode) -> BoundExpression {
        let Some(named) = NamedExpression::cast(node.clone()) else {
            return self.bind_predicate(node);
        };
        let Some(value) = named.value() else {
            return self.poison(node.span());
        };
        let bound = self.bind_expression(&value);
        if bound.scalar_type != T::Bool && !self.is_unknown(&bound) {
            let help = Some("write `==` to compare".to_owned());
            let message = "`=` gives a name; it does not compare";
            self.error_with_help(DiagnosticCode::SyntaxError, node.span(), message, help);
        }
        let name = named.names().into_iter().next().unwrap_or_default();
        match self.row.columns.index_of(&name) {
            Some(index) => {
                let left = self.column(index, node.span());
                self.bind_comparison(ComparisonOperator::Equal, left, bound, node.span())
            }
            None => convert(bound, T::Bool),
        }
    }

    fn text_operand(&mut self, operator: &str, operand: BoundExpression) -> BoundExpression {
        if !matches!(operand.scalar_type, T::String | T::Dynamic) {
            let message = format!("`{operator}` needs a string, not a {}", operand.scalar_type);
            let help = Some("use `tostring(...)`".to_owned());
            self.error_with_help(DiagnosticCode::TypeMismatch, operand.span, message, help);
        }
        convert(operand, T::String)
    }

    pub(super) fn bind_comparison(
        &mut self,
        operator: ComparisonOperator,
        left: BoundExpression,
        right: BoundExpression,
        span: Span,
    ) -> BoundExpression {
        let ordered = !matches!(
            operator,
            ComparisonOperator::Equal | ComparisonOperator::NotEqual
        );
        let unknown = self.is_unknown(&left) || self.is_unknown(&right);
        let strict = ordered && !unknown;
        let Some(shared) = comparison(left.scalar_type, right.scalar_type, strict) else {
            let message = format!(
                "a {} and a {} have no order between them",
                left.scalar_type, right.scalar_type
            );
            self.error(DiagnosticCode::TypeMismatch, span, message);
            return BoundExpression {
                scalar_type: T::Bool,
                ..self.poison(span)
            };
        };
        let kind = ExpressionKind::Comparison {
            operator,
            left: Box::new(convert(left, shared)),
            right: Box::new(convert(right, shared)),
        };
        BoundExpression {
            kind,
            scalar_type: T::Bool,
            span: self.span(span),
        }
    }

    /// `* has "x"`: any column that can hold the text.
    fn bind_any_column(
        &mut self,
        operator: &str,
        right: &SyntaxNode,
        span: Span,
    ) -> BoundExpression {
        let wanted = self.bind_expression(right);
        self.any_column_matches(operator, &wanted, span)
    }

    /// Whether any column of the row passes a test.
    pub(super) fn any_column_matches(
        &mut self,
        operator: &str,
        wanted: &BoundExpression,
        span: Span,
    ) -> BoundExpression {
        let is_text = text_operator(operator).is_some();
        let columns: Vec<_> = self.row.columns.columns().to_vec();
        let mut tests = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            let fits = match column.scalar_type {
                T::String | T::Dynamic => is_text || wanted.scalar_type == T::String,
                other if is_text => matches!(other, T::Guid | T::Long | T::Int),
                other => {
                    other == wanted.scalar_type
                        || super::types::wider(other, wanted.scalar_type).is_some()
                }
            };
            if !fits {
                continue;
            }
            let reference = ColumnReference {
                index,
                name: column.name.clone(),
            };
            let kind = ExpressionKind::Column(reference);
            let value = BoundExpression {
                kind,
                scalar_type: column.scalar_type,
                span: self.span(span),
            };
            let value = if is_text {
                convert(value, T::String)
            } else {
                value
            };
            tests.push(self.combine(operator, value, wanted.clone(), span));
        }
        let scalar_type = T::Bool;
        let span = self.span(span);
        match tests.len() {
            0 => super::literal(crate::bound::Literal::Bool(false), scalar_type, span),
            1 => tests.remove(0),
            _ => BoundExpression {
                kind: ExpressionKind::Or(tests),
                scalar_type,
                span,
            },
        }
    }

    pub(super) fn bind_in(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let tokens = node.own_tokens();
        let (Some(left), Some(operator)) = (node.expression(), tokens.first()) else {
            return self.poison(span);
        };
        let items = node
            .child(K::ValueList)
            .map(|list| list.expressions())
            .unwrap_or_default();
        let operator = operator.text().to_owned();
        let terms = matches!(operator.as_str(), "has_any" | "has_all");
        let value = if left.kind() == K::StarExpression {
            None
        } else {
            Some(self.bind_expression(&left))
        };
        let set = self.bind_set(
            &items,
            terms.then_some(T::String),
            value.as_ref().map(|value| value.scalar_type),
        );
        let Some(value) = value else {
            return self.any_column_in(&operator, &set, span);
        };
        self.membership(&operator, value, set, span)
    }

    fn any_column_in(&mut self, operator: &str, set: &BoundSet, span: Span) -> BoundExpression {
        let columns: Vec<_> = self.row.columns.columns().to_vec();
        let mut tests = Vec::new();
        for (index, column) in columns
            .iter()
            .enumerate()
            .filter(|(_, c)| matches!(c.scalar_type, T::String | T::Dynamic))
        {
            let kind = ExpressionKind::Column(ColumnReference {
                index,
                name: column.name.clone(),
            });
            let value = BoundExpression {
                kind,
                scalar_type: column.scalar_type,
                span: self.span(span),
            };
            tests.push(self.membership(operator, value, set.clone(), span));
        }
        BoundExpression {
            kind: ExpressionKind::Or(tests),
            scalar_type: T::Bool,
            span: self.span(span),
        }
    }

    fn membership(
        &mut self,
        operator: &str,
        value: BoundExpression,
        set: BoundSet,
        span: Span,
    ) -> BoundExpression {
        let span_here = self.span(span);
        let kind = match operator {
            "has_any" | "has_all" => {
                let value = Box::new(self.text_operand(operator, value));
                ExpressionKind::HasTerms {
                    all: operator == "has_all",
                    value,
                    terms: set,
                }
            }
            _ => {
                let value = if operator.ends_with('~')
                    && !matches!(value.scalar_type, T::String | T::Dynamic)
                {
                    self.text_operand(operator, value)
                } else {
                    value
                };
                let value = match &set {
                    BoundSet::List(items) => converted_to_members(value, items),
                    BoundSet::Subquery(_) => value,
                };
                ExpressionKind::In {
                    negated: operator.starts_with('!'),
                    ignore_case: operator.ends_with('~'),
                    value: Box::new(value),
                    set,
                }
            }
        };
        BoundExpression {
            kind,
            scalar_type: T::Bool,
            span: span_here,
        }
    }

    /// The members of a set. `wanted` is the type they are to have.
    fn bind_set(&mut self, items: &[SyntaxNode], wanted: Option<T>, value: Option<T>) -> BoundSet {
        if let [only] = items
            && self.is_tabular(only)
        {
            return BoundSet::Subquery(self.bind_subquery(only));
        }
        let mut members = Vec::with_capacity(items.len());
        for item in items {
            let member = self.bind_expression(item);
            let to = wanted
                .or(value)
                .filter(|to| *to != T::Dynamic && member.scalar_type != T::Dynamic);
            members.push(match to {
                Some(T::Int) if super::types::is_number(member.scalar_type) => member,
                Some(to) => self.member_of(member, to),
                None => member,
            });
        }
        BoundSet::List(members)
    }

    fn member_of(&mut self, member: BoundExpression, to: T) -> BoundExpression {
        let fits = comparison(to, member.scalar_type, false).is_some();
        if !fits {
            let message = format!("a {to} never equals a {}", member.scalar_type);
            self.error(DiagnosticCode::TypeMismatch, member.span, message);
        }
        // A wider number stays: `x in (1.5)` of a long x compares as real.
        match super::types::wider(to, member.scalar_type) {
            Some(wide) => convert(member, wide),
            None => convert(member, to),
        }
    }

    pub(super) fn bind_between(&mut self, node: &SyntaxNode, span: Span) -> BoundExpression {
        let parts = node.expressions();
        let [value, low, high] = parts.as_slice() else {
            return self.poison(span);
        };
        let value = self.bind_expression(value);
        let low = self.bind_expression(low);
        let high = self.bind_expression(high);
        let high = if high.scalar_type == T::TimeSpan && low.scalar_type == T::DateTime {
            self.bind_arithmetic(ArithmeticOperator::Add, low.clone(), high, span)
        } else {
            high
        };
        let types = [value.scalar_type, low.scalar_type, high.scalar_type];
        let unknown = [&value, &low, &high]
            .iter()
            .any(|part| self.is_unknown(part));
        let fits = unknown || between_fits(types);
        let Some(shared) = common(&types).filter(|_| fits) else {
            let message = format!(
                "a {} cannot lie between a {} and a {}",
                types[0], types[1], types[2]
            );
            self.error(DiagnosticCode::TypeMismatch, span, message);
            return BoundExpression {
                scalar_type: T::Bool,
                ..self.poison(span)
            };
        };
        let kind = ExpressionKind::Between {
            negated: node.has_word("!between"),
            value: Box::new(convert(value, shared)),
            low: Box::new(convert(low, shared)),
            high: Box::new(convert(high, shared)),
        };
        BoundExpression {
            kind,
            scalar_type: T::Bool,
            span: self.span(span),
        }
    }
}

/// Whether a value, a low and a high end can be compared: numbers with numbers, instants and spans
/// with their own kind, a dynamic at one place with numbers.
fn between_fits(types: [T; 3]) -> bool {
    use super::types::is_number;
    match types {
        [T::DateTime, T::DateTime, T::DateTime] | [T::TimeSpan, T::TimeSpan, T::TimeSpan] => true,
        [value, T::Dynamic, T::Dynamic] => is_number(value),
        [T::Dynamic, low, high] => is_number(low) && is_number(high),
        all => all.into_iter().all(is_number),
    }
}

/// The value as its members are: a dynamic takes their type, a number the widest.
fn converted_to_members(value: BoundExpression, members: &[BoundExpression]) -> BoundExpression {
    let types: Vec<T> = members.iter().map(|member| member.scalar_type).collect();
    let Some(shared) = common(&types).filter(|shared| *shared != T::Dynamic) else {
        return value;
    };
    match value.scalar_type {
        T::Dynamic => convert(value, shared),
        own => match super::types::wider(own, shared) {
            Some(wide) => convert(value, wide),
            None => value,
        },
    }
}

fn arithmetic_operator(text: &str) -> Option<ArithmeticOperator> {
    Some(match text {
        "+" => ArithmeticOperator::Add,
        "-" => ArithmeticOperator::Subtract,
        "*" => ArithmeticOperator::Multiply,
        "/" => ArithmeticOperator::Divide,
        "%" => ArithmeticOperator::Modulo,
        _ => return None,
    })
}

pub(super) fn comparison_operator(text: &str) -> Option<ComparisonOperator> {
    Some(match text {
        "==" => ComparisonOperator::Equal,
        "!=" | "<>" => ComparisonOperator::NotEqual,
        "<" => ComparisonOperator::Less,
        "<=" => ComparisonOperator::LessOrEqual,
        ">" => ComparisonOperator::Greater,
        ">=" => ComparisonOperator::GreaterOrEqual,
        _ => return None,
    })
}

/// Kind, negation and case of an operator on text.
pub(super) fn text_operator(text: &str) -> Option<(TextMatchKind, bool, bool)> {
    use TextMatchKind as M;
    match text {
        "=~" => return Some((M::Equals, false, false)),
        "!~" => return Some((M::Equals, true, false)),
        ":" => return Some((M::Has, false, false)),
        "matches" => return Some((M::Regex, false, true)),
        "notcontains" => return Some((M::Contains, true, false)),
        "notcontainscs" => return Some((M::Contains, true, true)),
        "containscs" => return Some((M::Contains, false, true)),
        "like" => return Some((M::Like, false, false)),
        "notlike" => return Some((M::Like, true, false)),
        "likecs" => return Some((M::Like, false, true)),
        "notlikecs" => return Some((M::Like, true, true)),
        _ => {}
    }
    let (negated, word) = text
        .strip_prefix('!')
        .map_or((false, text), |rest| (true, rest));
    let (case_sensitive, word) = word
        .strip_suffix("_cs")
        .map_or((false, word), |rest| (true, rest));
    let kind = match word {
        "has" => M::Has,
        "hasprefix" => M::HasPrefix,
        "hassuffix" => M::HasSuffix,
        "contains" => M::Contains,
        "startswith" => M::StartsWith,
        "endswith" => M::EndsWith,
        _ => return None,
    };
    Some((kind, negated, case_sensitive))
}
