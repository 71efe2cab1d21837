//! The inventory as it was at an instant: views over `ResourceChanges`, in which each version holds its resource whole.

use chrono::{DateTime, SecondsFormat, Utc};

/// The tables that are rebuilt, and the types that they hold. The conditions say what [`crate::rows::resources::table_of`]
/// says; a test holds the two together.
const REBUILT: [(&str, &str); 2] = [
    (
        "Resources",
        "type == 'microsoft.authorization/locks' or not(type startswith_cs 'microsoft.authorization/' \
         or type startswith_cs 'microsoft.policyinsights/' or type startswith_cs 'microsoft.graph/' \
         or type startswith_cs 'microsoft.security/' or type startswith_cs 'aws::iam::' \
         or type in ('iam.googleapis.com/policy', 'iam.googleapis.com/role', 'microsoft.resources/subscriptions', \
         'microsoft.resources/subscriptions/resourcegroups', 'microsoft.resources/resourcegroups', \
         'microsoft.management/managementgroups', 'cloudresourcemanager.googleapis.com/organization', \
         'cloudresourcemanager.googleapis.com/folder', 'cloudresourcemanager.googleapis.com/project'))",
    ),
    (
        "AuthorizationResources",
        "(type startswith_cs 'microsoft.authorization/' and not(type startswith_cs 'microsoft.authorization/policy') \
         and type != 'microsoft.authorization/locks') or type startswith_cs 'microsoft.graph/' \
         or type startswith_cs 'aws::iam::' or type in ('iam.googleapis.com/policy', 'iam.googleapis.com/role')",
    ),
];

/// Whether [`views`] has this table.
pub(crate) fn is_rebuilt(table: &str) -> bool {
    REBUILT.iter().any(|(name, _)| *name == table)
}

/// The inventory tables as of `at`, as views: the newest version of each resource until then that is not its end.
pub(crate) fn views(at: DateTime<Utc>) -> impl Iterator<Item = (&'static str, String)> {
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    REBUILT
        .into_iter()
        .map(move |(name, types)| (name, body(&at, types)))
}

fn body(at: &str, types: &str) -> String {
    format!(
        r"ResourceChanges
| where observed_at <= datetime({at})
| summarize arg_max(observed_at, *) by Key = tolower(targetResourceId), Declared = origin == 'template'
| where not(tombstone)
| extend type = targetResourceType
| where {types}
| project id = targetResourceId, name = coalesce(tostring(resource.name), extract('[^/]+$', 0, targetResourceId)), type,
    tenantId = coalesce(tostring(resource.tenantId), tostring(resource.identity.tenantId)), kind = tostring(resource.kind),
    location = tostring(resource.location), resourceGroup = coalesce(tostring(resource.resourceGroup), resourceGroup),
    subscriptionId = coalesce(tostring(resource.subscriptionId), subscriptionId), managedBy = tostring(resource.managedBy),
    sku = resource.sku, plan = resource.plan, properties = resource.properties, tags = resource.tags,
    identity = resource.identity, zones = resource.zones, extendedLocation = resource.extendedLocation, cloud,
    scope = '', origin, parent_id = coalesce(tostring(resource.parentId),
        extract('(?i)^(.*/providers/.*)/providers/[^/]+/[^/]+/[^/]+$', 1, targetResourceId),
        extract('(?i)^(.*/providers/[^/]+(?:/[^/]+/[^/]+)+)/[^/]+/[^/]+$', 1, targetResourceId)),
    api_version = '', unknowns = dynamic(null), source, input, observed_at, content_hash
"
    )
}
