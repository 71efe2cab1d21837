//! Attack paths of Resource Graph (`microsoft.security/attackpaths`) as rows of `SecurityAttackPathData`.
//!
//! They come in two shapes: the documented one of Defender CSPM, and the one of Exposure Management, which
//! spells the ends of a path `entryPoint` and `target`.

use serde_json::{Map, Value, json};

/// Type of the Resource Graph rows.
pub(crate) const RESOURCE_TYPE: &str = "microsoft.security/attackpaths";

/// The row as a JSON object by column name, from a Resource Graph row. `now` where the row has no time.
pub(crate) fn from_resource_graph(row: &Value, now: &str) -> Map<String, Value> {
    let properties = &row["properties"];
    let text = |keys: &[&str]| {
        keys.iter()
            .map(|key| &properties[*key])
            .find(|value| !value.is_null())
            .cloned()
            .unwrap_or_default()
    };
    let entity = |keys: &[&str]| entity_id(properties, &text(keys));
    let mut columns = Map::new();
    let mut set = |name: &str, value: Value| columns.insert(name.to_owned(), value);
    set(
        "TimeGenerated",
        row.get("timeGenerated")
            .cloned()
            .unwrap_or_else(|| json!(now)),
    );
    set(
        "AttackPathId",
        match text(&["AttackPathID", "attackPathId"]) {
            Value::Null => row["name"].clone(),
            id => id,
        },
    );
    set("DisplayName", text(&["displayName"]));
    set("Description", text(&["description"]));
    set("AttackStory", text(&["attackStory"]));
    set("PotentialImpact", text(&["potentialImpact"]));
    set("RiskLevel", text(&["riskLevel"]));
    set("RiskFactors", text(&["riskFactors", "riskCategories"]));
    set(
        "EntrypointId",
        entity(&[
            "entryPointEntityInternalID",
            "entryPointEntityInternalId",
            "entryPoint",
        ]),
    );
    set(
        "TargetId",
        entity(&["targetEntityInternalID", "targetEntityInternalId", "target"]),
    );
    set(
        "AdditionalRemediationSteps",
        text(&["manualRemediationSteps", "additionalRemediationSteps"]),
    );
    set("Assessments", text(&["assessments"]));
    set(
        "Mitre",
        text(&["mITRETacticsAndTechniques", "mitreTacticsAndTechniques"]),
    );
    set("Path", text(&["graphComponent", "attackPathSteps"]));
    set("TenantId", row["tenantId"].clone());
    set("_SubscriptionId", row["subscriptionId"].clone());
    set("_ResourceId", row["id"].clone());
    set("SourceSystem", json!("Azure"));
    set("Type", json!("SecurityAttackPathData"));
    columns
}

/// The resource id behind an entity's internal id, looked up in the path's graph; else what was given.
fn entity_id(properties: &Value, given: &Value) -> Value {
    if let Some(id) = given.get("id").or_else(|| given.get("resourceId")) {
        return id.clone();
    }
    let entities = properties["graphComponent"]["entities"].as_array();
    entities
        .into_iter()
        .flatten()
        .find(|entity| {
            !given.is_null()
                && entity["entityInternalId"].as_str().is_some()
                && (entity["entityInternalId"] == *given || entity["entityInternalID"] == *given)
        })
        .and_then(resource_id_of)
        .unwrap_or_else(|| given.clone())
}

/// Where an entity says which resource it is; the keys differ between the shapes.
fn resource_id_of(entity: &Value) -> Option<Value> {
    let identifiers = &entity["entityIdentifiers"];
    [
        &identifiers["azureResourceId"],
        &entity["azureResourceId"],
        &entity["resourceId"],
        &entity["entityId"],
    ]
    .into_iter()
    .find(|value| value.is_string())
    .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_name_the_ends_of_the_path() {
        let legacy = json!({"name": "p1", "properties": {
            "displayName": "d", "riskLevel": "High",
            "entryPointEntityInternalID": "e1", "targetEntityInternalID": "e2",
            "graphComponent": {"entities": [
                {"entityInternalId": "e1", "entityName": "vm"},
                {"entityInternalId": "e2", "entityIdentifiers": {"azureResourceId": "/subscriptions/s"}}]}}});
        let row = from_resource_graph(&legacy, "2026-01-01T00:00:00Z");
        assert_eq!(row["EntrypointId"], "e1");
        assert_eq!(row["TargetId"], "/subscriptions/s");
        assert_eq!(row["AttackPathId"], "p1");

        let newer = json!({"properties": {"entryPoint": {"id": "/a"}, "target": "/b", "riskFactors": ["x"]}});
        let row = from_resource_graph(&newer, "2026-01-01T00:00:00Z");
        assert_eq!(
            (&row["EntrypointId"], &row["TargetId"]),
            (&json!("/a"), &json!("/b"))
        );
        assert_eq!(row["RiskFactors"], json!(["x"]));
    }
}
