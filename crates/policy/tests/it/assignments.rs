//! Assignments: where they hold, with which values, effects and versions.

use serde_json::{Value, json};
use stance_model::{Diagnostic, FindingState, Resource};
use stance_policy::{AliasSources, BuildOptions, EvaluationContext, Library, PolicySet, Verdict};

use crate::helpers::{GROUP, SUBSCRIPTION, account, context, definition, index, resource};

/// A rule on local authentication, its effect a parameter.
pub(crate) fn key_rule(name: &str) -> Value {
    definition(
        name,
        "Indexed",
        &json!({
            "effect": {"type": "String", "defaultValue": "Audit", "allowedValues": ["Audit", "Deny", "Disabled"]},
            "wanted": {"type": "Boolean", "defaultValue": true},
        }),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
                {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": "[parameters('wanted')]"},
            ]},
            "then": {"effect": "[parameters('effect')]"}
        }),
    )
}

pub(crate) fn initiative(name: &str, properties: &Value) -> Value {
    let mut properties = properties.clone();
    properties["displayName"] = json!(name);
    json!({"name": name, "properties": properties})
}

pub(crate) fn assignment(name: &str, scope: &str, of: &str, more: &Value) -> Value {
    let kind = if of.starts_with("set-") {
        "policySetDefinitions"
    } else {
        "policyDefinitions"
    };
    let mut properties = json!({
        "displayName": name,
        "policyDefinitionId": format!("/providers/Microsoft.Authorization/{kind}/{of}"),
        "scope": scope,
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/policyAssignments/{name}"),
        "name": name,
        "type": "Microsoft.Authorization/policyAssignments",
        "properties": properties,
    })
}

pub(crate) fn built(objects: &[Value]) -> (PolicySet, Vec<Diagnostic>) {
    let mut library = Library::default();
    for (number, object) in objects.iter().enumerate() {
        library.add_bytes(
            &format!("file-{number}.json"),
            object.to_string().as_bytes(),
        );
    }
    assert_eq!(library.diagnostics, []);
    PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap()
}

pub(crate) fn verdicts(objects: &[Value], resource: &Resource) -> Vec<Verdict> {
    verdicts_in(objects, resource, &context())
}

pub(crate) fn verdicts_in(
    objects: &[Value],
    resource: &Resource,
    context: &EvaluationContext,
) -> Vec<Verdict> {
    let (set, _) = built(objects);
    set.evaluate(resource, &index(Vec::new()), context)
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|one| one.code.as_str()).collect()
}

fn account_in(group: &str, location: &str) -> Resource {
    let mut body = account(&json!({"disableLocalAuth": false})).body;
    body["id"] = json!(format!(
        "{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/acct"
    ));
    body["location"] = json!(location);
    stance_policy::examples::resource(&body, Vec::new())
}

#[test]
fn a_resource_is_judged_by_what_is_assigned_to_it_and_by_nothing_else() {
    let objects = [
        key_rule("keys"),
        key_rule("other"),
        assignment(
            "a",
            &format!("{SUBSCRIPTION}/resourceGroups/RG"),
            "keys",
            &json!({}),
        ),
    ];
    let (set, diagnostics) = built(&objects);
    assert!(set.judges_only_assigned());
    assert_eq!(codes(&diagnostics), ["POL0020"], "{diagnostics:#?}");
    let judge = |resource: &Resource| set.evaluate(resource, &index(Vec::new()), &context());
    let inside = judge(&account_in("rg", "westeurope"));
    assert_eq!(inside.len(), 1);
    assert_eq!(inside[0].state, FindingState::Unhealthy);
    let info = inside[0].definition.assignment.as_ref().unwrap();
    assert_eq!(info.name, "a");
    assert!(judge(&account_in("rg2", "westeurope")).is_empty());
}

#[test]
fn without_assignments_everything_judges_everywhere() {
    let found = verdicts(&[key_rule("keys")], &account_in("any", "westeurope"));
    assert_eq!(found.len(), 1);
    assert!(found[0].definition.assignment.is_none());
}

