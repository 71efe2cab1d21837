//! Functions over arrays as sets. Results keep the order of first appearance.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::arrays::{array, made};
use super::{CallContext, ScalarFunction};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("set_union", |_, values| {
        let mut all = Vec::new();
        for value in values {
            all.extend(array(value)?);
        }
        Some(made(unique(all)))
    }),
    ScalarFunction::new("set_intersect", |_, values| {
        let (first, others) = arrays(values)?;
        let kept = unique(first)
            .into_iter()
            .filter(|element| others.iter().all(|set| set.contains(&element.to_string())))
            .collect();
        Some(made(kept))
    }),
    ScalarFunction::new("set_difference", |_, values| {
        let (first, others) = arrays(values)?;
        let kept = unique(first)
            .into_iter()
            .filter(|element| !others.iter().any(|set| set.contains(&element.to_string())))
            .collect();
        Some(made(kept))
    }),
    ScalarFunction::new("set_has_element", |_, values| {
        let wanted = values.get(1)?.to_json().to_string();
        let found = array(values.first()?)?
            .iter()
            .any(|element| same_text(element, &wanted));
        Some(Value::Bool(found))
    }),
    ScalarFunction::new("set_equals", |_, values| {
        let (first, others) = arrays(values)?;
        let first: HashSet<String> = first.iter().map(Json::to_string).collect();
        Some(Value::Bool(others.iter().all(|set| *set == first)))
    }),
    ScalarFunction::new("jaccard_index", jaccard_index),
];

/// Elements are the same where their JSON is.
fn same_text(element: &Json, text: &str) -> bool {
    let own = element.to_string();
    own == text
}

fn unique(elements: Vec<Json>) -> Vec<Json> {
    let mut seen = HashSet::new();
    elements
        .into_iter()
        .filter(|element| seen.insert(element.to_string()))
        .collect()
}

type FirstAndOthers = (Vec<Json>, Vec<HashSet<String>>);

fn arrays(values: &[Value<'_>]) -> Option<FirstAndOthers> {
    let (first, others) = values.split_first()?;
    let others = others
        .iter()
        .map(|value| Some(array(value)?.iter().map(Json::to_string).collect()))
        .collect::<Option<_>>()?;
    Some((array(first)?, others))
}

fn jaccard_index<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let (first, others) = arrays(values)?;
    let first: HashSet<String> = first.iter().map(Json::to_string).collect();
    let second = others.first()?;
    let union = first.union(second).count();
    if union == 0 {
        return Some(Value::Real(f64::NAN));
    }
    Some(Value::Real(
        first.intersection(second).count() as f64 / union as f64,
    ))
}
