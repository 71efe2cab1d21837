//! Where a rule looks for related resources.

use serde_json::{Value, json};
use stance_model::{FindingState, Origin, Resource, ResourceId};
use stance_policy::{NoRelated, ResourceIndex};

use crate::helpers::{SUBSCRIPTION, account, context, definition, index, judge, resource, set};

fn rule(details: &Value, from: &str) -> Value {
    definition(
        "related",
        "All",
        &json!({"group": {"type": "String", "defaultValue": "shared"}}),
        &json!({
            "if": {"field": "type", "equals": from},
            "then": {"effect": "AuditIfNotExists", "details": details}
        }),
    )
}

fn vault(group: &str, name: &str, purge: bool) -> Resource {
    let id =
        format!("{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}");
    resource(
        "Microsoft.KeyVault/vaults",
        name,
        &json!({"id": id, "properties": {"enablePurgeProtection": purge}}),
    )
}

fn verdict(details: &Value, related: Vec<Resource>) -> FindingState {
    let set = set(&[rule(details, "Microsoft.CognitiveServices/accounts")]);
    judge(&set, &account(&json!({"keyVault": "kv"})), &index(related)).state
}

#[test]
fn the_scope_is_the_group_the_named_group_or_the_subscription() {
    let own = json!({"type": "Microsoft.KeyVault/vaults"});
    let named =
        json!({"type": "Microsoft.KeyVault/vaults", "resourceGroupName": "[parameters('group')]"});
    let wide = json!({"type": "Microsoft.KeyVault/vaults", "ExistenceScope": "Subscription"});
    for (details, group, expected) in [
        (&own, "RG", FindingState::Healthy),
        (&own, "shared", FindingState::Unhealthy),
        (&named, "Shared", FindingState::Healthy),
        (&named, "rg", FindingState::Unhealthy),
        (&wide, "elsewhere", FindingState::Healthy),
    ] {
        assert_eq!(
            verdict(details, vec![vault(group, "kv", true)]),
            expected,
            "{details} {group}"
        );
    }
}

#[test]
fn the_name_may_be_an_expression_over_the_resource() {
    let details = json!({
        "type": "Microsoft.KeyVault/vaults",
        "name": "[concat(field('name'), '-kv')]",
        "existenceCondition": {"field": "Microsoft.KeyVault/vaults/enablePurgeProtection", "equals": true}
    });
    assert_eq!(
        verdict(&details, vec![vault("rg", "ACCT-kv", true)]),
        FindingState::Healthy
    );
    assert_eq!(
        verdict(&details, vec![vault("rg", "other", true)]),
        FindingState::Unhealthy
    );
    assert_eq!(
        verdict(
            &details,
            vec![vault("rg", "acct-kv", false), vault("rg", "other", true)]
        ),
        FindingState::Unhealthy
    );
}

#[test]
fn a_resource_that_was_found_by_name_decides_whatever_else_was_collected() {
    let details = |name: &str| {
        json!({
            "type": "Microsoft.KeyVault/vaults", "name": name,
            "existenceCondition": {"field": "Microsoft.KeyVault/vaults/enablePurgeProtection", "equals": true}
        })
    };
    let seen = |name: &str, there: &str| {
        let set = set(&[rule(&details(name), "Microsoft.CognitiveServices/accounts")]);
        let one = std::sync::Arc::new(vault("rg", there, false));
        let nothing_collected = ResourceIndex::new([one], |_, _| false);
        judge(&set, &account(&json!({})), &nothing_collected).state
    };
    assert_eq!(seen("acct-kv", "acct-kv"), FindingState::Unhealthy);
    assert_eq!(seen("acct-kv", "other"), FindingState::Unknown);
    assert_eq!(seen("acct-*", "acct-kv"), FindingState::Unknown);
}

#[test]
fn children_have_nested_names() {
    let deployment = |account: &str| {
        resource(
            "Microsoft.CognitiveServices/accounts/deployments",
            &format!("{account}/gpt"),
            &json!({}),
        )
    };
    for (name, account, expected) in [
        ("acct/gpt", "acct", FindingState::Healthy),
        ("?/gpt", "acct", FindingState::Healthy),
        ("gpt", "acct", FindingState::Healthy),
        ("acct/other", "acct", FindingState::Unhealthy),
        ("gpt", "another", FindingState::Unhealthy),
    ] {
        let details =
            json!({"type": "Microsoft.CognitiveServices/accounts/deployments", "name": name});
        assert_eq!(
            verdict(&details, vec![deployment(account)]),
            expected,
            "{name} {account}"
        );
    }
}

#[test]
fn an_existence_condition_may_read_the_evaluated_resource() {
    let details = json!({
        "type": "Microsoft.KeyVault/vaults",
        "existenceCondition": {"field": "name", "equals": "[concat(field('name'), '1')]"}
    });
    assert_eq!(
        verdict(&details, vec![vault("rg", "acct1", true)]),
        FindingState::Healthy
    );
    assert_eq!(
        verdict(&details, vec![vault("rg", "acct2", true)]),
        FindingState::Unhealthy
    );
}

