//! Terraform in JSON, `*.tf.json`: the same tree.
//!
//! Source: developer.hashicorp.com/terraform/language/syntax/json. Which members are blocks only a provider's schema
//! tells; members of resources become attributes, and readers take an object for a list of one.

use std::rc::Rc;

use super::hcl::template;
use super::tree::{Attribute, Block, Body, Expression, Kind, MAX_DEPTH, SyntaxFault};
use crate::json::{Member, Node, NodeValue};
use crate::stream::Place;

/// Blocks of a file and how many labels each has.
const LABELS: &[(&str, usize)] = &[
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("locals", 0),
    ("terraform", 0),
];

/// The blocks of a file.
pub(in crate::terraform) fn parse_json(root: &Node) -> (Body, Vec<SyntaxFault>) {
    let mut body = Body::default();
    let mut faults = Vec::new();
    for member in root.members().unwrap_or_default() {
        let Some((name, labels)) = LABELS.iter().find(|(name, _)| *name == member.key) else {
            continue;
        };
        let mut path = Vec::new();
        blocks(name, *labels, member, &mut path, &mut body, &mut faults);
    }
    (body, faults)
}

fn place(member: &Member) -> Place {
    Place {
        line: member.line,
        column: member.column,
    }
}

fn blocks(
    name: &str,
    labels: usize,
    member: &Member,
    path: &mut Vec<Rc<str>>,
    out: &mut Body,
    faults: &mut Vec<SyntaxFault>,
) {
    let values = match member.value.items() {
        Some(items) => items.iter().collect(),
        None => vec![&member.value],
    };
    for value in values {
        let members = value.members().unwrap_or_default();
        if labels > 0 {
            for inner in members {
                path.push(inner.key.as_str().into());
                blocks(name, labels - 1, inner, path, out, faults);
                path.pop();
            }
            continue;
        }
        // Defaults of variables hold no expressions.
        let plain = name == "variable";
        match attributes(members, plain, 1) {
            Ok(body) => out.blocks.push(Block {
                name: name.into(),
                labels: path.clone(),
                place: place(member),
                body,
            }),
            Err(fault) => faults.push(fault),
        }
    }
}

fn attributes(members: &[Member], plain: bool, depth: u16) -> Result<Body, SyntaxFault> {
    let mut body = Body::default();
    for member in members {
        if member.key == "//" {
            continue;
        }
        if member.key == "dynamic" && !plain {
            dynamic(&member.value, depth, &mut body)?;
            continue;
        }
        body.attributes.push(Attribute {
            name: member.key.as_str().into(),
            place: place(member),
            value: value(&member.value, plain, depth)?,
        });
    }
    Ok(body)
}

/// `"dynamic": {"NAME": {"for_each": …, "content": {…}}}`.
fn dynamic(node: &Node, depth: u16, out: &mut Body) -> Result<(), SyntaxFault> {
    for member in node.members().unwrap_or_default() {
        let values = match member.value.items() {
            Some(items) => items.iter().collect(),
            None => vec![&member.value],
        };
        for value in values {
            let members = value.members().unwrap_or_default();
            let (content, rest): (Vec<_>, Vec<_>) = members
                .iter()
                .cloned()
                .partition(|member| member.key == "content");
            let mut body = attributes(&rest, false, depth + 1)?;
            for inner in &content {
                let members = inner.value.members().unwrap_or_default();
                body.blocks.push(Block {
                    name: "content".into(),
                    labels: Vec::new(),
                    place: place(inner),
                    body: attributes(members, false, depth + 1)?,
                });
            }
            out.blocks.push(Block {
                name: "dynamic".into(),
                labels: vec![member.key.as_str().into()],
                place: place(member),
                body,
            });
        }
    }
    Ok(())
}

/// A value without expressions, as in `terraform.tfvars.json`.
pub(in crate::terraform) fn plain_json(node: &Node) -> Result<Expression, SyntaxFault> {
    value(node, true, 1)
}

fn value(node: &Node, plain: bool, depth: u16) -> Result<Expression, SyntaxFault> {
    let place = Place {
        line: node.line,
        column: node.column,
    };
    if depth > MAX_DEPTH {
        return Err(SyntaxFault {
            place,
            message: format!("nested deeper than {MAX_DEPTH} levels"),
            limit: true,
        });
    }
    let kind = match &node.value {
        NodeValue::Null => Kind::Null,
        NodeValue::Bool(flag) => Kind::Bool(*flag),
        NodeValue::Number(text) => Kind::Number(text.parse().unwrap_or(0.0)),
        NodeValue::String(text) if !plain && (text.contains("${") || text.contains("%{")) => {
            return template(text, place);
        }
        NodeValue::String(text) => Kind::Text(text.as_str().into()),
        NodeValue::Array(items) => Kind::List(
            items
                .iter()
                .map(|item| value(item, plain, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        NodeValue::Object(members) => Kind::Object(
            members
                .iter()
                .filter(|member| member.key != "//")
                .map(|member| {
                    let key = Expression {
                        kind: Kind::Text(member.key.as_str().into()),
                        place: self::place(member),
                        text: Rc::from(""),
                        depth: 1,
                    };
                    Ok((key, value(&member.value, plain, depth + 1)?))
                })
                .collect::<Result<_, SyntaxFault>>()?,
        ),
    };
    let depth = match &kind {
        Kind::List(items) => Expression::depth_over(items),
        Kind::Object(items) => Expression::depth_over(items.iter().map(|(_, value)| value)),
        _ => 1,
    };
    Ok(Expression {
        kind,
        place,
        text: Rc::from(""),
        depth,
    })
}
