//! Parameters: declared in a definition, assigned by an initiative or a caller.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A declared parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name as written.
    pub name: String,
    /// Its type in lower case; files differ in case.
    pub kind: String,
    /// The value it has where none is assigned.
    pub default: Option<Value>,
    /// The values it may have; empty where any is allowed.
    pub allowed: Vec<Value>,
    /// Whether its values are Azure regions, which compare without spaces and case.
    pub is_location: bool,
}

impl Parameter {
    /// Reads the `parameters` object of a definition or initiative.
    pub(crate) fn read_all(parameters: Option<&Value>) -> Vec<Self> {
        let Some(object) = parameters.and_then(Value::as_object) else {
            return Vec::new();
        };
        object
            .iter()
            .map(|(name, body)| Self::read(name, body))
            .collect()
    }

    fn read(name: &str, body: &Value) -> Self {
        let get = |key: &str| ignoring_case(body.as_object(), key);
        let kind = get("type").and_then(Value::as_str).unwrap_or_default();
        let strong_type = get("metadata")
            .and_then(|metadata| metadata.get("strongType"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        Self {
            name: name.to_owned(),
            kind: kind.to_ascii_lowercase(),
            default: get("defaultValue").cloned(),
            allowed: get("allowedValues")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default(),
            is_location: strong_type.eq_ignore_ascii_case("location"),
        }
    }
}

/// A member of an object by name in any case; an exact match wins.
pub(crate) fn ignoring_case<'a>(
    object: Option<&'a Map<String, Value>>,
    key: &str,
) -> Option<&'a Value> {
    let object = object?;
    object.get(key).or_else(|| {
        object
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    })
}

/// Values for every parameter that has one, and what is amiss.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assigned {
    /// Values by lower-case parameter name.
    pub values: BTreeMap<String, Value>,
    /// Parameters that are required and have no value.
    pub missing: Vec<String>,
    /// Parameters whose value is not allowed.
    pub wrong: Vec<WrongValue>,
    /// Names that were given a value and are not declared.
    pub unknown: Vec<String>,
}

/// A value that a parameter may not have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WrongValue {
    /// The parameter.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The type it should have; `None` where the type is right and the value is not among those allowed.
    pub wanted_type: Option<String>,
}

impl Assigned {
    /// The value of a parameter, its name in any case.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(&name.to_ascii_lowercase())
    }
}

/// Joins defaults and given values (names in any case).
pub(crate) fn assign(declared: &[Parameter], given: &BTreeMap<String, Value>) -> Assigned {
    let mut assigned = Assigned {
        unknown: given
            .keys()
            .filter(|name| {
                !declared
                    .iter()
                    .any(|own| own.name.eq_ignore_ascii_case(name))
            })
            .cloned()
            .collect(),
        ..Assigned::default()
    };
    for parameter in declared {
        let own = given
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(&parameter.name))
            .map(|(_, value)| value);
        let Some(value) = own.or(parameter.default.as_ref()) else {
            assigned.missing.push(parameter.name.clone());
            continue;
        };
        let right_type = has_type(&parameter.kind, value);
        if !right_type || !is_allowed(parameter, value) {
            assigned.wrong.push(WrongValue {
                name: parameter.name.clone(),
                value: value.clone(),
                wanted_type: (!right_type).then(|| parameter.kind.clone()),
            });
        }
        let value = if parameter.is_location {
            plain_location(value)
        } else {
            value.clone()
        };
        assigned
            .values
            .insert(parameter.name.to_ascii_lowercase(), value);
    }
    assigned
}

/// Whether a value has a type, named in lower case. A type that is not known takes any value. Values that are
/// not text in a file are often text in a pipeline's; where the text says the same, it passes.
///
/// Source: learn.microsoft.com/azure/governance/policy/concepts/definition-structure-parameters.
fn has_type(kind: &str, value: &Value) -> bool {
    let text = value.as_str();
    match kind {
        "string" | "datetime" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "boolean" => {
            value.is_boolean()
                || text.is_some_and(|text| {
                    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
                })
        }
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
                || text.is_some_and(|text| text.trim().parse::<i64>().is_ok())
        }
        "float" => value.is_number() || text.is_some_and(|text| text.trim().parse::<f64>().is_ok()),
        _ => true,
    }
}

fn is_allowed(parameter: &Parameter, value: &Value) -> bool {
    let one = |value: &Value| {
        parameter
            .allowed
            .iter()
            .any(|allowed| match (allowed, value) {
                (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
                (a, b) => a == b,
            })
    };
    if parameter.allowed.is_empty() {
        return true;
    }
    match value {
        Value::Array(items) => items.iter().all(one) || one(value),
        other => one(other),
    }
}

/// Regions as Azure compares them: `East US 2` is `eastus2`.
pub(crate) fn plain_location(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain_location_text(text)),
        Value::Array(items) => items.iter().map(plain_location).collect(),
        other => other.clone(),
    }
}

/// One region as Azure compares it. Expressions are left alone.
pub(crate) fn plain_location_text(text: &str) -> String {
    if text.starts_with('[') {
        return text.to_owned();
    }
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
