//! Values of parameters that hold template expressions, `[concat(parameters('prefix'), '-logs')]`, worked out
//! before any resource is known.

use regorus::Source;
use regorus::languages::azure_policy::ast::Constraint;
use regorus::languages::azure_policy::parser;
use serde_json::{Map, Value, json};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

use super::parameters::Assigned;
use crate::aliases::Catalogue;
use crate::context::ContextView;
use crate::evidence::{Evaluator, Lowering, Operand, Subject, lower_right};

/// A value with its expressions worked out over `parameters`. `Ok(None)` where it hangs on a parameter without a
/// value; an error names what is not evaluated outside Azure.
pub(crate) fn fill(value: &Value, parameters: &Assigned) -> Result<Option<Value>, String> {
    if let Some(name) = value.as_str().and_then(super::parameter_reference) {
        return Ok(parameters.get(name).cloned());
    }
    if !has_expression(value) {
        return Ok(Some(unescaped(value)));
    }
    let operand = lower(value, parameters)?;
    if let Operand::Constant(value) = operand {
        return Ok(Some(value));
    }
    let body = Map::from_iter([("id".to_owned(), json!("")), ("type".to_owned(), json!(""))]);
    let nothing = Resource::new(Cloud::Azure, Origin::Live, SourceLocation::default(), body);
    let (subject, view) = (Subject::new(&nothing), ContextView::default());
    let datum = Evaluator::new(&subject, &view)
        .operand(&operand)
        .map_err(|unsupported| unsupported.0)?;
    Ok(datum.known().cloned())
}

/// Reads the value as the right side of a condition, which is where the engine's parser takes any value.
fn lower(value: &Value, parameters: &Assigned) -> Result<Operand, String> {
    let text = json!({"value": true, "equals": value}).to_string();
    if crate::text::too_deep(&text).is_some() {
        return Err("an expression that nests too deep".to_owned());
    }
    let source = Source::from_contents("parameter".to_owned(), text)
        .map_err(|error| format!("an expression that cannot be read ({error})"))?;
    let constraint = parser::parse_constraint(&source)
        .map_err(|error| format!("an expression that cannot be read ({error})"))?;
    let Constraint::Condition(condition) = constraint else {
        return Err("an expression that cannot be read".to_owned());
    };
    let catalogue = Catalogue::none();
    let with = Lowering {
        catalogue: &catalogue,
        parameters,
    };
    lower_right(&condition, with).map_err(|unsupported| unsupported.0)
}

fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.starts_with('[') && !text.starts_with("[[") && text.ends_with(']')
        }
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(members) => members.values().any(has_expression),
        _ => false,
    }
}

/// `[[text]` stands for the text `[text]`.
fn unescaped(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("[[") {
            Some(rest) => Value::String(format!("[{rest}")),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(unescaped).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, inner)| (key.clone(), unescaped(inner)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Parameter, assign};
    use std::collections::BTreeMap;

    fn parameters() -> Assigned {
        let declared = Parameter::read_all(Some(&json!({
            "prefix": {"type": "String"}, "days": {"type": "Integer"},
            "list": {"type": "Array"}, "later": {"type": "String"},
        })));
        let given = BTreeMap::from([
            ("prefix".to_owned(), json!("ai")),
            ("days".to_owned(), json!(30)),
            ("list".to_owned(), json!(["a", "b"])),
        ]);
        assign(&declared, &given)
    }

    #[test]
    fn expressions_over_initiative_parameters_are_worked_out() {
        let with = parameters();
        for (value, filled) in [
            (json!("plain"), Some(json!("plain"))),
            (
                json!("[[not an expression]"),
                Some(json!("[not an expression]")),
            ),
            (json!("[parameters('PREFIX')]"), Some(json!("ai"))),
            (
                json!("[concat(parameters('prefix'), '-logs')]"),
                Some(json!("ai-logs")),
            ),
            (
                json!("[if(equals(parameters('days'), 30), 'Audit', 'Deny')]"),
                Some(json!("Audit")),
            ),
            (json!(["[parameters('prefix')]", 1]), Some(json!(["ai", 1]))),
            (
                json!({"a": {"b": "[length(parameters('list'))]"}}),
                Some(json!({"a": {"b": 2}})),
            ),
            (json!("[parameters('later')]"), None),
            (json!(true), Some(json!(true))),
        ] {
            assert_eq!(fill(&value, &with), Ok(filled), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_worked_out_is_named() {
        assert!(fill(&json!("[concat(]"), &parameters()).is_err());
        let error = fill(&json!("[guid('a')]"), &parameters());
        assert!(error.is_err(), "{error:?}");
    }
}
