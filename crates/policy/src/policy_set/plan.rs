//! Which definitions are evaluated with which values: what initiatives refer to, what nobody refers to, what is
//! assigned.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stance_model::{Diagnostic, DiagnosticLevel, FrameworkControl};

use super::BuildOptions;
use super::obstacles::{note, wrong_value};
use crate::assignment::{Assignment, OverrideKind, Selector};
use crate::definition::{
    Assigned, Definition, Effect, Initiative, InitiativeReference, Library, assign, fits,
};
use crate::diagnostics::{self as codes, diagnostic};
use crate::verdict::Membership;

/// A definition and the values it is evaluated with.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    pub definition: &'a Definition,
    pub values: BTreeMap<String, Value>,
    /// The effect an assignment gives it in the place of its own.
    pub effect: Option<Effect>,
    pub reference_id: String,
    pub groups: Vec<FrameworkControl>,
    pub memberships: Vec<Membership>,
}

/// Plans of one reference under an assignment: the first whose selectors all hold for a resource counts. `None` is
/// not evaluated.
pub(super) type Choice<'a> = Vec<(Vec<Selector>, Option<Plan<'a>>)>;

type Values = BTreeMap<String, BTreeMap<String, Value>>;

fn given<'a>(parameters: &'a Values, name: &str) -> Option<&'a BTreeMap<String, Value>> {
    parameters.get(&name.to_ascii_lowercase())
}

/// One plan per definition and set of values: references of initiatives first, then definitions nobody refers
/// to, with their defaults. What was collected from Azure is left out: it is evaluated where it is assigned.
pub(super) fn unassigned<'a>(
    library: &'a Library,
    options: &BuildOptions,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Plan<'a>> {
    let mut plans: Vec<Plan<'a>> = Vec::new();
    let mut referred = BTreeSet::new();
    let initiatives = library.initiatives.iter().filter(|one| !one.assigned_only);
    for initiative in initiatives {
        let none = BTreeMap::new();
        let own = given(&options.parameters, &initiative.name).unwrap_or(&none);
        let own = assign(&initiative.parameters, own);
        if let Some(wrong) = own.wrong.first() {
            diagnostics.push(wrong_value(&Titled::from(initiative), wrong));
            continue;
        }
        for (reference, definition) in references(library, initiative, diagnostics) {
            referred.insert(definition.name.to_ascii_lowercase());
            let Some(mut plan) = refer(initiative, reference, definition, &own, diagnostics) else {
                continue;
            };
            plan.values.extend(
                given(&options.parameters, &definition.name)
                    .cloned()
                    .unwrap_or_default(),
            );
            join(&mut plans, plan);
        }
    }
    let free = library.definitions.iter().filter(|definition| {
        !definition.assigned_only && !referred.contains(&definition.name.to_ascii_lowercase())
    });
    for definition in free {
        let values = given(&options.parameters, &definition.name).cloned();
        plans.push(alone(definition, values.unwrap_or_default()));
    }
    plans
}

fn alone(definition: &Definition, values: BTreeMap<String, Value>) -> Plan<'_> {
    Plan {
        definition,
        values,
        effect: None,
        reference_id: String::new(),
        groups: Vec::new(),
        memberships: Vec::new(),
    }
}

/// Adds a plan, or its groups to one that says the same.
fn join<'a>(plans: &mut Vec<Plan<'a>>, plan: Plan<'a>) {
    let effective = |plan: &Plan<'_>| assign(&plan.definition.parameters, &plan.values).values;
    let values = effective(&plan);
    let same = plans.iter_mut().find(|known| {
        std::ptr::eq(known.definition, plan.definition) && effective(known) == values
    });
    match same {
        Some(known) => {
            known.groups.extend(plan.groups);
            known.memberships.extend(plan.memberships);
        }
        None => plans.push(plan),
    }
}

/// The references of an initiative with their definitions, in the version that each asks for.
fn references<'a>(
    library: &'a Library,
    initiative: &'a Initiative,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'a InitiativeReference, &'a Definition)> {
    let mut found = Vec::new();
    let (mut missing, mut other_version) = (Vec::new(), Vec::new());
    for reference in &initiative.references {
        match in_version(library, &reference.definition, &reference.version) {
            Some(definition) => found.push((reference, definition)),
            None if library.definition(&reference.definition).is_some() => {
                other_version.push(format!(
                    "`{}` in version {}",
                    reference.definition, reference.version
                ));
            }
            None => missing.push(format!("`{}`", reference.definition)),
        }
    }
    let title = Titled::from(initiative);
    if let Some(first) = missing.first() {
        diagnostics.push(note(
            &title,
            (DiagnosticLevel::Warning, codes::REFERENCE_MISSING),
            format!(
                "the initiative `{}` refers to {} definitions that were not loaded, first {first}",
                initiative.display_name,
                missing.len(),
            ),
            "load the definitions as well",
        ));
    }
    if let Some(first) = other_version.first() {
        diagnostics.push(note(
            &title,
            (DiagnosticLevel::Warning, codes::VERSION_MISSING),
            format!(
                "the initiative `{}` asks for {} definitions in versions that were not loaded, first {first}; they were not evaluated",
                initiative.display_name,
                other_version.len(),
            ),
            "load these versions as well (`az policy definition show-version`), or change `definitionVersion`",
        ));
    }
    let groups = initiative.undeclared_groups();
    if let Some(first) = groups.iter().next() {
        diagnostics.push(note(
            &title,
            (DiagnosticLevel::Note, codes::GROUP_UNDECLARED),
            format!(
                "the initiative `{}` puts definitions into {} groups that it does not declare, first `{first}`",
                initiative.display_name,
                groups.len(),
            ),
            "declare them under `policyDefinitionGroups`; Azure refuses the initiative as it is",
        ));
    }
    found
}

