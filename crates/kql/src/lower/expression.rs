//! Scalar expressions.

use datafusion::logical_expr::{BinaryExpr, Expr, Operator, ScalarUDF, cast, lit};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{
    ArithmeticOperator, BoundExpression, ColumnReference, ExpressionKind, Subquery, TextMatch,
    TextMatchKind,
};

use super::constant::{literal_value, null_expr, value_expr};
use super::fused::{split_arguments, typed_call};
use super::relation::{OrderKey, Relation, plan_column};
use super::{Lowered, Lowerer};
use crate::error::{LowerError, unsupported};
use crate::functions::text_match::{Test, TextMatchFunction};
use crate::functions::{lookup, udf};
use crate::types::arrow_type;
use crate::value::Value;

/// What an expression may read: columns, and the order of the rows for window functions.
#[derive(Debug)]
pub(super) struct Scope {
    columns: Vec<(String, ScalarType)>,
    pub(super) ordering: Vec<OrderKey>,
    pub(super) partition: Vec<String>,
    /// Window functions met so far, with the plan names of their columns.
    pub(super) windows: Vec<(Expr, String)>,
}

impl Scope {
    /// A scope without columns.
    pub(super) fn empty() -> Self {
        Self::of_columns(Vec::new())
    }

    /// A scope of these plan columns, in no order.
    pub(super) fn of_columns(columns: Vec<(String, ScalarType)>) -> Self {
        Self {
            columns,
            ordering: Vec::new(),
            partition: Vec::new(),
            windows: Vec::new(),
        }
    }

    /// The rows of a relation.
    pub(super) fn of(relation: &Relation) -> Self {
        Self {
            columns: relation.typed_columns(),
            ordering: relation.ordering.clone(),
            partition: relation.partition.clone(),
            windows: Vec::new(),
        }
    }

    pub(super) fn has_windows(&self) -> bool {
        !self.windows.is_empty()
    }

    fn column(&self, reference: &ColumnReference) -> Lowered<(Expr, ScalarType)> {
        let column = self.columns.get(reference.index);
        column
            .map(|(name, scalar_type)| (plan_column(name), *scalar_type))
            .ok_or_else(|| {
                let message = format!("column `{}` is out of scope", reference.name);
                LowerError::Plan(datafusion::error::DataFusionError::Plan(message))
            })
    }
}

/// Calls one of our functions.
pub(super) fn call(
    function: &str,
    arguments: Vec<(Expr, ScalarType)>,
    result: ScalarType,
) -> Option<Expr> {
    let function = lookup(function)?;
    let (expressions, types): (Vec<Expr>, Vec<ScalarType>) = arguments.into_iter().unzip();
    Some(udf::scalar_udf(function, &types, result).call(expressions))
}

/// Calls a function that the registry is known to hold.
pub(super) fn known_call(
    function: &str,
    arguments: Vec<(Expr, ScalarType)>,
    result: ScalarType,
) -> Lowered<Expr> {
    call(function, arguments, result).ok_or_else(|| {
        LowerError::Plan(datafusion::error::DataFusionError::Internal(format!(
            "no function `{function}`"
        )))
    })
}

/// The expression as another type.
pub(super) fn as_type(expression: Expr, from: ScalarType, to: ScalarType) -> Lowered<Expr> {
    use ScalarType::{Int, Long, Real};
    match (from, to) {
        _ if from == to => Ok(expression),
        (Int, Long | Real) | (Long, Real) => Ok(cast(expression, arrow_type(to))),
        (ScalarType::Dynamic, _) if let Some(typed) = typed_call(&expression, to) => Ok(typed),
        _ => known_call("convert", vec![(expression, from)], to),
    }
}

/// Joins conditions with a tree of little depth.
pub(super) fn balanced(mut conditions: Vec<Expr>, operator: Operator, empty: bool) -> Expr {
    match conditions.len() {
        0 => lit(empty),
        1 => conditions.remove(0),
        length => {
            let right = conditions.split_off(length / 2);
            let left = balanced(conditions, operator, empty);
            let right = balanced(right, operator, empty);
            Expr::BinaryExpr(BinaryExpr::new(Box::new(left), operator, Box::new(right)))
        }
    }
}

