//! Judging one resource by one definition: both passes, related resources, evidence.

use std::cell::OnceCell;
use std::sync::Arc;

use regorus::Value as EngineValue;
use regorus::languages::azure_policy::aliases::AliasRegistry;
use stance_model::{Evidence, FindingState, Origin, Resource};

use crate::component::{self, Component};
use crate::context::{ContextView, EvaluationContext};
use crate::definition::Effect;
use crate::engine::{Outcome, normalise, object, to_engine};
use crate::evidence::{Evaluator, Node, Subject, Truth, Unsupported, Witness, brief};
use crate::existence::{self, Candidate};
use crate::mode::Mode;
use crate::policy_set::Instance;
use crate::related::RelatedResources;
use crate::verdict::Verdict;

/// Candidates of a related type whose conditions are shown.
const MAX_SHOWN_CANDIDATES: usize = 3;

/// Judges one resource; what several definitions need of it is made once.
pub(crate) struct Judge<'a> {
    resource: &'a Resource,
    related: &'a dyn RelatedResources,
    context: &'a EvaluationContext,
    registry: &'a AliasRegistry,
    normalised: OnceCell<EngineValue>,
    component: OnceCell<Option<Component>>,
}

/// The resource a rule reads: the collected one, or a component made of it.
struct Target<'a> {
    subject: Subject<'a>,
    component: Option<&'a Component>,
    input: EngineValue,
    view: ContextView,
    view_engine: EngineValue,
    parameters: EngineValue,
}

