//! Functions of lists, sets and maps.

use std::rc::Rc;

use indexmap::IndexMap;

use super::{Call, Found, text_of};
use crate::terraform::fault::Fault;
use crate::terraform::value::{Value, equal};

/// Elements that one call may make.
const MAX_ITEMS: usize = 100_000;

pub(super) fn call(call: &Call<'_>) -> Option<Found> {
    Some(match call.name {
        "length" => length(call),
        "element" => element(call),
        "concat" => concat(call),
        "merge" => merge(call),
        "lookup" => lookup(call),
        "keys" => keys(call),
        "values" => values(call),
        "zipmap" => zipmap(call),
        "flatten" => flatten(call),
        "compact" => compact(call),
        "distinct" | "toset" | "setunion" => distinct(call),
        "setintersection" | "setsubtract" => set_operation(call),
        "setproduct" => setproduct(call),
        "contains" => contains(call),
        "index" => index(call),
        "slice" => slice(call),
        "reverse" => call
            .items(0)
            .and_then(|items| Value::list(items.iter().rev().cloned().collect())),
        "sort" => sort(call),
        "range" => range(call),
        "chunklist" => chunks(call),
        "coalesce" => coalesce(call),
        "coalescelist" => coalesce_list(call),
        "one" => one(call),
        "tolist" | "tomap" => same(call),
        "alltrue" => truths(call, true),
        "anytrue" => truths(call, false),
        "matchkeys" | "transpose" | "defaults" => Ok(call.unknown()),
        _ => return None,
    })
}

fn unknown_first(call: &Call<'_>) -> bool {
    call.arguments.first().is_some_and(opaque)
}

/// A value whose elements are not known, not even how many.
fn opaque(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown(_) | Value::Instance(_) | Value::Module(_)
    )
}

fn length(call: &Call<'_>) -> Found {
    let count = match call.argument(0)? {
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.members.len(),
        Value::Text(text) => text.chars().count(),
        value if opaque(value) => return Ok(call.unknown()),
        _ => return Err(Fault::wrong("`length` needs a list, map or text")),
    };
    Ok(Value::Number(count as f64))
}

fn element(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let items = call.items(0)?;
    let at = call.number(1)?;
    if items.is_empty() || at < 0.0 {
        return Err(Fault::wrong("`element` finds nothing"));
    }
    Ok(items[at as usize % items.len()].clone())
}

fn concat(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let mut all = Vec::new();
    for at in 0..call.arguments.len() {
        all.extend(call.items(at)?.iter().cloned());
        if all.len() > MAX_ITEMS {
            return Err(Fault::limit("a list grows too long"));
        }
    }
    Value::list(all)
}

fn merge(call: &Call<'_>) -> Found {
    let mut members: IndexMap<Rc<str>, Value> = IndexMap::new();
    for argument in &call.arguments {
        match argument {
            Value::Map(map) => members.extend(map.members.clone()),
            Value::Null => {}
            value if opaque(value) => return Ok(call.unknown()),
            _ => return Err(Fault::wrong("`merge` needs maps")),
        }
    }
    Value::map(members)
}

fn lookup(call: &Call<'_>) -> Found {
    if call.arguments.iter().take(2).any(opaque) {
        return Ok(call.unknown());
    }
    let key = call.text(1)?;
    let Value::Map(map) = call.argument(0)? else {
        return Err(Fault::wrong("`lookup` needs a map"));
    };
    match (map.members.get(&key), call.arguments.get(2)) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Fault::wrong(format!("there is no element `{key}`"))),
    }
}

fn keys(call: &Call<'_>) -> Found {
    match call.argument(0)? {
        Value::Map(map) => {
            let mut keys: Vec<Rc<str>> = map.members.keys().cloned().collect();
            keys.sort();
            Value::list(keys.into_iter().map(Value::Text).collect())
        }
        value if opaque(value) => Ok(call.unknown()),
        _ => Err(Fault::wrong("`keys` needs a map")),
    }
}

