//! Source to resources: what Terraform would plan, as far as it can be told without a provider.

mod basics;
mod expand;
mod expression;
mod modules;
mod names;
mod providers;
mod types;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use stance_model::Diagnostic;

use super::fault::Fault;
use super::files::ModuleFiles;
use super::instance::{Instance, ModuleInstance};
use super::source::{Given, ModuleSource};
use super::value::Value;
use crate::arm_template::Target;
use crate::codes::DiagnosticCode;
use crate::stream::Place;

pub(super) use providers::Surroundings;

/// Messages of one root that are kept; each file lists far fewer.
const MOST_SAID: usize = 1_000;

/// How far evaluation may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Expressions evaluated, values copied.
    pub(super) steps: u64,
    /// Expressions inside of one another, over locals, resources and modules.
    pub(super) depth: u32,
    /// Instances of resources, all together.
    pub(super) instances: usize,
    /// Instances of one resource or module.
    pub(super) expansions: usize,
    /// Instances of modules.
    pub(super) modules: usize,
    /// Modules inside of modules.
    pub(super) modules_deep: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 5_000_000,
            depth: 1_000,
            instances: 20_000,
            expansions: 2_000,
            modules: 1_000,
            modules_deep: 16,
        }
    }
}

/// Evaluates one root module with everything it calls.
pub(super) struct Evaluator<'o> {
    pub(super) files: &'o dyn ModuleFiles,
    pub(super) target: &'o Target,
    pub(super) limits: Limits,
    pub(super) root: RefCell<Option<Rc<ModuleInstance>>>,
    pub(super) diagnostics: RefCell<Vec<Diagnostic>>,
    /// Modules that were read, by folder.
    pub(super) sources: RefCell<HashMap<String, Rc<ModuleSource>>>,
    /// Folders of modules that are called.
    pub(super) called: RefCell<BTreeSet<String>>,
    /// Modules that could not be read: absence proves nothing then.
    pub(super) unread_modules: Cell<usize>,
    surroundings: RefCell<HashMap<String, Rc<Surroundings>>>,
    steps: Cell<u64>,
    depth: Cell<u32>,
    instances: Cell<usize>,
    modules: Cell<usize>,
}

impl<'o> Evaluator<'o> {
    pub(super) fn new(files: &'o dyn ModuleFiles, target: &'o Target) -> Self {
        Self {
            files,
            target,
            limits: Limits::default(),
            root: RefCell::default(),
            diagnostics: RefCell::default(),
            sources: RefCell::default(),
            called: RefCell::default(),
            unread_modules: Cell::default(),
            surroundings: RefCell::default(),
            steps: Cell::default(),
            depth: Cell::default(),
            instances: Cell::default(),
            modules: Cell::default(),
        }
    }

    /// Every resource of the module and of those it calls, in order of file, line and key.
    pub(super) fn run(&self, source: Rc<ModuleSource>, given: &[Given]) -> Vec<Rc<Instance>> {
        let root = self.root_module(source, given);
        *self.root.borrow_mut() = Some(Rc::clone(&root));
        let mut found = Vec::new();
        self.collect(&root, &mut found);
        found
    }

    fn collect(&self, module: &Rc<ModuleInstance>, out: &mut Vec<Rc<Instance>>) {
        for (kind, name) in module.source.resources.keys() {
            match self.resource(module, kind, name, false) {
                Ok(value) => instances_of(&value, out),
                Err(fault) => self.fault(&fault),
            }
        }
        for name in module.source.modules.keys() {
            match self.module(module, name) {
                Ok(value) => {
                    let mut called = Vec::new();
                    modules_of(&value, &mut called);
                    for inner in &called {
                        self.collect(inner, out);
                    }
                }
                Err(fault) => self.fault(&fault),
            }
        }
    }

    /// Counts work; a fault once there was too much of it.
    pub(super) fn charge(&self, steps: u64) -> Result<(), Fault> {
        let sum = self.steps.get().saturating_add(steps);
        self.steps.set(sum);
        if sum > self.limits.steps {
            return Err(Fault::limit(format!(
                "more than {} steps of evaluation",
                self.limits.steps
            )));
        }
        Ok(())
    }

    /// One more expression inside of others.
    pub(super) fn deeper<T>(&self, inner: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let depth = self.depth.get() + 1;
        if depth > self.limits.depth {
            return Err(Fault::limit(format!(
                "values that depend on more than {} others in a row",
                self.limits.depth
            )));
        }
        self.depth.set(depth);
        let found = inner();
        self.depth.set(depth - 1);
        found
    }

    fn one_more_instance(&self) -> Result<(), Fault> {
        let count = self.instances.get() + 1;
        self.instances.set(count);
        if count > self.limits.instances {
            return Err(Fault::limit(format!(
                "more than {} resources",
                self.limits.instances
            )));
        }
        Ok(())
    }

    pub(super) fn fault(&self, fault: &Fault) {
        let file = fault.file.as_deref().unwrap_or_default();
        self.say(
            fault.code,
            file,
            fault.place.unwrap_or(Place::NONE),
            &fault.message,
        );
    }

    /// Says something, once.
    pub(super) fn say(&self, code: DiagnosticCode, file: &str, place: Place, message: &str) {
        let said = super::source::diagnostic(code, file, place, message);
        let mut all = self.diagnostics.borrow_mut();
        if all.len() < MOST_SAID && !all.contains(&said) {
            all.push(said);
        }
    }
}

/// The instances a resource stands for.
fn instances_of(value: &Value, out: &mut Vec<Rc<Instance>>) {
    match value {
        Value::Instance(instance) => out.push(Rc::clone(instance)),
        Value::List(list) => list.items.iter().for_each(|item| instances_of(item, out)),
        Value::Map(map) => map
            .members
            .values()
            .for_each(|item| instances_of(item, out)),
        _ => {}
    }
}

fn modules_of(value: &Value, out: &mut Vec<Rc<ModuleInstance>>) {
    match value {
        Value::Module(module) => out.push(Rc::clone(module)),
        Value::List(list) => list.items.iter().for_each(|item| modules_of(item, out)),
        Value::Map(map) => map.members.values().for_each(|item| modules_of(item, out)),
        _ => {}
    }
}
