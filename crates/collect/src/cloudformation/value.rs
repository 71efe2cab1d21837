//! The values that intrinsic functions have: JSON, plus what is not known yet.

use std::rc::Rc;

use crate::json::{Node, NodeValue};

use super::written::written;

/// A value and where it was written.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A key with its place, and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) item: Item,
}

/// A value. Cloning shares lists and objects.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A number as it was written.
    Number(Rc<str>),
    Text(Text),
    List(Rc<Vec<Item>>),
    Object(Rc<Vec<Entry>>),
    /// Nothing is known of it; the expression as it was written.
    Unknown(Rc<str>),
    /// A parameter that must not be shown; the expression that refers to it.
    Secret(Rc<str>),
    /// `AWS::NoValue`: as if the member were not there.
    Absent,
}

/// A text, known or with holes.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// What is known, with `${Name}` for what is not.
    pub(super) shown: Rc<str>,
    /// Where a part is not known: the expression as it was written.
    pub(super) unknown: Option<Rc<str>>,
    /// Inside a longer text: the id that stands in the ARN.
    pub(super) within: Option<Rc<str>>,
}

impl Text {
    /// The text as a part of another one.
    pub(super) fn part(&self) -> &str {
        self.within.as_deref().unwrap_or(&self.shown)
    }
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(Text {
            shown: text.into(),
            unknown: None,
            within: None,
        })
    }

    /// A text of which parts are holes.
    pub(super) fn partial(shown: String, expression: &str) -> Self {
        Self::Text(Text {
            shown: shown.into(),
            unknown: Some(expression.into()),
            within: None,
        })
    }

    pub(super) fn unknown(expression: impl Into<Rc<str>>) -> Self {
        Self::Unknown(expression.into())
    }

    pub(super) fn list(items: Vec<Item>) -> Self {
        Self::List(Rc::new(items))
    }

    /// A scalar of a template; containers are evaluated, not copied.
    pub(super) fn scalar(node: &Node) -> Self {
        match &node.value {
            NodeValue::Null => Self::Null,
            NodeValue::Bool(value) => Self::Bool(*value),
            NodeValue::Number(text) => Self::Number(text.as_str().into()),
            NodeValue::String(text) => Self::text(text),
            NodeValue::Array(_) | NodeValue::Object(_) => Self::unknown(written(node)),
        }
    }

    /// The value as text, where it is a known scalar: functions take numbers and truth values too.
    pub(super) fn known_text(&self) -> Option<Rc<str>> {
        match self {
            Self::Text(Text {
                shown,
                unknown: None,
                ..
            }) => Some(Rc::clone(shown)),
            Self::Number(text) => Some(Rc::clone(text)),
            Self::Bool(true) => Some("true".into()),
            Self::Bool(false) => Some("false".into()),
            _ => None,
        }
    }

    /// Whether it, or a part of it, is not known.
    pub(super) fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Secret(_) => true,
            Self::Text(text) => text.unknown.is_some(),
            Self::List(items) => items.iter().any(|item| item.value.is_unknown()),
            Self::Object(entries) => entries.iter().any(|entry| entry.item.value.is_unknown()),
            _ => false,
        }
    }

    /// Whether two values are known to be the same.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Absent, Self::Absent) => true,
            (Self::List(left), Self::List(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right.iter())
                        .all(|(left, right)| left.value.same(&right.value))
            }
            (Self::Object(left), Self::Object(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right.iter()).all(|(left, right)| {
                        left.key == right.key && left.item.value.same(&right.item.value)
                    })
            }
            _ => match (self.known_text(), other.known_text()) {
                (Some(left), Some(right)) => left == right,
                _ => false,
            },
        }
    }

    /// The member of an object.
    pub(super) fn member(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else {
            return None;
        };
        entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.item.value)
    }
}

impl Item {
    pub(super) fn at(node: &Node, value: Value) -> Self {
        Self {
            value,
            line: node.line,
            column: node.column,
        }
    }
}
