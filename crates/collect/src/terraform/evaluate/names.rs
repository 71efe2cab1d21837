//! What names stand for: variables, locals, outputs, resources; each evaluated once, when it is asked for.

use std::rc::Rc;

use serde_json::{Value as Json, json};
use stance_base::redact;

use super::Evaluator;
use super::types::typed;
use crate::terraform::fault::Fault;
use crate::terraform::instance::{Input, Instance, Memo, ModuleInstance, Scope};
use crate::terraform::mapping;
use crate::terraform::syntax::{Block, Expression, Kind, Step};
use crate::terraform::value::Value;

type Found = Result<Value, Fault>;

impl Evaluator<'_> {
    /// The value that the first steps of a traversal name, and the steps that are left.
    pub(super) fn root<'s>(
        &self,
        root: &Expression,
        steps: &'s [Step],
        scope: &Scope,
    ) -> Result<(Value, &'s [Step]), Fault> {
        let Kind::Variable(name) = &root.kind else {
            return Ok((self.value(root, scope)?, steps));
        };
        if let Some(value) = scope.bound(name) {
            return Ok((value.clone(), steps));
        }
        let part = |at: usize| match steps.get(at) {
            Some(Step::Attribute(part)) => Ok(part),
            _ => Err(Fault::wrong(format!("expected a name behind `{name}.`"))),
        };
        let module = &scope.module;
        Ok(match &**name {
            "var" => (self.variable(module, part(0)?)?, &steps[1..]),
            "local" => (self.local(module, part(0)?)?, &steps[1..]),
            "module" => (self.module(module, part(0)?)?, &steps[1..]),
            "path" => (self.path(module, part(0)?)?, &steps[1..]),
            "data" => (
                self.resource(module, part(0)?, part(1)?, true)?,
                &steps[2..],
            ),
            "self" | "terraform" | "ephemeral" => {
                let text = format!("{name}.{}", part(0)?);
                (Value::unknown(&text), &steps[1..])
            }
            kind => (self.resource(module, kind, part(0)?, false)?, &steps[1..]),
        })
    }

    /// Evaluates what a name stands for, once. A name that needs itself is a fault.
    pub(super) fn once(
        &self,
        module: &ModuleInstance,
        name: &str,
        make: impl FnOnce() -> Found,
    ) -> Found {
        match module.memo.borrow().get(name) {
            Some(Memo::Done(found)) => return found.clone(),
            Some(Memo::Busy) => {
                return Err(Fault::wrong(format!("`{name}` depends on itself")));
            }
            None => {}
        }
        let put = |memo| module.memo.borrow_mut().insert(name.to_owned(), memo);
        put(Memo::Busy);
        let found = self.deeper(make);
        put(Memo::Done(found.clone()));
        found
    }

    fn path(&self, module: &ModuleInstance, name: &str) -> Found {
        let root = self.root_folder();
        let folder = &module.source.folder;
        match name {
            "module" => {
                let below = if root.is_empty() {
                    Some(folder.as_str())
                } else {
                    folder
                        .strip_prefix(&root)
                        .map(|rest| rest.trim_start_matches('/'))
                };
                match below {
                    Some("") => Value::text("."),
                    Some(below) => Value::text(below),
                    None => {
                        let up = root.split('/').filter(|part| !part.is_empty()).count();
                        Value::text(format!("{}{folder}", "../".repeat(up)))
                    }
                }
            }
            _ => Value::text("."),
        }
    }

    pub(super) fn root_folder(&self) -> String {
        self.root
            .borrow()
            .as_ref()
            .map(|root| root.source.folder.clone())
            .unwrap_or_default()
    }

    fn local(&self, module: &Rc<ModuleInstance>, name: &Rc<str>) -> Found {
        let Some((declared, number)) = module.source.locals.get(name) else {
            return Err(Fault::wrong(format!("there is no local `{name}`")));
        };
        self.once(module, &format!("local.{name}"), || {
            let scope = Scope::of(module, &declared.file);
            match declared.block.body.attributes.get(*number) {
                Some(attribute) => {
                    let value = self.value(&attribute.value, &scope)?;
                    self.without_secrets(name, value)
                }
                None => Ok(Value::Null),
            }
        })
    }

    pub(super) fn variable(&self, module: &Rc<ModuleInstance>, name: &Rc<str>) -> Found {
        let Some(declared) = module.source.variables.get(name) else {
            return Err(Fault::wrong(format!("there is no variable `{name}`")));
        };
        self.once(module, &format!("var.{name}"), || {
            let body = &declared.block.body;
            let scope = Scope::of(module, &declared.file);
            let given = match module.inputs.get(name) {
                Some(Input::Value(value)) => Some(value.clone()),
                Some(Input::Expression { scope, block, name }) => {
                    match block.block.body.attribute(name) {
                        Some(value) => Some(self.value(value, scope)?),
                        None => None,
                    }
                }
                None => None,
            };
            let default = body.attribute("default");
            let nullable = flag(&declared.block, "nullable") != Some(false);
            let given = given.filter(|value| nullable || !matches!(value, Value::Null));
            let value = match (given, default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default, &scope)?,
                (None, None) => return Ok(Value::unknown(&format!("var.{name}"))),
            };
            let secret = flag(&declared.block, "sensitive") == Some(true)
                || flag(&declared.block, "ephemeral") == Some(true);
            if secret && !matches!(value, Value::Null) {
                return Ok(Value::Secret);
            }
            let value = match body.attribute("type") {
                Some(kind) => typed(value, kind, self, &scope)?,
                None => value,
            };
            self.without_secrets(name, value)
        })
    }

    /// An output of a module that was called.
    pub(super) fn output(
        &self,
        module: &Rc<ModuleInstance>,
        name: &Rc<str>,
        expression: &Expression,
    ) -> Found {
        let Some(declared) = module.source.outputs.get(name) else {
            return Err(Fault::wrong(format!("the module has no output `{name}`")));
        };
        let found = self.once(module, &format!("output.{name}"), || {
            if flag(&declared.block, "sensitive") == Some(true) {
                return Ok(Value::Secret);
            }
            let scope = Scope::of(module, &declared.file);
            match declared.block.body.attribute("value") {
                Some(value) => self.value(value, &scope),
                None => Ok(Value::Null),
            }
        });
        match found {
            // The fault is told where it stands; what depends on it is unknown.
            Err(fault) if !fault.is_limit() => {
                self.fault(&fault);
                Ok(Value::unknown(&expression.text))
            }
            found => found,
        }
    }

    /// Takes out what a name or the text itself says is secret, before it gets another name.
    pub(super) fn without_secrets(&self, name: &str, value: Value) -> Found {
        if !matches!(value, Value::Text(_) | Value::List(_) | Value::Map(_)) {
            return Ok(value);
        }
        self.charge(value.weight())?;
        let before = json!({ name: value.to_json("", &mut Vec::new()) });
        let mut after = before.clone();
        if redact::redact(&mut after) == 0 {
            return Ok(value);
        }
        let null = Json::Null;
        let part = |whole: &Json| whole.get(name).unwrap_or(&null).clone();
        tainted(&value, &part(&before), &part(&after))
    }

    /// Attributes that follow from what is declared, where a provider computes them so.
    pub(super) fn computed(&self, instance: &Instance, name: &str) -> Option<Value> {
        match (&*instance.kind, name) {
            ("aws_iam_policy_document", "json" | "minified_json") => {
                Some(super::super::policy_document::json(instance))
            }
            ("azurerm_subscription" | "azurerm_client_config", "subscription_id")
                if instance.data =>
            {
                let known = self.target.subscription_id.as_deref()?;
                Value::text(known).ok()
            }
            ("azurerm_client_config", "tenant_id") if instance.data => {
                Value::text(self.target.tenant_id.as_deref()?).ok()
            }
            ("google_service_account", "email" | "member") => {
                let member = if name == "member" {
                    "serviceAccount:"
                } else {
                    ""
                };
                let (_, email) = instance.id.rsplit_once('/')?;
                let known = !email.contains('{') && !email.starts_with('@');
                known
                    .then(|| Value::text(format!("{member}{email}")).ok())
                    .flatten()
            }
            (kind, name) => {
                let other = mapping::alias(kind, name)?;
                if let Value::Map(map) = &instance.attributes
                    && let Some(found) = map.members.get(other)
                {
                    return Some(found.clone());
                }
                // Its id holds the address in place of the name, and so do those of its parts.
                let expression = format!("{}.{name}", instance.address);
                Some(Value::unknown_text(&expression, &instance.address))
            }
        }
    }
}

