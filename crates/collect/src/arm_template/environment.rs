//! One template's parameters, variables and functions, evaluated when asked for.

use std::collections::HashMap;
use std::rc::Rc;

use super::access::access;
use super::context::{Context, DeploymentId, EnvironmentId, Lazy};
use super::copy_loop::property_loops;
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::parameter_type::{self, Declaration};
use super::placeholder;
use super::scope::Scope;
use super::symbolic_text::SymbolicText;
use super::value::{Secret, Value};
use crate::json::Node;

/// Where a parameter's value comes from.
#[derive(Debug, Clone)]
pub(super) enum Source<'a> {
    /// Nobody gave one.
    Absent,
    /// Literal JSON of a parameter file, and that file.
    Literal(&'a Node, &'a str),
    /// JSON with expressions of the template around, evaluated there.
    Passed(&'a Node, Context),
    /// An expression that gives `{ "value": … }`, evaluated in the template around.
    Entry(&'a Node, Context),
    /// A reference into a key vault.
    Vault,
}

/// A declared parameter.
#[derive(Debug)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) declaration: &'a Node,
    pub(super) source: Source<'a>,
    pub(super) value: Lazy<Value>,
}

/// A variable: plain, or made by a loop.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    name: &'a str,
    node: &'a Node,
    looped: bool,
    value: Lazy<Value>,
}

/// A template and what it was given.
#[derive(Debug)]
pub(super) struct Environment<'a> {
    pub(super) file: Rc<str>,
    pub(super) template: &'a Node,
    /// The deployment whose resources `reference` looks among.
    pub(super) deployment: DeploymentId,
    pub(super) scope: Scope,
    pub(super) deployment_name: SymbolicText,
    /// The template that deploys this one.
    pub(super) outer: Option<EnvironmentId>,
    pub(super) parameters: HashMap<String, Parameter<'a>>,
    variables: HashMap<String, Variable<'a>>,
    functions: HashMap<String, &'a Node>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(
        file: Rc<str>,
        template: &'a Node,
        deployment: DeploymentId,
        scope: Scope,
    ) -> Self {
        let mut made = Self {
            file,
            template,
            deployment,
            scope,
            deployment_name: SymbolicText::default(),
            outer: None,
            parameters: HashMap::new(),
            variables: HashMap::new(),
            functions: HashMap::new(),
        };
        for member in template
            .get("parameters")
            .and_then(Node::members)
            .unwrap_or_default()
        {
            let parameter = Parameter {
                name: &member.key,
                declaration: &member.value,
                source: Source::Absent,
                value: Lazy::Untouched,
            };
            made.parameters.insert(member.key.to_lowercase(), parameter);
        }
        made.declare_variables();
        made.declare_functions();
        made
    }

    fn declare_variables(&mut self) {
        for member in self
            .template
            .get("variables")
            .and_then(Node::members)
            .unwrap_or_default()
        {
            let mut add = |name: &'a str, node: &'a Node, looped: bool| {
                let variable = Variable {
                    name,
                    node,
                    looped,
                    value: Lazy::Untouched,
                };
                self.variables.insert(name.to_lowercase(), variable);
            };
            match property_loops(member) {
                Some(loops) => loops
                    .iter()
                    .for_each(|property| add(property.name, property.node, true)),
                None => add(&member.key, &member.value, false),
            }
        }
    }

    fn declare_functions(&mut self) {
        for namespace in self
            .template
            .get("functions")
            .and_then(Node::items)
            .unwrap_or_default()
        {
            let Some(prefix) = namespace.get("namespace").and_then(Node::text) else {
                continue;
            };
            for member in namespace
                .get("members")
                .and_then(Node::members)
                .unwrap_or_default()
            {
                self.functions.insert(
                    format!("{prefix}.{}", member.key).to_lowercase(),
                    &member.value,
                );
            }
        }
    }

    /// Whether the template speaks language version 2.0, in which resources have symbolic names.
    pub(super) fn has_symbolic_names(&self) -> bool {
        self.template
            .get("languageVersion")
            .and_then(Node::text)
            .is_some_and(|version| version.starts_with('2'))
            || self
                .template
                .get("resources")
                .is_some_and(|resources| resources.members().is_some())
    }
}

