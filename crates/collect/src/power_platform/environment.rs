//! Environments: what they are, and which host their Dataverse answers from.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::PowerPlatform;
use crate::answer::{behind, first, host_ending};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, is_guid, object, segment, text};
use crate::normalise::NotAResource;
use crate::stream::Place;

const TYPE: &str = "Microsoft.PowerPlatform/environments";
/// How types of the admin API begin that lists environments:
/// `Microsoft.BusinessAppPlatform/scopes/environments`, `Microsoft.BusinessAppPlatform/environments`.
const ADMIN_API: &str = "Microsoft.BusinessAppPlatform/";
/// Hosts of Dataverse, in every cloud: `ORG.crm4.dynamics.com`, `ORG.crm.microsoftdynamics.us`.
const HOSTS: &[&str] = &[
    ".dynamics.com",
    ".microsoftdynamics.us",
    ".appsplatform.us",
    ".dynamics.cn",
];

/// The id of an environment.
pub(super) fn id_of(environment: &str) -> String {
    format!("/providers/Microsoft.PowerPlatform/environments/{environment}")
}

/// Whether an object is an environment, in one of its four spellings.
pub(super) fn recognises(body: &Map<String, Value>) -> bool {
    if let Some(kind) = text(body, "type") {
        let named = kind.eq_ignore_ascii_case(TYPE) || kind.starts_with(ADMIN_API);
        return named && body.contains_key("name") && body.contains_key("properties");
    }
    // `pac admin list --json`; RetrieveCurrentOrganization of Dataverse.
    (body.contains_key("EnvironmentId") && body.contains_key("EnvironmentUrl"))
        || object(body, "Detail").is_some_and(|detail| detail.contains_key("EnvironmentId"))
}

/// Reads an environment and remembers its host.
pub(super) fn read(
    context: &mut FileContext<'_>,
    mut found: Found<'_>,
    own: Option<&str>,
) -> ControlFlow<()> {
    let body = &mut found.body;
    let mut envelope = Map::new();
    let (name, properties) =
        if let Some(Value::Object(properties)) = body.shift_remove("properties") {
            for key in ["location", "tags", "tenantId"] {
                if let Some(value) = body.shift_remove(key) {
                    envelope.insert(key.to_owned(), value);
                }
            }
            (text(body, "name").and_then(segment), properties)
        } else if let Some(Value::Object(detail)) = body.shift_remove("Detail") {
            if let Some(tenant) = detail.get("TenantId") {
                envelope.insert("tenantId".to_owned(), tenant.clone());
            }
            (text(&detail, "EnvironmentId").and_then(segment), detail)
        } else {
            (
                text(body, "EnvironmentId").and_then(segment),
                std::mem::take(body),
            )
        };
    let Some(name) = name else {
        context.leave_out(
            NotAResource::Other("an environment without a usable id"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    for host in hosts(&properties).into_iter().chain(own.and_then(host)) {
        context.input.power_platform.learn_host(host, &name);
    }
    let shown = ["displayName", "DisplayName", "FriendlyName"]
        .into_iter()
        .find_map(|key| text(&properties, key))
        .unwrap_or(&name)
        .to_owned();
    let made = Made {
        id: id_of(&name),
        name: shown,
        resource_type: TYPE,
        envelope,
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_made(resource, found.tally)
}

/// Every host of Dataverse that an environment names.
fn hosts(properties: &Map<String, Value>) -> Vec<String> {
    let mut texts = vec![
        text(properties, "EnvironmentUrl"),
        text(properties, "instanceUrl"),
    ];
    for key in ["linkedEnvironmentMetadata", "Endpoints"] {
        let Some(linked) = object(properties, key) else {
            continue;
        };
        texts.push(text(linked, "instanceUrl"));
        texts.push(text(linked, "instanceApiUrl"));
        texts.extend(crate::made::items(linked, "Values").map(Value::as_str));
        texts.push(text(linked, "WebApplication"));
    }
    // Dataverse also writes its endpoints as a list of keys and values.
    let pairs = crate::made::items(properties, "Endpoints");
    texts.extend(pairs.map(|pair| pair.get("value").and_then(Value::as_str)));
    texts.into_iter().flatten().filter_map(host).collect()
}

fn host(address: &str) -> Option<String> {
    HOSTS
        .iter()
        .find_map(|suffix| host_ending(address, suffix))
        .map(str::to_lowercase)
}

/// The environment that the path names, or that is known to answer from the host.
pub(super) fn named(origins: &[String], known: &PowerPlatform) -> Option<String> {
    // A GUID, or one behind a word: `Default-…`. Other names are folders of the user.
    let plausible = |name: &String| {
        let start = name.len().checked_sub(36);
        start
            .and_then(|start| name.get(start..))
            .is_some_and(is_guid)
    };
    let by_path = first(origins, |origin| {
        behind(origin, "environments").filter(plausible)
    });
    by_path.and_then(|name| segment(&name)).or_else(|| {
        let host = first(origins, host)?;
        known.environments.get(&host).cloned()
    })
}

/// The environment of a Dataverse answer: named by the path, else known by its host, else the host itself with one
/// warning an input.
pub(super) fn of(context: &mut FileContext<'_>, own: Option<String>, place: Place) -> String {
    let mut origins: Vec<String> = own.into_iter().collect();
    origins.extend(context.origins());
    if let Some(named) = named(&origins, &context.input.power_platform) {
        return named;
    }
    let host = first(&origins, host).unwrap_or_else(|| "UNKNOWN-ENVIRONMENT".to_owned());
    let message = format!("the environment behind {host} is not known");
    context.report_of(codes::ENVIRONMENT_NOT_NAMED, &host, place, &message);
    host
}
