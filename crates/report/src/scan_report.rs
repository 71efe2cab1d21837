//! What a scan has to say: plain data that every writer shows in its own way.

use serde::{Deserialize, Serialize};
use stance_model::{
    Cloud, Coverage, Diagnostic, Finding, Origin, Resource, SourceLocation, workload,
};

use crate::summary::Summary;

/// A whole scan. Writers that stream take its parts one by one instead.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ScanReport {
    /// Counts and times.
    pub summary: Summary,
    /// The inventory.
    pub resources: Vec<ResourceRow>,
    /// Every verdict that is to be shown; counts come from the summary, so states may be left out.
    pub findings: Vec<Finding>,
    /// What was collected, and what was not.
    pub coverage: Vec<Coverage>,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
}

/// One line of the inventory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceRow {
    /// The id, as spelt by the source.
    pub id: String,
    /// The name, for people.
    pub name: String,
    /// Full type in lower case.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// ARM's `kind`; empty where there is none.
    pub kind: String,
    /// Region; empty where there is none.
    pub location: String,
    /// The cloud.
    pub cloud: Cloud,
    /// Declared or observed.
    pub origin: Origin,
    /// Subscription, where the id lies in one.
    pub subscription_id: Option<String>,
    /// Resource group, where the id lies in one.
    pub resource_group: Option<String>,
    /// Where it was read.
    pub source: SourceLocation,
    /// The resource it is a part of.
    pub parent_id: Option<String>,
    /// What it is, in words: `Azure OpenAI account`; empty where the product has no name for it.
    pub category: String,
    /// True for AI workloads and their parts.
    pub is_ai: bool,
}

impl From<&Resource> for ResourceRow {
    fn from(resource: &Resource) -> Self {
        let named = workload::classify(&resource.resource_type, resource.text("kind"));
        let text = |field| resource.text(field).unwrap_or_default().to_owned();
        Self {
            id: resource.id.as_str().to_owned(),
            name: resource.name().to_owned(),
            resource_type: resource.resource_type.clone(),
            kind: text("kind"),
            location: text("location"),
            cloud: resource.cloud,
            origin: resource.origin,
            subscription_id: resource.id.subscription_id().map(str::to_owned),
            resource_group: resource.id.resource_group().map(str::to_owned),
            source: resource.source.clone(),
            parent_id: resource.id.parent().map(|id| id.as_str().to_owned()),
            category: named
                .map(|named| named.label.to_owned())
                .unwrap_or_default(),
            is_ai: named.is_some_and(|named| named.is_ai),
        }
    }
}
