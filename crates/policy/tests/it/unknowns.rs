//! What is not known before deployment gives neither pass nor fail, unless something else decides.

use serde_json::json;
use stance_model::{FindingState, Origin, Position, Resource};

use crate::helpers::{account, audit, definition, index, judge, set, state, with_unknown};

const PARAMETER: &str = "[parameters('localAuth')]";

fn unknown_key() -> Resource {
    with_unknown(
        account(&json!({"disableLocalAuth": PARAMETER, "publicNetworkAccess": "Enabled"})),
        "/properties/disableLocalAuth",
        PARAMETER,
    )
}

fn key_access() -> serde_json::Value {
    json!({"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true})
}

fn public() -> serde_json::Value {
    json!({"field": "Microsoft.CognitiveServices/accounts/publicNetworkAccess", "equals": "Enabled"})
}

fn typed(conditions: &serde_json::Value) -> serde_json::Value {
    json!({"allOf": [{"field": "type", "equals": "Microsoft.CognitiveServices/accounts"}, conditions]})
}

#[test]
fn an_unknown_value_shows_its_expression() {
    let verdict = judge(
        &set(&[audit(&typed(&key_access()))]),
        &unknown_key(),
        &index(Vec::new()),
    );
    assert_eq!(verdict.state, FindingState::Unknown);
    assert_eq!(verdict.evidence[0].value, json!(PARAMETER));
    assert!(verdict.cause.contains(PARAMETER), "{}", verdict.cause);
    assert!(!verdict.engine_disagreement);
}

#[test]
fn a_branch_that_is_known_may_decide() {
    let either = typed(&json!({"anyOf": [key_access(), public()]}));
    assert_eq!(state(&either, &unknown_key()), FindingState::Unhealthy);
    let mut closed = unknown_key();
    closed.body["properties"]["publicNetworkAccess"] = json!("Disabled");
    assert_eq!(state(&either, &closed), FindingState::Unknown);
    let both = typed(&json!({"allOf": [key_access(), public()]}));
    assert_eq!(state(&both, &closed), FindingState::Healthy);
    assert_eq!(state(&both, &unknown_key()), FindingState::Unknown);
    assert_eq!(
        state(&typed(&json!({"not": key_access()})), &unknown_key()),
        FindingState::Unknown
    );
}

#[test]
fn an_unknown_parent_covers_what_is_below() {
    let acls = with_unknown(
        account(&json!({"networkAcls": "[variables('acls')]"})),
        "/properties/networkAcls",
        "[variables('acls')]",
    );
    let rule = typed(
        &json!({"field": "Microsoft.CognitiveServices/accounts/networkAcls.defaultAction", "equals": "Allow"}),
    );
    assert_eq!(state(&rule, &acls), FindingState::Unknown);
    let whole = with_unknown(
        account(&json!("[parameters('all')]")),
        "/properties",
        "[parameters('all')]",
    );
    assert_eq!(state(&rule, &whole), FindingState::Unknown);
}

#[test]
fn an_object_with_something_unknown_in_it_exists() {
    let acls = with_unknown(
        account(&json!({"networkAcls": {"defaultAction": "[parameters('a')]"}})),
        "/properties/networkAcls/defaultAction",
        "[parameters('a')]",
    );
    let exists = typed(
        &json!({"field": "Microsoft.CognitiveServices/accounts/networkAcls", "exists": false}),
    );
    assert_eq!(state(&exists, &acls), FindingState::Healthy);
}

#[test]
fn counts_are_decided_by_what_is_known_of_the_elements() {
    let rules = |first: &str| json!({"networkAcls": {"ipRules": [{"value": first}, {"value": "10.0.0.0/8"}]}});
    let unknown = with_unknown(
        account(&rules("[parameters('ip')]")),
        "/properties/networkAcls/ipRules/0/value",
        "[parameters('ip')]",
    );
    let count = |value: &str, operator: &str, number: u32| {
        typed(&json!({
            "count": {
                "field": "Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*]",
                "where": {"field": "Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*].value", "equals": value}
            },
            operator: number
        }))
    };
    assert_eq!(
        state(&count("0.0.0.0/0", "greater", 0), &unknown),
        FindingState::Unknown
    );
    assert_eq!(
        state(&count("10.0.0.0/8", "greater", 0), &unknown),
        FindingState::Unhealthy
    );
    assert_eq!(
        state(&count("10.0.0.0/8", "equals", 1), &unknown),
        FindingState::Unknown
    );
    assert_eq!(
        state(&count("0.0.0.0/0", "greater", 5), &unknown),
        FindingState::Healthy
    );
    let list = with_unknown(
        account(&json!({"networkAcls": {"ipRules": "[parameters('rules')]"}})),
        "/properties/networkAcls/ipRules",
        "[parameters('rules')]",
    );
    assert_eq!(
        state(&count("0.0.0.0/0", "greater", 0), &list),
        FindingState::Unknown
    );
    assert_eq!(
        state(&count("0.0.0.0/0", "greaterOrEquals", 0), &list),
        FindingState::Unhealthy
    );
}

#[test]
fn a_resource_that_may_not_be_deployed_is_unknown() {
    let conditional = with_unknown(
        account(&json!({"disableLocalAuth": false})),
        "",
        "[parameters('deploy')]",
    );
    let verdict = judge(
        &set(&[audit(&typed(&key_access()))]),
        &conditional,
        &index(Vec::new()),
    );
    assert_eq!(verdict.state, FindingState::Unknown);
    assert!(
        verdict.cause.contains("[parameters('deploy')]"),
        "{}",
        verdict.cause
    );
}

fn private_endpoint_rule() -> serde_json::Value {
    definition(
        "endpoint",
        "Indexed",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            "then": {"effect": "AuditIfNotExists", "details": {
                "type": "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
                "existenceCondition": {
                    "field": "Microsoft.CognitiveServices/accounts/privateEndpointConnections/privateLinkServiceConnectionState.status",
                    "equals": "Approved"
                }
            }}
        }),
    )
}

