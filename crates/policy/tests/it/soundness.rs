//! Three-valued logic is sound: what is decided with unknown values stays so whatever they turn out to be.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use stance_model::{FindingState, Resource, Unknown};

use crate::helpers::{account, audit, index, judge, set};

const FIELDS: [(&str, &str); 4] = [
    ("disableLocalAuth", "/properties/disableLocalAuth"),
    ("publicNetworkAccess", "/properties/publicNetworkAccess"),
    (
        "networkAcls.defaultAction",
        "/properties/networkAcls/defaultAction",
    ),
    ("customSubDomainName", "/properties/customSubDomainName"),
];
const FIRST_IP: &str = "/properties/networkAcls/ipRules/0/value";

fn alias(name: &str) -> String {
    format!("Microsoft.CognitiveServices/accounts/{name}")
}

fn scalar() -> impl Strategy<Value = Value> {
    select(vec![
        json!(true),
        json!(false),
        json!("Enabled"),
        json!("Disabled"),
        json!("Allow"),
        json!("Deny"),
        json!("x"),
        json!(null),
    ])
}

fn leaf() -> impl Strategy<Value = Value> {
    let of_field = (
        select(FIELDS.to_vec()),
        select(vec![
            "equals",
            "notEquals",
            "contains",
            "notContains",
            "exists",
            "in",
            "notIn",
            "like",
        ]),
        scalar(),
    )
        .prop_map(|((field, _), operator, value)| {
            let value = match operator {
                "exists" => json!(value == json!(true)),
                "in" | "notIn" => json!([value, "Deny"]),
                "like" | "contains" | "notContains" => json!(value.as_str().unwrap_or("n")),
                _ if value.is_null() => json!("x"),
                _ => value,
            };
            json!({"field": alias(field), operator: value})
        });
    let counted = (
        select(vec!["equals", "greater", "less", "greaterOrEquals"]),
        0..3_u32,
        select(vec!["1.1.1.1", "2.2.2.2"]),
    )
        .prop_map(|(operator, number, ip)| {
            json!({"count": {
            "field": alias("networkAcls.ipRules[*]"),
            "where": {"field": alias("networkAcls.ipRules[*].value"), "equals": ip}
        }, operator: number})
        });
    let every = select(vec!["1.1.1.1", "2.2.2.2"])
        .prop_map(|ip| json!({"field": alias("networkAcls.ipRules[*].value"), "notEquals": ip}));
    let computed = select(vec!["Enabled", "x"]).prop_map(|text| {
        json!({"value": format!("[equals(field('{}'), '{text}')]", alias("publicNetworkAccess")), "equals": true})
    });
    prop_oneof![4 => of_field, 2 => counted, 1 => every, 1 => computed]
}

fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|children| json!({"allOf": children})),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|children| json!({"anyOf": children})),
            inner.prop_map(|child| json!({"not": child})),
        ]
    })
}

fn pointers() -> Vec<&'static str> {
    FIELDS
        .iter()
        .map(|(_, pointer)| *pointer)
        .chain([FIRST_IP])
        .collect()
}

fn resource(values: &[Value]) -> Resource {
    let mut resource =
        account(&json!({"networkAcls": {"ipRules": [{"value": "1.1.1.1"}, {"value": "2.2.2.2"}]}}));
    for (pointer, value) in pointers().into_iter().zip(values) {
        put(&mut resource, pointer, value);
    }
    resource
}

/// Null stands for a value that is not there.
fn put(resource: &mut Resource, pointer: &str, value: &Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let object = resource
        .body
        .pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap();
    if value.is_null() {
        object.remove(key)
    } else {
        object.insert(key.to_owned(), value.clone())
    };
}

fn state(set: &stance_policy::PolicySet, resource: &Resource) -> FindingState {
    let verdict = judge(set, resource, &index(Vec::new()));
    assert!(
        !verdict.engine_disagreement,
        "{verdict:#?}\n{}",
        resource.body
    );
    verdict.state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_decided_verdict_stays_whatever_the_unknowns_turn_out_to_be(
        rule in tree(),
        values in prop::collection::vec(scalar(), 5),
        hidden in subsequence(pointers(), 1..4),
        fillings in prop::collection::vec(prop::collection::vec(prop_oneof![scalar(), Just(json!("1.1.1.1"))], 5), 6),
    ) {
        let rule = json!({"allOf": [{"field": "type", "equals": "Microsoft.CognitiveServices/accounts"}, rule]});
        let set = set(&[audit(&rule)]);
        let mut open = resource(&values);
        for pointer in &hidden {
            put(&mut open, pointer, &json!("[parameters('later')]"));
            open.unknowns.push(Unknown { pointer: (*pointer).to_owned(), expression: "[parameters('later')]".to_owned() });
        }
        let decided = state(&set, &open);
        for filling in fillings {
            let mut closed = resource(&values);
            for (pointer, value) in hidden.iter().zip(&filling) {
                put(&mut closed, pointer, value);
            }
            let actual = state(&set, &closed);
            prop_assert_ne!(actual, FindingState::Unknown);
            if decided != FindingState::Unknown {
                prop_assert_eq!(decided, actual, "{} {}", rule, closed.body);
            }
        }
    }
}
