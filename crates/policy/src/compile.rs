//! Making a definition ready to evaluate: parse, check, compile, lower. And the report of what does.
//!
//! Compiled programs are not cached on disk: the built-in definitions, aliases included, take 3.5 ms of one core
//! (`examples/evaluation_speed.rs`), about what reading and checking a cache would.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use regorus::languages::azure_policy::ast::{EffectKind, JsonValue, PolicyDefinition, PolicyRule};
use regorus::languages::azure_policy::{compiler, parser};
use regorus::{Source, Value as EngineValue};
use serde_json::Value;

use crate::aliases::{AliasSources, Catalogue};
use crate::align::align_rule;
use crate::definition::{Assigned, Definition, Effect, WrongValue, assign, fill};
use crate::engine::{Engine, to_engine};
use crate::error::PolicyError;
use crate::evidence::{Lowering, Node, Operand, Unsupported, lower_constraint, lower_json};

/// Why a definition does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileFailure {
    /// The definition's name.
    pub name: String,
    /// Its title.
    pub display_name: String,
    /// The file it was read from.
    pub file: String,
    /// Line in that file; the definition's own where the cause has none.
    pub line: u32,
    /// The cause in one line.
    pub reason: String,
}

/// Which definitions compile strictly (unknown aliases are errors), and which do not.
#[derive(Debug, Clone, Default)]
pub struct CompileReport {
    /// Definitions that were tried.
    pub total: usize,
    /// Those that compile.
    pub compiled: usize,
    /// Those that do not.
    pub failures: Vec<CompileFailure>,
}

/// Compiles every definition against the aliases.
pub fn compile_report(
    definitions: &[Definition],
    aliases: &AliasSources,
) -> Result<CompileReport, PolicyError> {
    let catalogue = aliases.catalogue(&needed_aliases(definitions.iter()))?;
    let mut report = CompileReport {
        total: definitions.len(),
        ..CompileReport::default()
    };
    for definition in definitions {
        match program(definition, None, &catalogue) {
            Ok(_) => report.compiled += 1,
            Err((line, reason)) => report.failures.push(CompileFailure {
                name: definition.name.clone(),
                display_name: definition.display_name.clone(),
                file: definition.file.clone(),
                line,
                reason,
            }),
        }
    }
    Ok(report)
}

/// Lower-case names that may be aliases, from every definition's rule.
pub(crate) fn needed_aliases<'a>(
    definitions: impl Iterator<Item = &'a Definition>,
) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for definition in definitions {
        collect_names(&definition.rule, &mut needed);
    }
    needed
}

fn collect_names(value: &Value, needed: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, needed)),
        Value::Object(object) => {
            for (key, inner) in object {
                // The template of a DeployIfNotExists rule is never read.
                if !key.eq_ignore_ascii_case("deployment") {
                    collect_names(inner, needed);
                }
            }
        }
        Value::String(text) if !text.contains('/') => {}
        Value::String(text) if text.starts_with('[') => {
            text.split('\'')
                .skip(1)
                .step_by(2)
                .for_each(|name| add_name(name, needed));
        }
        Value::String(text) => add_name(text, needed),
        _ => {}
    }
}

fn add_name(name: &str, needed: &mut BTreeSet<String>) {
    if !name.contains('/') {
        return;
    }
    let lower = name.to_ascii_lowercase();
    if !lower.ends_with("[*]") {
        needed.insert(format!("{lower}[*]"));
    }
    needed.insert(lower);
}

/// A compile error: line in the file, and the cause.
type Failure = (u32, String);

fn program(
    definition: &Definition,
    effect: Option<&Effect>,
    catalogue: &Catalogue,
) -> Result<(PolicyDefinition, Engine), Failure> {
    let fail = |message: String| failure(definition, &message);
    let source = Source::from_contents(definition.file.clone(), definition.text.clone())
        .map_err(|error| fail(error.to_string()))?;
    let parsed =
        parser::parse_policy_definition(&source).map_err(|error| fail(error.to_string()))?;
    let mut aligned = parsed.clone();
    align_rule(&mut aligned.policy_rule, catalogue);
    let own = &mut aligned.policy_rule.then_block.effect;
    if let Some(effect) = effect
        && crate::definition::parameter_reference(&own.raw).is_none()
    {
        effect.as_str().clone_into(&mut own.raw);
        own.kind = EffectKind::Other;
    }
    let program = compiler::compile_policy_definition_with_aliases(
        &aligned,
        Arc::clone(catalogue.registry()),
    )
    .map_err(|error| fail(error.to_string()))?;
    Ok((parsed, Engine::new(program)))
}

