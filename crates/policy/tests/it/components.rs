//! Resource provider modes: model deployments with their content filters in place of a name.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stance_model::{FindingState, Position, Resource};
use stance_policy::{AliasSources, BuildOptions, PolicySet};

use crate::helpers::{definition, index, judge, library, resource, set, with_unknown};

fn deployment(properties: &Value) -> Resource {
    resource(
        "Microsoft.CognitiveServices/accounts/deployments",
        "acct/chat",
        &json!({"properties": properties}),
    )
}

fn filters(name: &str, list: &Value) -> Resource {
    resource(
        "Microsoft.CognitiveServices/accounts/raiPolicies",
        &format!("acct/{name}"),
        &json!({"properties": {"mode": "Default", "contentFilters": list}}),
    )
}

/// The shape of the content filter built-ins.
fn filter_rule() -> Value {
    let alias = |name: &str| {
        format!(
            "Microsoft.CognitiveServices.Data/accounts/deployments/raiPolicy.contentFilters[*]{name}"
        )
    };
    definition(
        "jailbreak",
        "Microsoft.CognitiveServices.Data",
        &json!({"filterName": {"type": "String", "allowedValues": ["Jailbreak", "Hate"]}}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices.Data/accounts/deployments"},
                {"count": {"field": alias(""), "where": {"allOf": [
                    {"field": alias(".name"), "equals": "[parameters('filterName')]"},
                    {"field": alias(".blocking"), "in": ["true"]},
                ]}}, "equals": 0},
            ]},
            "then": {"effect": "audit"}
        }),
    )
}

fn filter_set() -> PolicySet {
    let values = BTreeMap::from([("filterName".to_owned(), json!("Jailbreak"))]);
    let options = BuildOptions {
        parameters: BTreeMap::from([("jailbreak".to_owned(), values)]),
        ..BuildOptions::default()
    };
    let (set, diagnostics) = PolicySet::build(
        &library(&[filter_rule()]),
        &AliasSources::embedded(),
        &options,
    )
    .unwrap();
    assert_eq!(diagnostics, []);
    set
}

#[test]
fn a_deployment_is_judged_by_the_content_filters_it_names() {
    let set = filter_set();
    assert!(
        set.related_types()
            .contains("microsoft.cognitiveservices/accounts/raipolicies")
    );
    let chat = deployment(
        &json!({"raiPolicyName": "Strict", "model": {"format": "OpenAI", "name": "gpt-4o", "version": "1"}}),
    );
    let good = index(vec![filters(
        "strict",
        &json!([{"name": "Jailbreak", "blocking": true, "enabled": true}]),
    )]);
    let weak = index(vec![filters(
        "strict",
        &json!([{"name": "Jailbreak", "blocking": false, "enabled": true}]),
    )]);
    assert_eq!(judge(&set, &chat, &good).state, FindingState::Healthy);
    let unhealthy = judge(&set, &chat, &weak);
    assert_eq!(unhealthy.state, FindingState::Unhealthy);
    assert!(
        unhealthy.evidence[0]
            .source
            .ends_with("/raiPolicies/strict"),
        "the filters stand in their own resource: {unhealthy:#?}"
    );
}

#[test]
fn filters_that_were_not_collected_or_not_named_yet_are_unknown() {
    let set = filter_set();
    let chat = deployment(
        &json!({"raiPolicyName": "Strict", "model": {"format": "OpenAI", "name": "gpt-4o"}}),
    );
    assert_eq!(
        judge(&set, &chat, &index(Vec::new())).state,
        FindingState::Unknown
    );
    let later = with_unknown(
        deployment(
            &json!({"raiPolicyName": "[parameters('rai')]", "model": {"format": "OpenAI", "name": "gpt-4o"}}),
        ),
        "/properties/raiPolicyName",
        "[parameters('rai')]",
    );
    let verdict = judge(&set, &later, &index(Vec::new()));
    assert_eq!(verdict.state, FindingState::Unknown);
    assert!(
        verdict.cause.contains("[parameters('rai')]"),
        "{}",
        verdict.cause
    );
}

fn models_rule() -> Value {
    let alias =
        |name: &str| format!("Microsoft.CognitiveServices.Data/accounts/deployments/model.{name}");
    definition(
        "models",
        "Microsoft.CognitiveServices.Data",
        &json!({"publishers": {"type": "Array", "defaultValue": []}, "assets": {"type": "Array", "defaultValue": ["azureml://registries/azure-openai/models/gpt-4o/"]}}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices.Data/accounts/deployments"},
                {"field": alias("publisher"), "notin": "[parameters('publishers')]"},
                {"count": {"value": "[parameters('assets')]", "name": "asset", "where": {"field": alias("assetId"), "contains": "[current('asset')]"}}, "equals": 0},
            ]},
            "then": {"effect": "audit"}
        }),
    )
}

#[test]
fn approved_models_are_told_by_publisher_and_registry() {
    let set = set(&[models_rule()]);
    let model = |format: &str, name: &str| {
        deployment(&json!({"model": {"format": format, "name": name, "version": "2024-08-06"}}))
    };
    let none = index(Vec::new());
    assert_eq!(
        judge(&set, &model("OpenAI", "gpt-4o"), &none).state,
        FindingState::Healthy
    );
    assert_eq!(
        judge(&set, &model("OpenAI", "gpt-35-turbo"), &none).state,
        FindingState::Unhealthy
    );
    // A deployment does not name the registry of other publishers' models.
    assert_eq!(
        judge(&set, &model("Meta", "Llama"), &none).state,
        FindingState::Unknown
    );
}

