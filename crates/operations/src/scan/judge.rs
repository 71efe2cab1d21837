//! Resources judged by the policies, spread over the cores.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use stance_model::{Cloud, Finding, FindingState, Resource};
use stance_policy::{
    ComplianceState, DefinitionInfo, EvaluationContext, Exempted, PolicySet, ResourceIndex, Verdict,
};
use stance_posture::{Catalogue, Judgement, Recommendation, finding_id};

use crate::OperationsError;
use crate::checks::{CheckResults, CheckSet};
use crate::scan::related::CollectedTypes;

/// What judging needs, the same for every resource.
#[derive(Debug)]
pub(crate) struct Judge<'a> {
    policies: &'a PolicySet,
    related: ResourceIndex,
    context: EvaluationContext,
    checked: Checked<'a>,
    recommendations: HashMap<String, Recommendation>,
    /// Definitions that are referred to more than once by one assignment (or without any), with different
    /// parameters: id of the assignment, name.
    repeated: HashSet<(String, String)>,
    /// Resources that no assignment holds for, where only assignments judge.
    unassigned: AtomicU64,
    /// Findings that are exempt, and those of them that would be Unhealthy.
    exempt: AtomicU64,
    exempt_unhealthy: AtomicU64,
}

/// The checks, what their queries gave, and what was collected.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    pub checks: &'a CheckSet,
    pub results: CheckResults,
    pub collected: CollectedTypes,
}

/// A resource and what was found on it.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The resource.
    pub resource: Resource,
    /// The findings with the rule behind each.
    pub findings: Vec<(Finding, Rule)>,
}

/// The rule behind a finding.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// A definition of Azure Policy.
    Policy(PolicyFact),
    /// A check, by its id.
    Check(String),
}

impl Rule {
    /// Its id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Policy(fact) => fact.policy_id(),
            Self::Check(id) => id,
        }
    }

    /// What Azure Policy says, where it is one of its definitions.
    pub(crate) fn policy(&self) -> Option<&PolicyFact> {
        match self {
            Self::Policy(fact) => Some(fact),
            Self::Check(_) => None,
        }
    }
}

/// What Azure Policy says of a finding.
#[derive(Debug, Clone)]
pub(crate) struct PolicyFact {
    /// The definition, with its initiatives and assignment.
    pub definition: Arc<DefinitionInfo>,
    /// The state; `None` where the definition does not apply.
    pub state: Option<ComplianceState>,
    /// The exemption that covers it.
    pub exempted: Option<Exempted>,
}

