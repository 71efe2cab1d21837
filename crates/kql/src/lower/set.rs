//! `in`, `has_any`, `has_all`.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Operator, ScalarUDF, lit};
use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundSet, ExpressionKind};

use super::comparison::is_true;
use super::constant::{literal_value, value_expr};
use super::expression::{Scope, as_type, balanced, known_call};
use super::{Lowered, Lowerer};
use crate::functions::text_match::{Test, TextMatchFunction};
use crate::value::{ColumnReader, Value, convert};

/// Members of a set: those known beforehand, and expressions.
#[derive(Default)]
struct Members<'a> {
    values: Vec<Value<'static>>,
    expressions: Vec<&'a BoundExpression>,
}

impl Lowerer<'_> {
    /// The members; a constant array stands for its elements.
    fn members<'b>(&self, set: &'b BoundSet) -> Lowered<Members<'b>> {
        let mut members = Members::default();
        match set {
            BoundSet::Subquery(subquery) => {
                let schema = subquery.plan.schema();
                let scalar_type = schema
                    .columns()
                    .first()
                    .map_or(ScalarType::Dynamic, |c| c.scalar_type);
                for row in self.subquery_rows(subquery)? {
                    members
                        .values
                        .extend(elements(scalar_value(row, scalar_type)?));
                }
            }
            BoundSet::List(list) => {
                for member in list {
                    match constant_member(member) {
                        Some(value) => members.values.extend(elements(value)),
                        None => members.expressions.push(member),
                    }
                }
            }
        }
        Ok(members)
    }

    pub(super) fn in_set(
        &self,
        scope: &mut Scope,
        (negated, ignore_case): (bool, bool),
        value: &BoundExpression,
        set: &BoundSet,
        as_predicate: bool,
    ) -> Lowered<Expr> {
        let members = self.members(set)?;
        let (value, value_type) = self.typed(scope, value)?;
        // A dynamic is looked for among texts as its text.
        let all_texts = members
            .values
            .iter()
            .all(|member| matches!(member, Value::String(_)));
        let (value, value_type) = if value_type == ScalarType::Dynamic && all_texts {
            (
                as_type(value, value_type, ScalarType::String)?,
                ScalarType::String,
            )
        } else {
            (value, value_type)
        };
        let fold = ignore_case && value_type == ScalarType::String;
        let value = if fold { lower_case(value)? } else { value };
        let mut tests = Vec::new();
        if !members.values.is_empty() {
            tests.push(known_members(
                value.clone(),
                value_type,
                &members.values,
                fold,
            )?);
        }
        for member in members.expressions {
            let (member, member_type) = self.typed(scope, member)?;
            let test = if member_type == ScalarType::Dynamic || value_type == ScalarType::Dynamic {
                let flag = value_expr(&Value::Bool(fold), ScalarType::Bool)?;
                let arguments = vec![
                    (value.clone(), value_type),
                    (
                        as_type(member, member_type, ScalarType::Dynamic)?,
                        ScalarType::Dynamic,
                    ),
                    (flag, ScalarType::Bool),
                ];
                known_call("in_dynamic", arguments, ScalarType::Bool)?
            } else {
                let member = as_type(member, member_type, value_type)?;
                let member = if fold { lower_case(member)? } else { member };
                value.clone().eq(member)
            };
            tests.push(test);
        }
        let found = balanced(tests, Operator::Or, false);
        let nullable = value_type != ScalarType::String;
        Ok(match (negated, nullable) {
            (true, true) => Expr::Not(Box::new(is_true(found))),
            (true, false) => Expr::Not(Box::new(found)),
            (false, true) if !as_predicate => is_true(found),
            (false, _) => found,
        })
    }

    pub(super) fn has_terms(
        &self,
        scope: &mut Scope,
        all: bool,
        value: &BoundExpression,
        terms: &BoundSet,
    ) -> Lowered<Expr> {
        let members = self.members(terms)?;
        let value = self.text(scope, value)?;
        let known: Vec<Json> = members.values.iter().map(Value::to_json).collect();
        let known = Value::json(&Json::Array(known));
        let mut array = value_expr(&known, ScalarType::Dynamic)?;
        if !members.expressions.is_empty() {
            let mut arguments = vec![(array, ScalarType::Dynamic)];
            for member in members.expressions {
                arguments.push(self.typed(scope, member)?);
            }
            array = known_call("array_concat", arguments, ScalarType::Dynamic)?;
        }
        let test = if all { Test::HasAll } else { Test::HasAny };
        let function = ScalarUDF::new_from_impl(TextMatchFunction::new(test, false));
        Ok(function.call(vec![value, array]))
    }
}

/// A test against values known beforehand.
fn known_members(
    value: Expr,
    value_type: ScalarType,
    members: &[Value<'static>],
    fold: bool,
) -> Lowered<Expr> {
    if value_type == ScalarType::Dynamic {
        let set = Json::Array(members.iter().map(Value::to_json).collect());
        let set = value_expr(&Value::json(&set), ScalarType::Dynamic)?;
        let arguments = vec![(value, value_type), (set, ScalarType::Dynamic)];
        return known_call("in_dynamic", arguments, ScalarType::Bool);
    }
    let mut list = Vec::with_capacity(members.len());
    for member in members {
        let member = convert(member, value_type);
        if member.is_null() {
            continue;
        }
        let member = match &member {
            Value::String(text) if fold => Value::string(text.to_lowercase()),
            other => other.clone(),
        };
        list.push(value_expr(&member, value_type)?);
    }
    if list.is_empty() {
        return Ok(lit(ScalarValue::Boolean(Some(false))));
    }
    Ok(value.in_list(list, false))
}

fn lower_case(value: Expr) -> Lowered<Expr> {
    known_call(
        "tolower",
        vec![(value, ScalarType::String)],
        ScalarType::String,
    )
}

fn constant_member(member: &BoundExpression) -> Option<Value<'static>> {
    match &member.kind {
        ExpressionKind::Literal(literal) => Some(literal_value(literal).into_owned()),
        ExpressionKind::Convert(inner) => {
            let value = constant_member(inner)?;
            Some(convert(&value, member.scalar_type).into_owned())
        }
        _ => None,
    }
}

/// The elements of an array; any other value by itself.
fn elements(value: Value<'static>) -> Vec<Value<'static>> {
    let Value::Dynamic(dynamic) = &value else {
        return vec![value];
    };
    let plain = |json: &Json| match json {
        Json::String(text) => Value::string(text.clone()),
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Long(number),
            None => number.as_f64().map_or(Value::Null, Value::Real),
        },
        other => Value::json(other),
    };
    match dynamic.to_json() {
        Json::Array(elements) => elements.iter().map(plain).collect(),
        other => vec![plain(&other)],
    }
}

fn scalar_value(scalar: &ScalarValue, scalar_type: ScalarType) -> Lowered<Value<'static>> {
    let reader = ColumnReader::of_array(&scalar.to_array()?, scalar_type)?;
    Ok(reader.get(0).into_owned())
}
