//! Intrinsic functions.
//!
//! Source: AWS CloudFormation User Guide, "Intrinsic function reference" and "`AWS::LanguageExtensions` transform".

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::codes;
use crate::json::{Node, number_value};

use super::cidr;
use super::emit::to_json;
use super::evaluate::Evaluator;
use super::text::{self, Builder};
use super::value::{Item, Value};
use super::written::written;

/// What a function gives. `node` is the whole call.
pub(super) fn call(evaluator: &Evaluator<'_>, node: &Node, name: &str, argument: &Node) -> Value {
    match name {
        "Sub" => text::sub(evaluator, node, argument),
        "Join" => join(evaluator, node, argument),
        "Split" => split(evaluator, node, argument),
        "Select" => select(evaluator, node, argument),
        "If" => choose(evaluator, node, argument),
        "And" | "Or" | "Not" | "Equals" => match evaluator.condition_of(node) {
            Some(value) => Value::Bool(value),
            None => Value::unknown(written(node)),
        },
        "FindInMap" => find_in_map(evaluator, node, argument),
        "Base64" => match evaluator.evaluate(argument).value.known_text() {
            Some(plain) => encoded(evaluator, node, &plain),
            None => Value::unknown(written(node)),
        },
        "Cidr" => cidr_blocks(evaluator, node, argument),
        "Length" => match evaluator.evaluate(argument).value {
            Value::List(items) => Value::Number(items.len().to_string().into()),
            _ => Value::unknown(written(node)),
        },
        "ToJsonString" => json_text(evaluator, node, argument),
        // Known when the stack is made, or in the account alone.
        "GetAZs" | "ImportValue" | "GetStackOutput" => Value::unknown(written(node)),
        "Transform" => {
            macro_met(evaluator, argument);
            Value::unknown(written(node))
        }
        _ => evaluator.fault(node, &format!("there is no function `Fn::{name}`")),
    }
}

/// A macro changes the template in a way that only the account knows.
pub(super) fn macro_met(evaluator: &Evaluator<'_>, argument: &Node) {
    let name = argument
        .get("Name")
        .and_then(Node::text)
        .or_else(|| argument.text())
        .unwrap_or("a macro");
    evaluator.shared.say(
        codes::CLOUDFORMATION_MACRO,
        &evaluator.file,
        (argument.line, argument.column),
        format!("what `{name}` makes here is not known"),
    );
}

fn encoded(evaluator: &Evaluator<'_>, node: &Node, plain: &str) -> Value {
    let at = (node.line, node.column);
    if !evaluator
        .shared
        .spend_text(plain.len(), &evaluator.file, at)
    {
        return Value::unknown(written(node));
    }
    Value::text(&STANDARD.encode(plain))
}

/// The arguments of a function that takes so many.
fn arguments(argument: &Node, least: usize, most: usize) -> Option<&[Node]> {
    argument
        .items()
        .filter(|items| (least..=most).contains(&items.len()))
}

fn join(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([delimiter, list]) = arguments(argument, 2, 2) else {
        return evaluator.fault(node, "`Fn::Join` wants a delimiter and a list");
    };
    let (Some(delimiter), Value::List(items)) = (delimiter.text(), evaluator.evaluate(list).value)
    else {
        return Value::unknown(written(node));
    };
    let mut made = Builder::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            made.literal(delimiter);
        }
        made.push(&item.value);
    }
    made.finish(evaluator, node)
}

fn split(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([delimiter, source]) = arguments(argument, 2, 2) else {
        return evaluator.fault(node, "`Fn::Split` wants a delimiter and a text");
    };
    let delimiter = delimiter.text().unwrap_or_default();
    let Value::Text(source) = evaluator.evaluate(source).value else {
        return Value::unknown(written(node));
    };
    if delimiter.is_empty() {
        return evaluator.fault(node, "`Fn::Split` wants a delimiter that is not empty");
    }
    let parts = text::split_outside_holes(&source.shown, delimiter);
    let items = parts.into_iter().map(|part| {
        let unknown = source.unknown.is_some() && part.contains("${");
        Item::at(
            node,
            if unknown {
                Value::partial(part.to_owned(), &written(node))
            } else {
                Value::text(part)
            },
        )
    });
    Value::list(items.collect())
}