fn values(call: &Call<'_>) -> Found {
    match call.argument(0)? {
        Value::Map(map) => {
            let mut pairs: Vec<_> = map.members.iter().collect();
            pairs.sort_by(|a, b| a.0.cmp(b.0));
            Value::list(pairs.into_iter().map(|(_, value)| value.clone()).collect())
        }
        value if opaque(value) => Ok(call.unknown()),
        _ => Err(Fault::wrong("`values` needs a map")),
    }
}

fn zipmap(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let (keys, values) = (call.items(0)?, call.items(1)?);
    let mut members = IndexMap::new();
    for (key, value) in keys.iter().zip(values) {
        match text_of(key) {
            Some(key) => members.insert(key, value.clone()),
            None => return Ok(call.unknown()),
        };
    }
    Value::map(members)
}

fn flatten(call: &Call<'_>) -> Found {
    fn into(items: &[Value], out: &mut Vec<Value>) -> Option<()> {
        for item in items {
            match item {
                Value::List(list) => into(&list.items, out)?,
                value if opaque(value) && matches!(value, Value::Unknown(_)) => return None,
                value => out.push(value.clone()),
            }
        }
        Some(())
    }
    if unknown_first(call) {
        return Ok(call.unknown());
    }
    let mut out = Vec::new();
    match into(call.items(0)?, &mut out) {
        Some(()) => Value::list(out),
        // Whether an unknown element is a list itself decides what comes out.
        None => Ok(call.unknown()),
    }
}

fn compact(call: &Call<'_>) -> Found {
    if unknown_first(call) || !super::all_known(call.items(0)?) {
        return Ok(call.unknown());
    }
    let full = |item: &&Value| match item {
        Value::Null => false,
        Value::Text(text) => !text.is_empty(),
        _ => true,
    };
    Value::list(call.items(0)?.iter().filter(full).cloned().collect())
}

/// Each element once; sets in order of text, as Terraform runs over them.
fn distinct(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let mut all = Vec::new();
    for at in 0..call.arguments.len() {
        all.extend(call.items(at)?.iter().cloned());
    }
    let texts: Option<Vec<Rc<str>>> = all.iter().map(text_of).collect();
    if let Some(texts) = texts {
        let mut seen = std::collections::HashSet::new();
        let mut kept: Vec<(Rc<str>, Value)> = texts
            .into_iter()
            .zip(all)
            .filter(|(text, _)| seen.insert(Rc::clone(text)))
            .collect();
        if call.name != "distinct" {
            kept.sort_by(|a, b| a.0.cmp(&b.0));
        }
        return Value::list(kept.into_iter().map(|(_, value)| value).collect());
    }
    if all.len() > 1_000 {
        return Err(Fault::limit("a set of too many objects"));
    }
    let mut kept: Vec<Value> = Vec::new();
    for value in all {
        if !kept.iter().any(|known| equal(known, &value) == Some(true)) {
            kept.push(value);
        }
    }
    Value::list(kept)
}

fn set_operation(call: &Call<'_>) -> Found {
    let mut kept: Vec<Value> = call.items(0)?.to_vec();
    for at in 1..call.arguments.len() {
        let other: Option<std::collections::HashSet<Rc<str>>> =
            call.items(at)?.iter().map(text_of).collect();
        let Some(other) = other else {
            return Ok(call.unknown());
        };
        let keep = call.name == "setintersection";
        kept.retain(|item| text_of(item).is_some_and(|text| other.contains(&text)) == keep);
    }
    Value::list(kept)
}

fn setproduct(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for at in 0..call.arguments.len() {
        let items = call.items(at)?;
        if rows.len().saturating_mul(items.len()) > MAX_ITEMS {
            return Err(Fault::limit("a list grows too long"));
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(move |item| {
                    let mut row = row.clone();
                    row.push(item.clone());
                    row
                })
            })
            .collect();
    }
    Value::list(
        rows.into_iter()
            .map(Value::list)
            .collect::<Result<_, _>>()?,
    )
}

