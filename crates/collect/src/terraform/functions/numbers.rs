//! Functions of numbers and of the moment.

use super::{Call, Found};
use crate::terraform::fault::Fault;
use crate::terraform::value::Value;

pub(super) fn call(call: &Call<'_>) -> Option<Found> {
    Some(match call.name {
        "abs" => map(call, f64::abs),
        "ceil" => map(call, f64::ceil),
        "floor" => map(call, f64::floor),
        "signum" => map(
            call,
            |number| if number == 0.0 { 0.0 } else { number.signum() },
        ),
        "max" => fold(call, f64::max),
        "min" => fold(call, f64::min),
        "sum" => sum(call),
        "pow" => power(call),
        "log" => logarithm(call),
        "parseint" => parseint(call),
        "tonumber" => tonumber(call),
        "tobool" => tobool(call),
        "formatdate" | "timeadd" | "timecmp" => Ok(call.unknown()),
        _ => return None,
    })
}

fn map(call: &Call<'_>, change: impl Fn(f64) -> f64) -> Found {
    Ok(Value::Number(change(call.number(0)?)))
}

fn fold(call: &Call<'_>, pick: impl Fn(f64, f64) -> f64) -> Found {
    let mut found = call.number(0)?;
    for at in 1..call.arguments.len() {
        found = pick(found, call.number(at)?);
    }
    Ok(Value::Number(found))
}

fn sum(call: &Call<'_>) -> Found {
    let mut sum = 0.0;
    for item in call.items(0)? {
        let Value::Number(number) = item else {
            return Err(Fault::wrong("`sum` needs numbers"));
        };
        sum += number;
    }
    Ok(Value::Number(sum))
}

fn power(call: &Call<'_>) -> Found {
    Ok(Value::Number(call.number(0)?.powf(call.number(1)?)))
}

fn logarithm(call: &Call<'_>) -> Found {
    Ok(Value::Number(call.number(0)?.log(call.number(1)?)))
}

fn parseint(call: &Call<'_>) -> Found {
    let base = call.number(1)?;
    if !(2.0..=36.0).contains(&base) {
        return Err(Fault::wrong("`parseint` needs a base of 2 to 36"));
    }
    match i64::from_str_radix(&call.text(0)?, base as u32) {
        Ok(number) => Ok(Value::Number(number as f64)),
        Err(_) => Err(Fault::wrong("`parseint` needs digits")),
    }
}

fn tonumber(call: &Call<'_>) -> Found {
    match call.argument(0)? {
        Value::Null => Ok(Value::Null),
        _ => Ok(Value::Number(call.number(0)?)),
    }
}

fn tobool(call: &Call<'_>) -> Found {
    match call.argument(0)? {
        Value::Null => Ok(Value::Null),
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        _ => match &*call.text(0)? {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Fault::wrong("`tobool` needs true or false")),
        },
    }
}
