//! Exemptions, and attestations of what only a person knows.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use stance_model::FindingState;
use stance_policy::{ComplianceState, EvaluationContext, Verdict};

use crate::assignments::{assignment, built, initiative, key_rule, verdicts, verdicts_in};
use crate::helpers::{GROUP, SUBSCRIPTION, account, definition, index, resource};

const ASSIGNMENT: &str = "/providers/Microsoft.Authorization/policyAssignments/a";

fn exemption(scope: &str, more: &Value) -> Value {
    let mut properties = json!({
        "displayName": "legacy",
        "policyAssignmentId": format!("{SUBSCRIPTION}{ASSIGNMENT}"),
        "exemptionCategory": "waiver",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/policyExemptions/e"),
        "name": "e",
        "type": "Microsoft.Authorization/policyExemptions",
        "properties": properties,
    })
}

fn judged(exemption: Value) -> Verdict {
    let set = initiative(
        "set-one",
        &json!({"policyDefinitions": [{
            "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/keys",
            "policyDefinitionReferenceId": "keysRef",
        }]}),
    );
    let objects = [
        key_rule("keys"),
        set,
        assignment("a", SUBSCRIPTION, "set-one", &json!({})),
        exemption,
    ];
    verdicts(&objects, &account(&json!({"disableLocalAuth": false}))).remove(0)
}

#[test]
fn an_exempt_resource_does_not_apply_and_keeps_its_verdict_in_sight() {
    let found = judged(exemption(
        GROUP,
        &json!({"expiresOn": "2026-06-30T00:00:00.0000000Z"}),
    ));
    assert_eq!(found.state, FindingState::NotApplicable);
    assert_eq!(found.compliance(), Some(ComplianceState::Exempt));
    assert!(
        found.cause.starts_with("exempt: Waiver until 2026-06-30"),
        "{}",
        found.cause
    );
    assert!(
        found.cause.contains("without the exemption Unhealthy"),
        "{}",
        found.cause
    );
    let exempted = found.exempted.unwrap();
    assert_eq!(exempted.state, FindingState::Unhealthy);
    assert_eq!(found.evidence[0].field, "exemption");
    assert_eq!(found.evidence[0].value["stateWithout"], "Unhealthy");
    assert!(found.evidence.len() > 1, "what it stands on is still there");
}

#[test]
fn an_exemption_holds_for_its_scope_its_references_its_time_and_its_selectors() {
    for (scope, more, exempt) in [
        (GROUP, json!({}), true),
        (
            SUBSCRIPTION,
            json!({"exemptionCategory": "Mitigated"}),
            true,
        ),
        (
            "/subscriptions/00000000-0000-0000-0000-000000000002",
            json!({}),
            false,
        ),
        (
            GROUP,
            json!({"policyDefinitionReferenceIds": ["KEYSREF"]}),
            true,
        ),
        (
            GROUP,
            json!({"policyDefinitionReferenceIds": ["another"]}),
            false,
        ),
        // The test's clock stands at 2026-01-01.
        (GROUP, json!({"expiresOn": "2025-12-31T23:59:59Z"}), false),
        (GROUP, json!({"expiresOn": "2026-01-01T00:00:00Z"}), false),
        (
            GROUP,
            json!({"policyAssignmentId": format!("{GROUP}{ASSIGNMENT}")}),
            false,
        ),
        (
            GROUP,
            json!({"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["eastus"]}]}]}),
            false,
        ),
    ] {
        let found = judged(exemption(scope, &more));
        assert_eq!(found.exempted.is_some(), exempt, "{scope} {more}");
        if !exempt {
            assert_eq!(found.state, FindingState::Unhealthy);
        }
    }
}

#[test]
fn an_exemption_that_is_wrong_is_named_and_not_honoured() {
    for (more, word) in [
        (json!({"exemptionCategory": "Because"}), "Because"),
        (json!({"expiresOn": "soon"}), "soon"),
        (
            json!({"policyAssignmentId": "/subscriptions/x/none"}),
            "/subscriptions/x/none",
        ),
    ] {
        let objects = [
            key_rule("keys"),
            assignment("a", SUBSCRIPTION, "keys", &json!({})),
            exemption(GROUP, &more),
        ];
        let (_, diagnostics) = built(&objects);
        assert!(
            diagnostics
                .iter()
                .any(|one| one.code == "POL0017" && one.message.contains(word)),
            "{diagnostics:#?}"
        );
    }
}

#[test]
fn components_of_a_service_cannot_be_exempt() {
    let rule = definition(
        "keys",
        "Microsoft.CognitiveServices.Data",
        &json!({}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices.Data/accounts/deployments"},
                {"field": "Microsoft.CognitiveServices.Data/accounts/deployments/model.format", "equals": "OpenAI"},
            ]},
            "then": {"effect": "Audit"}
        }),
    );
    let objects = [
        rule,
        assignment("a", SUBSCRIPTION, "keys", &json!({})),
        exemption(GROUP, &json!({})),
    ];
    let chat = resource(
        "Microsoft.CognitiveServices/accounts/deployments",
        "acct/chat",
        &json!({"properties": {"model": {"format": "OpenAI", "name": "gpt-4o"}}}),
    );
    let found = verdicts(&objects, &chat).remove(0);
    assert_eq!(found.state, FindingState::Unhealthy);
    assert!(found.exempted.is_none());
}

