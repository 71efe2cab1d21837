//! Answers of the data plane of Microsoft Foundry projects: agents of both generations, connections, deployments,
//! datasets, indexes.
//!
//! Sources: learn.microsoft.com/rest/api/aifoundry (project data plane, `api-version=v1`; classic agents,
//! `/assistants`) and the migration guide of Foundry Agent Service, which shows both shapes side by side.

mod agents;
mod assets;
mod place;
mod tools;

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::answer::{first, segments};
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::Asked;
use crate::made::text;

/// Whether an object is a thing of a project's data plane.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    match text(body, "object") {
        Some("agent" | "agent.version" | "assistant") => body.contains_key("id"),
        Some(_) => false,
        None => assets::kind_of(body).is_some(),
    }
}

/// The project and type that a list is of, by the address or path of its answer.
pub(crate) fn list_of(origins: &[String]) -> Option<(String, String)> {
    let project = place::named(origins)?;
    let what = first(origins, |origin| {
        let last = segments(origin).last()?;
        let kind = match last {
            "assistants" => "agents",
            "agents" | "connections" | "deployments" | "datasets" | "indexes" => last,
            _ => return None,
        };
        Some(format!(
            "microsoft.cognitiveservices/accounts/projects/{kind}"
        ))
    })?;
    project.contains("/projects/").then_some((project, what))
}

/// Whether an empty list of agents is the list of classic ones; `None` where `what` is something else.
pub(crate) fn generation_of(origins: &[String], what: &str) -> Option<bool> {
    if what != "microsoft.cognitiveservices/accounts/projects/agents" {
        return None;
    }
    let classic = |origin: &str| segments(origin).last() == Some("assistants");
    Some(origins.iter().any(|origin| classic(origin)))
}

/// Reads one of them.
pub(crate) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    if found.tally.asked() == Asked::Query {
        // Lists of a data plane are spelt like rows of Resource Graph: `{"data": […]}`.
        found.tally.listed();
    }
    found.body.shift_remove(crate::answer::CONTEXT);
    match text(&found.body, "object") {
        Some("agent") => agents::agent(context, found),
        Some("agent.version") => agents::version(context, found),
        Some("assistant") => agents::classic(context, found),
        _ => assets::read(context, found),
    }
}
