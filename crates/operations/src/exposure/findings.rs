//! The findings that attack paths lean on: those that are Unhealthy or Unknown, by resource.

use std::collections::HashMap;

use stance_lake::Lake;
use stance_model::{FindingState, Severity};

use crate::OperationsError;
use crate::stored;

/// One finding, as far as paths and risk need it.
#[derive(Debug, Clone)]
pub(crate) struct FindingFact {
    /// Its id.
    pub id: String,
    /// The recommendation's name.
    pub recommendation: String,
    /// Its title.
    pub title: String,
    /// The recommendation's severity.
    pub severity: Severity,
    /// Unhealthy or Unknown.
    pub state: FindingState,
    /// The judged resource, as it is spelt.
    pub resource: String,
}

/// Findings by resource id in lower case.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    by_resource: HashMap<String, Vec<FindingFact>>,
}

impl Findings {
    /// Reads the current ones of live and declared resources.
    pub(crate) async fn read(lake: &Lake) -> Result<Self, OperationsError> {
        const COLUMNS: [&str; 6] = [
            "FindingId",
            "AssessedResourceId",
            "RecommendationName",
            "RecommendationDisplayName",
            "RecommendationSeverity",
            "RecommendationState",
        ];
        let snapshot = lake.snapshot("SecurityRecommendation").await?;
        let mut findings = Self::default();
        stored::read(
            &snapshot,
            Some(&COLUMNS),
            |_| true,
            |_, batch| {
                let columns = COLUMNS.map(|name| stored::text_column(&batch, name));
                let [id, resource, name, title, severity, state] = columns;
                let (id, resource, name) = (id?, resource?, name?);
                let (title, severity, state) = (title?, severity?, state?);
                for row in 0..batch.num_rows() {
                    let state = match stored::text(&state, row) {
                        "Unhealthy" => FindingState::Unhealthy,
                        "Unknown" => FindingState::Unknown,
                        _ => continue,
                    };
                    let resource = stored::text(&resource, row).to_owned();
                    let of_resource = findings.by_resource.entry(resource.to_lowercase());
                    of_resource.or_default().push(FindingFact {
                        id: stored::text(&id, row).to_owned(),
                        recommendation: stored::text(&name, row).to_owned(),
                        title: stored::text(&title, row).to_owned(),
                        severity: stored::text(&severity, row).parse().unwrap_or_default(),
                        state,
                        resource,
                    });
                }
                Ok(())
            },
        )?;
        Ok(findings)
    }

    /// Those of a resource, by its id in lower case.
    pub(crate) fn of(&self, resource: &str) -> &[FindingFact] {
        self.by_resource.get(resource).map_or(&[], Vec::as_slice)
    }

    /// All of them with the key of their resource.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &FindingFact)> {
        let resources = self.by_resource.iter();
        resources.flat_map(|(key, facts)| facts.iter().map(move |fact| (key.as_str(), fact)))
    }
}
