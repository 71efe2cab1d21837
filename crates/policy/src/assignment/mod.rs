//! What puts definitions to work: assignments, exemptions from them, and attestations of what only a person knows.
//!
//! Sources: learn.microsoft.com/azure/governance/policy/concepts/assignment-structure, exemption-structure,
//! attestation-structure, scope.

mod exemption;
mod overrides;
mod read;
mod scope;
mod selector;

use std::collections::BTreeMap;

use serde_json::Value;

pub use exemption::{Attestation, Exemption};
pub(crate) use overrides::{Override, OverrideKind};
pub(crate) use read::{Read, recognise};
pub(crate) use scope::{MANAGEMENT_GROUPS, Place};
pub(crate) use selector::{Selector, select_any};

/// One assignment of a definition or an initiative to a scope, unmodified.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Full resource id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Title for people; the name where it has none.
    pub display_name: String,
    /// The management group, subscription, resource group or resource it holds for.
    pub scope: String,
    /// `policyDefinitionId`: the id of a definition or an initiative.
    pub definition: String,
    /// `definitionVersion`, such as `1.*.*`; empty where any version will do.
    pub definition_version: String,
    /// Values by parameter name.
    pub parameters: BTreeMap<String, Value>,
    /// Scopes within `scope` that are not evaluated.
    pub not_scopes: Vec<String>,
    /// Whether effects are carried out on writes (`enforcementMode`); compliance is judged either way.
    pub enforced: bool,
    /// Whether it was collected from Azure, not given as a file.
    pub collected: bool,
    /// The whole ARM object as it was read.
    pub body: Value,
    /// The file it was read from.
    pub file: String,
    /// The line it starts at.
    pub line: u32,
    pub(crate) selectors: Vec<Vec<Selector>>,
    pub(crate) overrides: Vec<Override>,
    /// What is wrong with it, in words; such an assignment is not evaluated.
    pub(crate) problem: Option<String>,
}

impl Assignment {
    /// Whether it assigns an initiative, as its id says.
    pub fn is_initiative(&self) -> bool {
        self.definition
            .to_ascii_lowercase()
            .contains("/policysetdefinitions/")
    }
}