/// The newest loaded version of a definition that fits a pattern such as `1.*.*`.
fn in_version<'a>(library: &'a Library, name: &str, pattern: &str) -> Option<&'a Definition> {
    let current = library.definition(name)?;
    if fits(pattern, &current.version) {
        return Some(current);
    }
    let mut versions = library.versions(name).into_iter();
    versions.find(|definition| fits(pattern, &definition.version))
}

/// The plan of a reference.
fn refer<'a>(
    initiative: &Initiative,
    reference: &InitiativeReference,
    definition: &'a Definition,
    own: &Assigned,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Plan<'a>> {
    let values = match Initiative::values_for(reference, own) {
        Ok(values) => values,
        Err(what) => {
            diagnostics.push(note(
                &Titled::from(initiative),
                (DiagnosticLevel::Error, codes::EXPRESSION),
                format!(
                    "the initiative `{}` {what} in its reference `{}`; the definition was not evaluated",
                    initiative.display_name, reference.reference_id
                ),
                "give a value, or an expression of functions that need no deployment",
            ));
            return None;
        }
    };
    let groups = reference.groups.iter().map(|group| FrameworkControl {
        framework: initiative.display_name.clone(),
        control: group.clone(),
    });
    let membership = Membership {
        initiative_id: id_of(initiative),
        initiative_name: initiative.name.clone(),
        initiative_title: initiative.display_name.clone(),
        initiative_version: initiative.version.clone(),
        reference_id: reference.reference_id.clone(),
        groups: reference.groups.clone(),
    };
    Some(Plan {
        groups: groups.collect(),
        memberships: vec![membership],
        reference_id: reference.reference_id.clone(),
        ..alone(definition, values)
    })
}

/// The initiative's id; the one it would have at the tenant where its file has none.
pub(super) fn id_of(initiative: &Initiative) -> String {
    if initiative.id.is_empty() {
        return format!(
            "/providers/Microsoft.Authorization/policySetDefinitions/{}",
            initiative.name
        );
    }
    initiative.id.clone()
}

/// What an assignment puts to work: a choice for each reference, with the initiative where it assigns one.
pub(super) fn assigned<'a>(
    library: &'a Library,
    assignment: &'a Assignment,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Vec<Choice<'a>>, Option<&'a Initiative>)> {
    let title = Titled::from(assignment);
    let refuse = |message: String| {
        note(
            &title,
            (DiagnosticLevel::Error, codes::ASSIGNMENT),
            format!(
                "the assignment `{}` was not evaluated: {message}",
                assignment.display_name
            ),
            "correct the assignment; Azure would refuse it too",
        )
    };
    if let Some(problem) = &assignment.problem {
        diagnostics.push(refuse(problem.clone()));
        return None;
    }
    let name = assignment
        .definition
        .split("/versions/")
        .next()
        .and_then(|id| id.rsplit('/').next())
        .unwrap_or_default();
    // A bare name may mean either; an id says which.
    let bare = !assignment.definition.contains('/');
    let initiative = library
        .initiative(name)
        .filter(|_| bare || assignment.is_initiative())
        .filter(|one| fits(&assignment.definition_version, &one.version));
    let definition = in_version(library, name, &assignment.definition_version)
        .filter(|_| !assignment.is_initiative());
    if initiative.is_none() && definition.is_none() {
        diagnostics.push(not_loaded(assignment, &title));
        return None;
    }
    let declared = initiative.map_or_else(
        || {
            definition
                .map(|one| one.parameters.as_slice())
                .unwrap_or_default()
        },
        |one| one.parameters.as_slice(),
    );
    let own = assign(declared, &assignment.parameters);
    if let Some(wrong) = own.wrong.first() {
        diagnostics.push(wrong_value(&title, wrong));
        return None;
    }
    if !own.unknown.is_empty() {
        diagnostics.push(note(
            &title,
            (DiagnosticLevel::Warning, codes::PARAMETER_UNKNOWN),
            format!(
                "the assignment `{}` gives {}, which `{name}` does not declare",
                assignment.display_name,
                own.unknown.join(", ")
            ),
            "correct the names; Azure refuses such an assignment",
        ));
    }
    let choices = match (initiative, definition) {
        (Some(initiative), _) => references(library, initiative, diagnostics)
            .into_iter()
            .filter_map(|(reference, definition)| {
                let plan = refer(initiative, reference, definition, &own, diagnostics)?;
                Some(choose(library, assignment, &plan, diagnostics))
            })
            .collect(),
        (None, Some(definition)) => {
            let plan = alone(definition, assignment.parameters.clone());
            vec![choose(library, assignment, &plan, diagnostics)]
        }
        (None, None) => Vec::new(),
    };
    Some((choices, initiative))
}

