//! `stance policy list`, `show` and their kin.

use serde_json::{Value, json};
use stance_base::{ErrorCode, safe_text};
use stance_policy::{Definition, Initiative};

use super::own::{Kind, flat, known};
use super::shape;
use crate::arguments::policy::{ListArguments, ShapeArguments, ShowArguments};
use crate::failure::Failure;

/// Lists definitions as `az policy definition list` does.
pub(super) fn definitions(arguments: &ListArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let columns = ["name", "displayName", "policyType", "mode", "version"];
    show_list(
        arguments,
        &columns,
        library.definitions.iter().map(definition_row),
    )
}

/// Shows one definition.
pub(super) fn definition(arguments: &ShowArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    show_one(
        arguments,
        "definition",
        library.definitions.iter().map(definition_row),
    )
}

/// Lists initiatives as `az policy set-definition list` does.
pub(super) fn initiatives(arguments: &ListArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let columns = ["name", "displayName", "policyType", "version"];
    show_list(
        arguments,
        &columns,
        library.initiatives.iter().map(initiative_row),
    )
}

/// Shows one initiative.
pub(super) fn initiative(arguments: &ShowArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    show_one(
        arguments,
        "initiative",
        library.initiatives.iter().map(initiative_row),
    )
}

/// Lists assignments as `az policy assignment list` does.
pub(super) fn assignments(arguments: &ListArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let rows = library.assignments.iter();
    let columns = ["name", "scope", "policyDefinitionId", "enforcementMode"];
    show_list(
        arguments,
        &columns,
        rows.map(|one| object_row(&one.id, &one.name, &one.scope, Kind::Assignment, &one.body)),
    )
}

/// Shows one assignment.
pub(super) fn assignment(arguments: &ShowArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let rows = library.assignments.iter();
    let rows =
        rows.map(|one| object_row(&one.id, &one.name, &one.scope, Kind::Assignment, &one.body));
    show_one(arguments, "assignment", rows)
}

/// Lists exemptions as `az policy exemption list` does.
pub(super) fn exemptions(arguments: &ListArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let rows = library.exemptions.iter();
    let columns = [
        "name",
        "scope",
        "policyAssignmentId",
        "exemptionCategory",
        "expiresOn",
    ];
    show_list(
        arguments,
        &columns,
        rows.map(|one| object_row(&one.id, &one.name, &one.scope, Kind::Exemption, &one.body)),
    )
}

/// Shows one exemption.
pub(super) fn exemption(arguments: &ShowArguments) -> Result<(), Failure> {
    let library = known(&arguments.source)?;
    let rows = library.exemptions.iter();
    let rows =
        rows.map(|one| object_row(&one.id, &one.name, &one.scope, Kind::Exemption, &one.body));
    show_one(arguments, "exemption", rows)
}

/// Shows rows; a table without a query has these columns.
fn show_list(
    arguments: &ListArguments,
    columns: &[&str],
    rows: impl Iterator<Item = Value>,
) -> Result<(), Failure> {
    let ShapeArguments { query, format } = &arguments.shape;
    shape::show_columns(rows.collect(), query.as_deref(), *format, columns)
}

/// Shows the row of a name or id, in any case.
fn show_one(
    arguments: &ShowArguments,
    what: &str,
    mut rows: impl Iterator<Item = Value>,
) -> Result<(), Failure> {
    let wanted = arguments.wanted();
    let is = |row: &Value, key: &str| {
        row[key]
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    };
    let Some(row) = rows.find(|row| is(row, "name") || is(row, "id")) else {
        return Err(Failure::new(
            ErrorCode::NotFound,
            format!(
                "there is no {what} `{}`; `stance policy` lists what there is, --policy-files adds more",
                safe_text::one_line(wanted)
            ),
        ));
    };
    shape::show(
        row,
        arguments.shape.query.as_deref(),
        arguments.shape.format,
    )
}

/// A definition in the shape of `az policy definition list`.
fn definition_row(definition: &Definition) -> Value {
    let body = definition.body();
    let properties = body.get("properties").unwrap_or(&body);
    let get = |key: &str| properties.get(key).cloned().unwrap_or(Value::Null);
    json!({
        "name": definition.name,
        "displayName": definition.display_name,
        "description": definition.description,
        "policyType": if definition.policy_type.is_empty() { "Custom" } else { &definition.policy_type },
        "mode": definition.mode,
        "version": definition.version,
        "id": id_or(&definition.id, "policyDefinitions", &definition.name),
        "type": "Microsoft.Authorization/policyDefinitions",
        "metadata": definition.metadata,
        "parameters": get("parameters"),
        "policyRule": definition.rule(),
        "versions": get("versions"),
        "systemData": body.get("systemData"),
    })
}

fn initiative_row(initiative: &Initiative) -> Value {
    let id = initiative_id(initiative);
    flat(
        &id,
        &initiative.name,
        Kind::Initiative.resource_type(),
        &initiative.properties,
    )
}

/// The id of an initiative; the one it would have at the tenant where its file has none.
pub(super) fn initiative_id(initiative: &Initiative) -> String {
    id_or(&initiative.id, "policySetDefinitions", &initiative.name)
}

/// An id, else the one of an object at the tenant.
pub(super) fn id_or(id: &str, kind: &str, name: &str) -> String {
    if id.is_empty() {
        return format!("/providers/Microsoft.Authorization/{kind}/{name}");
    }
    id.to_owned()
}

fn object_row(id: &str, name: &str, scope: &str, kind: Kind, body: &Value) -> Value {
    let mut row = flat(
        id,
        name,
        kind.resource_type(),
        body.get("properties").unwrap_or(body),
    );
    row["scope"] = json!(scope);
    row
}
