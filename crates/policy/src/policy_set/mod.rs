//! A set of definitions made ready: the way from loaded files to verdicts.

mod assigned;
mod build;
mod members;
mod obstacles;
mod plan;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use stance_model::{Diagnostic, Origin, Resource};

use crate::aliases::{AliasSources, Catalogue};
use crate::applicability::Shape;
use crate::assignment::{Attestation, Place};
use crate::compile::Compiled;
use crate::context::EvaluationContext;
use crate::definition::Library;
use crate::error::PolicyError;
use crate::judge::Judge;
use crate::mode::Mode;
use crate::related::RelatedResources;
use crate::verdict::{DefinitionInfo, Verdict};

use assigned::AssignedSet;
pub(crate) use assigned::manual_state;
use members::Members;

/// The subscription of declared resources of which nobody said where they will land.
const PLACEHOLDER: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";

/// How a set is built.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// Judge definitions whose effect is `Disabled` by the mildest effect they allow. Off: as in Azure, a
    /// disabled definition says nothing.
    pub force_audit: bool,
    /// Judge definitions that are deprecated too. What is assigned is judged in any case.
    pub include_deprecated: bool,
    /// Parameter values, by definition or initiative name in lower case, then by parameter name in any case.
    pub parameters: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A definition with its parameters, ready to judge.
#[derive(Debug)]
pub(crate) struct Instance {
    pub info: Arc<DefinitionInfo>,
    pub compiled: Arc<Compiled>,
    pub mode: Mode,
    pub shape: Shape,
}

/// Definitions ready to judge resources. Shared freely between threads.
///
/// Without assignments every definition judges every resource it is about. Assignments that were given as files
/// change that: a resource is judged by what is assigned to it, and by nothing else, unless it is declared in a
/// template of which nobody knows where it will land. Assignments that were collected from Azure judge beside.
#[derive(Debug)]
pub struct PolicySet {
    instances: Vec<Instance>,
    /// What judges without being assigned.
    unassigned: Members,
    assigned: Vec<AssignedSet>,
    /// Numbers of assignments by their scope.
    by_scope: HashMap<String, Vec<usize>>,
    attestations: HashMap<String, Vec<Attestation>>,
    only_assigned: bool,
    related_types: BTreeSet<String>,
    catalogue: Catalogue,
}

impl PolicySet {
    /// Compiles a library. What is not evaluated costs one diagnostic each: errors where something is wrong,
    /// notes where it is meant to be so. Fails only where the alias sources cannot be read.
    pub fn build(
        library: &Library,
        aliases: &AliasSources,
        options: &BuildOptions,
    ) -> Result<(Self, Vec<Diagnostic>), PolicyError> {
        build::build(library, aliases, options)
    }

    /// What is evaluated, in the order it was loaded; then what is assigned, once for each assignment.
    pub fn definitions(&self) -> impl ExactSizeIterator<Item = &Arc<DefinitionInfo>> {
        self.instances.iter().map(|instance| &instance.info)
    }

    /// Lower-case types that rules look up beside the evaluated resource; the caller must keep these at hand, and of what
    /// templates declare [`crate::PRIVATE_ENDPOINTS`] too.
    pub fn related_types(&self) -> &BTreeSet<String> {
        &self.related_types
    }

    /// Lower-case types that rules name; `None` where some rule may match any type.
    pub fn evaluated_types(&self) -> Option<BTreeSet<&str>> {
        let all = || {
            std::iter::once(&self.unassigned).chain(self.assigned.iter().map(|set| &set.members))
        };
        if all().any(Members::any_type) {
            return None;
        }
        Some(all().flat_map(Members::types).collect())
    }

    /// Whether a resource is judged only by what is assigned to it.
    pub fn judges_only_assigned(&self) -> bool {
        self.only_assigned
    }

    /// How many assignments are evaluated.
    pub fn assignments(&self) -> usize {
        self.assigned.len()
    }

    /// How many of them are at management groups, and so need to know which subscriptions lie below.
    pub fn management_group_assignments(&self) -> usize {
        let at_groups = self
            .assigned
            .iter()
            .filter(|set| set.is_at_management_group());
        at_groups.count()
    }

    /// Whether any assignment holds for a resource.
    pub fn is_assigned(&self, resource: &Resource, context: &EvaluationContext) -> bool {
        let place = Place::new(resource, context.management_groups(resource));
        self.sets_for(resource, &place).next().is_some()
    }

    /// Judges one resource: a verdict for every definition that names its type, `NotApplicable` included; with
    /// assignments, one for each assignment. Definitions about other types say nothing.
    pub fn evaluate(
        &self,
        resource: &Resource,
        related: &dyn RelatedResources,
        context: &EvaluationContext,
    ) -> Vec<Verdict> {
        let judge = Judge::new(resource, related, context, self.catalogue.registry());
        let mut verdicts = Vec::new();
        if !self.only_assigned || has_no_place(resource) {
            let instances = self.unassigned.chosen(resource);
            verdicts.extend(instances.filter_map(|at| judge.judge(&self.instances[at])));
        }
        if self.assigned.is_empty() {
            return verdicts;
        }
        let place = Place::new(resource, context.management_groups(resource));
        for set in self.sets_for(resource, &place) {
            for at in set.members.chosen(resource) {
                let instance = &self.instances[at];
                let Some(verdict) = judge.judge(instance) else {
                    continue;
                };
                let verdict =
                    set.attest(verdict, instance, (resource, context), &self.attestations);
                verdicts.push(set.exempt(verdict, instance, (resource, &place), context));
            }
        }
        verdicts
    }

    fn sets_for<'a>(
        &'a self,
        resource: &'a Resource,
        place: &'a Place<'_>,
    ) -> impl Iterator<Item = &'a AssignedSet> {
        place
            .scopes()
            .filter_map(|scope| self.by_scope.get(scope))
            .flatten()
            .map(|at| &self.assigned[*at])
            .filter(move |set| set.holds_for(resource, place))
    }
}

/// Whether a resource is declared and nobody said in which subscription it will land.
fn has_no_place(resource: &Resource) -> bool {
    resource.origin == Origin::Template
        && (resource.id.key().starts_with(PLACEHOLDER) || resource.id.subscription_id().is_none())
}
