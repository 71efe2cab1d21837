//! `resourceGroup()`, `subscription()`, `deployment()` and the `resourceId` family.

use super::context::Context;
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::functions;
use super::scope::{Scope, ScopeKind, provider_id};
use super::symbolic_text::SymbolicText;
use super::value::Value;
use crate::json::Node;

impl Evaluator<'_> {
    fn scope(&self, context: &Context) -> &Scope {
        &self.environment(context.environment).scope
    }

    fn tenant_id(&self) -> Value {
        match &self.options.target.tenant_id {
            Some(tenant) => Value::word(tenant),
            None => Value::unknown("tenant().tenantId"),
        }
    }

    pub(super) fn resource_group_object(&mut self, context: &Context) -> Result<Value, Fault> {
        let scope = self.scope(context).clone();
        let id = scope.resource_group_id();
        let declared = self.declared_location(&id);
        let location = declared.or_else(|| {
            let target = Scope::of_target(ScopeKind::ResourceGroup, self.options.target);
            let given = self.options.target.location.as_deref()?;
            (target.resource_group_id() == id).then(|| Value::word(given))
        });
        let location = location.unwrap_or_else(|| {
            let source = match scope.resource_group.known() {
                Some(name) => format!("resourceGroup('{name}').location"),
                None => "resourceGroup().location".to_owned(),
            };
            Value::unknown(&source)
        });
        let known = Value::record([
            ("id", Value::symbolic(id)),
            ("name", Value::symbolic(scope.resource_group)),
            ("type", Value::word("Microsoft.Resources/resourceGroups")),
            ("location", location),
        ])?;
        Ok(Value::partly_known("resourceGroup()", known))
    }

    pub(super) fn subscription_object(&mut self, context: &Context) -> Result<Value, Fault> {
        let scope = self.scope(context);
        let (id, subscription) = (scope.subscription_id(), scope.subscription.clone());
        let known = Value::record([
            ("id", Value::symbolic(id)),
            ("subscriptionId", Value::symbolic(subscription)),
            ("tenantId", self.tenant_id()),
        ])?;
        Ok(Value::partly_known("subscription()", known))
    }

    pub(super) fn management_group_object(&mut self, context: &Context) -> Result<Value, Fault> {
        let scope = self.scope(context);
        let (id, name) = (scope.management_group_id(), scope.management_group.clone());
        let known = Value::record([
            ("id", Value::symbolic(id)),
            ("name", Value::symbolic(name)),
            (
                "type",
                Value::word("/providers/Microsoft.Management/managementGroups"),
            ),
        ])?;
        Ok(Value::partly_known("managementGroup()", known))
    }

    pub(super) fn tenant_object(&mut self) -> Result<Value, Fault> {
        let known = Value::record([("id", Value::word("/")), ("tenantId", self.tenant_id())])?;
        Ok(Value::partly_known("tenant()", known))
    }

    pub(super) fn deployer_object(&mut self) -> Result<Value, Fault> {
        let known = Value::record([("tenantId", self.tenant_id())])?;
        Ok(Value::partly_known("deployer()", known))
    }

    pub(super) fn deployment_object(&mut self, context: &Context) -> Result<Value, Fault> {
        let environment = self.environment(context.environment);
        let text = |key: &str| {
            environment
                .template
                .get(key)
                .and_then(Node::text)
                .map_or(Value::Null, Value::word)
        };
        let template = Value::partly_known(
            "deployment().properties.template",
            Value::record([
                ("$schema", text("$schema")),
                ("contentVersion", text("contentVersion")),
            ])?,
        );
        let properties = Value::partly_known(
            "deployment().properties",
            Value::record([("template", template)])?,
        );
        let location = match &self.options.target.location {
            Some(location) => Value::word(location),
            None => Value::unknown("deployment().location"),
        };
        let known = Value::record([
            ("name", Value::symbolic(environment.deployment_name.clone())),
            ("location", location),
            ("properties", properties),
        ])?;
        Ok(Value::partly_known("deployment()", known))
    }

    pub(super) fn resource_id(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let parts = match IdParts::of("resourceId", values)? {
            Ok(parts) => parts,
            Err(unknown) => return Ok(unknown),
        };
        let mut scope = self.scope(context).clone();
        match (parts.before.as_slice(), scope.kind) {
            ([], _) => {}
            (
                [subscription],
                ScopeKind::Subscription | ScopeKind::ManagementGroup | ScopeKind::Tenant,
            ) => {
                scope.kind = ScopeKind::Subscription;
                scope.subscription = subscription.clone();
            }
            ([group], _) => scope.resource_group = group.clone(),
            ([subscription, group, ..], _) => {
                scope.kind = ScopeKind::ResourceGroup;
                scope.subscription = subscription.clone();
                scope.resource_group = group.clone();
            }
        }
        Ok(parts.under(&scope.id()))
    }

    pub(super) fn subscription_resource_id(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let parts = match IdParts::of("subscriptionResourceId", values)? {
            Ok(parts) => parts,
            Err(unknown) => return Ok(unknown),
        };
        let mut scope = self.scope(context).clone();
        if let Some(subscription) = parts.before.first() {
            scope.subscription = subscription.clone();
        }
        Ok(parts.under(&scope.subscription_id()))
    }

    pub(super) fn tenant_resource_id(values: &[Value]) -> Result<Value, Fault> {
        Ok(match IdParts::of("tenantResourceId", values)? {
            Ok(parts) => parts.under(&SymbolicText::default()),
            Err(unknown) => unknown,
        })
    }

    pub(super) fn management_group_resource_id(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let parts = match IdParts::of("managementGroupResourceId", values)? {
            Ok(parts) => parts,
            Err(unknown) => return Ok(unknown),
        };
        let mut scope = self.scope(context).clone();
        if let Some(group) = parts.before.first() {
            scope.management_group = group.clone();
        }
        Ok(parts.under(&scope.management_group_id()))
    }

    pub(super) fn extension_resource_id(values: &[Value]) -> Result<Value, Fault> {
        let Some((base, rest)) = values.split_first() else {
            return Err(functions::wrong_count(
                "extensionResourceId",
                3,
                usize::MAX,
                0,
            ));
        };
        let base = base.to_symbolic().ok_or_else(|| {
            Fault::argument("`extensionResourceId` takes the id of the resource it extends")
        })?;
        let base = match base.known() {
            Some(known) => SymbolicText::literal(known.trim_end_matches('/')),
            None => base,
        };
        Ok(match IdParts::of("extensionResourceId", rest)? {
            Ok(parts) => parts.under(&base),
            Err(unknown) => unknown,
        })
    }
}

