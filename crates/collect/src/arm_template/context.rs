//! Where an expression stands: its template, the loops around it, the variables of its lambdas.

use std::collections::HashMap;
use std::rc::Rc;

use super::value::Value;

/// Index into the evaluator's environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EnvironmentId(pub(super) usize);

/// Index into the evaluator's deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DeploymentId(pub(super) usize);

/// Index into the evaluator's resource instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct InstanceId(pub(super) usize);

/// What is computed once, when first asked for.
#[derive(Debug, Clone, Default)]
pub(super) enum Lazy<T> {
    #[default]
    Untouched,
    /// Being computed: asking again means that it depends on itself.
    Running,
    Done(T),
}

/// One loop around an expression.
#[derive(Debug, Clone)]
pub(super) struct LoopIndex {
    /// Name of the loop; empty where it has none.
    pub(super) name: Rc<str>,
    /// `None` where the count is not known, and the one instance stands for any.
    pub(super) index: Option<i64>,
    /// A loop over resources, which `copyIndex()` without a name means first.
    pub(super) over_resources: bool,
}

/// Variables of the lambdas around an expression, innermost first.
#[derive(Debug)]
pub(super) struct LambdaVariable {
    pub(super) name: Rc<str>,
    pub(super) value: Value,
    pub(super) outer: Option<Rc<LambdaVariable>>,
}

/// Everything an expression is evaluated in. Cloning shares.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) environment: EnvironmentId,
    pub(super) loops: Rc<Vec<LoopIndex>>,
    pub(super) lambda: Option<Rc<LambdaVariable>>,
    /// Arguments of the user function being evaluated, by name in lower case.
    pub(super) arguments: Option<Rc<HashMap<String, Value>>>,
    /// Inside a nested template of outer scope: what its escaped expressions are evaluated in.
    pub(super) inner: Option<EnvironmentId>,
}

impl Context {
    pub(super) fn new(environment: EnvironmentId) -> Self {
        Self {
            environment,
            loops: Rc::default(),
            lambda: None,
            arguments: None,
            inner: None,
        }
    }

    /// Inside one more loop.
    pub(super) fn in_loop(&self, name: &str, index: Option<i64>, over_resources: bool) -> Self {
        let mut loops = self.loops.as_ref().clone();
        loops.push(LoopIndex {
            name: Rc::from(name),
            index,
            over_resources,
        });
        Self {
            loops: Rc::new(loops),
            ..self.clone()
        }
    }

    /// Inside a lambda that binds one more variable.
    pub(super) fn with_variable(&self, name: &str, value: Value) -> Self {
        let bound = LambdaVariable {
            name: Rc::from(name),
            value,
            outer: self.lambda.clone(),
        };
        Self {
            lambda: Some(Rc::new(bound)),
            ..self.clone()
        }
    }

    /// The value of a lambda variable.
    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        let mut at = self.lambda.as_deref();
        while let Some(bound) = at {
            if bound.name.eq_ignore_ascii_case(name) {
                return Some(&bound.value);
            }
            at = bound.outer.as_deref();
        }
        None
    }
}
