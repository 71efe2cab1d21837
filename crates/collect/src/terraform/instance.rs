//! Resources and modules while they are evaluated.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::evaluate::Surroundings;
use super::fault::Fault;
use super::source::ModuleSource;
use super::syntax::Expression;
use super::value::{Gap, Value};
use crate::stream::Place;

/// One instance of a resource or data source, its attributes evaluated.
#[derive(Debug)]
pub(super) struct Instance {
    /// `module.a.azurerm_cognitive_account.main["x"]`.
    pub(super) address: Rc<str>,
    /// `azurerm_cognitive_account`.
    pub(super) kind: Rc<str>,
    /// A data source: it is read, not made.
    pub(super) data: bool,
    /// What is declared.
    pub(super) attributes: Value,
    /// The id it has, will have, or is known by here.
    pub(super) id: Rc<str>,
    /// Attributes that give the id.
    pub(super) id_attributes: &'static [String],
    pub(super) file: Rc<str>,
    pub(super) place: Place,
    /// Where attributes stand: pointer, place.
    pub(super) positions: Vec<(String, Place)>,
    /// Why it may not exist at all.
    pub(super) doubt: Option<Rc<str>>,
    /// The attributes as a plan would show them.
    pub(super) values: Json,
    /// Attributes that have no value, and why.
    pub(super) gaps: Vec<Gap>,
    pub(super) around: Rc<Surroundings>,
}

/// What a name of a module stands for: being evaluated, or done.
#[derive(Debug, Clone)]
pub(super) enum Memo {
    Busy,
    Done(Result<Value, Fault>),
}

/// A module as it is called, or the root.
#[derive(Debug)]
pub(super) struct ModuleInstance {
    /// `module.a["x"]`; empty for the root.
    pub(super) address: Rc<str>,
    pub(super) source: Rc<ModuleSource>,
    /// What its variables are given.
    pub(super) inputs: HashMap<Rc<str>, Input>,
    pub(super) memo: RefCell<HashMap<String, Memo>>,
    /// Region, project, subscription: what the providers of the root say.
    pub(super) doubt: Option<Rc<str>>,
    /// Modules around it.
    pub(super) depth: usize,
}

/// The value of a variable.
#[derive(Debug, Clone)]
pub(super) enum Input {
    /// An expression of the caller.
    Expression {
        scope: Scope,
        block: Rc<super::source::Declared>,
        name: Rc<str>,
    },
    /// From a tfvars file.
    Value(Value),
}

/// Where an expression is evaluated.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) module: Rc<ModuleInstance>,
    pub(super) bindings: Option<Rc<Binding>>,
    /// The file the expression stands in.
    pub(super) file: Rc<str>,
}

/// Names that hold within a block or loop: `each`, `count`, iterators.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) name: Rc<str>,
    pub(super) value: Value,
    pub(super) next: Option<Rc<Binding>>,
}

impl Scope {
    pub(super) fn of(module: &Rc<ModuleInstance>, file: &Rc<str>) -> Self {
        Self {
            module: Rc::clone(module),
            bindings: None,
            file: Rc::clone(file),
        }
    }

    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        Self {
            bindings: Some(Rc::new(Binding {
                name: name.into(),
                value,
                next: self.bindings.clone(),
            })),
            ..self.clone()
        }
    }

    pub(super) fn bound(&self, name: &str) -> Option<&Value> {
        let mut at = self.bindings.as_ref();
        while let Some(binding) = at {
            if &*binding.name == name {
                return Some(&binding.value);
            }
            at = binding.next.as_ref();
        }
        None
    }
}

/// A fault stands where the expression stands, unless it names a place itself.
pub(super) fn located<T>(
    found: Result<T, Fault>,
    scope: &Scope,
    expression: &Expression,
) -> Result<T, Fault> {
    found.map_err(|fault| fault.at(&scope.file, expression.place))
}
