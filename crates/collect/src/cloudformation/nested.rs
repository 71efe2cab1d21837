//! Stacks inside stacks, where their template is a file of the same input.

use std::collections::HashMap;
use std::rc::Rc;

use stance_model::Resource;

use crate::codes;
use crate::json::{self, Node};

use super::emit;
use super::evaluate::{Declared, Evaluator};
use super::load::{Standing, open};
use super::parameters::{Values, exact};
use super::read::document_root;
use super::value::Value;

/// What a nested stack declares and gives back.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    pub(super) values: HashMap<String, Value>,
    pub(super) resources: Vec<Resource>,
}

/// The property that names the template of a nested stack.
pub(super) fn template_property(kind: &str) -> Option<&'static str> {
    match kind {
        "aws::cloudformation::stack" => Some("TemplateURL"),
        "aws::serverless::application" => Some("Location"),
        _ => None,
    }
}

/// One output of a nested stack.
pub(super) fn output(
    evaluator: &Evaluator<'_>,
    logical: &str,
    declared: &Declared,
    name: &str,
    _node: &Node,
) -> Option<Value> {
    template_property(&declared.kind)?;
    let outputs = stack(evaluator, logical, declared)?;
    outputs.values.get(name).cloned()
}

/// Reads a nested stack, once. `None`: its template is elsewhere, or it needs its own outputs.
pub(super) fn stack(
    evaluator: &Evaluator<'_>,
    logical: &str,
    declared: &Declared,
) -> Option<Rc<Outputs>> {
    if let Some(known) = evaluator.stacks.borrow().get(logical) {
        return known.clone();
    }
    let mut stacks = evaluator.stacks.borrow_mut();
    stacks.insert(logical.to_owned(), None);
    drop(stacks);
    let read = read(evaluator, logical, declared).map(Rc::new);
    let mut stacks = evaluator.stacks.borrow_mut();
    stacks.insert(logical.to_owned(), read.clone());
    read
}

fn read(evaluator: &Evaluator<'_>, logical: &str, declared: &Declared) -> Option<Outputs> {
    let properties = exact(&declared.node, "Properties")?;
    let location = exact(properties, template_property(&declared.kind)?)?;
    let at = (location.line, location.column);
    let left_out = |problem: &str| {
        evaluator.shared.partial.set(true);
        let message =
            format!("the template of the nested stack `{logical}` is not read: {problem}");
        evaluator
            .shared
            .say(codes::CLOUDFORMATION_NESTED, &evaluator.file, at, message);
        None
    };
    let Some(path) = evaluator.evaluate(location).value.known_text() else {
        return left_out("where it lies is not known");
    };
    if path.contains("://") {
        return left_out("it lies outside the input");
    }
    if evaluator.level >= evaluator.shared.limits.nested {
        return left_out("too many stacks inside stacks");
    }
    let Some(links) = evaluator.shared.links else {
        return left_out("no files can be read here");
    };
    let linked = match links.read(&evaluator.file, &path) {
        Ok(linked) => linked,
        Err(problem) => return left_out(&problem),
    };
    let mut problems = Vec::new();
    let root = document_root(&linked.file, &linked.text, &mut problems);
    evaluator.shared.said.borrow_mut().extend(problems);
    let Some(root) = root.filter(|root| exact(root, "Resources").is_some()) else {
        return left_out("it is no template");
    };
    let given = given(evaluator, properties);
    let standing = Standing {
        prefix: format!("{}{logical}-", evaluator.prefix),
        level: evaluator.level + 1,
    };
    let nested = open(evaluator.shared, &linked.file, root, &given, standing);
    let values = nested
        .outputs
        .iter()
        .filter_map(|member: &json::Member| {
            let value = nested.evaluate(exact(&member.value, "Value")?).value;
            Some((member.key.clone(), value))
        })
        .collect();
    let resources = emit::resources(&nested);
    Some(Outputs { values, resources })
}

/// The parameters that the outer template passes, and what it knows of the place.
fn given(evaluator: &Evaluator<'_>, properties: &Node) -> Values {
    let mut values: Values = evaluator
        .parameters
        .iter()
        .filter(|(name, _)| name.starts_with("AWS::"))
        .map(|(name, parameter)| (name.clone(), parameter.value(name)))
        .collect();
    let passed = exact(properties, "Parameters").and_then(Node::members);
    for member in passed.unwrap_or_default() {
        let value = evaluator.evaluate(&member.value).value;
        if !matches!(value, Value::Absent) {
            values.insert(member.key.clone(), value);
        }
    }
    values
}
