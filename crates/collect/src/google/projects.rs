//! Projects have an id and a number, and sources name them by either. Resources carry the id wherever one row of the
//! input says which number it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::Value;
use stance_model::{Resource, ResourceId};

use super::asset::cover;
use super::name;
use crate::codes;
use crate::context::FileContext;
use crate::stream::Place;

/// Resources that wait for the id of their project; beyond that they go out with its number.
const WAITING: usize = 10_000;
/// Bytes of them.
const WAITING_BYTES: usize = 64 << 20;
/// Numbers that are remembered.
const PROJECTS: usize = 1_000_000;

/// What one input says about Google Cloud beside its resources.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    ids: BTreeMap<String, String>,
    waiting: Vec<(Resource, &'static str)>,
    waiting_bytes: usize,
    /// Kinds of content that were passed over, each told once.
    passed_over: BTreeSet<&'static str>,
}

impl Projects {
    /// Remembers the id of a project number.
    pub(super) fn learn(&mut self, number: &str, id: &str) {
        if self.ids.len() < PROJECTS && !self.ids.contains_key(number) {
            self.ids.insert(number.to_owned(), id.to_owned());
        }
    }

    pub(super) fn id_of(&self, number: &str) -> Option<&str> {
        self.ids.get(number).map(String::as_str)
    }

    /// True the first time.
    pub(super) fn pass_over(&mut self, kind: &'static str) -> bool {
        self.passed_over.insert(kind)
    }
}

/// Puts the id of its project where a resource has the number.
fn settle(resource: &mut Resource, number: &str, id: &str) {
    if let Some(spelt) = name::with_project(resource.id.as_str(), number, id) {
        resource.id = ResourceId::new(spelt);
    }
    let Value::Object(body) = &mut resource.body else {
        return;
    };
    body.insert("subscriptionId".to_owned(), Value::String(id.to_owned()));
    for key in ["id", "parentId"] {
        let spelt = body
            .get(key)
            .and_then(Value::as_str)
            .and_then(|spelt| name::with_project(spelt, number, id));
        if let Some(spelt) = spelt {
            body.insert(key.to_owned(), Value::String(spelt));
        }
    }
    // A project is called by its id.
    if body.get("name").and_then(Value::as_str) == Some(number) {
        body.insert("name".to_owned(), Value::String(id.to_owned()));
    }
}

/// Sends a resource, or keeps it until the id of its project is known.
pub(super) fn send(
    context: &mut FileContext<'_>,
    mut resource: Resource,
    reason: &'static str,
) -> ControlFlow<()> {
    let number = resource
        .text("subscriptionId")
        .filter(|project| name::is_number(project))
        .map(str::to_owned);
    let Some(number) = number else {
        cover(context, &resource, reason);
        return context.send(resource);
    };
    if let Some(id) = context.input.projects.id_of(&number).map(str::to_owned) {
        settle(&mut resource, &number, &id);
        cover(context, &resource, reason);
        return context.send(resource);
    }
    let projects = &mut context.input.projects;
    projects.waiting_bytes += resource.body.to_string().len();
    projects.waiting.push((resource, reason));
    // The file was understood, although nothing went out yet.
    context.coverage_rows += 1;
    if projects.waiting.len() >= WAITING || projects.waiting_bytes >= WAITING_BYTES {
        return release(context);
    }
    ControlFlow::Continue(())
}

/// Sends what waited: with the id of its project where that was learnt since, else with the number.
pub(crate) fn release(context: &mut FileContext<'_>) -> ControlFlow<()> {
    let waiting = std::mem::take(&mut context.input.projects.waiting);
    context.input.projects.waiting_bytes = 0;
    let mut numbered = 0_u64;
    for (mut resource, reason) in waiting {
        let number = resource
            .text("subscriptionId")
            .unwrap_or_default()
            .to_owned();
        match context.input.projects.id_of(&number).map(str::to_owned) {
            Some(id) => settle(&mut resource, &number, &id),
            None => numbered += 1,
        }
        cover(context, &resource, reason);
        context.send(resource)?;
    }
    if numbered > 0 {
        let message = format!("resources that name their project by its number only: {numbered}");
        context.report(codes::PROJECT_NUMBER, Place::NONE, &message);
    }
    ControlFlow::Continue(())
}
