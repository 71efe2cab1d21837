//! Which kind of object a row of Microsoft Graph is.

use serde_json::{Map, Value};

use crate::answer::CONTEXT;
use crate::made::{is_guid, text};

/// A kind of object: the segment of its id, its type, and what it is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The name in `@odata.type`: `servicePrincipal`.
    pub(super) name: &'static str,
    pub(super) segment: &'static str,
    pub(super) resource_type: &'static str,
    /// The set that its holder is in.
    pub(super) part_of: Option<&'static str>,
}

/// Name in `@odata.type`, set in `@odata.context`, segment, type, holder's set.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const KINDS: &[Row] = &[
    ("user", "users", "users", "Microsoft.Graph/users", None),
    ("agentUser", "", "users", "Microsoft.Graph/users", None),
    ("group", "groups", "groups", "Microsoft.Graph/groups", None),
    (
        "servicePrincipal",
        "servicePrincipals",
        "servicePrincipals",
        "Microsoft.Graph/servicePrincipals",
        None,
    ),
    (
        "application",
        "applications",
        "applications",
        "Microsoft.Graph/applications",
        None,
    ),
    (
        "agentIdentity",
        "agentIdentities",
        "agentIdentities",
        "Microsoft.Graph/agentIdentities",
        None,
    ),
    (
        "agentIdentityBlueprint",
        "",
        "agentIdentityBlueprints",
        "Microsoft.Graph/agentIdentityBlueprints",
        None,
    ),
    (
        "agentIdentityBlueprintPrincipal",
        "",
        "agentIdentityBlueprintPrincipals",
        "Microsoft.Graph/agentIdentityBlueprintPrincipals",
        None,
    ),
    (
        "device",
        "devices",
        "devices",
        "Microsoft.Graph/devices",
        None,
    ),
    (
        "organization",
        "organization",
        "organization",
        "Microsoft.Graph/organization",
        None,
    ),
    (
        "federatedIdentityCredential",
        "federatedIdentityCredentials",
        "federatedIdentityCredentials",
        "Microsoft.Graph/applications/federatedIdentityCredentials",
        Some("applications"),
    ),
    (
        "appRoleAssignment",
        "appRoleAssignments",
        "appRoleAssignments",
        "Microsoft.Graph/appRoleAssignments",
        None,
    ),
    (
        "appRoleAssignment",
        "appRoleAssignedTo",
        "appRoleAssignments",
        "Microsoft.Graph/appRoleAssignments",
        None,
    ),
    (
        "oAuth2PermissionGrant",
        "oauth2PermissionGrants",
        "oauth2PermissionGrants",
        "Microsoft.Graph/oauth2PermissionGrants",
        None,
    ),
    (
        "directoryRole",
        "directoryRoles",
        "directoryRoles",
        "Microsoft.Graph/directoryRoles",
        None,
    ),
    (
        "unifiedRoleDefinition",
        "roleDefinitions",
        "roleDefinitions",
        "Microsoft.Graph/roleDefinitions",
        None,
    ),
    (
        "unifiedRoleAssignment",
        "roleAssignments",
        "roleAssignments",
        "Microsoft.Graph/roleAssignments",
        None,
    ),
    (
        "unifiedRoleEligibilityScheduleInstance",
        "roleEligibilityScheduleInstances",
        "roleEligibilityScheduleInstances",
        "Microsoft.Graph/roleEligibilityScheduleInstances",
        None,
    ),
    (
        "unifiedRoleEligibilitySchedule",
        "roleEligibilitySchedules",
        "roleEligibilitySchedules",
        "Microsoft.Graph/roleEligibilitySchedules",
        None,
    ),
    (
        "unifiedRoleAssignmentScheduleInstance",
        "roleAssignmentScheduleInstances",
        "roleAssignmentScheduleInstances",
        "Microsoft.Graph/roleAssignmentScheduleInstances",
        None,
    ),
    (
        "conditionalAccessPolicy",
        "policies",
        "conditionalAccessPolicies",
        "Microsoft.Graph/conditionalAccessPolicies",
        None,
    ),
    (
        "riskyAgent",
        "riskyAgents",
        "riskyAgents",
        "Microsoft.Graph/riskyAgents",
        None,
    ),
    (
        "riskyUser",
        "riskyUsers",
        "riskyUsers",
        "Microsoft.Graph/riskyUsers",
        None,
    ),
    (
        "userRegistrationDetails",
        "userRegistrationDetails",
        "userRegistrationDetails",
        "Microsoft.Graph/userRegistrationDetails",
        None,
    ),
    (
        "riskyServicePrincipal",
        "riskyServicePrincipals",
        "riskyServicePrincipals",
        "Microsoft.Graph/riskyServicePrincipals",
        None,
    ),
];
const GRAPH_TYPE: &str = "#microsoft.graph.";

