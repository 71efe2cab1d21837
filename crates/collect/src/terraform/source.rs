//! One folder of Terraform source: its files as one module, not yet evaluated.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use stance_model::Diagnostic;

use super::files::{self, ModuleFiles};
use super::syntax::{self, Attribute, Block, Body, SyntaxFault};
use crate::codes::{self, DiagnosticCode};
use crate::json;
use crate::stream::Place;

/// A block with the file it stands in.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) file: Rc<str>,
    pub(super) block: Block,
}

/// What a module declares.
#[derive(Debug, Default)]
pub(super) struct ModuleSource {
    /// The folder, `/` separated, from the input's root.
    pub(super) folder: String,
    pub(super) files: Vec<Rc<str>>,
    pub(super) variables: HashMap<Rc<str>, Rc<Declared>>,
    /// Name to the block and the attribute's number in it.
    pub(super) locals: HashMap<Rc<str>, (Rc<Declared>, usize)>,
    /// In order of file and line: (type, name).
    pub(super) resources: IndexMap<(Rc<str>, Rc<str>), Rc<Declared>>,
    pub(super) data: IndexMap<(Rc<str>, Rc<str>), Rc<Declared>>,
    pub(super) modules: IndexMap<Rc<str>, Rc<Declared>>,
    pub(super) outputs: HashMap<Rc<str>, Rc<Declared>>,
    pub(super) providers: Vec<Rc<Declared>>,
}

/// Reads every file of a folder. What cannot be read is a diagnostic.
pub(super) fn load(
    folder: &str,
    files: &dyn ModuleFiles,
    only: Option<&str>,
    said: &mut Vec<Diagnostic>,
) -> ModuleSource {
    let mut module = ModuleSource {
        folder: folder.to_owned(),
        ..ModuleSource::default()
    };
    let names = files.list(folder);
    let source = |name: &&String| is_source(name) && only.is_none_or(|only| only == name.as_str());
    // Files named so, or ending so, change what others declare; they are read last.
    let (overrides, plain): (Vec<_>, Vec<_>) = names
        .iter()
        .filter(source)
        .partition(|name| is_override(name));
    for name in plain {
        if let Some((file, body)) = read(folder, name, files, said) {
            module.files.push(Rc::clone(&file));
            body.blocks
                .into_iter()
                .for_each(|block| module.declare(&file, block, false));
        }
    }
    for name in overrides {
        if let Some((file, body)) = read(folder, name, files, said) {
            module.files.push(Rc::clone(&file));
            body.blocks
                .into_iter()
                .for_each(|block| module.declare(&file, block, true));
        }
    }
    module
}

/// A value of a tfvars file, and the file.
pub(super) type Given = (Rc<str>, Attribute);

/// The tfvars files that Terraform reads by itself, and those that the user names, weakest first.
/// Source: developer.hashicorp.com/terraform/language/values/variables, "Variable Definition Precedence".
pub(super) fn load_variables(
    folder: &str,
    files: &dyn ModuleFiles,
    said: &mut Vec<Diagnostic>,
) -> Vec<Given> {
    let names = files.list(folder);
    let first = names
        .iter()
        .filter(|name| ["terraform.tfvars", "terraform.tfvars.json"].contains(&name.as_str()));
    let automatic = names
        .iter()
        .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    let mut given = Vec::new();
    for name in first.chain(automatic) {
        if let Some((file, body)) = read(folder, name, files, said) {
            let attributes = body.attributes.into_iter();
            given.extend(attributes.map(|attribute| (Rc::clone(&file), attribute)));
        }
    }
    for (file, text) in files.named_variables() {
        let file: Rc<str> = file.into();
        let attributes = parse(&file, &text, said).attributes.into_iter();
        given.extend(attributes.map(|attribute| (Rc::clone(&file), attribute)));
    }
    given
}

/// Source of a module.
pub(super) fn is_source(name: &str) -> bool {
    !name.starts_with('.') && (ends(name, ".tf") || ends(name, ".tf.json"))
}

/// Values of variables.
pub(super) fn is_variables(name: &str) -> bool {
    ends(name, ".tfvars") || ends(name, ".tfvars.json")
}

fn ends(name: &str, ending: &str) -> bool {
    name.len() > ending.len() && name.ends_with(ending)
}

fn is_override(name: &str) -> bool {
    let stem = name
        .strip_suffix(".json")
        .unwrap_or(name)
        .trim_end_matches(".tf");
    stem == "override" || stem.ends_with("_override")
}

