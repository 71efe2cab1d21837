//! Applicability: whether a definition concerns a resource at all, which is not the same as compliance.
//!
//! Source: learn.microsoft.com/azure/governance/policy/concepts/policy-applicability. For `…IfNotExists`
//! effects the whole `if` decides. For all others only its `type`, `name` and `kind` conditions do, the rest
//! counting as true (false when negated); and where there are no others, `type` alone. Resource provider modes
//! look at `type` alone.

use std::collections::BTreeSet;

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

use crate::evidence::{Evaluator, Field, FieldPath, Left, Node, Operand, Truth};

/// Which kinds of conditions a rule has.
// Four independent facts about a rule; an enum for each would say no more.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    pub names_type: bool,
    others: bool,
    location: bool,
    type_only: bool,
}

impl Shape {
    pub(crate) fn of(node: &Node, type_only: bool) -> Self {
        let mut shape = Self {
            type_only,
            ..Self::default()
        };
        shape.add(node);
        shape
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::AllOf(children) | Node::AnyOf(children) => {
                for child in children {
                    self.add(child);
                }
            }
            Node::Not(inner) => self.add(inner),
            Node::Leaf(leaf) => match &leaf.left {
                Left::Field(Field {
                    path: FieldPath::Type,
                    ..
                }) => self.names_type = true,
                Left::Field(field) if is_kind_or_name(field) => {}
                Left::Field(Field {
                    path: FieldPath::Location,
                    ..
                }) => (self.location, self.others) = (true, true),
                _ => self.others = true,
            },
        }
    }

    /// Whether a rule with an effect other than `…IfNotExists` concerns the resource.
    pub(crate) fn applies<'a>(
        self,
        node: &'a Node,
        resource_type: &str,
        evaluator: &mut Evaluator<'a>,
    ) -> bool {
        if self.location && resource_type == "microsoft.resources/subscriptions" {
            return false;
        }
        let with_names = self.others && !self.type_only;
        can_be(node, true, with_names, evaluator)
    }
}

fn is_kind_or_name(field: &Field) -> bool {
    match &field.path {
        FieldPath::Name => true,
        FieldPath::Root(keys) => keys.len() == 1 && keys[0] == "kind",
        _ => false,
    }
}

/// Whether a node can come out as wanted when only scoping conditions count.
fn can_be<'a>(
    node: &'a Node,
    wanted: bool,
    with_names: bool,
    evaluator: &mut Evaluator<'a>,
) -> bool {
    match node {
        Node::AllOf(children) | Node::AnyOf(children) => {
            let needs_all = matches!(node, Node::AllOf(_)) == wanted;
            let mut each = children
                .iter()
                .map(|child| can_be(child, wanted, with_names, evaluator));
            if needs_all {
                each.all(|can| can)
            } else {
                each.any(|can| can)
            }
        }
        Node::Not(inner) => can_be(inner, !wanted, with_names, evaluator),
        Node::Leaf(leaf) => {
            let counts = match &leaf.left {
                Left::Field(Field {
                    path: FieldPath::Type,
                    ..
                }) => true,
                Left::Field(field) => with_names && is_kind_or_name(field),
                _ => false,
            };
            !counts
                || evaluator.truth(node).map_or(true, |truth| {
                    truth == Truth::Unknown || truth == wanted.into()
                })
        }
    }
}

/// The lower-case types a rule can match; `None` where it may match any.
pub(crate) fn types(node: &Node) -> Option<BTreeSet<String>> {
    match node {
        Node::AllOf(children) => children.iter().filter_map(types).reduce(|mut a, b| {
            a.retain(|name| b.contains(name));
            a
        }),
        Node::AnyOf(children) => {
            children
                .iter()
                .map(types)
                .try_fold(BTreeSet::new(), |mut all, own| {
                    all.extend(own?);
                    Some(all)
                })
        }
        Node::Not(_) => None,
        Node::Leaf(leaf) => {
            let Left::Field(Field {
                path: FieldPath::Type,
                ..
            }) = &leaf.left
            else {
                return None;
            };
            let Operand::Constant(value) = &leaf.right else {
                return None;
            };
            match (leaf.operator, value) {
                (OperatorKind::Equals | OperatorKind::In, Value::String(text)) => {
                    Some(BTreeSet::from([text.to_ascii_lowercase()]))
                }
                (OperatorKind::In, Value::Array(items)) => Some(
                    items
                        .iter()
                        .filter_map(|item| item.as_str().map(str::to_ascii_lowercase))
                        .collect(),
                ),
                _ => None,
            }
        }
    }
}
