//! A set of definitions made ready: the way from loaded files to verdicts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;
use stance_model::{Diagnostic, DiagnosticLevel, FrameworkControl, Resource};

use crate::aliases::{AliasSources, Catalogue};
use crate::applicability::{Shape, types};
use crate::compile::{Compiled, Obstacle, compile, needed_aliases};
use crate::component;
use crate::connections;
use crate::context::EvaluationContext;
use crate::definition::{Definition, Library, assign};
use crate::diagnostics::{self as codes, diagnostic};
use crate::error::PolicyError;
use crate::evidence::Operand;
use crate::judge::Judge;
use crate::mode::Mode;
use crate::related::RelatedResources;
use crate::verdict::{DefinitionInfo, Verdict};

/// How a set is built.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// Judge definitions whose effect is `Disabled` by the mildest effect they allow. Off: as in Azure, a
    /// disabled definition says nothing.
    pub force_audit: bool,
    /// Judge definitions that are deprecated too.
    pub include_deprecated: bool,
    /// Parameter values, by definition or initiative name in lower case, then by parameter name in any case.
    pub parameters: BTreeMap<String, BTreeMap<String, Value>>,
}

/// A definition with its parameters, ready to judge.
#[derive(Debug)]
pub(crate) struct Instance {
    pub info: Arc<DefinitionInfo>,
    pub compiled: Compiled,
    pub mode: Mode,
    pub shape: Shape,
}

/// Definitions ready to judge resources. Shared freely between threads.
#[derive(Debug)]
pub struct PolicySet {
    instances: Vec<Instance>,
    by_type: HashMap<String, Vec<usize>>,
    any_type: Vec<usize>,
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
        let catalogue = aliases.catalogue(&needed_aliases(library.definitions.iter()))?;
        let mut set = Self {
            instances: Vec::new(),
            by_type: HashMap::new(),
            any_type: Vec::new(),
            related_types: BTreeSet::new(),
            catalogue,
        };
        let mut diagnostics = Vec::new();
        for plan in plan(library, options, &mut diagnostics) {
            if let Err(problem) = set.add(&plan, options) {
                diagnostics.push(*problem);
            }
        }
        Ok((set, diagnostics))
    }

    fn add(&mut self, plan: &Plan<'_>, options: &BuildOptions) -> Result<(), Box<Diagnostic>> {
        let definition = plan.definition;
        let at = (definition.file.as_str(), definition.line);
        let title = format!("`{}` ({})", definition.display_name, definition.name);
        let note = |code, message: String, help: &str| {
            Box::new(diagnostic(DiagnosticLevel::Note, code, at, message, help))
        };
        if definition.deprecated && !options.include_deprecated {
            return Err(note(
                codes::DEPRECATED,
                format!("{title} is deprecated and was not evaluated"),
                "load its successor, or ask for deprecated definitions",
            ));
        }
        let mode = Mode::parse(&definition.mode);
        if let Mode::Enforced(name) = &mode {
            return Err(note(
                codes::NOT_EVALUATED,
                format!(
                    "{title} has the mode {name}, which is enforced inside the service; it was not evaluated"
                ),
                "its compliance can be read from Azure only",
            ));
        }
        let (compiled, assigned) = compile(
            definition,
            &plan.values,
            options.force_audit,
            &self.catalogue,
        )
        .map_err(|obstacle| Box::new(explain_obstacle(definition, obstacle)))?;
        if let Some((name, value)) = assigned.not_allowed.first() {
            return Err(Box::new(diagnostic(
                DiagnosticLevel::Error,
                codes::PARAMETER_NOT_ALLOWED,
                at,
                format!(
                    "{title} does not allow {value} for the parameter `{name}`; it was not evaluated"
                ),
                "give one of the values under `allowedValues`",
            )));
        }
        let type_only = matches!(mode, Mode::Component(_));
        let shape = compiled
            .condition
            .as_ref()
            .map(|node| Shape::of(node, type_only))
            .unwrap_or_default();
        let index = self.instances.len();
        self.index(&compiled, &mode, index);
        self.instances.push(Instance {
            info: Arc::new(info(plan, &compiled)),
            compiled,
            mode,
            shape,
        });
        Ok(())
    }

    /// Notes under which types an instance is looked up, and which related types it needs.
    fn index(&mut self, compiled: &Compiled, mode: &Mode, index: usize) {
        let named = compiled.condition.as_ref().ok().and_then(types);
        match (mode, named) {
            (Mode::Component(_), named) => {
                for source in named
                    .iter()
                    .flatten()
                    .filter_map(|name| component::source_of(name))
                {
                    self.by_type
                        .entry(source.to_owned())
                        .or_default()
                        .push(index);
                    self.related_types.extend(
                        component::needs(source)
                            .iter()
                            .map(|name| (*name).to_owned()),
                    );
                }
            }
            (_, Some(named)) => {
                for name in named {
                    self.by_type.entry(name).or_default().push(index);
                }
            }
            (_, None) => self.any_type.push(index),
        }
        if compiled.reads_connections {
            self.related_types
                .insert(connections::PRIVATE_ENDPOINTS.to_owned());
        }
        if let Some(Ok(existence)) = &compiled.existence
            && let Operand::Constant(Value::String(name)) = &existence.resource_type
        {
            self.related_types.insert(name.to_ascii_lowercase());
        }
    }

    /// What is evaluated, in the order it was loaded.
    pub fn definitions(&self) -> impl ExactSizeIterator<Item = &Arc<DefinitionInfo>> {
        self.instances.iter().map(|instance| &instance.info)
    }

    /// Lower-case types that rules look up beside the evaluated resource; the caller must keep these at hand.
    pub fn related_types(&self) -> &BTreeSet<String> {
        &self.related_types
    }

    /// Lower-case types that rules name; `None` where some rule may match any type.
    pub fn evaluated_types(&self) -> Option<BTreeSet<&str>> {
        self.any_type
            .is_empty()
            .then(|| self.by_type.keys().map(String::as_str).collect())
    }

    /// Judges one resource: a verdict for every definition that names its type, `NotApplicable` included.
    /// Definitions about other types say nothing.
    pub fn evaluate(
        &self,
        resource: &Resource,
        related: &dyn RelatedResources,
        context: &EvaluationContext,
    ) -> Vec<Verdict> {
        let named = self.by_type.get(&resource.resource_type);
        if named.is_none() && self.any_type.is_empty() {
            return Vec::new();
        }
        let mut indices: Vec<usize> = named
            .into_iter()
            .flatten()
            .chain(&self.any_type)
            .copied()
            .collect();
        indices.sort_unstable();
        let judge = Judge::new(resource, related, context, self.catalogue.registry());
        indices
            .into_iter()
            .filter_map(|index| judge.judge(&self.instances[index]))
            .collect()
    }
}

