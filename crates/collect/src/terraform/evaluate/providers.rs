//! What the providers of the root say about where resources land.

use std::rc::Rc;

use super::Evaluator;
use crate::arm_template::Target;
use crate::terraform::instance::Scope;
use crate::terraform::syntax::{Body, Kind, Step};
use crate::terraform::value::Value;

/// Where resources of a provider land, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(in crate::terraform) struct Surroundings {
    pub(in crate::terraform) subscription: Option<String>,
    pub(in crate::terraform) resource_group: Option<String>,
    pub(in crate::terraform) tenant: Option<String>,
    pub(in crate::terraform) region: Option<String>,
    pub(in crate::terraform) account: Option<String>,
    pub(in crate::terraform) project: Option<String>,
}

impl Surroundings {
    pub(in crate::terraform) fn of_target(target: &Target) -> Self {
        Self {
            subscription: target.subscription_id.clone(),
            resource_group: target.resource_group.clone(),
            tenant: target.tenant_id.clone(),
            ..Self::default()
        }
    }
}

impl Evaluator<'_> {
    /// The surroundings of a resource: its provider's, by type and `provider` argument.
    pub(super) fn surroundings(&self, kind: &str, body: &Body) -> Rc<Surroundings> {
        let (provider, alias) = match body.attribute("provider").map(|it| &it.kind) {
            Some(Kind::Variable(name)) => (name.to_string(), None),
            Some(Kind::Traversal(root, steps)) => match (&root.kind, steps.first()) {
                (Kind::Variable(name), Some(Step::Attribute(alias))) => {
                    (name.to_string(), Some(alias.to_string()))
                }
                _ => (provider_of(kind).to_owned(), None),
            },
            _ => (provider_of(kind).to_owned(), None),
        };
        let key = format!("{provider}.{}", alias.as_deref().unwrap_or_default());
        if let Some(known) = self.surroundings.borrow().get(&key) {
            return Rc::clone(known);
        }
        // A provider that depends on a resource is asked for again; that time without it.
        let blank = Rc::new(Surroundings::of_target(self.target));
        self.surroundings
            .borrow_mut()
            .insert(key.clone(), Rc::clone(&blank));
        let found = Rc::new(self.of_provider(&provider, alias.as_deref(), &blank));
        self.surroundings
            .borrow_mut()
            .insert(key, Rc::clone(&found));
        found
    }

    fn of_provider(&self, name: &str, alias: Option<&str>, base: &Surroundings) -> Surroundings {
        let mut found = base.clone();
        let root = self.root.borrow().clone();
        let Some(root) = root else {
            return found;
        };
        for declared in &root.source.providers {
            let body = &declared.block.body;
            let same = declared
                .block
                .labels
                .first()
                .is_some_and(|label| &**label == name);
            let own = match body.attribute("alias").map(|it| &it.kind) {
                Some(Kind::Text(text)) => Some(&**text),
                _ => None,
            };
            if !same || own != alias {
                continue;
            }
            let scope = Scope::of(&root, &declared.file);
            let known = |attribute: &str| match self.value(body.attribute(attribute)?, &scope) {
                Ok(Value::Text(text)) => Some(text.to_string()),
                _ => None,
            };
            found.subscription = known("subscription_id").or(found.subscription);
            found.region = known("region").or(found.region);
            found.project = known("project").or(found.project);
            found.tenant = known("tenant_id").or(found.tenant);
        }
        found
    }
}

/// `azurerm` of `azurerm_cognitive_account`.
fn provider_of(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}
