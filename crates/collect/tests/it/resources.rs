//! The promises every resource keeps, however odd its source.

use stance_collect::Gathered;
use stance_model::Origin;

use crate::support::{account, read, said};

fn one(text: &str) -> Gathered {
    let found = read(text);
    assert_eq!(found.resources.len(), 1, "{}", said(&found));
    found
}

#[test]
fn type_is_lower_case_and_the_body_keeps_its_spelling() {
    let found = one(&account("a"));
    let resource = &found.resources[0];
    assert_eq!(
        resource.resource_type,
        "microsoft.cognitiveservices/accounts"
    );
    assert_eq!(
        resource.body["type"],
        "Microsoft.CognitiveServices/accounts"
    );
    assert_eq!(resource.origin, Origin::Live);
    assert_eq!((resource.source.line, resource.source.column), (1, 1));
}

#[test]
fn ids_are_trimmed() {
    let found = one(
        r#"{"id":" subscriptions/S/providers/Microsoft.Security/pricings/AI/ ","properties":{}}"#,
    );
    assert_eq!(
        found.resources[0].id.as_str(),
        "/subscriptions/S/providers/Microsoft.Security/pricings/AI"
    );
    assert_eq!(
        found.resources[0].body["id"],
        found.resources[0].id.as_str()
    );
}

#[test]
fn without_properties_nothing_below_is_known() {
    for text in [
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a","type":"m.x/y","location":"eastus"}]"#,
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a","type":"m.x/y","properties":null}]"#,
    ] {
        let found = one(text);
        assert!(
            found.resources[0]
                .unknown_at("/properties/publicNetworkAccess")
                .is_some()
        );
        assert!(found.resources[0].unknown_at("/location").is_none());
        assert_eq!(said(&found), "");
    }
}

#[test]
fn flattened_output_of_az_is_said() {
    let found = one(
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.Storage/storageAccounts","resourceGroup":"g","accessTier":"Hot","allowBlobPublicAccess":false,"networkRuleSet":{}}]"#,
    );
    assert!(said(&found).starts_with("COL0024"), "{}", said(&found));
}

#[test]
fn what_powershell_prints_is_the_same_resource() {
    let found = one(
        r#"[{"Name":"a","ResourceGroupName":"g","ResourceType":"Microsoft.CognitiveServices/accounts","Location":"westeurope","ResourceId":"/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a","Id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a","Kind":"OpenAI","Properties":{"disableLocalAuth":true}}]"#,
    );
    let resource = &found.resources[0];
    assert_eq!(
        resource.resource_type,
        "microsoft.cognitiveservices/accounts"
    );
    assert_eq!(resource.text("kind"), Some("OpenAI"));
    assert_eq!(resource.properties()["disableLocalAuth"], true);
    assert_eq!(said(&found), "");
}

#[test]
fn diagnostic_settings_as_az_prints_them_keep_their_properties() {
    let found = one(
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a/providers/microsoft.insights/diagnosticSettings/d","name":"d","type":"Microsoft.Insights/diagnosticSettings","resourceGroup":"g","logs":[{"category":"Audit","enabled":true}],"metrics":[],"workspaceId":"/subscriptions/S/x","storageAccountId":null}]"#,
    );
    let resource = &found.resources[0];
    assert_eq!(resource.properties()["logs"][0]["enabled"], true);
    assert_eq!(resource.body.get("logs"), None);
    assert!(resource.unknowns.is_empty());
    assert_eq!(said(&found), "");
}

#[test]
fn keys_that_stand_twice_are_named_and_the_last_counts() {
    let found = one(
        "[{\"id\":\"/subscriptions/S/resourceGroups/g/providers/M.X/y/a\",\"type\":\"M.X/y\",\n \"properties\":{\"open\":true,\n  \"open\":false}}]",
    );
    assert_eq!(found.resources[0].properties()["open"], false);
    assert_eq!(
        said(&found),
        "COL0011 3:3 the key `open` stands twice in one object; the last one counts\n"
    );
}

#[test]
fn an_id_of_another_provider_than_the_type_is_said() {
    let found = one(
        r#"[{"id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.CognitiveServices/accounts","properties":{}}]"#,
    );
    assert!(said(&found).starts_with("COL0014 1:2"), "{}", said(&found));
    assert_eq!(
        found.resources[0].resource_type,
        "microsoft.cognitiveservices/accounts"
    );
}

#[test]
fn a_resource_that_is_its_own_parent_is_said() {
    let id = "/subscriptions/S/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
    let found = one(&format!(
        r#"[{{"id":"{id}","type":"Microsoft.MachineLearningServices/workspaces","properties":{{"hubResourceId":"{}"}}}}]"#,
        id.to_uppercase()
    ));
    assert!(said(&found).starts_with("COL0015 1:2"), "{}", said(&found));
}

#[test]
fn embedded_resources_stay_in_their_parent() {
    let found = one(
        r#"{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a","type":"M.X/y","properties":{"privateEndpointConnections":[{"id":"/subscriptions/S/resourceGroups/g/providers/M.X/y/a/privateEndpointConnections/p","type":"M.X/y/privateEndpointConnections"}]}}"#,
    );
    assert!(found.resources[0].properties()["privateEndpointConnections"][0]["id"].is_string());
}

#[test]
fn secrets_are_gone_before_anyone_sees_them() {
    let secret = ["sk-", "proj-", &"aB3dE5gH7jK9".repeat(4)].concat();
    let found = read(format!(
        "[{{\"id\":\"/subscriptions/S/resourceGroups/g/providers/M.X/y/a\",\"type\":\"M.X/y\",\"tags\":{{\"note\":\"{secret}\"}},\"properties\":{{\"apiKey\":\"open-sesame-open\",\"{secret}\":1,\"{secret}\":2}}}}]"
    ));
    let body = found.resources[0].body["tags"].to_string()
        + &found.resources[0].properties()["apiKey"].to_string();
    assert!(
        !body.contains(&secret) && !body.contains("sesame"),
        "{body}"
    );
    assert!(!said(&found).contains(&secret), "{}", said(&found));
}