impl PolicyFact {
    /// The definition's id, else its name.
    fn policy_id(&self) -> &str {
        if self.definition.id.is_empty() {
            &self.definition.name
        } else {
            &self.definition.id
        }
    }
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        policies: &'a PolicySet,
        catalogue: &Catalogue,
        related: ResourceIndex,
        context: EvaluationContext,
        checked: Checked<'a>,
    ) -> Self {
        let mut recommendations = HashMap::new();
        let mut references: HashMap<(String, String), &str> = HashMap::new();
        let mut repeated = HashSet::new();
        for definition in policies.definitions() {
            let known = catalogue.recommendation(&definition.name, &definition.metadata);
            recommendations.insert(definition.name.clone(), known);
            let key = place_of(definition);
            let reference = definition.reference_id.as_str();
            match references.get(&key) {
                // One reference may have several variants, of which one counts for a resource.
                Some(other) if *other != reference || definition.assignment.is_none() => {
                    repeated.insert(key);
                }
                Some(_) => {}
                None => {
                    references.insert(key, reference);
                }
            }
        }
        Self {
            policies,
            related,
            context,
            checked,
            recommendations,
            repeated,
            unassigned: AtomicU64::new(0),
            exempt: AtomicU64::new(0),
            exempt_unhealthy: AtomicU64::new(0),
        }
    }

    /// Resources so far that no assignment holds for, where only assignments judge.
    pub(crate) fn unassigned(&self) -> u64 {
        self.unassigned.load(Ordering::Relaxed)
    }

    /// Findings so far that are exempt, and how many of them would be Unhealthy.
    pub(crate) fn exempt(&self) -> (u64, u64) {
        (
            self.exempt.load(Ordering::Relaxed),
            self.exempt_unhealthy.load(Ordering::Relaxed),
        )
    }

    /// Decodes and judges records of the spool; the order stays.
    pub(crate) fn judge_all(&self, records: Vec<Vec<u8>>) -> Result<Vec<Judged>, OperationsError> {
        records
            .into_par_iter()
            .map(|bytes| {
                let resource: Resource = serde_json::from_slice(&bytes)?;
                let findings = self.findings(&resource);
                Ok(Judged { resource, findings })
            })
            .collect()
    }

    fn findings(&self, resource: &Resource) -> Vec<(Finding, Rule)> {
        let verdicts = self
            .policies
            .evaluate(resource, &self.related, &self.context);
        if verdicts.is_empty()
            && self.policies.judges_only_assigned()
            && resource.cloud == Cloud::Azure
            && !self.policies.is_assigned(resource, &self.context)
        {
            self.unassigned.fetch_add(1, Ordering::Relaxed);
        }
        verdicts
            .into_iter()
            .map(|verdict| self.finding(resource, verdict))
            .chain(self.checked_findings(resource))
            .collect()
    }

    fn checked_findings(&self, resource: &Resource) -> Vec<(Finding, Rule)> {
        let Checked {
            checks,
            results,
            collected,
        } = &self.checked;
        let covers = |name: &str| collected.covers(resource, name);
        checks
            .judge(resource, results, &covers)
            .into_iter()
            .map(|(check, known, verdict)| {
                let finding = Judgement {
                    rule: &check.name,
                    title: &check.display_name,
                    description: &check.description,
                    state: verdict.state,
                    cause: verdict.cause,
                    evidence: verdict.evidence,
                }
                .into_finding(resource, known);
                (
                    finding,
                    Rule::Check(format!("/stance/checks/{}", check.name)),
                )
            })
            .collect()
    }

    fn finding(&self, resource: &Resource, verdict: Verdict) -> (Finding, Rule) {
        let fact = PolicyFact {
            definition: Arc::clone(&verdict.definition),
            state: verdict.compliance(),
            exempted: verdict.exempted.clone(),
        };
        if let Some(exempted) = &fact.exempted {
            self.exempt.fetch_add(1, Ordering::Relaxed);
            if exempted.state == FindingState::Unhealthy {
                self.exempt_unhealthy.fetch_add(1, Ordering::Relaxed);
            }
        }
        let definition = &verdict.definition;
        let known = self
            .recommendations
            .get(&definition.name)
            .cloned()
            .unwrap_or_default();
        let rule = if self.repeated.contains(&place_of(definition)) {
            format!("{}#{}", definition.name, definition.reference_id)
        } else {
            definition.name.clone()
        };
        let mut finding = Judgement {
            rule: &rule,
            title: &definition.display_name,
            description: &definition.description,
            state: verdict.state,
            cause: verdict.cause,
            evidence: verdict.evidence,
        }
        .into_finding(resource, &known);
        if let Some(assignment) = &definition.assignment {
            // Each assignment has a word of its own on the resource; the recommendation is the same.
            let key = format!("{rule}@{}", assignment.id.to_lowercase());
            finding.id = finding_id(&resource.id, resource.origin, &key);
        }
        for group in &definition.groups {
            if !finding.frameworks.contains(group) {
                finding.frameworks.push(group.clone());
            }
        }
        (finding, Rule::Policy(fact))
    }
}

/// The assignment's id, and the definition's name.
fn place_of(definition: &DefinitionInfo) -> (String, String) {
    let assignment = definition.assignment.as_ref();
    (
        assignment.map(|one| one.id.clone()).unwrap_or_default(),
        definition.name.clone(),
    )
}
