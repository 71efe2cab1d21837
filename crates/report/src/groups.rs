//! Findings in the order people read them: worst first, one group per recommendation.

use std::collections::HashMap;

use stance_model::{Finding, FindingState, Severity};

/// The findings of one recommendation in one state and severity; never empty.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// How bad.
    pub(crate) severity: Severity,
    /// Speaks for the group: title, description, remediation.
    pub(crate) first: &'a Finding,
    /// All of them, by resource.
    pub(crate) findings: Vec<&'a Finding>,
}

/// Severities from the worst down.
pub(crate) const WORST_FIRST: [Severity; 4] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
];

/// Groups of one state: by severity, then by number of resources, then by title.
pub(crate) fn groups(findings: &[Finding], state: FindingState) -> Vec<Group<'_>> {
    let mut places: HashMap<(Severity, &str), usize> = HashMap::new();
    let mut members: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.state == state) {
        let place = places
            .entry((finding.severity, finding.recommendation.as_str()))
            .or_insert_with(|| {
                members.push(Vec::new());
                members.len() - 1
            });
        members[*place].push(finding);
    }
    let mut groups: Vec<Group<'_>> = members
        .into_iter()
        .filter_map(|mut findings| {
            findings.sort_by(|left, right| by_resource(left).cmp(&by_resource(right)));
            let first = *findings.first()?;
            Some(Group {
                severity: first.severity,
                first,
                findings,
            })
        })
        .collect();
    groups.sort_by(|left, right| {
        (
            right.severity,
            right.findings.len(),
            left.first.title.as_str(),
            left.first.recommendation.as_str(),
        )
            .cmp(&(
                left.severity,
                left.findings.len(),
                right.first.title.as_str(),
                right.first.recommendation.as_str(),
            ))
    });
    groups
}

fn by_resource(finding: &Finding) -> (&str, &str, &str) {
    (&finding.resource_name, &finding.resource_id, &finding.id)
}