fn select(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([index, list]) = arguments(argument, 2, 2) else {
        return evaluator.fault(node, "`Fn::Select` wants an index and a list");
    };
    let index = evaluator.evaluate(index).value.known_text();
    let Value::List(items) = evaluator.evaluate(list).value else {
        return Value::unknown(written(node));
    };
    let Some(index) = index.and_then(|text| text.parse::<usize>().ok()) else {
        return Value::unknown(written(node));
    };
    match items.get(index) {
        Some(item) => item.value.clone(),
        None => evaluator.fault(node, "the list has no element of that index"),
    }
}

fn choose(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([condition, yes, no]) = arguments(argument, 3, 3) else {
        return evaluator.fault(node, "`Fn::If` wants a condition and two values");
    };
    let holds = match condition.text() {
        Some(name) => evaluator.condition(name, node),
        None => evaluator.condition_of(condition),
    };
    match holds {
        Some(true) => evaluator.evaluate(yes).value,
        Some(false) => evaluator.evaluate(no).value,
        None => {
            let (yes, no) = (evaluator.evaluate(yes).value, evaluator.evaluate(no).value);
            if yes.same(&no) {
                yes
            } else {
                Value::unknown(written(node))
            }
        }
    }
}

fn find_in_map(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([map, first, second, rest @ ..]) = arguments(argument, 3, 4) else {
        return evaluator.fault(node, "`Fn::FindInMap` wants a map and two keys");
    };
    let default = rest.first().and_then(|options| options.get("DefaultValue"));
    let key = |node: &Node| evaluator.evaluate(node).value.known_text();
    let (Some(map), Some(second)) = (key(map), key(second)) else {
        return Value::unknown(written(node));
    };
    let exact = super::parameters::exact;
    let Some(table) = evaluator
        .mappings
        .as_ref()
        .and_then(|mappings| exact(mappings, &map))
    else {
        return match default {
            Some(default) => evaluator.evaluate(default).value,
            None => evaluator.fault(node, &format!("there is no mapping `{map}`")),
        };
    };
    if let Some(first) = key(first) {
        return match exact(table, &first).and_then(|row| exact(row, &second)) {
            Some(found) => evaluator.evaluate(found).value,
            None => match default {
                Some(default) => evaluator.evaluate(default).value,
                None => evaluator.fault(node, &format!("`{map}` has no `{first}`, `{second}`")),
            },
        };
    }
    // Usually the region: where every row says the same, the row does not matter.
    let mut found: Option<Value> = None;
    for member in table.members().unwrap_or_default() {
        let value = exact(&member.value, &second).map(|node| evaluator.evaluate(node).value);
        match (value, &found) {
            (Some(value), None) => found = Some(value),
            (Some(value), Some(earlier)) if earlier.same(&value) => {}
            _ => return Value::unknown(written(node)),
        }
    }
    found.unwrap_or_else(|| Value::unknown(written(node)))
}

fn cidr_blocks(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let Some([block, count, rest @ ..]) = arguments(argument, 2, 3) else {
        return evaluator.fault(
            node,
            "`Fn::Cidr` wants a block, a count and the bits of a host",
        );
    };
    let text = |node: &Node| evaluator.evaluate(node).value.known_text();
    let bits = match rest.first() {
        Some(bits) => text(bits),
        None => Some(Rc::from("8")),
    };
    let (Some(block), Some(count), Some(bits)) = (text(block), text(count), bits) else {
        return Value::unknown(written(node));
    };
    match cidr::blocks(&block, &count, &bits) {
        Some(blocks) => Value::list(
            blocks
                .iter()
                .map(|block| Item::at(node, Value::text(block)))
                .collect(),
        ),
        None => Value::unknown(written(node)),
    }
}

fn json_text(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let value = evaluator.evaluate(argument).value;
    if value.is_unknown() {
        return Value::unknown(written(node));
    }
    let text = to_json(&value).to_string();
    let at = (node.line, node.column);
    if !evaluator.shared.spend_text(text.len(), &evaluator.file, at) {
        return Value::unknown(written(node));
    }
    Value::text(&text)
}

/// A number as JSON has it.
pub(super) fn number(text: &str) -> serde_json::Value {
    number_value(text)
}
