//! Which resources of Azure are places, and which label an id states.

use stance_model::{Cloud, Resource, ResourceId};

pub(super) const SUBSCRIPTION: &str = "microsoft.resources/subscriptions";
const GROUP: &str = "microsoft.resources/subscriptions/resourcegroups";
/// Label of a tenant of which nothing but the id is known.
const TENANT: &str = "tenant";

/// The type that an id in lower case states; `None` where it is no whole id of Azure.
pub(super) fn label_of(id: &str) -> Option<String> {
    let parsed = ResourceId::new(id);
    if let Some((namespace, types, names)) = parsed.provider_parts() {
        let whole = !types.is_empty() && types.len() == names.len();
        return whole.then(|| format!("{namespace}/{}", types.join("/")));
    }
    let segments: Vec<&str> = id.split('/').skip(1).collect();
    let label = match segments.as_slice() {
        ["subscriptions", name] if !name.is_empty() => SUBSCRIPTION,
        ["subscriptions", _, "resourcegroups", name] if !name.is_empty() => GROUP,
        ["tenants", name] if !name.is_empty() => TENANT,
        _ => return None,
    };
    Some(label.to_owned())
}

/// Whether a resource is a place; what only tells of relations and rights is none.
pub(super) fn is_place(resource: &Resource) -> bool {
    resource.cloud == Cloud::Azure && !is_record(&resource.resource_type)
}

/// Types whose rows say something of two others and are no thing of their own.
pub(in crate::build) fn is_record(resource_type: &str) -> bool {
    const RECORDS: &[&str] = &[
        "microsoft.graph/approleassignments",
        "microsoft.graph/directoryrolemembers",
        "microsoft.graph/groupmembers",
        "microsoft.graph/oauth2permissiongrants",
        "microsoft.graph/owners",
        "microsoft.graph/roleassignments",
        "microsoft.graph/roleassignmentscheduleinstances",
        "microsoft.graph/roledefinitions",
        "microsoft.graph/roleeligibilityscheduleinstances",
        "microsoft.graph/roleeligibilityschedules",
        "microsoft.graph/userregistrationdetails",
        "microsoft.documentdb/databaseaccounts/sqlroleassignments",
        "microsoft.documentdb/databaseaccounts/sqlroledefinitions",
    ];
    let families = ["microsoft.authorization/", "stance/"];
    families
        .iter()
        .any(|family| resource_type.starts_with(family))
        || RECORDS.contains(&resource_type)
}
