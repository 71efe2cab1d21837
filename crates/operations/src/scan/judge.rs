//! Resources judged by the policies, spread over the cores.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use stance_model::{Finding, Resource};
use stance_policy::{EvaluationContext, PolicySet, ResourceIndex, Verdict};
use stance_posture::{Catalogue, Judgement, Recommendation};

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
    /// Definitions that are referred to more than once, with different parameters.
    repeated: HashSet<String>,
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
    /// The findings with the id of the definition behind each.
    pub findings: Vec<(Finding, String)>,
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
        let mut repeated = HashSet::new();
        for definition in policies.definitions() {
            let known = catalogue.recommendation(&definition.name, &definition.metadata);
            if recommendations
                .insert(definition.name.clone(), known)
                .is_some()
            {
                repeated.insert(definition.name.clone());
            }
        }
        Self {
            policies,
            related,
            context,
            checked,
            recommendations,
            repeated,
        }
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

    fn findings(&self, resource: &Resource) -> Vec<(Finding, String)> {
        self.policies
            .evaluate(resource, &self.related, &self.context)
            .into_iter()
            .map(|verdict| self.finding(resource, verdict))
            .chain(self.checked_findings(resource))
            .collect()
    }

    fn checked_findings(&self, resource: &Resource) -> Vec<(Finding, String)> {
        let Checked {
            checks,
            results,
            collected,
        } = &self.checked;
        let covers = |name: &str| collected.covers(resource, name);
        checks
            .judge(resource, results, &covers)
            .into_iter()
            .map(|(check, verdict)| {
                let finding = Judgement {
                    rule: &check.name,
                    title: &check.display_name,
                    description: &check.description,
                    state: verdict.state,
                    cause: verdict.cause,
                    evidence: verdict.evidence,
                }
                .into_finding(resource, &check.recommendation());
                (finding, format!("/stance/checks/{}", check.name))
            })
            .collect()
    }

    fn finding(&self, resource: &Resource, verdict: Verdict) -> (Finding, String) {
        let definition = &verdict.definition;
        let known = self
            .recommendations
            .get(&definition.name)
            .cloned()
            .unwrap_or_default();
        let rule = if self.repeated.contains(&definition.name) {
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
        for group in &definition.groups {
            if !finding.frameworks.contains(group) {
                finding.frameworks.push(group.clone());
            }
        }
        let id = if definition.id.is_empty() {
            &definition.name
        } else {
            &definition.id
        };
        (finding, id.clone())
    }
}
