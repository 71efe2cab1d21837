//! Managed identities, and `can authenticate as` from each resource to the identities it runs as.

use serde_json::Value;
use stance_model::{Cloud, Origin, Resource};

use super::{declared_identity, edge, ensure_principal, evidence, object_id};
use crate::build::Sources;
use crate::graph::{Confidence, GraphDraft, labels};

const MAKER: &str = "azure identity";
const PROJECT: &str = "microsoft.cognitiveservices/accounts/projects";

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let user_assigned = "microsoft.managedidentity/userassignedidentities";
    for identity in sources.inventory.of_type(user_assigned) {
        for field in ["principalId", "clientId"] {
            if let Some(id) = object_id(&identity.properties()[field]) {
                draft.alias(id, identity.id.key());
            }
        }
    }
    for resource in azure(sources) {
        system_assigned(resource, draft);
    }
    for resource in azure(sources) {
        assigned(resource, draft);
    }
}

/// Identities that resources name by an id of Entra: after Entra's objects, so that those are found.
pub(super) fn add_named(sources: Sources<'_>, draft: &mut GraphDraft) {
    for resource in azure(sources) {
        special(resource, draft);
    }
    for agent in azure(sources).filter(|one| is_agent(one)) {
        agent_identity(sources, agent, draft);
    }
}

fn azure(sources: Sources<'_>) -> impl Iterator<Item = &Resource> {
    let all = sources.inventory.all().iter();
    all.filter(|one| one.cloud == Cloud::Azure)
}

fn is_agent(resource: &Resource) -> bool {
    let kind = resource.resource_type.strip_prefix(PROJECT);
    matches!(kind, Some("/agents" | "/assistants"))
}

fn principal_id(identity: &Value) -> Option<String> {
    object_id(&identity["principalId"])
}

fn system_assigned(resource: &Resource, draft: &mut GraphDraft) {
    let identity = &resource.body["identity"];
    let declared = || {
        let kind = identity["type"].as_str().unwrap_or_default();
        let will_have = resource.origin == Origin::Template && kind.contains("SystemAssigned");
        will_have.then(|| declared_identity(&resource.id.key()))
    };
    let Some(id) = principal_id(identity).or_else(declared) else {
        return;
    };
    let name = format!("{} (system-assigned)", resource.name());
    ensure_principal(draft, &id, "managed identity", &name);
    draft.edge(edge(
        labels::CAN_AUTHENTICATE_AS,
        MAKER,
        &resource.id.key(),
        &id,
        evidence(
            resource.id.as_str(),
            "identity",
            "a system-assigned managed identity",
        ),
    ));
}

fn assigned(resource: &Resource, draft: &mut GraphDraft) {
    let Some(assigned) = resource.body["identity"]["userAssignedIdentities"].as_object() else {
        return;
    };
    for (id, known) in assigned {
        let key = id.trim_end_matches('/').to_lowercase();
        let target = if draft.knows(&key) {
            key
        } else if let Some(object_id) = principal_id(known) {
            let name = key.rsplit('/').next().unwrap_or(&key);
            ensure_principal(draft, &object_id, "managed identity", name);
            object_id
        } else {
            continue;
        };
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &resource.id.key(),
            &target,
            evidence(
                resource.id.as_str(),
                format!("identity.userAssignedIdentities[{id}]"),
                "a user-assigned managed identity",
            ),
        ));
    }
}

/// Identities that some services name elsewhere.
fn special(resource: &Resource, draft: &mut GraphDraft) {
    let properties = resource.properties();
    let mut named: Vec<(String, String)> = Vec::new();
    if let Some(profiles) = properties["identityProfile"].as_object() {
        let ids = profiles.iter().filter_map(|(name, profile)| {
            let id = profile["resourceId"].as_str()?.to_lowercase();
            Some((id, format!("properties.identityProfile.{name}")))
        });
        named.extend(ids);
    }
    for field in ["primaryUserAssignedIdentity", "msaAppMSIResourceId"] {
        if let Some(id) = properties[field].as_str() {
            named.push((id.to_lowercase(), format!("properties.{field}")));
        }
    }
    // A bot signs in as the application whose id it names.
    if let Some(id) = object_id(&properties["msaAppId"]).filter(|_| named.is_empty()) {
        named.push((id, "properties.msaAppId".to_owned()));
    }
    named.retain(|(target, _)| draft.knows(target));
    for (target, field) in named {
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &resource.id.key(),
            &target,
            evidence(resource.id.as_str(), field, "the identity it names"),
        ));
    }
}

/// An agent of Foundry acts as its own identity; one without any calls its tools as its project.
fn agent_identity(sources: Sources<'_>, agent: &Resource, draft: &mut GraphDraft) {
    let own = &agent.properties()["identity"];
    if let Some(id) = principal_id(own) {
        let name = format!("{} (agent identity)", agent.name());
        ensure_principal(draft, &id, "principal", &name);
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &agent.id.key(),
            &id,
            evidence(
                agent.id.as_str(),
                "properties.identity",
                "the agent's own identity",
            ),
        ));
        return;
    }
    let project = agent
        .parent()
        .and_then(|id| sources.inventory.get(&id.key()));
    let Some(project) = project.filter(|one| one.resource_type == PROJECT) else {
        return;
    };
    let identity = &project.body["identity"];
    let assigned = identity["userAssignedIdentities"].as_object();
    let assigned = assigned
        .into_iter()
        .flatten()
        .map(|(id, _)| id.to_lowercase());
    for target in principal_id(identity).into_iter().chain(assigned) {
        if !draft.knows(&target) {
            continue;
        }
        let text = "the agent has no identity of its own and acts as its project";
        let mut found = edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            &agent.id.key(),
            &target,
            evidence(project.id.as_str(), "identity", text),
        );
        found.confidence = Confidence::Medium;
        draft.edge(found);
    }
}
