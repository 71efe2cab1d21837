//! `stance policy initiative create`, `assign`, `exempt`: files in the shape of Azure Resource Manager.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use stance_base::{ErrorCode, safe_text};
use stance_policy::Library;

use super::list::{id_or, initiative_id};
use super::own::{Kind, flat, json_argument, known, write};
use super::shape;
use crate::arguments::policy::{
    AssignArguments, EnforcementMode, ExemptArguments, ExemptionCategory,
    InitiativeCreateArguments, ShapeArguments,
};
use crate::failure::Failure;

/// Makes an initiative.
pub(super) fn initiative(arguments: &InitiativeCreateArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let optional = |option: &str, given: &Option<String>| {
        given
            .as_deref()
            .map(|text| json_argument(option, text))
            .transpose()
    };
    let definitions = json_argument("--definitions", &arguments.definitions)?;
    let definitions = references(&library, &definitions)?;
    let mut metadata = optional("--metadata", &arguments.metadata)?.unwrap_or_else(|| json!({}));
    if metadata.get("version").is_none() && metadata.is_object() {
        metadata["version"] = json!("1.0.0");
    }
    let mut properties = json!({
        "displayName": arguments.display_name.as_deref().unwrap_or(&arguments.name),
        "policyType": "Custom",
        "description": arguments.description.as_deref().unwrap_or_default(),
        "metadata": metadata,
        "parameters": optional("--params", &arguments.params)?.unwrap_or_else(|| json!({})),
        "policyDefinitions": definitions,
    });
    if let Some(groups) = optional("--definition-groups", &arguments.definition_groups)? {
        properties["policyDefinitionGroups"] = groups;
    }
    let id = id_or("", "policySetDefinitions", &arguments.name);
    let object = object(&id, &arguments.name, Kind::Initiative, &properties);
    let object = write(
        &arguments.source,
        Kind::Initiative,
        &arguments.name,
        library,
        object,
    )?;
    show(&object, Kind::Initiative, &arguments.shape)
}

/// The references with full ids; each needs a definition, which should be known.
fn references(library: &Library, given: &Value) -> Result<Vec<Value>, Failure> {
    let wrong = |what: &str| {
        Failure::new(
            ErrorCode::InvalidInput,
            format!("--definitions: {what}; give [{{\"policyDefinitionId\": \"...\"}}, ...]"),
        )
    };
    let list = given.as_array().ok_or_else(|| wrong("it is no list"))?;
    if list.is_empty() {
        return Err(wrong("it is empty"));
    }
    let mut out = Vec::new();
    for item in list {
        let mut reference = item
            .as_object()
            .cloned()
            .ok_or_else(|| wrong("an element is no object"))?;
        let id = reference
            .get("policyDefinitionId")
            .and_then(Value::as_str)
            .ok_or_else(|| wrong("an element has no policyDefinitionId"))?;
        let id = definition_id(library, id);
        let name = id.rsplit('/').next().unwrap_or_default().to_owned();
        reference.insert("policyDefinitionId".to_owned(), json!(id));
        reference
            .entry("policyDefinitionReferenceId")
            .or_insert_with(|| json!(unused(&out, &name)));
        reference.entry("parameters").or_insert_with(|| json!({}));
        out.push(Value::Object(reference));
    }
    Ok(out)
}

/// A reference id that none of the references has: the definition's name, with a number where it comes again.
fn unused(references: &[Value], name: &str) -> String {
    let is_used = |id: &str| {
        references
            .iter()
            .any(|other| other["policyDefinitionReferenceId"].as_str() == Some(id))
    };
    let mut id = name.to_owned();
    let mut number = 2;
    while is_used(&id) {
        id = format!("{name}_{number}");
        number += 1;
    }
    id
}

/// The full id of a definition that is given by id or name.
fn definition_id(library: &Library, given: &str) -> String {
    if given.contains('/') {
        return given.to_owned();
    }
    let known = library.definition(given);
    let id = known.map_or("", |definition| definition.id.as_str());
    let name = known.map_or(given, |definition| definition.name.as_str());
    id_or(id, "policyDefinitions", name)
}

/// Makes an assignment.
pub(super) fn assignment(arguments: &AssignArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let scope = arguments.scope.trim_end_matches('/');
    let mut properties = json!({
        "displayName": arguments.display_name.as_deref().unwrap_or(&arguments.name),
        "policyDefinitionId": assigned_id(&library, arguments)?,
        "scope": scope,
        "notScopes": arguments.not_scopes,
        "parameters": {},
        "enforcementMode": match arguments.enforcement_mode {
            EnforcementMode::Default => "Default",
            EnforcementMode::DoNotEnforce => "DoNotEnforce",
        },
    });
    if let Some(params) = &arguments.params {
        properties["parameters"] = parameter_values(&json_argument("--params", params)?)?;
    }
    if let Some(version) = &arguments.definition_version {
        properties["definitionVersion"] = json!(version);
    }
    for (key, option, given) in [
        (
            "resourceSelectors",
            "--resource-selectors",
            &arguments.resource_selectors,
        ),
        ("overrides", "--overrides", &arguments.overrides),
    ] {
        if let Some(text) = given {
            properties[key] = json_argument(option, text)?;
        }
    }
    let id = format!(
        "{scope}/providers/{}/{}",
        Kind::Assignment.resource_type(),
        arguments.name
    );
    let object = object(&id, &arguments.name, Kind::Assignment, &properties);
    let object = write(
        &arguments.source,
        Kind::Assignment,
        &arguments.name,
        library,
        object,
    )?;
    show(&object, Kind::Assignment, &arguments.shape)
}

