//! Where and when a rule is evaluated: `resourceGroup()`, `subscription()`, `requestContext()`, `policy()`,
//! `utcNow()`.
//!
//! Every property that policies read is there, with null where there is none: regorus takes a property that
//! is left out as undefined, which turns `notContains` and its like around.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use stance_model::{Resource, ResourceId};

use crate::evidence::Datum;
use crate::hierarchy::Hierarchy;
use crate::verdict::DefinitionInfo;

/// Properties of a resource group (`Microsoft.Resources/resourceGroups`).
const GROUP: [&str; 7] = [
    "id",
    "name",
    "type",
    "location",
    "managedBy",
    "tags",
    "properties",
];
/// Properties of a subscription.
const SUBSCRIPTION: [&str; 8] = [
    "id",
    "subscriptionId",
    "tenantId",
    "displayName",
    "state",
    "tags",
    "managedByTenants",
    "subscriptionPolicies",
];
/// What cannot be told from an id, and so is unknown where the container itself was not collected.
/// `managedBy` is not among them: it is null but for groups a service made, whose absence is the common case.
const NEEDS_CONTAINER: [&str; 7] = [
    "location",
    "tags",
    "properties",
    "displayname",
    "state",
    "managedbytenants",
    "subscriptionpolicies",
];

/// When the evaluation happens, and what is known of resource groups and subscriptions.
#[derive(Debug, Clone)]
pub struct EvaluationContext {
    now: String,
    instant: DateTime<Utc>,
    containers: HashMap<String, Value>,
    hierarchy: Hierarchy,
}

impl EvaluationContext {
    /// A context with a time and no containers.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            now: now.to_rfc3339_opts(SecondsFormat::Secs, true),
            instant: now,
            containers: HashMap::new(),
            hierarchy: Hierarchy::default(),
        }
    }

    /// When the evaluation happens.
    pub fn now(&self) -> DateTime<Utc> {
        self.instant
    }

    /// Whether the management groups of any subscription are known.
    pub fn knows_management_groups(&self) -> bool {
        self.hierarchy.is_known()
    }

    /// Ids of the management groups above a resource's subscription, lower case, the closest first; `None` where
    /// they are not known.
    pub(crate) fn management_groups(&self, resource: &Resource) -> Option<&[String]> {
        self.hierarchy.above(resource.id.subscription_id()?)
    }

    /// Adds a resource group, a subscription or a management group, so that rules can read its tags and the like,
    /// and it is known what lies in which management group.
    pub fn add_container(&mut self, container: &Resource) {
        self.hierarchy.add(container);
        self.containers
            .insert(container.id.key(), container.body.clone());
    }

    /// The context of one resource under one definition.
    pub(crate) fn view(&self, resource: &Resource, definition: &DefinitionInfo) -> ContextView {
        let subscription = resource.id.subscription_id();
        let group = resource.id.resource_group();
        let group_id = match (subscription, group) {
            (Some(subscription), Some(group)) => Some(format!(
                "/subscriptions/{subscription}/resourceGroups/{group}"
            )),
            _ => None,
        };
        let subscription_id = subscription.map(|id| format!("/subscriptions/{id}"));
        let found = |id: &Option<String>| {
            id.as_ref()
                .and_then(|id| self.containers.get(&ResourceId::new(id.as_str()).key()))
        };
        let (group_body, subscription_body) = (found(&group_id), found(&subscription_id));
        let mut group_value = filled(&GROUP, group_body);
        set(&mut group_value, "id", group_id.as_deref());
        set(&mut group_value, "name", group);
        set(
            &mut group_value,
            "type",
            group.map(|_| "Microsoft.Resources/resourceGroups"),
        );
        let mut subscription_value = filled(&SUBSCRIPTION, subscription_body);
        set(&mut subscription_value, "id", subscription_id.as_deref());
        set(&mut subscription_value, "subscriptionId", subscription);
        let set = definition
            .memberships
            .first()
            .map(|one| one.initiative_id.clone());
        let set = set.unwrap_or_default();
        let values = json!({
            "resourceGroup": group_value,
            "subscription": subscription_value,
            "requestContext": {"apiVersion": resource.api_version, "identity": null},
            "policy": {
                "assignmentId": definition.assignment.as_ref().map(|one| &one.id),
                "definitionId": definition.id,
                "setDefinitionId": text_or_null(&set),
                "definitionReferenceId": text_or_null(&definition.reference_id),
            },
            "utcNow": self.now,
            "claims": {},
        });
        ContextView {
            values,
            group_known: group_body.is_some(),
            subscription_known: subscription_body.is_some(),
        }
    }
}

/// Every property, null where the container has none.
fn filled(properties: &[&str], container: Option<&Value>) -> Value {
    let members = properties.iter().map(|name| {
        // Resource Graph keeps a subscription's own facts under `properties`.
        let value = container.and_then(|body| {
            body.get(name)
                .or_else(|| body.get("properties").and_then(|inner| inner.get(name)))
        });
        ((*name).to_owned(), value.cloned().unwrap_or(Value::Null))
    });
    Value::Object(members.collect())
}

fn text_or_null(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn set(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(text) = value {
        object[key] = Value::String(text.to_owned());
    }
}

/// The context of one evaluation.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContextView {
    /// The object regorus gets.
    pub values: Value,
    group_known: bool,
    subscription_known: bool,
}

impl ContextView {
    /// The value of a context function, by its lower-case name.
    pub(crate) fn get(&self, function: &str) -> Datum<'_> {
        let found = self.values.as_object().and_then(|object| {
            object
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(function))
        });
        found.map_or(Datum::Absent, |(_, value)| Datum::borrowed(value))
    }

    /// The expression of a property that is not known because its container was not collected.
    pub(crate) fn unknown_member(&self, function: &str, key: &str) -> Option<String> {
        let known = match function {
            "resourcegroup" => self.group_known,
            "subscription" => self.subscription_known,
            _ => return None,
        };
        let needs = NEEDS_CONTAINER.contains(&key.to_ascii_lowercase().as_str());
        let spelt = if function == "subscription" {
            "subscription"
        } else {
            "resourceGroup"
        };
        (!known && needs).then(|| format!("[{spelt}().{key}]"))
    }
}