impl<'a> Evaluator<'a> {
    /// `parameters('name')`.
    pub(super) fn parameter(&mut self, context: &Context, name: &str) -> Result<Value, Fault> {
        let lower = name.to_lowercase();
        if let Some(arguments) = &context.arguments {
            return arguments.get(&lower).cloned().ok_or_else(|| {
                Fault::new(
                    "ARM0005",
                    format!("the function has no parameter `{name}`"),
                    "A user function sees its own parameters only.",
                )
            });
        }
        let Some(parameter) = self.environment(context.environment).parameters.get(&lower) else {
            return Err(Fault::new(
                "ARM0005",
                format!("the parameter `{name}` is not declared"),
                "Declare it under `parameters`, or mend the name.",
            ));
        };
        match &parameter.value {
            Lazy::Done(value) => return Ok(value.clone()),
            Lazy::Running => return Err(cycle("parameter", name)),
            Lazy::Untouched => {}
        }
        let (declaration, source, name) = (
            parameter.declaration,
            parameter.source.clone(),
            parameter.name,
        );
        self.set_parameter(context.environment, &lower, Lazy::Running);
        let value = self.parameter_value(context.environment, name, declaration, &source);
        self.set_parameter(context.environment, &lower, Lazy::Done(value.clone()));
        Ok(value)
    }

    /// Looks at every parameter a file gives, whether the template uses it or not.
    pub(super) fn check_given_parameters(&mut self, environment: EnvironmentId) {
        let mut given: Vec<&'a str> = self
            .environment(environment)
            .parameters
            .values()
            .filter(|parameter| matches!(parameter.source, Source::Literal(..)))
            .map(|parameter| parameter.name)
            .collect();
        given.sort_unstable();
        for name in given {
            // Only the diagnostics of it are wanted here.
            let _ = self.parameter(&Context::new(environment), name);
        }
    }

    fn set_parameter(&mut self, environment: EnvironmentId, name: &str, value: Lazy<Value>) {
        if let Some(parameter) = self.environments[environment.0].parameters.get_mut(name) {
            parameter.value = value;
        }
    }

    fn parameter_value(
        &mut self,
        environment: EnvironmentId,
        name: &str,
        declaration: &'a Node,
        source: &Source<'a>,
    ) -> Value {
        let definitions = self.environment(environment).template.get("definitions");
        let declared = Declaration {
            node: declaration,
            definitions,
        };
        let own = Context::new(environment);
        let given = match source {
            Source::Absent => None,
            Source::Vault => Some(Value::Secret(Secret { given: true })),
            Source::Literal(node, _) => Some(
                placeholder::given(node, declared.type_name()).unwrap_or_else(|fault| {
                    self.report(&own, (*node).into(), &fault);
                    Value::unknown(&format!("parameters('{name}')"))
                }),
            ),
            Source::Passed(node, outside) => Some(self.value(outside, node)),
            Source::Entry(node, outside) => {
                let entry = self.value(outside, node);
                entry_value(&entry)
            }
        };
        // A null that is passed asks for the default.
        let given = given.filter(|value| !matches!(value, Value::Null) || declared.is_nullable());
        let is_given = given.is_some();
        let value = match (given, declaration.get("defaultValue")) {
            (Some(value), _) => value,
            (None, Some(default)) => self.value(&own, default),
            (None, None) if declared.is_nullable() => Value::Null,
            (None, None) => declared
                .only_allowed()
                .and_then(|node| Value::from_node(node).ok())
                .unwrap_or_else(|| Value::unknown(&format!("parameters('{name}')"))),
        };
        let mismatch = is_given.then(|| declared.mismatch(name, &value)).flatten();
        if let Some(fault) = mismatch {
            let (place, around) = match source {
                Source::Passed(node, outside) | Source::Entry(node, outside) => {
                    ((*node).into(), outside.clone())
                }
                _ => (declaration.into(), own),
            };
            match source {
                Source::Literal(node, file) => {
                    let level = stance_model::DiagnosticLevel::Warning;
                    self.report_in(file, (*node).into(), level, &fault);
                }
                _ => self.report(&around, place, &fault),
            }
        }
        parameter_type::without_secrets(&declared, value)
    }

