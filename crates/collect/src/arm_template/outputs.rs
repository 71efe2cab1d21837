//! Outputs of a template.

use super::call::truth;
use super::context::Context;
use super::copy_loop::PropertyLoop;
use super::evaluator::Evaluator;
use super::parameter_type::{Declaration, without_secrets};
use super::value::Value;
use crate::json::Node;

impl<'a> Evaluator<'a> {
    /// The value of one output: looped, conditional or plain. Secure outputs are hidden.
    pub(super) fn output(&mut self, context: &Context, name: &'a str, node: &'a Node) -> Value {
        if let Some(condition) = node.get("condition") {
            let condition = self.value(context, condition);
            match truth(&condition) {
                Some(false) => return Value::Null,
                Some(true) => {}
                None => return Value::unknown(&format!("outputs('{name}')")),
            }
        }
        let value = if let Some(copy) = node.get("copy") {
            let property = PropertyLoop {
                name,
                node: copy,
                count: copy.get("count"),
                input: copy.get("input"),
            };
            self.property_loop(context, &property)
        } else if let Some(written) = node.get("value") {
            self.value(context, written)
        } else {
            Value::Null
        };
        let definitions = self
            .environment(context.environment)
            .template
            .get("definitions");
        without_secrets(&Declaration { node, definitions }, value)
    }
}
