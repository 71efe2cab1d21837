//! Policy definitions and initiatives as files hold them, before parameters are known.

mod effect;
mod initiative;
mod load;
mod parameters;
mod read;

use serde_json::Value;

pub use effect::Effect;
pub(crate) use initiative::parameter_reference;
pub use initiative::{Initiative, InitiativeGroup, InitiativeReference};
pub use load::Library;
pub use parameters::Parameter;

pub(crate) use parameters::{Assigned, assign, plain_location, plain_location_text};

/// One policy definition, unmodified.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Full resource id where the file has one, else empty.
    pub id: String,
    /// The definition's name: a GUID for built-ins. The file's name where the file has none.
    pub name: String,
    /// Title for people.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// `BuiltIn`, `Custom`, `Static`; empty where the file does not say.
    pub policy_type: String,
    /// `All`, `Indexed` or a resource provider mode. `All` where the file does not say, as in Azure.
    pub mode: String,
    /// `metadata.category`.
    pub category: String,
    /// `version`, else `metadata.version`.
    pub version: String,
    /// Whether Microsoft or the author gave it up.
    pub deprecated: bool,
    /// Whether it is a preview.
    pub preview: bool,
    /// `metadata` as it stands in the file.
    pub metadata: Value,
    /// The declared parameters.
    pub parameters: Vec<Parameter>,
    /// The file it was read from.
    pub file: String,
    /// The line the definition starts at.
    pub line: u32,
    /// `policyRule` as data.
    pub(crate) rule: Value,
    /// The definition's own text, for the compiler and its positions.
    pub(crate) text: String,
}

impl Definition {
    /// `policyRule` as it stands in the file.
    pub fn rule(&self) -> &Value {
        &self.rule
    }
}
