//! Resources as command-line tools spell them, brought back to the shape of the API.

use serde_json::{Map, Value};

/// Top-level fields of the ARM envelope and of Resource Graph rows.
pub(crate) const ENVELOPE: &[&str] = &[
    "apiVersion",
    "etag",
    "extendedLocation",
    "id",
    "identity",
    "kind",
    "location",
    "managedBy",
    "managedByExtended",
    "name",
    "plan",
    "properties",
    "resourceGroup",
    "sku",
    "subscriptionId",
    "systemData",
    "tags",
    "tenantId",
    "type",
    "zones",
    "aliases",
    "apiVersions",
    "changedTime",
    "createdTime",
    "provisioningState",
];

/// Members as PowerShell's resource objects spell them.
const POWERSHELL: &[(&str, &str)] = &[
    ("ResourceId", "id"),
    ("Id", "id"),
    ("Name", "name"),
    ("ResourceName", "name"),
    ("ResourceType", "type"),
    ("Type", "type"),
    ("Kind", "kind"),
    ("Location", "location"),
    ("ResourceGroupName", "resourceGroup"),
    ("SubscriptionId", "subscriptionId"),
    ("ManagedBy", "managedBy"),
    ("Sku", "sku"),
    ("Plan", "plan"),
    ("Identity", "identity"),
    ("Tags", "tags"),
    ("Properties", "properties"),
];

/// `Get-AzResource | ConvertTo-Json` writes `ResourceId`, `ResourceType`, `Properties`: the same resource
/// in other letters.
pub(crate) fn powershell_names(body: &mut Map<String, Value>) {
    let typed = body.contains_key("ResourceType") || body.contains_key("Type");
    if body.contains_key("id") || !typed {
        return;
    }
    for (spelt, name) in POWERSHELL {
        if !body.contains_key(*name)
            && let Some(value) = body.shift_remove(*spelt)
            && !value.is_null()
        {
            body.insert((*name).to_owned(), value);
        }
    }
}

/// Types that `az` prints with their properties at the top and under the names of the API, and a member that
/// shows it. Other types change names on the way up, so their properties stay unknown.
const LIFTED: &[(&str, &[&str])] = &[
    (
        "microsoft.insights/diagnosticsettings",
        &["logs", "metrics", "workspaceId", "storageAccountId"],
    ),
    ("microsoft.authorization/roleassignments", &["principalId"]),
    ("microsoft.authorization/roledefinitions", &["permissions"]),
    ("microsoft.security/pricings", &["pricingTier"]),
    (
        "microsoft.managedidentity/userassignedidentities",
        &["principalId"],
    ),
];

/// Puts what `az` lifted to the top back under `properties`.
pub(crate) fn lift(resource_type: &str, body: &mut Map<String, Value>) {
    if body.contains_key("properties") {
        return;
    }
    let Some((_, signs)) = LIFTED.iter().find(|(known, _)| *known == resource_type) else {
        return;
    };
    if !signs.iter().any(|sign| body.contains_key(*sign)) {
        return;
    }
    let (envelope, lifted): (Map<_, _>, Map<_, _>) = std::mem::take(body)
        .into_iter()
        .partition(|(key, _)| ENVELOPE.contains(&key.as_str()));
    *body = envelope;
    body.insert("properties".to_owned(), Value::Object(lifted));
}
