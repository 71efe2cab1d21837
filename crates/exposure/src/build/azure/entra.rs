//! Objects of Entra: what they answer to, who owns them, which of them keep keys, who belongs to which group.

use serde_json::Value;
use stance_model::Resource;

use super::{Index, edge, ensure_principal, evidence, object_id};
use crate::build::Sources;
use crate::graph::{Confidence, GraphDraft, InsightDraft, labels};

const MAKER: &str = "entra";
/// Service principals before applications: they share an `appId`, and rights are given to service principals.
const OBJECTS: &[&str] = &[
    "microsoft.graph/agentidentities",
    "microsoft.graph/serviceprincipals",
    "microsoft.graph/agentidentityblueprintprincipals",
    "microsoft.graph/users",
    "microsoft.graph/groups",
    "microsoft.graph/applications",
    "microsoft.graph/agentidentityblueprints",
];

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let mut principals = Index::new();
    for kind in OBJECTS {
        for object in sources.inventory.of_type(kind) {
            let Some(object_id) = super::roles::last_segment(object.id.as_str()) else {
                continue;
            };
            draft.alias(object_id.clone(), object.id.key());
            let Some(app) = app_id(object) else {
                continue;
            };
            draft.alias(app.clone(), object.id.key());
            if kind.ends_with("principals") {
                principals.entry(app).or_insert(object_id);
            }
        }
    }
    for kind in [
        "microsoft.graph/applications",
        "microsoft.graph/agentidentityblueprints",
    ] {
        for application in sources.inventory.of_type(kind) {
            becomes(application, &principals, draft);
            keys(application, draft);
        }
    }
    for principal in sources
        .inventory
        .of_type("microsoft.graph/serviceprincipals")
    {
        keys(principal, draft);
    }
    for agent in sources.inventory.of_type("microsoft.graph/agentidentities") {
        made_by_blueprint(agent, draft);
    }
    for user in sources.inventory.of_type("microsoft.graph/users") {
        guest(user, draft);
    }
    let registrations = "microsoft.graph/userregistrationdetails";
    for row in sources.inventory.of_type(registrations) {
        password_alone(row, draft);
    }
    for row in sources.inventory.of_type("microsoft.graph/owners") {
        owner(row, draft);
    }
    for row in sources.inventory.of_type("microsoft.graph/groupmembers") {
        member(row, draft);
    }
}

fn app_id(object: &Resource) -> Option<String> {
    object_id(&object.properties()["appId"])
}

/// Whoever has the keys of an application signs in as its service principal.
fn becomes(application: &Resource, principals: &Index, draft: &mut GraphDraft) {
    let Some(principal) = app_id(application).and_then(|app| principals.get(&app)) else {
        return;
    };
    draft.edge(edge(
        labels::CAN_AUTHENTICATE_AS,
        MAKER,
        &application.id.key(),
        principal,
        evidence(
            application.id.as_str(),
            "properties.appId",
            "the service principal of this application",
        ),
    ));
}

/// A blueprint gets tokens of the agent identities that were made from it.
/// Source: learn.microsoft.com/entra/agent-id/identity-platform/agent-blueprint.
fn made_by_blueprint(agent: &Resource, draft: &mut GraphDraft) {
    let field = "agentIdentityBlueprintId";
    let Some(blueprint) = object_id(&agent.properties()[field]) else {
        return;
    };
    if !draft.knows(&blueprint) {
        return;
    }
    draft.edge(edge(
        labels::CAN_IMPERSONATE_AS,
        MAKER,
        &blueprint,
        &agent.id.key(),
        evidence(
            agent.id.as_str(),
            format!("properties.{field}"),
            "a blueprint gets tokens of its agent identities",
        ),
    ));
}