#[test]
fn children_embedded_in_the_resource_are_found_there() {
    let set = set(&[private_endpoint_rule()]);
    let connection = |status: &str| {
        account(&json!({"privateEndpointConnections": [
            {"name": "pe", "properties": {"privateLinkServiceConnectionState": {"status": status}}}
        ]}))
    };
    let nobody = stance_policy::NoRelated;
    assert_eq!(
        judge(&set, &connection("Approved"), &nobody).state,
        FindingState::Healthy
    );
    assert_eq!(
        judge(&set, &connection("Pending"), &nobody).state,
        FindingState::Unhealthy
    );
    assert_eq!(
        judge(
            &set,
            &account(&json!({"privateEndpointConnections": []})),
            &nobody
        )
        .state,
        FindingState::Unhealthy
    );
    // Neither embedded nor collected: nobody knows.
    assert_eq!(
        judge(&set, &account(&json!({})), &nobody).state,
        FindingState::Unknown
    );
}

#[test]
fn a_related_resource_with_an_unknown_value_is_unknown() {
    let set = set(&[private_endpoint_rule()]);
    let mut account = account(&json!({"privateEndpointConnections": [
        {"name": "pe", "properties": {"privateLinkServiceConnectionState": {"status": "[parameters('s')]"}}}
    ]}));
    let pointer = "/properties/privateEndpointConnections/0/properties/privateLinkServiceConnectionState/status";
    account = with_unknown(account, pointer, "[parameters('s')]");
    account.origin = Origin::Template;
    account.source.file = "main.json".to_owned();
    account.source.line = 3;
    account.positions = vec![Position {
        pointer: pointer.to_owned(),
        line: 17,
        column: 9,
    }];
    let verdict = judge(&set, &account, &index(Vec::new()));
    assert_eq!(verdict.state, FindingState::Unknown);
    assert_eq!(verdict.evidence[0].value, json!("[parameters('s')]"));
    assert_eq!(verdict.evidence[0].source, "main.json:17:9");
}

#[test]
fn tags_of_a_group_that_was_not_collected_are_unknown() {
    let rule = typed(&json!({"value": "[resourceGroup().tags]", "exists": false}));
    let verdict = judge(
        &set(&[audit(&rule)]),
        &account(&json!({})),
        &index(Vec::new()),
    );
    assert_eq!(verdict.state, FindingState::Unknown, "{verdict:#?}");
}

fn template(mut resource: Resource) -> Resource {
    resource.origin = Origin::Template;
    "main.json".clone_into(&mut resource.source.file);
    resource.source.line = 1;
    resource
}

