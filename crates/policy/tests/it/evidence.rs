//! Evidence: which condition, which field, which value, where.

use serde_json::json;
use stance_model::{FindingState, Origin, Position};

use crate::helpers::{account, audit, index, judge, resource, set, state};

#[test]
fn evidence_names_the_field_its_value_and_its_line() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "Microsoft.CognitiveServices/accounts/networkAcls.defaultAction", "equals": "Allow"},
    ]}));
    let mut template = account(&json!({"networkAcls": {"defaultAction": "Allow"}}));
    template.origin = Origin::Template;
    template.source.file = "infra/main.json".to_owned();
    template.source.line = 10;
    template.source.column = 5;
    template.positions = vec![Position {
        pointer: "/properties/networkAcls".to_owned(),
        line: 21,
        column: 7,
    }];
    let verdict = judge(&set(&[rule]), &template, &index(Vec::new()));
    assert_eq!(verdict.state, FindingState::Unhealthy);
    assert_eq!(
        verdict.evidence.len(),
        1,
        "the type alone proves nothing: {verdict:#?}"
    );
    let evidence = &verdict.evidence[0];
    assert_eq!(
        evidence.field,
        "Microsoft.CognitiveServices/accounts/networkAcls.defaultAction"
    );
    assert_eq!(evidence.value, json!("Allow"));
    assert_eq!(evidence.condition, "equals Allow");
    assert_eq!(evidence.source, "infra/main.json:21:7");
    assert_eq!(evidence.location.as_ref().unwrap().line, 21);
}

#[test]
fn a_live_resource_is_named_by_its_id_and_an_absent_value_is_null() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true},
    ]}));
    let live = account(&json!({}));
    let verdict = judge(&set(&[rule]), &live, &index(Vec::new()));
    assert_eq!(verdict.evidence[0].value, json!(null));
    assert_eq!(verdict.evidence[0].source, live.id.as_str());
    assert!(verdict.cause.contains("not set"), "{}", verdict.cause);
}

#[test]
fn healthy_shows_what_made_it_so() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"anyOf": [
            {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true},
            {"field": "Microsoft.CognitiveServices/accounts/publicNetworkAccess", "equals": "Enabled"},
        ]},
    ]}));
    let good = account(&json!({"disableLocalAuth": true, "publicNetworkAccess": "Disabled"}));
    let verdict = judge(&set(&[rule]), &good, &index(Vec::new()));
    assert_eq!(verdict.state, FindingState::Healthy);
    assert_eq!(verdict.evidence.len(), 2);
}

#[test]
fn arrays_point_at_the_elements_that_decided() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"not": {"field": "Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*].value", "notEquals": "0.0.0.0/0"}},
    ]}));
    let mut open = account(
        &json!({"networkAcls": {"ipRules": [{"value": "10.1.0.0/16"}, {"value": "0.0.0.0/0"}]}}),
    );
    open.source.file = "a.json".to_owned();
    open.positions = vec![Position {
        pointer: "/properties/networkAcls/ipRules/1/value".to_owned(),
        line: 9,
        column: 3,
    }];
    let verdict = judge(&set(&[rule]), &open, &index(Vec::new()));
    assert_eq!(verdict.state, FindingState::Unhealthy);
    assert_eq!(verdict.evidence.len(), 1);
    assert_eq!(
        (
            verdict.evidence[0].value.clone(),
            verdict.evidence[0].source.as_str()
        ),
        (json!("0.0.0.0/0"), "a.json:9:3")
    );
}