/// Whether an object is a row of Microsoft Graph.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    if let Some(context) = text(body, CONTEXT)
        && is_graph(context)
    {
        return body.contains_key("id");
    }
    odata_type(body).is_some() || by_members(body).is_some()
}

pub(super) fn is_graph(context: &str) -> bool {
    context.contains("://graph.microsoft.") || context.contains("microsoftgraph.chinacloudapi.cn")
}

/// The kind: by `@odata.type`, by what only one kind has, by the set that was listed.
pub(super) fn kind_of(body: &Map<String, Value>) -> Option<Kind> {
    if let Some(name) = odata_type(body) {
        let found = KINDS.iter().find(|row| row.0.eq_ignore_ascii_case(name));
        return found.map(kind);
    }
    if let Some(context) = text(body, CONTEXT).filter(|context| is_graph(context)) {
        let plain = context.ends_with("#directoryObjects");
        return by_context(context).or_else(|| plain.then(|| by_members(body)).flatten());
    }
    by_members(body)
}

/// The name behind `#microsoft.graph.`, its first letter in lower case or not.
fn odata_type(body: &Map<String, Value>) -> Option<&str> {
    let spelt = text(body, "@odata.type")?;
    let start = spelt.get(..GRAPH_TYPE.len())?;
    start
        .eq_ignore_ascii_case(GRAPH_TYPE)
        .then(|| &spelt[GRAPH_TYPE.len()..])
}

/// The last set or cast of `…$metadata#groups('G')/members/microsoft.graph.user`.
pub(super) fn by_context(context: &str) -> Option<Kind> {
    let (_, path) = context.split_once("$metadata#")?;
    let mut names = path.split('/').rev().filter(|name| !name.starts_with('$'));
    names.find_map(|name| {
        let name = name.split('(').next().unwrap_or_default();
        let cast = name.strip_prefix("microsoft.graph.");
        let found = KINDS.iter().find(|row| match cast {
            Some(cast) => row.0.eq_ignore_ascii_case(cast),
            None => !row.1.is_empty() && row.1.eq_ignore_ascii_case(name),
        });
        found.map(kind)
    })
}

fn kind(row: &Row) -> Kind {
    Kind {
        name: row.0,
        segment: row.2,
        resource_type: row.3,
        part_of: row.4,
    }
}

/// Objects as `az ad` prints them, without a context: a GUID as `id`, and members that only one kind has.
fn by_members(body: &Map<String, Value>) -> Option<Kind> {
    let has = |key: &str| body.contains_key(key);
    if has("type") || has("properties") || !text(body, "id").is_some_and(is_guid) {
        return None;
    }
    let name = match () {
        () if has("agentIdentityBlueprintId") && has("displayName") => "agentIdentity",
        () if has("servicePrincipalType") && has("appId") => "servicePrincipal",
        () if has("signInAudience") && has("appId") => "application",
        // Rows of sign-in logs have a `userPrincipalName` too, but `userDisplayName`.
        () if has("userPrincipalName") && has("displayName") => "user",
        () if has("securityEnabled") && has("mailEnabled") => "group",
        () => return None,
    };
    KINDS.iter().find(|row| row.0 == name).map(kind)
}