/// A flag that is written out.
pub(super) fn flag(block: &Block, name: &str) -> Option<bool> {
    match block.body.attribute(name)?.kind {
        Kind::Bool(flag) => Some(flag),
        _ => None,
    }
}

/// What redaction changed is secret; the rest stays as it is.
fn tainted(value: &Value, before: &Json, after: &Json) -> Found {
    if before == after {
        return Ok(value.clone());
    }
    match (value, before, after) {
        (Value::List(list), Json::Array(before), Json::Array(after))
            if before.len() == after.len() =>
        {
            let parts = list.items.iter().zip(before.iter().zip(after));
            let made = parts.map(|(value, (before, after))| tainted(value, before, after));
            Value::list(made.collect::<Result<_, _>>()?)
        }
        (Value::Map(map), Json::Object(before), Json::Object(after)) => {
            let null = Json::Null;
            let made = map.members.iter().map(|(key, value)| {
                let before = before.get(&**key).unwrap_or(&null);
                let after = after.get(&**key).unwrap_or(&null);
                Ok((Rc::clone(key), tainted(value, before, after)?))
            });
            Value::map(made.collect::<Result<_, Fault>>()?)
        }
        // What is unknown is shown as its expression, which is cleaned on its way out.
        (Value::Unknown(_), ..) => Ok(value.clone()),
        _ => Ok(Value::Secret),
    }
}
