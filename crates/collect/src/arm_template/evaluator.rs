//! The evaluator's state, and how JSON with expressions in it becomes values.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::IndexMap;
use stance_model::{Diagnostic, DiagnosticLevel};

use super::context::{Context, DeploymentId, EnvironmentId, InstanceId};
use super::deployment::{Deployment, Instance};
use super::document_store::DocumentStore;
use super::environment::Environment;
use super::fault::Fault;
use super::options::Options;
use super::syntax::{self, Expression, Reading, SyntaxFault};
use super::value::Value;
use crate::json::{Member, Node, NodeValue};

/// Deepest nesting of evaluation: JSON, expressions, variables, parameters and deployments together.
const DEEPEST: usize = 300;
/// Values and bytes of text that all function calls of one template may make together.
const MOST_MADE: u64 = 40 << 20;
/// Diagnostics kept for one template.
const MOST_DIAGNOSTICS: usize = 200;

/// Where a node stands, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl From<&Node> for Place {
    fn from(node: &Node) -> Self {
        Self {
            line: node.line,
            column: node.column,
        }
    }
}

impl From<&Member> for Place {
    fn from(member: &Member) -> Self {
        Self {
            line: member.line,
            column: member.column,
        }
    }
}

/// Everything that is known while one template is evaluated.
pub(super) struct Evaluator<'a> {
    pub(super) options: &'a Options<'a>,
    /// Linked files, which live as long as the evaluation.
    pub(super) documents: &'a DocumentStore,
    pub(super) environments: Vec<Environment<'a>>,
    pub(super) deployments: Vec<Deployment<'a>>,
    pub(super) instances: Vec<Instance<'a>>,
    /// Declared resources by id in lower case.
    pub(super) by_id: HashMap<String, InstanceId>,
    pub(super) diagnostics: Vec<Diagnostic>,
    reported: HashSet<(String, String, u32, u32)>,
    parsed: HashMap<&'a str, Rc<Result<Expression, SyntaxFault>>>,
    steps_left: u64,
    output_left: Option<u64>,
    values_left: u64,
    depth: usize,
    /// Numbers the calls of `newGuid()`, so that two are never the same.
    pub(super) random_calls: u32,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(options: &'a Options<'a>, documents: &'a DocumentStore) -> Self {
        Self {
            options,
            documents,
            environments: Vec::new(),
            deployments: Vec::new(),
            instances: Vec::new(),
            by_id: HashMap::new(),
            diagnostics: Vec::new(),
            reported: HashSet::new(),
            parsed: HashMap::new(),
            steps_left: options.limits.steps,
            values_left: MOST_MADE,
            output_left: Some(options.limits.output_bytes as u64),
            depth: 0,
            random_calls: 0,
        }
    }

    pub(super) fn environment(&self, id: EnvironmentId) -> &Environment<'a> {
        &self.environments[id.0]
    }

    pub(super) fn deployment(&self, id: DeploymentId) -> &Deployment<'a> {
        &self.deployments[id.0]
    }

    pub(super) fn instance(&self, id: InstanceId) -> &Instance<'a> {
        &self.instances[id.0]
    }

    /// Pays for work done; the fault comes when nothing is left.
    pub(super) fn pay(&mut self, cost: u64) -> Result<(), Fault> {
        if self.steps_left < cost {
            self.steps_left = 0;
            return Err(self.out_of_steps());
        }
        self.steps_left -= cost;
        Ok(())
    }

    /// Counts what a function made, so that no template takes all memory.
    pub(super) fn keep(&mut self, value: Value) -> Result<Value, Fault> {
        match self.values_left.checked_sub(value.weight()) {
            Some(left) => {
                self.values_left = left;
                Ok(value)
            }
            None => Err(Fault::limit(
                "the values of the template take more memory than one template is given",
            )),
        }
    }

    /// Counts output; once it is spent it stays spent.
    pub(super) fn spend(&mut self, bytes: u64) {
        self.output_left = self.output_left.and_then(|left| left.checked_sub(bytes));
    }

    pub(super) fn output_is_spent(&self) -> bool {
        self.output_left.is_none()
    }

    fn out_of_steps(&self) -> Fault {
        let steps = self.options.limits.steps;
        Fault::limit(format!(
            "the template takes more than {steps} steps to evaluate; what is left stays unknown"
        ))
    }

    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        self.pay(1)?;
        if self.depth >= DEEPEST {
            return Err(Fault::limit(format!(
                "expressions are nested deeper than {DEEPEST} levels"
            )));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Says a fault once for one place; the limits once for the whole template.
    pub(super) fn report(&mut self, context: &Context, place: Place, fault: &Fault) {
        let file = self.environment(context.environment).file.clone();
        let level = match fault.code {
            "ARM0008" | "ARM0009" => DiagnosticLevel::Warning,
            "ARM0012" | "ARM0015" => DiagnosticLevel::Note,
            _ => DiagnosticLevel::Error,
        };
        self.report_in(&file, place, level, fault);
    }

    pub(super) fn report_in(
        &mut self,
        file: &str,
        place: Place,
        level: DiagnosticLevel,
        fault: &Fault,
    ) {
        let key = if fault.code == "ARM0013" {
            (fault.message.clone(), String::new(), 0, 0)
        } else {
            (
                fault.code.to_owned(),
                file.to_owned(),
                place.line,
                place.column,
            )
        };
        if self.diagnostics.len() >= MOST_DIAGNOSTICS || !self.reported.insert(key) {
            return;
        }
        let last = self.diagnostics.len() + 1 == MOST_DIAGNOSTICS;
        let more = if last {
            " (further messages about this template are left out)"
        } else {
            ""
        };
        self.diagnostics.push(Diagnostic {
            level,
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            code: fault.code.to_owned(),
            message: format!("{}{more}", fault.message),
            help: fault.help.to_owned(),
        });
    }

    /// Whether something about a file has not been said yet.
    pub(super) fn is_first(&mut self, what: &str, file: &str) -> bool {
        self.reported
            .insert((what.to_owned(), file.to_owned(), 0, 0))
    }

    /// The value of JSON in which strings may be expressions. A fault costs one diagnostic and leaves an unknown.
    pub(super) fn value(&mut self, context: &Context, node: &'a Node) -> Value {
        match self.try_value(context, node) {
            Ok(value) => value,
            Err(fault) => {
                self.report(context, node.into(), &fault);
                unevaluated(node)
            }
        }
    }

    fn try_value(&mut self, context: &Context, node: &'a Node) -> Result<Value, Fault> {
        match &node.value {
            NodeValue::String(text) => return Ok(self.text(context, text, node.into())),
            NodeValue::Array(_) | NodeValue::Object(_) => {}
            _ => return Value::from_node(node),
        }
        self.enter()?;
        let made = match &node.value {
            NodeValue::Array(items) => {
                let items = items.iter().map(|item| self.value(context, item)).collect();
                Value::list(items)
            }
            NodeValue::Object(members) => self.members(context, members),
            _ => Ok(Value::Null),
        };
        self.leave();
        made
    }

    fn members(&mut self, context: &Context, members: &'a [Member]) -> Result<Value, Fault> {
        let mut made = IndexMap::with_capacity(members.len());
        for member in members {
            if let Some(loops) = super::copy_loop::property_loops(member) {
                for property in loops {
                    let value = self.property_loop(context, &property);
                    made.insert(property.name.to_owned(), value);
                }
                continue;
            }
            let key = self.key(context, member);
            let value = self.value(context, &member.value);
            made.insert(key.shown(), value);
        }
        Value::object(made)
    }

    /// A key, which may be an expression too, as `userAssignedIdentities` has them.
    pub(super) fn key(
        &mut self,
        context: &Context,
        member: &'a Member,
    ) -> super::symbolic_text::SymbolicText {
        let value = self.text(context, &member.key, member.into());
        value
            .to_symbolic()
            .unwrap_or_else(|| super::symbolic_text::SymbolicText::literal(&member.key))
    }

    /// The value of one string: text, or an expression.
    pub(super) fn text(&mut self, context: &Context, text: &'a str, place: Place) -> Value {
        let inside = match syntax::reading(text) {
            Reading::Escaped(plain) => {
                // The deployment around takes one bracket off; the nested one then evaluates what is left.
                return match context.inner {
                    Some(inner) => self.text(&Context::new(inner), plain, place),
                    None => Value::text(plain).unwrap_or(Value::Null),
                };
            }
            Reading::Literal(plain) => return Value::text(plain).unwrap_or(Value::Null),
            Reading::Expression(inside) => inside,
        };
        let parsed = self
            .parsed
            .entry(inside)
            .or_insert_with(|| Rc::new(syntax::parse(inside)))
            .clone();
        let expression = match parsed.as_ref() {
            Ok(expression) => expression,
            Err(fault) => {
                let column = place
                    .column
                    .saturating_add(u32::try_from(fault.offset).unwrap_or(0) + 1);
                let message = format!("the expression cannot be read: {}", fault.message);
                let fault = Fault::new(
                    "ARM0002",
                    message,
                    "Mend the expression between the brackets.",
                );
                self.report(
                    context,
                    Place {
                        line: place.line,
                        column,
                    },
                    &fault,
                );
                return Value::unknown(inside).written_as(text);
            }
        };
        match self.expression(context, expression) {
            Ok(value) => value.written_as(text),
            Err(fault) => {
                self.report(context, place, &fault);
                Value::unknown(inside).written_as(text)
            }
        }
    }
}

/// What stands for a node that could not be evaluated.
fn unevaluated(node: &Node) -> Value {
    match node.text() {
        Some(text) => Value::unknown(text).written_as(text),
        None => Value::unknown("unevaluated"),
    }
}
