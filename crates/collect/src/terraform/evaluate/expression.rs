//! Expressions to values.

use std::fmt::Write as _;
use std::rc::Rc;

use indexmap::IndexMap;

use super::Evaluator;
use super::basics::{Pairs, Truth, bind, element, number, pairs, text_of, truth};
use crate::terraform::fault::Fault;
use crate::terraform::functions;
use crate::terraform::instance::{Scope, located};
use crate::terraform::mapping;
use crate::terraform::syntax::{Expression, ForExpression, Kind, Operator, Part, Spread, Step};
use crate::terraform::value::{self, Value};

type Found = Result<Value, Fault>;

/// A text while it is put together.
#[derive(Default)]
struct Text {
    shown: String,
    unknown: bool,
    secret: bool,
}

impl Evaluator<'_> {
    pub(in crate::terraform) fn value(&self, expression: &Expression, scope: &Scope) -> Found {
        let found = self.deeper(|| {
            self.charge(1)?;
            self.kind(expression, scope)
        });
        located(found, scope, expression)
    }

    fn kind(&self, expression: &Expression, scope: &Scope) -> Found {
        match &expression.kind {
            Kind::Null => Ok(Value::Null),
            Kind::Bool(flag) => Ok(Value::Bool(*flag)),
            Kind::Number(number) => Ok(Value::Number(*number)),
            Kind::Text(text) => Ok(Value::Text(Rc::clone(text))),
            Kind::Template(parts) => self.template(expression, parts, scope),
            Kind::List(items) => Value::list(
                items
                    .iter()
                    .map(|item| self.value(item, scope))
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Object(items) => self.object(expression, items, scope),
            Kind::Variable(name) => match scope.bound(name) {
                Some(value) => Ok(value.clone()),
                None => Err(Fault::wrong(format!("`{name}` is no value by itself"))),
            },
            Kind::Traversal(root, steps) => self.traversal(expression, root, steps, scope),
            Kind::Call(name, arguments, spread) => {
                self.call(expression, name, arguments, *spread, scope)
            }
            Kind::Not(inner) => match truth(&self.value(inner, scope)?)? {
                Truth::Known(flag) => Ok(Value::Bool(!flag)),
                Truth::Unknown => Ok(Value::unknown(&expression.text)),
                Truth::Secret => Ok(Value::Secret),
            },
            Kind::Negative(inner) => match self.value(inner, scope)? {
                Value::Secret => Ok(Value::Secret),
                value if value.is_unknown() => Ok(Value::unknown(&expression.text)),
                value => Ok(Value::Number(-number(&value)?)),
            },
            Kind::Binary(operator, left, right) => {
                self.binary(expression, *operator, left, right, scope)
            }
            Kind::Conditional(parts) => self.conditional(expression, parts, scope),
            Kind::For(found) => self.for_expression(expression, found, scope),
        }
    }

    fn object(
        &self,
        expression: &Expression,
        items: &[(Expression, Expression)],
        scope: &Scope,
    ) -> Found {
        let mut members = IndexMap::with_capacity(items.len());
        for (key, value) in items {
            let key = match self.value(key, scope)? {
                Value::Secret => return Ok(Value::Secret),
                key if key.is_unknown() => return Ok(Value::unknown(&expression.text)),
                key => text_of(&key)?,
            };
            members.insert(key, self.value(value, scope)?);
        }
        Value::map(members)
    }

    fn template(&self, expression: &Expression, parts: &[Part], scope: &Scope) -> Found {
        let mut text = Text::default();
        self.parts(parts, scope, &mut text)?;
        if text.secret {
            return Ok(Value::Secret);
        }
        if text.unknown {
            return Ok(Value::unknown_text(&expression.text, &text.shown));
        }
        Value::text(text.shown)
    }

    fn parts(&self, parts: &[Part], scope: &Scope, out: &mut Text) -> Result<(), Fault> {
        for part in parts {
            self.charge(1 + out.shown.len() as u64 / 4096)?;
            match part {
                Part::Text(text) => out.shown.push_str(text),
                Part::Value(inner) => self.part(inner, scope, out)?,
                Part::If {
                    condition,
                    then,
                    otherwise,
                } => match truth(&self.value(condition, scope)?)? {
                    Truth::Known(true) => self.parts(then, scope, out)?,
                    Truth::Known(false) => self.parts(otherwise, scope, out)?,
                    Truth::Secret => out.secret = true,
                    Truth::Unknown => {
                        out.unknown = true;
                        let _ = write!(out.shown, "{{{}}}", condition.text);
                    }
                },
                Part::For {
                    key_name,
                    value_name,
                    collection,
                    body,
                } => {
                    let values = self.value(collection, scope)?;
                    match pairs(&values)? {
                        Pairs::Known(pairs) => {
                            for (key, value) in pairs {
                                let scope = bind(scope, key_name.as_ref(), value_name, key, value);
                                self.parts(body, &scope, out)?;
                            }
                        }
                        Pairs::Secret => out.secret = true,
                        Pairs::Unknown => {
                            out.unknown = true;
                            let _ = write!(out.shown, "{{{}}}", collection.text);
                        }
                    }
                }
            }
            if out.shown.len() > 4 << 20 {
                return Err(Fault::limit("a text grows too long"));
            }
        }
        Ok(())
    }

    fn part(&self, inner: &Expression, scope: &Scope, out: &mut Text) -> Result<(), Fault> {
        match self.value(inner, scope)? {
            Value::Secret => out.secret = true,
            Value::Unknown(unknown) => {
                out.unknown = true;
                out.shown.push_str(&unknown.shown);
            }
            value => out.shown.push_str(&text_of(&value)?),
        }
        Ok(())
    }

    fn traversal(
        &self,
        expression: &Expression,
        root: &Expression,
        steps: &[Step],
        scope: &Scope,
    ) -> Found {
        let (mut value, rest) = self.root(root, steps, scope)?;
        // What was made by a cloud has attributes that only the cloud knows.
        let mut cloud = matches!(value, Value::Instance(_));
        for (at, step) in rest.iter().enumerate() {
            cloud |= matches!(value, Value::Instance(_));
            value = match step {
                Step::Attribute(name) => self.attribute(&value, name, cloud, expression)?,
                Step::Index(index) => {
                    let index = self.value(index, scope)?;
                    element(&value, &index, cloud, expression)?
                }
                Step::Splat { full } => {
                    return self.splat(expression, &value, &rest[at + 1..], *full, scope);
                }
            };
            if matches!(value, Value::Secret) {
                return Ok(value);
            }
            if let Value::Unknown(unknown) = &value {
                let whole = at + 1 == rest.len();
                if whole || unknown.json.is_some() {
                    return Ok(value);
                }
                return Ok(Value::unknown(&expression.text));
            }
        }
        Ok(value)
    }

    fn attribute(
        &self,
        value: &Value,
        name: &Rc<str>,
        cloud: bool,
        expression: &Expression,
    ) -> Found {
        match value {
            Value::Instance(instance) => {
                if instance.id_attributes.iter().any(|known| **known == **name) {
                    let id = mapping::reference_form(&instance.kind, &instance.id);
                    return Ok(Value::Text(id.into()));
                }
                if let Value::Map(map) = &instance.attributes
                    && let Some(found) = map.members.get(name)
                    && !matches!(found, Value::Null)
                {
                    return Ok(found.clone());
                }
                match self.computed(instance, name) {
                    Some(found) => Ok(found),
                    None => Ok(Value::unknown(&expression.text)),
                }
            }
            Value::Module(module) => self.output(module, name, expression),
            Value::Map(map) => match map.members.get(name) {
                Some(found) => Ok(found.clone()),
                None if cloud => Ok(Value::unknown(&expression.text)),
                None => Err(Fault::wrong(format!("there is no attribute `{name}`"))),
            },
            Value::List(list) if cloud && list.items.len() == 1 => match list.items.first() {
                Some(only) => self.attribute(only, name, cloud, expression),
                None => Ok(Value::unknown(&expression.text)),
            },
            Value::Secret => Ok(Value::Secret),
            _ if value.is_unknown() || cloud => Ok(Value::unknown(&expression.text)),
            Value::Null => Err(Fault::wrong(format!("`{name}` is asked of null"))),
            _ => Err(Fault::wrong(format!(
                "a value without attributes has no `{name}`"
            ))),
        }
    }

    fn splat(
        &self,
        expression: &Expression,
        value: &Value,
        rest: &[Step],
        full: bool,
        scope: &Scope,
    ) -> Found {
        let items: Vec<Value> = match value {
            Value::Null => Vec::new(),
            Value::Secret => return Ok(Value::Secret),
            Value::Unknown(_) => return Ok(Value::unknown(&expression.text)),
            Value::List(list) => list.items.clone(),
            single => vec![single.clone()],
        };
        let carried = if full {
            rest.len()
        } else {
            rest.iter()
                .position(|step| !matches!(step, Step::Attribute(_)))
                .unwrap_or(rest.len())
        };
        self.charge(items.len() as u64 + 1)?;
        let items = items
            .into_iter()
            .map(|item| self.deeper(|| self.steps_into(expression, item, &rest[..carried], scope)))
            .collect::<Result<_, _>>()?;
        self.steps_into(expression, Value::list(items)?, &rest[carried..], scope)
    }

    fn steps_into(
        &self,
        expression: &Expression,
        mut value: Value,
        steps: &[Step],
        scope: &Scope,
    ) -> Found {
        let mut cloud = false;
        for (at, step) in steps.iter().enumerate() {
            cloud |= matches!(value, Value::Instance(_));
            value = match step {
                Step::Attribute(name) => self.attribute(&value, name, cloud, expression)?,
                Step::Index(index) => {
                    let index = self.value(index, scope)?;
                    element(&value, &index, cloud, expression)?
                }
                Step::Splat { full } => {
                    return self.splat(expression, &value, &steps[at + 1..], *full, scope);
                }
            };
        }
        Ok(value)
    }

    fn call(
        &self,
        expression: &Expression,
        name: &str,
        arguments: &[Expression],
        spread: Spread,
        scope: &Scope,
    ) -> Found {
        match name {
            "try" => return self.first_that_works(arguments, scope),
            "can" => {
                let Some(first) = arguments.first() else {
                    return Err(Fault::wrong("`can` takes one argument"));
                };
                return match self.value(first, scope) {
                    Ok(value) if value.is_unknown() => Ok(Value::unknown(&expression.text)),
                    Ok(_) => Ok(Value::Bool(true)),
                    Err(fault) if fault.is_limit() => Err(fault),
                    Err(_) => Ok(Value::Bool(false)),
                };
            }
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.value(argument, scope)?);
        }
        if spread == Spread::Last {
            match values.pop() {
                Some(Value::List(list)) => values.extend(list.items.iter().cloned()),
                Some(Value::Secret) => return Ok(Value::Secret),
                Some(last) if last.is_unknown() => return Ok(Value::unknown(&expression.text)),
                _ => return Err(Fault::wrong("`...` needs a list")),
            }
        }
        self.charge(values.iter().map(Value::weight).sum())?;
        let call = functions::Call {
            name,
            arguments: values,
            expression: &expression.text,
            files: self.files,
            folder: self.root_folder(),
        };
        call.value()
    }

    fn first_that_works(&self, arguments: &[Expression], scope: &Scope) -> Found {
        let mut last = Fault::wrong("`try` takes an argument");
        for argument in arguments {
            match self.value(argument, scope) {
                Ok(value) => return Ok(value),
                Err(fault) if fault.is_limit() => return Err(fault),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    fn binary(
        &self,
        expression: &Expression,
        operator: Operator,
        left: &Expression,
        right: &Expression,
        scope: &Scope,
    ) -> Found {
        let first = self.value(left, scope)?;
        // The other side may decide all the same.
        if let Operator::And | Operator::Or = operator {
            let decides = operator == Operator::Or;
            let one = truth(&first)?;
            if one == Truth::Known(decides) {
                return Ok(Value::Bool(decides));
            }
            let two = truth(&self.value(right, scope)?)?;
            return Ok(match (one, two) {
                (_, Truth::Known(flag)) if flag == decides => Value::Bool(decides),
                (Truth::Known(_), Truth::Known(flag)) => Value::Bool(flag),
                (Truth::Secret, _) | (_, Truth::Secret) => Value::Secret,
                _ => Value::unknown(&expression.text),
            });
        }
        let second = self.value(right, scope)?;
        if matches!(first, Value::Secret) || matches!(second, Value::Secret) {
            return Ok(Value::Secret);
        }
        self.charge(first.weight().min(second.weight()))?;
        if let Operator::Equal | Operator::NotEqual = operator {
            return Ok(match value::equal(&first, &second) {
                Some(same) => Value::Bool(same == (operator == Operator::Equal)),
                None => Value::unknown(&expression.text),
            });
        }
        if first.is_unknown() || second.is_unknown() {
            return Ok(Value::unknown(&expression.text));
        }
        let (a, b) = (number(&first)?, number(&second)?);
        Ok(match operator {
            Operator::Less => Value::Bool(a < b),
            Operator::LessEqual => Value::Bool(a <= b),
            Operator::Greater => Value::Bool(a > b),
            Operator::GreaterEqual => Value::Bool(a >= b),
            Operator::Add => Value::Number(a + b),
            Operator::Subtract => Value::Number(a - b),
            Operator::Multiply => Value::Number(a * b),
            Operator::Divide | Operator::Remainder if b == 0.0 => {
                return Err(Fault::wrong("division by zero"));
            }
            Operator::Divide => Value::Number(a / b),
            _ => Value::Number(a % b),
        })
    }

    fn conditional(
        &self,
        expression: &Expression,
        [condition, then, otherwise]: &[Expression; 3],
        scope: &Scope,
    ) -> Found {
        match truth(&self.value(condition, scope)?)? {
            Truth::Known(true) => self.value(then, scope),
            Truth::Known(false) => self.value(otherwise, scope),
            Truth::Secret => Ok(Value::Secret),
            Truth::Unknown => {
                // Both ways may lead to the same.
                let (one, two) = (self.value(then, scope)?, self.value(otherwise, scope)?);
                self.charge(one.weight().min(two.weight()))?;
                match value::equal(&one, &two) {
                    Some(true) => Ok(one),
                    _ => Ok(Value::unknown(&expression.text)),
                }
            }
        }
    }

    fn for_expression(
        &self,
        expression: &Expression,
        found: &ForExpression,
        scope: &Scope,
    ) -> Found {
        let pairs = match pairs(&self.value(&found.collection, scope)?)? {
            Pairs::Known(pairs) => pairs,
            Pairs::Unknown => return Ok(Value::unknown(&expression.text)),
            Pairs::Secret => return Ok(Value::Secret),
        };
        let mut items = Vec::new();
        let mut members: IndexMap<Rc<str>, Vec<Value>> = IndexMap::new();
        for (key, value) in pairs {
            self.charge(1)?;
            let scope = bind(
                scope,
                found.key_name.as_ref(),
                &found.value_name,
                key,
                value,
            );
            if let Some(condition) = &found.condition {
                match truth(&self.value(condition, &scope)?)? {
                    Truth::Known(true) => {}
                    Truth::Known(false) => continue,
                    Truth::Secret => return Ok(Value::Secret),
                    Truth::Unknown => return Ok(Value::unknown(&expression.text)),
                }
            }
            let value = self.value(&found.value, &scope)?;
            let Some(key) = &found.key else {
                items.push(value);
                continue;
            };
            let key = match self.value(key, &scope)? {
                Value::Secret => return Ok(Value::Secret),
                key if key.is_unknown() => return Ok(Value::unknown(&expression.text)),
                key => text_of(&key)?,
            };
            let entry = members.entry(key).or_default();
            if !found.grouped && !entry.is_empty() {
                return Err(Fault::wrong("two elements give the same key"));
            }
            entry.push(value);
        }
        if found.key.is_none() {
            return Value::list(items);
        }
        let mut made = IndexMap::with_capacity(members.len());
        for (key, mut values) in members {
            let value = match values.pop() {
                Some(only) if !found.grouped => only,
                Some(last) => {
                    values.push(last);
                    Value::list(values)?
                }
                None => Value::Null,
            };
            made.insert(key, value);
        }
        Value::map(made)
    }
}