/// The engine's messages are rendered like a compiler's: position, source line, caret, cause.
fn failure(definition: &Definition, message: &str) -> Failure {
    let mut line = 0;
    let mut reason = String::new();
    for text in message.lines().map(str::trim) {
        if let Some(position) = text.strip_prefix("-->") {
            let mut parts = position.trim().rsplit(':');
            let _column = parts.next();
            // Expressions have a source of their own, whose line 1 says nothing about the file.
            if !position.contains("<expr>") {
                line = parts
                    .next()
                    .and_then(|part| part.trim().parse().ok())
                    .unwrap_or(0);
            }
        } else if let Some(cause) = text.strip_prefix("error:") {
            cause.trim().clone_into(&mut reason);
        }
    }
    if reason.is_empty() {
        message
            .lines()
            .last()
            .unwrap_or(message)
            .trim()
            .clone_into(&mut reason);
    }
    let line = if line > 0 {
        definition.line + line - 1
    } else {
        definition.line
    };
    (line, reason)
}

/// What an `…IfNotExists` effect looks for.
#[derive(Debug, Clone)]
pub(crate) struct Existence {
    pub resource_type: Operand,
    pub name: Option<Operand>,
    pub kind: Option<Operand>,
    pub group: Option<Operand>,
    pub scope: Option<Operand>,
    /// The existence condition; `None` where being there is enough.
    pub condition: Option<Node>,
}

/// A definition ready to evaluate.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub engine: Engine,
    pub condition: Result<Node, Unsupported>,
    pub existence: Option<Result<Existence, Unsupported>>,
    pub effect: Effect,
    /// What a rule with the effect `Manual` says before anybody attested.
    pub default_state: Option<String>,
    /// Values under every spelling the rule uses, in the engine's type.
    pub parameters: EngineValue,
    pub needs_context: bool,
    /// Whether it reads private endpoint connections.
    pub reads_connections: bool,
}

/// What stands in the way of evaluating a definition.
#[derive(Debug)]
pub(crate) enum Obstacle {
    Compile { line: u32, reason: String },
    ParametersMissing(Vec<String>),
    WrongValue(WrongValue),
    OverrideImpossible(Effect),
    Disabled,
    NotEvaluated(Effect),
}

/// How a definition is put to work.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use<'a> {
    /// Judge a disabled definition by the mildest effect it allows.
    pub force_audit: bool,
    /// The effect an assignment gives it in the place of its own.
    pub effect: Option<&'a Effect>,
}

/// Compiles a definition with given parameter values (names in any case).
pub(crate) fn compile(
    definition: &Definition,
    given: &BTreeMap<String, Value>,
    used: Use<'_>,
    catalogue: &Catalogue,
) -> Result<Compiled, Obstacle> {
    let mut assigned = assign(&definition.parameters, given);
    let (parsed, engine) = program(definition, used.effect, catalogue)
        .map_err(|(line, reason)| Obstacle::Compile { line, reason })?;
    let rule = &parsed.policy_rule;
    let mut effect = match used.effect {
        Some(effect) => override_effect(rule, &mut assigned, effect)?,
        None => effect_of(rule, &assigned),
    };
    if effect == Effect::Disabled && used.force_audit {
        effect = force(definition, rule, &mut assigned);
    }
    if effect == Effect::Disabled {
        return Err(Obstacle::Disabled);
    }
    if !effect.is_evaluated() {
        return Err(Obstacle::NotEvaluated(effect));
    }
    if !assigned.missing.is_empty() {
        return Err(Obstacle::ParametersMissing(assigned.missing));
    }
    if !assigned.wrong.is_empty() {
        return Err(Obstacle::WrongValue(assigned.wrong.remove(0)));
    }
    let with = Lowering {
        catalogue,
        parameters: &assigned,
    };
    let existence = effect.needs_related().then(|| existence_of(rule, with));
    let lower_text = definition.text.to_ascii_lowercase();
    let compiled = Compiled {
        condition: lower_constraint(&rule.condition, with),
        existence,
        default_state: default_state(rule, with),
        effect,
        parameters: to_engine(&spelt(&definition.text, &assigned)),
        needs_context: [
            "resourcegroup(",
            "subscription(",
            "requestcontext(",
            "policy(",
            "utcnow(",
            "claims(",
        ]
        .iter()
        .any(|function| lower_text.contains(function)),
        reads_connections: lower_text.contains("privateendpointconnections"),
        engine,
    };
    Ok(compiled)
}

