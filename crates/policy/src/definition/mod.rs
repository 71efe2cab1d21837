//! Policy definitions and initiatives as files hold them, before parameters are known.

mod effect;
mod fill;
mod initiative;
mod load;
mod parameters;
mod read;
mod version;

use serde_json::Value;

pub use effect::Effect;
pub(crate) use initiative::parameter_reference;
pub use initiative::{Initiative, InitiativeGroup, InitiativeReference};
pub use load::Library;
pub use parameters::Parameter;

pub(crate) use fill::fill;
pub(crate) use parameters::{
    Assigned, WrongValue, assign, ignoring_case, plain_location, plain_location_text,
};
pub(crate) use version::{fits, newer};

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
    /// Evaluated only where an assignment says so: it was collected from Azure.
    pub assigned_only: bool,
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

    /// The whole object as it stands in the file.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}
