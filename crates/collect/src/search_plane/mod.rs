//! Answers of the data plane of Azure AI Search: indexes, indexers, data sources, skill sets, and what agents
//! retrieve through.
//!
//! Source: learn.microsoft.com/rest/api/searchservice (2024-07-01 and later).

mod target;

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::answer::{CONTEXT, behind, first, host_ending, segments};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, items, object, segment, text};
use crate::normalise::NotAResource;
use crate::stream::Place;

/// Collections of a service: the set's name in `OData`, the segment of the id, the type.
const SETS: &[(&str, &str)] = &[
    ("indexes", "Microsoft.Search/searchServices/indexes"),
    ("indexers", "Microsoft.Search/searchServices/indexers"),
    ("datasources", "Microsoft.Search/searchServices/dataSources"),
    ("skillsets", "Microsoft.Search/searchServices/skillsets"),
    ("aliases", "Microsoft.Search/searchServices/aliases"),
    ("synonymmaps", "Microsoft.Search/searchServices/synonymMaps"),
    (
        "knowledgebases",
        "Microsoft.Search/searchServices/knowledgeBases",
    ),
    ("agents", "Microsoft.Search/searchServices/knowledgeBases"),
    (
        "knowledgesources",
        "Microsoft.Search/searchServices/knowledgeSources",
    ),
];
/// Stands in for the name of a service that nothing tells.
const UNKNOWN: &str = "UNKNOWN-SERVICE";
/// Hosts of services, in every cloud.
const HOSTS: &[&str] = &[".search.windows.net", ".search.azure."];

/// Whether an object belongs to a search service.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    body.contains_key("name") && !body.contains_key("id") && set_of(body).is_some()
}

/// The set and type, by the `OData` context, else by the members that only this kind has.
fn set_of(body: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let context =
        text(body, CONTEXT).filter(|context| HOSTS.iter().any(|host| context.contains(host)));
    if let Some((_, set)) = context.and_then(|context| context.split_once("$metadata#")) {
        let set = set.split(['/', '(']).next().unwrap_or_default();
        return SETS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(set))
            .copied();
    }
    let has = |key: &str| body.contains_key(key);
    let list = |key: &str| body.get(key).is_some_and(Value::is_array);
    let set = match () {
        () if has("properties") || has("definition") => return None,
        () if has("dataSourceName") && has("targetIndexName") => "indexers",
        () if has("container") && has("type") && object(body, "credentials").is_some() => {
            "datasources"
        }
        () if skills(body) => "skillsets",
        () if list("fields")
            && (has("@odata.etag") || has("scoringProfiles") || has("suggesters")) =>
        {
            "indexes"
        }
        () => return None,
    };
    SETS.iter().find(|(known, _)| *known == set).copied()
}

/// The service and type that a list is of, by the context, address or path of its answer.
pub(crate) fn list_of(origins: &[String]) -> Option<(String, String)> {
    let (service, _) = first(origins, arm_id).or_else(|| first(origins, by_host))?;
    let what = first(origins, |origin| {
        let last = segments(origin).last()?.split('(').next()?;
        let found = SETS
            .iter()
            .find(|(set, _)| set.eq_ignore_ascii_case(last))?;
        Some(found.1.to_owned())
    })?;
    Some((service, what))
}

/// Reads one of them.
pub(crate) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let own = text(&found.body, CONTEXT).map(str::to_owned);
    let (Some((set, resource_type)), Some(name)) = (
        set_of(&found.body),
        text(&found.body, "name").and_then(segment),
    ) else {
        context.leave_out(
            NotAResource::Other("a search object without a usable name"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    found.body.shift_remove(CONTEXT);
    let (service, service_name) = service(context, own, found.place);
    if service_name == UNKNOWN {
        found.tally.unsure();
    }
    let mut properties = std::mem::take(&mut found.body);
    if set == "datasources" {
        target::describe(&mut properties);
    }
    let mut envelope = Map::new();
    envelope.insert("parentName".to_owned(), Value::String(service_name));
    let made = Made {
        id: format!("{service}/{}/{name}", last(resource_type)),
        name,
        resource_type,
        parent: Some(service),
        envelope,
        properties,
    };
    let resource = context.make(made, found.place);
    context.send_home(resource, found.tally)
}

fn last(resource_type: &str) -> &str {
    resource_type.rsplit('/').next().unwrap_or_default()
}

/// Skills name their kind; those of agents do not.
fn skills(body: &Map<String, Value>) -> bool {
    let mut listed = items(body, "skills").peekable();
    let named = |skill: &Value| {
        let kind = skill.get("@odata.type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.starts_with("#Microsoft.Skills"))
    };
    listed.peek().is_some_and(|first| named(first))
}

/// The id of the service and its name.
fn service(context: &mut FileContext<'_>, own: Option<String>, place: Place) -> (String, String) {
    let mut origins: Vec<String> = own.into_iter().collect();
    origins.extend(context.origins());
    if let Some(found) = first(&origins, arm_id).or_else(|| first(&origins, by_host)) {
        return found;
    }
    let message = "the answer does not say which search service it comes from";
    context.report_once(codes::SERVICE_NOT_NAMED, place, message);
    (format!("/search/{UNKNOWN}"), UNKNOWN.to_owned())
}

/// `…/subscriptions/S/resourceGroups/G/providers/Microsoft.Search/searchServices/N/…`.
fn arm_id(address: &str) -> Option<(String, String)> {
    let name = behind(address, "searchServices")?;
    let Some(subscription) = behind(address, "subscriptions") else {
        return Some((format!("/search/{}", name.to_lowercase()), name));
    };
    let group = behind(address, "resourceGroups")?;
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Search/searchServices/{name}"
    );
    Some((id, name))
}

fn by_host(address: &str) -> Option<(String, String)> {
    let host = HOSTS
        .iter()
        .find_map(|suffix| host_ending(address, suffix))?;
    let name = host.split('.').next()?.to_lowercase();
    Some((format!("/search/{name}"), name))
}
