//! Nodes to values: what a reference and a function give.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;

use crate::codes;
use crate::json::{Member, Node, NodeValue};

use super::functions;
use super::identity;
use super::nested::Outputs;
use super::parameters::{Parameter, pseudo};
use super::shared::Shared;
use super::value::{Entry, Item, Value};
use super::written::{call, written};

/// A resource as it was declared.
#[derive(Debug)]
pub(super) struct Declared {
    /// The type in lower case.
    pub(super) kind: String,
    pub(super) node: Node,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// One template, ready to be asked.
pub(super) struct Evaluator<'s> {
    pub(super) shared: &'s Shared<'s>,
    pub(super) file: String,
    /// Names of the stacks that this template is nested in, each followed by `-`.
    pub(super) prefix: String,
    /// Templates that this one is nested in.
    pub(super) level: usize,
    pub(super) parameters: IndexMap<String, Parameter>,
    pub(super) mappings: Option<Node>,
    pub(super) conditions: IndexMap<String, Node>,
    pub(super) resources: IndexMap<String, Declared>,
    pub(super) outputs: Vec<Member>,
    pub(super) globals: Option<Node>,
    /// What conditions came to; one that is being worked on is unknown to itself.
    pub(super) settled: RefCell<HashMap<String, Option<bool>>>,
    /// What nested stacks give; `None` while one is being read, or where it cannot be.
    pub(super) identities: RefCell<HashMap<String, Rc<super::identity::Identity>>>,
    pub(super) stacks: RefCell<HashMap<String, Option<Rc<Outputs>>>>,
}

/// Counts the levels on the way down.
struct Level<'c>(&'c Cell<usize>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Evaluator<'_> {
    /// The value of a node with every function in it.
    pub(super) fn evaluate(&self, node: &Node) -> Item {
        let at = (node.line, node.column);
        if !self.shared.step(&self.file, at) {
            return Item::at(node, Value::unknown("not evaluated"));
        }
        let depth = &self.shared.depth;
        if depth.get() >= self.shared.limits.depth {
            let message = "functions and references are nested deeper than the limit".to_owned();
            self.shared.partial.set(true);
            self.shared
                .say(codes::CLOUDFORMATION_LIMIT, &self.file, at, message);
            return Item::at(node, Value::unknown("not evaluated"));
        }
        depth.set(depth.get() + 1);
        let _level = Level(depth);
        let value = match &node.value {
            NodeValue::Array(items) => self.list(items),
            NodeValue::Object(members) => match call(node) {
                // A member of that name, such as the condition of a statement.
                Some(("Condition", _)) | None => self.object(members),
                Some((name, argument)) => self.call(node, name, argument),
            },
            _ => Value::scalar(node),
        };
        Item::at(node, value)
    }

    fn list(&self, items: &[Node]) -> Value {
        let items = items.iter().map(|item| self.evaluate(item));
        Value::list(
            items
                .filter(|item| !matches!(item.value, Value::Absent))
                .collect(),
        )
    }

    fn object(&self, members: &[Member]) -> Value {
        // A macro beside other members may change all of them.
        if let Some(macro_call) = members.iter().find(|member| member.key == "Fn::Transform") {
            functions::macro_met(self, &macro_call.value);
            return Value::unknown(format!("!Transform {}", written(&macro_call.value)));
        }
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let item = self.evaluate(&member.value);
            if matches!(item.value, Value::Absent) {
                continue;
            }
            entries.push(Entry {
                key: member.key.clone(),
                line: member.line,
                column: member.column,
                item,
            });
        }
        Value::Object(Rc::new(entries))
    }

    fn call(&self, node: &Node, name: &str, argument: &Node) -> Value {
        match name {
            "Ref" => match argument.text() {
                Some(name) => self.reference(name, node),
                None => self.fault(node, "`Ref` wants the name of a parameter or resource"),
            },
            "GetAtt" => self.get_attribute(node, argument),
            _ => functions::call(self, node, name, argument),
        }
    }

    /// What `Ref` gives.
    pub(super) fn reference(&self, name: &str, node: &Node) -> Value {
        if let Some(value) = pseudo(&self.parameters, name) {
            return value;
        }
        if let Some(parameter) = self.parameters.get(name) {
            return parameter.value(name);
        }
        if let Some(declared) = self.resources.get(name) {
            return identity::reference(self, name, declared);
        }
        self.fault(
            node,
            &format!("`{name}` is no parameter and no resource of the template"),
        )
    }

    fn get_attribute(&self, node: &Node, argument: &Node) -> Value {
        let (name, attribute) = match &argument.value {
            NodeValue::String(text) => match text.split_once('.') {
                Some((name, attribute)) => (name.to_owned(), attribute.to_owned()),
                None => return self.fault(node, "`Fn::GetAtt` wants a resource and an attribute"),
            },
            NodeValue::Array(items) => {
                let parts: Option<Vec<Rc<str>>> = items
                    .iter()
                    .map(|item| self.evaluate(item).value.known_text())
                    .collect();
                match parts.as_deref() {
                    Some([name, rest @ ..]) if !rest.is_empty() => {
                        (name.to_string(), rest.join("."))
                    }
                    _ => return Value::unknown(written(node)),
                }
            }
            _ => return self.fault(node, "`Fn::GetAtt` wants a resource and an attribute"),
        };
        self.attribute(&name, &attribute, node)
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(&self, name: &str, attribute: &str, node: &Node) -> Value {
        match self.resources.get(name) {
            Some(declared) => identity::attribute(self, name, declared, attribute, node),
            None => self.fault(node, &format!("`{name}` is no resource of the template")),
        }
    }

    /// An expression that makes no sense: told, and unknown from there on.
    pub(super) fn fault(&self, node: &Node, problem: &str) -> Value {
        let at = (node.line, node.column);
        self.shared.partial.set(true);
        self.shared.say(
            codes::CLOUDFORMATION,
            &self.file,
            at,
            format!("{problem}, in `{}`", written(node)),
        );
        Value::unknown(written(node))
    }
}
