//! `Fn::ForEach`: members made once for each element of a list.
//!
//! Loops are unrolled before anything else, so that logical ids made by them can be referred to.

use std::rc::Rc;

use crate::codes;
use crate::json::{Member, Node, NodeValue};

use super::evaluate::Evaluator;
use super::value::Value;
use super::written::call;

/// Whether there is a loop anywhere below.
pub(super) fn has_loops(root: &Node) -> bool {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        match &node.value {
            NodeValue::Array(items) => waiting.extend(items),
            NodeValue::Object(members) => {
                if members.iter().any(is_loop) {
                    return true;
                }
                waiting.extend(members.iter().map(|member| &member.value));
            }
            _ => {}
        }
    }
    false
}

fn is_loop(member: &Member) -> bool {
    member.key.starts_with("Fn::ForEach::")
}

/// Names of loops and what they stand for now.
type Bound = Vec<(String, Rc<str>)>;

/// Unrolls every loop below. `evaluator` knows the parameters and mappings that lists may come from.
pub(super) fn unrolled(evaluator: &Evaluator<'_>, node: &Node) -> Node {
    copy(evaluator, node, &mut Bound::new())
}

fn copy(evaluator: &Evaluator<'_>, node: &Node, bound: &mut Bound) -> Node {
    let at = (node.line, node.column);
    if !bound.is_empty() && !evaluator.shared.spend_loop(1, &evaluator.file, at) {
        return with(node, NodeValue::Null);
    }
    if let Some(("Ref", argument)) = call(node)
        && let Some(value) = argument.text().and_then(|name| value_of(bound, name))
    {
        return with(node, NodeValue::String(value.to_string()));
    }
    let value = match &node.value {
        NodeValue::String(text) => NodeValue::String(substituted(text, bound)),
        NodeValue::Array(items) => NodeValue::Array(
            items
                .iter()
                .map(|item| copy(evaluator, item, bound))
                .collect(),
        ),
        NodeValue::Object(members) => NodeValue::Object(copied_members(evaluator, members, bound)),
        plain => plain.clone(),
    };
    with(node, value)
}

fn copied_members(evaluator: &Evaluator<'_>, members: &[Member], bound: &mut Bound) -> Vec<Member> {
    let mut made = Vec::with_capacity(members.len());
    for member in members {
        if is_loop(member) {
            repeat(evaluator, member, bound, &mut made);
            continue;
        }
        made.push(Member {
            key: substituted(&member.key, bound),
            line: member.line,
            column: member.column,
            value: copy(evaluator, &member.value, bound),
        });
    }
    made
}

fn repeat(evaluator: &Evaluator<'_>, member: &Member, bound: &mut Bound, made: &mut Vec<Member>) {
    let fault = |problem: &str| {
        evaluator.shared.partial.set(true);
        evaluator.shared.say(
            codes::CLOUDFORMATION,
            &evaluator.file,
            (member.line, member.column),
            format!("{problem}, in `{}`", member.key),
        );
    };
    let Some([name, collection, body]) = member.value.items() else {
        return fault("a loop wants a name, a list and an object");
    };
    let (Some(name), Some(body)) = (name.text(), body.members()) else {
        return fault("a loop wants a name, a list and an object");
    };
    let collection = copy(evaluator, collection, bound);
    let Value::List(items) = evaluator.evaluate(&collection).value else {
        return fault("the list of the loop is not known");
    };
    for item in items.iter() {
        let Some(value) = item.value.known_text() else {
            fault("an element of the loop's list is not known");
            continue;
        };
        bound.push((name.to_owned(), value));
        made.extend(copied_members(evaluator, body, bound));
        bound.pop();
    }
}

fn value_of<'b>(bound: &'b Bound, name: &str) -> Option<&'b str> {
    let found = bound.iter().rev().find(|(known, _)| known == name)?;
    Some(&found.1)
}

/// `${Name}` takes the value; `&{Name}` the value without what a logical id cannot hold.
fn substituted(text: &str, bound: &Bound) -> String {
    let mut text = text.to_owned();
    if bound.is_empty() || !text.contains('{') {
        return text;
    }
    for (name, value) in bound.iter().rev() {
        let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        text = text
            .replace(&format!("${{{name}}}"), value)
            .replace(&format!("&{{{name}}}"), &plain);
    }
    text
}

fn with(node: &Node, value: NodeValue) -> Node {
    Node {
        value,
        line: node.line,
        column: node.column,
    }
}
