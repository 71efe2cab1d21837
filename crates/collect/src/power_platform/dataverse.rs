//! Rows of Dataverse: agents, their components, connection references, and who may do what in the environment.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::{AGENTS, component, environment};
use crate::answer::{CONTEXT, segments};
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, items, object, segment, text};
use crate::normalise::NotAResource;

/// A table of Dataverse: its set, its primary key, the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    set: &'static str,
    key: &'static str,
    resource_type: &'static str,
}

const TABLES: &[Table] = &[
    Table {
        set: "bots",
        key: "botid",
        resource_type: AGENTS,
    },
    Table {
        set: "botcomponents",
        key: "botcomponentid",
        resource_type: component::TYPE,
    },
    Table {
        set: "connectionreferences",
        key: "connectionreferenceid",
        resource_type: "Microsoft.Dataverse/connectionReferences",
    },
    Table {
        set: "roles",
        key: "roleid",
        resource_type: "Microsoft.Dataverse/roles",
    },
    Table {
        set: "systemusers",
        key: "systemuserid",
        resource_type: "Microsoft.Dataverse/systemUsers",
    },
    Table {
        set: "teams",
        key: "teamid",
        resource_type: "Microsoft.Dataverse/teams",
    },
];
/// Choices that are spelt out: member, name of the words, and the words by number.
/// Source: the choices of each column in the reference of Dataverse's tables.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "authenticationmode",
        "authenticationModeName",
        &[
            "Unspecified",
            "None",
            "Integrated",
            "Custom Azure Active Directory",
            "Generic OAuth2",
        ],
    ),
    (
        "accesscontrolpolicy",
        "accessControlPolicyName",
        &[
            "Any",
            "Copilot readers",
            "Group membership",
            "Any (multitenant)",
        ],
    ),
    (
        "authenticationtrigger",
        "authenticationTriggerName",
        &["As Needed", "Always"],
    ),
    (
        "runtimeprovider",
        "runtimeProviderName",
        &["Power Virtual Agents", "Nuance Mix Shell"],
    ),
    ("statecode", "stateName", &["Active", "Inactive"]),
    (
        "accessmode",
        "accessModeName",
        &[
            "Read-Write",
            "Administrative",
            "Read",
            "Support User",
            "Non-interactive",
            "Delegated Admin",
        ],
    ),
    (
        "teamtype",
        "teamTypeName",
        &["Owner", "Access", "Security Group", "Office Group"],
    ),
];
/// Members whose text is JSON.
const JSON_TEXTS: &[&str] = &[
    "configuration",
    "authenticationconfiguration",
    "applicationmanifestinformation",
    "synchronizationstatus",
];
/// Members that only take room.
const DROPPED: &[&str] = &[
    "iconbase64",
    "entityimage",
    "entityimage_url",
    "versionnumber",
];

/// The table of a row: by the set that its context names, else by its primary key.
pub(super) fn table_of(body: &Map<String, Value>) -> Option<Table> {
    if let Some((_, set)) = text(body, CONTEXT)
        .filter(|context| context.contains("/api/data/"))
        .and_then(|context| context.split_once("$metadata#"))
    {
        let set = set.split(['(', '/']).next().unwrap_or_default();
        let listed = TABLES.iter().find(|table| table.set == set);
        return listed.filter(|table| body.contains_key(table.key)).copied();
    }
    let found = TABLES.iter().find(|table| body.contains_key(table.key))?;
    // A component names its agent's key too, and users those of their roles.
    let plain = match found.set {
        "bots" => body.contains_key("schemaname") || body.contains_key("authenticationmode"),
        "botcomponents" => body.contains_key("componenttype"),
        "connectionreferences" => body.contains_key("connectorid"),
        "roles" => body.contains_key("name") && body.contains_key("_businessunitid_value"),
        "systemusers" => body.contains_key("fullname") || body.contains_key("isdisabled"),
        _ => body.contains_key("teamtype"),
    };
    plain.then_some(*found)
}

/// The type that a list is of, by its context or the path of its call.
pub(super) fn listed(origin: &str) -> Option<&'static str> {
    if !origin.contains("/api/data/") {
        return None;
    }
    let last = segments(origin).last()?.split('(').next()?;
    let found = TABLES.iter().find(|table| table.set == last)?;
    // Components are listed for one agent or for all; which of both an empty list does not say.
    (found.set != "botcomponents").then_some(found.resource_type)
}