    /// `variables('name')`.
    pub(super) fn variable(&mut self, context: &Context, name: &str) -> Result<Value, Fault> {
        let lower = name.to_lowercase();
        let environment = context.environment;
        let Some(variable) = self.environment(environment).variables.get(&lower) else {
            return Err(Fault::new(
                "ARM0006",
                format!("the variable `{name}` is not declared"),
                "Declare it under `variables`, or mend the name.",
            ));
        };
        match &variable.value {
            Lazy::Done(value) => return Ok(value.clone()),
            Lazy::Running => return Err(cycle("variable", name)),
            Lazy::Untouched => {}
        }
        let (node, looped, name) = (variable.node, variable.looped, variable.name);
        self.set_variable(environment, &lower, Lazy::Running);
        let own = Context::new(environment);
        let value = if looped {
            let property = super::copy_loop::PropertyLoop {
                name,
                node,
                count: node.get("count"),
                input: node.get("input"),
            };
            self.property_loop(&own, &property)
        } else {
            self.value(&own, node)
        };
        self.set_variable(environment, &lower, Lazy::Done(value.clone()));
        Ok(value)
    }

    fn set_variable(&mut self, environment: EnvironmentId, name: &str, value: Lazy<Value>) {
        if let Some(variable) = self.environments[environment.0].variables.get_mut(name) {
            variable.value = value;
        }
    }

    /// `contoso.uniqueName(...)`: a function the template defines itself.
    pub(super) fn user_function(
        &mut self,
        context: &Context,
        name: &str,
        arguments: Vec<Value>,
    ) -> Result<Value, Fault> {
        let Some(function) = self
            .environment(context.environment)
            .functions
            .get(&name.to_lowercase())
            .copied()
        else {
            return Err(unknown_function(name));
        };
        let declared = function
            .get("parameters")
            .and_then(Node::items)
            .unwrap_or_default();
        if declared.len() != arguments.len() {
            return Err(Fault::new(
                "ARM0003",
                format!(
                    "`{name}` takes {} arguments, not {}",
                    declared.len(),
                    arguments.len()
                ),
                "Give the function as many arguments as it declares.",
            ));
        }
        let Some(output) = function
            .get("output")
            .and_then(|output| output.get("value"))
        else {
            return Err(Fault::new(
                "ARM0003",
                format!("`{name}` has no output"),
                "Give the function an `output`.",
            ));
        };
        let named = declared
            .iter()
            .zip(arguments)
            .filter_map(|(parameter, value)| {
                Some((parameter.get("name")?.text()?.to_lowercase(), value))
            })
            .collect();
        let inside = Context {
            arguments: Some(Rc::new(named)),
            ..Context::new(context.environment)
        };
        self.enter()?;
        let value = self.value(&inside, output);
        self.leave();
        Ok(value)
    }
}

/// The value inside of `{ "value": … }` or `{ "reference": … }`.
fn entry_value(entry: &Value) -> Option<Value> {
    match entry {
        Value::Object(object) if object.get("reference").is_some() => {
            Some(Value::Secret(Secret { given: true }))
        }
        Value::Object(object) => object.get("value").cloned(),
        Value::Null => None,
        other => access(other, &Value::word("value"), true).ok(),
    }
}

/// No function has this name.
pub(super) fn unknown_function(name: &str) -> Fault {
    Fault::new(
        "ARM0003",
        format!("there is no template function `{name}`"),
        "Mend the name; the template function reference lists all of them.",
    )
}

fn cycle(what: &str, name: &str) -> Fault {
    Fault::new(
        "ARM0007",
        format!("the {what} `{name}` depends on itself"),
        "Break the circle: let one of them hold a value of its own.",
    )
}
