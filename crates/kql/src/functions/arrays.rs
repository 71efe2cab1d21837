//! Functions over arrays.

use std::cmp::Ordering;

use serde_json::{Number, Value as Json};

use super::{CallContext, ScalarFunction};
use crate::value::{Value, order_json, to_text};

/// Most elements that a function makes.
pub(super) const MAX_ELEMENTS: usize = 1 << 20;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("array_length", |_, values| {
        Some(Value::Long(array(values.first()?)?.len() as i64))
    }),
    ScalarFunction::new("pack_array", |_, values| {
        Some(made(values.iter().map(Value::to_json).collect()))
    }),
    ScalarFunction::new("array_concat", |_, values| {
        let mut all = Vec::new();
        for value in values {
            match value {
                Value::Null => {}
                other => all.extend(array(other).unwrap_or_else(|| vec![other.to_json()])),
            }
        }
        Some(made(all))
    }),
    ScalarFunction::new("array_slice", array_slice),
    ScalarFunction::new("array_split", array_split),
    ScalarFunction::new("array_index_of", array_index_of),
    ScalarFunction::new("array_reverse", |_, values| {
        let mut elements = array(values.first()?)?;
        elements.reverse();
        Some(made(elements))
    }),
    ScalarFunction::new("array_sort_asc", |_, values| array_sort(values, false)),
    ScalarFunction::new("array_sort_desc", |_, values| array_sort(values, true)),
    ScalarFunction::new("array_sort_asc_tuple", |_, values| {
        array_sort_tuple(values, false)
    }),
    ScalarFunction::new("array_sort_desc_tuple", |_, values| {
        array_sort_tuple(values, true)
    }),
    ScalarFunction::new("array_rotate_left", |_, values| array_rotate(values, 1)),
    ScalarFunction::new("array_rotate_right", |_, values| array_rotate(values, -1)),
    ScalarFunction::new("array_shift_left", |_, values| array_shift(values, 1)),
    ScalarFunction::new("array_shift_right", |_, values| array_shift(values, -1)),
    ScalarFunction::new("array_iff", array_iff),
    ScalarFunction::new("strcat_array", |_, values| {
        let parts: Vec<String> = array(values.first()?)?
            .iter()
            .map(|element| to_text(&Value::json(element)).into_owned())
            .collect();
        Some(Value::string(parts.join(&to_text(values.get(1)?))))
    }),
    ScalarFunction::new("repeat", |_, values| {
        let count = usize::try_from(values.get(1)?.as_long()?).ok()?;
        Some(made(vec![
            values.first()?.to_json();
            count.min(MAX_ELEMENTS)
        ]))
    }),
    ScalarFunction::new("zip", zip),
    ScalarFunction::new("range", range),
    ScalarFunction::new("dynamic_get", dynamic_get),
];

/// Elements of a dynamic array.
pub(super) fn array(value: &Value<'_>) -> Option<Vec<Json>> {
    match value {
        Value::Dynamic(dynamic) => dynamic.elements(),
        _ => None,
    }
}

/// A dynamic array of these elements.
pub(super) fn made<'a>(elements: Vec<Json>) -> Value<'a> {
    Value::json(&Json::Array(elements))
}

/// `a.b[0]["c"]`: a value and the steps into it, texts and numbers.
fn dynamic_get<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    use crate::dynamic::PathStep;
    let (value, steps) = values.split_first()?;
    let Value::Dynamic(dynamic) = value else {
        return None;
    };
    let path: Vec<PathStep<'_>> = steps
        .iter()
        .map(|step| match step {
            Value::Long(position) => Some(PathStep::Position(*position)),
            Value::String(key) => Some(PathStep::Key(key)),
            _ => None,
        })
        .collect::<Option<_>>()?;
    dynamic.get(&path).map(Value::Dynamic)
}

/// A position counted from the end where negative, held inside the array.
fn position(index: i64, length: usize) -> usize {
    let length = length as i64;
    let index = if index < 0 { length + index } else { index };
    usize::try_from(index.clamp(0, length)).unwrap_or(0)
}

/// Both ends are included.
fn array_slice<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let start = position(values.get(1)?.as_long()?, elements.len());
    let end = values.get(2)?.as_long()?;
    let end = if end == -1 {
        elements.len()
    } else {
        position(end.saturating_add(1), elements.len())
    };
    Some(made(
        elements
            .get(start..end.max(start))
            .unwrap_or_default()
            .to_vec(),
    ))
}

