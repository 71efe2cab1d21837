//! One test for each of the six traps between a rule engine and Azure's own answer.

use std::collections::BTreeMap;

use serde_json::json;
use stance_model::{DiagnosticLevel, FindingState};
use stance_policy::{AliasSources, BuildOptions, PolicySet};

use crate::helpers::{
    account, audit, context, definition, index, judge, library, resource, set, state,
};

const DIAGNOSTICS: &str = "Microsoft.Insights/diagnosticSettings";

fn diagnostic_rule() -> serde_json::Value {
    definition(
        "diagnostics",
        "Indexed",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            "then": {"effect": "AuditIfNotExists", "details": {
                "type": DIAGNOSTICS,
                "existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/logs.enabled", "equals": "true"},
            }}
        }),
    )
}

fn setting(name: &str, enabled: bool) -> stance_model::Resource {
    resource(
        DIAGNOSTICS,
        name,
        &json!({
            "id": format!("{}/providers/Microsoft.CognitiveServices/accounts/acct/providers/Microsoft.Insights/diagnosticSettings/{name}", crate::helpers::GROUP),
            "properties": {"logs": [{"category": "Audit", "enabled": enabled}]}
        }),
    )
}

#[test]
fn trap_1_no_match_means_healthy_only_where_the_rule_applies() {
    let rule = audit(&json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "kind", "equals": "OpenAI"},
        {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true},
    ]}));
    let set = set(&[rule]);
    let none = index(Vec::new());
    let good = account(&json!({"disableLocalAuth": true}));
    let mut speech = account(&json!({}));
    speech.body["kind"] = json!("SpeechServices");
    let vault = resource("Microsoft.KeyVault/vaults", "kv", &json!({}));
    assert_eq!(judge(&set, &good, &none).state, FindingState::Healthy);
    assert_eq!(
        judge(&set, &account(&json!({})), &none).state,
        FindingState::Unhealthy
    );
    assert_eq!(
        judge(&set, &speech, &none).state,
        FindingState::NotApplicable
    );
    assert!(
        set.evaluate(&vault, &none, &context()).is_empty(),
        "a rule says nothing about other types"
    );
}

#[test]
fn trap_1_where_type_and_kind_are_all_there_is_the_type_alone_decides() {
    let rule = json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "kind", "equals": "SpeechServices"},
    ]});
    assert_eq!(state(&rule, &account(&json!({}))), FindingState::Healthy);
}

#[test]
fn trap_1_an_existence_rule_applies_where_its_whole_if_holds() {
    let mut rule = diagnostic_rule();
    rule["properties"]["policyRule"]["if"] = json!({"allOf": [
        {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
        {"field": "Microsoft.CognitiveServices/accounts/publicNetworkAccess", "equals": "Enabled"},
    ]});
    let set = set(&[rule]);
    let closed = account(&json!({"publicNetworkAccess": "Disabled"}));
    let open = account(&json!({"publicNetworkAccess": "Enabled"}));
    assert_eq!(
        judge(&set, &closed, &index(Vec::new())).state,
        FindingState::NotApplicable
    );
    assert_eq!(
        judge(&set, &open, &index(Vec::new())).state,
        FindingState::Unhealthy
    );
}

#[test]
fn trap_2_any_related_resource_may_satisfy_the_rule() {
    let set = set(&[diagnostic_rule()]);
    let both = index(vec![
        setting("a-off", false),
        setting("b-on", true),
        setting("c-off", false),
    ]);
    assert_eq!(
        judge(&set, &account(&json!({})), &both).state,
        FindingState::Healthy
    );
    let off = judge(
        &set,
        &account(&json!({})),
        &index(vec![setting("a-off", false), setting("b-off", false)]),
    );
    assert_eq!(off.state, FindingState::Unhealthy);
    assert_eq!(off.evidence.len(), 2, "each candidate is shown: {off:#?}");
    let none = judge(&set, &account(&json!({})), &index(Vec::new()));
    assert_eq!(none.state, FindingState::Unhealthy);
    assert_eq!(
        none.missing_related.as_deref(),
        Some("microsoft.insights/diagnosticsettings")
    );
}

#[test]
fn trap_2_the_resource_itself_is_offered() {
    let rule = definition(
        "itself",
        "Indexed",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            "then": {"effect": "DeployIfNotExists", "details": {
                "type": "Microsoft.CognitiveServices/accounts",
                "name": "[field('name')]",
                "roleDefinitionIds": [],
                "existenceCondition": {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "equals": true},
                "deployment": {"properties": {"mode": "incremental", "template": {}}}
            }}
        }),
    );
    let set = set(&[rule]);
    let nobody = stance_policy::NoRelated;
    assert_eq!(
        judge(&set, &account(&json!({"disableLocalAuth": true})), &nobody).state,
        FindingState::Healthy
    );
    assert_eq!(
        judge(&set, &account(&json!({"disableLocalAuth": false})), &nobody).state,
        FindingState::Unhealthy
    );
}

