//! One assignment made ready: where it holds, who is exempt from it, what was attested under it.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use stance_model::{Evidence, FindingState, Resource};

use super::Instance;
use super::members::Members;
use crate::assignment::{Assignment, Attestation, Exemption, Place, Selector, select_any};
use crate::context::EvaluationContext;
use crate::verdict::{AssignmentInfo, Exempted, Verdict};

/// An assignment and its definitions.
#[derive(Debug)]
pub(super) struct AssignedSet {
    pub info: Arc<AssignmentInfo>,
    pub members: Members,
    /// Its scope in lower case.
    pub scope: String,
    not_scopes: Vec<String>,
    selectors: Vec<Vec<Selector>>,
    exemptions: Vec<Exemption>,
}

impl AssignedSet {
    pub(super) fn new(
        assignment: &Assignment,
        info: Arc<AssignmentInfo>,
        exemptions: Vec<Exemption>,
    ) -> Self {
        Self {
            info,
            members: Members::default(),
            scope: assignment.scope.trim_end_matches('/').to_lowercase(),
            not_scopes: assignment.not_scopes.clone(),
            selectors: assignment.selectors.clone(),
            exemptions,
        }
    }

    pub(super) fn is_at_management_group(&self) -> bool {
        self.scope.starts_with("/providers/")
    }

    /// Whether a resource in the assignment's scope is evaluated: in no excluded scope, and selected.
    pub(super) fn holds_for(&self, resource: &Resource, place: &Place<'_>) -> bool {
        let excluded = self.not_scopes.iter().any(|scope| place.is_in(scope));
        !excluded && select_any(&self.selectors, resource)
    }

    /// The verdict where an exemption covers it: not applicable, with what it would be without.
    pub(super) fn exempt(
        &self,
        verdict: Verdict,
        instance: &Instance,
        (resource, place): (&Resource, &Place<'_>),
        context: &EvaluationContext,
    ) -> Verdict {
        let judged = verdict.state != FindingState::NotApplicable;
        if self.exemptions.is_empty() || !judged || !instance.mode.can_be_exempt() {
            return verdict;
        }
        let reference = &verdict.definition.reference_id;
        let now = context.now();
        let found = self
            .exemptions
            .iter()
            .find(|one| one.is_honoured(now) && one.covers(resource, place, reference));
        match found {
            Some(exemption) => exempted(verdict, exemption),
            None => verdict,
        }
    }

    /// The verdict of a rule with the effect `Manual`: what was attested, else the rule's default.
    pub(super) fn attest(
        &self,
        verdict: Verdict,
        instance: &Instance,
        (resource, context): (&Resource, &EvaluationContext),
        attestations: &HashMap<String, Vec<Attestation>>,
    ) -> Verdict {
        if !verdict.awaits_attestation {
            return verdict;
        }
        let reference = &instance.info.reference_id;
        let own = attestations.get(&resource.id.key()).into_iter().flatten();
        let valid = own
            .filter(|one| one.assignment.eq_ignore_ascii_case(&self.info.id))
            .filter(|one| one.reference.is_empty() || one.reference.eq_ignore_ascii_case(reference))
            .find(|one| one.is_valid(context.now()));
        match valid {
            Some(attestation) => attested(verdict, attestation),
            None => verdict,
        }
    }
}

fn exempted(verdict: Verdict, exemption: &Exemption) -> Verdict {
    let words = exemption.in_words();
    let cause = format!(
        "exempt: {words} (`{}`); without the exemption {}: {}",
        exemption.display_name, verdict.state, verdict.cause
    );
    let fact = Evidence {
        field: "exemption".to_owned(),
        value: json!({
            "category": exemption.category,
            "expiresOn": exemption.expires_on.map(|end| end.to_rfc3339()),
            "displayName": exemption.display_name,
            "stateWithout": verdict.state,
            "causeWithout": verdict.cause,
        }),
        source: exemption.id.clone(),
        condition: format!("exempt, {words}"),
        location: None,
    };
    let mut evidence = vec![fact];
    evidence.extend(verdict.evidence);
    Verdict {
        state: FindingState::NotApplicable,
        cause,
        evidence,
        exempted: Some(Exempted {
            id: exemption.id.clone(),
            category: exemption.category.clone(),
            expires_on: exemption.expires_on,
            state: verdict.state,
        }),
        ..verdict
    }
}

fn attested(verdict: Verdict, attestation: &Attestation) -> Verdict {
    let state = manual_state(&attestation.state);
    let until = attestation
        .expires_on
        .map(|end| format!(" until {}", end.format("%Y-%m-%d")))
        .unwrap_or_default();
    let fact = Evidence {
        field: "attestation".to_owned(),
        value: json!({"complianceState": attestation.state, "comments": attestation.comments}),
        source: attestation.id.clone(),
        condition: format!("attested{until}"),
        location: None,
    };
    let mut evidence = vec![fact];
    evidence.extend(verdict.evidence);
    Verdict {
        state,
        cause: format!("attested as {}{until}", attestation.state),
        evidence,
        awaits_attestation: false,
        ..verdict
    }
}

/// The state that a word of Azure on compliance stands for.
pub(crate) fn manual_state(text: &str) -> FindingState {
    match text.to_ascii_lowercase().as_str() {
        "compliant" => FindingState::Healthy,
        "noncompliant" => FindingState::Unhealthy,
        _ => FindingState::Unknown,
    }
}
