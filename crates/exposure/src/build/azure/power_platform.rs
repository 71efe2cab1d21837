//! Power Platform: users and teams of Dataverse, and whom agents of Copilot Studio act as.
//!
//! Source: learn.microsoft.com/power-platform/admin/database-security (System Administrator, System Customizer).

use serde_json::Value;
use stance_model::Resource;

use super::{Index, edge, ensure_principal, evidence, pairs_of};
use crate::build::Sources;
use crate::graph::{Confidence, EdgeDraft, GraphDraft, labels};
use crate::vocabulary::CapabilitySet;

const MAKER: &str = "dataverse";
const ENVIRONMENT: &str = "microsoft.powerplatform/environments";
const AGENT: &str = "microsoft.copilotstudio/agents";

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    // Before the users: an application user is an agent's own identity.
    for agent in sources.inventory.of_type(AGENT) {
        own_identity(agent, draft);
    }
    for user in sources.inventory.of_type("microsoft.dataverse/systemusers") {
        if user.properties()["isdisabled"].as_bool() != Some(true) {
            signs_in(user, draft);
            roles(sources, user, draft);
        }
    }
    for team in sources.inventory.of_type("microsoft.dataverse/teams") {
        signs_in(team, draft);
        roles(sources, team, draft);
    }
    let owners = owners(sources);
    for agent in sources.inventory.of_type(AGENT) {
        maker_connections(sources, agent, &owners, draft);
    }
}

/// The Entra object behind a user, an application user or a team.
fn signs_in(row: &Resource, draft: &mut GraphDraft) {
    for field in ["azureactivedirectoryobjectid", "applicationid"] {
        let Some(id) = row.properties()[field].as_str().map(str::to_lowercase) else {
            continue;
        };
        if !draft.knows(&id) {
            continue;
        }
        let fact = evidence(
            row.id.as_str(),
            format!("properties.{field}"),
            "signs in with Entra",
        );
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &id,
            &row.id.key(),
            fact,
        ));
        return;
    }
}

/// What a role of an environment lets one do.
fn held(sources: Sources<'_>, role: &str) -> CapabilitySet {
    let capabilities: &[&str] = match role.to_lowercase().as_str() {
        "system administrator" => &["read data", "write data", "grant access", "change agent"],
        "system customizer" => &["change agent"],
        _ => return CapabilitySet::EMPTY,
    };
    let on_environment = pairs_of(sources, capabilities, ENVIRONMENT);
    on_environment.or(pairs_of(sources, capabilities, AGENT))
}

fn roles(sources: Sources<'_>, row: &Resource, draft: &mut GraphDraft) {
    let Some(environment) = row.parent().map(|id| id.key()) else {
        return;
    };
    let roles = row.properties()["roles"].as_array();
    for role in roles.into_iter().flatten() {
        let Some(name) = role["name"].as_str() else {
            continue;
        };
        let capabilities = held(sources, name);
        let id = role["id"].as_str().unwrap_or(name);
        let fact = || {
            evidence(
                row.id.as_str(),
                format!("properties.roles[{id}]"),
                format!("role {name}"),
            )
        };
        let label = if capabilities.is_empty() {
            labels::HAS_ROLE_ON
        } else {
            labels::HAS_PERMISSIONS_TO
        };
        let mut found = EdgeDraft {
            capabilities,
            ..edge(label, MAKER, &row.id.key(), &environment, fact())
        };
        found.properties.insert("role".to_owned(), name.into());
        draft.edge(found);
    }
}

/// Who owns a connection reference, by environment and logical name.
fn owners(sources: Sources<'_>) -> Index {
    let mut owners = Index::new();
    for reference in sources
        .inventory
        .of_type("microsoft.dataverse/connectionreferences")
    {
        let properties = reference.properties();
        let (Some(name), Some(owner), Some(parent)) = (
            properties["connectionreferencelogicalname"].as_str(),
            properties["_ownerid_value"].as_str(),
            reference.parent(),
        ) else {
            continue;
        };
        let user = format!("{parent}/providers/microsoft.dataverse/systemusers/{owner}");
        owners.insert(
            format!("{parent}#{name}").to_lowercase(),
            user.to_lowercase(),
        );
    }
    owners
}

fn own_identity(agent: &Resource, draft: &mut GraphDraft) {
    for field in ["entraAgentId", "entraAppId"] {
        let id = agent.properties()[field]
            .as_str()
            .filter(|id| !id.is_empty());
        let Some(id) = id.map(str::to_lowercase) else {
            continue;
        };
        let name = format!("{} (agent identity)", agent.name());
        ensure_principal(draft, &id, "", &name);
        let fact = evidence(
            agent.id.as_str(),
            format!("properties.{field}"),
            "the agent's identity in Entra",
        );
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &agent.id.key(),
            &id,
            fact,
        ));
        return;
    }
}

/// Tools that run with the maker's connection: the agent acts as whoever owns the connection.
fn maker_connections(
    sources: Sources<'_>,
    agent: &Resource,
    owners: &Index,
    draft: &mut GraphDraft,
) {
    let Some(environment) = agent.parent().map(|id| id.key()) else {
        return;
    };
    let tools = agent.properties()["tools"].as_array();
    for (number, tool) in tools.into_iter().flatten().enumerate() {
        if !is_maker(tool) {
            continue;
        }
        let reference = tool["connectionReference"].as_str().unwrap_or_default();
        let owner = owners.get(&format!("{environment}#{}", reference.to_lowercase()));
        let owner = owner
            .filter(|user| sources.inventory.get(user).is_some())
            .cloned();
        let target = match owner {
            Some(user) => user,
            None => match agent.properties()["ownerId"]
                .as_str()
                .map(str::to_lowercase)
            {
                Some(owner) if draft.knows(&owner) => owner,
                _ => continue,
            },
        };
        let name = tool["name"].as_str().unwrap_or("a tool");
        let fact = evidence(
            agent.id.as_str(),
            format!("properties.tools[{number}].connectionMode"),
            format!("{name} runs with its maker's connection"),
        );
        draft.edge(EdgeDraft {
            confidence: Confidence::Medium,
            ..edge(
                labels::CAN_AUTHENTICATE_AS,
                MAKER,
                &agent.id.key(),
                &target,
                fact,
            )
        });
    }
}

fn is_maker(tool: &Value) -> bool {
    let mode = tool["connectionMode"].as_str();
    mode.is_some_and(|mode| mode.eq_ignore_ascii_case("maker"))
}
