//! Functions that fill up what is missing in a series.
//!
//! Missing is null, or the value that the call names in its place.

use serde_json::{Value as Json, json};

use super::numbers::{number, real};
use super::{CallContext, ScalarFunction};
use crate::functions::arrays::{array, made};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("series_fill_const", |_, values| {
        let fill = values.get(1).map_or(json!(0), Value::to_json);
        let elements = array(values.first()?)?.into_iter().map(|element| {
            if is_missing(&element, values.get(2)) {
                fill.clone()
            } else {
                element
            }
        });
        Some(made(elements.collect()))
    }),
    ScalarFunction::new("series_fill_forward", |_, values| {
        Some(made(carried(array(values.first()?)?, values.get(1))))
    }),
    ScalarFunction::new("series_fill_backward", |_, values| {
        let mut elements = array(values.first()?)?;
        elements.reverse();
        let mut filled = carried(elements, values.get(1));
        filled.reverse();
        Some(made(filled))
    }),
    ScalarFunction::new("series_fill_linear", fill_linear),
];

fn is_missing(element: &Json, placeholder: Option<&Value<'_>>) -> bool {
    let placeholder = placeholder.map_or(Json::Null, Value::to_json);
    match (number(&placeholder), number(element)) {
        (Some(wanted), Some(found)) => {
            wanted.total_cmp(&found).is_eq() || (wanted.is_nan() && found.is_nan())
        }
        (Some(_), None) => element.is_null(),
        (None, _) => *element == placeholder,
    }
}

/// Missing elements take the value before them.
fn carried(elements: Vec<Json>, placeholder: Option<&Value<'_>>) -> Vec<Json> {
    let mut last = None;
    elements
        .into_iter()
        .map(|element| {
            if !is_missing(&element, placeholder) {
                last = Some(element.clone());
                return element;
            }
            last.clone().unwrap_or(element)
        })
        .collect()
}

/// `series_fill_linear(series [, missing [, fill_edges [, constant]]])`: on the line between the
/// neighbours. A series of whole numbers stays one: what lies between is cut off.
fn fill_linear<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut elements = array(values.first()?)?;
    let edges = values.get(2).and_then(Value::as_bool).unwrap_or(true);
    let known: Vec<(usize, f64)> = elements
        .iter()
        .enumerate()
        .filter(|(_, element)| !is_missing(element, values.get(1)))
        .filter_map(|(at, element)| Some((at, number(element)?)))
        .collect();
    let whole = known.iter().all(|(at, _)| elements[*at].is_i64());
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        let constant = values.get(3).map_or(json!(0.0), Value::to_json);
        if constant.is_null() {
            return Some(made(elements));
        }
        return Some(made(vec![constant; elements.len()]));
    };
    if edges {
        let (before, after) = (elements[first.0].clone(), elements[last.0].clone());
        elements[..first.0].fill(before);
        elements[last.0 + 1..].fill(after);
    }
    for pair in known.windows(2) {
        let [(from, low), (to, high)] = pair else {
            continue;
        };
        let step = (high - low) / (to - from) as f64;
        for (distance, element) in (1_usize..).zip(&mut elements[from + 1..*to]) {
            let between = low + step * distance as f64;
            *element = if whole {
                json!(between as i64)
            } else {
                real(between)
            };
        }
    }
    Some(made(elements))
}