fn contains(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let wanted = call.argument(1)?;
    let mut sure = true;
    for item in call.items(0)? {
        match equal(item, wanted) {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => sure = false,
        }
    }
    Ok(if sure {
        Value::Bool(false)
    } else {
        call.unknown()
    })
}

fn index(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) || !super::all_known(call.items(0)?) {
        return Ok(call.unknown());
    }
    let wanted = call.argument(1)?;
    match call
        .items(0)?
        .iter()
        .position(|item| equal(item, wanted) == Some(true))
    {
        Some(at) => Ok(Value::Number(at as f64)),
        None => Err(Fault::wrong("`index` finds nothing")),
    }
}

fn slice(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let (from, to) = (
        call.number(1)?.max(0.0) as usize,
        call.number(2)?.max(0.0) as usize,
    );
    match call.items(0)?.get(from..to) {
        Some(part) => Value::list(part.to_vec()),
        None => Err(Fault::wrong("`slice` reaches beyond the list")),
    }
}

fn sort(call: &Call<'_>) -> Found {
    let texts: Option<Vec<Rc<str>>> = call.items(0)?.iter().map(text_of).collect();
    let Some(mut texts) = texts else {
        return Ok(call.unknown());
    };
    texts.sort();
    Value::list(texts.into_iter().map(Value::Text).collect())
}

fn range(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let (start, limit, step) = match call.arguments.len() {
        1 => (0.0, call.number(0)?, 1.0),
        2 => (call.number(0)?, call.number(1)?, 1.0),
        _ => (call.number(0)?, call.number(1)?, call.number(2)?),
    };
    let count = ((limit - start) / step).ceil();
    if step == 0.0 || !count.is_finite() || count > 10_000.0 {
        return Err(Fault::limit("`range` gives too many numbers"));
    }
    let number = |at: usize| Value::Number(start + at as f64 * step);
    Value::list((0..count.max(0.0) as usize).map(number).collect())
}

fn chunks(call: &Call<'_>) -> Found {
    if call.arguments.iter().any(opaque) {
        return Ok(call.unknown());
    }
    let size = call.number(1)?.max(1.0) as usize;
    let chunks = call
        .items(0)?
        .chunks(size)
        .map(|part| Value::list(part.to_vec()));
    Value::list(chunks.collect::<Result<_, _>>()?)
}

/// The first that is neither null nor empty; what stands behind something unknown plays no part.
fn coalesce(call: &Call<'_>) -> Found {
    for argument in &call.arguments {
        match argument {
            Value::Null => {}
            Value::Text(text) if text.is_empty() => {}
            value if opaque(value) => return Ok(call.unknown()),
            value => return Ok(value.clone()),
        }
    }
    Err(Fault::wrong("`coalesce` finds nothing"))
}

fn coalesce_list(call: &Call<'_>) -> Found {
    for argument in &call.arguments {
        match argument {
            Value::List(list) if !list.items.is_empty() => return Ok(argument.clone()),
            value if opaque(value) => return Ok(call.unknown()),
            _ => {}
        }
    }
    Err(Fault::wrong("`coalescelist` finds nothing"))
}

fn one(call: &Call<'_>) -> Found {
    if unknown_first(call) {
        return Ok(call.unknown());
    }
    match call.items(0)? {
        [] => Ok(Value::Null),
        [only] => Ok(only.clone()),
        _ => Err(Fault::wrong("`one` is given several elements")),
    }
}

fn same(call: &Call<'_>) -> Found {
    Ok(call.argument(0)?.clone())
}

fn truths(call: &Call<'_>, all: bool) -> Found {
    if unknown_first(call) {
        return Ok(call.unknown());
    }
    let mut sure = true;
    for item in call.items(0)? {
        match item {
            Value::Bool(flag) if *flag != all => return Ok(Value::Bool(!all)),
            Value::Bool(_) => {}
            Value::Null => return Ok(Value::Bool(!all)),
            _ => sure = false,
        }
    }
    Ok(if sure {
        Value::Bool(all)
    } else {
        call.unknown()
    })
}
