//! Findings: what was judged, with the evidence and what mends it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::SourceLocation;

/// Severity of a recommendation, in the spelling of Defender for Cloud. Ordered: `Low < … < Critical`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Should be mended in the normal course.
    #[default]
    Medium,
    /// Should be mended soon.
    High,
    /// Should be mended now.
    Critical,
}

impl Severity {
    /// `Low`, `Medium`, `High`, `Critical`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    /// Case does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "low" => Ok(Self::Low),
            "medium" => Ok(Self::Medium),
            "high" => Ok(Self::High),
            "critical" => Ok(Self::Critical),
            _ => Err(format!(
                "`{text}` is no severity; use critical, high, medium or low"
            )),
        }
    }
}

/// The state of one recommendation on one resource, in Azure's spelling plus `Unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FindingState {
    /// The resource fails the check.
    Unhealthy,
    /// What the check needs could not be known.
    Unknown,
    /// The resource passes.
    Healthy,
    /// The check does not concern the resource.
    NotApplicable,
}

impl FindingState {
    /// `Unhealthy`, `Unknown`, `Healthy`, `NotApplicable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unhealthy => "Unhealthy",
            Self::Unknown => "Unknown",
            Self::Healthy => "Healthy",
            Self::NotApplicable => "NotApplicable",
        }
    }
}

impl fmt::Display for FindingState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One fact a verdict stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was looked at: an alias, a field, or the related type that is missing.
    pub field: String,
    /// Its value; null where absent; the text of the expression where unknown.
    pub value: Value,
    /// `file:line:column` for files with lines, else the resource id.
    pub source: String,
    /// The condition in words, `equals false`.
    #[serde(default)]
    pub condition: String,
    /// The same position in parts, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<SourceLocation>,
}

/// A command or snippet that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemediationCommand {
    /// `azure-cli`, `terraform`, `arm`, `aws-cli`, `cloudformation`, `gcloud`.
    pub tool: String,
    /// The text; `{name}`, `{resourceGroup}`, `{subscriptionId}` and `{id}` are filled in.
    pub text: String,
}

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Remediation {
    /// In words.
    pub text: String,
    /// Ready to run.
    #[serde(default)]
    pub commands: Vec<RemediationCommand>,
}

/// One control of a compliance framework.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FrameworkControl {
    /// Short name: `MCSB v2`, `OWASP LLM 2025`.
    pub framework: String,
    /// Its id there: `IM-1`.
    pub control: String,
}

/// One recommendation judged on one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable over scans; the SARIF fingerprint.
    pub id: String,
    /// The resource, as spelt by the source.
    pub resource_id: String,
    /// The resource's name, for people.
    pub resource_name: String,
    /// The resource's type in lower case.
    pub resource_type: String,
    /// The recommendation's stable id: a policy definition's name, or its assessment key.
    pub recommendation: String,
    /// Its title.
    pub title: String,
    /// What it means.
    pub description: String,
    /// The verdict.
    pub state: FindingState,
    /// Why the state is what it is, in one sentence.
    pub cause: String,
    /// How bad.
    pub severity: Severity,
    /// What the verdict stands on.
    pub evidence: Vec<Evidence>,
    /// What mends it.
    pub remediation: Remediation,
    /// Which controls it speaks to.
    pub frameworks: Vec<FrameworkControl>,
    /// Where the resource was read.
    pub source: SourceLocation,
}
