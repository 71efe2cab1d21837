//! Rows of `SecurityRecommendation` and `SecurityRecommendationChange`.

use serde_json::{Value, json};
use stance_model::{Finding, Origin, ResourceId, Severity};

use crate::rows::table_batch::Cell;

/// Life-cycle dates of a finding, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dates {
    /// When this scan ran.
    pub now: i64,
    /// When the finding was first seen.
    pub first_seen: i64,
    /// When its state last changed.
    pub status_changed: i64,
}

/// What a row says beside the finding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Id of the policy definition.
    pub policy_id: &'a str,
    /// Region of the resource.
    pub location: &'a str,
    /// Whether the resource was declared or observed.
    pub origin: Origin,
    /// Key of the input it was read from.
    pub input: &'a str,
}

/// The cells of one row, in the order of `content/tables/security.kql`.
pub(crate) fn cells<'a>(finding: &'a Finding, dates: Dates, place: Place<'a>) -> [Cell<'a>; 37] {
    let id = ResourceId::new(finding.resource_id.as_str());
    let subscription = id.subscription_id().unwrap_or_default().to_owned();
    [
        Cell::DateTime(dates.now),
        Cell::Text(&finding.resource_id),
        Cell::Text(&finding.description),
        Cell::Null,
        Cell::DateTime(dates.first_seen),
        Cell::Text("Azure"),
        Cell::DateTime(dates.first_seen),
        Cell::Bool(false),
        match finding.state {
            stance_model::FindingState::NotApplicable => Cell::Text(&finding.cause),
            _ => Cell::Null,
        },
        Cell::Text(place.policy_id),
        Cell::OwnedJson(properties(finding)),
        Cell::Text("Stance"),
        Cell::OwnedJson(json!({"evidence": &finding.evidence})),
        Cell::Text(&finding.title),
        Cell::Text(&finding.id),
        Cell::Null,
        Cell::Text(&finding.recommendation),
        Cell::Text(finding.severity.as_str()),
        Cell::Text(finding.state.as_str()),
        Cell::Text(&finding.remediation.text),
        Cell::Null,
        Cell::Text(place.location),
        Cell::Null,
        Cell::Text("Stance"),
        Cell::DateTime(dates.status_changed),
        Cell::Null,
        Cell::Text("SecurityRecommendation"),
        Cell::Text(&finding.resource_id),
        Cell::Owned(subscription),
        Cell::Text(&finding.id),
        Cell::Long(rank(finding.severity)),
        Cell::OwnedJson(json!(&finding.evidence)),
        Cell::OwnedJson(json!(&finding.frameworks)),
        Cell::Text(&finding.cause),
        Cell::Owned(format!("{}:{}", finding.source.file, finding.source.line)),
        Cell::Text(place.origin.as_str()),
        Cell::Text(place.input),
    ]
}

/// The assessment object that Azure keeps in `Properties`; its resource details carry id and type, so that a
/// search for a provider's name finds the row.
fn properties(finding: &Finding) -> Value {
    json!({
        "displayName": finding.title,
        "resourceDetails": {
            "Source": "Azure",
            "Id": finding.resource_id,
            "ResourceName": finding.resource_name,
            "ResourceType": finding.resource_type,
        },
        "status": {
            "code": finding.state,
            "cause": finding.cause,
        },
        "metadata": {
            "displayName": finding.title,
            "severity": finding.severity,
            "assessmentType": "CustomPolicy",
            "description": finding.description,
            "remediationDescription": finding.remediation.text,
        },
    })
}

/// A number that sorts severities: 1 is Low, 4 is Critical.
fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_model::{FindingState, Remediation, SourceLocation};

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let finding = Finding {
            id: String::new(),
            resource_id: String::new(),
            resource_name: String::new(),
            resource_type: String::new(),
            recommendation: String::new(),
            title: String::new(),
            description: String::new(),
            state: FindingState::Healthy,
            cause: String::new(),
            severity: Severity::Low,
            evidence: Vec::new(),
            remediation: Remediation::default(),
            frameworks: Vec::new(),
            source: SourceLocation::default(),
        };
        let dates = Dates {
            now: 0,
            first_seen: 0,
            status_changed: 0,
        };
        let place = Place {
            policy_id: "",
            location: "",
            origin: Origin::Live,
            input: "",
        };
        let columns =
            stance_model::tables::find("SecurityRecommendation").map(|table| table.columns.len());
        assert_eq!(columns, Some(cells(&finding, dates, place).len()));
    }
}