/// Reads one row.
pub(super) fn read(
    context: &mut FileContext<'_>,
    mut found: Found<'_>,
    table: Table,
    own: Option<String>,
) -> ControlFlow<()> {
    let Some(id) = text(&found.body, table.key).and_then(segment) else {
        context.leave_out(
            NotAResource::Other("a row of Dataverse without its key"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    let environment = environment::of(context, own, found.place);
    tidy(&mut found.body);
    found
        .body
        .insert("environmentId".to_owned(), environment.clone().into());
    match table.set {
        "bots" => bot(context, found, &id, &environment),
        "botcomponents" => component::read(context, found, &id, &environment),
        _ => other(context, found, table, &id, &environment),
    }
}

/// Words beside numbers, JSON instead of text, no pictures.
fn tidy(body: &mut Map<String, Value>) {
    body.retain(|key, value| {
        !value.is_null() && !DROPPED.contains(&key.as_str()) && !key.contains('@')
    });
    for (member, name, words) in WORDS {
        let number = body.get(*member).and_then(Value::as_u64);
        if let Some(word) = number.and_then(|number| words.get(number as usize)) {
            body.insert((*name).to_owned(), (*word).into());
        }
    }
    for member in JSON_TEXTS {
        let parsed = text(body, member)
            .filter(|text| text.trim_start().starts_with(['{', '[']))
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(parsed) = parsed {
            body.insert((*member).to_owned(), parsed);
        }
    }
}

/// The id of an agent: its environment and its id in Dataverse.
pub(super) fn agent_id(environment: &str, bot: &str) -> String {
    format!(
        "{}/providers/{AGENTS}/{bot}",
        environment::id_of(environment)
    )
}

fn bot(
    context: &mut FileContext<'_>,
    mut found: Found<'_>,
    id: &str,
    environment: &str,
) -> ControlFlow<()> {
    let mut properties = std::mem::take(&mut found.body);
    let name = text(&properties, "name").unwrap_or(id).to_owned();
    let groups: Vec<&str> = text(&properties, "authorizedsecuritygroupids")
        .unwrap_or_default()
        .split([',', ';'])
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .collect();
    let groups = json!(groups);
    properties.insert("authorizedSecurityGroups".to_owned(), groups);
    for (member, known) in [
        ("name", "displayName"),
        ("botid", "botId"),
        ("schemaname", "schemaName"),
        ("createdon", "createdAt"),
        ("modifiedon", "lastModifiedAt"),
        ("publishedon", "lastPublishedAt"),
        ("ismanaged", "isManaged"),
    ] {
        if let Some(value) = properties.get(member) {
            let value = value.clone();
            properties.insert(known.to_owned(), value);
        }
    }
    properties.insert("platform".to_owned(), "Copilot Studio".into());
    if let Some(Value::Object(configuration)) = properties.get("configuration").cloned() {
        configured(&configuration, &mut properties);
    }
    let made = Made {
        id: agent_id(environment, id),
        name,
        resource_type: AGENTS,
        parent: Some(environment::id_of(environment)),
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.hold_agent(resource, found.tally)
}

/// Channels and switches out of a bot's configuration.
fn configured(configuration: &Map<String, Value>, properties: &mut Map<String, Value>) {
    let channels: Vec<Value> = items(configuration, "channels")
        .filter_map(|channel| channel.get("channelId").cloned())
        .collect();
    properties.insert("channels".to_owned(), Value::Array(channels));
    let generative = object(configuration, "settings")
        .and_then(|settings| settings.get("GenerativeActionsEnabled"))
        .and_then(Value::as_bool);
    if let Some(generative) = generative {
        properties.insert(
            "isGenerativeOrchestrationEnabled".to_owned(),
            generative.into(),
        );
        let word = if generative { "Generative" } else { "Classic" };
        properties.insert("orchestration".to_owned(), word.into());
    }
    if let Some(value) = configuration.get("isAgentConnectable") {
        properties.insert("isAgentConnectable".to_owned(), value.clone());
    }
    let settings = object(configuration, "aISettings");
    for key in [
        "useModelKnowledge",
        "isFileAnalysisEnabled",
        "isSemanticSearchEnabled",
        "contentModeration",
        "optInUseLatestModels",
    ] {
        if let Some(value) = settings.and_then(|settings| settings.get(key)) {
            properties.insert(key.to_owned(), value.clone());
        }
    }
}

fn other(
    context: &mut FileContext<'_>,
    mut found: Found<'_>,
    table: Table,
    id: &str,
    environment: &str,
) -> ControlFlow<()> {
    let mut properties = std::mem::take(&mut found.body);
    let name = ["name", "fullname", "connectionreferencedisplayname"]
        .into_iter()
        .find_map(|key| text(&properties, key))
        .unwrap_or(id)
        .to_owned();
    if table.set == "connectionreferences"
        && let (Some(logical), Some(connector)) = (
            text(&properties, "connectionreferencelogicalname"),
            text(&properties, "connectorid"),
        )
    {
        context
            .input
            .power_platform
            .learn_connector(environment, logical, connector);
    }
    for association in ["systemuserroles_association", "teamroles_association"] {
        let roles: Vec<Value> = items(&properties, association)
            .map(|role| json!({"id": role.get("roleid"), "name": role.get("name")}))
            .collect();
        if properties.contains_key(association) {
            properties.insert("roles".to_owned(), Value::Array(roles));
        }
    }
    let parent = environment::id_of(environment);
    let made = Made {
        id: format!("{parent}/providers/{}/{id}", table.resource_type),
        name,
        resource_type: table.resource_type,
        parent: Some(parent),
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_made(resource, found.tally)
}
