//! Rows of `PolicyResources` that a scan makes itself: policy states, and what the policy files hold.
//!
//! They carry no `content_hash`: nothing of them was read from a cloud, so that they have no history. A state's
//! `parent_id` is its resource.
//!
//! Source of the shape of states: learn.microsoft.com/azure/governance/policy/samples/resource-graph-samples.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stance_base::hex;
use stance_model::Resource;
use stance_policy::{Assignment, Definition, Exemption, Initiative, Membership};

use crate::rows::resources::scope_of;
use crate::rows::table_batch::Cell;
use crate::scan::judge::PolicyFact;

/// The table.
pub(crate) const TABLE: &str = "PolicyResources";
/// The type of a state.
pub(crate) const STATE: &str = "microsoft.policyinsights/policystates";
/// What stands in `source` of rows that a scan made.
pub(crate) const OURS: &str = "stance";
/// The input under which the policy files' own objects are kept.
pub(crate) const FILES: &str = "stance:policy";

const DEFINITIONS: &str = "/providers/Microsoft.Authorization/policyDefinitions";

/// What the rows of one resource share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Key of the input it was read from.
    pub input: &'a str,
    /// When this scan ran, in microseconds.
    pub now: i64,
}

/// The cells of one state, in the order of `content/tables/inventory.kql`: one for each initiative through which
/// a definition judged; `None` where the definition does not apply.
pub(crate) fn state_cells<'a>(
    judged: Judged<'a>,
    fact: &PolicyFact,
    finding: &str,
    member: Option<&Membership>,
) -> Option<[Cell<'a>; 26]> {
    let state = fact.state?;
    let resource = judged.resource;
    let definition = &fact.definition;
    let assignment = definition.assignment.as_deref();
    let reference = member.map_or("", |member| member.reference_id.as_str());
    let initiative = member.map_or("", |member| member.initiative_id.as_str());
    let name = state_name(&[
        &resource.id.key(),
        resource.origin.as_str(),
        assignment.map_or("", |one| &one.id),
        initiative,
        &definition.name,
        reference,
    ]);
    let at = chrono::DateTime::from_timestamp_micros(judged.now).unwrap_or_default();
    let exemption = fact.exempted.as_ref().map(|exempted| {
        json!({
            "id": exempted.id,
            "category": exempted.category,
            "expiresOn": exempted.expires_on.map(|end| end.to_rfc3339()),
            "stateWithout": exempted.state,
        })
    });
    let mut properties = json!({
        "timestamp": at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "resourceId": resource.id.as_str(),
        "resourceType": resource.resource_type,
        "resourceLocation": resource.text("location").unwrap_or_default(),
        "resourceGroup": resource.id.resource_group().unwrap_or_default(),
        "subscriptionId": resource.subscription().unwrap_or_default(),
        "policyAssignmentId": assignment.map_or("", |one| &one.id),
        "policyAssignmentName": assignment.map_or("", |one| &one.name),
        "policyAssignmentScope": assignment.map_or("", |one| &one.scope),
        "policyDefinitionId": definition_id(&definition.id, &definition.name),
        "policyDefinitionName": definition.name,
        "policyDefinitionReferenceId": reference,
        "policyDefinitionAction": definition.effect.as_str().to_ascii_lowercase(),
        "policyDefinitionCategory": definition.category,
        "policyDefinitionVersion": definition.version,
        "policyDefinitionGroupNames": member.map(|member| &member.groups),
        "policySetDefinitionId": initiative,
        "policySetDefinitionName": member.map_or("", |member| &member.initiative_name),
        "policySetDefinitionVersion": member.map_or("", |member| &member.initiative_version),
        "complianceState": state.as_str(),
        "isCompliant": state != stance_policy::ComplianceState::NonCompliant,
        "stateWeight": state.weight(),
        "isDeleted": false,
        "findingId": finding,
    });
    if let Some(exemption) = exemption {
        properties["exemption"] = exemption;
    }
    let id = format!(
        "{}/providers/Microsoft.PolicyInsights/policyStates/{name}",
        resource.id
    );
    let mut cells = empty(id, name, STATE, properties, judged.now);
    cells[6] = resource.id.resource_group().map_or(Cell::Null, Cell::Text);
    cells[7] = resource.subscription().map_or(Cell::Null, Cell::Text);
    cells[17] = Cell::Owned(scope_of(resource));
    cells[18] = Cell::Text(resource.origin.as_str());
    cells[19] = Cell::Text(resource.id.as_str());
    cells[23] = Cell::Text(judged.input);
    Some(cells)
}

