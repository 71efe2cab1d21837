//! `Fn::Sub`, and texts put together from parts of which some are not known.

use std::rc::Rc;

use crate::json::{Node, NodeValue};

use super::evaluate::Evaluator;
use super::parameters::{exact, hole};
use super::value::Value;
use super::written::written;

/// A text in the making.
#[derive(Debug, Default)]
pub(super) struct Builder {
    shown: String,
    unknown: bool,
    parts: usize,
    /// The only part so far, which stays what it is.
    only: Option<Value>,
}

impl Builder {
    pub(super) fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.parts += 1;
        self.shown.push_str(text);
    }

    /// Adds a value; what has no text leaves a hole.
    pub(super) fn push(&mut self, value: &Value) {
        self.parts += 1;
        self.only = Some(value.clone());
        match value {
            Value::Text(text) => {
                self.shown.push_str(text.part());
                self.unknown |= text.unknown.is_some();
            }
            Value::Unknown(expression) | Value::Secret(expression) => {
                self.unknown = true;
                // Braces inside would end the hole too early.
                let name = expression.replace(['{', '}', '$'], "");
                self.shown.push_str(&hole(name.trim_start_matches("!Ref ")));
            }
            _ => match value.known_text() {
                Some(text) => self.shown.push_str(&text),
                None => self.unknown = !matches!(value, Value::Null | Value::Absent),
            },
        }
    }

    pub(super) fn finish(self, evaluator: &Evaluator<'_>, node: &Node) -> Value {
        let at = (node.line, node.column);
        if !evaluator
            .shared
            .spend_text(self.shown.len(), &evaluator.file, at)
        {
            return Value::unknown(written(node));
        }
        match self.only {
            Some(only) if self.parts == 1 && !matches!(only, Value::Absent) => match only {
                // A number in a text is text.
                Value::Number(_) | Value::Bool(_) => Value::text(&self.shown),
                only => only,
            },
            _ if self.unknown => Value::partial(self.shown, &written(node)),
            _ => Value::text(&self.shown),
        }
    }

    fn too_long(&self, evaluator: &Evaluator<'_>) -> bool {
        self.shown.len() > evaluator.shared.limits.text
    }
}

/// `Fn::Sub`: a text, or a text and values for some of its names.
pub(super) fn sub(evaluator: &Evaluator<'_>, node: &Node, argument: &Node) -> Value {
    let (text, values) = match &argument.value {
        NodeValue::String(text) => (text.as_str(), None),
        NodeValue::Array(items) => match items.as_slice() {
            [text, values] if text.text().is_some() && values.members().is_some() => {
                (text.text().unwrap_or_default(), Some(values))
            }
            _ => return evaluator.fault(node, "`Fn::Sub` wants a text and an object"),
        },
        // A text that another function gives is taken as it is.
        _ => return evaluator.evaluate(argument).value,
    };
    let mut made = Builder::default();
    let mut rest = text;
    // Each value is worked out once, however often it stands in the text.
    let mut known: Vec<(&str, Value)> = Vec::new();
    while let Some((before, after)) = rest.split_once("${") {
        made.literal(before);
        let Some((name, behind)) = after.split_once('}') else {
            return evaluator.fault(node, "`${` is never closed");
        };
        rest = behind;
        if let Some(literal) = name.strip_prefix('!') {
            made.literal(&hole(literal));
            continue;
        }
        let name = name.trim();
        if let Some((_, value)) = known.iter().find(|(earlier, _)| *earlier == name) {
            made.push(value);
            if made.too_long(evaluator) {
                break;
            }
            continue;
        }
        let value = match values.and_then(|values| exact(values, name)) {
            Some(value) => evaluator.evaluate(value).value,
            None => match name.split_once('.') {
                Some((resource, attribute)) => evaluator.attribute(resource, attribute, node),
                None => evaluator.reference(name, node),
            },
        };
        made.push(&value);
        known.push((name, value));
        if made.too_long(evaluator) {
            break;
        }
    }
    made.literal(rest);
    made.finish(evaluator, node)
}

/// Splits at a delimiter, but not inside `${…}`.
pub(super) fn split_outside_holes<'t>(text: &'t str, delimiter: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("${") {
            at += rest.find('}').map_or(rest.len(), |end| end + 1);
        } else if rest.starts_with(delimiter) {
            parts.push(&text[start..at]);
            at += delimiter.len();
            start = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The text of a value for an id: known parts, and holes.
pub(super) fn for_id(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::Text(text) => Some(text.part().into()),
        Value::Unknown(_) | Value::Secret(_) => None,
        _ => value.known_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::split_outside_holes;

    #[test]
    fn holes_are_not_split() {
        assert_eq!(
            split_outside_holes("arn:aws:x:${AWS::Region}:é", ":"),
            ["arn", "aws", "x", "${AWS::Region}", "é"]
        );
        assert_eq!(split_outside_holes("", ","), [""]);
    }
}
