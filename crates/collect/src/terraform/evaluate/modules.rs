//! Modules that a module calls.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::Evaluator;
use super::expand::Key;
use crate::codes;
use crate::terraform::fault::Fault;
use crate::terraform::files;
use crate::terraform::instance::{Input, ModuleInstance, Scope};
use crate::terraform::source::{self, Declared, Given, ModuleSource};
use crate::terraform::syntax::Kind;
use crate::terraform::value::Value;

/// Arguments of a call that are no variables.
const META: &[&str] = &[
    "source",
    "version",
    "count",
    "for_each",
    "providers",
    "depends_on",
];

impl Evaluator<'_> {
    /// The root with the values of its tfvars files.
    pub(super) fn root_module(
        &self,
        source: Rc<ModuleSource>,
        given: &[Given],
    ) -> Rc<ModuleInstance> {
        let mut inputs = HashMap::new();
        let bare = Rc::new(ModuleInstance {
            address: "".into(),
            source: Rc::new(ModuleSource::default()),
            inputs: HashMap::new(),
            memo: RefCell::default(),
            doubt: None,
            depth: 0,
        });
        for (file, attribute) in given {
            if !source.variables.contains_key(&attribute.name) {
                let message = format!("no variable `{}` is declared", attribute.name);
                let code = codes::TERRAFORM_VARIABLES;
                self.say(code, file, attribute.place, &message);
                continue;
            }
            match self.value(&attribute.value, &Scope::of(&bare, file)) {
                Ok(value) => {
                    inputs.insert(Rc::clone(&attribute.name), Input::Value(value));
                }
                Err(fault) => self.fault(&fault),
            }
        }
        Rc::new(ModuleInstance {
            address: "".into(),
            source,
            inputs,
            memo: RefCell::default(),
            doubt: None,
            depth: 0,
        })
    }

    /// What `module.NAME` stands for.
    pub(super) fn module(
        &self,
        module: &Rc<ModuleInstance>,
        name: &Rc<str>,
    ) -> Result<Value, Fault> {
        let Some(declared) = module.source.modules.get(name) else {
            return Err(Fault::wrong(format!("there is no module `{name}`")));
        };
        let found = self.once(module, &format!("module.{name}"), || {
            let unread = Value::unknown(&format!("module.{name}"));
            let Some(source) = self.source_of(module, declared)? else {
                self.unread_modules.set(self.unread_modules.get() + 1);
                return Ok(unread);
            };
            let scope = Scope::of(module, &declared.file);
            let prefix = if module.address.is_empty() {
                format!("module.{name}")
            } else {
                format!("{}.module.{name}", module.address)
            };
            self.expand(&declared.block, &scope, |key: &Key, scope: Scope| {
                let count = self.modules.get() + 1;
                self.modules.set(count);
                if count > self.limits.modules {
                    let limit = self.limits.modules;
                    return Err(Fault::limit(format!("more than {limit} modules")));
                }
                let inputs = self.inputs(declared, &source, &scope);
                Ok(Value::Module(Rc::new(ModuleInstance {
                    address: format!("{prefix}{}", key.suffix()).into(),
                    source: Rc::clone(&source),
                    inputs,
                    memo: RefCell::default(),
                    doubt: key.doubt().or_else(|| module.doubt.clone()),
                    depth: module.depth + 1,
                })))
            })
        });
        found.map_err(|fault| fault.at(&declared.file, declared.block.place))
    }

    fn inputs(
        &self,
        declared: &Rc<Declared>,
        source: &ModuleSource,
        scope: &Scope,
    ) -> HashMap<Rc<str>, Input> {
        let mut inputs = HashMap::new();
        for attribute in &declared.block.body.attributes {
            let name = &attribute.name;
            if META.contains(&&**name) {
                continue;
            }
            if !source.variables.contains_key(name) {
                let message = format!("the module declares no variable `{name}`");
                let code = codes::TERRAFORM_VARIABLES;
                self.say(code, &declared.file, attribute.place, &message);
                continue;
            }
            inputs.insert(
                Rc::clone(name),
                Input::Expression {
                    scope: scope.clone(),
                    block: Rc::clone(declared),
                    name: Rc::clone(name),
                },
            );
        }
        inputs
    }

    /// The module's files; `None` where they are not part of the input, which is told.
    fn source_of(
        &self,
        module: &ModuleInstance,
        declared: &Declared,
    ) -> Result<Option<Rc<ModuleSource>>, Fault> {
        let place = declared.block.place;
        let say = |code, message: &str| self.say(code, &declared.file, place, message);
        let source = declared.block.body.attribute("source").map(|it| &it.kind);
        let Some(Kind::Text(path)) = source else {
            return Err(Fault::wrong(
                "a module needs a `source` that is a plain text",
            ));
        };
        if !path.starts_with("./") && !path.starts_with("../") && &**path != "." && &**path != ".."
        {
            say(
                codes::TERRAFORM_MODULE,
                &format!("the module `{path}` is not part of the input"),
            );
            return Ok(None);
        }
        let Some(folder) = files::resolved(&module.source.folder, path) else {
            say(
                codes::TERRAFORM_LEAVES_INPUT,
                &format!("the module `{path}` lies outside the input"),
            );
            return Ok(None);
        };
        if module.depth + 1 > self.limits.modules_deep {
            return Err(Fault::limit(format!(
                "modules nested deeper than {}",
                self.limits.modules_deep
            )));
        }
        self.called.borrow_mut().insert(folder.clone());
        if let Some(known) = self.sources.borrow().get(&folder) {
            return Ok(Some(Rc::clone(known)));
        }
        let mut said = Vec::new();
        let source = Rc::new(source::load(&folder, self.files, None, &mut said));
        self.diagnostics.borrow_mut().extend(said);
        if source.files.is_empty() {
            say(
                codes::TERRAFORM_MODULE,
                &format!("the folder `{path}` holds no module"),
            );
            return Ok(None);
        }
        let mut known = self.sources.borrow_mut();
        known.insert(folder, Rc::clone(&source));
        Ok(Some(source))
    }
}
