//! Comparisons, with Kusto's treatment of null.
//!
//! `==` of two nulls is null, of one null false; `!=` of two nulls is null, of one null true. The
//! order comparisons are null where either side is. A string is never null.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, lit, when};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, ComparisonOperator, ExpressionKind, Literal};

use super::expression::{Scope, as_type, known_call};
use super::{Lowered, Lowerer};

fn binary(left: Expr, operator: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
}

/// False where the condition is null. The engine's own `IS TRUE` says of itself in its plan that it
/// is never null, and then that it may be, and refuses the plan for it.
pub(super) fn is_true(condition: Expr) -> Expr {
    binary(condition, Operator::IsNotDistinctFrom, lit(true))
}

/// Whether the expression is a constant that is not null.
fn is_known(expression: &BoundExpression) -> bool {
    match &expression.kind {
        ExpressionKind::Literal(literal) => *literal != Literal::Null,
        ExpressionKind::Convert(inner) => {
            // A conversion between numbers keeps a value; others may yield null.
            matches!(expression.scalar_type, ScalarType::Long | ScalarType::Real)
                && matches!(inner.scalar_type, ScalarType::Int | ScalarType::Long)
                && is_known(inner)
        }
        _ => false,
    }
}

impl Lowerer<'_> {
    /// `as_predicate`: null and false mean the same where the result is used.
    pub(super) fn comparison(
        &self,
        scope: &mut Scope,
        operator: ComparisonOperator,
        left: &BoundExpression,
        right: &BoundExpression,
        as_predicate: bool,
    ) -> Lowered<Expr> {
        let one_known = is_known(left) || is_known(right);
        let (a, a_type) = self.typed(scope, left)?;
        let (b, b_type) = self.typed(scope, right)?;
        if a_type != b_type || a_type == ScalarType::Dynamic {
            return Self::compare_values(operator, (a, a_type), (b, b_type));
        }
        let native = match operator {
            ComparisonOperator::Less => Operator::Lt,
            ComparisonOperator::LessOrEqual => Operator::LtEq,
            ComparisonOperator::Greater => Operator::Gt,
            ComparisonOperator::GreaterOrEqual => Operator::GtEq,
            ComparisonOperator::Equal => {
                return Ok(equality(a, b, a_type, one_known, as_predicate));
            }
            ComparisonOperator::NotEqual => {
                return Ok(inequality(a, b, a_type, one_known, as_predicate));
            }
        };
        Ok(binary(a, native, b))
    }

    /// Comparison value by value, for dynamics and mixed types.
    fn compare_values(
        operator: ComparisonOperator,
        left: (Expr, ScalarType),
        right: (Expr, ScalarType),
    ) -> Lowered<Expr> {
        let (function, swapped, negated) = match operator {
            ComparisonOperator::Equal => ("equal", false, false),
            ComparisonOperator::NotEqual => ("equal", false, true),
            ComparisonOperator::Less => ("less", false, false),
            ComparisonOperator::Greater => ("less", true, false),
            ComparisonOperator::LessOrEqual => ("less_or_equal", false, false),
            ComparisonOperator::GreaterOrEqual => ("less_or_equal", true, false),
        };
        let arguments = if swapped {
            vec![right, left]
        } else {
            vec![left, right]
        };
        let compared = known_call(function, arguments, ScalarType::Bool)?;
        Ok(if negated {
            Expr::Not(Box::new(compared))
        } else {
            compared
        })
    }

    /// `value between (low .. high)`.
    pub(super) fn between(
        &self,
        scope: &mut Scope,
        negated: bool,
        value: &BoundExpression,
        low: &BoundExpression,
        high: &BoundExpression,
    ) -> Lowered<Expr> {
        let (value, value_type) = self.typed(scope, value)?;
        let (low, low_type) = self.typed(scope, low)?;
        let (high, high_type) = self.typed(scope, high)?;
        let (low, high) = (
            as_type(low, low_type, value_type)?,
            as_type(high, high_type, value_type)?,
        );
        if value_type == ScalarType::Dynamic {
            let ends = [
                Self::compare_values(
                    ComparisonOperator::LessOrEqual,
                    (low, value_type),
                    (value.clone(), value_type),
                )?,
                Self::compare_values(
                    ComparisonOperator::LessOrEqual,
                    (value, value_type),
                    (high, value_type),
                )?,
            ];
            let [above, below] = ends;
            let inside = binary(above, Operator::And, below);
            return Ok(if negated {
                Expr::Not(Box::new(inside))
            } else {
                inside
            });
        }
        Ok(if negated {
            value.not_between(low, high)
        } else {
            value.between(low, high)
        })
    }
}

fn equality(
    left: Expr,
    right: Expr,
    scalar_type: ScalarType,
    one_known: bool,
    as_predicate: bool,
) -> Expr {
    let equal = binary(left.clone(), Operator::Eq, right.clone());
    if as_predicate || scalar_type == ScalarType::String {
        return equal;
    }
    if one_known {
        return is_true(equal);
    }
    null_where_both_are(left, right, is_true(equal))
}

fn inequality(
    left: Expr,
    right: Expr,
    scalar_type: ScalarType,
    one_known: bool,
    as_predicate: bool,
) -> Expr {
    if scalar_type == ScalarType::String {
        return binary(left, Operator::NotEq, right);
    }
    let distinct = binary(left.clone(), Operator::IsDistinctFrom, right.clone());
    if as_predicate || one_known {
        return distinct;
    }
    null_where_both_are(left, right, distinct)
}

fn null_where_both_are(left: Expr, right: Expr, otherwise: Expr) -> Expr {
    let both = left.is_null().and(right.is_null());
    let chosen = when(both, lit(ScalarValue::Boolean(None))).otherwise(otherwise.clone());
    // Building a case of two branches cannot fail; the plain form is right but for two nulls.
    chosen.unwrap_or(otherwise)
}
