//! Conditions in words, for evidence.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

/// One condition that decided.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    /// The field or expression as the rule writes it.
    pub field: String,
    /// Its value; the expression where unknown.
    pub value: Value,
    /// The condition in words.
    pub condition: String,
    /// Where in the resource, or `None` where it is no field of it.
    pub pointer: Option<String>,
    /// Whether it is a field of the related resource.
    pub related: bool,
    /// Whether it only says which resources the rule is about.
    pub scoping: bool,
    /// The expression where the value is not known.
    pub unknown: Option<String>,
}

/// Longest value shown in a condition or a cause.
const MAX_SHOWN: usize = 160;

/// The operator as policies spell it.
pub(crate) fn operator_word(operator: OperatorKind) -> &'static str {
    match operator {
        OperatorKind::Contains => "contains",
        OperatorKind::ContainsKey => "containsKey",
        OperatorKind::Equals => "equals",
        OperatorKind::Greater => "greater",
        OperatorKind::GreaterOrEquals => "greaterOrEquals",
        OperatorKind::Exists => "exists",
        OperatorKind::In => "in",
        OperatorKind::Less => "less",
        OperatorKind::LessOrEquals => "lessOrEquals",
        OperatorKind::Like => "like",
        OperatorKind::Match => "match",
        OperatorKind::MatchInsensitively => "matchInsensitively",
        OperatorKind::NotContains => "notContains",
        OperatorKind::NotContainsKey => "notContainsKey",
        OperatorKind::NotEquals => "notEquals",
        OperatorKind::NotIn => "notIn",
        OperatorKind::NotLike => "notLike",
        OperatorKind::NotMatch => "notMatch",
        OperatorKind::NotMatchInsensitively => "notMatchInsensitively",
    }
}

/// A value short enough for a sentence.
pub(crate) fn brief(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_array() && !item.is_object()) =>
        {
            let shown: Vec<String> = items.iter().map(brief).collect();
            format!("[{}]", shown.join(", "))
        }
        other => other.to_string(),
    };
    if text.chars().count() <= MAX_SHOWN {
        return text;
    }
    let cut: String = text.chars().take(MAX_SHOWN).collect();
    format!("{cut}…")
}

/// `notEquals Disabled`.
pub(crate) fn condition(operator: OperatorKind, right: &Value) -> String {
    format!("{} {}", operator_word(operator), brief(right))
}
