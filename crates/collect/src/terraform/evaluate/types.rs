//! Type constraints of variables: conversions, and defaults of optional attributes.
//!
//! Source: developer.hashicorp.com/terraform/language/expressions/type-constraints.

use indexmap::IndexMap;

use super::Evaluator;
use super::basics::text_of;
use crate::terraform::fault::Fault;
use crate::terraform::instance::Scope;
use crate::terraform::syntax::{Expression, Kind};
use crate::terraform::value::Value;

/// The value as the type reads it. A value that does not fit stays as it is: Terraform tells that better.
pub(super) fn typed(
    value: Value,
    kind: &Expression,
    evaluator: &Evaluator<'_>,
    scope: &Scope,
) -> Result<Value, Fault> {
    evaluator.charge(1)?;
    match (&kind.kind, value) {
        (Kind::Variable(name), value) => Ok(simple(value, name)),
        (Kind::Call(name, arguments, _), value) => {
            let Some(first) = arguments.first() else {
                return Ok(value);
            };
            match (&**name, value) {
                ("optional", value) => typed(value, first, evaluator, scope),
                ("list" | "set", Value::List(list)) => Value::list(
                    list.items
                        .iter()
                        .map(|item| typed(item.clone(), first, evaluator, scope))
                        .collect::<Result<_, _>>()?,
                ),
                ("map", Value::Map(map)) => Value::map(
                    map.members
                        .iter()
                        .map(|(key, item)| {
                            Ok((key.clone(), typed(item.clone(), first, evaluator, scope)?))
                        })
                        .collect::<Result<_, Fault>>()?,
                ),
                ("object", Value::Map(map)) => {
                    let Kind::Object(declared) = &first.kind else {
                        return Ok(Value::Map(map));
                    };
                    let mut members = IndexMap::new();
                    for (key, kind) in declared {
                        let key = text_of(&evaluator.value(key, scope)?)?;
                        let given = map.members.get(&key).cloned();
                        let made = attribute(given, kind, evaluator, scope)?;
                        if let Some(made) = made {
                            members.insert(key, made);
                        }
                    }
                    Value::map(members)
                }
                (_, value) => Ok(value),
            }
        }
        (_, value) => Ok(value),
    }
}

/// An attribute of an object: given, or the default of `optional(type, default)`.
fn attribute(
    given: Option<Value>,
    kind: &Expression,
    evaluator: &Evaluator<'_>,
    scope: &Scope,
) -> Result<Option<Value>, Fault> {
    let optional = match &kind.kind {
        Kind::Call(name, arguments, _) if &**name == "optional" => Some(arguments),
        _ => None,
    };
    let given = match (given, optional) {
        (Some(Value::Null) | None, Some(arguments)) => match arguments.get(1) {
            Some(default) => evaluator.value(default, scope)?,
            None => return Ok(Some(Value::Null)),
        },
        (Some(given), _) => given,
        (None, None) => return Ok(None),
    };
    typed(given, kind, evaluator, scope).map(Some)
}

fn simple(value: Value, name: &str) -> Value {
    match (name, &value) {
        ("string", Value::Number(_) | Value::Bool(_)) => text_of(&value).map_or(value, Value::Text),
        ("number", Value::Text(text)) => text.parse().map_or(value, Value::Number),
        ("bool", Value::Text(text)) => text.parse().map_or(value, Value::Bool),
        _ => value,
    }
}
