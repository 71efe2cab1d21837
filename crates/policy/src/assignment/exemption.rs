//! Exemptions and attestations.

use chrono::{DateTime, Utc};
use serde_json::Value;
use stance_model::Resource;

use super::scope::Place;
use super::selector::{Selector, select_any};

/// One exemption from an assignment, unmodified. It stays for the record once it has expired, and is no longer
/// honoured then.
#[derive(Debug, Clone)]
pub struct Exemption {
    /// Full resource id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Title for people; the name where it has none.
    pub display_name: String,
    /// What is exempt: a management group, subscription, resource group or resource.
    pub scope: String,
    /// The assignment it is from, as written.
    pub assignment: String,
    /// References of the initiative that are exempt; all where empty.
    pub references: Vec<String>,
    /// `Waiver` or `Mitigated`.
    pub category: String,
    /// When it ends; `None` where it does not.
    pub expires_on: Option<DateTime<Utc>>,
    /// The whole ARM object as it was read.
    pub body: Value,
    /// Whether it was collected from Azure, not given as a file.
    pub collected: bool,
    /// The file it was read from.
    pub file: String,
    /// The line it starts at.
    pub line: u32,
    pub(crate) plain_scope: String,
    pub(crate) selectors: Vec<Vec<Selector>>,
    /// What is wrong with it, in words; such an exemption is not honoured.
    pub(crate) problem: Option<String>,
}

impl Exemption {
    /// Whether it is honoured at an instant.
    pub fn is_honoured(&self, now: DateTime<Utc>) -> bool {
        self.problem.is_none() && self.expires_on.is_none_or(|end| now < end)
    }

    /// Whether it covers a resource under a reference of its assignment.
    pub(crate) fn covers(&self, resource: &Resource, place: &Place<'_>, reference: &str) -> bool {
        let named = self.references.is_empty()
            || self
                .references
                .iter()
                .any(|own| own.eq_ignore_ascii_case(reference));
        named && place.is_in(&self.plain_scope) && select_any(&self.selectors, resource)
    }

    /// `Waiver until 2026-01-31`, `Mitigated`.
    pub fn in_words(&self) -> String {
        match self.expires_on {
            Some(end) => format!("{} until {}", self.category, end.format("%Y-%m-%d")),
            None => self.category.clone(),
        }
    }
}

/// A person's word on a resource under a rule with the effect `Manual`.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Full resource id.
    pub id: String,
    /// The resource it speaks of, lower case.
    pub resource: String,
    /// The assignment, lower case.
    pub assignment: String,
    /// The reference within an initiative; empty without one.
    pub reference: String,
    /// `Compliant`, `NonCompliant` or `Unknown`.
    pub state: String,
    /// When it ends; `None` where it does not.
    pub expires_on: Option<DateTime<Utc>>,
    /// Why, in the person's words.
    pub comments: String,
}

impl Attestation {
    /// Whether it counts at an instant.
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.expires_on.is_none_or(|end| now < end)
    }
}
