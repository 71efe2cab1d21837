//! Evaluating expressions: calls that look at the template first, the table of functions after.

use super::access::{access, either};
use super::context::Context;
use super::environment::unknown_function;
use super::evaluator::Evaluator;
use super::fault::Fault;
use super::functions;
use super::symbolic_text::{Hole, SymbolicText};
use super::syntax::{Expression, Word};
use super::value::Value;

impl Evaluator<'_> {
    /// The value of an expression.
    pub(super) fn expression(
        &mut self,
        context: &Context,
        expression: &Expression,
    ) -> Result<Value, Fault> {
        self.enter()?;
        let value = match expression {
            Expression::Text(text) => Value::text(text.as_str()),
            Expression::Number(text) => Ok(Value::number(text)),
            Expression::Word(Word::True) => Ok(Value::Bool(true)),
            Expression::Word(Word::False) => Ok(Value::Bool(false)),
            Expression::Word(Word::Null) => Ok(Value::Null),
            Expression::Call { name, arguments } => self.call(context, name, arguments),
            Expression::Access { target, key, safe } => self
                .expression(context, target)
                .and_then(|target| Ok((target, self.expression(context, key)?)))
                .and_then(|(target, key)| access(&target, &key, *safe)),
        };
        self.leave();
        value
    }

    fn call(
        &mut self,
        context: &Context,
        name: &str,
        arguments: &[Expression],
    ) -> Result<Value, Fault> {
        // Functions that do not evaluate all of their arguments, or not at once.
        match name.to_ascii_lowercase().as_str() {
            "if" => return self.choose(context, arguments),
            "and" => return self.all_of(context, name, arguments, true),
            "or" => return self.all_of(context, name, arguments, false),
            "coalesce" => return self.coalesce(context, arguments),
            "filter" | "map" | "mapvalues" | "reduce" | "sort" | "toobject" | "groupby" => {
                let value = self.with_lambda(context, name, arguments)?;
                return self.keep(value);
            }
            "lambda" => {
                return Err(Fault::argument(
                    "`lambda` stands as an argument of a lambda function only",
                ));
            }
            _ => {}
        }
        let values = arguments
            .iter()
            .map(|argument| self.expression(context, argument))
            .collect::<Result<Vec<_>, _>>()?;
        self.pay(1 + values.iter().map(Value::weight).sum::<u64>() / 64)?;
        if let Some(outcome) = self.template_function(context, name, &values) {
            return outcome;
        }
        if name.contains('.') {
            let (namespace, plain) = name.split_once('.').unwrap_or(("", name));
            // Bicep's own namespaces may stand in front of plain functions.
            if matches!(namespace, "sys" | "az") && functions::find(plain).is_some() {
                return self.call(context, plain, arguments);
            }
            return self.user_function(context, name, values);
        }
        match functions::find(name) {
            Some(function) => {
                let value = function.call(name, &values)?;
                self.keep(value)
            }
            None => Err(unknown_function(name)),
        }
    }

    /// Functions that look at the template, the deployment or Azure; `None` for any other name.
    fn template_function(
        &mut self,
        context: &Context,
        name: &str,
        values: &[Value],
    ) -> Option<Result<Value, Fault>> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "parameters" => named(name, values).and_then(|which| self.parameter(context, which)),
            "variables" => named(name, values).and_then(|which| self.variable(context, which)),
            "lambdavariables" => named(name, values).and_then(|which| {
                context.variable(which).cloned().ok_or_else(|| {
                    Fault::new(
                        "ARM0006",
                        format!("the lambda variable `{which}` is not bound here"),
                        "Use it inside the lambda that declares it.",
                    )
                })
            }),
            "copyindex" => Self::copy_index(context, values),
            "utcnow" => functions::utc_now(self.options.now, values),
            "newguid" => Ok(self.new_guid()),
            "fail" => Err(Fault::new(
                "ARM0004",
                "the template calls `fail`, which stops its deployment",
                "Mend what the template complains about.",
            )),
            "deployment" => self.deployment_object(context),
            "deployer" => self.deployer_object(),
            "environment" => super::cloud::environment(self.options.target.cloud),
            "resourcegroup" => self.resource_group_object(context),
            "subscription" => self.subscription_object(context),
            "managementgroup" => self.management_group_object(context),
            "tenant" => self.tenant_object(),
            "resourceid" => self.resource_id(context, values),
            "subscriptionresourceid" => self.subscription_resource_id(context, values),
            "tenantresourceid" => Self::tenant_resource_id(values),
            "managementgroupresourceid" => self.management_group_resource_id(context, values),
            "extensionresourceid" => Self::extension_resource_id(values),
            "reference" => self.reference(context, values),
            "references" => self.references(context, values),
            "resourceinfo" => self.resource_info(context, values),
            "pickzones" | "providers" | "tologicalzone" | "tologicalzones" | "tophysicalzone"
            | "tophysicalzones" | "externalinput" | "getsecret" => {
                Ok(functions::unknown_call(name, values))
            }
            // listKeys, listSecrets, listAccountSas and whatever else a provider lists: never known, often secret.
            list if list.starts_with("list") && list.len() > 4 => {
                Ok(functions::unknown_call(name, values))
            }
            _ => return None,
        })
    }

    fn new_guid(&mut self) -> Value {
        self.random_calls += 1;
        let source = format!("newGuid() /* {} */", self.random_calls);
        Value::symbolic(SymbolicText::hole(Hole::shown_as(&source, "{newGuid()}")))
    }

    /// `if`: only the branch that counts is evaluated. Where the condition is unknown, what both branches agree on is known.
    fn choose(&mut self, context: &Context, arguments: &[Expression]) -> Result<Value, Fault> {
        let [condition, yes, no] = arguments else {
            return Err(functions::wrong_count("if", 3, 3, arguments.len()));
        };
        let condition = self.expression(context, condition)?;
        match truth(&condition) {
            Some(true) => return self.expression(context, yes),
            Some(false) => return self.expression(context, no),
            None if matches!(condition, Value::Unknown(_) | Value::Secret(_)) => {}
            None => {
                return Err(Fault::argument(format!(
                    "`if` takes a bool, not {}",
                    condition.type_name()
                )));
            }
        }
        // A fault in a branch that may not be taken is no fault yet.
        let yes = self
            .expression(context, yes)
            .unwrap_or_else(|_| Value::unknown(&yes.to_string()));
        let no = self
            .expression(context, no)
            .unwrap_or_else(|_| Value::unknown(&no.to_string()));
        let source = format!(
            "if({}, {}, {})",
            condition.source(),
            yes.source(),
            no.source()
        );
        Ok(either(
            &yes,
            &no,
            &SymbolicText::hole(Hole::of_call(&source)),
        ))
    }

    /// `and` (decided by a false) and `or` (decided by a true).
    fn all_of(
        &mut self,
        context: &Context,
        name: &str,
        arguments: &[Expression],
        conjunction: bool,
    ) -> Result<Value, Fault> {
        if arguments.is_empty() {
            return Err(functions::wrong_count(name, 1, usize::MAX, 0));
        }
        let mut unknown = Vec::new();
        for argument in arguments {
            let value = match self.expression(context, argument) {
                Ok(value) => value,
                // Behind something unknown it may never be evaluated.
                Err(_) if !unknown.is_empty() => Value::unknown(&argument.to_string()),
                Err(fault) => return Err(fault),
            };
            match truth(&value) {
                Some(told) if told != conjunction => return Ok(Value::Bool(!conjunction)),
                Some(_) => {}
                None if matches!(value, Value::Unknown(_) | Value::Secret(_)) => {
                    unknown.push(value);
                }
                None => {
                    return Err(Fault::argument(format!(
                        "`{name}` takes bools, not {}",
                        value.type_name()
                    )));
                }
            }
        }
        match unknown.as_slice() {
            [] => Ok(Value::Bool(conjunction)),
            [Value::Unknown(_)] => Ok(unknown.remove(0)),
            several => Ok(functions::unknown_call(name, several)),
        }
    }

    fn coalesce(&mut self, context: &Context, arguments: &[Expression]) -> Result<Value, Fault> {
        if arguments.is_empty() {
            return Err(functions::wrong_count("coalesce", 1, usize::MAX, 0));
        }
        let mut values = Vec::new();
        for argument in arguments {
            match self.expression(context, argument)? {
                Value::Null => {}
                known if values.is_empty() && !matches!(known, Value::Unknown(_)) => {
                    return Ok(known);
                }
                value => {
                    let known = !matches!(value, Value::Unknown(_));
                    values.push(value);
                    if known {
                        break;
                    }
                }
            }
        }
        Ok(match values.as_slice() {
            [] => Value::Null,
            // Text with a known part is no null.
            [Value::Unknown(first), ..]
                if !first.text.known_prefix().is_empty()
                    || !first.text.known_suffix().is_empty() =>
            {
                values.remove(0)
            }
            [_] => values.remove(0),
            several => functions::unknown_call("coalesce", several),
        })
    }
}

/// The one text argument of `parameters`, `variables` and `lambdaVariables`.
fn named<'v>(function: &str, values: &'v [Value]) -> Result<&'v str, Fault> {
    match values {
        [Value::Text(name)] => Ok(name),
        [other] => Err(Fault::argument(format!(
            "`{function}` takes a name known before deployment, not {}",
            other.type_name()
        ))),
        _ => Err(functions::wrong_count(function, 1, 1, values.len())),
    }
}

/// The truth of a known value; texts `true` and `false` count.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
