//! A bill of materials to rows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::{Bill, Component, libraries};
use crate::codes;
use crate::context::FileContext;
use crate::facts::{self, texts};
use crate::stream::Place;
use crate::vulnerabilities;

/// Names of models that one row lists.
const MODELS: usize = 100;

/// Sends the row of the bill and those of its libraries of generative AI.
pub(super) fn send(
    context: &mut FileContext<'_>,
    bill: &Bill,
    body: &Map<String, Value>,
    place: Place,
) -> ControlFlow<()> {
    if !bill.subject.is_known() {
        let named = bill.subject.name.as_deref().unwrap_or("nothing");
        let message = format!(
            "the bill of materials describes `{named}`, which names no image and no resource"
        );
        context.report(codes::SUBJECT_UNKNOWN, place, &message);
    }
    let found = generative(bill);
    let ours = row(context, bill, found.len(), place);
    let id = ours.id.as_str().to_owned();
    context.send_fact(ours)?;
    for (component, kind) in &found {
        let library = library(context, bill, component, kind, &id, place);
        context.send_fact(library)?;
    }
    context.cover_facts("libraries", &bill.subject, found.len() as u64, None);
    vulnerabilities::cyclonedx::send(context, body, &bill.subject, place)
}

/// Libraries of generative AI, each version once.
fn generative(bill: &Bill) -> Vec<(&Component, &'static str)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for component in &bill.components {
        let Some(purl) = &component.purl else {
            continue;
        };
        let Some(kind) = libraries::kind_of(&purl.kind, &purl.name) else {
            continue;
        };
        if seen.insert((&purl.kind, &purl.name, &component.version)) {
            found.push((component, kind));
        }
    }
    found
}

fn row(
    context: &FileContext<'_>,
    bill: &Bill,
    generative: usize,
    place: Place,
) -> stance_model::Resource {
    let mut ecosystems: BTreeMap<&str, u64> = BTreeMap::new();
    for component in &bill.components {
        if let Some(purl) = &component.purl {
            *ecosystems.entry(&purl.kind).or_default() += 1;
        }
    }
    let subject = texts(&[
        ("name", bill.subject.name.as_deref()),
        ("version", bill.subject_version.as_deref()),
        ("purl", bill.subject_purl.as_deref()),
    ]);
    let mut members = texts(&[
        ("format", Some(bill.format)),
        ("specVersion", Some(&bill.spec_version)),
        ("tool", bill.tool.as_deref()),
        ("madeAt", bill.made_at.as_deref()),
    ]);
    members.insert("subject".to_owned(), Value::Object(subject));
    members.insert("componentCount".to_owned(), json!(bill.components.len()));
    members.insert("generativeAiCount".to_owned(), json!(generative));
    members.insert("ecosystems".to_owned(), json!(ecosystems));
    if !bill.models.is_empty() {
        let listed: Vec<&String> = bill.models.iter().take(MODELS).collect();
        members.insert("models".to_owned(), json!(listed));
    }
    let name = bill.subject.name.as_deref().unwrap_or(bill.format);
    let mut resource = facts::fact(
        "sboms",
        name,
        &bill.subject,
        &[bill.format, context.file],
        members,
        context.source_at(place),
    );
    resource.observed_at.clone_from(&bill.made_at);
    resource
}

fn library(
    context: &FileContext<'_>,
    bill: &Bill,
    component: &Component,
    kind: &str,
    sbom: &str,
    place: Place,
) -> stance_model::Resource {
    let purl = component.purl.as_ref();
    let version = component
        .version
        .as_deref()
        .or_else(|| purl.and_then(|purl| purl.version.as_deref()));
    let ecosystem = purl.map(|purl| purl.kind.as_str());
    let name = purl.map_or(component.name.as_str(), |purl| purl.name.as_str());
    let mut members = texts(&[
        ("name", Some(name)),
        ("version", version),
        ("purl", component.spelt.as_deref()),
        ("ecosystem", ecosystem),
        ("kind", Some(kind)),
        ("sbom", Some(sbom)),
    ]);
    members.insert("isGenerativeAi".to_owned(), json!(true));
    let mut resource = facts::fact(
        "libraries",
        name,
        &bill.subject,
        &[
            ecosystem.unwrap_or_default(),
            name,
            version.unwrap_or_default(),
        ],
        members,
        context.source_at(place),
    );
    resource.observed_at.clone_from(&bill.made_at);
    resource
}