fn array_split<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let cuts: Vec<i64> = match values.get(1)? {
        Value::Dynamic(cuts) => cuts
            .elements()?
            .iter()
            .map(Json::as_i64)
            .collect::<Option<_>>()?,
        other => vec![other.as_long()?],
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for cut in cuts {
        let cut = position(cut, elements.len()).max(start);
        parts.push(Json::Array(elements[start..cut].to_vec()));
        start = cut;
    }
    parts.push(Json::Array(elements[start..].to_vec()));
    Some(made(parts))
}

/// `array_index_of(array, value [, start [, length [, occurrence]]])`; -1 where it is not there.
fn array_index_of<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let wanted = values.get(1)?.to_json();
    let start = position(
        values.get(2).and_then(Value::as_long).unwrap_or(0),
        elements.len(),
    );
    let length = values.get(3).and_then(Value::as_long).unwrap_or(-1);
    let occurrence = values.get(4).and_then(Value::as_long).unwrap_or(1);
    if length < -1 || occurrence < 0 {
        return None;
    }
    let occurrence = occurrence.max(1);
    let end = match usize::try_from(length) {
        Ok(length) => (start.saturating_add(length)).min(elements.len()),
        Err(_) => elements.len(),
    };
    let found = (start..end)
        .filter(|at| elements[*at] == wanted)
        .nth(usize::try_from(occurrence - 1).unwrap_or(usize::MAX));
    Some(Value::Long(found.map_or(-1, |at| at as i64)))
}

/// Sorts the first array; nulls go last.
fn array_sort<'a>(values: &[Value<'a>], descending: bool) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let order = sorted_order(&elements, nulls_last(values), descending);
    Some(made(order.iter().map(|at| elements[*at].clone()).collect()))
}

/// Sorts the first array and puts the others in the same order; an array of all of them.
fn array_sort_tuple<'a>(values: &[Value<'a>], descending: bool) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let order = sorted_order(&elements, nulls_last(values), descending);
    let arrays = values
        .iter()
        .filter(|value| !matches!(value, Value::Bool(_)));
    let sorted = arrays
        .map(|value| match array(value) {
            // An array of another length cannot be put in the same order.
            Some(other) if other.len() == order.len() => {
                Json::Array(order.iter().map(|at| other[*at].clone()).collect())
            }
            _ => Json::Null,
        })
        .collect();
    Some(made(sorted))
}

fn nulls_last(values: &[Value<'_>]) -> bool {
    let given = values.iter().skip(1).find_map(|value| match value {
        Value::Bool(flag) => Some(*flag),
        _ => None,
    });
    given.unwrap_or(true)
}

fn sorted_order(elements: &[Json], nulls_last: bool, descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..elements.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&elements[*a], &elements[*b]);
        match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (false, false) if descending => order_json(b, a),
            (false, false) => order_json(a, b),
            (first, _) if first == nulls_last => Ordering::Greater,
            _ => Ordering::Less,
        }
    });
    order
}

fn array_rotate<'a>(values: &[Value<'a>], direction: i64) -> Option<Value<'a>> {
    let mut elements = array(values.first()?)?;
    if elements.is_empty() {
        return Some(made(elements));
    }
    let by = values.get(1)?.as_long()?.wrapping_mul(direction);
    let by = by.rem_euclid(elements.len() as i64);
    elements.rotate_left(usize::try_from(by).ok()?);
    Some(made(elements))
}

fn array_shift<'a>(values: &[Value<'a>], direction: i64) -> Option<Value<'a>> {
    let elements = array(values.first()?)?;
    let by = values.get(1)?.as_long()?.saturating_mul(direction);
    let fill = values.get(2).map_or(Json::Null, Value::to_json);
    let shifted = (0..elements.len() as i64)
        .map(|at| {
            let from = at
                .checked_add(by)
                .and_then(|from| usize::try_from(from).ok());
            from.and_then(|from| elements.get(from))
                .unwrap_or(&fill)
                .clone()
        })
        .collect();
    Some(made(shifted))
}

