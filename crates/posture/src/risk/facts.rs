//! What the formula is told.

use serde::{Deserialize, Serialize};
use stance_model::{FindingState, Severity};

/// Who can get at it. Ordered from harmless to bad, like every factor here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Exposure {
    /// No entry leads to it.
    None,
    /// Somebody inside, or something that was got hold of: a user, a leaked key, a poisoned data source.
    Inside,
    /// Whoever is on the internet and has a sign-in or a key.
    InternetWithSignIn,
    /// Whoever is on the internet.
    Internet,
}

impl Exposure {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "no entry leads to it",
            Self::Inside => "from inside, or with something that leaked",
            Self::InternetWithSignIn => "from the internet with a sign-in or key",
            Self::Internet => "from the internet without sign-in",
        }
    }
}

/// What its data, or the data behind it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DataSensitivity {
    /// Nothing says that it is sensitive.
    None,
    /// Only its name says so: low confidence.
    Guessed,
    /// A label, a tag, a scan or a list of the user says so.
    Sensitive,
    /// The same, and of the highest class.
    HighlySensitive,
}

impl DataSensitivity {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "nothing says that data is sensitive",
            Self::Guessed => "sensitive by its name",
            Self::Sensitive => "sensitive by label, tag or scan",
            Self::HighlySensitive => "highly sensitive by label, tag or scan",
        }
    }
}

/// How much hangs on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Criticality {
    /// No rule gives it a level.
    None,
    /// 3.
    Low,
    /// 2.
    Medium,
    /// 1.
    High,
    /// 0.
    VeryHigh,
}

impl Criticality {
    /// Out of `criticalityLevel` as the graph has it: 0 is very high and 3 low; whatever is beyond counts as none.
    pub fn of_level(level: Option<u8>) -> Self {
        match level {
            Some(0) => Self::VeryHigh,
            Some(1) => Self::High,
            Some(2) => Self::Medium,
            Some(3) => Self::Low,
            _ => Self::None,
        }
    }

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "not set",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very high",
        }
    }
}

/// What surrounds a resource or a path. `None` is what nobody knows; that is not the same as nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Surroundings {
    /// Of a path its entry; of a finding the worst entry that leads to its resource.
    pub exposure: Option<Exposure>,
    /// Of a path its target; of a finding its resource or the worst target that is reached through it.
    pub data_sensitivity: Option<DataSensitivity>,
    /// Likewise.
    pub criticality: Option<Criticality>,
    /// Changes of identity and uses of permissions: of a path those along it, of a finding the most on one path through it.
    pub lateral_movement: Option<u32>,
    /// Of a path the routes from entry to target; of a finding the attack paths through its resource.
    pub attack_paths: Option<u32>,
}

/// What the risk of an attack path is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathFacts {
    /// Of the rule that found it.
    pub severity: Severity,
    /// Entry, target and what is between.
    pub surroundings: Surroundings,
}

/// What the risk of a finding is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingFacts {
    /// Only `Unhealthy` has a risk.
    pub state: FindingState,
    /// Of its recommendation.
    pub severity: Severity,
    /// `None` where the resource is not in the graph.
    pub surroundings: Option<Surroundings>,
}