#[test]
fn every_operator_and_the_usual_functions() {
    let account = account(&json!({
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "10.0.0.1"}, {"value": "10.0.0.2"}]},
        "capabilities": [{"name": "a"}, {"name": "b"}],
    }));
    let field = |name: &str| format!("Microsoft.CognitiveServices/accounts/{name}");
    let matching = [
        json!({"field": field("publicNetworkAccess"), "equals": "ENABLED"}),
        json!({"field": field("publicNetworkAccess"), "notEquals": "Disabled"}),
        json!({"field": field("publicNetworkAccess"), "in": ["enabled", "x"]}),
        json!({"field": field("publicNetworkAccess"), "notIn": ["Disabled"]}),
        json!({"field": field("publicNetworkAccess"), "like": "en*"}),
        json!({"field": field("publicNetworkAccess"), "notLike": "dis*"}),
        json!({"field": field("publicNetworkAccess"), "match": "???????"}),
        json!({"field": field("publicNetworkAccess"), "notMatch": "###"}),
        json!({"field": field("publicNetworkAccess"), "matchInsensitively": "eNABLED"}),
        json!({"field": field("publicNetworkAccess"), "notMatchInsensitively": "eNABLE"}),
        json!({"field": field("publicNetworkAccess"), "contains": "nab"}),
        json!({"field": field("publicNetworkAccess"), "notContains": "zzz"}),
        json!({"field": field("publicNetworkAccess"), "exists": true}),
        json!({"field": field("customSubDomainName"), "exists": "false"}),
        json!({"field": field("networkAcls"), "containsKey": "DefaultAction"}),
        json!({"field": field("networkAcls"), "notContainsKey": "bypass"}),
        json!({"value": "[length(field('Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*].value'))]", "greater": 1}),
        json!({"value": "[length(field('Microsoft.CognitiveServices/accounts/networkAcls.ipRules'))]", "lessOrEquals": 2}),
        json!({"value": "[concat(field('name'), '-', toLower(field('kind')))]", "equals": "acct-openai"}),
        json!({"value": "[if(equals(field('location'), 'westeurope'), 1, 2)]", "less": 2}),
        json!({"value": "[empty(field('Microsoft.CognitiveServices/accounts/userOwnedStorage[*]'))]", "equals": true}),
        json!({"value": "[subscription().subscriptionId]", "equals": "00000000-0000-0000-0000-000000000001"}),
        json!({"value": "[resourceGroup().name]", "greaterOrEquals": "rg"}),
        json!({"field": "location", "in": ["West Europe"]}),
        json!({"field": "tags['owner']", "exists": false}),
        json!({"field": "[concat('tags[', 'owner', ']')]", "exists": false}),
        json!({"count": {"field": field("networkAcls.ipRules[*]")}, "equals": 2}),
        json!({"count": {"field": field("capabilities[*]"), "where": {"field": field("capabilities[*].name"), "in": ["a", "c"]}}, "equals": 1}),
        json!({"count": {"value": ["10.0.0.1", "10.9.9.9"], "name": "ip", "where": {"value": "[contains(field('Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*].value'), current('ip'))]", "equals": true}}, "equals": 1}),
        json!({"count": {"field": field("networkAcls.ipRules[*]"), "where": {"value": "[startsWith(current('Microsoft.CognitiveServices/accounts/networkAcls.ipRules[*].value'), '10.')]", "equals": true}}, "equals": 2}),
        json!({"field": field("networkAcls.ipRules[*].value"), "like": "10.*"}),
        json!({"field": field("userOwnedStorage[*].resourceId"), "notEquals": "x"}),
    ];
    for condition in matching {
        let rule = json!({"allOf": [{"field": "type", "equals": "Microsoft.CognitiveServices/accounts"}, condition]});
        assert_eq!(
            state(&rule, &account),
            FindingState::Unhealthy,
            "{condition}"
        );
        let not = json!({"allOf": [{"field": "type", "equals": "Microsoft.CognitiveServices/accounts"}, {"not": condition}]});
        assert_eq!(
            state(&not, &account),
            FindingState::Healthy,
            "not {condition}"
        );
    }
}

#[test]
fn an_alias_without_its_wildcard_means_every_element() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.Insights/diagnosticSettings"},
        {"field": "Microsoft.Insights/diagnosticSettings/logs.enabled", "equals": "true"},
    ]}));
    let setting = |second: bool| {
        resource(
            "Microsoft.Insights/diagnosticSettings",
            "d",
            &json!({"properties": {"logs": [{"enabled": true}, {"enabled": second}]}}),
        )
    };
    let set = set(&[rule]);
    assert_eq!(
        judge(&set, &setting(true), &index(Vec::new())).state,
        FindingState::Unhealthy
    );
    assert_eq!(
        judge(&set, &setting(false), &index(Vec::new())).state,
        FindingState::Healthy
    );
}

#[test]
fn a_set_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true},
    ]}));
    let set = set(&[rule]);
    shared(&set);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let set = &set;
            scope.spawn(move || {
                for round in 0..50 {
                    let good = (number + round) % 2 == 0;
                    let state = judge(
                        set,
                        &account(&json!({"disableLocalAuth": good})),
                        &index(Vec::new()),
                    )
                    .state;
                    assert_eq!(state == FindingState::Healthy, good);
                }
            });
        }
    });
}

#[test]
fn files_named_alike_keep_their_folders_name() {
    let mut library = stance_policy::Library::default();
    for folder in ["deny-public", "deny-keys"] {
        let mut rule = audit(&json!({"field": "type", "equals": "a/b"}));
        rule.as_object_mut().unwrap().remove("name");
        library.add_bytes(
            &format!("policies/{folder}/azurepolicy.json"),
            rule.to_string().as_bytes(),
        );
    }
    let names: Vec<&str> = library
        .definitions
        .iter()
        .map(|definition| definition.name.as_str())
        .collect();
    assert_eq!(names, ["deny-public", "deny-keys"]);
}