/// Picks element by element; a value that is no array stands for every element.
fn array_iff<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let conditions = array(values.first()?)?;
    let pick = |value: &Value<'_>, at: usize| match array(value) {
        Some(elements) => elements.get(at).cloned().unwrap_or(Json::Null),
        None => value.to_json(),
    };
    let (yes, no) = (values.get(1)?, values.get(2)?);
    let picked = conditions
        .iter()
        .enumerate()
        .map(|(at, condition)| match condition {
            Json::Bool(holds) => pick(if *holds { yes } else { no }, at),
            Json::Number(number) => {
                let holds = number.as_f64() != Some(0.0);
                pick(if holds { yes } else { no }, at)
            }
            _ => Json::Null,
        })
        .collect();
    Some(made(picked))
}

fn zip<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let arrays: Vec<Vec<Json>> = values.iter().map(array).collect::<Option<_>>()?;
    let length = arrays.iter().map(Vec::len).max()?;
    let zipped = (0..length)
        .map(|at| {
            let tuple = arrays
                .iter()
                .map(|array| array.get(at).cloned().unwrap_or(Json::Null));
            Json::Array(tuple.collect())
        })
        .collect();
    Some(made(zipped))
}

/// `range(start, stop [, step])` of numbers, datetimes or timespans; the stop is included.
fn range<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let steps = steps(values.first()?, values.get(1)?, values.get(2), MAX_ELEMENTS)?;
    Some(made(steps.iter().map(Value::to_json).collect()))
}

/// The values from start to stop; at most `limit` of them.
pub(crate) fn steps(
    start: &Value<'_>,
    stop: &Value<'_>,
    step: Option<&Value<'_>>,
    limit: usize,
) -> Option<Vec<Value<'static>>> {
    match (start, stop) {
        (Value::Long(start), Value::Long(stop))
            if step.is_none_or(|s| matches!(s, Value::Long(_))) =>
        {
            let step = step.map_or(Some(1), Value::as_long)?;
            Some(
                whole_steps(*start, *stop, step, limit)?
                    .into_iter()
                    .map(Value::Long)
                    .collect(),
            )
        }
        (Value::TimeSpan(start), Value::TimeSpan(stop)) => {
            let step = step.map_or(Some(36_000_000_000), Value::as_long)?;
            Some(
                whole_steps(*start, *stop, step, limit)?
                    .into_iter()
                    .map(Value::TimeSpan)
                    .collect(),
            )
        }
        (Value::DateTime(start), Value::DateTime(stop)) => {
            let ticks = step.map_or(Some(36_000_000_000), Value::as_long)?;
            let found = whole_steps(*start, *stop, crate::instant::ticks_to_micros(ticks), limit)?;
            Some(found.into_iter().map(Value::DateTime).collect())
        }
        (start, stop) => {
            let (start, stop) = (start.as_real()?, stop.as_real()?);
            let step = step.map_or(Some(1.0), Value::as_real)?;
            let count = ((stop - start) / step + 1e-9).floor();
            if !count.is_finite() || step == 0.0 {
                return None;
            }
            let count = (count + 1.0).clamp(0.0, limit as f64) as usize;
            let number = |at: usize| Number::from_f64(start + step * at as f64);
            Some(
                (0..count)
                    .filter_map(|at| Some(Value::Real(number(at)?.as_f64()?)))
                    .collect(),
            )
        }
    }
}

/// How many values [`steps`] would give without a limit; nothing where the step leads nowhere.
pub(crate) fn step_count(start: &Value<'_>, stop: &Value<'_>, step: &Value<'_>) -> Option<f64> {
    let step = match (start, step) {
        (Value::DateTime(_), step) => step.as_real()? / 10.0,
        (_, step) => step.as_real()?,
    };
    let place = |value: &Value<'_>| match value {
        Value::DateTime(micros) => Some(*micros as f64),
        other => other.as_real(),
    };
    let count = ((place(stop)? - place(start)?) / step).floor() + 1.0;
    (step != 0.0 && count.is_finite()).then(|| count.max(0.0))
}

fn whole_steps(start: i64, stop: i64, step: i64, limit: usize) -> Option<Vec<i64>> {
    if step == 0 {
        return None;
    }
    let mut found = Vec::new();
    let mut at = start;
    while found.len() < limit && if step > 0 { at <= stop } else { at >= stop } {
        found.push(at);
        match at.checked_add(step) {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(found)
}