/// Arguments of the family: what stands before the type, the type, one name for each of its levels.
struct IdParts {
    before: Vec<SymbolicText>,
    resource_type: String,
    names: Vec<SymbolicText>,
}

impl IdParts {
    /// The inner error is the unknown outcome of a call whose type is not known.
    fn of(function: &str, values: &[Value]) -> Result<Result<Self, Value>, Fault> {
        let texts = values
            .iter()
            .map(|value| match value {
                Value::Text(_) | Value::Unknown(_) | Value::Int(_) | Value::Secret(_) => {
                    value.to_symbolic()
                }
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| Fault::argument(format!("`{function}` takes texts")))?;
        let is_type = |text: &SymbolicText| text.known().is_some_and(|known| known.contains('/'));
        let Some(at) = texts.iter().position(is_type) else {
            let all_known = texts.iter().all(|text| text.known().is_some());
            return if all_known {
                Err(Fault::argument(format!(
                    "`{function}` takes a resource type such as `Microsoft.Storage/storageAccounts`"
                )))
            } else {
                Ok(Err(functions::unknown_call(function, values)))
            };
        };
        let resource_type = texts[at]
            .known()
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let names: Vec<_> = texts[at + 1..]
            .iter()
            .flat_map(|name| name.split(&["/"]))
            .collect();
        let levels = resource_type.split('/').count() - 1;
        if names.len() != levels {
            return Err(Fault::argument(format!(
                "`{function}` takes {levels} names for the type `{resource_type}`, not {}",
                names.len()
            )));
        }
        Ok(Ok(Self {
            before: texts[..at].to_vec(),
            resource_type,
            names,
        }))
    }

    fn under(&self, base: &SymbolicText) -> Value {
        Value::symbolic(provider_id(base, &self.resource_type, &self.names))
    }
}