/// A definition and the values it is evaluated with.
struct Plan<'a> {
    definition: &'a Definition,
    values: BTreeMap<String, Value>,
    reference_id: String,
    groups: Vec<FrameworkControl>,
}

/// One plan per definition and set of values: references of initiatives first, then definitions nobody refers
/// to, with their defaults.
fn plan<'a>(
    library: &'a Library,
    options: &BuildOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Plan<'a>> {
    let none = BTreeMap::new();
    let given = |name: &str| {
        options
            .parameters
            .get(&name.to_ascii_lowercase())
            .unwrap_or(&none)
    };
    let mut plans: Vec<Plan<'a>> = Vec::new();
    let mut referred = BTreeSet::new();
    for initiative in &library.initiatives {
        let mut missing = Vec::new();
        for reference in &initiative.references {
            let Some(definition) = library.definition(&reference.definition) else {
                missing.push(reference.definition.as_str());
                continue;
            };
            referred.insert(definition.name.to_ascii_lowercase());
            let mut values = initiative.values_for(reference, given(&initiative.name));
            values.extend(given(&definition.name).clone());
            let groups = reference.groups.iter().map(|group| FrameworkControl {
                framework: initiative.display_name.clone(),
                control: group.clone(),
            });
            let effective = assign(&definition.parameters, &values).values;
            let same = plans.iter_mut().find(|plan| {
                plan.definition.name == definition.name
                    && assign(&definition.parameters, &plan.values).values == effective
            });
            if let Some(plan) = same {
                plan.groups.extend(groups);
            } else {
                plans.push(Plan {
                    definition,
                    values,
                    reference_id: reference.reference_id.clone(),
                    groups: groups.collect(),
                });
            }
        }
        if !missing.is_empty() {
            diagnostics.push(diagnostic(
                DiagnosticLevel::Warning,
                codes::REFERENCE_MISSING,
                (&initiative.file, initiative.line),
                format!(
                    "the initiative `{}` refers to {} definitions that were not loaded, first `{}`",
                    initiative.display_name,
                    missing.len(),
                    missing[0]
                ),
                "load the definitions as well",
            ));
        }
    }
    for definition in &library.definitions {
        if !referred.contains(&definition.name.to_ascii_lowercase()) {
            plans.push(Plan {
                definition,
                values: given(&definition.name).clone(),
                reference_id: String::new(),
                groups: Vec::new(),
            });
        }
    }
    plans
}

fn info(plan: &Plan<'_>, compiled: &Compiled) -> DefinitionInfo {
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
        source_file: definition.file.clone(),
        source_line: definition.line,
    }
}

fn explain_obstacle(definition: &Definition, obstacle: Obstacle) -> Diagnostic {
    let title = format!("`{}` ({})", definition.display_name, definition.name);
    let at = (definition.file.as_str(), definition.line);
    match obstacle {
        Obstacle::Compile { line, reason } => {
            let help = if reason.contains("unknown alias") {
                "give Azure's own alias list with --aliases (`az provider list --expand resourceTypes/aliases`)"
            } else if reason.contains("uniquestring") || reason.contains("guid") {
                "the function needs a deployment; the compliance of this definition can be read from Azure only"
            } else {
                "correct the rule; nothing of it is evaluated until then"
            };
            diagnostic(
                DiagnosticLevel::Error,
                codes::NOT_COMPILED,
                (&definition.file, line),
                format!("{title} does not compile: {reason}"),
                help,
            )
        }
        Obstacle::ParametersMissing(names) => diagnostic(
            DiagnosticLevel::Warning,
            codes::PARAMETER_MISSING,
            at,
            format!(
                "{title} needs a value for {}; it was not evaluated",
                names.join(", ")
            ),
            "assign the parameters through an initiative, or give the definition default values",
        ),
        Obstacle::Disabled => diagnostic(
            DiagnosticLevel::Note,
            codes::DISABLED,
            at,
            format!("{title} has the effect Disabled and was not evaluated"),
            "assign another effect, or ask for disabled definitions to be audited",
        ),
        Obstacle::NotEvaluated(effect) => diagnostic(
            DiagnosticLevel::Note,
            codes::NOT_EVALUATED,
            at,
            format!(
                "{title} has the effect {effect}, which says nothing about existing resources; it was not evaluated"
            ),
            "its compliance can be read from Azure only",
        ),
    }
}