#[test]
fn what_was_collected_judges_beside_the_baseline_and_only_where_it_is_assigned() {
    let mut library = Library::default();
    library.add_bytes("base.json", key_rule("base").to_string().as_bytes());
    for object in [
        key_rule("collected"),
        key_rule("idle"),
        assignment("a", GROUP, "collected", &json!({})),
    ] {
        library.add_collected("estate.json", object.to_string().as_bytes());
    }
    let (set, _) = PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    assert!(!set.judges_only_assigned());
    let found = set.evaluate(
        &account_in("rg", "westeurope"),
        &index(Vec::new()),
        &context(),
    );
    let names: Vec<&str> = found
        .iter()
        .map(|one| one.definition.name.as_str())
        .collect();
    assert_eq!(names, ["base", "collected"]);
}

#[test]
fn excluded_scopes_are_not_evaluated() {
    let objects = |excluded: &str| {
        [
            key_rule("keys"),
            assignment("a", SUBSCRIPTION, "keys", &json!({"notScopes": [excluded]})),
        ]
    };
    let resource = account_in("rg", "westeurope");
    assert!(verdicts(&objects(&GROUP.to_uppercase()), &resource).is_empty());
    assert_eq!(verdicts(&objects(&format!("{GROUP}x")), &resource).len(), 1);
}

#[test]
fn management_groups_hold_for_the_subscriptions_that_are_known_to_lie_below() {
    let root = "/providers/Microsoft.Management/managementGroups/Root";
    let objects = [key_rule("keys"), assignment("a", root, "keys", &json!({}))];
    let resource = account_in("rg", "westeurope");
    assert!(
        verdicts(&objects, &resource).is_empty(),
        "nothing is known of management groups"
    );
    let subscription = |chain: &Value| {
        stance_policy::examples::resource(
            &json!({"id": SUBSCRIPTION, "type": "Microsoft.Resources/subscriptions",
                "properties": {"managementGroupAncestorsChain": chain}}),
            Vec::new(),
        )
    };
    let mut graph = context();
    graph.add_container(&subscription(&json!([{"name": "ai"}, {"name": "root"}])));
    assert_eq!(verdicts_in(&objects, &resource, &graph).len(), 1);
    let mut elsewhere = context();
    elsewhere.add_container(&subscription(&json!([{"name": "ai"}])));
    assert!(verdicts_in(&objects, &resource, &elsewhere).is_empty());
    let mut arm = context();
    arm.add_container(&stance_policy::examples::resource(
        &json!({"id": root, "type": "Microsoft.Management/managementGroups", "properties": {"children": [
            {"id": "/providers/Microsoft.Management/managementGroups/ai", "children": [
                {"id": SUBSCRIPTION, "type": "/subscriptions"}]}]}}),
        Vec::new(),
    ));
    assert_eq!(verdicts_in(&objects, &resource, &arm).len(), 1);
    let excluded = [
        key_rule("keys"),
        assignment(
            "a",
            root,
            "keys",
            &json!({"notScopes": ["/providers/Microsoft.Management/managementGroups/AI"]}),
        ),
    ];
    assert!(verdicts_in(&excluded, &resource, &arm).is_empty());
}

