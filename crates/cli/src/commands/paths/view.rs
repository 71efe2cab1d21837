//! Stored paths as the report crate takes them.

use chrono::{DateTime, Utc};
use stance_operations::exposure::{PathNode, PathRecord, PathStep};
use stance_report::paths::{
    Confidence, FindingView, NodeView, PathView, PathsReport, ShareView, StepView,
};

/// Categories that say best what a node is, the sharpest first; they choose the icon.
const SHARPEST: [&str; 17] = [
    "internet",
    "everyone",
    "untrusted_content",
    "channel",
    "mcp_server",
    "tool",
    "ai_agent",
    "secret_store",
    "knowledge",
    "ai_model",
    "user",
    "group",
    "identity",
    "compute",
    "data",
    "network",
    "ai",
];

/// A report of these paths.
pub(crate) fn report(
    paths: &[PathRecord],
    bounded: Vec<String>,
    evaluated_at: DateTime<Utc>,
) -> PathsReport {
    PathsReport {
        bounded,
        generated_at: evaluated_at,
        paths: paths.iter().map(path).collect(),
    }
}

fn path(record: &PathRecord) -> PathView {
    let nodes: Vec<NodeView> = record.nodes.iter().map(node).collect();
    PathView {
        id: record.id.clone(),
        rule: record.rule.clone(),
        name: record.display_name.clone(),
        description: record.description.clone(),
        story: record.story.clone(),
        impact: record.impact.clone(),
        risk_level: record.risk.level.as_str().to_owned(),
        risk_score: record.risk.score,
        shares: record.risk.shares.iter().map(share).collect(),
        risk_factors: record.risk_factors.clone(),
        attack: record.attack.clone(),
        atlas: record.atlas.clone(),
        entry: nodes.get(record.entry).cloned().unwrap_or_default(),
        target: nodes.get(record.target).cloned().unwrap_or_default(),
        steps: record.steps.iter().map(step).collect(),
        nodes,
        alternatives: u32::try_from(record.alternatives).unwrap_or(u32::MAX),
        findings: record.findings.iter().map(finding).collect(),
        opened: (!record.first_seen.is_empty()).then(|| record.first_seen.clone()),
    }
}

fn share(share: &stance_posture::risk::Share) -> ShareView {
    ShareView {
        factor: share.factor.as_str().to_owned(),
        text: share.value.clone(),
        points: share.points,
    }
}

/// A node with its icon.
pub(crate) fn node(node: &PathNode) -> NodeView {
    let sharpest = SHARPEST
        .iter()
        .find(|name| node.categories.iter().any(|held| held == *name));
    NodeView {
        id: node.id.clone(),
        name: node.name.clone(),
        label: node.label.clone(),
        cloud: cloud(&node.id).to_owned(),
        category: (*sharpest.unwrap_or(&"")).to_owned(),
        insights: node.insights.clone(),
    }
}

fn cloud(id: &str) -> &'static str {
    if id.starts_with("arn:") || id.starts_with("aws:") {
        return "AWS";
    }
    if id.starts_with("//") || id.starts_with("gcp:") {
        return "Google";
    }
    if id.starts_with('/') { "Azure" } else { "" }
}

fn step(step: &PathStep) -> StepView {
    let evidence = &step.evidence;
    let source = match (evidence.object.as_str(), evidence.field.as_str()) {
        (object, "") => object.to_owned(),
        (object, field) => format!("{object}#{field}"),
    };
    // The arrow keeps its own direction, also where the path is walked against it.
    let (from, to) = if step.back {
        (step.to, step.from)
    } else {
        (step.from, step.to)
    };
    StepView {
        from,
        to,
        label: step.label.clone(),
        evidence_text: step.text.clone(),
        evidence_source: source,
        confidence: match step.confidence.as_str() {
            "low" => Confidence::Low,
            "medium" => Confidence::Medium,
            _ => Confidence::High,
        },
        remediation: step.remediation.clone(),
    }
}

fn finding(finding: &stance_operations::exposure::PathFinding) -> FindingView {
    FindingView {
        id: finding.id.clone(),
        title: finding.title.clone(),
        severity: finding.severity.clone(),
        resource_name: finding
            .resource
            .rsplit(['/', ':'])
            .next()
            .unwrap_or_default()
            .to_owned(),
        contribution: finding.contribution.clone(),
        breaks_path: finding.breaks_path,
    }
}
