//! Template functions of policy rules. `None` stands for an absent argument or result.
//!
//! Those that the built-in definitions use are here; for any other the verdict rests on regorus alone.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::{Map, Value};

use super::datum::{Datum, Truth, Unsupported};
use super::functions_text::{
    add_days, affix, concat, encode, join, pad_left, replace, split, substring,
};
use super::operator::{apply, as_bool, number_in, text_of};

pub(super) type Argument<'a> = Option<&'a Value>;

/// Calls a function by its lower-case name.
pub(super) fn call(name: &str, args: &[Argument<'_>]) -> Result<Option<Value>, Unsupported> {
    if let Some(operator) = comparison(name) {
        return Ok(compare(operator, args).map(Value::Bool));
    }
    Ok(match name {
        "and" => Some(
            args.iter()
                .all(|arg| *arg == Some(&Value::Bool(true)))
                .into(),
        ),
        "or" => Some(
            args.iter()
                .any(|arg| *arg == Some(&Value::Bool(true)))
                .into(),
        ),
        "not" => Some((first(args) != Some(&Value::Bool(true))).into()),
        "true" => Some(true.into()),
        "false" => Some(false.into()),
        "empty" => Some(is_empty(first(args)).into()),
        "coalesce" => Some(
            args.iter()
                .flatten()
                .find(|value| !value.is_null())
                .map_or(Value::Null, |value| (*value).clone()),
        ),
        "createarray" => args
            .iter()
            .map(|arg| arg.cloned())
            .collect::<Option<Vec<_>>>()
            .map(Value::Array),
        "array" => first(args).map(|value| match value {
            Value::Array(_) => value.clone(),
            other => Value::Array(vec![other.clone()]),
        }),
        "createobject" => create_object(args),
        "length" => length(first(args)),
        "first" => ends(first(args), false),
        "last" => ends(first(args), true),
        "concat" => return concat(args),
        "split" => split(args),
        "join" => join(args),
        "tolower" => text(args, 0).map(|text| text.to_lowercase().into()),
        "toupper" => text(args, 0).map(|text| text.to_uppercase().into()),
        "trim" => text(args, 0).map(|text| text.trim().into()),
        "replace" => replace(args),
        "substring" => substring(args),
        "startswith" => Some(affix(args, |text, part| text.starts_with(part)).into()),
        "endswith" => Some(affix(args, |text, part| text.ends_with(part)).into()),
        "padleft" => pad_left(args),
        "string" => first(args).map(|value| match value {
            Value::Null => "null".into(),
            other => text_of(other).unwrap_or_else(|| other.to_string()).into(),
        }),
        "int" => first(args).and_then(whole).map(Value::from),
        "bool" => first(args)
            .and_then(|value| match value {
                Value::Number(number) => number.as_f64().map(|number| number != 0.0),
                Value::String(text) if text == "1" => Some(true),
                Value::String(text) if text == "0" => Some(false),
                other => as_bool(other),
            })
            .map(Value::Bool),
        "base64" => text(args, 0).map(|text| encode(text).into()),
        "add" | "sub" | "mul" | "div" | "mod" => arithmetic(name, args),
        "union" => union(args),
        "intersection" => intersection(args),
        "adddays" => add_days(args),
        "tryget" => try_get(args),
        other => return Err(Unsupported(format!("the function {other}()"))),
    })
}

fn comparison(name: &str) -> Option<OperatorKind> {
    Some(match name {
        "equals" => OperatorKind::Equals,
        "contains" => OperatorKind::Contains,
        "greater" => OperatorKind::Greater,
        "greaterorequals" => OperatorKind::GreaterOrEquals,
        "less" => OperatorKind::Less,
        "lessorequals" => OperatorKind::LessOrEquals,
        _ => return None,
    })
}

fn compare(operator: OperatorKind, args: &[Argument<'_>]) -> Option<bool> {
    let [left, right] = args else {
        return None;
    };
    let datum = |arg: &Argument<'_>| arg.map_or(Datum::Absent, |value| Datum::of(value.clone()));
    Some(apply(operator, &datum(left), &datum(right)) == Truth::True)
}

pub(super) fn first<'a>(args: &[Argument<'a>]) -> Argument<'a> {
    args.first().copied().flatten()
}

pub(super) fn text<'a>(args: &[Argument<'a>], at: usize) -> Option<&'a str> {
    args.get(at).copied().flatten().and_then(Value::as_str)
}

