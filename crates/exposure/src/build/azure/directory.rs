//! Roles of Entra: who administers the tenant.
//!
//! Source: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference (template ids).

use std::collections::{BTreeSet, HashMap};

use stance_model::Resource;

use super::{Members, edge, ensure_principal, evidence, object_id};
use crate::build::Sources;
use crate::graph::{Confidence, EdgeDraft, GraphDraft, InsightDraft, NodeDraft, labels};

const MAKER: &str = "entra roles";
const ROLES: &[(&str, &str)] = &[
    (
        "62e90394-69f5-4237-9190-012177145e10",
        "Global Administrator",
    ),
    (
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "Privileged Role Administrator",
    ),
    (
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        "Privileged Authentication Administrator",
    ),
    (
        "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
        "Application Administrator",
    ),
    (
        "158c047a-c907-4556-b7ef-446551a6b5f7",
        "Cloud Application Administrator",
    ),
];

/// Permissions of Microsoft Graph, given to applications, that make a tenant's administrator of whoever has them.
const APP_ROLES: &[(&str, &str)] = &[
    (
        "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        "RoleManagement.ReadWrite.Directory",
    ),
    (
        "06b708a9-e830-4db3-a914-8e69da51d44f",
        "AppRoleAssignment.ReadWrite.All",
    ),
    (
        "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
        "Application.ReadWrite.All",
    ),
];

/// Rows that give roles: type, what names the role, who has it, whether it must first be activated. A role that is
/// listed twice counts once.
const ROWS: &[(&str, &str, &str, bool)] = &[
    (
        "microsoft.graph/roleassignments",
        "roleDefinitionId",
        "principalId",
        false,
    ),
    (
        "microsoft.graph/directoryrolemembers",
        "groupId",
        "memberId",
        false,
    ),
    (
        "microsoft.graph/roleassignmentscheduleinstances",
        "roleDefinitionId",
        "principalId",
        false,
    ),
    (
        "microsoft.graph/roleeligibilityscheduleinstances",
        "roleDefinitionId",
        "principalId",
        true,
    ),
];

pub(super) fn add(sources: Sources<'_>, members: &Members, draft: &mut GraphDraft) {
    let templates = templates(sources);
    let mut seen = BTreeSet::new();
    for (kind, role_field, principal_field, is_eligible) in ROWS {
        for row in sources.inventory.of_type(kind) {
            let id = |field: &str| object_id(&row.properties()[field]);
            let (Some(role), Some(principal)) = (id(role_field), id(principal_field)) else {
                continue;
            };
            let template = templates.get(&role).unwrap_or(&role);
            let Some((_, role)) = ROLES.iter().find(|(known, _)| known == template) else {
                continue;
            };
            // Over a part of the directory only: an application, an administrative unit.
            let scope = row.properties()["directoryScopeId"].as_str();
            if scope.is_some_and(|scope| scope != "/") {
                continue;
            }
            if seen.insert((*role, principal.clone(), *is_eligible)) {
                assigned(row, role, &principal, *is_eligible, members, draft);
            }
        }
    }
    for row in sources
        .inventory
        .of_type("microsoft.graph/approleassignments")
    {
        let id = |field: &str| object_id(&row.properties()[field]);
        let (Some(role), Some(principal)) = (id("appRoleId"), id("principalId")) else {
            continue;
        };
        if let Some((_, role)) = APP_ROLES.iter().find(|(known, _)| *known == role) {
            assigned(row, role, &principal, false, members, draft);
        }
    }
}

/// Ids of a tenant's own role objects to template ids.
fn templates(sources: Sources<'_>) -> HashMap<String, String> {
    let mut templates = HashMap::new();
    for (kind, field) in [
        ("microsoft.graph/directoryroles", "roleTemplateId"),
        ("microsoft.graph/roledefinitions", "templateId"),
    ] {
        for role in sources.inventory.of_type(kind) {
            let id = super::roles::last_segment(role.id.as_str());
            if let (Some(id), Some(template)) = (id, role.properties()[field].as_str()) {
                templates.insert(id, template.to_lowercase());
            }
        }
    }
    templates
}

fn assigned(
    row: &Resource,
    role: &str,
    principal: &str,
    is_eligible: bool,
    members: &Members,
    draft: &mut GraphDraft,
) {
    let Some(tenant) = row
        .id
        .container_outside_subscriptions()
        .map(|id| id.to_lowercase())
    else {
        return;
    };
    draft.node(NodeDraft {
        id: tenant.clone(),
        label: "tenant".to_owned(),
        name: tenant.rsplit('/').next().unwrap_or_default().to_owned(),
        ..NodeDraft::default()
    });
    let kind = row.properties()["memberType"].as_str().unwrap_or_default();
    ensure_principal(draft, principal, kind, principal);
    let confidence = if is_eligible {
        Confidence::Low
    } else {
        Confidence::High
    };
    let through = members.of_group(principal);
    let whom = through
        .iter()
        .map(|member| (*member, Some(members.name_of(principal))));
    for (who, via) in std::iter::once((principal, None)).chain(whom) {
        let fact = evidence(row.id.as_str(), "", format!("{role} of the tenant"));
        let mut found = EdgeDraft {
            confidence,
            ..edge(labels::HAS_ROLE_ON, MAKER, who, &tenant, fact.clone())
        };
        found.properties.insert("role".to_owned(), role.into());
        if let Some(via) = via {
            found.properties.insert("via".to_owned(), via.into());
        }
        if is_eligible {
            found.properties.insert("eligible".to_owned(), true.into());
        }
        draft.edge(found);
        draft.insight(
            who,
            InsightDraft {
                name: "isPrivileged".to_owned(),
                value: true.into(),
                confidence,
                evidence: fact,
            },
        );
    }
}