/// `details.defaultState` of a rule with the effect `Manual`.
fn default_state(rule: &PolicyRule, with: Lowering<'_>) -> Option<String> {
    let Some(JsonValue::Object(_, entries)) = &rule.then_block.details else {
        return None;
    };
    let entry = entries
        .iter()
        .find(|entry| entry.key.eq_ignore_ascii_case("defaultState"))?;
    match lower_json(&entry.value, with) {
        Ok(Operand::Constant(Value::String(text))) => Some(text),
        _ => None,
    }
}

/// Puts an assignment's effect in the place of the rule's own, where the rule can carry it out.
fn override_effect(
    rule: &PolicyRule,
    assigned: &mut Assigned,
    effect: &Effect,
) -> Result<Effect, Obstacle> {
    if effect.needs_related() && !effect_of(rule, assigned).needs_related() {
        let has_details = rule.then_block.details.is_some();
        if !has_details {
            return Err(Obstacle::OverrideImpossible(effect.clone()));
        }
    }
    if let Some(name) = crate::definition::parameter_reference(&rule.then_block.effect.raw) {
        assigned.values.insert(
            name.to_ascii_lowercase(),
            Value::String(effect.as_str().to_owned()),
        );
    }
    Ok(effect.clone())
}

fn effect_of(rule: &PolicyRule, assigned: &Assigned) -> Effect {
    let raw = rule.then_block.effect.raw.as_str();
    match crate::definition::parameter_reference(raw) {
        Some(name) => match assigned.get(name).and_then(Value::as_str) {
            Some(text) => Effect::parse(text),
            None => guess(rule),
        },
        None if raw.starts_with('[') => match fill(&Value::String(raw.to_owned()), assigned) {
            Ok(Some(Value::String(text))) => Effect::parse(&text),
            _ => guess(rule),
        },
        None => Effect::parse(raw),
    }
}

/// The effect where its parameter has no value; the missing parameter is reported on its own.
fn guess(rule: &PolicyRule) -> Effect {
    if rule.then_block.existence_condition.is_some() {
        Effect::AuditIfNotExists
    } else {
        Effect::Audit
    }
}

/// Judges a disabled definition by the mildest effect it allows.
fn force(definition: &Definition, rule: &PolicyRule, assigned: &mut Assigned) -> Effect {
    let Some(name) = crate::definition::parameter_reference(&rule.then_block.effect.raw) else {
        return Effect::Disabled;
    };
    let allowed: Vec<Effect> = definition
        .parameters
        .iter()
        .filter(|parameter| parameter.name.eq_ignore_ascii_case(name))
        .flat_map(|parameter| parameter.allowed.iter().filter_map(Value::as_str))
        .map(Effect::parse)
        .collect();
    let effect = Effect::forced(&allowed, rule.then_block.existence_condition.is_some());
    assigned.values.insert(
        name.to_ascii_lowercase(),
        Value::String(effect.as_str().to_owned()),
    );
    effect
}

fn existence_of(rule: &PolicyRule, with: Lowering<'_>) -> Result<Existence, Unsupported> {
    let Some(JsonValue::Object(_, entries)) = &rule.then_block.details else {
        return Err(Unsupported("a rule without details".to_owned()));
    };
    let find = |key: &str| {
        entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(key))
            .map(|entry| lower_json(&entry.value, with))
            .transpose()
    };
    let condition = rule.then_block.existence_condition.as_ref();
    Ok(Existence {
        resource_type: find("type")?
            .ok_or_else(|| Unsupported("details without a type".to_owned()))?,
        name: find("name")?,
        kind: find("kind")?,
        group: find("resourceGroupName")?,
        scope: find("existenceScope")?,
        condition: condition
            .map(|inner| lower_constraint(inner, with))
            .transpose()?,
    })
}

/// Parameter values under every spelling in the text: Azure ignores the case of names, the engine does not.
fn spelt(text: &str, assigned: &Assigned) -> Value {
    let mut object = serde_json::Map::new();
    for quoted in text.split('\'').skip(1) {
        if let Some(value) = assigned.get(quoted) {
            object.insert(quoted.to_owned(), value.clone());
        }
    }
    Value::Object(object)
}