pub(super) fn whole(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => number_in(text)?,
        _ => return None,
    };
    number
        .as_i64()
        .or_else(|| number.as_f64().map(|number| number as i64))
}

fn is_empty(value: Argument<'_>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(object)) => object.is_empty(),
        Some(_) => false,
    }
}

fn length(value: Argument<'_>) -> Option<Value> {
    let length = match value? {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(object) => object.len(),
        _ => return None,
    };
    Some(length.into())
}

fn ends(value: Argument<'_>, last: bool) -> Option<Value> {
    match value? {
        Value::Array(items) => {
            let item = if last { items.last() } else { items.first() };
            Some(item.cloned().unwrap_or(Value::Null))
        }
        Value::String(text) => {
            let c = if last {
                text.chars().last()
            } else {
                text.chars().next()
            };
            Some(c.map(String::from).unwrap_or_default().into())
        }
        _ => None,
    }
}

fn arithmetic(name: &str, args: &[Argument<'_>]) -> Option<Value> {
    let [Some(Value::Number(left)), Some(Value::Number(right))] = args else {
        return None;
    };
    let (left, right) = (left.as_i64()?, right.as_i64()?);
    let result = match name {
        "add" => left.checked_add(right),
        "sub" => left.checked_sub(right),
        "mul" => left.checked_mul(right),
        "div" => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.map(Value::from)
}

fn create_object(args: &[Argument<'_>]) -> Option<Value> {
    let mut object = Map::new();
    for pair in args.chunks(2) {
        let [Some(Value::String(key)), Some(value)] = pair else {
            return None;
        };
        object.insert(key.clone(), (*value).clone());
    }
    Some(Value::Object(object))
}

fn union(args: &[Argument<'_>]) -> Option<Value> {
    match first(args)? {
        Value::Array(_) => {
            let mut out: Vec<Value> = Vec::new();
            for arg in args {
                for item in (*arg)?.as_array()? {
                    if !out.contains(item) {
                        out.push(item.clone());
                    }
                }
            }
            Some(Value::Array(out))
        }
        Value::Object(_) => {
            let mut out = Map::new();
            for arg in args {
                merge(&mut out, (*arg)?.as_object()?);
            }
            Some(Value::Object(out))
        }
        _ => None,
    }
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        if let (Some(Value::Object(old)), Value::Object(new)) = (into.get_mut(key), value) {
            merge(old, new);
        } else {
            into.insert(key.clone(), value.clone());
        }
    }
}

fn intersection(args: &[Argument<'_>]) -> Option<Value> {
    match first(args)? {
        Value::Array(items) => {
            let mut out = items.clone();
            for arg in &args[1..] {
                let other = (*arg)?.as_array()?;
                out.retain(|item| other.contains(item));
            }
            Some(Value::Array(out))
        }
        Value::Object(object) => {
            let mut out = object.clone();
            for arg in &args[1..] {
                let other = (*arg)?.as_object()?;
                out.retain(|key, value| other.get(key) == Some(&*value));
            }
            Some(Value::Object(out))
        }
        _ => None,
    }
}

fn try_get(args: &[Argument<'_>]) -> Option<Value> {
    let mut current = first(args)?.clone();
    for key in &args[1..] {
        current = Datum::of(current)
            .index(&Datum::of((*key)?.clone()))
            .known()?
            .clone();
    }
    Some(current)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(name: &str, args: &[Value]) -> Option<Value> {
        call(name, &args.iter().map(Some).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn text_functions() {
        assert_eq!(
            run("padleft", &[json!("7"), json!(3), json!("0")]),
            Some(json!("007"))
        );
        assert_eq!(
            run("split", &[json!("a,b;c"), json!([",", ";"])]),
            Some(json!(["a", "b", "c"]))
        );
        assert_eq!(run("base64", &[json!("ab")]), Some(json!("YWI=")));
        assert_eq!(run("base64", &[json!("abc")]), Some(json!("YWJj")));
        assert_eq!(run("concat", &[json!("a"), json!("b")]), Some(json!("ab")));
        assert_eq!(
            run("adddays", &[json!("2026-01-30T00:00:00Z"), json!(3)]),
            Some(json!("2026-02-02T00:00:00Z"))
        );
        assert_eq!(
            run("substring", &[json!("abcdef"), json!(2), json!(2)]),
            Some(json!("cd"))
        );
    }

    #[test]
    fn a_function_not_computed_says_its_name() {
        let error = call("ipRangeContains", &[]).unwrap_err();
        assert!(error.0.contains("ipRangeContains"));
    }
}
