//! From instances to resources: bodies as JSON, unknowns by pointer, positions by line.

use serde_json::{Map, Value as Json};
use stance_model::{Cloud, Origin, Position, Resource, ResourceId, SourceLocation, Unknown};

use super::context::{Context, DeploymentId, InstanceId};
use super::copy_loop::{Count, PropertyLoop, property_loops};
use super::deployment::Presence;
use super::evaluator::{Evaluator, Place};
use super::fault::Fault;
use super::value::{REDACTED, Unknown as UnknownValue, Value};
use super::{ExistingResource, TemplateOutput, TemplateResources};
use crate::json::{Member, Node, NodeValue, escape_pointer, number_value};

/// Members of a declaration that are instructions to Resource Manager, not state.
const INSTRUCTIONS: [&str; 18] = [
    "id",
    "name",
    "type",
    "apiVersion",
    "condition",
    "copy",
    "dependsOn",
    "resources",
    "comments",
    "scope",
    "subscriptionId",
    "resourceGroup",
    "existing",
    "import",
    "extension",
    "asserts",
    "@options",
    "metadata",
];

/// What is gathered while one body is made.
#[derive(Default)]
struct Body {
    unknowns: Vec<Unknown>,
    positions: Vec<Position>,
}

impl Body {
    fn at(&mut self, pointer: &str, line: u32, column: u32) {
        self.positions.push(Position {
            pointer: pointer.to_owned(),
            line,
            column,
        });
    }

    fn unknown(&mut self, pointer: &str, expression: String) {
        self.unknowns.push(Unknown {
            pointer: pointer.to_owned(),
            expression,
        });
    }
}

impl<'a> Evaluator<'a> {
    /// Gives every resource of a deployment and of those nested in it.
    pub(super) fn emit(
        &mut self,
        id: DeploymentId,
        around: Option<&str>,
        out: &mut TemplateResources,
    ) {
        if self.enter().is_err() {
            return;
        }
        self.expand_once(id);
        let mut at = 0;
        while let Some(instance) = self.deployment(id).instances.get(at).copied() {
            at += 1;
            let presence = match (&self.instance(instance).presence, around) {
                (Presence::Absent, _) => continue,
                (Presence::Unknown(condition), _) => Some(condition.clone()),
                (Presence::Present, around) => around.map(str::to_owned),
            };
            if self.instance(instance).existing {
                self.emit_existing(instance, out);
            } else if self.instance(instance).is_deployment() {
                if let Some(child) = self.child_of(instance) {
                    self.emit(child, presence.as_deref(), out);
                }
            } else if let Some(resource) = self.resource(instance, presence) {
                out.resources.push(resource);
            }
        }
        self.leave();
    }

    fn emit_existing(&mut self, id: InstanceId, out: &mut TemplateResources) {
        let instance = self.instance(id);
        out.existing.push(ExistingResource {
            id: ResourceId::new(instance.located.id.shown()),
            resource_type: instance.located.resource_type.to_lowercase(),
            source: self.source_of(id),
        });
    }

    fn source_of(&self, id: InstanceId) -> SourceLocation {
        let place = self.place_of(id);
        let file = &self.environment(self.instance(id).context.environment).file;
        SourceLocation {
            file: file.to_string(),
            line: place.line,
            column: place.column,
        }
    }