fn not_loaded(assignment: &Assignment, title: &Titled<'_>) -> Diagnostic {
    // An estate has assignments of built-ins by the dozen; that these are not at hand is no fault of the files.
    let level = if assignment.collected {
        DiagnosticLevel::Note
    } else {
        DiagnosticLevel::Error
    };
    let version = if assignment.definition_version.is_empty() {
        String::new()
    } else {
        format!(" in version {}", assignment.definition_version)
    };
    note(
        title,
        (level, codes::ASSIGNED_MISSING),
        format!(
            "the assignment `{}` is of `{}`{version}, which was not loaded; it was not evaluated",
            assignment.display_name, assignment.definition
        ),
        "load the definition with --policy, or collect it with the estate",
    )
}

/// The overrides of an assignment on one plan. Effect and version are chosen apart, each by the first override
/// that fits; overrides that hang on the resource are told apart when it is known.
fn choose<'a>(
    library: &'a Library,
    assignment: &Assignment,
    plan: &Plan<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Choice<'a> {
    let mut effects: Vec<(Vec<Selector>, Option<Effect>)> = Vec::new();
    let mut versions: Vec<(Vec<Selector>, Option<String>)> = Vec::new();
    for one in &assignment.overrides {
        let Some(selectors) = one.on(&plan.reference_id) else {
            continue;
        };
        match &one.kind {
            OverrideKind::Effect(effect) => effects.push((selectors, Some(effect.clone()))),
            OverrideKind::Version(version) => versions.push((selectors, Some(version.clone()))),
        }
    }
    let effects = until_certain(effects);
    let versions = until_certain(versions);
    let mut choice = Vec::new();
    for (on_effect, effect) in &effects {
        for (on_version, version) in &versions {
            let selectors = on_effect.iter().chain(on_version).cloned().collect();
            let mut plan = plan.clone();
            plan.effect.clone_from(effect);
            if let Some(version) = version {
                let Some(definition) = in_version(library, &plan.definition.name, version) else {
                    diagnostics.push(version_missing(assignment, plan.definition, version));
                    choice.push((selectors, None));
                    continue;
                };
                plan.definition = definition;
            }
            choice.push((selectors, Some(plan)));
        }
    }
    choice
}

fn version_missing(assignment: &Assignment, definition: &Definition, version: &str) -> Diagnostic {
    note(
        &Titled::from(assignment),
        (DiagnosticLevel::Warning, codes::VERSION_MISSING),
        format!(
            "the assignment `{}` overrides the version of `{}` by {}, which was not loaded; what that is about was not evaluated",
            assignment.display_name, definition.name, version
        ),
        "load that version as well",
    )
}

/// The overrides up to the first that always fits; where none does, what stands without an override comes last.
fn until_certain<T>(list: Vec<(Vec<Selector>, Option<T>)>) -> Vec<(Vec<Selector>, Option<T>)> {
    let mut out = Vec::new();
    for (selectors, value) in list {
        let certain = selectors.is_empty();
        out.push((selectors, value));
        if certain {
            return out;
        }
    }
    out.push((Vec::new(), None));
    out
}

/// What a diagnostic is about.
#[derive(Debug, Clone)]
pub(super) struct Titled<'a> {
    pub title: String,
    pub at: (&'a str, u32),
}

impl<'a> From<&'a Definition> for Titled<'a> {
    fn from(one: &'a Definition) -> Self {
        Self {
            title: format!("`{}` ({})", one.display_name, one.name),
            at: (&one.file, one.line),
        }
    }
}

impl<'a> From<&'a Initiative> for Titled<'a> {
    fn from(one: &'a Initiative) -> Self {
        Self {
            title: format!("the initiative `{}`", one.display_name),
            at: (&one.file, one.line),
        }
    }
}

impl<'a> From<&'a Assignment> for Titled<'a> {
    fn from(one: &'a Assignment) -> Self {
        Self {
            title: format!("the assignment `{}`", one.display_name),
            at: (&one.file, one.line),
        }
    }
}

/// Exemptions that say nothing: with something wrong in them, or from an assignment that is not known.
pub(super) fn exemption_problems(library: &Library, diagnostics: &mut Vec<Diagnostic>) {
    for exemption in &library.exemptions {
        let is_known = library.assignments.iter().any(|one| {
            one.id
                .eq_ignore_ascii_case(exemption.assignment.trim_end_matches('/'))
        });
        let what = match &exemption.problem {
            Some(problem) => problem.clone(),
            None if !is_known && !exemption.collected => {
                format!("the assignment `{}` is not known", exemption.assignment)
            }
            None => continue,
        };
        diagnostics.push(diagnostic(
            DiagnosticLevel::Warning,
            codes::EXEMPTION,
            (&exemption.file, exemption.line),
            format!(
                "the exemption `{}` is not honoured: {what}",
                exemption.display_name
            ),
            "correct the exemption",
        ));
    }
}
