//! Rows of the inventory tables, in the shape of Azure Resource Graph.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stance_base::hex;
use stance_model::Resource;

use crate::rows::table_batch::Cell;

/// The inventory table that Resource Graph keeps a type in.
///
/// Source: learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources.
pub(crate) fn table_of(resource_type: &str) -> &'static str {
    let (namespace, rest) = resource_type.split_once('/').unwrap_or((resource_type, ""));
    match (namespace, rest) {
        (
            "microsoft.resources",
            "subscriptions" | "subscriptions/resourcegroups" | "resourcegroups",
        )
        | ("microsoft.management", "managementgroups")
        | ("cloudresourcemanager.googleapis.com", "organization" | "folder" | "project") => {
            "ResourceContainers"
        }
        ("microsoft.authorization", kind) if kind.starts_with("policy") => "PolicyResources",
        ("microsoft.authorization", "locks") => "Resources",
        ("microsoft.policyinsights", _) => "PolicyResources",
        ("microsoft.authorization" | "microsoft.graph", _)
        | ("iam.googleapis.com", "policy" | "role") => "AuthorizationResources",
        ("microsoft.security", _) => "SecurityResources",
        _ if namespace.starts_with("aws::iam::") => "AuthorizationResources",
        _ => "Resources",
    }
}

/// Every inventory table that a scan may write.
pub(crate) const TABLES: [&str; 5] = [
    "Resources",
    "ResourceContainers",
    "AuthorizationResources",
    "PolicyResources",
    "SecurityResources",
];

/// What a scan knows about a reading beside the resource itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// Key of the input root it came from.
    pub input: &'a str,
    /// When its state was true, in microseconds.
    pub observed_at: i64,
    /// [`content_hash`] of the body.
    pub content_hash: &'a str,
}

/// The cells of one inventory row, in the order of `content/tables/inventory.kql`.
pub(crate) fn cells<'a>(resource: &'a Resource, reading: Reading<'a>) -> [Cell<'a>; 26] {
    let body = &resource.body;
    let json = |field: &str| body.get(field).map_or(Cell::Null, Cell::Json);
    let text = |field: &str| {
        body.get(field)
            .and_then(Value::as_str)
            .map_or(Cell::Null, Cell::Text)
    };
    let or_text = |field: &str, other: Option<&'a str>| match text(field) {
        Cell::Null => other.map_or(Cell::Null, Cell::Text),
        found => found,
    };
    [
        Cell::Text(resource.id.as_str()),
        Cell::Text(resource.name()),
        Cell::Text(&resource.resource_type),
        or_text(
            "tenantId",
            body.pointer("/identity/tenantId").and_then(Value::as_str),
        ),
        text("kind"),
        text("location"),
        or_text("resourceGroup", resource.id.resource_group()),
        resource.subscription().map_or(Cell::Null, Cell::Text),
        text("managedBy"),
        json("sku"),
        json("plan"),
        json("properties"),
        json("tags"),
        json("identity"),
        json("zones"),
        json("extendedLocation"),
        Cell::Text(resource.cloud.as_str()),
        Cell::Owned(scope_of(resource)),
        Cell::Text(resource.origin.as_str()),
        resource
            .parent()
            .map_or(Cell::Null, |parent| Cell::Owned(parent.as_str().to_owned())),
        resource
            .api_version
            .as_deref()
            .map_or(Cell::Null, Cell::Text),
        unknowns(resource),
        Cell::Owned(source_text(resource)),
        Cell::Text(reading.input),
        Cell::DateTime(reading.observed_at),
        Cell::Text(reading.content_hash),
    ]
}

/// The container that a resource was collected under: its subscription, else the file it was declared in.
pub(crate) fn scope_of(resource: &Resource) -> String {
    resource
        .scope()
        .unwrap_or_else(|| resource.source.file.clone())
}

/// `file:line`, or only the file where there are no lines.
pub(crate) fn source_text(resource: &Resource) -> String {
    let source = &resource.source;
    if source.line == 0 {
        return source.file.clone();
    }
    format!("{}:{}", source.file, source.line)
}

fn unknowns(resource: &Resource) -> Cell<'static> {
    if resource.unknowns.is_empty() {
        return Cell::Null;
    }
    let listed = resource
        .unknowns
        .iter()
        .map(|unknown| json!({"pointer": unknown.pointer, "expression": unknown.expression}));
    Cell::OwnedJson(Value::Array(listed.collect()))
}