    fn resource(&mut self, id: InstanceId, presence: Option<String>) -> Option<Resource> {
        let instance = self.instance(id);
        let (context, node, located) = (
            instance.context.clone(),
            instance.node,
            instance.located.clone(),
        );
        let shown_id = located.id.shown();
        let name = located.names.last().cloned().unwrap_or_default();
        let mut made = Body::default();
        let mut body = Map::new();
        body.insert("id".to_owned(), Json::from(shown_id.as_str()));
        body.insert("name".to_owned(), Json::from(name.shown()));
        body.insert(
            "type".to_owned(),
            Json::from(located.resource_type.as_str()),
        );
        if let Some(expression) = presence {
            made.unknown("", expression);
        }
        let written_name = node.get("name").and_then(Node::text);
        if let Some(written) = written_name.filter(|_| name.known().is_none()) {
            made.unknown("/name", written.to_owned());
        }
        for member in node.members().unwrap_or_default() {
            let key = member.key.as_str();
            let pointer = format!("/{}", escape_pointer(key));
            if INSTRUCTIONS
                .iter()
                .any(|instruction| instruction.eq_ignore_ascii_case(key))
            {
                if key.eq_ignore_ascii_case("name") || key.eq_ignore_ascii_case("type") {
                    made.at(&pointer, member.line, member.column);
                }
                continue;
            }
            made.at(&pointer, member.line, member.column);
            let value = self.json(&context, &member.value, &pointer, &mut made);
            body.insert(member.key.clone(), value);
        }
        if self.output_is_spent() {
            let limit = self.options.limits.output_bytes;
            let fault = Fault::limit(format!(
                "the resources of the template take more than {limit} bytes"
            ));
            self.report(&context, node.into(), &fault);
            return None;
        }
        let api_version = match node
            .get("apiVersion")
            .map(|written| self.value(&context, written))
        {
            Some(Value::Text(version)) => Some(version.to_string()),
            _ => None,
        };
        made.unknowns
            .sort_by(|one, other| one.pointer.cmp(&other.pointer));
        made.positions
            .sort_by(|one, other| one.pointer.cmp(&other.pointer));
        made.positions
            .dedup_by(|later, earlier| later.pointer == earlier.pointer);
        Some(Resource {
            id: ResourceId::new(shown_id),
            resource_type: located.resource_type.to_lowercase(),
            cloud: Cloud::Azure,
            origin: Origin::Template,
            source: self.source_of(id),
            observed_at: None,
            api_version,
            unknowns: made.unknowns,
            positions: made.positions,
            body: Json::Object(body),
        })
    }

    /// JSON of a node, with what is unknown in it and where it was written.
    fn json(&mut self, context: &Context, node: &'a Node, pointer: &str, made: &mut Body) -> Json {
        match &node.value {
            NodeValue::String(text) => {
                let value = self.text(context, text, node.into());
                self.lowered(&value, text, pointer, made)
            }
            NodeValue::Number(text) => number_value(text),
            NodeValue::Bool(value) => Json::Bool(*value),
            NodeValue::Null => Json::Null,
            NodeValue::Array(_) | NodeValue::Object(_) => {
                if let Err(fault) = self.enter() {
                    self.report(context, node.into(), &fault);
                    made.unknown(pointer, "[…]".to_owned());
                    return Json::from("[…]");
                }
                let json = self.container(context, node, pointer, made);
                self.leave();
                json
            }
        }
    }

