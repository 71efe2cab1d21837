//! Folders of source to resources, and the way out of this reader.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::rc::Rc;

use serde_json::Value as Json;
use stance_base::redact;
use stance_model::{Diagnostic, Origin, Resource};

use super::assemble::assemble;
use super::evaluate::{Evaluator, Surroundings};
use super::files::ModuleFiles;
use super::instance::Instance;
use super::mapping::Declared;
use super::source::{self, ModuleSource};
use crate::arm_template::Target;
use crate::context::FileContext;

/// Bytes of stack for parsing and evaluation, whose depth is limited to fit.
const STACK: usize = 96 << 20;

/// What a module and those it calls declare.
#[derive(Debug, Default)]
pub struct Found {
    /// In order of file, line and key.
    pub resources: Vec<Resource>,
    /// In order of reading.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read, as the user would write it.
    pub files: Vec<String>,
    /// Why absence of a resource proves nothing; empty where it does.
    pub partial: String,
}

/// Folders that were read, each as a module.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) modules: HashMap<String, Rc<ModuleSource>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads one folder as a root module.
pub fn read_folder(folder: &str, files: &dyn ModuleFiles, target: &Target) -> Found {
    stacker::grow(STACK, || {
        let mut loaded = Loaded::default();
        load(folder, files, None, &mut loaded);
        let said = std::mem::take(&mut loaded.diagnostics);
        let mut found = root(folder, files, target, &loaded);
        found.diagnostics.splice(0..0, said);
        found
    })
}

/// Reads the files of a folder; `only` names the single file that counts.
pub(super) fn load(folder: &str, files: &dyn ModuleFiles, only: Option<&str>, into: &mut Loaded) {
    let module = stacker::grow(STACK, || {
        source::load(folder, files, only, &mut into.diagnostics)
    });
    into.modules.insert(folder.to_owned(), Rc::new(module));
}

/// Evaluates one root among the modules that were read.
pub(super) fn root(
    folder: &str,
    files: &dyn ModuleFiles,
    target: &Target,
    loaded: &Loaded,
) -> Found {
    stacker::grow(STACK, || evaluated(folder, files, target, loaded))
}

fn evaluated(folder: &str, files: &dyn ModuleFiles, target: &Target, loaded: &Loaded) -> Found {
    let Some(source) = loaded.modules.get(folder) else {
        return Found::default();
    };
    let mut diagnostics = Vec::new();
    let given = source::load_variables(folder, files, &mut diagnostics);
    let evaluator = Evaluator::new(files, target);
    evaluator.sources.borrow_mut().extend(
        loaded
            .modules
            .iter()
            .map(|(key, module)| (key.clone(), Rc::clone(module))),
    );
    let instances = evaluator.run(Rc::clone(source), &given);
    let pairs: Vec<(Declared, Rc<Surroundings>)> = instances
        .iter()
        .map(|instance| (declared(instance), Rc::clone(&instance.around)))
        .collect();
    let shown = files.shown(folder);
    let assembled = assemble(&shown, &pairs);
    diagnostics.extend(evaluator.diagnostics.take());
    diagnostics.extend(assembled.diagnostics);
    let mut read: BTreeSet<String> = source.files.iter().map(ToString::to_string).collect();
    for called in evaluator.called.borrow().iter() {
        if let Some(module) = evaluator.sources.borrow().get(called) {
            read.extend(module.files.iter().map(ToString::to_string));
        }
    }
    let partial = match evaluator.unread_modules.get() {
        0 => String::new(),
        _ => "modules outside the input were not read".to_owned(),
    };
    Found {
        resources: assembled.resources,
        diagnostics,
        files: read.into_iter().collect(),
        partial,
    }
}

fn declared(instance: &Instance) -> Declared {
    let values = match &instance.values {
        Json::Object(values) => values.clone(),
        _ => serde_json::Map::new(),
    };
    Declared {
        address: instance.address.to_string(),
        kind: instance.kind.to_string(),
        values,
        gaps: instance.gaps.clone(),
        positions: instance.positions.clone(),
        file: instance.file.to_string(),
        place: instance.place,
        doubt: instance.doubt.as_ref().map(ToString::to_string),
        origin: Origin::Template,
    }
}

/// Hands on a resource, secrets taken out.
pub(super) fn send(context: &mut FileContext<'_>, mut resource: Resource) -> ControlFlow<()> {
    context.run.redacted += redact::redact(&mut resource.body) as u64;
    context.send(resource)
}
