//! Type rules of operators, and conversions written out.

use stance_base::ScalarType as T;

use crate::bound::{ArithmeticOperator, BoundExpression, ExpressionKind, Literal};

/// Place of a number type in the order of widening.
fn rank(scalar_type: T) -> Option<u8> {
    match scalar_type {
        T::Int => Some(1),
        T::Long => Some(2),
        T::Real => Some(3),
        T::Decimal => Some(4),
        _ => None,
    }
}

pub(super) fn is_number(scalar_type: T) -> bool {
    rank(scalar_type).is_some()
}

/// The wider of two numbers.
pub(super) fn wider(left: T, right: T) -> Option<T> {
    Some(if rank(left)? >= rank(right)? {
        left
    } else {
        right
    })
}

fn promoted(scalar_type: T) -> T {
    if scalar_type == T::Int {
        T::Long
    } else {
        scalar_type
    }
}

/// Result and operand types of an arithmetic operator; nothing where it is not defined.
pub(super) fn arithmetic(operator: ArithmeticOperator, left: T, right: T) -> Option<(T, T, T)> {
    use ArithmeticOperator as O;
    if let Some(wide) = wider(left, right) {
        let wide = promoted(wide);
        return Some((wide, wide, wide));
    }
    let as_they_are = |result| Some((result, left, right));
    match (left, operator, right) {
        (T::DateTime, O::Add | O::Subtract, T::TimeSpan)
        | (T::TimeSpan, O::Add | O::Subtract, T::DateTime)
        | (T::DateTime, O::Add, T::DateTime) => as_they_are(T::DateTime),
        (T::DateTime, O::Subtract | O::Modulo, T::DateTime)
        | (T::TimeSpan, O::Add | O::Subtract | O::Multiply | O::Modulo, T::TimeSpan)
        | (T::DateTime, O::Modulo, T::TimeSpan) => as_they_are(T::TimeSpan),
        (T::TimeSpan | T::DateTime, O::Divide, T::TimeSpan)
        | (T::DateTime, O::Divide, T::DateTime) => as_they_are(T::Real),
        (T::DateTime, O::Multiply | O::Divide | O::Modulo, number) if is_number(number) => {
            Some((T::DateTime, T::DateTime, promoted(number)))
        }
        (number, O::Multiply, T::DateTime) if is_number(number) => {
            Some((T::DateTime, promoted(number), T::DateTime))
        }
        (T::TimeSpan, O::Multiply | O::Divide | O::Modulo, number) if is_number(number) => {
            Some((T::TimeSpan, T::TimeSpan, promoted(number)))
        }
        (number, O::Multiply, T::TimeSpan) if is_number(number) => {
            Some((T::TimeSpan, promoted(number), T::TimeSpan))
        }
        (T::Dynamic, _, T::Dynamic) => as_they_are(T::Dynamic),
        (T::Dynamic, _, number) | (number, _, T::Dynamic) if is_number(number) => {
            let wide = promoted(number);
            Some((wide, wide, wide))
        }
        (T::Dynamic, O::Subtract, T::DateTime) | (T::DateTime, O::Subtract, T::Dynamic) => {
            Some((T::TimeSpan, T::DateTime, T::DateTime))
        }
        (T::Dynamic, O::Add | O::Subtract, T::TimeSpan)
        | (T::TimeSpan, O::Add | O::Subtract, T::Dynamic) => {
            Some((T::TimeSpan, T::TimeSpan, T::TimeSpan))
        }
        (T::Dynamic, O::Add, T::DateTime) | (T::DateTime, O::Add, T::Dynamic) => {
            Some((T::DateTime, left, right))
        }
        _ => None,
    }
}

/// The type in which two values are compared; nothing where they cannot be.
///
/// `ordered` is for `<` and its kin, which are stricter than `==`.
pub(super) fn comparison(left: T, right: T, ordered: bool) -> Option<T> {
    if left == right {
        // Texts and guids have no order in KQL; `strcmp` compares texts.
        return Some(left).filter(|same| !ordered || !matches!(same, T::String | T::Guid));
    }
    if let Some(wide) = wider(left, right) {
        return Some(wide);
    }
    match (left, right) {
        (T::Dynamic, other) | (other, T::Dynamic) if !ordered || is_number(other) => Some(other),
        (T::Bool, number) | (number, T::Bool) if is_number(number) => Some(promoted(number)),
        _ if ordered => None,
        (T::String, other) | (other, T::String) => Some(text_twin(other)),
        _ => Some(T::String),
    }
}

/// A text equals a datetime, guid, bool or timespan by its value, a number by its text.
fn text_twin(other: T) -> T {
    if is_number(other) { T::String } else { other }
}

/// The type that fits all; nothing where there is none. A `dynamic` gives way to the others.
pub(super) fn common(types: &[T]) -> Option<T> {
    let mut found: Option<T> = None;
    for &next in types {
        found = Some(match found {
            None | Some(T::Dynamic) => next,
            Some(known) if known == next || next == T::Dynamic => known,
            Some(known) => wider(known, next)?,
        });
    }
    found
}

/// The value converted where its type is another one. Constants are converted on the spot.
pub(super) fn convert(expression: BoundExpression, to: T) -> BoundExpression {
    if expression.scalar_type == to {
        return expression;
    }
    if let ExpressionKind::Literal(value) = &expression.kind
        && let Some(converted) = convert_literal(value, to)
    {
        return BoundExpression {
            kind: ExpressionKind::Literal(converted),
            scalar_type: to,
            span: expression.span,
        };
    }
    let span = expression.span;
    BoundExpression {
        kind: ExpressionKind::Convert(Box::new(expression)),
        scalar_type: to,
        span,
    }
}

fn convert_literal(value: &Literal, to: T) -> Option<Literal> {
    Some(match (value, to) {
        (Literal::Null, T::String) => return None,
        (Literal::Null, _) => Literal::Null,
        (Literal::Int(value), T::Long) => Literal::Long(i64::from(*value)),
        (Literal::Int(value), T::Real) => Literal::Real(f64::from(*value)),
        (Literal::Long(value), T::Int) => Literal::Int(i32::try_from(*value).ok()?),
        (Literal::Long(value), T::Real) => Literal::Real(*value as f64),
        (Literal::Int(value), T::Decimal) => Literal::Decimal(value.to_string().into()),
        (Literal::Long(value), T::Decimal) => Literal::Decimal(value.to_string().into()),
        (Literal::String(text), T::DateTime) => {
            Literal::DateTime(crate::literal::parse_datetime(text)?)
        }
        (Literal::String(text), T::TimeSpan) => {
            Literal::TimeSpan(crate::literal::parse_timespan(text)?)
        }
        _ => return None,
    })
}

/// Whether a value depends on the row at hand.
pub(super) fn reads_row(expression: &BoundExpression) -> bool {
    matches!(
        expression.kind,
        ExpressionKind::Column(_) | ExpressionKind::PackRow { .. }
    ) || expression.children().into_iter().any(reads_row)
}

/// Size and height of an expression in nodes.
pub(super) fn measure(expression: &BoundExpression) -> (usize, usize) {
    let (mut nodes, mut height) = (1, 0);
    for child in expression.children() {
        let (below, tall) = measure(child);
        nodes += below;
        height = height.max(tall);
    }
    (nodes, height + 1)
}
