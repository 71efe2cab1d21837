//! `reference` and its kin: what is declared in the template is known, what Azure adds is not.

use indexmap::IndexMap;

use super::context::{Context, DeploymentId, InstanceId, Lazy};
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::functions;
use super::value::Value;
use crate::json::Node;

impl Evaluator<'_> {
    /// `reference(what, [apiVersion], ['Full'])`.
    pub(super) fn reference(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        if values.is_empty() || values.len() > 3 {
            return Err(functions::wrong_count("reference", 1, 3, values.len()));
        }
        let full =
            matches!(values.get(2), Some(Value::Text(mode)) if mode.eq_ignore_ascii_case("full"));
        let source = format!("reference({})", values[0].source());
        let Some(found) = self.find_declared(context, &values[0]) else {
            return Ok(Value::unknown(&source));
        };
        self.declared_state(found, full, &source)
    }

    /// `references('loop', ['Full'])`: the states of all turns of a loop over resources.
    pub(super) fn references(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let Some(Value::Text(name)) = values.first() else {
            return Ok(functions::unknown_call("references", values));
        };
        let full =
            matches!(values.get(1), Some(Value::Text(mode)) if mode.eq_ignore_ascii_case("full"));
        let deployment = self.environment(context.environment).deployment;
        self.expand_once(deployment);
        let turns: Vec<InstanceId> = self
            .deployment(deployment)
            .instances
            .iter()
            .copied()
            .filter(|id| self.instance(*id).loop_name.eq_ignore_ascii_case(name))
            .collect();
        let countable = turns.iter().all(|id| {
            self.instance(*id)
                .context
                .loops
                .last()
                .is_some_and(|innermost| innermost.index.is_some())
        });
        if turns.is_empty() || !countable {
            return Ok(functions::unknown_call("references", values));
        }
        let mut states = Vec::with_capacity(turns.len());
        for (index, id) in turns.into_iter().enumerate() {
            states.push(self.declared_state(
                id,
                full,
                &format!("references('{name}')[{index}]"),
            )?);
        }
        Value::list(states)
    }

    /// `resourceInfo('symbolicName')`: id, name, type and version of a declared resource.
    pub(super) fn resource_info(
        &mut self,
        context: &Context,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let found = values
            .first()
            .and_then(|what| self.find_declared(context, what));
        match found {
            Some(id) => {
                let known = self.identity_of(id);
                Ok(Value::partly_known(
                    &format!("resourceInfo({})", values[0].source()),
                    Value::object(known)?,
                ))
            }
            None => Ok(functions::unknown_call("resourceInfo", values)),
        }
    }

    /// A declared resource by symbolic name, by id, or by name.
    fn find_declared(&mut self, context: &Context, what: &Value) -> Option<InstanceId> {
        let text = what.to_symbolic()?;
        let shown = text.shown();
        let deployment = self.environment(context.environment).deployment;
        self.expand_once(deployment);
        if shown.starts_with('/') {
            return self
                .by_id
                .get(&shown.trim_end_matches('/').to_lowercase())
                .copied();
        }
        let instances = &self.deployment(deployment).instances;
        let is_symbolic_name = |id: &&InstanceId| {
            let name = self.instance(**id).symbolic.as_deref();
            name.is_some_and(|name| name.eq_ignore_ascii_case(&shown))
        };
        if let Some(found) = instances.iter().find(is_symbolic_name) {
            return Some(*found);
        }
        let names = text.split(&["/"]);
        let mut named = instances
            .iter()
            .filter(|id| self.instance(**id).located.names == names);
        let found = named.next().copied();
        // Two resources of one name: none is meant for sure.
        found.filter(|_| named.next().is_none())
    }

    fn declared_state(&mut self, id: InstanceId, full: bool, source: &str) -> Result<Value, Fault> {
        if !full {
            if let Some(own) = self.principal_of(id)? {
                return Ok(Value::partly_known(source, own));
            }
            return Ok(match self.declared_properties(id) {
                Some(known) => Value::partly_known(source, known),
                None => Value::unknown(source),
            });
        }
        let mut known = self.identity_of(id);
        let instance = self.instance(id);
        let (context, node, existing) =
            (instance.context.clone(), instance.node, instance.existing);
        if !existing {
            for key in [
                "location", "tags", "sku", "kind", "identity", "zones", "plan",
            ] {
                if let Some(written) = node.get(key) {
                    let value = self.value(&context, written);
                    let value = match key {
                        "identity" => self.with_principal(id, value)?,
                        _ => value,
                    };
                    known.insert(key.to_owned(), value);
                }
            }
            if let Some(properties) = self.declared_properties(id) {
                known.insert("properties".to_owned(), properties);
            }
        }
        Ok(Value::partly_known(source, Value::object(known)?))
    }

    /// What a user-assigned identity answers: only Azure chooses its object id, so its own id stands for it and lets the
    /// two be joined.
    fn principal_of(&mut self, id: InstanceId) -> Result<Option<Value>, Fault> {
        let located = &self.instance(id).located;
        let kind = "microsoft.managedidentity/userassignedidentities";
        if !located.resource_type.eq_ignore_ascii_case(kind) {
            return Ok(None);
        }
        let own = Value::symbolic(located.id.clone());
        Value::record([("principalId", own)]).map(Some)
    }

    /// `identity` with an object id where Azure will make one: the id of the resource stands for it.
    fn with_principal(&mut self, id: InstanceId, identity: Value) -> Result<Value, Fault> {
        let Value::Object(object) = &identity else {
            return Ok(identity);
        };
        let is_own = matches!(object.get("type"), Some(Value::Text(kind)) if kind.to_lowercase().contains("systemassigned"));
        if !is_own || object.get("principalId").is_some() {
            return Ok(identity);
        }
        let mut members = object.members.clone();
        let own = Value::symbolic(self.instance(id).located.id.clone());
        members.insert("principalId".to_owned(), own);
        Value::object(members)
    }

    fn identity_of(&mut self, id: InstanceId) -> IndexMap<String, Value> {
        let instance = self.instance(id);
        let located = &instance.located;
        let mut known = IndexMap::new();
        known.insert("id".to_owned(), Value::symbolic(located.id.clone()));
        if let Some(name) = located.names.last() {
            known.insert("name".to_owned(), Value::symbolic(name.clone()));
        }
        known.insert("type".to_owned(), Value::word(&located.resource_type));
        if let Some(version) = instance.node.get("apiVersion").and_then(Node::text) {
            known.insert("apiVersion".to_owned(), Value::word(version));
        }
        known
    }

    /// `properties` as declared; of a nested deployment its outputs. `None` where nothing is declared.
    fn declared_properties(&mut self, id: InstanceId) -> Option<Value> {
        match &self.instance(id).properties {
            Lazy::Done(value) => return Some(value.clone()),
            Lazy::Running => return None,
            Lazy::Untouched => {}
        }
        let instance = self.instance(id);
        if instance.existing {
            return None;
        }
        let (context, written) = (instance.context.clone(), instance.node.get("properties"));
        let is_deployment = instance.is_deployment();
        self.instances[id.0].properties = Lazy::Running;
        let value = if is_deployment {
            self.child_of(id).and_then(|child| {
                let outputs = self.outputs_of(child)?;
                Value::record([("outputs", outputs)]).ok()
            })
        } else {
            written.map(|written| self.value(&context, written))
        };
        self.instances[id.0].properties = match &value {
            Some(value) => Lazy::Done(value.clone()),
            None => Lazy::Untouched,
        };
        value
    }

    /// `{name: {type, value}}` of a deployment's outputs; `None` while they are being worked out.
    pub(super) fn outputs_of(&mut self, id: DeploymentId) -> Option<Value> {
        match &self.deployment(id).output_values {
            Lazy::Done(value) => return Some(value.clone()),
            Lazy::Running => return None,
            Lazy::Untouched => {}
        }
        self.deployments[id.0].output_values = Lazy::Running;
        let deployment = self.deployment(id);
        let (context, outputs) = (deployment.context.clone(), deployment.outputs);
        let mut members = IndexMap::new();
        for member in outputs.and_then(Node::members).unwrap_or_default() {
            let value = self.output(&context, &member.key, &member.value);
            let kind = member
                .value
                .get("type")
                .and_then(Node::text)
                .unwrap_or("object");
            if let Ok(output) = Value::record([("type", Value::word(kind)), ("value", value)]) {
                members.insert(member.key.clone(), output);
            }
        }
        let value = Value::object(members).unwrap_or(Value::Null);
        self.deployments[id.0].output_values = Lazy::Done(value.clone());
        Some(value)
    }
}
