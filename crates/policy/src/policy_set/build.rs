//! From a library to a set: compiled once for each definition, set of values and effect.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use stance_model::{Diagnostic, DiagnosticLevel};

use super::assigned::AssignedSet;
use super::members::{Member, Members};
use super::obstacles::{deprecated, enforced, explain};
use super::plan::{Choice, Plan, assigned, exemption_problems, id_of, unassigned};
use super::{BuildOptions, Instance, PolicySet};
use crate::aliases::AliasSources;
use crate::applicability::{Shape, types};
use crate::assignment::{Assignment, Exemption, Selector};
use crate::compile::{Compiled, Use, compile, needed_aliases};
use crate::component;
use crate::definition::{Effect, Initiative, Library, assign};
use crate::diagnostics::{self as codes, diagnostic};
use crate::error::PolicyError;
use crate::evidence::Operand;
use crate::mode::Mode;
use crate::verdict::{AssignmentInfo, DefinitionInfo};

/// Builds a set; see [`PolicySet::build`].
pub(super) fn build(
    library: &Library,
    aliases: &AliasSources,
    options: &BuildOptions,
) -> Result<(PolicySet, Vec<Diagnostic>), PolicyError> {
    let mut diagnostics = Vec::new();
    let free = unassigned(library, options, &mut diagnostics);
    let mut sets = Vec::new();
    for assignment in &library.assignments {
        if let Some((choices, initiative)) = assigned(library, assignment, &mut diagnostics) {
            sets.push((assignment, choices, initiative));
        }
    }
    exemption_problems(library, &mut diagnostics);
    let used = free
        .iter()
        .map(|plan| plan.definition)
        .chain(sets.iter().flat_map(|(_, choices, _)| {
            let plans = choices
                .iter()
                .flatten()
                .filter_map(|(_, plan)| plan.as_ref());
            plans.map(|plan| plan.definition)
        }));
    let catalogue = aliases.catalogue(&needed_aliases(used))?;
    let mut builder = Builder {
        options,
        prepared: HashMap::new(),
        diagnostics,
        set: PolicySet {
            instances: Vec::new(),
            unassigned: Members::default(),
            assigned: Vec::new(),
            by_scope: HashMap::new(),
            attestations: HashMap::new(),
            only_assigned: false,
            related_types: BTreeSet::new(),
            catalogue,
        },
    };
    builder.attestations(library);
    builder.free(&free);
    for (assignment, choices, initiative) in sets {
        builder.assigned(library, assignment, &choices, initiative);
    }
    builder.tell_unassigned(&free);
    // What an assignment and the baseline have in common is told once.
    let mut told = HashSet::new();
    builder
        .diagnostics
        .retain(|one| told.insert((one.file.clone(), one.line, one.message.clone())));
    Ok((builder.set, builder.diagnostics))
}

/// A definition, its effective values, the effect an assignment gives it, and whether a disabled one is audited.
type Key = (*const (), String, Option<Effect>, bool);

/// A definition compiled for certain values.
#[derive(Debug, Clone)]
struct Prepared {
    compiled: Arc<Compiled>,
    mode: Mode,
    shape: Shape,
    /// Lower-case types it is about; `None` for any.
    types: Option<Vec<String>>,
}

struct Builder<'a> {
    options: &'a BuildOptions,
    prepared: HashMap<Key, Option<Prepared>>,
    diagnostics: Vec<Diagnostic>,
    set: PolicySet,
}

