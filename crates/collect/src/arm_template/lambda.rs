//! Functions that take a lambda.

use indexmap::IndexMap;

use super::call::truth;
use super::context::Context;
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::functions;
use super::syntax::Expression;
use super::value::Value;

/// `lambda('a', 'b', body)`.
struct Lambda<'e> {
    names: Vec<&'e str>,
    body: &'e Expression,
}

fn lambda<'e>(function: &str, expression: &'e Expression) -> Result<Lambda<'e>, Fault> {
    let wrong = || Fault::argument(format!("`{function}` takes a `lambda`"));
    let Expression::Call { name, arguments } = expression else {
        return Err(wrong());
    };
    let (body, names) = arguments.split_last().ok_or_else(wrong)?;
    if !name.eq_ignore_ascii_case("lambda") {
        return Err(wrong());
    }
    let names = names
        .iter()
        .map(|name| match name {
            Expression::Text(name) => Ok(name.as_str()),
            _ => Err(wrong()),
        })
        .collect::<Result<_, _>>()?;
    Ok(Lambda { names, body })
}

impl Evaluator<'_> {
    pub(super) fn with_lambda(
        &mut self,
        context: &Context,
        name: &str,
        arguments: &[Expression],
    ) -> Result<Value, Fault> {
        let lower = name.to_ascii_lowercase();
        let (least, most) = match lower.as_str() {
            "reduce" => (3, 3),
            "toobject" => (2, 3),
            _ => (2, 2),
        };
        if arguments.len() < least || arguments.len() > most {
            return Err(functions::wrong_count(name, least, most, arguments.len()));
        }
        let collection = self.expression(context, &arguments[0])?;
        if matches!(collection, Value::Unknown(_) | Value::Secret(_)) {
            return Ok(lambda_unknown(name, &collection, arguments));
        }
        if lower == "mapvalues" {
            return self.map_values(context, &collection, &lambda(name, &arguments[1])?);
        }
        let Value::List(list) = &collection else {
            return Err(Fault::argument(format!(
                "`{name}` takes an array, not {}",
                collection.type_name()
            )));
        };
        let items = &list.items;
        let found = match lower.as_str() {
            "filter" => self.filter(context, items, &lambda(name, &arguments[1])?)?,
            "map" => Some(self.map(context, items, &lambda(name, &arguments[1])?)?),
            "reduce" => {
                let start = self.expression(context, &arguments[1])?;
                Some(self.reduce(context, items, start, &lambda(name, &arguments[2])?)?)
            }
            "sort" => self.sort(context, items, &lambda(name, &arguments[1])?)?,
            "toobject" => {
                let value = arguments
                    .get(2)
                    .map(|value| lambda(name, value))
                    .transpose()?;
                self.object_from(
                    context,
                    items,
                    &lambda(name, &arguments[1])?,
                    value.as_ref(),
                )?
            }
            _ => self.group_by(context, items, &lambda(name, &arguments[1])?)?,
        };
        Ok(found.unwrap_or_else(|| lambda_unknown(name, &collection, arguments)))
    }

    /// The body with the lambda's variables bound, as many as it declares.
    fn apply(
        &mut self,
        context: &Context,
        lambda: &Lambda<'_>,
        values: &[Value],
    ) -> Result<Value, Fault> {
        let mut inside = context.clone();
        for (name, value) in lambda.names.iter().zip(values) {
            inside = inside.with_variable(name, value.clone());
        }
        self.expression(&inside, lambda.body)
    }

    fn map(
        &mut self,
        context: &Context,
        items: &[Value],
        lambda: &Lambda<'_>,
    ) -> Result<Value, Fault> {
        let mapped = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                self.apply(context, lambda, &[item.clone(), Value::Int(index as i64)])
            })
            .collect::<Result<_, _>>()?;
        Value::list(mapped)
    }

    fn map_values(
        &mut self,
        context: &Context,
        value: &Value,
        lambda: &Lambda<'_>,
    ) -> Result<Value, Fault> {
        let Value::Object(object) = value else {
            return Err(Fault::argument(format!(
                "`mapValues` takes an object, not {}",
                value.type_name()
            )));
        };
        let mut mapped = IndexMap::with_capacity(object.members.len());
        for (key, member) in &object.members {
            mapped.insert(
                key.clone(),
                self.apply(context, lambda, std::slice::from_ref(member))?,
            );
        }
        Value::object(mapped)
    }

    /// `None` where it depends on something unknown whether an element stays.
    fn filter(
        &mut self,
        context: &Context,
        items: &[Value],
        lambda: &Lambda<'_>,
    ) -> Result<Option<Value>, Fault> {
        let mut kept = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let told = self.apply(context, lambda, &[item.clone(), Value::Int(index as i64)])?;
            match truth(&told) {
                Some(true) => kept.push(item.clone()),
                Some(false) => {}
                None if matches!(told, Value::Unknown(_) | Value::Secret(_)) => return Ok(None),
                None => return Err(Fault::argument("the lambda of `filter` gives no bool")),
            }
        }
        Value::list(kept).map(Some)
    }

    fn reduce(
        &mut self,
        context: &Context,
        items: &[Value],
        start: Value,
        lambda: &Lambda<'_>,
    ) -> Result<Value, Fault> {
        let mut result = start;
        for (index, item) in items.iter().enumerate() {
            result = self.apply(
                context,
                lambda,
                &[result, item.clone(), Value::Int(index as i64)],
            )?;
        }
        Ok(result)
    }

    /// Merge sort of our own: the lambda may contradict itself, which the library's sort does not forgive.
    fn sort(
        &mut self,
        context: &Context,
        items: &[Value],
        lambda: &Lambda<'_>,
    ) -> Result<Option<Value>, Fault> {
        let mut runs: Vec<Vec<Value>> = items.iter().map(|item| vec![item.clone()]).collect();
        while runs.len() > 1 {
            let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
            let mut pairs = runs.into_iter();
            while let Some(left) = pairs.next() {
                let Some(right) = pairs.next() else {
                    merged.push(left);
                    break;
                };
                match self.merge(context, left, right, lambda)? {
                    Some(run) => merged.push(run),
                    None => return Ok(None),
                }
            }
            runs = merged;
        }
        Value::list(runs.pop().unwrap_or_default()).map(Some)
    }

    fn merge(
        &mut self,
        context: &Context,
        left: Vec<Value>,
        right: Vec<Value>,
        lambda: &Lambda<'_>,
    ) -> Result<Option<Vec<Value>>, Fault> {
        let mut merged = Vec::with_capacity(left.len() + right.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
            // The right one goes first only where it is smaller, which keeps equal ones in order.
            let told = self.apply(context, lambda, &[second.clone(), first.clone()])?;
            match truth(&told) {
                Some(true) => merged.extend(right.next()),
                Some(false) => merged.extend(left.next()),
                None if matches!(told, Value::Unknown(_) | Value::Secret(_)) => return Ok(None),
                None => return Err(Fault::argument("the lambda of `sort` gives no bool")),
            }
        }
        merged.extend(left);
        merged.extend(right);
        Ok(Some(merged))
    }

    fn object_from(
        &mut self,
        context: &Context,
        items: &[Value],
        key: &Lambda<'_>,
        value: Option<&Lambda<'_>>,
    ) -> Result<Option<Value>, Fault> {
        let mut members = IndexMap::with_capacity(items.len());
        for item in items {
            let Some(key) = self.key_of(context, key, item, "toObject")? else {
                return Ok(None);
            };
            let member = match value {
                Some(value) => self.apply(context, value, std::slice::from_ref(item))?,
                None => item.clone(),
            };
            members.insert(key, member);
        }
        Value::object(members).map(Some)
    }

    fn group_by(
        &mut self,
        context: &Context,
        items: &[Value],
        key: &Lambda<'_>,
    ) -> Result<Option<Value>, Fault> {
        let mut groups: IndexMap<String, Vec<Value>> = IndexMap::new();
        for item in items {
            let Some(key) = self.key_of(context, key, item, "groupBy")? else {
                return Ok(None);
            };
            groups.entry(key).or_default().push(item.clone());
        }
        let members = groups
            .into_iter()
            .map(|(key, items)| Ok((key, Value::list(items)?)))
            .collect::<Result<_, Fault>>()?;
        Value::object(members).map(Some)
    }

    fn key_of(
        &mut self,
        context: &Context,
        key: &Lambda<'_>,
        item: &Value,
        function: &str,
    ) -> Result<Option<String>, Fault> {
        let key = self.apply(context, key, std::slice::from_ref(item))?;
        if matches!(key, Value::Unknown(_) | Value::Secret(_)) {
            return Ok(None);
        }
        key.to_symbolic()
            .and_then(|text| text.known())
            .map(Some)
            .ok_or_else(|| Fault::argument(format!("the lambda of `{function}` gives no text")))
    }
}

fn lambda_unknown(name: &str, collection: &Value, arguments: &[Expression]) -> Value {
    let rest: Vec<_> = arguments[1..].iter().map(ToString::to_string).collect();
    Value::unknown(&format!(
        "{name}({}, {})",
        collection.source(),
        rest.join(", ")
    ))
}
