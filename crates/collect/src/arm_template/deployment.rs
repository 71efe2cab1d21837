//! From the `resources` of a template to instances: loops unrolled, conditions asked, ids worked out.

use std::rc::Rc;

use super::context::{Context, DeploymentId, InstanceId, Lazy};
use super::copy_loop::Count;
use super::evaluator::{Evaluator, Place};
use super::fault::Fault;
use super::location::{Declared, Located, Parent, locate};
use super::scope::Scope;
use super::symbolic_text::SymbolicText;
use super::value::Value;
use crate::json::Node;

/// Resources that are deployed together.
#[derive(Debug)]
pub(super) struct Deployment<'a> {
    /// What its expressions are evaluated in; with outer scope that of the deployment around.
    pub(super) context: Context,
    pub(super) scope: Scope,
    pub(super) resources: Option<&'a Node>,
    pub(super) outputs: Option<&'a Node>,
    pub(super) instances: Vec<InstanceId>,
    pub(super) expanded: Lazy<()>,
    pub(super) output_values: Lazy<Value>,
    /// Deployments around it.
    pub(super) depth: usize,
}

/// Whether a resource will be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presence {
    Present,
    Absent,
    /// The condition, as written.
    Unknown(String),
}

/// One resource, one turn of a loop.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) deployment: DeploymentId,
    pub(super) context: Context,
    pub(super) node: &'a Node,
    /// Name in a `resources` object, with the index where it is a loop.
    pub(super) symbolic: Option<Rc<str>>,
    /// The name of its loop, else empty.
    pub(super) loop_name: Rc<str>,
    pub(super) located: Located,
    pub(super) existing: bool,
    pub(super) presence: Presence,
    pub(super) properties: Lazy<Value>,
    pub(super) child: Lazy<Option<DeploymentId>>,
}

impl Instance<'_> {
    /// Whether it deploys a template of its own.
    pub(super) fn is_deployment(&self) -> bool {
        self.located
            .resource_type
            .eq_ignore_ascii_case("Microsoft.Resources/deployments")
    }
}

/// What all turns of one declaration share.
pub(super) struct Declaration<'a, 'p> {
    pub(super) deployment: DeploymentId,
    pub(super) node: &'a Node,
    symbolic: Option<&'a str>,
    parent: Option<&'p Parent>,
}

impl<'a> Evaluator<'a> {
    /// Works out the resources of a deployment, once. While that runs, those found so far are there.
    pub(super) fn expand_once(&mut self, id: DeploymentId) {
        if let Lazy::Untouched = self.deployment(id).expanded {
            self.deployments[id.0].expanded = Lazy::Running;
            self.expand(id);
            self.deployments[id.0].expanded = Lazy::Done(());
        }
    }

    fn expand(&mut self, id: DeploymentId) {
        let (context, resources) = (
            self.deployment(id).context.clone(),
            self.deployment(id).resources,
        );
        let Some(resources) = resources else {
            return;
        };
        if let Some(items) = resources.items() {
            for node in items {
                self.declare(
                    &context,
                    &Declaration {
                        deployment: id,
                        node,
                        symbolic: None,
                        parent: None,
                    },
                );
            }
        } else if let Some(members) = resources.members() {
            for member in members {
                let symbolic = Some(member.key.as_str());
                self.declare(
                    &context,
                    &Declaration {
                        deployment: id,
                        node: &member.value,
                        symbolic,
                        parent: None,
                    },
                );
            }
        } else {
            let fault = Fault::new(
                "ARM0001",
                "`resources` is neither an array nor an object",
                "Write the resources as an array, or as an object of symbolic names.",
            );
            self.report(&context, resources.into(), &fault);
        }
    }

    fn declare(&mut self, context: &Context, declaration: &Declaration<'a, '_>) {
        let node = declaration.node;
        if node.members().is_none() {
            let fault = Fault::new(
                "ARM0011",
                "a resource is no object",
                "Write the resource as an object.",
            );
            self.report(context, node.into(), &fault);
            return;
        }
        if let Some(extension) = node.get("import").or_else(|| node.get("extension")) {
            let name = extension.text().unwrap_or("another extension");
            let fault = Fault::new(
                "ARM0015",
                format!(
                    "a resource of the extension `{name}` is no Azure resource and is not read"
                ),
                "Nothing is to be mended.",
            );
            self.report(context, node.into(), &fault);
            return;
        }
        let Some(copy) = node.get("copy").filter(|copy| copy.members().is_some()) else {
            self.declare_one(context, declaration, "", None);
            return;
        };
        let name = copy
            .get("name")
            .and_then(Node::text)
            .or(declaration.symbolic)
            .unwrap_or_default();
        match self.loop_count(context, copy.get("count"), copy.into(), name) {
            Count::Known(count) => {
                for index in 0..count {
                    let inside = context.in_loop(name, Some(index), true);
                    if !self.declare_one(&inside, declaration, name, None) {
                        return;
                    }
                }
            }
            // One instance stands for all there may be.
            Count::Unknown(expression) => {
                let inside = context.in_loop(name, None, true);
                self.declare_one(&inside, declaration, name, Some(expression));
            }
        }
    }

