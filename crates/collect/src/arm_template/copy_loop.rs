//! Copy loops: of resources, properties, variables and outputs.

use super::context::Context;
use super::evaluator::{Evaluator, Place};
use super::fault::Fault;
use super::value::Value;
use crate::json::{Member, Node};

/// One element of a `copy` array inside an object.
pub(super) struct PropertyLoop<'a> {
    /// The property it makes.
    pub(super) name: &'a str,
    /// The loop as written.
    pub(super) node: &'a Node,
    pub(super) count: Option<&'a Node>,
    pub(super) input: Option<&'a Node>,
}

/// How often a loop runs.
pub(super) enum Count {
    Known(i64),
    /// The expression of the count, as written.
    Unknown(String),
}

/// The loops of a member that is named `copy` and looks like loops; any other `copy` is a plain property.
pub(super) fn property_loops(member: &Member) -> Option<Vec<PropertyLoop<'_>>> {
    if !member.key.eq_ignore_ascii_case("copy") {
        return None;
    }
    member
        .value
        .items()?
        .iter()
        .map(|node| {
            node.get("count")?;
            Some(PropertyLoop {
                name: node.get("name")?.text()?,
                node,
                count: node.get("count"),
                input: node.get("input"),
            })
        })
        .collect()
}

impl<'a> Evaluator<'a> {
    /// The array a property or variable loop makes.
    pub(super) fn property_loop(
        &mut self,
        context: &Context,
        property: &PropertyLoop<'a>,
    ) -> Value {
        let Some(input) = property.input else {
            let fault = Fault::new(
                "ARM0010",
                format!("the copy loop `{}` has no `input`", property.name),
                "Give the loop an `input` to repeat.",
            );
            self.report(context, property.node.into(), &fault);
            return Value::unknown("copy");
        };
        match self.loop_count(context, property.count, property.node.into(), property.name) {
            Count::Unknown(expression) => {
                Value::unknown(&format!("copy({expression})")).written_as(&expression)
            }
            Count::Known(count) => {
                let items: Result<Vec<_>, Fault> = (0..count)
                    .map(|index| {
                        self.pay(1)?;
                        let inside = context.in_loop(property.name, Some(index), false);
                        Ok(self.value(&inside, input))
                    })
                    .collect();
                match items.and_then(Value::list) {
                    Ok(list) => list,
                    Err(fault) => {
                        self.report(context, property.node.into(), &fault);
                        Value::unknown("copy")
                    }
                }
            }
        }
    }

    /// The count of a loop, held to what Resource Manager allows.
    pub(super) fn loop_count(
        &mut self,
        context: &Context,
        count: Option<&'a Node>,
        place: Place,
        name: &str,
    ) -> Count {
        let limit = self.options.limits.copies as i64;
        let Some(node) = count else {
            let fault = Fault::new(
                "ARM0010",
                format!("the copy loop `{name}` has no `count`"),
                "Give the loop a `count`.",
            );
            self.report(context, place, &fault);
            return Count::Known(0);
        };
        let value = self.value(context, node);
        let written = node.text().unwrap_or_default().to_owned();
        let (message, kept) = match value {
            Value::Int(count) if (0..=limit).contains(&count) => return Count::Known(count),
            Value::Unknown(_) | Value::Secret(_) => return Count::Unknown(written),
            Value::Int(count) if count < 0 => {
                (format!("the copy loop `{name}` has the count {count}"), 0)
            }
            Value::Int(count) => (
                format!("the copy loop `{name}` has the count {count}; {limit} instances are read"),
                limit,
            ),
            other => (
                format!(
                    "the count of the copy loop `{name}` is of type {}, not int",
                    other.type_name()
                ),
                0,
            ),
        };
        let help = "Give a count from 0 to 800; Resource Manager takes no other.";
        self.report(context, node.into(), &Fault::new("ARM0010", message, help));
        Count::Known(kept)
    }

    /// `copyIndex()`, `copyIndex('loop')`, `copyIndex(offset)`, `copyIndex('loop', offset)`.
    pub(super) fn copy_index(context: &Context, arguments: &[Value]) -> Result<Value, Fault> {
        let (name, offset) = match arguments {
            [] => (None, 0),
            [Value::Text(name)] => (Some(name.as_ref()), 0),
            [Value::Int(offset)] => (None, *offset),
            [Value::Text(name), Value::Int(offset)] => (Some(name.as_ref()), *offset),
            _ => {
                return Err(Fault::argument(
                    "`copyIndex` takes the name of a loop and an offset",
                ));
            }
        };
        let loops = context.loops.iter().rev();
        let found = match name {
            Some(name) => loops
                .clone()
                .find(|one| one.name.eq_ignore_ascii_case(name)),
            None => loops
                .clone()
                .find(|one| one.over_resources)
                .or_else(|| context.loops.last()),
        };
        let Some(found) = found else {
            let message = match name {
                Some(name) => {
                    format!("`copyIndex('{name}')` stands outside of a loop of that name")
                }
                None => "`copyIndex()` stands outside of any copy loop".to_owned(),
            };
            return Err(Fault::new(
                "ARM0010",
                message,
                "Use `copyIndex` inside the loop it counts.",
            ));
        };
        match found.index {
            Some(index) => index.checked_add(offset).map(Value::Int).ok_or_else(|| {
                Fault::argument("`copyIndex` with this offset is no 64-bit integer")
            }),
            None => Ok(Value::unknown(&format!("copyIndex('{}')", found.name))),
        }
    }
}
