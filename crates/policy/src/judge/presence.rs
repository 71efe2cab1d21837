//! Judging by related resources: `AuditIfNotExists`, `DeployIfNotExists`.

use serde_json::Value;
use stance_model::{Evidence, FindingState};

use super::report::{disagreement, plain, unsupported, verdict, witness_evidence};
use super::{Judge, Matched, Target, compare};
use crate::compile::Existence;
use crate::engine::{Outcome, normalise};
use crate::evidence::{Evaluator, Node, Subject, Truth, Unsupported, brief};
use crate::existence::{self, Candidate, Found, Wanted};
use crate::policy_set::Instance;
use crate::verdict::Verdict;

/// Candidates of a related type whose conditions are shown.
const MAX_SHOWN_CANDIDATES: usize = 3;

/// One search for a related resource.
struct Search<'a> {
    instance: &'a Instance,
    condition: Option<&'a Node>,
    target: &'a Target<'a>,
    wanted: &'a Wanted,
}

impl Judge<'_> {
    /// The verdict of a rule whose `if` holds: one fitting related resource is enough.
    pub(super) fn by_existence(&self, instance: &Instance, target: &Target<'_>) -> Verdict {
        let existence: &Existence = match &instance.compiled.existence {
            Some(Ok(existence)) => existence,
            Some(Err(Unsupported(reason))) => return unsupported(instance, reason),
            None => return unsupported(instance, "an existence rule without details"),
        };
        let mut evaluator = Evaluator::new(&target.subject, &target.view);
        let wanted = match existence::wanted(existence, &mut evaluator) {
            Ok(wanted) => wanted,
            Err(Unsupported(reason)) => return unsupported(instance, &reason),
        };
        let found = existence::find(&wanted, &target.subject, self.related);
        let search = Search {
            instance,
            condition: existence.condition.as_ref(),
            target,
            wanted: &wanted,
        };
        let (mut open, mut failing) = (None, Vec::new());
        for candidate in &found.candidates {
            match self.satisfies(&search, candidate) {
                Matched::Truth(Truth::True) if candidate.doubt.is_none() => {
                    return search.there(candidate);
                }
                Matched::Truth(Truth::False) => failing.push(candidate),
                Matched::Truth(_) => open = open.or(Some(candidate)),
                Matched::Disagreement => {
                    let mut out = disagreement(instance, &[], target);
                    out.evidence = search.evidence(candidate);
                    return out;
                }
                Matched::Failed(reason) => {
                    return verdict(instance, FindingState::Unknown, &reason, Vec::new());
                }
            }
        }
        match open {
            Some(candidate) => search.in_doubt(candidate),
            None => search.not_there(&found, &failing),
        }
    }

    /// Whether one candidate is what the rule wants: a fresh run each, because the program asks once.
    fn satisfies(&self, search: &Search<'_>, candidate: &Candidate) -> Matched {
        let target = search.target;
        let subject = Subject::new(&candidate.resource);
        let own = match search.condition {
            None => Ok(Truth::True),
            Some(node) => Evaluator::related(&target.subject, &subject, &target.view).truth(node),
        };
        if own == Ok(Truth::Unknown) {
            return Matched::Truth(Truth::Unknown);
        }
        let normalised = normalise(&subject, self.registry);
        let outcome = search.instance.compiled.engine.run(
            target.input.clone(),
            target.view_engine.clone(),
            Some(normalised),
        );
        let unknowns = target.has_unknowns() || !candidate.resource.unknowns.is_empty();
        compare(
            own,
            outcome.map(|outcome| outcome == Outcome::NoMatch),
            unknowns,
        )
    }
}