#[test]
fn a_plan_of_a_subscription_is_found_and_one_of_a_resource_in_it_is_not() {
    let mut subscription = resource(
        "Microsoft.Resources/subscriptions",
        "s",
        &json!({"id": SUBSCRIPTION}),
    );
    subscription.id = ResourceId::new(SUBSCRIPTION);
    let plan = |tier: &str| {
        let id = format!("{SUBSCRIPTION}/providers/Microsoft.Security/pricings/AI");
        resource(
            "Microsoft.Security/pricings",
            "AI",
            &json!({"id": id, "properties": {"pricingTier": tier}}),
        )
    };
    let pricing = json!({
        "type": "Microsoft.Security/pricings", "name": "AI", "existenceScope": "subscription",
        "existenceCondition": {"field": "Microsoft.Security/pricings/pricingTier", "equals": "Standard"}
    });
    let plans = set(&[rule(&pricing, "Microsoft.Resources/subscriptions")]);
    assert_eq!(
        judge(&plans, &subscription, &index(vec![plan("Standard")])).state,
        FindingState::Healthy
    );
    assert_eq!(
        judge(&plans, &subscription, &index(vec![plan("Free")])).state,
        FindingState::Unhealthy
    );
    assert_eq!(
        judge(&plans, &subscription, &NoRelated).state,
        FindingState::Unknown
    );

    let logs = set(&[rule(
        &json!({"type": "Microsoft.Insights/diagnosticSettings"}),
        "Microsoft.Resources/subscriptions",
    )]);
    let setting = |scope: &str| {
        let id = format!("{scope}/providers/Microsoft.Insights/diagnosticSettings/d");
        resource(
            "Microsoft.Insights/diagnosticSettings",
            "d",
            &json!({"id": id}),
        )
    };
    let of_account = setting(account(&json!({})).id.as_str());
    assert_eq!(
        judge(&logs, &subscription, &index(vec![of_account])).state,
        FindingState::Unhealthy
    );
    assert_eq!(
        judge(&logs, &subscription, &index(vec![setting(SUBSCRIPTION)])).state,
        FindingState::Healthy
    );
}

#[test]
fn a_template_and_what_is_live_never_mix() {
    let set = set(&[rule(
        &json!({"type": "Microsoft.KeyVault/vaults"}),
        "Microsoft.CognitiveServices/accounts",
    )]);
    let from = |mut resource: Resource, file: &str| {
        resource.origin = Origin::Template;
        file.clone_into(&mut resource.source.file);
        resource
    };
    let account = from(account(&json!({})), "a.json");
    let state = |related| judge(&set, &account, &index(vec![related])).state;
    assert_eq!(state(vault("rg", "kv", true)), FindingState::Unhealthy);
    assert_eq!(
        state(from(vault("rg", "kv", true), "b.json")),
        FindingState::Unhealthy
    );
    assert_eq!(
        state(from(vault("rg", "kv", true), "a.json")),
        FindingState::Healthy
    );
}

#[test]
fn a_candidate_that_may_not_be_deployed_leaves_it_open() {
    let set = set(&[rule(
        &json!({"type": "Microsoft.KeyVault/vaults"}),
        "Microsoft.CognitiveServices/accounts",
    )]);
    let maybe =
        crate::helpers::with_unknown(vault("rg", "kv", true), "", "[parameters('withVault')]");
    let verdict = judge(&set, &account(&json!({})), &index(vec![maybe.clone()]));
    assert_eq!(verdict.state, FindingState::Unknown);
    assert!(
        verdict.cause.contains("[parameters('withVault')]"),
        "{}",
        verdict.cause
    );
    let sure = index(vec![maybe, vault("rg", "kv2", true)]);
    assert_eq!(
        judge(&set, &account(&json!({})), &sure).state,
        FindingState::Healthy
    );
}

#[test]
fn coverage_is_asked_for_the_resource_and_the_type() {
    let set = set(&[rule(
        &json!({"type": "Microsoft.KeyVault/vaults"}),
        "Microsoft.CognitiveServices/accounts",
    )]);
    let index = ResourceIndex::new(Vec::new(), |resource, kind| {
        resource.name() == "acct" && kind == "microsoft.keyvault/vaults"
    });
    let mut other = account(&json!({}));
    other.body["name"] = json!("other");
    let states: Vec<FindingState> = [account(&json!({})), other]
        .iter()
        .flat_map(|resource| set.evaluate(resource, &index, &context()))
        .map(|verdict| verdict.state)
        .collect();
    assert_eq!(states, [FindingState::Unhealthy, FindingState::Unknown]);
}