impl Builder<'_> {
    fn attestations(&mut self, library: &Library) {
        for attestation in &library.attestations {
            let list = self.set.attestations.entry(attestation.resource.clone());
            list.or_default().push(attestation.clone());
        }
    }

    fn assigned(
        &mut self,
        library: &Library,
        assignment: &Assignment,
        choices: &[Choice<'_>],
        initiative: Option<&Initiative>,
    ) {
        let info = Arc::new(assignment_info(assignment, initiative));
        let mut set = AssignedSet::new(
            assignment,
            Arc::clone(&info),
            exemptions(library, assignment),
        );
        for choice in choices {
            self.member(&mut set.members, choice, Some(&info));
        }
        if set.members.is_empty() {
            return;
        }
        self.set.only_assigned |= !assignment.collected;
        let at = self.set.assigned.len();
        self.set
            .by_scope
            .entry(set.scope.clone())
            .or_default()
            .push(at);
        self.set.assigned.push(set);
    }

    /// What judges without an assignment. Where only assignments judge, it is kept for declared resources of which
    /// nobody knows where they will land.
    fn free(&mut self, plans: &[Plan<'_>]) {
        let mut members = std::mem::take(&mut self.set.unassigned);
        for plan in plans {
            if plan.definition.deprecated && !self.options.include_deprecated {
                self.diagnostics.push(deprecated(plan.definition));
                continue;
            }
            self.member(&mut members, &[(Vec::new(), Some(plan.clone()))], None);
        }
        self.set.unassigned = members;
    }

    fn tell_unassigned(&mut self, plans: &[Plan<'_>]) {
        if !self.set.only_assigned {
            return;
        }
        let named: BTreeSet<&str> = self
            .set
            .instances
            .iter()
            .filter(|instance| instance.info.assignment.is_some())
            .map(|instance| instance.info.name.as_str())
            .collect();
        let left: Vec<&Plan<'_>> = plans
            .iter()
            .filter(|plan| !named.contains(plan.definition.name.as_str()))
            .collect();
        let Some(first) = left.first() else {
            return;
        };
        self.diagnostics.push(diagnostic(
            DiagnosticLevel::Note,
            codes::NOT_ASSIGNED,
            (&first.definition.file, first.definition.line),
            format!(
                "{} definitions are assigned nowhere, first `{}`: assignments were given, so that resources are judged by what is assigned to them",
                left.len(),
                first.definition.display_name
            ),
            "assign them as well (`stance policy assign`), or leave the assignments out",
        ));
    }

    fn member(
        &mut self,
        members: &mut Members,
        choice: &[(Vec<Selector>, Option<Plan<'_>>)],
        assignment: Option<&Arc<AssignmentInfo>>,
    ) {
        let mut variants = Vec::new();
        let mut types: Option<Vec<String>> = Some(Vec::new());
        for (selectors, plan) in choice {
            let prepared = plan
                .as_ref()
                .and_then(|plan| Some((plan, self.prepare(plan, assignment.is_some())?)));
            let instance = prepared.map(|(plan, prepared)| {
                match (&mut types, &prepared.types) {
                    (Some(all), Some(own)) => all.extend(own.iter().cloned()),
                    (all, None) => *all = None,
                    (None, _) => {}
                }
                self.set.instances.push(Instance {
                    info: Arc::new(info(plan, &prepared.compiled, assignment.cloned())),
                    compiled: prepared.compiled,
                    mode: prepared.mode,
                    shape: prepared.shape,
                });
                self.set.instances.len() - 1
            });
            variants.push((selectors.clone(), instance));
        }
        if variants.iter().any(|(_, instance)| instance.is_some()) {
            members.add(Member { variants }, types);
        }
    }

    /// The definition of a plan, compiled; `None` where it is not evaluated, which is told once.
    fn prepare(&mut self, plan: &Plan<'_>, assigned: bool) -> Option<Prepared> {
        let definition = plan.definition;
        let values = assign(&definition.parameters, &plan.values).values;
        let key = (
            std::ptr::from_ref(definition).cast(),
            serde_json::to_string(&values).unwrap_or_default(),
            plan.effect.clone(),
            self.options.force_audit && !assigned,
        );
        if let Some(known) = self.prepared.get(&key) {
            return known.clone();
        }
        let prepared = match self.compile(plan, assigned) {
            Ok(prepared) => Some(prepared),
            Err(problem) => {
                self.diagnostics.push(*problem);
                None
            }
        };
        self.prepared.insert(key, prepared.clone());
        prepared
    }

    fn compile(&mut self, plan: &Plan<'_>, assigned: bool) -> Result<Prepared, Box<Diagnostic>> {
        let definition = plan.definition;
        let mode = Mode::parse(&definition.mode);
        if let Some(note) = enforced(definition, &mode) {
            return Err(Box::new(note));
        }
        let used = Use {
            force_audit: self.options.force_audit && !assigned,
            effect: plan.effect.as_ref(),
        };
        let compiled = compile(definition, &plan.values, used, &self.set.catalogue)
            .map_err(|obstacle| Box::new(explain(definition, obstacle)))?;
        let type_only = matches!(mode, Mode::Component(_));
        let shape = compiled
            .condition
            .as_ref()
            .map(|node| Shape::of(node, type_only))
            .unwrap_or_default();
        let types = self.types(&compiled, &mode);
        Ok(Prepared {
            compiled: Arc::new(compiled),
            mode,
            shape,
            types,
        })
    }

    /// The types a rule is looked up under; notes which related types it needs.
    fn types(&mut self, compiled: &Compiled, mode: &Mode) -> Option<Vec<String>> {
        if let Some(Ok(existence)) = &compiled.existence
            && let Operand::Constant(Value::String(name)) = &existence.resource_type
        {
            self.set.related_types.insert(name.to_ascii_lowercase());
        }
        let named = compiled.condition.as_ref().ok().and_then(types);
        if !matches!(mode, Mode::Component(_)) {
            return named.map(|names| names.into_iter().collect());
        }
        let sources = named
            .iter()
            .flatten()
            .filter_map(|name| component::source_of(name));
        let sources: Vec<String> = sources.map(str::to_owned).collect();
        for source in &sources {
            let needs = component::needs(source).iter();
            self.set
                .related_types
                .extend(needs.map(|name| (*name).to_owned()));
        }
        Some(sources)
    }
}

fn exemptions(library: &Library, assignment: &Assignment) -> Vec<Exemption> {
    let own = library.exemptions.iter().filter(|one| {
        let from = one.assignment.trim_end_matches('/');
        one.problem.is_none() && from.eq_ignore_ascii_case(assignment.id.trim_end_matches('/'))
    });
    own.cloned().collect()
}

fn assignment_info(assignment: &Assignment, initiative: Option<&Initiative>) -> AssignmentInfo {
    AssignmentInfo {
        id: assignment.id.clone(),
        name: assignment.name.clone(),
        display_name: assignment.display_name.clone(),
        scope: assignment.scope.clone(),
        enforced: assignment.enforced,
        initiative_id: initiative.map(id_of).unwrap_or_default(),
        initiative_name: initiative.map(|one| one.name.clone()).unwrap_or_default(),
        parameters: assignment.parameters.clone(),
    }
}

fn info(
    plan: &Plan<'_>,
    compiled: &Compiled,
    assignment: Option<Arc<AssignmentInfo>>,
) -> DefinitionInfo {
    let definition = plan.definition;
    DefinitionInfo {
        id: definition.id.clone(),
        name: definition.name.clone(),
        reference_id: plan.reference_id.clone(),
        display_name: definition.display_name.clone(),
        description: definition.description.clone(),
        category: definition.category.clone(),
        version: definition.version.clone(),
        metadata: definition.metadata.clone(),
        mode: definition.mode.clone(),
        policy_type: definition.policy_type.clone(),
        effect: compiled.effect.clone(),
        preview: definition.preview,
        groups: plan.groups.clone(),
        memberships: plan.memberships.clone(),
        assignment,
        source_file: definition.file.clone(),
        source_line: definition.line,
    }
}