#[test]
fn trap_3_the_mode_gates_before_the_rule() {
    let enforced = definition(
        "enforced",
        "Microsoft.MachineLearningServices.Data",
        &json!({}),
        &json!({
            "if": {"field": "Microsoft.MachineLearningServices.Data/workspaces/isIsolatedNetwork", "notEquals": "x"},
            "then": {"effect": "EnforceSetting", "details": {"setting": {"name": "n", "value": "v"}}}
        }),
    );
    let (set, diagnostics) = PolicySet::build(
        &library(&[enforced]),
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    assert_eq!(set.definitions().len(), 0);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        (diagnostics[0].code.as_str(), diagnostics[0].level),
        ("POL0006", DiagnosticLevel::Note)
    );
    assert!(
        set.evaluate(&account(&json!({})), &index(Vec::new()), &context())
            .is_empty()
    );

    let indexed = |mode| {
        definition(
            "tags",
            mode,
            &json!({}),
            &json!({"if": {"field": "tags['owner']", "exists": false}, "then": {"effect": "Audit"}}),
        )
    };
    let mut child = resource(
        "Microsoft.CognitiveServices/accounts/deployments",
        "acct/gpt",
        &json!({}),
    );
    child.body.as_object_mut().unwrap().remove("location");
    assert!(
        crate::helpers::set(&[indexed("Indexed")])
            .evaluate(&child, &index(Vec::new()), &context())
            .is_empty()
    );
    assert_eq!(
        crate::helpers::set(&[indexed("All")])
            .evaluate(&child, &index(Vec::new()), &context())
            .len(),
        1
    );
}

#[test]
fn trap_4_an_unknown_alias_is_an_error_and_never_a_guess() {
    for alias in [
        "Microsoft.CognitiveServices/accounts/inventedByUs",
        "Contoso.Cloud/things/secret",
    ] {
        let rule = audit(&json!({"allOf": [
            {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            {"field": alias, "exists": true},
        ]}));
        let (set, diagnostics) = PolicySet::build(
            &library(&[rule]),
            &AliasSources::embedded(),
            &BuildOptions::default(),
        )
        .unwrap();
        assert_eq!(set.definitions().len(), 0);
        assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
        let found = &diagnostics[0];
        assert_eq!(
            (found.code.as_str(), found.level),
            ("POL0003", DiagnosticLevel::Error)
        );
        assert!(
            found.message.contains("unknown alias") && found.message.contains(alias),
            "{}",
            found.message
        );
        assert!(found.help.contains("--aliases"), "{}", found.help);
    }
}

#[test]
fn trap_5_a_missing_required_parameter_keeps_the_definition_out() {
    let rule = definition(
        "needs",
        "All",
        &json!({"allowed": {"type": "array"}, "effect": {"type": "String", "defaultValue": "audit"}}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
                {"field": "location", "notIn": "[parameters('ALLOWED')]"},
            ]},
            "then": {"effect": "[parameters('Effect')]"}
        }),
    );
    let library = library(&[rule]);
    let build = |options| PolicySet::build(&library, &AliasSources::embedded(), &options).unwrap();
    let (set, diagnostics) = build(BuildOptions::default());
    assert_eq!(set.definitions().len(), 0);
    assert_eq!(
        (diagnostics[0].code.as_str(), diagnostics.len()),
        ("POL0004", 1)
    );
    assert!(
        diagnostics[0].message.contains("allowed"),
        "{}",
        diagnostics[0].message
    );

    let values = BTreeMap::from([("Allowed".to_owned(), json!(["West Europe"]))]);
    let options = BuildOptions {
        parameters: BTreeMap::from([("needs".to_owned(), values)]),
        ..BuildOptions::default()
    };
    let (set, diagnostics) = build(options);
    assert_eq!(
        diagnostics,
        [],
        "names of parameters and effects have any case"
    );
    assert_eq!(
        judge(&set, &account(&json!({})), &index(Vec::new()))
            .definition
            .effect
            .as_str(),
        "Audit"
    );
}

#[test]
fn trap_6_a_context_property_that_is_not_there_is_null() {
    let rule = json!({"allOf": [
        {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
        {"value": "[resourceGroup().managedBy]", "notContains": "Microsoft.Databricks"},
        {"field": "Microsoft.Storage/storageAccounts/allowSharedKeyAccess", "notEquals": false},
    ]});
    let open = resource(
        "Microsoft.Storage/storageAccounts",
        "s",
        &json!({"properties": {"allowSharedKeyAccess": true}}),
    );
    assert_eq!(state(&rule, &open), FindingState::Unhealthy);

    let set = set(&[audit(&rule)]);
    let mut group = resource(
        "Microsoft.Resources/resourceGroups",
        "rg",
        &json!({"id": crate::helpers::GROUP, "managedBy": "/x/Microsoft.Databricks/workspaces/w"}),
    );
    group.id = stance_model::ResourceId::new(crate::helpers::GROUP);
    let mut context = context();
    context.add_container(&group);
    let verdicts = set.evaluate(&open, &index(Vec::new()), &context);
    assert_eq!(verdicts[0].state, FindingState::Healthy, "{verdicts:#?}");
}
