//! Modes: which resources a definition is about at all.

use stance_model::Resource;

/// The mode of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Every resource, resource groups and subscriptions included.
    All,
    /// Resources that have a location or tags.
    Indexed,
    /// Components of a service that are built from collected resources, by lower-case data namespace.
    Component(String),
    /// Enforced inside a service; the name as written.
    Enforced(String),
}

/// Data namespaces whose components [`crate::component`] builds.
const COMPONENT_MODES: [&str; 4] = [
    "microsoft.cognitiveservices.data",
    "microsoft.keyvault.data",
    "microsoft.managedhsm.data",
    "microsoft.machinelearningservices.v2.data",
];

impl Mode {
    pub(crate) fn parse(name: &str) -> Self {
        let lower = name.trim().to_ascii_lowercase();
        match lower.as_str() {
            "" | "all" => Self::All,
            "indexed" => Self::Indexed,
            _ if COMPONENT_MODES.contains(&lower.as_str()) => Self::Component(lower),
            _ => Self::Enforced(name.to_owned()),
        }
    }

    /// Whether exemptions are honoured: they are not for components of a service, but for those that the
    /// documentation names.
    ///
    /// Source: learn.microsoft.com/azure/governance/policy/concepts/exemption-structure.
    pub(crate) fn can_be_exempt(&self) -> bool {
        match self {
            Self::All | Self::Indexed => true,
            Self::Component(name) => name == "microsoft.keyvault.data",
            Self::Enforced(_) => false,
        }
    }

    /// Whether the mode lets a resource in. `named` says that the rule itself names its type.
    pub(crate) fn admits(&self, resource: &Resource, named: bool) -> bool {
        // Azure evaluates nothing of this provider but the two containers.
        let of_resources = resource.resource_type.starts_with("microsoft.resources/");
        let is_container = matches!(
            resource.resource_type.as_str(),
            "microsoft.resources/subscriptions"
                | "microsoft.resources/resourcegroups"
                | "microsoft.resources/subscriptions/resourcegroups"
        );
        if of_resources && !is_container {
            return false;
        }
        match self {
            Self::All => true,
            // A rule without a type would else meet child resources that have neither.
            Self::Indexed => {
                named
                    || is_container
                    || resource.body.get("location").is_some()
                    || resource.body.get("tags").is_some()
            }
            Self::Component(_) | Self::Enforced(_) => false,
        }
    }
}