    fn container(
        &mut self,
        context: &Context,
        node: &'a Node,
        pointer: &str,
        made: &mut Body,
    ) -> Json {
        if let Some(items) = node.items() {
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let inner = format!("{pointer}/{index}");
                if !self.mark(made, &inner, item.into()) {
                    break;
                }
                array.push(self.json(context, item, &inner, made));
            }
            return Json::Array(array);
        }
        let mut object = Map::new();
        for member in node.members().unwrap_or_default() {
            match property_loops(member) {
                Some(loops) => {
                    for property in loops {
                        self.looped(context, &property, pointer, made, &mut object);
                    }
                }
                None => self.member(context, member, pointer, made, &mut object),
            }
        }
        Json::Object(object)
    }

    fn member(
        &mut self,
        context: &Context,
        member: &'a Member,
        pointer: &str,
        made: &mut Body,
        object: &mut Map<String, Json>,
    ) {
        let key = self.key(context, member);
        let shown = key.shown();
        let inner = format!("{pointer}/{}", escape_pointer(&shown));
        self.mark(made, &inner, member.into());
        if key.known().is_none() && !key.is_resource_id() {
            made.unknown(&inner, member.key.clone());
        }
        let value = self.json(context, &member.value, &inner, made);
        object.insert(shown, value);
    }

    fn looped(
        &mut self,
        context: &Context,
        property: &PropertyLoop<'a>,
        pointer: &str,
        made: &mut Body,
        object: &mut Map<String, Json>,
    ) {
        let inner = format!("{pointer}/{}", escape_pointer(property.name));
        made.at(&inner, property.node.line, property.node.column);
        let count = self.loop_count(context, property.count, property.node.into(), property.name);
        let value = match (count, property.input) {
            (Count::Known(count), Some(input)) => {
                let mut items = Vec::new();
                for index in 0..count {
                    let element = format!("{inner}/{index}");
                    if !self.mark(made, &element, input.into()) {
                        break;
                    }
                    let inside = context.in_loop(property.name, Some(index), false);
                    items.push(self.json(&inside, input, &element, made));
                }
                Json::Array(items)
            }
            (Count::Known(_), None) => {
                let value = self.property_loop(context, property);
                self.lowered(&value, "[copy]", &inner, made)
            }
            (Count::Unknown(expression), _) => {
                made.unknown(&inner, expression.clone());
                Json::from(expression)
            }
        };
        object.insert(property.name.to_owned(), value);
    }

    /// Notes where something is written, and counts it as output; false where the output is spent.
    fn mark(&mut self, made: &mut Body, pointer: &str, place: Place) -> bool {
        self.spend(pointer.len() as u64 + 64);
        if self.output_is_spent() {
            return false;
        }
        made.at(pointer, place.line, place.column);
        true
    }

    /// JSON of a value; `written` is the expression it came from.
    fn lowered(&mut self, value: &Value, written: &str, pointer: &str, made: &mut Body) -> Json {
        self.spend(value.weight());
        if self.output_is_spent() {
            made.unknown(pointer, written.to_owned());
            return Json::from(written);
        }
        lowered(value, written, pointer, made)
    }

    /// The outputs of the outermost template.
    pub(super) fn emit_outputs(&mut self, id: DeploymentId, out: &mut TemplateResources) {
        let deployment = self.deployment(id);
        let (context, outputs) = (deployment.context.clone(), deployment.outputs);
        for member in outputs.and_then(Node::members).unwrap_or_default() {
            let value = self.output(&context, &member.key, &member.value);
            let written = member
                .value
                .get("value")
                .and_then(Node::text)
                .unwrap_or_default();
            let mut made = Body::default();
            let value = self.lowered(&value, written, "", &mut made);
            let file = self.environment(context.environment).file.to_string();
            out.outputs.push(TemplateOutput {
                name: member.key.clone(),
                value,
                unknowns: made.unknowns,
                source: SourceLocation {
                    file,
                    line: member.line,
                    column: member.column,
                },
            });
        }
    }
}

fn lowered(value: &Value, written: &str, pointer: &str, made: &mut Body) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(number) => Json::from(*number),
        Value::Number(text) => number_value(text),
        Value::Text(text) => Json::from(text.as_ref()),
        Value::Secret(_) => Json::from(REDACTED),
        Value::Unknown(unknown) => lowered_unknown(unknown, written, pointer, made),
        Value::List(list) => Json::Array(
            list.items
                .iter()
                .enumerate()
                .map(|(index, item)| lowered(item, "", &format!("{pointer}/{index}"), made))
                .collect(),
        ),
        Value::Object(object) => Json::Object(
            object
                .members
                .iter()
                .map(|(key, member)| {
                    let inner = format!("{pointer}/{}", escape_pointer(key));
                    (key.clone(), lowered(member, "", &inner, made))
                })
                .collect(),
        ),
    }
}

/// An id with unknown parts stands as that id, equal to the id of the resource it means; any other unknown
/// stands as its expression.
fn lowered_unknown(unknown: &UnknownValue, written: &str, pointer: &str, made: &mut Body) -> Json {
    if unknown.text.is_resource_id() {
        return Json::from(unknown.text.shown());
    }
    let expression = match &unknown.written {
        _ if !written.is_empty() => written.to_owned(),
        Some(expression) => expression.to_string(),
        None => format!("[{}]", unknown.text.source()),
    };
    made.unknown(pointer, expression.clone());
    Json::from(expression)
}
