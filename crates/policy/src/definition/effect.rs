//! Effects: what a policy does, and what that says about compliance.

use std::fmt;

/// An effect, in the spelling of the documentation. Names are matched without case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reports.
    Audit,
    /// Refuses a write; reports what exists already.
    Deny,
    /// Changes a resource on write; reports what exists already.
    Modify,
    /// Adds fields on write; reports what exists already.
    Append,
    /// Reports where a related resource is missing.
    AuditIfNotExists,
    /// Deploys a related resource where it is missing.
    DeployIfNotExists,
    /// A person attests.
    Manual,
    /// Nothing is evaluated.
    Disabled,
    /// An effect that is carried out inside a service: `Mutate`, `EnforceSetting`, `DenyAction`, …
    Other(String),
}

impl Effect {
    /// The effect of a name in any case.
    pub fn parse(name: &str) -> Self {
        const KNOWN: [Effect; 8] = [
            Effect::Audit,
            Effect::Deny,
            Effect::Modify,
            Effect::Append,
            Effect::AuditIfNotExists,
            Effect::DeployIfNotExists,
            Effect::Manual,
            Effect::Disabled,
        ];
        let trimmed = name.trim();
        KNOWN
            .into_iter()
            .find(|effect| effect.as_str().eq_ignore_ascii_case(trimmed))
            .unwrap_or_else(|| Self::Other(trimmed.to_owned()))
    }

    /// The documented spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Audit => "Audit",
            Self::Deny => "Deny",
            Self::Modify => "Modify",
            Self::Append => "Append",
            Self::AuditIfNotExists => "AuditIfNotExists",
            Self::DeployIfNotExists => "DeployIfNotExists",
            Self::Manual => "Manual",
            Self::Disabled => "Disabled",
            Self::Other(name) => name,
        }
    }

    /// Whether compliance hangs on a related resource.
    pub fn needs_related(&self) -> bool {
        matches!(self, Self::AuditIfNotExists | Self::DeployIfNotExists)
    }

    /// Whether resources alone say if a rule with this effect holds.
    pub(crate) fn is_evaluated(&self) -> bool {
        !matches!(self, Self::Disabled | Self::Other(_))
    }

    /// The effect to judge by where the default is `Disabled` and the caller asked for an audit all the same:
    /// the mildest of the allowed ones.
    pub(crate) fn forced(allowed: &[Self], has_existence: bool) -> Self {
        const MILDEST_FIRST: [Effect; 6] = [
            Effect::AuditIfNotExists,
            Effect::Audit,
            Effect::Deny,
            Effect::DeployIfNotExists,
            Effect::Modify,
            Effect::Append,
        ];
        let fallback = if has_existence {
            Self::AuditIfNotExists
        } else {
            Self::Audit
        };
        MILDEST_FIRST
            .into_iter()
            .find(|effect| allowed.contains(effect))
            .unwrap_or(fallback)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