#[test]
fn selectors_choose_by_region_type_and_missing_region() {
    let with = |selectors: &Value| {
        [
            key_rule("keys"),
            assignment(
                "a",
                SUBSCRIPTION,
                "keys",
                &json!({"resourceSelectors": selectors}),
            ),
        ]
    };
    let resource = account_in("rg", "West Europe");
    for (selectors, evaluated) in [
        (json!([]), true),
        (
            json!([{"selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}]),
            true,
        ),
        (
            json!([{"selectors": [{"kind": "resourceLocation", "in": ["northeurope"]}]}]),
            false,
        ),
        (
            json!([{"selectors": [{"kind": "resourceLocation", "notIn": ["westeurope"]}]}]),
            false,
        ),
        (
            json!([{"selectors": [{"kind": "resourceType", "in": ["microsoft.cognitiveservices/Accounts"]}]}]),
            true,
        ),
        (
            json!([{"selectors": [{"kind": "resourceWithoutLocation", "in": ["subscriptionLevelResources"]}]}]),
            false,
        ),
        // All conditions of one selector, any one selector.
        (
            json!([{"selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}, {"kind": "resourceType", "in": ["a/b"]}]}]),
            false,
        ),
        (
            json!([{"selectors": [{"kind": "resourceType", "in": ["a/b"]}]}, {"selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}]),
            true,
        ),
    ] {
        let found = verdicts(&with(&selectors), &resource);
        assert_eq!(!found.is_empty(), evaluated, "{selectors}");
    }
}

#[test]
fn an_assignment_that_azure_would_refuse_is_named_and_not_evaluated() {
    let many: Vec<Value> = (0..11).map(|_| json!({"selectors": []})).collect();
    let values: Vec<String> = (0..51).map(|number| format!("r{number}")).collect();
    for (more, code, word) in [
        (
            json!({"resourceSelectors": many}),
            "POL0014",
            "more than 10",
        ),
        (
            json!({"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": values}]}]}),
            "POL0014",
            "more than 50",
        ),
        (
            json!({"resourceSelectors": [{"selectors": [{"kind": "moon", "in": ["full"]}]}]}),
            "POL0014",
            "moon",
        ),
        (
            json!({"resourceSelectors": [{"selectors": [{"kind": "resourceLocation", "in": ["a"], "notIn": ["b"]}]}]}),
            "POL0014",
            "both",
        ),
        (json!({"scope": "/nowhere"}), "POL0014", "/nowhere"),
        (
            json!({"overrides": [{"kind": "policyEffect"}]}),
            "POL0014",
            "without a value",
        ),
        (
            json!({"parameters": {"effect": {"value": "Append"}}}),
            "POL0010",
            "Append",
        ),
        (
            json!({"parameters": {"effect": {"value": ["Audit"]}}}),
            "POL0013",
            "string",
        ),
        (
            json!({"parameters": {"Effekt": {"value": "Audit"}}}),
            "POL0016",
            "Effekt",
        ),
        (
            json!({"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/gone"}),
            "POL0015",
            "gone",
        ),
        (json!({"definitionVersion": "9.*.*"}), "POL0015", "9.*.*"),
    ] {
        let (_, diagnostics) = built(&[
            key_rule("keys"),
            assignment("a", SUBSCRIPTION, "keys", &more),
        ]);
        let found = diagnostics.iter().find(|one| one.code == code);
        assert!(
            found.is_some_and(|one| one.message.contains(word)),
            "{more}: {diagnostics:#?}"
        );
    }
}

#[test]
fn where_no_assignment_can_be_evaluated_everything_judges_as_without() {
    let objects = [
        key_rule("keys"),
        assignment("a", SUBSCRIPTION, "gone", &json!({})),
    ];
    assert_eq!(verdicts(&objects, &account_in("rg", "westeurope")).len(), 1);
}

#[test]
fn values_come_from_the_assignment_through_expressions_of_the_initiative() {
    let set = initiative(
        "set-keys",
        &json!({
            "parameters": {
                "mode": {"type": "string", "defaultValue": "watch", "allowedValues": ["watch", "stop"]},
                "wanted": {"type": "BOOLEAN", "defaultValue": true},
            },
            "policyDefinitionGroups": [{"name": "IM-1"}],
            "policyDefinitions": [{
                "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/keys",
                "policyDefinitionReferenceId": "keysRef",
                "definitionVersion": "1.*.*",
                "groupNames": ["IM-1"],
                "parameters": {
                    "effect": {"value": "[if(equals(parameters('mode'), 'stop'), 'Deny', 'Audit')]"},
                    "wanted": {"value": "[parameters('wanted')]"},
                },
            }],
        }),
    );
    let judged = |parameters: &Value| {
        let objects = [
            key_rule("keys"),
            set.clone(),
            assignment(
                "a",
                SUBSCRIPTION,
                "set-keys",
                &json!({"parameters": parameters}),
            ),
        ];
        verdicts(&objects, &account_in("rg", "westeurope")).remove(0)
    };
    let audited = judged(&json!({}));
    assert_eq!(audited.definition.effect.as_str(), "Audit");
    assert_eq!(audited.state, FindingState::Unhealthy);
    assert_eq!(audited.definition.reference_id, "keysRef");
    assert_eq!(audited.definition.memberships[0].groups, ["IM-1"]);
    let denied = judged(&json!({"mode": {"value": "stop"}, "WANTED": {"value": false}}));
    assert_eq!(denied.definition.effect.as_str(), "Deny");
    assert_eq!(denied.state, FindingState::Healthy);
}

fn two_references() -> Value {
    let reference = |id: &str| {
        json!({
            "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/keys",
            "policyDefinitionReferenceId": id,
        })
    };
    initiative(
        "set-two",
        &json!({"policyDefinitions": [reference("one"), reference("two")]}),
    )
}

fn effects(overrides: &Value, resource: &Resource) -> Vec<String> {
    let objects = [
        key_rule("keys"),
        two_references(),
        assignment(
            "a",
            SUBSCRIPTION,
            "set-two",
            &json!({"overrides": overrides}),
        ),
    ];
    let found = verdicts(&objects, resource);
    let effects = found
        .iter()
        .map(|one| format!("{}:{}", one.definition.reference_id, one.definition.effect));
    effects.collect()
}

#[test]
fn overrides_give_references_another_effect_and_the_first_that_fits_counts() {
    let west = account_in("rg", "westeurope");
    let on = |reference: &str| json!({"kind": "policyDefinitionReferenceId", "in": [reference]});
    let effect = |value: &str, selectors: &Value| json!({"kind": "policyEffect", "value": value, "selectors": selectors});
    assert_eq!(effects(&json!([]), &west), ["one:Audit", "two:Audit"]);
    assert_eq!(
        effects(&json!([effect("Deny", &json!([on("ONE")]))]), &west),
        ["one:Deny", "two:Audit"]
    );
    assert_eq!(
        effects(
            &json!([
                effect("Disabled", &json!([on("one")])),
                effect("Deny", &json!([]))
            ]),
            &west
        ),
        ["two:Deny"]
    );
    let in_west = json!([{"kind": "resourceLocation", "in": ["westeurope"]}]);
    let by_region = json!([effect("Disabled", &in_west), effect("Deny", &json!([]))]);
    assert_eq!(effects(&by_region, &west), Vec::<String>::new());
    assert_eq!(
        effects(&by_region, &account_in("rg", "northeurope")),
        ["one:Deny", "two:Deny"]
    );
}

/// A definition in a version, wanting local authentication off or on.
fn versioned(version: &str, wanted: bool) -> Value {
    let mut rule = key_rule("keys");
    rule["properties"]["version"] = json!(version);
    rule["properties"]["parameters"]["wanted"]["defaultValue"] = json!(wanted);
    rule
}

#[test]
fn the_newest_loaded_version_that_fits_is_evaluated() {
    let resource = account_in("rg", "westeurope");
    let judged = |more: &Value| {
        let objects = [
            versioned("1.2.0", true),
            versioned("2.0.0", false),
            versioned("1.10.0", true),
            assignment("a", SUBSCRIPTION, "keys", more),
        ];
        let found = verdicts(&objects, &resource).remove(0);
        (found.definition.version.clone(), found.state)
    };
    let (healthy, unhealthy) = (FindingState::Healthy, FindingState::Unhealthy);
    assert_eq!(judged(&json!({})), ("2.0.0".to_owned(), healthy));
    assert_eq!(
        judged(&json!({"definitionVersion": "1.*.*"})),
        ("1.10.0".to_owned(), unhealthy)
    );
    assert_eq!(
        judged(&json!({"definitionVersion": "1.2.*"})),
        ("1.2.0".to_owned(), unhealthy)
    );
    let rolled_out = json!({
        "definitionVersion": "1.*.*",
        "overrides": [{"kind": "policyVersion", "value": "2.*.*",
            "selectors": [{"kind": "resourceLocation", "in": ["westeurope"]}]}],
    });
    assert_eq!(judged(&rolled_out), ("2.0.0".to_owned(), healthy));
}

#[test]
fn what_is_not_enforced_is_judged_all_the_same() {
    let objects = [
        key_rule("keys"),
        assignment(
            "a",
            SUBSCRIPTION,
            "keys",
            &json!({"enforcementMode": "DoNotEnforce"}),
        ),
    ];
    let found = verdicts(&objects, &account_in("rg", "westeurope")).remove(0);
    assert_eq!(found.state, FindingState::Unhealthy);
    assert!(!found.definition.assignment.as_ref().unwrap().enforced);
}

#[test]
fn a_template_that_may_land_anywhere_is_judged_as_without_assignments() {
    let objects = [key_rule("keys"), assignment("a", GROUP, "keys", &json!({}))];
    let (set, _) = built(&objects);
    let mut declared = resource("Microsoft.CognitiveServices/accounts", "acct", &json!({}));
    declared.origin = stance_model::Origin::Template;
    declared.id = stance_model::ResourceId::new(
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/acct",
    );
    let found = set.evaluate(&declared, &index(Vec::new()), &context());
    assert_eq!(found.len(), 1);
    assert!(found[0].definition.assignment.is_none());
}
