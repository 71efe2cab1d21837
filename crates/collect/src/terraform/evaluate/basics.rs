//! What expressions are made of: conditions, numbers, texts, elements, loops.

use std::rc::Rc;

use crate::terraform::fault::Fault;
use crate::terraform::instance::Scope;
use crate::terraform::syntax::Expression;
use crate::terraform::value::{self, Value};

type Found = Result<Value, Fault>;

/// The scope of one element of a loop.
pub(super) fn bind(
    scope: &Scope,
    key_name: Option<&Rc<str>>,
    value_name: &str,
    key: Value,
    value: Value,
) -> Scope {
    let scope = match key_name {
        Some(name) => scope.with(name, key),
        None => scope.clone(),
    };
    scope.with(value_name, value)
}

/// `value[index]`.
pub(super) fn element(value: &Value, index: &Value, cloud: bool, expression: &Expression) -> Found {
    let unknown = || Ok(Value::unknown(&expression.text));
    match (value, index) {
        (Value::Secret, _) | (_, Value::Secret) => Ok(Value::Secret),
        (Value::Unknown(_) | Value::Instance(_) | Value::Module(_), _) | (_, Value::Unknown(_)) => {
            unknown()
        }
        (Value::List(list), index) => {
            let at = number(index)?;
            let found = (at >= 0.0 && at.fract() == 0.0)
                .then(|| list.items.get(at as usize))
                .flatten();
            match found {
                Some(item) => Ok(item.clone()),
                // One instance stands for a count that is not known.
                None if list.items.iter().any(is_doubtful) || cloud => unknown(),
                None => Err(Fault::wrong(format!("there is no element {at}"))),
            }
        }
        (Value::Map(map), index) => match map.members.get(&*text_of(index)?) {
            Some(found) => Ok(found.clone()),
            None if map.members.values().any(is_doubtful) || cloud => unknown(),
            None => Err(Fault::wrong(format!(
                "there is no element `{}`",
                text_of(index)?
            ))),
        },
        _ if cloud => unknown(),
        _ => Err(Fault::wrong(
            "a value that is no list or map has no elements",
        )),
    }
}

fn is_doubtful(value: &Value) -> bool {
    match value {
        Value::Instance(instance) => instance.doubt.is_some(),
        Value::Module(module) => module.doubt.is_some(),
        _ => false,
    }
}

/// A condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Truth {
    Known(bool),
    Unknown,
    Secret,
}

/// A value as a condition.
pub(super) fn truth(value: &Value) -> Result<Truth, Fault> {
    match value {
        Value::Bool(flag) => Ok(Truth::Known(*flag)),
        Value::Text(text) if &**text == "true" => Ok(Truth::Known(true)),
        Value::Text(text) if &**text == "false" => Ok(Truth::Known(false)),
        Value::Unknown(_) => Ok(Truth::Unknown),
        Value::Secret => Ok(Truth::Secret),
        _ => Err(Fault::wrong("expected true or false")),
    }
}

/// As the language turns a simple value into a number.
pub(super) fn number(value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Number(number) => Ok(*number),
        Value::Text(text) => text
            .parse()
            .map_err(|_| Fault::wrong("a text is no number")),
        _ => Err(Fault::wrong("expected a number")),
    }
}

/// As the language turns a value into text.
pub(super) fn text_of(value: &Value) -> Result<Rc<str>, Fault> {
    match value {
        Value::Text(text) => Ok(Rc::clone(text)),
        Value::Bool(flag) => Ok(flag.to_string().into()),
        Value::Number(number) => Ok(value::number_text(*number).into()),
        Value::Null => Err(Fault::wrong("a text is made of null")),
        _ => Err(Fault::wrong("a text is made of a list, map or resource")),
    }
}

pub(super) enum Pairs {
    Known(Vec<(Value, Value)>),
    Unknown,
    Secret,
}

/// What a loop runs over: key and value of each element.
pub(super) fn pairs(value: &Value) -> Result<Pairs, Fault> {
    Ok(match value {
        Value::List(list) => Pairs::Known(
            list.items
                .iter()
                .enumerate()
                .map(|(index, item)| (Value::Number(index as f64), item.clone()))
                .collect(),
        ),
        Value::Map(map) => Pairs::Known(
            map.members
                .iter()
                .map(|(key, item)| (Value::Text(Rc::clone(key)), item.clone()))
                .collect(),
        ),
        Value::Secret => Pairs::Secret,
        Value::Unknown(_) | Value::Instance(_) | Value::Module(_) => Pairs::Unknown,
        _ => return Err(Fault::wrong("a loop needs a list, set or map")),
    })
}
