//! Calls of scalar functions: those that the engine has itself, then those of our registry.

use datafusion::logical_expr::conditional_expressions::CaseBuilder;
use datafusion::logical_expr::{Expr, Operator, lit};
use stance_base::ScalarType;
use stance_kql_syntax::bound::BoundExpression;
use stance_kql_syntax::{Diagnostic, DiagnosticCode};

use super::constant::{null_expr, value_expr};
use super::expression::{Scope, as_type, balanced, call, known_call};
use super::fused::is_conversion;
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::value::Value;

impl Lowerer<'_> {
    /// Lowers a call by its canonical name.
    pub(super) fn call(
        &self,
        scope: &mut Scope,
        function: &str,
        arguments: &[BoundExpression],
        expression: &BoundExpression,
    ) -> Lowered<Expr> {
        let result = expression.scalar_type;
        if let Some(window) = self.window_call(scope, function, arguments, expression)? {
            return Ok(window);
        }
        match (function, arguments) {
            ("now", []) => return value_expr(&self.now_value(), ScalarType::DateTime),
            ("now", [offset]) => return self.now_and(scope, "add", offset),
            ("ago", [distance]) => return self.now_and(scope, "subtract", distance),
            ("not", [inner]) => {
                let (inner, from) = self.typed(scope, inner)?;
                return Ok(Expr::Not(Box::new(as_type(inner, from, ScalarType::Bool)?)));
            }
            ("iff", [condition, then, otherwise]) => {
                return self.case(scope, &[condition, then, otherwise], result);
            }
            ("case", _) => {
                let arguments: Vec<&BoundExpression> = arguments.iter().collect();
                return self.case(scope, &arguments, result);
            }
            ("coalesce", _) => return self.coalesce(scope, arguments, result),
            ("isempty" | "isnotempty" | "isnull" | "isnotnull", [value]) => {
                if let Some(test) = self.emptiness(scope, function, value)? {
                    return Ok(test);
                }
            }
            ("assert", [condition, message]) => return self.assert(condition, message),
            ("tostring", [value]) if value.scalar_type == ScalarType::String => {
                return self.expression(scope, value);
            }
            (conversion, [value])
                if value.scalar_type == ScalarType::Dynamic && is_conversion(conversion) =>
            {
                let value = self.expression(scope, value)?;
                return as_type(value, ScalarType::Dynamic, result);
            }
            ("around", [value, center, delta]) => {
                return self.around(scope, value, center, delta);
            }
            // A column that is there reads as itself, one that is not as the default: the binder
            // has put the right one first.
            ("column_ifexists", [column, ..]) => {
                let (column, from) = self.typed(scope, column)?;
                return as_type(column, from, result);
            }
            _ => {}
        }
        let arguments = arguments
            .iter()
            .map(|argument| self.typed(scope, argument))
            .collect::<Lowered<Vec<_>>>()?;
        call(function, arguments, result)
            .ok_or_else(|| unsupported(&format!("the function `{function}()`"), expression.span))
    }

    fn now_and(
        &self,
        scope: &mut Scope,
        function: &str,
        distance: &BoundExpression,
    ) -> Lowered<Expr> {
        let now = value_expr(&self.now_value(), ScalarType::DateTime)?;
        let (distance, from) = self.typed(scope, distance)?;
        let distance = as_type(distance, from, ScalarType::TimeSpan)?;
        let arguments = vec![
            (now, ScalarType::DateTime),
            (distance, ScalarType::TimeSpan),
        ];
        known_call(function, arguments, ScalarType::DateTime)
    }

    /// Conditions and values in turn, then the value for all else. A null condition does not hold.
    fn case(
        &self,
        scope: &mut Scope,
        arguments: &[&BoundExpression],
        result: ScalarType,
    ) -> Lowered<Expr> {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        let pairs = arguments.chunks_exact(2);
        let otherwise = match pairs.remainder() {
            [last] => {
                let (value, from) = self.typed(scope, last)?;
                as_type(value, from, result)?
            }
            _ => null_expr(result)?,
        };
        for pair in pairs {
            let (condition, from) = self.typed(scope, pair[0])?;
            conditions.push(as_type(condition, from, ScalarType::Bool)?);
            let (value, from) = self.typed(scope, pair[1])?;
            values.push(as_type(value, from, result)?);
        }
        let builder = CaseBuilder::new(None, conditions, values, Some(Box::new(otherwise)));
        Ok(builder.end()?)
    }

    /// The first value that is not null; of strings the first that is not empty.
    fn coalesce(
        &self,
        scope: &mut Scope,
        arguments: &[BoundExpression],
        result: ScalarType,
    ) -> Lowered<Expr> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let (value, from) = self.typed(scope, argument)?;
            values.push(as_type(value, from, result)?);
        }
        let Some(last) = values.pop() else {
            return null_expr(result);
        };
        let conditions = values
            .iter()
            .map(|value| {
                Ok(if result == ScalarType::String {
                    value.clone().not_eq(null_expr(ScalarType::String)?)
                } else {
                    value.clone().is_not_null()
                })
            })
            .collect::<Lowered<Vec<_>>>()?;
        if conditions.is_empty() {
            return Ok(last);
        }
        Ok(CaseBuilder::new(None, conditions, values, Some(Box::new(last))).end()?)
    }

    /// `isempty`, `isnull` and their opposites without a call, where the type allows.
    fn emptiness(
        &self,
        scope: &mut Scope,
        function: &str,
        value: &BoundExpression,
    ) -> Lowered<Option<Expr>> {
        let is_text = value.scalar_type == ScalarType::String;
        let test = match function {
            "isempty" | "isnotempty" if value.scalar_type == ScalarType::Dynamic => {
                return Ok(None);
            }
            "isempty" if is_text => self
                .expression(scope, value)?
                .eq(null_expr(ScalarType::String)?),
            "isnotempty" if is_text => self
                .expression(scope, value)?
                .not_eq(null_expr(ScalarType::String)?),
            "isnull" if is_text => lit(false),
            "isnotnull" if is_text => lit(true),
            "isempty" | "isnull" => self.expression(scope, value)?.is_null(),
            _ => self.expression(scope, value)?.is_not_null(),
        };
        Ok(Some(test))
    }

    /// `assert(condition, message)` of constants: true, or the query is refused with the message.
    fn assert(&self, condition: &BoundExpression, message: &BoundExpression) -> Lowered<Expr> {
        if self.constant(condition)?.as_bool() == Some(true) {
            return Ok(lit(true));
        }
        let message = self.constant(message)?;
        Err(LowerError::Diagnostic(Diagnostic::error(
            DiagnosticCode::AssertionFailed,
            condition.span,
            format!("assert() has failed: {}", message.as_text()),
        )))
    }

    /// `around(value, center, delta)`: within delta on either side.
    fn around(
        &self,
        scope: &mut Scope,
        value: &BoundExpression,
        center: &BoundExpression,
        delta: &BoundExpression,
    ) -> Lowered<Expr> {
        let (value, value_type) = self.typed(scope, value)?;
        let center = self.typed(scope, center)?;
        let delta = self.typed(scope, delta)?;
        let low = known_call("subtract", vec![center.clone(), delta.clone()], value_type)?;
        let high = known_call("add", vec![center, delta], value_type)?;
        let bounds = vec![value.clone().gt_eq(low), value.lt_eq(high)];
        Ok(balanced(bounds, Operator::And, true))
    }
}

/// A text as an argument, for operators that are made of functions.
pub(super) fn literal_text(text: &str) -> Lowered<(Expr, ScalarType)> {
    Ok((
        value_expr(&Value::string(text), ScalarType::String)?,
        ScalarType::String,
    ))
}
