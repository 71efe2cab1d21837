//! Arithmetic and conversions.

use std::cmp::Ordering;

use super::super::fault::Fault;
use super::super::value::Value;
use super::int_of;

fn arithmetic(
    arguments: &[Value],
    function: &str,
    apply: fn(i64, i64) -> Option<i64>,
) -> Result<Value, Fault> {
    let (left, right) = (
        int_of(&arguments[0], function)?,
        int_of(&arguments[1], function)?,
    );
    apply(left, right).map(Value::Int).ok_or_else(|| {
        Fault::argument(format!(
            "`{function}` of {left} and {right} is no 64-bit integer"
        ))
    })
}

pub(super) fn add(arguments: &[Value]) -> Result<Value, Fault> {
    arithmetic(arguments, "add", i64::checked_add)
}

pub(super) fn sub(arguments: &[Value]) -> Result<Value, Fault> {
    arithmetic(arguments, "sub", i64::checked_sub)
}

pub(super) fn mul(arguments: &[Value]) -> Result<Value, Fault> {
    arithmetic(arguments, "mul", i64::checked_mul)
}

pub(super) fn div(arguments: &[Value]) -> Result<Value, Fault> {
    arithmetic(arguments, "div", i64::checked_div)
}

pub(super) fn modulo(arguments: &[Value]) -> Result<Value, Fault> {
    arithmetic(arguments, "mod", i64::checked_rem)
}

fn extreme(arguments: &[Value], function: &str, wanted: Ordering) -> Result<Value, Fault> {
    let values = match arguments {
        [Value::List(list)] => list.items.as_slice(),
        values => values,
    };
    let mut best: Option<i64> = None;
    for value in values {
        let number = int_of(value, function)?;
        if best.is_none_or(|best| number.cmp(&best) == wanted) {
            best = Some(number);
        }
    }
    best.map(Value::Int)
        .ok_or_else(|| Fault::argument(format!("`{function}` of an empty array has no value")))
}

pub(super) fn min(arguments: &[Value]) -> Result<Value, Fault> {
    extreme(arguments, "min", Ordering::Less)
}

pub(super) fn max(arguments: &[Value]) -> Result<Value, Fault> {
    extreme(arguments, "max", Ordering::Greater)
}

pub(super) fn int(arguments: &[Value]) -> Result<Value, Fault> {
    let wrong = || Fault::argument("`int` takes an integer or a text that is one");
    match &arguments[0] {
        Value::Int(number) => Ok(Value::Int(*number)),
        Value::Text(text) => text.trim().parse().map(Value::Int).map_err(|_| wrong()),
        Value::Number(text) => {
            let number: f64 = text.parse().map_err(|_| wrong())?;
            if number.abs() < 9.0e18 {
                Ok(Value::Int(number.trunc() as i64))
            } else {
                Err(wrong())
            }
        }
        _ => Err(wrong()),
    }
}

pub(super) fn float(arguments: &[Value]) -> Result<Value, Fault> {
    let wrong = || Fault::argument("`float` takes a number or a text that is one");
    let text = match &arguments[0] {
        Value::Int(number) => return Ok(Value::Number(format!("{number}.0").into())),
        Value::Number(text) | Value::Text(text) => text.trim(),
        _ => return Err(wrong()),
    };
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if !number.is_finite() {
        return Err(wrong());
    }
    let shown = if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.1}")
    } else {
        format!("{number}")
    };
    Ok(Value::Number(shown.into()))
}

pub(super) fn bool(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::Int(number) => Ok(Value::Bool(*number != 0)),
        Value::Text(text) if text.eq_ignore_ascii_case("true") || text.as_ref() == "1" => {
            Ok(Value::Bool(true))
        }
        Value::Text(text) if text.eq_ignore_ascii_case("false") || text.as_ref() == "0" => {
            Ok(Value::Bool(false))
        }
        _ => Err(Fault::argument("`bool` takes `true`, `false`, 1 or 0")),
    }
}

pub(super) fn not(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Bool(value) => Ok(Value::Bool(!value)),
        other => Err(Fault::argument(format!(
            "`not` takes a bool, not {}",
            other.type_name()
        ))),
    }
}
