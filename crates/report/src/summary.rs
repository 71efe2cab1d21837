//! The numbers on top of every report, counted once so that all formats agree.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use stance_model::{Diagnostic, DiagnosticLevel, Finding, FindingState, Severity};

use crate::scan_report::ResourceRow;
use crate::show;

/// Counts and times of one scan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The version of the program that scanned.
    pub tool_version: String,
    /// When the scan began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// The paths that were given.
    pub inputs: Vec<String>,
    /// Files that held something.
    pub files_read: u64,
    /// Resources found.
    pub resources: u64,
    /// Of these, AI workloads and their parts.
    pub ai_resources: u64,
    /// Resources by type in lower case.
    pub resource_types: BTreeMap<String, u64>,
    /// Resources by what they are in words; types without a name are not in it.
    pub workloads: Vec<WorkloadCount>,
    /// Verdicts.
    pub findings: FindingCounts,
    /// Messages about inputs.
    pub diagnostics: DiagnosticCounts,
    /// Against the scan before; absent for the first scan and where no history is kept.
    pub changes: Option<Changes>,
    /// Attack paths through everything that is stored; absent where nobody searched for them.
    #[serde(default)]
    pub attack_paths: Option<PathCounts>,
}

/// Attack paths, and how they moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathCounts {
    /// Open now.
    pub open: u64,
    /// Of these, not open before.
    pub opened: u64,
    /// Open before and no more.
    pub closed: u64,
    /// What the search was bounded by, in words; there may be more paths then.
    pub bounded: Vec<String>,
}

/// How many resources there are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadCount {
    /// The group: `AI models`, `Network`.
    pub category: String,
    /// The kind: `Azure OpenAI account`.
    pub label: String,
    /// True for AI workloads and their parts.
    pub is_ai: bool,
    /// How many.
    pub count: u64,
}

/// Verdicts by state and by severity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingCounts {
    /// Every verdict.
    pub total: u64,
    /// By state.
    pub by_state: StateCounts,
    /// Unhealthy ones by severity.
    pub unhealthy_by_severity: SeverityCounts,
}

/// Verdicts by state, keys as Azure spells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)] // The states are documented where they are declared.
pub struct StateCounts {
    pub unhealthy: u64,
    pub unknown: u64,
    pub healthy: u64,
    pub not_applicable: u64,
}

/// Findings by severity, keys as Azure spells them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(missing_docs)] // The severities are documented where they are declared.
pub struct SeverityCounts {
    pub critical: u64,
    pub high: u64,
    pub medium: u64,
    pub low: u64,
}

impl SeverityCounts {
    /// How many there are of one severity.
    pub fn get(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }
}

/// Messages about inputs by level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // The levels are documented where they are declared.
pub struct DiagnosticCounts {
    pub error: u64,
    pub warning: u64,
    pub note: u64,
}

/// What is different from the scan before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// When the scan before ended.
    pub since: Option<DateTime<Utc>>,
    /// Findings that turned Unhealthy.
    pub new: u64,
    /// Findings that are Unhealthy no longer.
    pub resolved: u64,
    /// Findings that are Unhealthy still, with other evidence or severity.
    pub changed: u64,
    /// Resources seen for the first time.
    pub resources_added: u64,
    /// Resources with other content.
    pub resources_changed: u64,
    /// Resources seen no longer where everything was read.
    pub resources_gone: u64,
}

impl PathCounts {
    /// `4 attack paths, 3 opened and 1 closed since the last scan.`; `None` where there is nothing to say.
    pub fn sentence(&self) -> Option<String> {
        if self.open == 0 && self.closed == 0 {
            return None;
        }
        let open = show::count(self.open, "attack path", "attack paths");
        Some(match (self.opened, self.closed) {
            (0, 0) => format!("{open}."),
            (opened, 0) if opened == self.open => format!("{open}."),
            (opened, closed) => {
                format!("{open}, {opened} opened and {closed} closed since the last scan.")
            }
        })
    }
}

impl Summary {
    /// Counts one resource.
    pub fn count_resource(&mut self, row: &ResourceRow) {
        self.resources += 1;
        self.ai_resources += u64::from(row.is_ai);
        match self.resource_types.get_mut(&row.resource_type) {
            Some(number) => *number += 1,
            None => drop(self.resource_types.insert(row.resource_type.clone(), 1)),
        }
        if row.category.is_empty() {
            return;
        }
        let at = self
            .workloads
            .iter()
            .position(|known| known.label == row.category);
        if let Some(at) = at {
            self.workloads[at].count += 1;
            return;
        }
        let named = stance_model::workload::classify(&row.resource_type, Some(&row.kind));
        self.workloads.push(WorkloadCount {
            category: named
                .map(|named| named.category.as_str().to_owned())
                .unwrap_or_default(),
            label: row.category.clone(),
            is_ai: row.is_ai,
            count: 1,
        });
    }

    /// Counts one verdict.
    pub fn count_finding(&mut self, finding: &Finding) {
        self.findings.total += 1;
        let states = &mut self.findings.by_state;
        match finding.state {
            FindingState::Unhealthy => states.unhealthy += 1,
            FindingState::Unknown => states.unknown += 1,
            FindingState::Healthy => states.healthy += 1,
            FindingState::NotApplicable => states.not_applicable += 1,
        }
        if finding.state != FindingState::Unhealthy {
            return;
        }
        let severities = &mut self.findings.unhealthy_by_severity;
        match finding.severity {
            Severity::Critical => severities.critical += 1,
            Severity::High => severities.high += 1,
            Severity::Medium => severities.medium += 1,
            Severity::Low => severities.low += 1,
        }
    }

    /// Counts one message.
    pub fn count_diagnostic(&mut self, diagnostic: &Diagnostic) {
        match diagnostic.level {
            DiagnosticLevel::Error => self.diagnostics.error += 1,
            DiagnosticLevel::Warning => self.diagnostics.warning += 1,
            DiagnosticLevel::Note => self.diagnostics.note += 1,
        }
    }

    /// Puts the kinds into the order that people read: AI first, by group, then by number.
    pub fn sort(&mut self) {
        self.workloads.sort_by(|left, right| {
            (
                !left.is_ai,
                group_rank(&left.category),
                right.count,
                &left.label,
            )
                .cmp(&(
                    !right.is_ai,
                    group_rank(&right.category),
                    left.count,
                    &right.label,
                ))
        });
    }
}

/// AI groups in the order of the model's list; all others after them by name.
fn group_rank(category: &str) -> (usize, &str) {
    const ORDER: [&str; 5] = [
        "AI models",
        "AI agents",
        "Machine learning",
        "AI search and grounding",
        "AI guardrails and settings",
    ];
    let rank = ORDER
        .iter()
        .position(|known| *known == category)
        .unwrap_or(ORDER.len());
    (rank, category)
}
