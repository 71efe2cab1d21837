//! Declared resources to resources: mapped, joined with what only adds to them, counted where they are not mapped.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value as Json, json};
use stance_base::redact;
use stance_model::{Diagnostic, Resource, ResourceId};

use super::evaluate::Surroundings;
use super::mapping::{self, Declared, Mapped};
use super::source::diagnostic;
use crate::codes;
use crate::stream::Place;

/// Providers whose resources are no part of a cloud.
const HELPERS: &[&str] = &[
    "archive",
    "cloudinit",
    "external",
    "http",
    "local",
    "null",
    "random",
    "template",
    "terraform",
    "time",
    "tls",
];
/// Types that are named in the note of those that are not mapped.
const NAMED: usize = 12;

/// What came of a plan, a state or a folder.
#[derive(Debug, Default)]
pub(super) struct Assembled {
    pub(super) resources: Vec<Resource>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

struct Part {
    target: String,
    body: mapping::Body,
    file: String,
    place: Place,
    doubt: Option<String>,
}

pub(super) fn assemble(file: &str, declared: &[(Declared, Rc<Surroundings>)]) -> Assembled {
    let mut out = Assembled::default();
    let mut parts = Vec::new();
    let mut unmapped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (one, around) in declared {
        match mapping::map(one, around) {
            Mapped::Resource(resource) => {
                let resource = *resource;
                let key = resource.id.key();
                // Bindings of one resource are one policy.
                let same = known
                    .get(&key)
                    .copied()
                    .filter(|_| resource.resource_type == mapping::POLICY);
                if let Some(first) = same.and_then(|at| out.resources.get_mut(at)) {
                    join(first, resource);
                } else {
                    known.insert(key, out.resources.len());
                    out.resources.push(resource);
                }
            }
            Mapped::Part {
                target,
                part,
                file,
                place,
                doubt,
            } => parts.push(Part {
                target,
                body: part,
                file,
                place,
                doubt,
            }),
            Mapped::Not => {
                let provider = one.kind.split('_').next().unwrap_or_default();
                if !HELPERS.contains(&provider) {
                    *unmapped.entry(&one.kind).or_default() += 1;
                }
            }
        }
    }
    for part in parts {
        let key = ResourceId::new(part.target.clone()).key();
        let target = known.get(&key).and_then(|at| out.resources.get_mut(*at));
        let Some(target) = target else {
            let message = format!("what it adds to is not here: {}", part.target);
            let code = codes::TERRAFORM_WITHOUT_TARGET;
            out.diagnostics
                .push(diagnostic(code, &part.file, part.place, message));
            continue;
        };
        let doubt = part.doubt.as_deref();
        mapping::add(target, part.body, &part.file, part.place, doubt);
    }
    if let Some(message) = note(&unmapped) {
        let code = codes::TERRAFORM_UNMAPPED;
        out.diagnostics
            .push(diagnostic(code, file, Place::NONE, message));
    }
    out.resources.iter_mut().for_each(tidy);
    out
}

fn join(first: &mut Resource, other: Resource) {
    let found = other.body.pointer("/properties/bindings").cloned();
    let doubt = other
        .unknowns
        .iter()
        .find(|unknown| unknown.pointer.is_empty());
    let doubt = doubt.map(|unknown| unknown.expression.clone());
    let mut part = mapping::Body::default();
    part.value.insert(
        "properties".to_owned(),
        json!({"bindings": found.unwrap_or_else(|| json!([]))}),
    );
    part.unknowns = other.unknowns;
    part.positions = other.positions;
    let place = Place {
        line: other.source.line,
        column: other.source.column,
    };
    mapping::add(first, part, &other.source.file, place, doubt.as_deref());
}

fn note(unmapped: &BTreeMap<&str, usize>) -> Option<String> {
    let count: usize = unmapped.values().sum();
    if count == 0 {
        return None;
    }
    let named: Vec<String> = unmapped
        .iter()
        .take(NAMED)
        .map(|(kind, count)| match count {
            1 => (*kind).to_owned(),
            count => format!("{kind} ({count})"),
        })
        .collect();
    let more = unmapped.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more types")
    } else {
        String::new()
    };
    Some(format!(
        "{count} resources of types that are not mapped were left out: {}{more}",
        named.join(", ")
    ))
}

/// In order of pointer, each once, and no secret in an expression.
fn tidy(resource: &mut Resource) {
    for unknown in &mut resource.unknowns {
        unknown.expression = without_secret(&unknown.pointer, &unknown.expression);
    }
    resource.unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    resource.unknowns.dedup_by(|a, b| a.pointer == b.pointer);
    resource.positions.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    resource.positions.dedup_by(|a, b| a.pointer == b.pointer);
}

/// An expression that holds a literal text where the member's name says secret tells nothing of it.
fn without_secret(pointer: &str, expression: &str) -> String {
    let clean = redact::redact_text(expression).into_owned();
    if !clean.contains('"') {
        return clean;
    }
    let name = pointer
        .split('/')
        .rev()
        .find(|part| part.parse::<usize>().is_err())
        .unwrap_or_default();
    let mut member = json!({});
    if let Json::Object(members) = &mut member {
        members.insert(name.to_owned(), Json::String(clean.clone()));
    }
    redact::redact(&mut member);
    member
        .get(name)
        .and_then(Json::as_str)
        .map_or(clean, str::to_owned)
}