#[test]
fn evidence_of_a_model_points_at_the_model_in_the_template() {
    let set = set(&[models_rule()]);
    let mut chat =
        deployment(&json!({"model": {"format": "OpenAI", "name": "gpt-35-turbo", "version": "1"}}));
    chat.source.file = "main.json".to_owned();
    chat.positions = vec![
        Position {
            pointer: "/properties/model/format".to_owned(),
            line: 40,
            column: 11,
        },
        Position {
            pointer: "/properties/model/name".to_owned(),
            line: 41,
            column: 11,
        },
    ];
    let verdict = judge(&set, &chat, &index(Vec::new()));
    assert_eq!(
        verdict.evidence[0].source, "main.json:40:11",
        "{verdict:#?}"
    );
}

#[test]
fn bodies_of_the_wrong_shape_cost_nothing() {
    let set = set(&[models_rule()]);
    for properties in [
        json!(null),
        json!("x"),
        json!([1]),
        json!({"model": "gpt"}),
        json!({"model": []}),
    ] {
        let _ = judge(&set, &deployment(&properties), &index(Vec::new()));
    }
}

/// The shape of the built-ins on expiry: an expiry date, and no later than so many days after creation.
fn expiry_rule() -> Value {
    let alias = |name: &str| format!("Microsoft.KeyVault.Data/vaults/keys/attributes.{name}");
    definition(
        "expiry",
        "Microsoft.KeyVault.Data",
        &json!({"days": {"type": "Integer", "defaultValue": 90}}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.KeyVault.Data/vaults/keys"},
                {"anyOf": [
                    {"field": alias("expiresOn"), "exists": false},
                    {"field": alias("expiresOn"), "greater":
                        format!("[addDays(field('{}'), parameters('days'))]", alias("createdOn"))},
                ]},
            ]},
            "then": {"effect": "Audit"}
        }),
    )
}

fn key(properties: &Value) -> Resource {
    resource(
        "Microsoft.KeyVault/vaults/keys",
        "vault/key",
        &json!({"properties": properties}),
    )
}

#[test]
fn keys_of_a_vault_are_judged_by_their_attributes() {
    let set = set(&[expiry_rule()]);
    let none = index(Vec::new());
    let day = 86_400;
    let created = 1_750_000_000;
    for (attributes, state) in [
        (
            json!({"created": created, "exp": created + 30 * day}),
            FindingState::Healthy,
        ),
        (
            json!({"created": created, "exp": created + 91 * day}),
            FindingState::Unhealthy,
        ),
        (json!({"created": created}), FindingState::Unhealthy),
    ] {
        let judged = judge(
            &set,
            &key(&json!({"attributes": attributes, "kty": "RSA"})),
            &none,
        );
        assert_eq!(judged.state, state, "{attributes}: {}", judged.cause);
        let source = &judged.evidence.last().unwrap().source;
        assert!(source.ends_with("/vaults/vault/keys/key"), "{source}");
    }
    let listed = judge(&set, &key(&json!({"keyUri": "https://vault"})), &none);
    assert_eq!(listed.state, FindingState::Unknown, "{}", listed.cause);
}

#[test]
fn a_size_that_was_not_collected_is_unknown_and_a_curve_has_none() {
    let rule = definition(
        "size",
        "Microsoft.KeyVault.Data",
        &json!({}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.KeyVault.Data/vaults/keys"},
                {"field": "Microsoft.KeyVault.Data/vaults/keys/keyType", "in": ["RSA", "RSA-HSM"]},
                {"field": "Microsoft.KeyVault.Data/vaults/keys/keySize", "less": 3072},
            ]},
            "then": {"effect": "Audit"}
        }),
    );
    let set = set(&[rule]);
    let attributes = json!({"enabled": true});
    for (properties, state) in [
        (
            json!({"attributes": attributes, "kty": "RSA", "keySize": 2048}),
            FindingState::Unhealthy,
        ),
        (
            json!({"attributes": attributes, "kty": "RSA", "keySize": 4096}),
            FindingState::Healthy,
        ),
        (
            json!({"attributes": attributes, "kty": "RSA"}),
            FindingState::Unknown,
        ),
        (
            json!({"attributes": attributes, "kty": "EC", "curveName": "P-256"}),
            FindingState::Healthy,
        ),
    ] {
        let judged = judge(&set, &key(&properties), &index(Vec::new()));
        assert_eq!(judged.state, state, "{properties}: {}", judged.cause);
    }
}

#[test]
fn what_is_enforced_inside_a_service_is_told_as_not_evaluated() {
    for (mode, effect) in [
        ("Microsoft.Kubernetes.Data", "audit"),
        ("Microsoft.MachineLearningServices.Data", "EnforceSetting"),
        ("All", "EnforceSetting"),
    ] {
        let rule = definition(
            "inside",
            mode,
            &json!({}),
            &json!({"if": {"field": "type", "equals": "a/b"}, "then": {"effect": effect}}),
        );
        let (set, diagnostics) = PolicySet::build(
            &library(&[rule]),
            &AliasSources::embedded(),
            &BuildOptions::default(),
        )
        .unwrap();
        assert_eq!(set.definitions().len(), 0);
        let codes: Vec<&str> = diagnostics.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["POL0006"], "{mode} {effect}: {diagnostics:#?}");
    }
}
