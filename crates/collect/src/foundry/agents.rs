//! Agents of both generations, one set of properties.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::{place, tools};
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, carry, instant, items, object, segment, take, text};
use crate::normalise::NotAResource;
use crate::yaml;

/// The type of agents of a project.
const AGENTS: &str = "Microsoft.CognitiveServices/accounts/projects/agents";
/// The type of their versions.
const VERSIONS: &str = "Microsoft.CognitiveServices/accounts/projects/agents/versions";
/// Members of a definition that are lifted to `properties` under their own name.
const LIFTED: &[&str] = &[
    "kind",
    "model",
    "instructions",
    "temperature",
    "top_p",
    "rai_config",
];
/// Agents that one workflow may name.
const NAMED_AGENTS: usize = 200;

/// `{"object": "agent", "name", "versions": {"latest": {…}}}`.
pub(super) fn agent(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let latest = object(&found.body, "versions")
        .and_then(|versions| versions.get("latest"))
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut properties = Map::new();
    properties.insert("isClassic".to_owned(), false.into());
    described(latest, &mut properties);
    identities(&mut found.body, &mut properties);
    carry(
        &mut found.body,
        &["state", "agent_endpoint", "agent_card"],
        &mut properties,
    );
    let Some(name) = text(&found.body, "name")
        .or_else(|| text(&found.body, "id"))
        .and_then(segment)
    else {
        return left_out(context, &found);
    };
    properties.insert("name".to_owned(), name.clone().into());
    let agent = Agent {
        segment: name.clone(),
        name,
        is_classic: false,
        properties,
    };
    send(context, &mut found, agent)
}

/// `{"object": "agent.version", …}`: one of the list of an agent's versions.
pub(super) fn version(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let (Some(name), Some(version)) = (
        text(&found.body, "name").and_then(segment),
        text(&found.body, "version").and_then(segment),
    ) else {
        return left_out(context, &found);
    };
    let mut properties = Map::new();
    properties.insert("isClassic".to_owned(), false.into());
    properties.insert("name".to_owned(), name.clone().into());
    described(std::mem::take(&mut found.body), &mut properties);
    let agent = format!(
        "{}/agents/{name}",
        place::project(context, found.place, found.tally)
    );
    let made = Made {
        id: format!("{agent}/versions/{version}"),
        name: version,
        resource_type: VERSIONS,
        parent: Some(agent),
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_home(resource, found.tally)
}

/// `{"object": "assistant", "id": "asst_…", …}`.
pub(super) fn classic(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let Some(id) = text(&found.body, "id").and_then(segment) else {
        return left_out(context, &found);
    };
    let body = &mut found.body;
    let name = text(body, "name").unwrap_or(&id).to_owned();
    let mut properties = Map::new();
    properties.insert("isClassic".to_owned(), true.into());
    properties.insert("agentId".to_owned(), id.clone().into());
    properties.insert("name".to_owned(), name.clone().into());
    properties.insert("kind".to_owned(), "prompt".into());
    carry(
        body,
        &[
            "description",
            "metadata",
            "model",
            "instructions",
            "temperature",
            "top_p",
        ],
        &mut properties,
    );
    if let Some(created) = take(body, "created_at") {
        properties.insert("createdAt".to_owned(), instant(created));
    }
    let resources = object(body, "tool_resources").cloned().unwrap_or_default();
    tools::describe(items(body, "tools"), &resources, &mut properties);
    carry(
        body,
        &["tool_resources", "response_format"],
        &mut properties,
    );
    let agent = Agent {
        segment: id,
        name,
        is_classic: true,
        properties,
    };
    send(context, &mut found, agent)
}

/// What is known of an agent of either kind.
struct Agent {
    /// Its part of the id.
    segment: String,
    name: String,
    is_classic: bool,
    properties: Map<String, Value>,
}

fn send(context: &mut FileContext<'_>, found: &mut Found<'_>, agent: Agent) -> ControlFlow<()> {
    let project = place::project(context, found.place, found.tally);
    context
        .input
        .homes
        .listed_agents(&project, agent.is_classic);
    let made = Made {
        id: format!("{project}/agents/{}", agent.segment),
        name: agent.name,
        resource_type: AGENTS,
        parent: Some(project),
        properties: agent.properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_home(resource, found.tally)
}

fn left_out(context: &mut FileContext<'_>, found: &Found<'_>) -> ControlFlow<()> {
    context.leave_out(
        NotAResource::Other("an agent without a usable name"),
        found.place,
    );
    ControlFlow::Continue(())
}

/// What a version says: `version`, `description`, `metadata`, and its definition in the common words.
fn described(mut version: Map<String, Value>, properties: &mut Map<String, Value>) {
    carry(
        &mut version,
        &["version", "description", "metadata", "status"],
        properties,
    );
    if let Some(guid) = take(&mut version, "agent_guid") {
        properties.insert("agentGuid".to_owned(), guid);
    }
    if let Some(created) = take(&mut version, "created_at") {
        properties.insert("createdAt".to_owned(), instant(created));
    }
    identities(&mut version, properties);
    let Some(Value::Object(mut definition)) = take(&mut version, "definition") else {
        return;
    };
    carry(&mut definition, LIFTED, properties);
    if let Some(policy) = properties
        .get("rai_config")
        .and_then(|config| config.get("rai_policy_name"))
    {
        let policy = policy.clone();
        properties.insert("raiPolicyName".to_owned(), policy);
    }
    tools::describe(items(&definition, "tools"), &Map::new(), properties);
    definition.shift_remove("tools");
    if let Some(named) = text(&definition, "workflow").and_then(agents_of_workflow) {
        tools::append(properties, "connectedAgents", named);
    }
    if !definition.is_empty() {
        properties.insert("definition".to_owned(), Value::Object(definition));
    }
}

/// `instance_identity`, `blueprint` and `blueprint_reference`: who the agent is in Entra.
fn identities(body: &mut Map<String, Value>, properties: &mut Map<String, Value>) {
    for (key, name) in [
        ("instance_identity", "identity"),
        ("blueprint", "blueprint"),
    ] {
        let Some(Value::Object(known)) = take(body, key) else {
            continue;
        };
        let part = |key: &str| known.get(key).cloned().unwrap_or_default();
        let value = json!({"principalId": part("principal_id"), "clientId": part("client_id")});
        properties.insert(name.to_owned(), value);
    }
    if let Some(Value::Object(reference)) = take(body, "blueprint_reference")
        && let Some(id) = reference.get("blueprint_id")
    {
        properties.insert("blueprintId".to_owned(), id.clone());
    }
}

/// The agents that the steps of a workflow call.
fn agents_of_workflow(text: &str) -> Option<Vec<Value>> {
    let workflow = yaml::parse(text)?;
    let mut named = Vec::new();
    let mut left = vec![&workflow];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(members) => {
                let name = object(members, "agent").and_then(|agent| agent.get("name"));
                let entry = name.map(|name| json!({"type": "workflow_step", "name": name}));
                if let Some(entry) = entry
                    && named.len() < NAMED_AGENTS
                    && !named.contains(&entry)
                {
                    named.push(entry);
                }
                left.extend(members.values());
            }
            _ => {}
        }
    }
    // Deeper steps were met first.
    named.reverse();
    Some(named)
}