/// Secrets and certificates that somebody keeps. Certificates that sign SAML tokens are no way to sign in.
fn keys(object: &Resource, draft: &mut GraphDraft) {
    let count = |field: &str, counts: fn(&Value) -> bool| {
        let list = object.properties()[field].as_array();
        list.map_or(0, |list| list.iter().filter(|one| counts(one)).count())
    };
    let secrets = count("passwordCredentials", |_| true);
    let certificates = count("keyCredentials", |key| {
        key["usage"]
            .as_str()
            .is_some_and(|usage| usage.eq_ignore_ascii_case("verify"))
    });
    let (field, text) = match (secrets, certificates) {
        (0, 0) => return,
        (0, count) => ("properties.keyCredentials", format!("{count} certificates")),
        (count, _) => (
            "properties.passwordCredentials",
            format!("{count} client secrets"),
        ),
    };
    draft.insight(
        object.id.key(),
        InsightDraft {
            name: "hasStandingKey".to_owned(),
            value: true.into(),
            confidence: Confidence::High,
            evidence: evidence(object.id.as_str(), field, text),
        },
    );
}

fn guest(user: &Resource, draft: &mut GraphDraft) {
    let kind = user.properties()["userType"].as_str();
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("guest")) {
        return;
    }
    draft.insight(
        user.id.key(),
        InsightDraft {
            name: "isExternalUser".to_owned(),
            value: true.into(),
            confidence: Confidence::High,
            evidence: evidence(user.id.as_str(), "properties.userType", "userType is Guest"),
        },
    );
}

/// The id of a registration is the object id of its user.
fn password_alone(registration: &Resource, draft: &mut GraphDraft) {
    let user = super::roles::last_segment(registration.id.as_str());
    let Some(user) = user.filter(|user| draft.knows(user)) else {
        return;
    };
    if registration.properties()["isMfaRegistered"].as_bool() != Some(false) {
        return;
    }
    let text = "no second factor is registered";
    draft.insight(
        user,
        InsightDraft {
            name: "doesNotHaveMfaEnabled".to_owned(),
            value: true.into(),
            confidence: Confidence::High,
            evidence: evidence(registration.id.as_str(), "properties.isMfaRegistered", text),
        },
    );
}

/// An owner may add a credential to an application, and a member to a group. Sponsors may not.
fn owner(row: &Resource, draft: &mut GraphDraft) {
    let text = |key: &str| row.properties()[key].as_str();
    let id = |key: &str| object_id(&row.properties()[key]);
    let (Some(owner), Some(owned)) = (id("ownerId"), id("resourceId")) else {
        return;
    };
    let relation = text("relation").unwrap_or("owner");
    ensure_principal(
        draft,
        &owner,
        text("ownerType").unwrap_or_default(),
        text("ownerName").unwrap_or(&owner),
    );
    let fact = || evidence(row.id.as_str(), "", format!("{relation} of it"));
    let mut role = edge(labels::HAS_ROLE_ON, MAKER, &owner, &owned, fact());
    role.properties.insert("role".to_owned(), relation.into());
    draft.edge(role);
    if relation != "owner" {
        return;
    }
    let mut place = edge(labels::CAN_IMPERSONATE_AS, MAKER, &owner, &owned, fact());
    place.confidence = Confidence::Medium;
    place.evidence.text = match text("resourceType") {
        Some("group") => "an owner may add members".to_owned(),
        _ => "an owner may add a credential".to_owned(),
    };
    draft.edge(place);
}

fn member(row: &Resource, draft: &mut GraphDraft) {
    let text = |key: &str| row.properties()[key].as_str();
    let id = |key: &str| object_id(&row.properties()[key]);
    let (Some(group), Some(member)) = (id("groupId"), id("memberId")) else {
        return;
    };
    ensure_principal(draft, &group, "group", &group);
    ensure_principal(
        draft,
        &member,
        text("memberType").unwrap_or_default(),
        text("memberName").unwrap_or(&member),
    );
    let mut found = edge(
        labels::MEMBER_OF,
        MAKER,
        &member,
        &group,
        evidence(row.id.as_str(), "", "a member of the group"),
    );
    if row.properties()["isTransitive"].as_bool() == Some(true) {
        found
            .properties
            .insert("isTransitive".to_owned(), true.into());
    }
    draft.edge(found);
}
