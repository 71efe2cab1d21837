//! What evaluation yields.

use std::sync::Arc;

use serde_json::Value;
use stance_model::{Evidence, FindingState, FrameworkControl};

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
    /// The file it was read from.
    pub source_file: String,
    /// The line it starts at.
    pub source_line: u32,
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
}
