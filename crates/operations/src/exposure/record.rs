//! An attack path as it is stored, read back and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stance_posture::risk::{Risk, Share};

use crate::rows::table_batch::Cell;

/// A node of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathNode {
    /// Its id in the graph.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Resource type in lower case, or another label.
    pub label: String,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its insights, as people read them.
    pub insights: Vec<String>,
}

/// What a step stands on, and so what one would change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// Id of the resource that states the fact.
    pub object: String,
    /// The property that does.
    pub field: String,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathStep {
    /// Id of the edge.
    pub edge_id: String,
    /// Position of the node it leaves, in the order of the path.
    pub from: usize,
    /// Position of the node it enters.
    pub to: usize,
    /// Whether the edge is walked against its arrow.
    pub back: bool,
    /// Label of the edge.
    pub label: String,
    /// Who found it.
    pub source: String,
    /// What it stands on.
    pub evidence: Fix,
    /// What that says.
    pub text: String,
    /// `low`, `medium` or `high`.
    pub confidence: String,
    /// What would cut it; empty where nothing is said.
    pub remediation: String,
}

/// What a finding has to do with a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathFinding {
    /// The finding's id.
    pub id: String,
    /// Name of its recommendation.
    pub recommendation: String,
    /// Title of its recommendation.
    pub title: String,
    /// Severity of its recommendation.
    pub severity: String,
    /// The judged resource.
    pub resource: String,
    /// Whether mending it alone breaks the path.
    pub breaks_path: bool,
    /// What it contributes, in words.
    pub contribution: String,
    /// The facts of this path that mending it changes.
    pub fixes: Vec<Fix>,
}

/// One attack path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathRecord {
    /// 32 hex digits over rule, entry and target: the same path has the same id in every evaluation.
    pub id: String,
    /// Name of the rule.
    pub rule: String,
    /// Title.
    pub display_name: String,
    /// What it is about, with its names.
    pub description: String,
    /// Step by step, in plain words.
    pub story: String,
    /// What it leads to.
    pub impact: String,
    /// Level, score and shares.
    pub risk: Risk,
    /// Words for people.
    pub risk_factors: Vec<String>,
    /// Severity that the rule gives.
    pub severity: String,
    /// The least sure step: `low`, `medium` or `high`.
    pub confidence: String,
    /// Position of the entry point among the nodes.
    pub entry: usize,
    /// Position of the target among the nodes.
    pub target: usize,
    /// Its nodes in order.
    pub nodes: Vec<PathNode>,
    /// Its steps in order.
    pub steps: Vec<PathStep>,
    /// Other ways from the entry to the target that the same rule found.
    pub alternatives: u64,
    /// For each known way, this one first: the facts whose change would cut it.
    pub route_fixes: Vec<Vec<Fix>>,
    /// Findings on its resources.
    pub findings: Vec<PathFinding>,
    /// MITRE ATT&CK techniques.
    pub attack: Vec<String>,
    /// MITRE ATLAS techniques.
    pub atlas: Vec<String>,
    /// When it was first found, RFC 3339.
    pub first_seen: String,
    /// Subscription, account or project of the target.
    pub subscription: String,
    /// Cloud of the target.
    pub cloud: String,
}

/// The id under the key that its cloud has; what is no resource of a cloud has none.
fn identifiers(id: &str) -> Value {
    if id.starts_with('/') && !id.starts_with("//") {
        json!({"azureResourceId": id})
    } else if id.starts_with("arn:") {
        json!({"awsResourceName": id})
    } else if id.starts_with("//") {
        json!({"gcpResourceName": id})
    } else {
        json!({})
    }
}

impl PathRecord {
    /// Its entry point.
    pub fn entry_node(&self) -> &PathNode {
        &self.nodes[self.entry]
    }

    /// Its target.
    pub fn target_node(&self) -> &PathNode {
        &self.nodes[self.target]
    }

    /// What to do, in the order of the steps.
    pub fn remediation(&self) -> String {
        let steps = self.steps.iter().map(|step| step.remediation.as_str());
        let mut texts: Vec<&str> = steps.filter(|text| !text.is_empty()).collect();
        texts.dedup();
        texts.join("\n")
    }

    /// Finding ids by the id of the node they are about, as Resource Graph has them.
    fn assessments(&self) -> Value {
        let mut by_entity: Map<String, Value> = Map::new();
        for finding in &self.findings {
            let of_entity = by_entity
                .entry(finding.resource.to_lowercase())
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(ids) = of_entity {
                ids.push(Value::from(finding.id.as_str()));
            }
        }
        Value::Object(by_entity)
    }