fn read(
    folder: &str,
    name: &str,
    files: &dyn ModuleFiles,
    said: &mut Vec<Diagnostic>,
) -> Option<(Rc<str>, Body)> {
    let path = files::joined(folder, name);
    let file: Rc<str> = files.shown(&path).into();
    match files.read(&path) {
        Ok(text) => {
            let body = parse(&file, &text, said);
            Some((file, body))
        }
        Err(problem) => {
            let message = format!("the file cannot be read: {problem}");
            said.push(diagnostic(codes::CANNOT_READ, &file, Place::NONE, message));
            None
        }
    }
}

fn parse(file: &Rc<str>, text: &str, said: &mut Vec<Diagnostic>) -> Body {
    let (body, faults) = if file.ends_with(".json") {
        let parsed = json::parse(file, text, &json::Limits::default());
        said.extend(parsed.diagnostics);
        match parsed.document {
            Some(document) if file.ends_with(".tfvars.json") => variables_json(&document.root),
            Some(document) => syntax::parse_json(&document.root),
            None => Default::default(),
        }
    } else {
        syntax::parse(text)
    };
    for fault in faults {
        let code = if fault.limit {
            codes::TERRAFORM_LIMIT
        } else {
            codes::TERRAFORM_SYNTAX
        };
        said.push(diagnostic(code, file, fault.place, fault.message));
    }
    body
}

fn variables_json(root: &json::Node) -> (Body, Vec<SyntaxFault>) {
    let mut body = Body::default();
    let mut faults = Vec::new();
    for member in root.members().unwrap_or_default() {
        let place = Place {
            line: member.line,
            column: member.column,
        };
        match syntax::plain_json(&member.value) {
            Ok(value) => body.attributes.push(Attribute {
                name: member.key.as_str().into(),
                place,
                value,
            }),
            Err(fault) => faults.push(fault),
        }
    }
    (body, faults)
}

/// A message of the reader.
pub(super) fn diagnostic(
    code: DiagnosticCode,
    file: &str,
    place: Place,
    message: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        level: code.level,
        file: file.to_owned(),
        line: place.line,
        column: place.column,
        code: code.code.to_owned(),
        message: message.into(),
        help: code.help.to_owned(),
    }
}

impl ModuleSource {
    fn declare(&mut self, file: &Rc<str>, block: Block, overriding: bool) {
        let first = block.labels.first().cloned();
        let second = block.labels.get(1).cloned();
        let name = Rc::clone(&block.name);
        let declared = Declared {
            file: Rc::clone(file),
            block,
        };
        match (&*name, first, second) {
            ("resource", Some(kind), Some(name)) => {
                put(&mut self.resources, (kind, name), declared, overriding);
            }
            ("data", Some(kind), Some(name)) => {
                put(&mut self.data, (kind, name), declared, overriding);
            }
            ("module", Some(name), _) => put(&mut self.modules, name, declared, overriding),
            ("variable", Some(name), _) => {
                self.variables.insert(name, Rc::new(declared));
            }
            ("output", Some(name), _) => {
                self.outputs.insert(name, Rc::new(declared));
            }
            ("provider", ..) => self.providers.push(Rc::new(declared)),
            ("locals", ..) => {
                let declared = Rc::new(declared);
                for (number, attribute) in declared.block.body.attributes.iter().enumerate() {
                    let place = (Rc::clone(&declared), number);
                    self.locals.insert(Rc::clone(&attribute.name), place);
                }
            }
            _ => {}
        }
    }
}

/// An override replaces attributes and blocks of the same name in what it overrides.
/// Source: developer.hashicorp.com/terraform/language/files/override.
fn put<K: std::hash::Hash + Eq>(
    into: &mut IndexMap<K, Rc<Declared>>,
    key: K,
    mut declared: Declared,
    overriding: bool,
) {
    let Some(base) = into.get_mut(&key) else {
        into.insert(key, Rc::new(declared));
        return;
    };
    let (true, Some(base)) = (overriding, Rc::get_mut(base)) else {
        into.insert(key, Rc::new(declared));
        return;
    };
    let new = &mut declared.block.body;
    let old = &mut base.block.body;
    old.attributes
        .retain(|kept| new.attribute(&kept.name).is_none());
    old.blocks
        .retain(|kept| !new.blocks.iter().any(|block| block.name == kept.name));
    old.attributes.append(&mut new.attributes);
    old.blocks.append(&mut new.blocks);
}
