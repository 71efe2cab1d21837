//! Conditions: true, false, or not known.

use crate::json::{Node, NodeValue};

use super::evaluate::Evaluator;
use super::written::call;

impl Evaluator<'_> {
    /// What a named condition comes to; `None` where it is not known.
    pub(super) fn condition(&self, name: &str, node: &Node) -> Option<bool> {
        if let Some(settled) = self.settled.borrow().get(name) {
            return *settled;
        }
        let Some(body) = self.conditions.get(name) else {
            self.fault(node, &format!("there is no condition `{name}`"));
            return None;
        };
        // A condition that needs itself stays unknown.
        self.settled.borrow_mut().insert(name.to_owned(), None);
        let value = self.condition_of(body);
        self.settled.borrow_mut().insert(name.to_owned(), value);
        value
    }

    /// What an expression comes to as a condition.
    pub(super) fn condition_of(&self, node: &Node) -> Option<bool> {
        let at = (node.line, node.column);
        let depth = &self.shared.depth;
        if !self.shared.step(&self.file, at) || depth.get() >= self.shared.limits.depth {
            return None;
        }
        depth.set(depth.get() + 1);
        let value = self.judge(node);
        depth.set(depth.get() - 1);
        value
    }

    fn judge(&self, node: &Node) -> Option<bool> {
        let Some((name, argument)) = call(node) else {
            return match &node.value {
                NodeValue::Bool(value) => Some(*value),
                NodeValue::String(text) if text == "true" || text == "false" => {
                    Some(text == "true")
                }
                _ => {
                    self.fault(node, "a condition is expected");
                    None
                }
            };
        };
        match (name, &argument.value) {
            ("Condition", NodeValue::String(name)) => self.condition(name, node),
            ("Not", NodeValue::Array(items)) if items.len() == 1 => {
                self.condition_of(&items[0]).map(|value| !value)
            }
            ("And", NodeValue::Array(items)) => self.all(items, true),
            ("Or", NodeValue::Array(items)) => self.all(items, false),
            ("Equals", NodeValue::Array(items)) if items.len() == 2 => self.equal(items),
            _ => {
                self.fault(node, "a condition is expected");
                None
            }
        }
    }

    /// `And` for `wanted` true, `Or` for false: one value of the other kind decides.
    fn all(&self, items: &[Node], wanted: bool) -> Option<bool> {
        let mut known = true;
        for item in items {
            match self.condition_of(item) {
                Some(value) if value != wanted => return Some(!wanted),
                Some(_) => {}
                None => known = false,
            }
        }
        known.then_some(wanted)
    }

    fn equal(&self, items: &[Node]) -> Option<bool> {
        let (left, right) = (
            self.evaluate(&items[0]).value,
            self.evaluate(&items[1]).value,
        );
        if left.is_unknown() || right.is_unknown() {
            return None;
        }
        Some(left.same(&right))
    }
}