fn manual(default: &str) -> Value {
    definition(
        "manual",
        "All",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.Resources/subscriptions"},
            "then": {"effect": "Manual", "details": {"defaultState": default}}
        }),
    )
}

fn attestation(more: &Value) -> Value {
    let mut properties = json!({
        "policyAssignmentId": format!("{SUBSCRIPTION}{ASSIGNMENT}").to_uppercase(),
        "complianceState": "Compliant",
        "comments": "audited",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    json!({
        "id": format!("{SUBSCRIPTION}/providers/Microsoft.PolicyInsights/attestations/x"),
        "name": "x",
        "type": "Microsoft.PolicyInsights/attestations",
        "properties": properties,
    })
}

#[test]
fn a_person_attests_and_the_default_stands_until_then_and_after_expiry() {
    let subscription = stance_policy::examples::resource(
        &json!({"id": SUBSCRIPTION, "name": "s", "type": "Microsoft.Resources/subscriptions"}),
        Vec::new(),
    );
    let (healthy, unhealthy, unknown) = (
        FindingState::Healthy,
        FindingState::Unhealthy,
        FindingState::Unknown,
    );
    for (default, attested, state) in [
        ("Unknown", None, unknown),
        ("Compliant", None, healthy),
        ("NonCompliant", None, unhealthy),
        ("Unknown", Some(json!({})), healthy),
        (
            "Compliant",
            Some(json!({"complianceState": "NonCompliant"})),
            unhealthy,
        ),
        (
            "NonCompliant",
            Some(json!({"expiresOn": "2025-01-01T00:00:00Z"})),
            unhealthy,
        ),
        (
            "NonCompliant",
            Some(json!({"expiresOn": "2027-01-01T00:00:00Z"})),
            healthy,
        ),
        (
            "Unknown",
            Some(json!({"policyAssignmentId": "/subscriptions/x"})),
            unknown,
        ),
        (
            "Unknown",
            Some(json!({"policyDefinitionReferenceId": "other"})),
            unknown,
        ),
    ] {
        let mut objects = vec![
            manual(default),
            assignment("a", SUBSCRIPTION, "manual", &json!({})),
        ];
        objects.extend(attested.as_ref().map(attestation));
        let found = verdicts(&objects, &subscription).remove(0);
        assert_eq!(
            found.state, state,
            "{default} {attested:?}: {}",
            found.cause
        );
        if state == healthy && attested.is_some() {
            assert_eq!(found.evidence[0].field, "attestation");
        }
    }
}

#[test]
fn the_clock_that_is_given_decides_on_expiry() {
    let objects = [
        key_rule("keys"),
        assignment("a", SUBSCRIPTION, "keys", &json!({})),
        exemption(GROUP, &json!({"expiresOn": "2026-06-30"})),
    ];
    let resource = account(&json!({"disableLocalAuth": false}));
    let at = |text: &str| EvaluationContext::new(text.parse::<DateTime<Utc>>().unwrap());
    let before = verdicts_in(&objects, &resource, &at("2026-06-29T23:00:00Z")).remove(0);
    let after = verdicts_in(&objects, &resource, &at("2026-06-30T00:00:00Z")).remove(0);
    assert_eq!(before.state, FindingState::NotApplicable);
    assert_eq!(after.state, FindingState::Unhealthy);
}

#[test]
fn nothing_changes_for_resources_that_do_not_apply_anyway() {
    let (set, _) = built(&[
        key_rule("keys"),
        assignment("a", SUBSCRIPTION, "keys", &json!({})),
        exemption(GROUP, &json!({})),
    ]);
    let search = resource("Microsoft.Search/searchServices", "s", &json!({}));
    assert!(
        set.evaluate(&search, &index(Vec::new()), &crate::helpers::context())
            .is_empty()
    );
}
