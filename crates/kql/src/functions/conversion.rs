//! `tostring`, `toint` and the other conversions, and questions about a value.

use stance_base::ScalarType;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, convert, parse_json_value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("tostring", |_, values| {
        Some(Value::String(to_text(values.first()?)))
    }),
    ScalarFunction::new("toint", |_, values| {
        Some(convert(values.first()?, ScalarType::Int))
    }),
    ScalarFunction::new("tolong", |_, values| {
        Some(convert(values.first()?, ScalarType::Long))
    }),
    ScalarFunction::new("todouble", to_real),
    ScalarFunction::new("toreal", to_real),
    ScalarFunction::new("todecimal", |_, values| {
        Some(convert(values.first()?, ScalarType::Decimal))
    }),
    ScalarFunction::new("tobool", |_, values| {
        Some(convert(values.first()?, ScalarType::Bool))
    }),
    ScalarFunction::new("toboolean", |_, values| {
        Some(convert(values.first()?, ScalarType::Bool))
    }),
    ScalarFunction::new("toguid", |_, values| {
        Some(convert(values.first()?, ScalarType::Guid))
    }),
    ScalarFunction::new("todatetime", |_, values| {
        Some(convert(values.first()?, ScalarType::DateTime))
    }),
    ScalarFunction::new("totimespan", |_, values| {
        Some(convert(values.first()?, ScalarType::TimeSpan))
    }),
    // What the binder writes for a conversion that Kusto applies by itself.
    ScalarFunction::new("convert", |context, values| {
        Some(convert(values.first()?, context.result))
    }),
    ScalarFunction::new("parse_json", |_, values| {
        Some(parse_json_value(values.first()?))
    }),
    ScalarFunction::new("todynamic", |_, values| {
        Some(parse_json_value(values.first()?))
    }),
    ScalarFunction::new("dynamic_to_json", |_, values| match values.first()? {
        Value::Null => Some(Value::string("null")),
        value => Some(Value::String(
            sorted_keys(&value.to_json()).to_string().into(),
        )),
    }),
    ScalarFunction::new("gettype", gettype),
    ScalarFunction::new("isempty", |_, values| {
        Some(Value::Bool(is_empty(values.first()?)))
    }),
    ScalarFunction::new("isnotempty", |_, values| {
        Some(Value::Bool(!is_empty(values.first()?)))
    }),
    ScalarFunction::new("isnull", |_, values| {
        Some(Value::Bool(values.first()?.is_null()))
    }),
    ScalarFunction::new("isnotnull", |_, values| {
        Some(Value::Bool(!values.first()?.is_null()))
    }),
    ScalarFunction::new("notnull", |_, values| {
        Some(Value::Bool(!values.first()?.is_null()))
    }),
];

fn to_real<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    Some(convert(values.first()?, ScalarType::Real))
}

/// The empty string and null are empty; so is a dynamic that holds the empty string.
fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Dynamic(dynamic) => matches!(dynamic.as_text(), "" | "\"\"" | "null"),
        _ => false,
    }
}

fn gettype<'a>(context: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let value = values.first()?;
    let declared = context.arguments.first()?.as_str();
    let Value::Dynamic(dynamic) = value else {
        let name = if value.is_null() && declared == "dynamic" {
            "null"
        } else {
            declared
        };
        return Some(Value::string(name));
    };
    Some(Value::string(match dynamic.to_json() {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "bool",
        serde_json::Value::Number(number) if number.is_f64() => "double",
        serde_json::Value::Number(_) => "long",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "dictionary",
    }))
}

/// `dynamic_to_json` writes bags in the order of their keys.
fn sorted_keys(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(bag) => {
            let mut keys: Vec<&String> = bag.keys().collect();
            keys.sort();
            let sorted = keys
                .into_iter()
                .filter_map(|key| bag.get(key).map(|value| (key.clone(), sorted_keys(value))));
            serde_json::Value::Object(sorted.collect())
        }
        serde_json::Value::Array(elements) => {
            serde_json::Value::Array(elements.iter().map(sorted_keys).collect())
        }
        other => other.clone(),
    }
}
