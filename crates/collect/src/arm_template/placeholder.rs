//! Placeholders in parameter files.
//!
//! `azd` writes `${NAME}` and `${NAME=default}` into `main.parameters.json` and puts values of its environment
//! there when it deploys. What has no default is not known before that. Source: Azure Developer CLI, "Use
//! environment variables"; the spellings are those of `envsubst` in shells (`=`, `:=`, `-`, `:-`).

use super::fault::Fault;
use super::symbolic_text::{Hole, SymbolicText};
use super::value::Value;
use crate::json::{Node, NodeValue};

/// What a parameter file gives, with its placeholders filled where they have a default. `declared` is the type
/// of the parameter: a default is text in the file whatever it stands for.
pub(super) fn given(node: &Node, declared: Option<&str>) -> Result<Value, Fault> {
    Ok(match &node.value {
        NodeValue::String(text) if text.contains("${") => filled(text, declared)?,
        NodeValue::Array(items) => Value::list(
            items
                .iter()
                .map(|item| given(item, None))
                .collect::<Result<_, _>>()?,
        )?,
        NodeValue::Object(members) => Value::object(
            members
                .iter()
                .map(|member| Ok((member.key.clone(), given(&member.value, None)?)))
                .collect::<Result<_, Fault>>()?,
        )?,
        _ => Value::from_node(node)?,
    })
}

fn filled(text: &str, declared: Option<&str>) -> Result<Value, Fault> {
    let mut made = SymbolicText::default();
    let mut rest = text;
    let mut found = 0;
    while let Some(start) = rest.find("${") {
        made.push_literal(&rest[..start]);
        let after = &rest[start + 2..];
        let Some((placeholder, end)) = Placeholder::read(after) else {
            made.push_literal("${");
            rest = after;
            continue;
        };
        found += 1;
        match placeholder.default {
            Some(default) => made.push_literal(default),
            None => made.push(&SymbolicText::hole(Hole::of_call(placeholder.name)))?,
        }
        rest = &after[end..];
    }
    made.push_literal(rest);
    if found == 0 {
        return Value::text(text);
    }
    let Some(known) = made.known() else {
        return Ok(Value::symbolic(made).written_as(text));
    };
    Ok(typed(known.as_ref(), declared).unwrap_or_else(|| Value::unknown(text).written_as(text)))
}

/// Text as the declared type reads it; `None` where it does not.
fn typed(text: &str, declared: Option<&str>) -> Option<Value> {
    match declared.map(str::to_ascii_lowercase).as_deref() {
        Some("bool") => text.to_ascii_lowercase().parse().ok().map(Value::Bool),
        Some("int") => text.parse().ok().map(Value::Int),
        Some("array" | "object") => None,
        _ => Value::text(text).ok(),
    }
}

struct Placeholder<'t> {
    name: &'t str,
    default: Option<&'t str>,
}

impl<'t> Placeholder<'t> {
    /// Reads what follows `${`; with it, where the text goes on.
    fn read(text: &'t str) -> Option<(Self, usize)> {
        let length = text
            .find(|next: char| !next.is_ascii_alphanumeric() && next != '_')
            .filter(|length| *length > 0)?;
        let (name, rest) = text.split_at(length);
        if rest.starts_with('}') {
            let default = None;
            return Some((Self { name, default }, length + 1));
        }
        let sign = [":=", ":-", "=", "-"]
            .into_iter()
            .find(|sign| rest.starts_with(sign))?;
        let default = &rest[sign.len()..];
        let end = default.find('}')?;
        let default = &default[..end];
        if default.contains("${") {
            return None;
        }
        let end = length + sign.len() + end + 1;
        let default = Some(default);
        Some((Self { name, default }, end))
    }
}