/// 32 hex digits of SHA-256 over the body, the order of keys and what changes without a change
/// (`etag`, `systemData`) left out.
pub(crate) fn content_hash(resource: &Resource) -> String {
    let mut hasher = Sha256::new();
    hash_value(&mut hasher, &resource.body, true);
    hasher.update(resource.origin.as_str());
    for unknown in &resource.unknowns {
        hasher.update(&unknown.pointer);
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..16])
}

fn hash_value(hasher: &mut Sha256, value: &Value, top: bool) {
    match value {
        Value::Object(members) => {
            hasher.update(b"{");
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort();
            for key in keys {
                if top && matches!(key.as_str(), "etag" | "systemData") {
                    continue;
                }
                hasher.update(key);
                hasher.update(b":");
                hash_value(hasher, &members[key.as_str()], false);
            }
            hasher.update(b"}");
        }
        Value::Array(items) => {
            hasher.update(b"[");
            for item in items {
                hash_value(hasher, item, false);
                hasher.update(b",");
            }
            hasher.update(b"]");
        }
        Value::String(text) => {
            hasher.update(b"\"");
            hasher.update(text);
            hasher.update(b"\"");
        }
        other => hasher.update(other.to_string()),
    }
}

/// How much a reading says: the number of values in it. Of two readings of one age the fuller wins.
pub(crate) fn completeness(value: &Value) -> u32 {
    match value {
        Value::Null => 0,
        Value::Object(members) => members.values().map(completeness).sum::<u32>() + 1,
        Value::Array(items) => items.iter().map(completeness).sum::<u32>() + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_model::{ResourceId, SourceLocation};

    fn resource(body: Value) -> Resource {
        Resource {
            id: ResourceId::new("/subscriptions/s/resourceGroups/g/providers/A.B/c/d"),
            resource_type: "a.b/c".into(),
            cloud: stance_model::Cloud::Azure,
            origin: stance_model::Origin::Live,
            source: SourceLocation::default(),
            observed_at: None,
            api_version: None,
            unknowns: Vec::new(),
            positions: Vec::new(),
            body,
        }
    }

    #[test]
    fn the_hash_ignores_order_and_etag_but_no_value() {
        let first = content_hash(&resource(
            json!({"name": "d", "properties": {"a": 1, "b": 2}, "etag": "x"}),
        ));
        let second = content_hash(&resource(
            json!({"properties": {"b": 2, "a": 1}, "name": "d", "etag": "y"}),
        ));
        let third = content_hash(&resource(
            json!({"properties": {"b": 2, "a": "1"}, "name": "d"}),
        ));
        assert_eq!(first, second);
        assert_ne!(first, third);
    }

    #[test]
    fn types_go_to_the_tables_of_resource_graph() {
        assert_eq!(
            table_of("microsoft.authorization/roleassignments"),
            "AuthorizationResources"
        );
        for access in [
            "microsoft.authorization/denyassignments",
            "microsoft.authorization/roleeligibilityscheduleinstances",
            "microsoft.authorization/roleeligibilityschedules",
            "microsoft.graph/groupmembers",
            "microsoft.graph/agentidentities",
        ] {
            assert_eq!(table_of(access), "AuthorizationResources", "{access}");
        }
        assert_eq!(
            table_of("microsoft.authorization/policyassignments"),
            "PolicyResources"
        );
        assert_eq!(
            table_of("microsoft.resources/subscriptions"),
            "ResourceContainers"
        );
        assert_eq!(table_of("microsoft.security/pricings"), "SecurityResources");
        assert_eq!(
            table_of("microsoft.cognitiveservices/accounts"),
            "Resources"
        );
        assert_eq!(
            table_of("cloudresourcemanager.googleapis.com/folder"),
            "ResourceContainers"
        );
        assert_eq!(
            table_of("iam.googleapis.com/policy"),
            "AuthorizationResources"
        );
    }

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let one = resource(json!({}));
        let reading = Reading {
            input: "",
            observed_at: 0,
            content_hash: "",
        };
        for name in TABLES {
            let columns = stance_model::tables::find(name).map(|table| table.columns.len());
            assert_eq!(columns, Some(cells(&one, reading).len()), "{name}");
        }
    }
}