fn endpoint(list: &str, target: &str) -> Resource {
    let mut body = json!({"properties": {}});
    body["properties"][list] =
        json!([{"name": "link", "properties": {"privateLinkServiceId": target}}]);
    let mut endpoint = template(crate::helpers::resource(
        "Microsoft.Network/privateEndpoints",
        "pe",
        &body,
    ));
    endpoint.positions = vec![Position {
        pointer: format!("/properties/{list}/0"),
        line: 77,
        column: 5,
    }];
    endpoint
}

#[test]
fn a_template_s_private_endpoint_connects_the_resource_it_names() {
    let counting = audit(&typed(&json!({"count": {
        "field": "Microsoft.CognitiveServices/accounts/privateEndpointConnections[*]",
        "where": {"field": "Microsoft.CognitiveServices/accounts/privateEndpointConnections[*].privateLinkServiceConnectionState.status", "equals": "Approved"}
    }, "less": 1})));
    let account = template(account(&json!({})));
    let id = account.id.as_str().to_uppercase();
    let unknown = with_unknown(
        endpoint("privateLinkServiceConnections", "[parameters('target')]"),
        "/properties/privateLinkServiceConnections/0/properties/privateLinkServiceId",
        "[parameters('target')]",
    );
    for rule in [counting, private_endpoint_rule()] {
        let set = set(&[rule]);
        for (endpoints, expected) in [
            (
                vec![endpoint("privateLinkServiceConnections", &id)],
                FindingState::Healthy,
            ),
            (
                vec![endpoint("manualPrivateLinkServiceConnections", &id)],
                FindingState::Unhealthy,
            ),
            (
                vec![endpoint(
                    "privateLinkServiceConnections",
                    "/subscriptions/other",
                )],
                FindingState::Unhealthy,
            ),
            (vec![unknown.clone()], FindingState::Unknown),
            (Vec::new(), FindingState::Unhealthy),
        ] {
            let verdict = judge(&set, &account, &index(endpoints));
            assert_eq!(verdict.state, expected, "{verdict:#?}");
            if expected == FindingState::Healthy && verdict.evidence[0].value == json!("Approved") {
                assert_eq!(verdict.evidence[0].source, "main.json:77:5");
            }
        }
    }
}

#[test]
fn a_linked_file_s_private_endpoint_connects_resources_of_the_template_that_links_it() {
    let account = template(account(&json!({})));
    let mut endpoint = endpoint("privateLinkServiceConnections", account.id.as_str());
    "modules/pe.json".clone_into(&mut endpoint.source.file);
    let set = set(&[private_endpoint_rule()]);
    let covers = |_: &Resource, _: &str| true;
    let mut index = stance_policy::ResourceIndex::new([std::sync::Arc::new(endpoint)], covers);
    index.link("modules/pe.json", "other.json");
    let verdict = judge(&set, &account, &index);
    assert_eq!(verdict.state, FindingState::Unhealthy, "{verdict:#?}");
    index.link("modules/pe.json", "main.json");
    let verdict = judge(&set, &account, &index);
    assert_eq!(verdict.state, FindingState::Healthy, "{verdict:#?}");
}

#[test]
fn a_related_resource_that_may_not_be_deployed_shows_its_condition() {
    let rule = definition(
        "logs",
        "Indexed",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            "then": {"effect": "AuditIfNotExists", "details": {
                "type": "Microsoft.Insights/diagnosticSettings",
                "existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "exists": true}
            }}
        }),
    );
    let account = template(account(&json!({})));
    let mut setting = template(crate::helpers::resource(
        "Microsoft.Insights/diagnosticSettings",
        "logs",
        &json!({"properties": {"workspaceId": "w"}}),
    ));
    setting.id = stance_model::ResourceId::new(format!(
        "{}/providers/Microsoft.Insights/diagnosticSettings/logs",
        account.id
    ));
    let setting = with_unknown(setting, "", "[parameters('enableLogs')]");
    let verdict = judge(&set(&[rule]), &account, &index(vec![setting]));
    assert_eq!(verdict.state, FindingState::Unknown, "{verdict:#?}");
    assert_eq!(verdict.evidence[0].field, "existence");
    assert_eq!(
        verdict.evidence[0].value,
        json!("[parameters('enableLogs')]")
    );
}
