//! Which folders of an input hold Terraform source, and which of them stand for themselves.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use stance_model::{Coverage, CoverageStatus, DiagnosticLevel};

use super::files::{DiskFiles, ModuleFiles, resolved};
use super::read::{self, Loaded};
use super::source::{ModuleSource, is_source, is_variables};
use super::syntax::Kind;
use crate::context::FileContext;
use crate::ledger::Basis;
use crate::sink::{CollectOptions, Input};
use crate::template::read::read_as_part;
use crate::walk::Found;

/// Folders with source in one input.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    /// The root as the user spelt it, and canonical.
    given: PathBuf,
    root: PathBuf,
    /// Folder from the root, to the single file that counts there, where one was named.
    by_path: BTreeMap<String, Option<String>>,
    /// Files taken.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// Takes the Terraform files out of a walk.
pub(crate) fn take(input: &Input, files: &mut Vec<Found>) -> Folders {
    let (given, key) = (Path::new(&input.path), Path::new(&input.key));
    let parent = |path: &Path| path.parent().unwrap_or(path).to_owned();
    let single = !key.is_dir();
    let mut found = if single {
        Folders {
            given: parent(given),
            root: parent(key),
            ..Folders::default()
        }
    } else {
        Folders {
            given: given.to_owned(),
            root: key.to_owned(),
            ..Folders::default()
        }
    };
    let name = |file: &Found| {
        file.path
            .file_name()
            .and_then(|name| name.to_str().map(str::to_owned))
    };
    let folder = |root: &Path, file: &Found| {
        let below = file.path.strip_prefix(root).ok()?.parent()?;
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    };
    for file in files.iter() {
        let Some(name) = name(file).filter(|name| is_source(name)) else {
            continue;
        };
        if let Some(folder) = folder(&found.root, file) {
            found.by_path.insert(folder, single.then_some(name));
        }
    }
    if found.by_path.is_empty() {
        return found;
    }
    files.retain(|file| {
        let own = name(file).is_some_and(|name| is_source(&name) || is_variables(&name))
            && folder(&found.root, file).is_some_and(|folder| found.by_path.contains_key(&folder));
        if own {
            found.files += 1;
            found.bytes += file.bytes;
        }
        !own
    });
    found
}

impl Folders {
    pub(crate) fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// Reads every folder that no other one calls, in order of name.
    pub(crate) fn read(&self, options: &CollectOptions, with: &mut dyn FnMut(&str, Reading<'_>)) {
        let variable_files: Vec<PathBuf> = options
            .parameter_files
            .iter()
            .filter(|path| {
                path.file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(is_variables)
            })
            .cloned()
            .collect();
        let files = DiskFiles {
            given: self.given.clone(),
            root: self.root.clone(),
            limits: options.limits,
            variable_files: &variable_files,
            read: Cell::default(),
        };
        let mut loaded = Loaded::default();
        for (folder, only) in &self.by_path {
            read::load(folder, &files, only.as_deref(), &mut loaded);
        }
        let said = std::mem::take(&mut loaded.diagnostics);
        let faulty: Vec<String> = said
            .iter()
            .filter(|said| said.level == DiagnosticLevel::Error)
            .map(|said| said.file.clone())
            .collect();
        let mut by_file: BTreeMap<String, Vec<stance_model::Diagnostic>> = BTreeMap::new();
        for one in said {
            by_file.entry(one.file.clone()).or_default().push(one);
        }
        for (file, said) in by_file {
            with(&file, Reading::Said(said));
        }
        let parts = read_as_part(&calls(&loaded));
        for folder in self.by_path.keys() {
            if parts.contains(Path::new(folder)) {
                continue;
            }
            let found = read::root(folder, &files, &options.target, &loaded);
            with(&files.shown(folder), Reading::Found(found, &faulty));
        }
    }
}

/// What is handed to the run.
pub(crate) enum Reading<'r> {
    /// Messages about one file.
    Said(Vec<stance_model::Diagnostic>),
    /// A root module, and the files that could not be read whole.
    Found(read::Found, &'r [String]),
}

/// Which folder calls which.
fn calls(loaded: &Loaded) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for (folder, module) in &loaded.modules {
        for path in sources(module) {
            let called =
                resolved(folder, &path).filter(|called| loaded.modules.contains_key(called));
            if let Some(called) = called {
                found.push((PathBuf::from(folder), PathBuf::from(called)));
            }
        }
    }
    found
}

fn sources(module: &Rc<ModuleSource>) -> impl Iterator<Item = String> {
    module.modules.values().filter_map(|declared| {
        match &declared.block.body.attribute("source")?.kind {
            Kind::Text(path) if path.starts_with('.') => Some(path.to_string()),
            _ => None,
        }
    })
}

/// Hands on what a root module declares.
pub(crate) fn deliver(context: &mut FileContext<'_>, found: read::Found, faulty: &[String]) {
    let broken = found
        .diagnostics
        .iter()
        .any(|said| said.level == DiagnosticLevel::Error)
        || found.files.iter().any(|file| faulty.contains(file));
    for said in found.diagnostics {
        context.send_diagnostic(cleaned(said));
    }
    let reason = if broken {
        "parts of the source could not be read or evaluated".to_owned()
    } else {
        found.partial
    };
    let status = if reason.is_empty() {
        CoverageStatus::Complete
    } else {
        CoverageStatus::Partial
    };
    for file in found.files {
        let count = found
            .resources
            .iter()
            .filter(|resource| resource.source.file == file)
            .count();
        let row = Coverage {
            scope: file.clone(),
            what: "*".to_owned(),
            status,
            reason: reason.clone(),
            source: file,
            count: count as u64,
        };
        context.cover(Basis::Listed, row);
    }
    for resource in found.resources {
        if read::send(context, resource).is_break() {
            return;
        }
    }
}

/// No secret and no endless text in a message.
pub(crate) fn cleaned(mut said: stance_model::Diagnostic) -> stance_model::Diagnostic {
    let text = stance_base::redact::redact_text(&said.message).into_owned();
    said.message = match text.char_indices().nth(500) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    };
    said
}
