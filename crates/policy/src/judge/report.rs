//! Verdicts and evidence in words.

use std::sync::Arc;

use stance_model::{Evidence, FindingState, Origin, Resource};

use super::Target;
use crate::evidence::{Witness, brief};
use crate::policy_set::Instance;
use crate::verdict::Verdict;

pub(super) fn disagreement(
    instance: &Instance,
    witnesses: &[Witness],
    target: &Target<'_>,
) -> Verdict {
    let cause = "the rule engine and the evidence pass do not agree on this rule; please report it with the resource";
    let mut out = verdict(
        instance,
        FindingState::Unknown,
        cause,
        target.evidence(witnesses),
    );
    out.engine_disagreement = true;
    out
}

pub(super) fn unsupported(instance: &Instance, reason: &str) -> Verdict {
    verdict(
        instance,
        FindingState::Unknown,
        &format!("the rule uses {reason}, which is not evaluated outside Azure"),
        Vec::new(),
    )
}

pub(super) fn verdict(
    instance: &Instance,
    state: FindingState,
    cause: &str,
    evidence: Vec<Evidence>,
) -> Verdict {
    Verdict {
        definition: Arc::clone(&instance.info),
        state,
        cause: cause.to_owned(),
        evidence,
        missing_related: None,
        engine_disagreement: false,
        exempted: None,
        awaits_attestation: false,
    }
}

/// A resource that may not be deployed passes and fails nothing; what it would be is said.
pub(super) fn if_deployed(resource: &Resource, judged: Verdict) -> Verdict {
    let Some(unknown) = resource
        .unknowns
        .iter()
        .find(|unknown| unknown.pointer.is_empty())
    else {
        return judged;
    };
    let expression = &unknown.expression;
    let condition = plain(
        resource,
        "existence",
        expression.as_str().into(),
        "is deployed",
        "",
    );
    let mut evidence = vec![condition];
    evidence.extend(judged.evidence);
    Verdict {
        cause: format!(
            "whether the resource is deployed depends on {expression}; if it is, it is {}: {}",
            judged.state, judged.cause
        ),
        state: FindingState::Unknown,
        evidence,
        awaits_attestation: false,
        ..judged
    }
}

/// The first telling conditions as a sentence.
pub(super) fn sentence(witnesses: &[Witness]) -> String {
    let telling: Vec<&Witness> = witnesses
        .iter()
        .filter(|witness| !witness.scoping)
        .collect();
    let shown = if telling.is_empty() {
        witnesses.iter().collect()
    } else {
        telling
    };
    let parts: Vec<String> = shown
        .iter()
        .take(2)
        .map(|witness| {
            let value = if witness.value.is_null() {
                "not set".to_owned()
            } else {
                brief(&witness.value)
            };
            format!(
                "`{}` is {value} (rule: {})",
                witness.field, witness.condition
            )
        })
        .collect();
    parts.join("; ")
}

pub(super) fn unknown_cause(witnesses: &[Witness]) -> String {
    let open = witnesses
        .iter()
        .find_map(|witness| Some((witness, witness.unknown.as_ref()?)));
    let Some((witness, expression)) = open else {
        return "a value the rule reads is not known before deployment".to_owned();
    };
    let shown = brief(&expression.as_str().into());
    // A template expression is worked out on deployment; other reasons say themselves what is amiss.
    let when = if expression.starts_with('[') {
        ", which is not known before deployment"
    } else {
        ""
    };
    format!("`{}` depends on {shown}{when}", witness.field)
}

pub(super) fn witness_evidence(
    resource: &Resource,
    witness: &Witness,
    pointer: Option<&str>,
) -> Evidence {
    plain(
        resource,
        &witness.field,
        witness.value.clone(),
        &witness.condition,
        pointer.unwrap_or_default(),
    )
}

pub(super) fn plain(
    resource: &Resource,
    field: &str,
    value: serde_json::Value,
    condition: &str,
    pointer: &str,
) -> Evidence {
    let location = resource.location_of(pointer);
    let positioned = location.line > 0
        && (resource.origin == Origin::Template || !resource.positions.is_empty());
    let source = if positioned {
        format!("{}:{}:{}", location.file, location.line, location.column)
    } else {
        resource.id.as_str().to_owned()
    };
    Evidence {
        field: field.to_owned(),
        value,
        source,
        condition: condition.to_owned(),
        location: (location.line > 0).then_some(location),
    }
}