impl Lowerer<'_> {
    /// An expression with its type.
    pub(super) fn typed(
        &self,
        scope: &mut Scope,
        expression: &BoundExpression,
    ) -> Lowered<(Expr, ScalarType)> {
        Ok((self.expression(scope, expression)?, expression.scalar_type))
    }

    /// Lowers an expression to one of the canonical Arrow type of its KQL type.
    pub(super) fn expression(
        &self,
        scope: &mut Scope,
        expression: &BoundExpression,
    ) -> Lowered<Expr> {
        let scalar_type = expression.scalar_type;
        match &expression.kind {
            ExpressionKind::Literal(literal) => value_expr(&literal_value(literal), scalar_type),
            ExpressionKind::Column(reference) => Ok(scope.column(reference)?.0),
            ExpressionKind::Convert(inner) => {
                let (value, from) = self.typed(scope, inner)?;
                as_type(value, from, scalar_type)
            }
            ExpressionKind::Negate(inner) => {
                let argument = self.typed(scope, inner)?;
                known_call("negate", vec![argument], scalar_type)
            }
            ExpressionKind::Arithmetic {
                operator,
                left,
                right,
            } => self.arithmetic(scope, *operator, left, right, scalar_type),
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => self.comparison(scope, *operator, left, right, false),
            ExpressionKind::And(operands) => self.logical(scope, operands, Operator::And, false),
            ExpressionKind::Or(operands) => self.logical(scope, operands, Operator::Or, false),
            ExpressionKind::TextMatch(text_match) => self.text_match(scope, text_match),
            ExpressionKind::HasTerms { all, value, terms } => {
                self.has_terms(scope, *all, value, terms)
            }
            ExpressionKind::In {
                negated,
                ignore_case,
                value,
                set,
            } => self.in_set(scope, (*negated, *ignore_case), value, set, false),
            ExpressionKind::Between {
                negated,
                value,
                low,
                high,
            } => self.between(scope, *negated, value, low, high),
            ExpressionKind::Member { .. } | ExpressionKind::Index { .. } => {
                self.member(scope, expression)
            }
            ExpressionKind::Call {
                function,
                arguments,
            } => self.call(scope, function, arguments, expression),
            ExpressionKind::PackRow {
                ignore_empty,
                columns,
            } => Self::pack_row(scope, *ignore_empty, columns),
            ExpressionKind::Element { tuple, index } => {
                self.tuple_element(scope, tuple, *index, scalar_type)
            }
            ExpressionKind::ScalarSubquery(subquery) => self.scalar_subquery(subquery, scalar_type),
            ExpressionKind::Parameter(name) => Err(unsupported(
                &format!("the query parameter `{name}` without a value"),
                expression.span,
            )),
        }
    }

    /// A condition that stands where null and false mean the same: simpler, so that the engine can
    /// prune files by it.
    pub(super) fn predicate(
        &self,
        scope: &mut Scope,
        expression: &BoundExpression,
    ) -> Lowered<Expr> {
        match &expression.kind {
            ExpressionKind::And(operands) => self.logical(scope, operands, Operator::And, true),
            ExpressionKind::Or(operands) => self.logical(scope, operands, Operator::Or, true),
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => self.comparison(scope, *operator, left, right, true),
            ExpressionKind::In {
                negated,
                ignore_case,
                value,
                set,
            } => self.in_set(scope, (*negated, *ignore_case), value, set, true),
            _ => self.expression(scope, expression),
        }
    }

    fn logical(
        &self,
        scope: &mut Scope,
        operands: &[BoundExpression],
        operator: Operator,
        as_predicate: bool,
    ) -> Lowered<Expr> {
        let conditions = operands
            .iter()
            .map(|operand| {
                if as_predicate {
                    self.predicate(scope, operand)
                } else {
                    self.expression(scope, operand)
                }
            })
            .collect::<Lowered<Vec<_>>>()?;
        Ok(balanced(conditions, operator, operator == Operator::And))
    }

    fn arithmetic(
        &self,
        scope: &mut Scope,
        operator: ArithmeticOperator,
        left: &BoundExpression,
        right: &BoundExpression,
        result: ScalarType,
    ) -> Lowered<Expr> {
        use ArithmeticOperator::{Add, Divide, Modulo, Multiply, Subtract};
        let left = self.typed(scope, left)?;
        let right = self.typed(scope, right)?;
        let plain = left.1 == result && right.1 == result;
        let whole = matches!(result, ScalarType::Int | ScalarType::Long);
        let real = result == ScalarType::Real;
        let native = match operator {
            Add if plain && (whole || real) => Some(Operator::Plus),
            Subtract if plain && (whole || real) => Some(Operator::Minus),
            Multiply if plain && (whole || real) => Some(Operator::Multiply),
            // Division of whole numbers by zero is null, which the engine calls an error.
            Divide if plain && real => Some(Operator::Divide),
            _ => None,
        };
        if let Some(native) = native {
            let binary = BinaryExpr::new(Box::new(left.0), native, Box::new(right.0));
            return Ok(Expr::BinaryExpr(binary));
        }
        let function = match operator {
            Add => "add",
            Subtract => "subtract",
            Multiply => "multiply",
            Divide => "divide",
            Modulo => "modulo",
        };
        known_call(function, vec![left, right], result)
    }

    fn text_match(&self, scope: &mut Scope, text_match: &TextMatch) -> Lowered<Expr> {
        let test = match text_match.kind {
            TextMatchKind::Equals => Test::Equals,
            TextMatchKind::Contains => Test::Contains,
            TextMatchKind::Has => Test::Has,
            TextMatchKind::HasPrefix => Test::HasPrefix,
            TextMatchKind::HasSuffix => Test::HasSuffix,
            TextMatchKind::StartsWith => Test::StartsWith,
            TextMatchKind::EndsWith => Test::EndsWith,
            TextMatchKind::Regex => Test::Regex,
            TextMatchKind::Like => Test::Like,
        };
        let value = self.text(scope, &text_match.value)?;
        let pattern = self.text(scope, &text_match.pattern)?;
        let function = TextMatchFunction::new(test, text_match.case_sensitive);
        let matched = ScalarUDF::new_from_impl(function).call(vec![value, pattern]);
        Ok(if text_match.negated {
            Expr::Not(Box::new(matched))
        } else {
            matched
        })
    }

    /// An expression as text.
    pub(super) fn text(&self, scope: &mut Scope, expression: &BoundExpression) -> Lowered<Expr> {
        let (value, from) = self.typed(scope, expression)?;
        as_type(value, from, ScalarType::String)
    }

    /// `value.a["b"][0]` as one call.
    fn member(&self, scope: &mut Scope, expression: &BoundExpression) -> Lowered<Expr> {
        let mut steps = Vec::new();
        let mut base = expression;
        loop {
            match &base.kind {
                ExpressionKind::Member { value, name } => {
                    let key = value_expr(&Value::string(name.as_ref()), ScalarType::String)?;
                    steps.push((key, ScalarType::String));
                    base = value;
                }
                ExpressionKind::Index { value, index } => {
                    let (step, from) = self.typed(scope, index)?;
                    steps.push(match from {
                        ScalarType::String | ScalarType::Long => (step, from),
                        ScalarType::Dynamic => {
                            (as_type(step, from, ScalarType::String)?, ScalarType::String)
                        }
                        other => (as_type(step, other, ScalarType::Long)?, ScalarType::Long),
                    });
                    base = value;
                }
                _ => break,
            }
        }
        // `split(text, delimiter)[2]` needs no array.
        if let Some((text, delimiter)) = split_arguments(base)
            && let Some((step, ScalarType::Long)) = steps.last().cloned()
            && matches!(step, Expr::Literal(..))
        {
            let arguments = vec![
                (self.text(scope, text)?, ScalarType::String),
                (self.text(scope, delimiter)?, ScalarType::String),
                (step, ScalarType::Long),
            ];
            let part = known_call("split_get", arguments, ScalarType::Dynamic)?;
            steps.pop();
            return Self::stepped(part, steps);
        }
        let (value, from) = match sorted_arrays(base) {
            // The arrays of `array_sort_asc(a, b)` are picked by position.
            Some(tuple) => (self.tuple(scope, tuple)?, ScalarType::Dynamic),
            None => self.typed(scope, base)?,
        };
        let value = match from {
            // A text is read as JSON when it is indexed.
            ScalarType::String => {
                known_call("parse_json", vec![(value, from)], ScalarType::Dynamic)?
            }
            _ => value,
        };
        Self::stepped(value, steps)
    }

    /// The value at the end of steps given last one first.
    fn stepped(value: Expr, mut steps: Vec<(Expr, ScalarType)>) -> Lowered<Expr> {
        if steps.is_empty() {
            return Ok(value);
        }
        steps.reverse();
        let mut arguments = vec![(value, ScalarType::Dynamic)];
        arguments.extend(steps);
        known_call("dynamic_get", arguments, ScalarType::Dynamic)
    }

    fn pack_row(scope: &Scope, ignore_empty: bool, columns: &[ColumnReference]) -> Lowered<Expr> {
        let mut arguments = Vec::with_capacity(columns.len() * 2);
        for reference in columns {
            let name = value_expr(&Value::string(reference.name.as_ref()), ScalarType::String)?;
            arguments.push((name, ScalarType::String));
            arguments.push(scope.column(reference)?);
        }
        let function = if ignore_empty {
            "bag_pack_not_empty"
        } else {
            "bag_pack"
        };
        known_call(function, arguments, ScalarType::Dynamic)
    }

    /// All values of a function that gives several, as an array.
    fn tuple(&self, scope: &mut Scope, tuple: &BoundExpression) -> Lowered<Expr> {
        let ExpressionKind::Call {
            function,
            arguments,
        } = &tuple.kind
        else {
            return Err(unsupported("a value of several", tuple.span));
        };
        let arguments = arguments
            .iter()
            .map(|argument| self.typed(scope, argument))
            .collect::<Lowered<Vec<_>>>()?;
        call(&format!("{function}_tuple"), arguments, ScalarType::Dynamic)
            .ok_or_else(|| unsupported(&format!("the function `{function}()`"), tuple.span))
    }

    /// One value of a function that gives several; such a function gives an array of them, under
    /// its name with `_tuple`.
    fn tuple_element(
        &self,
        scope: &mut Scope,
        tuple: &BoundExpression,
        index: usize,
        scalar_type: ScalarType,
    ) -> Lowered<Expr> {
        let called = self.tuple(scope, tuple)?;
        let position = Value::Long(i64::try_from(index).unwrap_or(i64::MAX));
        let steps = vec![
            (called, ScalarType::Dynamic),
            (value_expr(&position, ScalarType::Long)?, ScalarType::Long),
        ];
        let element = known_call("dynamic_get", steps, ScalarType::Dynamic)?;
        as_type(element, ScalarType::Dynamic, scalar_type)
    }

    /// The rows of a subquery that has been run; asks for it where it has not.
    pub(super) fn subquery_rows(
        &self,
        subquery: &Subquery,
    ) -> Lowered<&[datafusion::common::ScalarValue]> {
        self.findings
            .values
            .get(&subquery.id)
            .map(Vec::as_slice)
            .ok_or_else(|| LowerError::Subquery(subquery.clone()))
    }

    fn scalar_subquery(&self, subquery: &Subquery, scalar_type: ScalarType) -> Lowered<Expr> {
        match self.subquery_rows(subquery)?.first() {
            Some(value) => Ok(lit(value.clone())),
            None => null_expr(scalar_type),
        }
    }
}

/// The call of a function that sorts several arrays at once.
fn sorted_arrays(expression: &BoundExpression) -> Option<&BoundExpression> {
    let ExpressionKind::Element { tuple, index: 0 } = &expression.kind else {
        return None;
    };
    let ExpressionKind::Call {
        function,
        arguments,
    } = &tuple.kind
    else {
        return None;
    };
    let arrays = arguments
        .iter()
        .filter(|argument| argument.scalar_type == ScalarType::Dynamic);
    (function.starts_with("array_sort_") && arrays.count() > 1).then_some(tuple)
}
