//! Values of operands and expressions.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::datum::{Datum, Unsupported};
use super::field::Hit;
use super::functions;
use super::rule::{Expression, Field, Operand};
use super::walk::{Evaluator, Hits};

type Result<T> = std::result::Result<T, Unsupported>;

impl<'a> Evaluator<'a> {
    /// The value of a literal or an expression.
    pub(crate) fn operand(&mut self, operand: &'a Operand) -> Result<Datum<'a>> {
        match operand {
            Operand::Constant(value) => Ok(Datum::borrowed(value)),
            Operand::Expression(expression) => self.expression(expression),
            Operand::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    match self.operand(item)? {
                        Datum::Known(value) => values.push(value.into_owned()),
                        Datum::Absent => values.push(Value::Null),
                        Datum::Partial(_, expression) | Datum::Unknown(expression) => {
                            return Ok(Datum::Unknown(expression));
                        }
                    }
                }
                Ok(Datum::of(values))
            }
            Operand::Object(entries) => {
                let mut object = Map::new();
                for (key, entry) in entries {
                    match self.operand(entry)? {
                        Datum::Known(value) => object.insert(key.clone(), value.into_owned()),
                        Datum::Absent => object.insert(key.clone(), Value::Null),
                        Datum::Partial(_, expression) | Datum::Unknown(expression) => {
                            return Ok(Datum::Unknown(expression));
                        }
                    };
                }
                Ok(Datum::of(object))
            }
        }
    }

    /// The value of an expression.
    pub(crate) fn expression(&mut self, expression: &'a Expression) -> Result<Datum<'a>> {
        match expression {
            Expression::Constant(value) => Ok(Datum::borrowed(value)),
            Expression::Absent => Ok(Datum::Absent),
            Expression::Field(field) => self.field_function(field),
            Expression::Current { name, field } => self.current(name.as_deref(), field.as_ref()),
            Expression::Context(root) => Ok(self.context.get(root)),
            Expression::Member(object, key) => {
                if let Expression::Context(root) = object.as_ref()
                    && let Some(unknown) = self.context.unknown_member(root, key)
                {
                    return Ok(Datum::Unknown(unknown));
                }
                Ok(self.expression(object)?.member(key))
            }
            Expression::Index(object, index) => {
                let object = self.expression(object)?;
                let index = self.expression(index)?;
                Ok(object.index(&index))
            }
            Expression::Call(name, args) => self.call(name, args),
        }
    }

    /// `if`, `and`, `or` and `coalesce` may be decided by their known arguments.
    fn call(&mut self, name: &'a str, args: &'a [Expression]) -> Result<Datum<'a>> {
        let values = args
            .iter()
            .map(|arg| self.expression(arg))
            .collect::<Result<Vec<_>>>()?;
        let is = |datum: &Datum<'_>, flag: bool| datum.known() == Some(&Value::Bool(flag));
        match (name, values.as_slice()) {
            ("if", [condition, yes, no]) => {
                return Ok(match condition.expression() {
                    Some(expression) => Datum::Unknown(expression.to_owned()),
                    None if is(condition, true) => yes.clone(),
                    None => no.clone(),
                });
            }
            ("and", all) if all.iter().any(|datum| is(datum, false)) => {
                return Ok(Datum::of(false));
            }
            ("or", all) if all.iter().any(|datum| is(datum, true)) => return Ok(Datum::of(true)),
            ("empty", [Datum::Partial(value, _)]) => {
                let nothing = value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(Map::is_empty);
                return Ok(Datum::of(nothing));
            }
            ("length", [Datum::Partial(Cow::Borrowed(Value::Array(items)), _)]) => {
                return Ok(Datum::of(items.len()));
            }
            _ => {}
        }
        if let Some(expression) = values.iter().find_map(Datum::expression) {
            return Ok(Datum::Unknown(expression.to_owned()));
        }
        let known: Vec<Option<&Value>> = values.iter().map(Datum::known).collect();
        Ok(functions::call(name, &known)?.map_or(Datum::Absent, Datum::of))
    }

    /// `field('…')`: always of the evaluated resource, null where absent, a list where the alias has `[*]`.
    fn field_function(&mut self, field: &'a Field) -> Result<Datum<'a>> {
        match self.read(field, true)? {
            Hits::One(hit) => Ok(hit.datum.or_null()),
            Hits::Many(hits) => Ok(collect(hits)),
        }
    }

    fn current(&mut self, name: Option<&str>, field: Option<&'a Field>) -> Result<Datum<'a>> {
        let Some(name) = name else {
            let frame = self.frames.last();
            return Ok(frame.map_or(Datum::Absent, |frame| frame.datum.clone()));
        };
        for frame in self.frames.iter().rev() {
            if let Some(own) = &frame.name
                && let Some(rest) = name.strip_prefix(own.as_str())
            {
                if rest.is_empty() {
                    return Ok(frame.datum.clone());
                }
                if let Some(rest) = rest.strip_prefix('.') {
                    let start: Datum<'a> = frame.datum.clone();
                    return Ok(rest.split('.').fold(start, |datum, key| datum.member(key)));
                }
            }
        }
        // An alias reads inside its count as the field condition would.
        let Some(field) = field else {
            return Err(Unsupported(format!("current('{name}') outside its count")));
        };
        match self.read(field, self.frames.last().is_some_and(|frame| frame.primary))? {
            Hits::One(hit) => Ok(hit.datum),
            Hits::Many(hits) => Ok(collect(hits)),
        }
    }
}

/// The values an alias with `[*]` selects, as one list; absent ones are left out.
fn collect(hits: Vec<Hit<'_>>) -> Datum<'_> {
    let mut values = Vec::with_capacity(hits.len());
    let mut unknown = None;
    for hit in hits {
        match hit.datum {
            Datum::Known(value) => {
                // The one null element of a missing array stands for nothing.
                let is_element = matches!(hit.path.last(), Some(super::field::Step::Index(_)));
                if is_element || !value.is_null() {
                    values.push(value.into_owned());
                }
            }
            Datum::Partial(value, expression) => {
                values.push(value.into_owned());
                unknown = Some(expression);
            }
            Datum::Absent => {}
            Datum::Unknown(expression) => return Datum::Unknown(expression),
        }
    }
    match unknown {
        Some(expression) => Datum::Partial(Cow::Owned(Value::Array(values)), expression),
        None => Datum::of(values),
    }
}
