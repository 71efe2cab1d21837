//! One entry of the register.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Longest text of an entry, in bytes.
const LONGEST: usize = 2048;

/// What an entry approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// A region, `westeurope`.
    Region,
    /// A subscription, account or project, by its id.
    Scope,
    /// A resource type, `aws::bedrock::agent`, or a kind, `OpenAI`.
    Type,
    /// A model, `gpt-4o`.
    Model,
    /// A named AI system: everything at and below an id, or of a name.
    System,
    /// One resource, by id or name.
    Resource,
    /// One agent, by id or name.
    Agent,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Region,
        Self::Scope,
        Self::Type,
        Self::Model,
        Self::System,
        Self::Resource,
        Self::Agent,
    ];

    /// The word that stands in the file and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Scope => "scope",
            Self::Type => "type",
            Self::Model => "model",
            Self::System => "system",
            Self::Resource => "resource",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for EntryKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            format!(
                "`{text}` is no kind; write region, scope, type, model, system, resource or agent"
            )
        })
    }
}

/// Something approved. `value` is compared without regard to case; a `*` at its end stands for any rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// What it approves.
    pub kind: EntryKind,
    /// The region, id, type, model or name.
    pub value: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The governance zone it is run in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The last day of the approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_until: Option<NaiveDate>,
    /// The bill of materials it was approved with: a `bom-ref`, or the serial number of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bom_ref: Option<String>,
}

impl Entry {
    /// An entry that says no more than what is approved.
    pub fn new(kind: EntryKind, value: &str) -> Self {
        Self {
            kind,
            value: value.to_owned(),
            name: None,
            owner: None,
            purpose: None,
            zone: None,
            approved_until: None,
            bom_ref: None,
        }
    }

    /// Whether both approve the same thing.
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.value.eq_ignore_ascii_case(&other.value)
    }

    /// What is wrong with it, for people.
    pub(crate) fn fault(&self) -> Option<String> {
        if self.value.trim().is_empty() {
            return Some(format!("an entry of kind {} has no value", self.kind));
        }
        if self.value.trim_end_matches('*').trim().is_empty() {
            return Some(format!(
                "an entry of kind {} approves everything; write more than `*`",
                self.kind
            ));
        }
        let texts = [
            Some(&self.value),
            self.name.as_ref(),
            self.owner.as_ref(),
            self.purpose.as_ref(),
            self.zone.as_ref(),
            self.bom_ref.as_ref(),
        ];
        texts
            .into_iter()
            .flatten()
            .any(|text| text.len() > LONGEST)
            .then(|| {
                format!(
                    "a text of entry {} is longer than {LONGEST} bytes",
                    self.kind
                )
            })
    }
}
