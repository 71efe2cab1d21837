//! What a scalar stands for.

use crate::json::NodeValue;
use crate::json::is_number;

/// The value of a scalar. `plain`: it stands without quotes and no tag says that it is text.
pub(super) fn value(text: &str, plain: bool) -> NodeValue {
    if !plain {
        return NodeValue::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => NodeValue::Null,
        "true" | "True" | "TRUE" => NodeValue::Bool(true),
        "false" | "False" | "FALSE" => NodeValue::Bool(false),
        // An account id such as 012345678901 is no number of JSON, which keeps its zero.
        number if is_number(number) => NodeValue::Number(number.to_owned()),
        _ => NodeValue::String(text.to_owned()),
    }
}
