//! The rule engine's side: compiled programs, and values in its own type.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regorus::Value as EngineValue;
use regorus::languages::azure_policy::aliases::{AliasRegistry, normalizer};
use regorus::rvm::program::Program;
use regorus::rvm::vm::{ExecutionMode, RegoVM};
use serde_json::Value;
use stance_model::Resource;

use crate::evidence::Subject;

/// Instructions one run may take: a rule over some thousand array elements stays far below.
const MAX_INSTRUCTIONS: usize = 2_000_000;

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The rule does not match (or, with an answer, the related resource satisfies it).
    NoMatch,
    /// The rule matches.
    Match,
    /// The `if` matches, and the program asks for a related resource.
    Asks,
}

/// One compiled definition. Machines are kept, because loading a program costs more than running it.
pub(crate) struct Engine {
    program: Arc<Program>,
    idle: Mutex<Vec<RegoVM>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    pub(crate) fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs the program afresh; with `related`, answers its one question with that resource.
    pub(crate) fn run(
        &self,
        input: EngineValue,
        context: EngineValue,
        related: Option<EngineValue>,
    ) -> Result<Outcome, String> {
        let mut machine = self.take();
        machine.set_input(input);
        machine.set_context(context);
        let outcome = step(&mut machine, related);
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(machine);
        outcome
    }

    fn take(&self) -> RegoVM {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| {
            let mut machine = RegoVM::new();
            machine.set_execution_mode(ExecutionMode::Suspendable);
            machine.set_max_instructions(MAX_INSTRUCTIONS);
            machine.load_program(Arc::clone(&self.program));
            machine
        })
    }
}

fn step(machine: &mut RegoVM, related: Option<EngineValue>) -> Result<Outcome, String> {
    let fail = |error: regorus::rvm::vm::VmError| error.to_string();
    let mut value = machine.execute_entry_point_by_name("main").map_err(fail)?;
    if machine.suspend_reason().is_some() {
        let Some(related) = related else {
            return Ok(Outcome::Asks);
        };
        value = machine.resume(Some(related)).map_err(fail)?;
    }
    Ok(match value {
        EngineValue::Undefined => Outcome::NoMatch,
        _ => Outcome::Match,
    })
}

/// A JSON value in the engine's type.
pub(crate) fn to_engine(value: &Value) -> EngineValue {
    match value {
        Value::Null => EngineValue::Null,
        Value::Bool(flag) => EngineValue::Bool(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => EngineValue::from(whole),
            (_, Some(whole), _) => EngineValue::from(whole),
            (_, _, Some(fraction)) => EngineValue::from(fraction),
            _ => EngineValue::Null,
        },
        Value::String(text) => EngineValue::from(text.as_str()),
        Value::Array(items) => EngineValue::from(items.iter().map(to_engine).collect::<Vec<_>>()),
        Value::Object(object) => EngineValue::from(
            object
                .iter()
                .map(|(key, value)| (EngineValue::from(key.as_str()), to_engine(value)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

/// An object of the engine.
pub(crate) fn object<const N: usize>(members: [(&str, EngineValue); N]) -> EngineValue {
    EngineValue::from(
        members
            .into_iter()
            .map(|(key, value)| (EngineValue::from(key), value))
            .collect::<BTreeMap<_, _>>(),
    )
}

/// A resource as the compiled rules read it: aliases applied, keys in lower case.
pub(crate) fn normalise(subject: &Subject<'_>, registry: &AliasRegistry) -> EngineValue {
    let resource: &Resource = subject.resource;
    let mut members: BTreeMap<EngineValue, EngineValue> = resource
        .body
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (EngineValue::from(key.as_str()), to_engine(value)))
        .collect();
    let mut set = |key: &str, value: &str| {
        members.insert(EngineValue::from(key), EngineValue::from(value));
    };
    // The type decides which aliases apply; a body that lacks it would get none.
    if resource.body.get("type").is_none() {
        set("type", &resource.resource_type);
    }
    set("name", &subject.name);
    set("fullName", &subject.full_name);
    if let Some(location) = resource.text("location") {
        set(
            "location",
            &crate::definition::plain_location_text(location),
        );
    }
    if let Some(version) = &resource.api_version {
        set("apiVersion", version);
    }
    normalizer::normalize(
        &EngineValue::from(members),
        Some(registry),
        resource.api_version.as_deref(),
    )
}
