//! The value tree with positions.

use serde_json::Value;

/// A value and where it starts. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: NodeValue,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A JSON value. Numbers keep the text they were written in, so that none loses a digit.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// Text, escapes resolved.
    String(String),
    /// Elements in order.
    Array(Vec<Node>),
    /// Members in order of first appearance; of a repeated key only the last value.
    Object(Vec<Member>),
}

/// A key with its place, and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// Line of the key, from 1.
    pub line: u32,
    /// Column of the key, from 1.
    pub column: u32,
    /// The value.
    pub value: Node,
}

/// A document that was read whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Path as the user would write it.
    pub file: String,
    /// The outermost value.
    pub root: Node,
}

impl Node {
    /// The members, where this is an object.
    pub fn members(&self) -> Option<&[Member]> {
        match &self.value {
            NodeValue::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The elements, where this is an array.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.value {
            NodeValue::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The text, where this is a string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, where this is one.
    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            NodeValue::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The member with this key; the exact spelling first, else one that differs in case only.
    pub fn member(&self, key: &str) -> Option<&Member> {
        let members = self.members()?;
        members.iter().find(|member| member.key == key).or_else(|| {
            members
                .iter()
                .find(|member| member.key.eq_ignore_ascii_case(key))
        })
    }

    /// The value under this key, as [`Self::member`] finds it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|member| &member.value)
    }

    /// The value a JSON Pointer (RFC 6901) leads to; keys compare exactly.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        let mut node = self;
        for segment in pointer_segments(pointer)? {
            node = match &node.value {
                NodeValue::Object(members) => {
                    &members.iter().find(|member| member.key == segment)?.value
                }
                NodeValue::Array(items) => items.get(segment.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Line and column a JSON Pointer leads to: of the key for a member, of the value for an element.
    pub fn position(&self, pointer: &str) -> Option<(u32, u32)> {
        let mut at = (self.line, self.column);
        let mut node = self;
        for segment in pointer_segments(pointer)? {
            match &node.value {
                NodeValue::Object(members) => {
                    let member = members.iter().find(|member| member.key == segment)?;
                    at = (member.line, member.column);
                    node = &member.value;
                }
                NodeValue::Array(items) => {
                    node = items.get(segment.parse::<usize>().ok()?)?;
                    at = (node.line, node.column);
                }
                _ => return None,
            }
        }
        Some(at)
    }

    /// The same value without positions. Integers of 64 bits are exact; other numbers become the nearest double.
    pub fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(text) => number_value(text),
            NodeValue::String(text) => Value::String(text.clone()),
            NodeValue::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            NodeValue::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.value.to_value()))
                    .collect(),
            ),
        }
    }
}

/// A number's text as a `serde_json` value; null where it is out of every range.
pub(crate) fn number_value(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::from(number);
    }
    if let Ok(number) = text.parse::<u64>() {
        return Value::from(number);
    }
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

fn pointer_segments(pointer: &str) -> Option<impl Iterator<Item = String>> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    Some(
        pointer
            .split('/')
            .skip(1)
            .map(|segment| segment.replace("~1", "/").replace("~0", "~")),
    )
}

/// A key as a JSON Pointer segment: `~` and `/` escaped.
pub fn escape_pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