/// What the two passes say of a rule's `if`.
enum Matched {
    Truth(Truth),
    Disagreement,
    Failed(String),
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        resource: &'a Resource,
        related: &'a dyn RelatedResources,
        context: &'a EvaluationContext,
        registry: &'a AliasRegistry,
    ) -> Self {
        Self {
            resource,
            related,
            context,
            registry,
            normalised: OnceCell::new(),
            component: OnceCell::new(),
        }
    }

    /// The verdict of one definition; `None` where it is not about this kind of resource at all.
    pub(crate) fn judge(&self, instance: &Instance) -> Option<Verdict> {
        let target = self.target(instance)?;
        let resource = target.subject.resource;
        let condition = instance.compiled.condition.as_ref();
        if let Ok(node) = condition {
            let mut evaluator = Evaluator::new(&target.subject, &target.view);
            let applies = instance.compiled.effect.needs_related()
                || instance
                    .shape
                    .applies(node, &resource.resource_type, &mut evaluator);
            if !applies {
                return Some(verdict(
                    instance,
                    FindingState::NotApplicable,
                    "the rule is about other resources",
                    Vec::new(),
                ));
            }
        }
        let matched = run(instance, condition, &target);
        if let Matched::Truth(Truth::False) = matched
            && instance.compiled.effect.needs_related()
        {
            let witnesses = explain(condition, &target).unwrap_or_default();
            let cause = format!("the rule does not apply: {}", sentence(&witnesses));
            return Some(verdict(
                instance,
                FindingState::NotApplicable,
                &cause,
                target.evidence(&witnesses),
            ));
        }
        if let Some(unknown) = resource
            .unknowns
            .iter()
            .find(|unknown| unknown.pointer.is_empty())
        {
            let evidence = vec![plain(
                resource,
                "existence",
                unknown.expression.as_str().into(),
                "is deployed",
                "",
            )];
            let cause = format!(
                "whether the resource is deployed depends on {}",
                unknown.expression
            );
            return Some(verdict(instance, FindingState::Unknown, &cause, evidence));
        }
        Some(match matched {
            Matched::Disagreement => disagreement(
                instance,
                &explain(condition, &target).unwrap_or_default(),
                &target,
            ),
            Matched::Failed(reason) => {
                verdict(instance, FindingState::Unknown, &reason, Vec::new())
            }
            Matched::Truth(Truth::Unknown) => {
                let witnesses = explain(condition, &target).unwrap_or_default();
                let cause = unknown_cause(&witnesses);
                verdict(
                    instance,
                    FindingState::Unknown,
                    &cause,
                    target.evidence(&witnesses),
                )
            }
            Matched::Truth(truth) if instance.compiled.effect.needs_related() => {
                debug_assert_eq!(truth, Truth::True, "false was answered above");
                self.by_existence(instance, &target)
            }
            Matched::Truth(truth) => by_condition(instance, truth, condition, &target),
        })
    }

    fn target(&self, instance: &Instance) -> Option<Target<'_>> {
        let (resource, component, normalised) = if let Mode::Component(_) = instance.mode {
            let component = self
                .component
                .get_or_init(|| component::build(self.resource, self.related))
                .as_ref()?;
            let normalised = normalise(&Subject::new(&component.resource), self.registry);
            (&component.resource, Some(component), normalised)
        } else {
            if !instance
                .mode
                .admits(self.resource, instance.shape.names_type)
            {
                return None;
            }
            let normalised = self
                .normalised
                .get_or_init(|| normalise(&Subject::new(self.resource), self.registry));
            (self.resource, None, normalised.clone())
        };
        let parameters = to_engine(&instance.compiled.parameters);
        let (view, view_engine) = if instance.compiled.needs_context {
            let view = self.context.view(resource, &instance.info.id);
            let engine = to_engine(&view.values);
            (view, engine)
        } else {
            (ContextView::default(), EngineValue::new_object())
        };
        Some(Target {
            subject: Subject::new(resource),
            component,
            input: object([
                ("resource", normalised),
                ("context", EngineValue::new_object()),
                ("parameters", parameters.clone()),
            ]),
            view,
            view_engine,
            parameters,
        })
    }

    // ---- AuditIfNotExists, DeployIfNotExists -----------------------------------------------------------

    fn by_existence(&self, instance: &Instance, target: &Target<'_>) -> Verdict {
        let existence = match &instance.compiled.existence {
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
        let mut open: Vec<(Option<String>, Vec<Evidence>)> = Vec::new();
        let mut failing = Vec::new();
        for candidate in &found.candidates {
            match self.satisfies(instance, existence.condition.as_ref(), candidate, target) {
                Matched::Truth(Truth::True) if candidate.doubt.is_none() => {
                    let cause = format!(
                        "`{}` {} is there and meets the rule",
                        wanted.resource_type,
                        brief(&candidate.resource.name().into())
                    );
                    let evidence = self.candidate_evidence(
                        existence.condition.as_ref(),
                        candidate,
                        target,
                        &wanted.resource_type,
                    );
                    return verdict(instance, FindingState::Healthy, &cause, evidence);
                }
                Matched::Truth(Truth::False) => failing.push(candidate),
                Matched::Truth(_) => {
                    let evidence = self.candidate_evidence(
                        existence.condition.as_ref(),
                        candidate,
                        target,
                        &wanted.resource_type,
                    );
                    open.push((candidate.doubt.clone(), evidence));
                }
                Matched::Disagreement => {
                    let mut verdict = disagreement(instance, &[], target);
                    verdict.evidence = self.candidate_evidence(
                        existence.condition.as_ref(),
                        candidate,
                        target,
                        &wanted.resource_type,
                    );
                    return verdict;
                }
                Matched::Failed(reason) => {
                    return verdict(instance, FindingState::Unknown, &reason, Vec::new());
                }
            }
        }
        if let Some((doubt, evidence)) = open.into_iter().next() {
            let cause = match doubt {
                Some(expression) => format!(
                    "whether a fitting `{}` is there depends on {expression}",
                    wanted.resource_type
                ),
                None => format!(
                    "whether the `{}` meets the rule is not known before deployment",
                    wanted.resource_type
                ),
            };
            return verdict(instance, FindingState::Unknown, &cause, evidence);
        }
        let absent = |value: &str, condition: &str| {
            let value = if value.is_empty() {
                serde_json::Value::Null
            } else {
                value.into()
            };
            vec![plain(
                target.subject.resource,
                &wanted.resource_type,
                value,
                condition,
                "",
            )]
        };
        if let Some(expression) = &found.unknown {
            let cause = format!(
                "which `{}` there are depends on {expression}",
                wanted.resource_type
            );
            return verdict(
                instance,
                FindingState::Unknown,
                &cause,
                absent(expression, "exists"),
            );
        }
        if !found.complete {
            let cause = format!(
                "`{}` was not collected for this resource",
                wanted.resource_type
            );
            let mut out = verdict(
                instance,
                FindingState::Unknown,
                &cause,
                absent("", "exists"),
            );
            out.missing_related = Some(wanted.resource_type.to_ascii_lowercase());
            return out;
        }
        if failing.is_empty() {
            let cause = match wanted.name.as_ref().and_then(|name| name.known()) {
                Some(name) => format!(
                    "there is no `{}` named {}",
                    wanted.resource_type,
                    brief(name)
                ),
                None => format!("there is no `{}`", wanted.resource_type),
            };
            let mut out = verdict(
                instance,
                FindingState::Unhealthy,
                &cause,
                absent("", "exists"),
            );
            out.missing_related = Some(wanted.resource_type.to_ascii_lowercase());
            return out;
        }
        let evidence = failing
            .iter()
            .take(MAX_SHOWN_CANDIDATES)
            .flat_map(|candidate| {
                self.candidate_evidence(
                    existence.condition.as_ref(),
                    candidate,
                    target,
                    &wanted.resource_type,
                )
            })
            .collect();
        let cause = format!(
            "none of the {} `{}` meets the rule",
            failing.len(),
            wanted.resource_type
        );
        verdict(instance, FindingState::Unhealthy, &cause, evidence)
    }

    /// Whether one candidate is what the rule wants: a fresh run each, because the program asks once.
    fn satisfies(
        &self,
        instance: &Instance,
        condition: Option<&Node>,
        candidate: &Candidate,
        target: &Target<'_>,
    ) -> Matched {
        let subject = Subject::new(&candidate.resource);
        let own = match condition {
            None => Ok(Truth::True),
            Some(node) => Evaluator::related(&target.subject, &subject, &target.view).truth(node),
        };
        if own == Ok(Truth::Unknown) {
            return Matched::Truth(Truth::Unknown);
        }
        let normalised = normalise(&subject, self.registry);
        let outcome = instance.compiled.engine.run(
            target.input.clone(),
            target.view_engine.clone(),
            Some(normalised),
        );
        compare(
            own,
            outcome.map(|outcome| outcome == Outcome::NoMatch),
            target.has_unknowns() || !candidate.resource.unknowns.is_empty(),
        )
    }

    fn candidate_evidence(
        &self,
        condition: Option<&Node>,
        candidate: &Candidate,
        target: &Target<'_>,
        wanted: &str,
    ) -> Vec<Evidence> {
        let subject = Subject::new(&candidate.resource);
        let mut witnesses = Vec::new();
        if let Some(node) = condition {
            let mut evaluator = Evaluator::related(&target.subject, &subject, &target.view);
            // What is not computed leaves the evidence shorter, nothing else.
            let _ = evaluator.explain(node, &mut witnesses);
        }
        if witnesses.is_empty() {
            let value = candidate.resource.id.as_str().into();
            return vec![plain(&candidate.resource, wanted, value, "exists", "")];
        }
        witnesses
            .iter()
            .map(|witness| match (&candidate.embedded_at, witness.related) {
                (Some(at), true) => {
                    let pointer = witness
                        .pointer
                        .as_deref()
                        .map(|pointer| format!("{at}{pointer}"));
                    witness_evidence(target.subject.resource, witness, pointer.as_deref())
                }
                (None, true) => {
                    witness_evidence(&candidate.resource, witness, witness.pointer.as_deref())
                }
                (_, false) => target.witness(witness),
            })
            .collect()
    }
}

