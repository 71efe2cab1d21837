//! What evaluation yields.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_model::{Evidence, FindingState, FrameworkControl};

use crate::compliance::ComplianceState;
use crate::definition::Effect;

/// What a verdict says about the rule behind it.
#[derive(Debug, Clone)]
pub struct DefinitionInfo {
    /// Full resource id where the file has one, else empty.
    pub id: String,
    /// The definition's name: a GUID for built-ins.
    pub name: String,
    /// The reference within an initiative whose parameters apply; empty without one.
    pub reference_id: String,
    /// Title.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// `metadata.category`.
    pub category: String,
    /// Version.
    pub version: String,
    /// `metadata`, with `stance` where the rule is ours.
    pub metadata: Value,
    /// `Indexed`, `All` or a resource provider mode.
    pub mode: String,
    /// `BuiltIn`, `Custom` or empty.
    pub policy_type: String,
    /// The effect it is judged by, parameters applied.
    pub effect: Effect,
    /// Whether it is a preview.
    pub preview: bool,
    /// Groups of loaded initiatives it belongs to, as controls of a framework.
    pub groups: Vec<FrameworkControl>,
    /// The initiatives through which it is evaluated.
    pub memberships: Vec<Membership>,
    /// The assignment through which it is evaluated; `None` where it judges without one.
    pub assignment: Option<Arc<AssignmentInfo>>,
    /// The file it was read from.
    pub source_file: String,
    /// The line it starts at.
    pub source_line: u32,
}

/// A definition's place in an initiative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The initiative's id.
    pub initiative_id: String,
    /// Its name.
    pub initiative_name: String,
    /// Its title.
    pub initiative_title: String,
    /// Its version.
    pub initiative_version: String,
    /// The reference within it.
    pub reference_id: String,
    /// Names of the groups the reference is in.
    pub groups: Vec<String>,
}

/// What a verdict says about the assignment behind it.
#[derive(Debug, Clone)]
pub struct AssignmentInfo {
    /// Full resource id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Title.
    pub display_name: String,
    /// The scope it holds for.
    pub scope: String,
    /// Whether effects are carried out on writes.
    pub enforced: bool,
    /// Id of the initiative it assigns; empty where it assigns a definition.
    pub initiative_id: String,
    /// Name of that initiative.
    pub initiative_name: String,
    /// Values by parameter name.
    pub parameters: BTreeMap<String, Value>,
}

/// An exemption that covers a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// The exemption's id.
    pub id: String,
    /// `Waiver` or `Mitigated`.
    pub category: String,
    /// When it ends.
    pub expires_on: Option<DateTime<Utc>>,
    /// The state without the exemption.
    pub state: FindingState,
}

/// One definition judged on one resource.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The definition.
    pub definition: Arc<DefinitionInfo>,
    /// The state.
    pub state: FindingState,
    /// Why, in one sentence.
    pub cause: String,
    /// What it stands on; empty only where there is nothing to point at.
    pub evidence: Vec<Evidence>,
    /// The related type (lower case) that was looked for and not found.
    pub missing_related: Option<String>,
    /// Set where the rule engine and the evidence pass do not agree; the state is then Unknown.
    pub engine_disagreement: bool,
    /// The exemption that covers it; the state is then `NotApplicable`.
    pub exempted: Option<Exempted>,
    /// Set where the effect is `Manual` and nobody attested; the state is then the rule's default.
    pub awaits_attestation: bool,
}

impl Verdict {
    /// The state as Azure Policy names it; `None` where the definition does not apply to the resource.
    pub fn compliance(&self) -> Option<ComplianceState> {
        if self.exempted.is_some() {
            return Some(ComplianceState::Exempt);
        }
        match self.state {
            FindingState::Unhealthy => Some(ComplianceState::NonCompliant),
            FindingState::Healthy => Some(ComplianceState::Compliant),
            FindingState::Unknown => Some(ComplianceState::Unknown),
            FindingState::NotApplicable => None,
        }
    }
}