/// The id of what is assigned.
fn assigned_id(library: &Library, arguments: &AssignArguments) -> Result<String, Failure> {
    let given = arguments
        .policy_set_definition
        .as_ref()
        .or(arguments.policy.as_ref());
    let given = given.map(String::as_str).unwrap_or_default();
    if given.contains('/') {
        return Ok(given.to_owned());
    }
    let unknown = |what: &str| {
        Failure::new(
            ErrorCode::NotFound,
            format!(
                "there is no {what} `{}`; make it first, or name its files with --policy-files",
                safe_text::one_line(given)
            ),
        )
    };
    if arguments.policy_set_definition.is_some() {
        let initiative = library
            .initiative(given)
            .ok_or_else(|| unknown("initiative"))?;
        return Ok(initiative_id(initiative));
    }
    let definition = library
        .definition(given)
        .ok_or_else(|| unknown("definition"))?;
    Ok(id_or(&definition.id, "policyDefinitions", &definition.name))
}

/// Values in ARM's shape `{"name": {"value": …}}`; a bare value is wrapped.
fn parameter_values(given: &Value) -> Result<Value, Failure> {
    let members = given.as_object().ok_or_else(|| {
        Failure::new(
            ErrorCode::InvalidInput,
            "--params: it is no object; give {\"name\": {\"value\": ...}}",
        )
    })?;
    let wrapped = members.iter().map(|(name, value)| {
        let has_value = value
            .as_object()
            .is_some_and(|inner| inner.contains_key("value"));
        let value = if has_value {
            value.clone()
        } else {
            json!({"value": value})
        };
        (name.clone(), value)
    });
    Ok(Value::Object(wrapped.collect::<Map<_, _>>()))
}

/// Makes an exemption.
pub(super) fn exemption(arguments: &ExemptArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let wanted = arguments.policy_assignment.as_str();
    let mut fitting = library
        .assignments
        .iter()
        .filter(|one| one.id.eq_ignore_ascii_case(wanted) || one.name.eq_ignore_ascii_case(wanted));
    let (assignment, assignment_scope) = match (fitting.next(), fitting.next()) {
        (Some(one), None) => (one.id.clone(), Some(one.scope.clone())),
        (Some(_), Some(_)) => {
            return Err(Failure::new(
                ErrorCode::InvalidInput,
                format!(
                    "`{}` is the name of several assignments; give the id",
                    safe_text::one_line(wanted)
                ),
            ));
        }
        // An assignment in Azure that is not among the files.
        (None, _) if wanted.starts_with('/') => (wanted.to_owned(), None),
        (None, _) => {
            return Err(Failure::new(
                ErrorCode::NotFound,
                format!(
                    "there is no assignment `{}`; assign first, or give an id",
                    safe_text::one_line(wanted)
                ),
            ));
        }
    };
    let scope = arguments
        .scope
        .clone()
        .or(assignment_scope)
        .ok_or_else(|| {
            Failure::new(
                ErrorCode::InvalidInput,
                "--scope is needed where the assignment is not known here",
            )
        })?;
    let scope = scope.trim_end_matches('/');
    let properties = json!({
        "displayName": arguments.display_name.as_deref().unwrap_or(&arguments.name),
        "description": arguments.description.as_deref().unwrap_or_default(),
        "policyAssignmentId": assignment,
        "policyDefinitionReferenceIds": arguments.policy_definition_reference_ids,
        "exemptionCategory": match arguments.exemption_category {
            ExemptionCategory::Waiver => "Waiver",
            ExemptionCategory::Mitigated => "Mitigated",
        },
        "expiresOn": arguments.expires_on.map(|end| end.to_rfc3339_opts(SecondsFormat::Secs, true)),
    });
    let id = format!(
        "{scope}/providers/{}/{}",
        Kind::Exemption.resource_type(),
        arguments.name
    );
    let object = object(&id, &arguments.name, Kind::Exemption, &properties);
    let object = write(
        &arguments.source,
        Kind::Exemption,
        &arguments.name,
        library,
        object,
    )?;
    show(&object, Kind::Exemption, &arguments.shape)
}

fn object(id: &str, name: &str, kind: Kind, properties: &Value) -> Value {
    json!({"id": id, "name": name, "type": kind.resource_type(), "properties": properties})
}

/// Shows what was written, as `az` does.
fn show(object: &Value, kind: Kind, arguments: &ShapeArguments) -> Result<(), Failure> {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    let flat = flat(
        text("id"),
        text("name"),
        kind.resource_type(),
        &object["properties"],
    );
    shape::show(flat, arguments.query.as_deref(), arguments.format)
}
