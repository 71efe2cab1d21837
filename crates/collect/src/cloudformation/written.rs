//! Expressions as people write them: the short form of YAML, on one line.

use crate::json::{Node, NodeValue};

/// Longest expression that is kept.
const LONGEST: usize = 300;

/// `!Sub arn:aws:s3:::${Bucket}`, `!GetAtt Role.Arn`; plain values as JSON.
pub(super) fn written(node: &Node) -> String {
    let mut text = String::new();
    write(node, &mut text);
    text.truncate(text.trim_end().len());
    if text.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(cut.unwrap_or(0));
        text.push('…');
    }
    text
}

/// Name and argument, where an object is a call: `Ref`, `Fn::Sub`, `!Sub`, `Condition`.
pub(super) fn call(node: &Node) -> Option<(&str, &Node)> {
    let [member] = node.members()? else {
        return None;
    };
    let name = match member.key.as_str() {
        name @ ("Ref" | "Condition") => name,
        key => key.strip_prefix("Fn::").or_else(|| key.strip_prefix('!'))?,
    };
    Some((name, &member.value))
}

fn write(node: &Node, text: &mut String) {
    if text.len() > LONGEST {
        return;
    }
    if let Some((name, argument)) = call(node) {
        text.push('!');
        text.push_str(name);
        text.push(' ');
        match (name, &argument.value) {
            (_, NodeValue::String(plain)) => text.push_str(&plain.replace('\n', " ")),
            ("GetAtt", NodeValue::Array(items)) => {
                let parts: Vec<&str> = items.iter().filter_map(Node::text).collect();
                text.push_str(&parts.join("."));
            }
            _ => write(argument, text),
        }
        return;
    }
    match &node.value {
        NodeValue::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                write(item, text);
            }
            text.push(']');
        }
        NodeValue::Object(members) => {
            text.push('{');
            for (at, member) in members.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                text.push_str(&member.key);
                text.push_str(": ");
                write(&member.value, text);
            }
            text.push('}');
        }
        NodeValue::String(plain) => {
            text.push('\'');
            text.push_str(&plain.replace('\n', " "));
            text.push('\'');
        }
        NodeValue::Number(number) => text.push_str(number),
        NodeValue::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        NodeValue::Null => text.push_str("null"),
    }
}
