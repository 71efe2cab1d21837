//! The inventory of AI workloads: what runs where, of which kind, and how many findings it has.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use stance_kql::Engine;
use stance_model::workload::classify;

use crate::OperationsError;
use crate::bom::{rows, text};

/// One AI workload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// `Azure`, `AWS`, `GCP`.
    pub cloud: String,
    /// `AI models`, `AI agents`, …
    pub category: String,
    /// What it is, for people.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its type, in lower case.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// Its region.
    pub region: String,
    /// Its subscription, account or project.
    pub scope: String,
    /// `live` or `template`.
    pub origin: String,
    /// Unhealthy findings by severity.
    pub findings: Findings,
    /// Why it is shadow AI; empty where it is not.
    pub shadow: Vec<String>,
    /// Its id.
    pub id: String,
}

/// Unhealthy findings of one resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// Of severity Critical.
    pub critical: u64,
    /// Of severity High.
    pub high: u64,
    /// Of severity Medium.
    pub medium: u64,
    /// Of severity Low.
    pub low: u64,
}

impl Findings {
    /// All of them.
    pub fn total(self) -> u64 {
        self.critical + self.high + self.medium + self.low
    }
}

/// Which workloads are wanted; texts are compared without regard to case.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only of this cloud.
    pub cloud: Option<String>,
    /// Only of a category that holds this text.
    pub category: Option<String>,
    /// Only of a type or kind that holds this text.
    pub resource_type: Option<String>,
    /// Only shadow AI.
    pub only_shadow: bool,
}

impl Wanted {
    fn takes(&self, item: &Item) -> bool {
        let holds = |text: &str, part: &Option<String>| {
            part.as_ref()
                .is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let is_cloud = self
            .cloud
            .as_ref()
            .is_none_or(|cloud| cloud.eq_ignore_ascii_case(&item.cloud));
        is_cloud
            && holds(&item.category, &self.category)
            && (holds(&item.resource_type, &self.resource_type)
                || holds(&item.kind, &self.resource_type))
    }
}

/// AI workloads in order of cloud, category, kind and name.
///
/// # Errors
/// A table or view that cannot be read.
pub async fn inventory(engine: &Engine, wanted: &Wanted) -> Result<Vec<Item>, OperationsError> {
    let query =
        "Resources | project id, name, type, ['kind'], location, subscriptionId, cloud, origin";
    let mut items: Vec<Item> = Vec::new();
    for row in rows(engine, query).await? {
        let resource_type = text(&row, "type");
        let Some(workload) = classify(&resource_type, Some(&text(&row, "kind"))) else {
            continue;
        };
        if !workload.is_ai {
            continue;
        }
        let item = Item {
            cloud: text(&row, "cloud"),
            category: workload.category.as_str().to_owned(),
            kind: workload.label.to_owned(),
            name: text(&row, "name"),
            resource_type,
            region: text(&row, "location"),
            scope: text(&row, "subscriptionId"),
            origin: text(&row, "origin"),
            id: text(&row, "id"),
            ..Item::default()
        };
        if wanted.takes(&item) {
            items.push(item);
        }
    }
    count_findings(engine, &mut items).await?;
    if wanted.only_shadow {
        keep_shadow(engine, &mut items).await?;
    }
    items.sort_by_cached_key(|item| {
        (
            item.cloud.clone(),
            item.category.clone(),
            item.kind.clone(),
            item.name.to_lowercase(),
            item.id.to_lowercase(),
            item.origin.clone(),
        )
    });
    Ok(items)
}

async fn count_findings(engine: &Engine, items: &mut [Item]) -> Result<(), OperationsError> {
    let query = "SecurityRecommendation | where RecommendationState == 'Unhealthy' \
                 | summarize n = count() by id = tolower(AssessedResourceId), severity = RecommendationSeverity, origin";
    let mut found: HashMap<(String, String), Findings> = HashMap::new();
    for row in rows(engine, query).await? {
        let count = row.get("n").and_then(Value::as_u64).unwrap_or_default();
        let findings = found
            .entry((text(&row, "id"), text(&row, "origin")))
            .or_default();
        match text(&row, "severity").as_str() {
            "Critical" => findings.critical += count,
            "High" => findings.high += count,
            "Medium" => findings.medium += count,
            _ => findings.low += count,
        }
    }
    for item in items {
        let key = (item.id.to_lowercase(), item.origin.clone());
        item.findings = found.get(&key).copied().unwrap_or_default();
    }
    Ok(())
}

async fn keep_shadow(engine: &Engine, items: &mut Vec<Item>) -> Result<(), OperationsError> {
    let mut reasons: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows(
        engine,
        "ShadowAI | project ResourceId, Why | order by Why asc",
    )
    .await?
    {
        let id = text(&row, "ResourceId").to_lowercase();
        reasons.entry(id).or_default().push(text(&row, "Why"));
    }
    for item in items.iter_mut() {
        item.shadow = reasons.remove(&item.id.to_lowercase()).unwrap_or_default();
    }
    items.retain(|item| !item.shadow.is_empty());
    Ok(())
}
