//! Functions that make and index arrays.

use super::super::fault::Fault;
use super::super::value::Value;
use super::{int_of, unknown_call};

/// Longest range, as Resource Manager has it.
const LONGEST_RANGE: i64 = 10_000;

pub(super) fn array(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::List(_) => Ok(arguments[0].clone()),
        Value::Unknown(_) => Ok(unknown_call("array", arguments)),
        other => Value::list(vec![other.clone()]),
    }
}

pub(super) fn create_array(arguments: &[Value]) -> Result<Value, Fault> {
    Value::list(arguments.to_vec())
}

pub(super) fn flatten(arguments: &[Value]) -> Result<Value, Fault> {
    let Value::List(list) = &arguments[0] else {
        return Err(Fault::argument("`flatten` takes an array of arrays"));
    };
    let mut flat = Vec::new();
    for item in &list.items {
        match item {
            Value::List(inner) => flat.extend(inner.items.iter().cloned()),
            Value::Unknown(_) => return Ok(unknown_call("flatten", arguments)),
            _ => return Err(Fault::argument("`flatten` takes an array of arrays")),
        }
    }
    Value::list(flat)
}

pub(super) fn range(arguments: &[Value]) -> Result<Value, Fault> {
    let (start, count) = (
        int_of(&arguments[0], "range")?,
        int_of(&arguments[1], "range")?,
    );
    if !(0..=LONGEST_RANGE).contains(&count) {
        return Err(Fault::argument(format!(
            "`range` takes a count from 0 to {LONGEST_RANGE}, not {count}"
        )));
    }
    let end = start
        .checked_add(count)
        .ok_or_else(|| Fault::argument("`range` goes beyond 64-bit integers"))?;
    Value::list((start..end).map(Value::Int).collect())
}

fn from_end<'v>(arguments: &'v [Value], function: &str) -> Result<Option<&'v Value>, Fault> {
    let Value::List(list) = &arguments[0] else {
        return Err(Fault::argument(format!("`{function}` takes an array")));
    };
    let index = int_of(&arguments[1], function)?;
    let at = usize::try_from(index).ok().filter(|index| *index > 0);
    Ok(at
        .and_then(|index| list.items.len().checked_sub(index))
        .map(|at| &list.items[at]))
}

pub(super) fn index_from_end(arguments: &[Value]) -> Result<Value, Fault> {
    from_end(arguments, "indexFromEnd")?
        .cloned()
        .ok_or_else(|| Fault::missing("the array has no element at this index from its end"))
}

pub(super) fn try_index_from_end(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(from_end(arguments, "tryIndexFromEnd")?
        .cloned()
        .unwrap_or(Value::Null))
}
