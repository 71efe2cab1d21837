//! Role assignments of Azure, standing and eligible.

use stance_model::Resource;

use super::places::Places;
use super::principal_key;
use crate::graph::Confidence;
use crate::inventory::Inventory;

/// Where an eligible assignment names a subscription.
const SUBSCRIPTION_PREFIX: &str = "/providers/microsoft.subscription";

/// One assignment.
#[derive(Debug)]
pub(super) struct Grant {
    /// Id of the assignment, as it was read.
    pub(super) object: String,
    /// Object id of who gets the role, in lower case.
    pub(super) principal: String,
    pub(super) principal_type: String,
    pub(super) principal_name: Option<String>,
    pub(super) role: String,
    /// The scope as it was read.
    pub(super) scope: String,
    /// The place it applies to.
    pub(super) place: String,
    /// Whether the place is the scope itself, not one above.
    pub(super) is_whole: bool,
    pub(super) condition: Option<String>,
    /// It must first be activated.
    pub(super) is_eligible: bool,
}

impl Grant {
    /// As sure as an assignment without conditions can be.
    pub(super) fn confidence(&self) -> Confidence {
        match (self.is_eligible, self.is_whole) {
            (true, _) => Confidence::Low,
            (false, false) => Confidence::Medium,
            (false, true) => Confidence::High,
        }
    }
}

/// All assignments; their scopes become places.
pub(super) fn read(inventory: &Inventory, places: &mut Places) -> Vec<Grant> {
    let standing = inventory.of_type("microsoft.authorization/roleassignments");
    let activated = inventory.of_type("microsoft.authorization/roleassignmentscheduleinstances");
    let eligible = inventory.of_type("microsoft.authorization/roleeligibilityscheduleinstances");
    // An activated assignment is listed as a plain one too; the plain one comes first.
    let standing = standing.map(|row| (row, false));
    let activated = activated
        .filter(|row| row.properties()["assignmentType"].as_str() == Some("Activated"))
        .filter(|row| {
            let origin = row.properties()["originRoleAssignmentId"].as_str();
            origin.is_none_or(|id| inventory.get(&id.to_lowercase()).is_none())
        });
    let activated = activated.map(|row| (row, false));
    let eligible = eligible.map(|row| (row, true));
    let rows = standing.chain(activated).chain(eligible);
    rows.filter_map(|(row, is_eligible)| grant(row, is_eligible, places))
        .collect()
}

fn grant(row: &Resource, is_eligible: bool, places: &mut Places) -> Option<Grant> {
    let properties = row.properties();
    let text = |key: &str| {
        properties[key]
            .as_str()
            .filter(|text| !text.trim().is_empty())
    };
    let scope = text("scope")
        .map(str::to_owned)
        .or_else(|| scope_of(row.id.as_str()))?;
    let (place, is_whole) = place_of(&scope, places)?;
    let principal = principal_key(&properties["principalId"])?;
    if [
        "/properties/scope",
        "/properties/roleDefinitionId",
        "/properties/principalId",
    ]
    .iter()
    .any(|pointer| row.unknown_at(pointer).is_some())
    {
        return None;
    }
    let expanded = &properties["expandedProperties"]["principal"]["displayName"];
    Some(Grant {
        object: row.id.as_str().to_owned(),
        principal_type: text("principalType").unwrap_or_default().to_owned(),
        principal_name: text("principalName")
            .or_else(|| expanded.as_str())
            .map(str::to_owned),
        principal,
        role: text("roleDefinitionId")
            .or_else(|| text("roleDefinitionName"))?
            .to_owned(),
        place,
        is_whole,
        scope,
        condition: text("condition").map(str::to_owned),
        is_eligible,
    })
}

/// The place that a scope is, or lies in; `/` is the tenant.
pub(super) fn place_of(scope: &str, places: &mut Places) -> Option<(String, bool)> {
    let lower = scope.trim_end_matches('/').to_lowercase();
    let lower = lower.strip_prefix(SUBSCRIPTION_PREFIX).unwrap_or(&lower);
    if lower.is_empty() {
        return places.tenant().map(|tenant| (tenant.to_owned(), true));
    }
    places.scope(lower)
}

/// What an assignment is an extension of.
pub(super) fn scope_of(id: &str) -> Option<String> {
    let at = id
        .to_ascii_lowercase()
        .rfind("/providers/microsoft.authorization/")?;
    let scope = &id[..at];
    Some(if scope.is_empty() { "/" } else { scope }.to_owned())
}