    /// Entities, connections and insights, as Resource Graph has them.
    fn graph_component(&self) -> Value {
        let entities = self.nodes.iter().map(|node| {
            json!({
                "entityInternalId": node.id,
                "entityName": node.name,
                "entityType": node.label,
                "entityIdentifiers": identifiers(&node.id),
            })
        });
        let connections = self.steps.iter().map(|step| {
            let (source, target) = if step.back {
                (step.to, step.from)
            } else {
                (step.from, step.to)
            };
            json!({
                "connectionId": step.edge_id,
                "sourceEntityInternalId": self.nodes.get(source).map(|node| &node.id),
                "targetEntityInternalId": self.nodes.get(target).map(|node| &node.id),
                "description": step.label,
            })
        });
        let insights = self.nodes.iter().flat_map(|node| {
            let named = node.insights.iter();
            named.map(|insight| json!({"entityInternalId": node.id, "insightName": insight}))
        });
        json!({
            "entities": entities.collect::<Vec<_>>(),
            "connections": connections.collect::<Vec<_>>(),
            "insights": insights.collect::<Vec<_>>(),
        })
    }

    /// The cells of its row, in the order of `content/tables/exposure.kql`.
    pub(crate) fn cells(&self, now: i64) -> Result<Vec<Cell<'_>>, serde_json::Error> {
        let (entry, target) = (self.entry_node(), self.target_node());
        Ok(vec![
            Cell::DateTime(now),
            Cell::Text(&self.id),
            Cell::Text(&self.rule),
            Cell::Text(&self.display_name),
            Cell::Text(&self.description),
            Cell::Text(&self.story),
            Cell::Text(&self.impact),
            Cell::Text(self.risk.level.as_str()),
            Cell::OwnedJson(json!(self.risk.score)),
            Cell::OwnedJson(serde_json::to_value(&self.risk.shares)?),
            Cell::OwnedJson(json!(self.risk_factors)),
            Cell::Text(&self.severity),
            Cell::Text(&self.confidence),
            Cell::Text(&entry.id),
            Cell::Text(&entry.name),
            Cell::Text(&entry.label),
            Cell::Text(&target.id),
            Cell::Text(&target.name),
            Cell::Text(&target.label),
            Cell::OwnedJson(
                json!({"entry": self.entry, "target": self.target, "nodes": self.nodes}),
            ),
            Cell::OwnedJson(serde_json::to_value(&self.steps)?),
            Cell::Long(i64::try_from(self.alternatives).unwrap_or(i64::MAX)),
            Cell::OwnedJson(serde_json::to_value(&self.route_fixes)?),
            Cell::OwnedJson(serde_json::to_value(&self.findings)?),
            Cell::OwnedJson(self.assessments()),
            Cell::OwnedJson(self.graph_component()),
            Cell::OwnedJson(json!({"attack": self.attack, "atlas": self.atlas})),
            Cell::Owned(self.remediation()),
            Cell::Text(&self.first_seen),
            Cell::Text(&self.subscription),
            Cell::Text(&self.cloud),
        ])
    }

    /// Out of a row as the engine gives it.
    ///
    /// # Errors
    /// A row that this product did not write.
    pub(crate) fn from_row(row: &Value) -> Result<Self, serde_json::Error> {
        let text = |column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let shares: Vec<Share> = serde_json::from_value(row["RiskShares"].clone())?;
        let level = serde_json::from_value(row["RiskLevel"].clone())?;
        let index = |name: &str| row["Nodes"][name].as_u64().unwrap_or_default() as usize;
        let record = Self {
            id: text("AttackPathId"),
            rule: text("RuleName"),
            display_name: text("DisplayName"),
            description: text("Description"),
            story: text("AttackStory"),
            impact: text("PotentialImpact"),
            risk: Risk {
                score: row["RiskScore"].as_f64().unwrap_or_default(),
                score_at_most: row["RiskScore"].as_f64().unwrap_or_default(),
                level,
                shares,
                because: None,
            },
            risk_factors: serde_json::from_value(row["RiskFactors"].clone())?,
            severity: text("Severity"),
            confidence: text("Confidence"),
            entry: index("entry"),
            target: index("target"),
            nodes: serde_json::from_value(row["Nodes"]["nodes"].clone())?,
            steps: serde_json::from_value(row["Steps"].clone())?,
            alternatives: row["Alternatives"].as_u64().unwrap_or_default(),
            route_fixes: serde_json::from_value(row["RouteFixes"].clone())?,
            findings: serde_json::from_value(row["Findings"].clone())?,
            attack: serde_json::from_value(row["Mitre"]["attack"].clone())?,
            atlas: serde_json::from_value(row["Mitre"]["atlas"].clone())?,
            first_seen: text("FirstSeen"),
            subscription: text("SubscriptionId"),
            cloud: text("Cloud"),
        };
        let whole = record.entry < record.nodes.len() && record.target < record.nodes.len();
        if !whole {
            return Err(serde::de::Error::custom(
                "the ends of the path are not among its nodes",
            ));
        }
        Ok(record)
    }
}