impl Search<'_> {
    fn there(&self, candidate: &Candidate) -> Verdict {
        let name = brief(&candidate.resource.name().into());
        let cause = format!(
            "`{}` {name} is there and meets the rule",
            self.wanted.resource_type
        );
        verdict(
            self.instance,
            FindingState::Healthy,
            &cause,
            self.evidence(candidate),
        )
    }

    fn in_doubt(&self, candidate: &Candidate) -> Verdict {
        let kind = &self.wanted.resource_type;
        let cause = match &candidate.doubt {
            Some(expression) => {
                format!("whether a fitting `{kind}` is there depends on {expression}")
            }
            None => format!("whether the `{kind}` meets the rule is not known before deployment"),
        };
        let mut evidence = Vec::new();
        if let Some(expression) = &candidate.doubt {
            let resource = &candidate.resource;
            let conditional = resource
                .unknowns
                .iter()
                .any(|unknown| unknown.pointer.is_empty());
            let (field, condition) = if conditional {
                ("existence", "is deployed")
            } else {
                ("name", "is the one wanted")
            };
            let value = expression.as_str().into();
            evidence.push(plain(resource, field, value, condition, ""));
        }
        evidence.extend(self.evidence(candidate));
        verdict(self.instance, FindingState::Unknown, &cause, evidence)
    }

    /// None of what was found fits: a fault where everything was looked at, else unknown.
    fn not_there(&self, found: &Found, failing: &[&Candidate]) -> Verdict {
        let kind = &self.wanted.resource_type;
        if let Some(expression) = &found.unknown {
            let cause = format!("which `{kind}` there are depends on {expression}");
            let evidence = self.absence(expression.as_str().into());
            return verdict(self.instance, FindingState::Unknown, &cause, evidence);
        }
        let (state, cause) = match self.wanted.name.as_ref().and_then(|name| name.known()) {
            _ if !found.complete => (
                FindingState::Unknown,
                format!("`{kind}` was not collected for this resource"),
            ),
            _ if !failing.is_empty() => {
                let cause = format!("none of the {} `{kind}` meets the rule", failing.len());
                let shown = failing.iter().take(MAX_SHOWN_CANDIDATES);
                let evidence = shown
                    .flat_map(|candidate| self.evidence(candidate))
                    .collect();
                return verdict(self.instance, FindingState::Unhealthy, &cause, evidence);
            }
            Some(name) => (
                FindingState::Unhealthy,
                format!("there is no `{kind}` named {}", brief(name)),
            ),
            None => (FindingState::Unhealthy, format!("there is no `{kind}`")),
        };
        Verdict {
            missing_related: Some(kind.to_ascii_lowercase()),
            ..verdict(self.instance, state, &cause, self.absence(Value::Null))
        }
    }

    fn absence(&self, value: Value) -> Vec<Evidence> {
        let resource = self.target.subject.resource;
        vec![plain(
            resource,
            &self.wanted.resource_type,
            value,
            "exists",
            "",
        )]
    }

    /// The conditions that decided on a candidate; its id where it has none.
    fn evidence(&self, candidate: &Candidate) -> Vec<Evidence> {
        let subject = Subject::new(&candidate.resource);
        let mut witnesses = Vec::new();
        if let Some(node) = self.condition {
            let mut evaluator =
                Evaluator::related(&self.target.subject, &subject, &self.target.view);
            // What is not computed leaves the evidence shorter, nothing else.
            let _ = evaluator.explain(node, &mut witnesses);
        }
        if witnesses.is_empty() {
            let value = candidate.resource.id.as_str().into();
            return vec![plain(
                &candidate.resource,
                &self.wanted.resource_type,
                value,
                "exists",
                "",
            )];
        }
        witnesses
            .iter()
            .map(|witness| match (&candidate.embedded_at, witness.related) {
                (Some(at), true) => {
                    let pointer = witness
                        .pointer
                        .as_deref()
                        .map(|pointer| format!("{at}{pointer}"));
                    self.target.witness_at(witness, pointer.as_deref())
                }
                (None, true) => {
                    witness_evidence(&candidate.resource, witness, witness.pointer.as_deref())
                }
                (_, false) => self.target.witness(witness),
            })
            .collect()
    }
}