    /// False where the limit on resources is reached.
    fn declare_one(
        &mut self,
        context: &Context,
        declaration: &Declaration<'a, '_>,
        loop_name: &str,
        unknown_count: Option<String>,
    ) -> bool {
        let limit = self.options.limits.resources;
        let node = declaration.node;
        if self.instances.len() >= limit {
            let fault = Fault::limit(format!(
                "the template declares more than the {limit} resources that are read"
            ));
            self.report(context, node.into(), &fault);
            return false;
        }
        let presence = match unknown_count {
            Some(expression) => Presence::Unknown(expression),
            None => self.presence(context, node),
        };
        // What is absent need not make sense; only its children may still be there.
        if presence == Presence::Absent && node.get("resources").is_none() {
            return true;
        }
        let Some(resource_type) = self.resource_type(context, node) else {
            return true;
        };
        let name = self.resource_name(context, node);
        let base = self.base_of(context, declaration, &resource_type);
        let located = locate(&Declared {
            resource_type: &resource_type,
            name: &name,
            base: &base,
            parent: declaration.parent,
        });
        if let Some(fault) = &located.fault {
            self.report(context, node.get("name").unwrap_or(node).into(), fault);
        }
        let parent = Parent {
            id: located.id.clone(),
            resource_type: located.resource_type.clone(),
            names: located.names.clone(),
        };
        self.add_instance(context, declaration, loop_name, located, presence);
        self.declare_children(context, declaration, &parent);
        true
    }

    fn add_instance(
        &mut self,
        context: &Context,
        declaration: &Declaration<'a, '_>,
        loop_name: &str,
        located: Located,
        presence: Presence,
    ) {
        let index = context.loops.last().and_then(|innermost| innermost.index);
        let symbolic = declaration.symbolic.map(|name| match index {
            Some(index) if !loop_name.is_empty() => Rc::from(format!("{name}[{index}]")),
            _ => Rc::from(name),
        });
        let id = InstanceId(self.instances.len());
        if presence != Presence::Absent {
            self.by_id
                .entry(located.id.shown().to_lowercase())
                .or_insert(id);
        }
        self.instances.push(Instance {
            deployment: declaration.deployment,
            context: context.clone(),
            node: declaration.node,
            symbolic,
            loop_name: Rc::from(loop_name),
            located,
            existing: declaration.node.get("existing").and_then(Node::boolean) == Some(true),
            presence,
            properties: Lazy::Untouched,
            child: Lazy::Untouched,
        });
        self.deployments[declaration.deployment.0]
            .instances
            .push(id);
    }

    fn declare_children(
        &mut self,
        context: &Context,
        declaration: &Declaration<'a, '_>,
        parent: &Parent,
    ) {
        let Some(children) = declaration.node.get("resources") else {
            return;
        };
        // Nesting of JSON bounds how deep this goes.
        let deployment = declaration.deployment;
        for node in children.items().unwrap_or_default() {
            self.declare(
                context,
                &Declaration {
                    deployment,
                    node,
                    symbolic: None,
                    parent: Some(parent),
                },
            );
        }
        for member in children.members().unwrap_or_default() {
            let symbolic = Some(member.key.as_str());
            self.declare(
                context,
                &Declaration {
                    deployment,
                    node: &member.value,
                    symbolic,
                    parent: Some(parent),
                },
            );
        }
    }

    /// The declared location of a resource group that the same template makes.
    pub(super) fn declared_location(&mut self, group: &SymbolicText) -> Option<Value> {
        let id = *self.by_id.get(&group.shown().to_lowercase())?;
        let instance = self.instance(id);
        if instance.existing {
            return None;
        }
        let (context, node) = (instance.context.clone(), instance.node.get("location")?);
        Some(self.value(&context, node))
    }

    /// Where a fault about a whole resource points.
    pub(super) fn place_of(&self, id: InstanceId) -> Place {
        self.instance(id).node.into()
    }
}