fn state_name(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.to_lowercase());
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..16])
}

/// The definition's id; the one it would have at the tenant where its file has none.
pub(crate) fn definition_id(id: &str, name: &str) -> String {
    if id.is_empty() {
        return format!("{DEFINITIONS}/{name}");
    }
    id.to_owned()
}

/// A row with what every row has.
fn empty(
    id: String,
    name: String,
    kind: &'static str,
    properties: Value,
    now: i64,
) -> [Cell<'static>; 26] {
    let mut cells = [const { Cell::Null }; 26];
    cells[0] = Cell::Owned(id);
    cells[1] = Cell::Owned(name);
    cells[2] = Cell::Text(kind);
    cells[11] = Cell::OwnedJson(properties);
    cells[16] = Cell::Text("Azure");
    cells[18] = Cell::Text("live");
    cells[22] = Cell::Text(OURS);
    cells[23] = Cell::Text(FILES);
    cells[24] = Cell::DateTime(now);
    cells
}

/// A definition of a file.
pub(crate) fn definition_cells(definition: &Definition, now: i64) -> [Cell<'static>; 26] {
    let body = definition.body();
    let properties = body.get("properties").cloned().unwrap_or(body);
    let id = definition_id(&definition.id, &definition.name);
    let kind = "microsoft.authorization/policydefinitions";
    empty(id, definition.name.clone(), kind, properties, now)
}

/// An initiative of a file.
pub(crate) fn initiative_cells(initiative: &Initiative, now: i64) -> [Cell<'static>; 26] {
    let id = if initiative.id.is_empty() {
        format!(
            "/providers/Microsoft.Authorization/policySetDefinitions/{}",
            initiative.name
        )
    } else {
        initiative.id.clone()
    };
    let kind = "microsoft.authorization/policysetdefinitions";
    let properties = initiative.properties.clone();
    empty(id, initiative.name.clone(), kind, properties, now)
}

/// An assignment of a file.
pub(crate) fn assignment_cells(assignment: &Assignment, now: i64) -> [Cell<'static>; 26] {
    let kind = "microsoft.authorization/policyassignments";
    let mut cells = empty(
        assignment.id.clone(),
        assignment.name.clone(),
        kind,
        properties(&assignment.body),
        now,
    );
    cells[17] = Cell::Owned(assignment.scope.clone());
    cells
}

/// An exemption of a file.
pub(crate) fn exemption_cells(exemption: &Exemption, now: i64) -> [Cell<'static>; 26] {
    let kind = "microsoft.authorization/policyexemptions";
    let mut cells = empty(
        exemption.id.clone(),
        exemption.name.clone(),
        kind,
        properties(&exemption.body),
        now,
    );
    cells[17] = Cell::Owned(exemption.scope.clone());
    cells
}

fn properties(body: &Value) -> Value {
    body.get("properties").unwrap_or(body).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_cell_for_every_column_in_its_place() {
        let table = stance_model::tables::find(TABLE);
        let columns: Vec<String> = table
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| column.name.to_string()))
            .collect();
        let cells = empty(String::new(), String::new(), STATE, Value::Null, 0);
        assert_eq!(columns.len(), cells.len());
        for (at, name) in [
            (0, "id"),
            (1, "name"),
            (2, "type"),
            (6, "resourceGroup"),
            (7, "subscriptionId"),
            (11, "properties"),
            (16, "cloud"),
            (17, "scope"),
            (18, "origin"),
            (19, "parent_id"),
            (22, "source"),
            (23, "input"),
            (24, "observed_at"),
            (25, "content_hash"),
        ] {
            assert_eq!(columns[at], name);
        }
    }
}
