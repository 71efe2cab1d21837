//! Vulnerabilities that a CycloneDX file lists beside its components.
//!
//! Shape: cyclonedx.org/docs/latest/json, `vulnerabilities`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::Vulnerability;
use crate::context::FileContext;
use crate::facts::Subject;
use crate::stream::Place;

/// What an analysis says of vulnerabilities that do not count.
const NOT_AFFECTED: &[&str] = &[
    "not_affected",
    "false_positive",
    "resolved",
    "resolved_with_pedigree",
];

/// Sends a row for each vulnerability and each component it affects.
pub(crate) fn send(
    context: &mut FileContext<'_>,
    body: &Map<String, Value>,
    subject: &Subject,
    place: Place,
) -> ControlFlow<()> {
    let Some(Value::Array(listed)) = body.get("vulnerabilities") else {
        return ControlFlow::Continue(());
    };
    let components = by_reference(body);
    let mut count = 0;
    for entry in listed {
        let state = entry.pointer("/analysis/state").and_then(Value::as_str);
        if state.is_some_and(|state| NOT_AFFECTED.contains(&state)) {
            continue;
        }
        let affected = entry.get("affects").and_then(Value::as_array);
        let affected = affected.into_iter().flatten();
        let references = affected.filter_map(|affects| affects.get("ref").and_then(Value::as_str));
        for reference in references {
            let Some(found) = vulnerability(entry, state, components.get(reference).copied())
            else {
                continue;
            };
            count += 1;
            context.send_fact(found.row(subject, context.source_at(place)))?;
        }
    }
    if count > 0 {
        let reason = "the vulnerabilities that a bill of materials lists; whether all were looked for is not known";
        context.cover_facts("vulnerabilities", subject, count, Some(reason));
    }
    ControlFlow::Continue(())
}

fn by_reference(body: &Map<String, Value>) -> BTreeMap<&str, &Value> {
    let listed = body.get("components").and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(|component| Some((component.get("bom-ref")?.as_str()?, component)))
        .collect()
}

fn vulnerability<'v>(
    entry: &'v Value,
    state: Option<&'v str>,
    component: Option<&'v Value>,
) -> Option<Vulnerability<'v>> {
    let of = |key: &str| entry.get(key).and_then(Value::as_str);
    let part = |key: &str| {
        component
            .and_then(|component| component.get(key))
            .and_then(Value::as_str)
    };
    let ratings = entry.get("ratings").and_then(Value::as_array);
    let ratings = ratings.map_or(&[][..], Vec::as_slice);
    let severity = ratings
        .iter()
        .find_map(|rating| rating.get("severity").and_then(Value::as_str));
    let score = ratings
        .iter()
        .filter_map(|rating| rating.get("score").and_then(Value::as_f64));
    Some(Vulnerability {
        id: of("id")?,
        severity: severity.unwrap_or_default(),
        package: part("name").unwrap_or_default(),
        version: part("version"),
        purl: part("purl"),
        title: of("description").filter(|text| text.len() <= 300),
        status: state,
        published_at: of("published"),
        score: score.reduce(f64::max),
        source: "CycloneDX",
        ..Vulnerability::default()
    })
}
