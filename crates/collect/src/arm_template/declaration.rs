//! What one declaration says of itself: type, name, condition, scope.

use super::call::truth;
use super::context::{Context, DeploymentId};
use super::deployment::{Declaration, Presence};
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::scope::joined;
use super::symbolic_text::{Hole, SymbolicText};
use super::value::Value;
use crate::json::Node;

impl<'a> Evaluator<'a> {
    /// The literal type; without one the resource is left out.
    pub(super) fn resource_type(&mut self, context: &Context, node: &'a Node) -> Option<String> {
        let value = node.get("type").map(|written| self.value(context, written));
        if let Some(Value::Text(text)) = &value {
            // Bicep writes `type@version` in some outputs.
            let plain = text.split('@').next().unwrap_or_default();
            if !plain.is_empty() {
                return Some(plain.to_owned());
            }
        }
        let fault = Fault::new(
            "ARM0011",
            "a resource has no type that is known before deployment, and is left out",
            "Give the resource a literal `type`.",
        );
        self.report(context, node.into(), &fault);
        None
    }

    /// The name; where there is none, a hole.
    pub(super) fn resource_name(&mut self, context: &Context, node: &'a Node) -> SymbolicText {
        let written = node.get("name");
        let value = written.map(|written| self.value(context, written));
        match value.as_ref().and_then(Value::to_symbolic) {
            Some(text) if text.len() > 0 => text,
            _ => {
                let fault = Fault::new(
                    "ARM0011",
                    "a resource has no name",
                    "Give the resource a `name`.",
                );
                self.report(context, written.unwrap_or(node).into(), &fault);
                SymbolicText::hole(Hole::of_call("unnamed"))
            }
        }
    }

    /// What the condition says.
    pub(super) fn presence(&mut self, context: &Context, node: &'a Node) -> Presence {
        let Some(condition) = node.get("condition") else {
            return Presence::Present;
        };
        let value = self.value(context, condition);
        let written = condition.text().unwrap_or_default().to_owned();
        match truth(&value) {
            Some(true) => Presence::Present,
            Some(false) => Presence::Absent,
            None => {
                if !matches!(value, Value::Unknown(_) | Value::Secret(_)) {
                    let fault = Fault::new(
                        "ARM0011",
                        format!(
                            "the condition of a resource is of type {}, not bool",
                            value.type_name()
                        ),
                        "Give a condition that is true or false.",
                    );
                    self.report(context, condition.into(), &fault);
                }
                Presence::Unknown(written)
            }
        }
    }

    /// The id of the scope a resource is deployed to; empty for the tenant.
    pub(super) fn base_of(
        &mut self,
        context: &Context,
        declaration: &Declaration<'a, '_>,
        resource_type: &str,
    ) -> SymbolicText {
        let node = declaration.node;
        let scope = self.deployment(declaration.deployment).scope.clone();
        if resource_type.eq_ignore_ascii_case("Microsoft.Resources/deployments") {
            return self.target_scope(context, node, &scope).id();
        }
        let scope = self.moved_scope(context, node, &scope);
        let written = node
            .get("scope")
            .map(|written| self.value(context, written));
        let Some(text) = written
            .as_ref()
            .and_then(Value::to_symbolic)
            .filter(|text| text.len() > 0)
        else {
            return scope.id();
        };
        let prefix = text.known_prefix();
        if prefix.starts_with('/') {
            return match text.known() {
                Some(known) => SymbolicText::literal(known.trim_end_matches('/')),
                None => text,
            };
        }
        if prefix.is_empty() {
            return text;
        }
        if let Some(id) = self.symbolic_id(declaration.deployment, prefix) {
            return id;
        }
        // Written relative to the scope: `Microsoft.KeyVault/vaults/name`.
        let is_tenant = prefix
            .to_ascii_lowercase()
            .starts_with("microsoft.management/managementgroups/");
        let start = if is_tenant {
            SymbolicText::default()
        } else {
            scope.id()
        };
        joined(&[&start, &SymbolicText::literal("/providers/"), &text])
    }

    fn symbolic_id(&self, deployment: DeploymentId, name: &str) -> Option<SymbolicText> {
        self.deployment(deployment)
            .instances
            .iter()
            .map(|id| self.instance(*id))
            .find(|instance| instance.symbolic.as_deref() == Some(name))
            .map(|instance| instance.located.id.clone())
    }
}
