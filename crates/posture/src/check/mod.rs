//! Checks: recommendations whose rule is a KQL query over the inventory, as files. `docs/checks.md` has the format.
//!
//! Running the query is for those who know an engine; what its rows mean is decided here.

mod load;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use stance_model::{Cloud, FrameworkControl, Remediation, Severity, Unknown};

use crate::catalogue::Recommendation;

pub use load::{embedded_checks, load_checks, read_check};
pub use verdict::{CheckRow, CheckVerdict, judge};

/// One check, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Check {
    /// Stable id; the file's name.
    pub name: String,
    /// Title for people.
    pub display_name: String,
    /// What a failure means.
    pub description: String,
    /// Whose resources it judges.
    pub cloud: Cloud,
    /// Theme, such as `Guardrails`.
    #[serde(default)]
    pub category: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// Types that it judges, in lower case.
    pub types: BTreeSet<String>,
    /// Other types that its query reads, in lower case.
    #[serde(default)]
    pub related: BTreeSet<String>,
    /// Paths from the resource's root that the verdict stands on, `properties.Name`.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Types whose absence is no failure unless they were collected, in lower case.
    #[serde(default)]
    pub absence: BTreeSet<String>,
    /// The rule, in KQL.
    pub query: String,
    /// What mends a failure.
    #[serde(default)]
    pub remediation: Remediation,
    /// Controls it speaks to.
    #[serde(default)]
    pub frameworks: Vec<FrameworkControl>,
    /// Other titles people know it by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Ids of the checks of other products that it stands beside, by product.
    #[serde(default)]
    pub peers: BTreeMap<String, Vec<String>>,
    /// Key of Defender for Cloud's assessment, where published.
    #[serde(default)]
    pub assessment_key: Option<String>,
    /// What it must and must not find.
    #[serde(default)]
    pub examples: Vec<CheckExample>,
}

/// One example of a check.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckExample {
    /// What it shows.
    pub name: String,
    /// `Healthy`, `Unhealthy`, `NotApplicable` or `Unknown`.
    pub expect: String,
    /// The judged resource.
    pub resource: Map<String, Value>,
    /// Resources beside it.
    #[serde(default)]
    pub related: Vec<Map<String, Value>>,
    /// What is not known of the resource.
    #[serde(default)]
    pub unknowns: Vec<Unknown>,
    /// Types that count as collected; all of them where left out.
    #[serde(default)]
    pub collected: Option<BTreeSet<String>>,
}

impl Check {
    /// What is known beside the rule.
    pub fn recommendation(&self) -> Recommendation {
        Recommendation {
            severity: self.severity,
            remediation: self.remediation.clone(),
            frameworks: self.frameworks.clone(),
            assessment_key: self.assessment_key.clone(),
            aliases: self.aliases.clone(),
        }
    }

    /// Every type whose resources the query needs.
    pub fn wanted_types(&self) -> impl Iterator<Item = &str> {
        self.types.iter().chain(&self.related).map(String::as_str)
    }
}
