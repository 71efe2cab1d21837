//! What properties a bag has.

use serde_json::{Map, Value as Json};
use stance_base::ScalarType;

use super::{CallContext, ScalarFunction};
use crate::value::Value;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    // `bag_unpack`: the names of properties with the types of their values, as a JSON object.
    ScalarFunction::new("bag_shape", bag_shape),
];

fn bag_shape<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let Value::Dynamic(bag) = values.first()? else {
        return None;
    };
    let Json::Object(properties) = bag.to_json() else {
        return None;
    };
    // In the order of names, so that bags of one shape give one text.
    let mut shape: Vec<(String, Json)> = properties
        .into_iter()
        .map(|(name, value)| {
            let scalar_type = type_of(&value).map_or(Json::Null, |t| Json::from(t.as_str()));
            (name, scalar_type)
        })
        .collect();
    shape.sort_by(|a, b| a.0.cmp(&b.0));
    let shape: Map<String, Json> = shape.into_iter().collect();
    Some(Value::string(Json::Object(shape).to_string()))
}

fn type_of(value: &Json) -> Option<ScalarType> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(_) => ScalarType::Bool,
        Json::Number(number) if number.is_i64() => ScalarType::Long,
        Json::Number(_) => ScalarType::Real,
        Json::String(_) => ScalarType::String,
        Json::Array(_) | Json::Object(_) => ScalarType::Dynamic,
    })
}