impl Target<'_> {
    fn has_unknowns(&self) -> bool {
        !self.subject.resource.unknowns.is_empty()
    }

    /// Evidence of the conditions that decided; those on the type only where there is nothing else.
    fn evidence(&self, witnesses: &[Witness]) -> Vec<Evidence> {
        let telling: Vec<&Witness> = witnesses
            .iter()
            .filter(|witness| !witness.scoping)
            .collect();
        let shown = if telling.is_empty() {
            witnesses.iter().collect()
        } else {
            telling
        };
        shown
            .into_iter()
            .map(|witness| self.witness(witness))
            .collect()
    }

    fn witness(&self, witness: &Witness) -> Evidence {
        let pointer = witness.pointer.as_deref();
        // Parts of a component that stand in another resource are shown there.
        let borrowed = self.component.and_then(|component| {
            component.borrowed.iter().find_map(|(prefix, owner, at)| {
                let rest = pointer?.strip_prefix(prefix.as_str())?;
                Some((owner, format!("{at}{rest}")))
            })
        });
        match borrowed {
            Some((owner, pointer)) => witness_evidence(owner, witness, Some(&pointer)),
            None => witness_evidence(self.subject.resource, witness, pointer),
        }
    }
}

fn run(
    instance: &Instance,
    condition: Result<&Node, &Unsupported>,
    target: &Target<'_>,
) -> Matched {
    let own = match condition {
        Ok(node) => Evaluator::new(&target.subject, &target.view).truth(node),
        Err(reason) => Err(reason.clone()),
    };
    if own == Ok(Truth::Unknown) {
        return Matched::Truth(Truth::Unknown);
    }
    let _ = &target.parameters;
    let outcome =
        instance
            .compiled
            .engine
            .run(target.input.clone(), target.view_engine.clone(), None);
    compare(
        own,
        outcome.map(|outcome| outcome != Outcome::NoMatch),
        target.has_unknowns(),
    )
}

