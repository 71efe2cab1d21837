//! Judging one resource by one definition: both passes, related resources, evidence.

mod presence;
mod report;

use std::cell::OnceCell;

use regorus::Value as EngineValue;
use regorus::languages::azure_policy::aliases::AliasRegistry;
use stance_model::{Evidence, FindingState, Resource};

use crate::component::{self, Component};
use crate::connections;
use crate::context::{ContextView, EvaluationContext};
use crate::definition::Effect;
use crate::engine::{Outcome, normalise, object, to_engine};
use crate::evidence::{Evaluator, Node, Subject, Truth, Unsupported, Witness};
use crate::mode::Mode;
use crate::policy_set::{Instance, manual_state};
use crate::related::RelatedResources;
use crate::verdict::Verdict;

use report::{disagreement, if_deployed, sentence, unknown_cause, verdict, witness_evidence};

/// Judges one resource; what several definitions need of it is made once.
pub(crate) struct Judge<'a> {
    resource: &'a Resource,
    related: &'a dyn RelatedResources,
    context: &'a EvaluationContext,
    registry: &'a AliasRegistry,
    normalised: OnceCell<EngineValue>,
    component: OnceCell<Option<Component>>,
    connected: OnceCell<Option<Component>>,
}

/// The resource a rule reads: the collected one, or a component made of it.
struct Target<'a> {
    subject: Subject<'a>,
    component: Option<&'a Component>,
    input: EngineValue,
    view: ContextView,
    view_engine: EngineValue,
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
            connected: OnceCell::new(),
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
                let witnesses = explain(condition, &target).unwrap_or_default();
                let cause = format!(
                    "the rule is about other resources: {}",
                    sentence(&witnesses)
                );
                let evidence = target.evidence(&witnesses);
                return Some(verdict(
                    instance,
                    FindingState::NotApplicable,
                    &cause,
                    evidence,
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
        let judged = match matched {
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
        };
        Some(if_deployed(resource, judged))
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
            if instance.compiled.reads_connections
                && let Some(connected) = self
                    .connected
                    .get_or_init(|| connections::fill_in(self.resource, self.related))
            {
                return Some(self.target_of(instance, &connected.resource, Some(connected), None));
            }
            let normalised = self
                .normalised
                .get_or_init(|| normalise(&Subject::new(self.resource), self.registry));
            (self.resource, None, normalised.clone())
        };
        Some(self.target_of(instance, resource, component, Some(normalised)))
    }

    fn target_of<'t>(
        &self,
        instance: &Instance,
        resource: &'t Resource,
        component: Option<&'t Component>,
        normalised: Option<EngineValue>,
    ) -> Target<'t> {
        let subject = Subject::new(resource);
        let normalised = normalised.unwrap_or_else(|| normalise(&subject, self.registry));
        let (view, view_engine) = if instance.compiled.needs_context {
            let view = self.context.view(resource, &instance.info);
            let engine = to_engine(&view.values);
            (view, engine)
        } else {
            (ContextView::default(), EngineValue::new_object())
        };
        Target {
            subject,
            component,
            input: object([
                ("resource", normalised),
                ("context", EngineValue::new_object()),
                ("parameters", instance.compiled.parameters.clone()),
            ]),
            view,
            view_engine,
        }
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
        self.witness_at(witness, witness.pointer.as_deref())
    }

    /// Evidence at a pointer of the judged resource; parts that stand in another resource are shown there.
    fn witness_at(&self, witness: &Witness, pointer: Option<&str>) -> Evidence {
        let borrowed = self.component.and_then(|component| {
            component.borrowed.iter().find_map(|(prefix, owner, at)| {
                let rest = crate::text::below(pointer?, prefix)?;
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
            let default = instance.compiled.default_state.as_deref();
            let default = default.unwrap_or("Unknown");
            let state = manual_state(default);
            let cause = match state {
                FindingState::Unknown => {
                    "a person has to attest this; no resource says whether it holds".to_owned()
                }
                _ => format!("a person has to attest this; until then it counts as {default}"),
            };
            return Verdict {
                awaits_attestation: true,
                ..verdict(instance, state, &cause, evidence)
            };
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