/// Joins the two passes. Where ours does not compute a function, the engine's answer stands alone, unless
/// something is unknown.
fn compare(
    own: Result<Truth, Unsupported>,
    engine: Result<bool, String>,
    unknowns: bool,
) -> Matched {
    match (own, engine) {
        (_, Err(reason)) => Matched::Failed(format!("the rule could not be evaluated: {reason}")),
        (Err(Unsupported(reason)), Ok(_)) if unknowns => Matched::Failed(format!(
            "the rule uses {reason}, and not all values are known before deployment"
        )),
        (Err(_), Ok(engine)) => Matched::Truth(engine.into()),
        (Ok(own), Ok(engine)) if own == engine.into() => Matched::Truth(own),
        (Ok(_), Ok(_)) => Matched::Disagreement,
    }
}

fn explain(condition: Result<&Node, &Unsupported>, target: &Target<'_>) -> Option<Vec<Witness>> {
    let mut witnesses = Vec::new();
    Evaluator::new(&target.subject, &target.view)
        .explain(condition.ok()?, &mut witnesses)
        .ok()?;
    Some(witnesses)
}

fn by_condition(
    instance: &Instance,
    truth: Truth,
    condition: Result<&Node, &Unsupported>,
    target: &Target<'_>,
) -> Verdict {
    let witnesses = explain(condition, target).unwrap_or_default();
    let evidence = target.evidence(&witnesses);
    let state = match (&instance.compiled.effect, truth) {
        (Effect::Manual, Truth::True) => {
            let cause = "a person has to attest this; no resource says whether it holds";
            return verdict(instance, FindingState::Unknown, cause, evidence);
        }
        (_, Truth::True) => FindingState::Unhealthy,
        _ => FindingState::Healthy,
    };
    let fallback = if truth == Truth::True {
        "the rule matches"
    } else {
        "the rule does not match"
    };
    let telling = sentence(&witnesses);
    verdict(
        instance,
        state,
        if telling.is_empty() {
            fallback
        } else {
            &telling
        },
        evidence,
    )
}

fn disagreement(instance: &Instance, witnesses: &[Witness], target: &Target<'_>) -> Verdict {
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

fn unsupported(instance: &Instance, reason: &str) -> Verdict {
    verdict(
        instance,
        FindingState::Unknown,
        &format!("the rule uses {reason}, which is not evaluated outside Azure"),
        Vec::new(),
    )
}

fn verdict(
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
    }
}

/// The first telling conditions as a sentence.
fn sentence(witnesses: &[Witness]) -> String {
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

fn unknown_cause(witnesses: &[Witness]) -> String {
    match witnesses
        .iter()
        .find_map(|witness| Some((witness, witness.unknown.as_ref()?)))
    {
        Some((witness, expression)) => {
            format!(
                "`{}` depends on {}, which is not known before deployment",
                witness.field,
                brief(&expression.as_str().into())
            )
        }
        None => "a value the rule reads is not known before deployment".to_owned(),
    }
}

fn witness_evidence(resource: &Resource, witness: &Witness, pointer: Option<&str>) -> Evidence {
    plain(
        resource,
        &witness.field,
        witness.value.clone(),
        &witness.condition,
        pointer.unwrap_or_default(),
    )
}

fn plain(
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
