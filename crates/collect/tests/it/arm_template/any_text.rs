//! Whatever stands in a template, evaluation ends, and gives a resource for each that has a type and a name.

use proptest::prelude::*;
use stance_collect::arm_template::{Limits, Target};
use stance_collect::json;

use super::support::{document, evaluate_within, with_properties};

fn quick() -> Limits {
    Limits {
        steps: 20_000,
        copies: 20,
        resources: 100,
        output_bytes: 1 << 20,
        deployments_deep: 4,
    }
}

/// Expressions of the right shape with arguments of any.
fn expression() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "concat",
        "format",
        "parameters",
        "variables",
        "createArray",
        "createObject",
        "union",
        "if",
        "and",
        "or",
        "split",
        "substring",
        "take",
        "skip",
        "padLeft",
        "range",
        "json",
        "string",
        "int",
        "add",
        "sub",
        "mul",
        "div",
        "mod",
        "min",
        "max",
        "resourceId",
        "extensionResourceId",
        "reference",
        "references",
        "copyIndex",
        "uniqueString",
        "guid",
        "base64",
        "base64ToJson",
        "uri",
        "dateTimeAdd",
        "utcNow",
        "dateTimeFromEpoch",
        "cidrSubnet",
        "cidrHost",
        "parseCidr",
        "map",
        "filter",
        "reduce",
        "sort",
        "lambda",
        "lambdaVariables",
        "toObject",
        "items",
        "tryGet",
        "indexFromEnd",
        "first",
        "last",
        "empty",
        "length",
        "contains",
        "replace",
        "join",
        "coalesce",
        "environment",
        "deployment",
        "resourceGroup",
        "listKeys",
        "newGuid",
        "shallowMerge",
        "flatten",
        "not",
        "equals",
        "less",
    ]);
    let leaf = prop_oneof![
        "[a-z/{}0-9:,.'-]{0,12}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("null()".to_owned()),
        Just("true()".to_owned()),
        Just("parameters('open')".to_owned()),
        Just("parameters('list')".to_owned()),
        Just("subscription().id".to_owned()),
    ];
    leaf.prop_recursive(6, 60, 4, move |inner| {
        prop_oneof![
            (names.clone(), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", "))),
            (inner.clone(), "[a-z]{1,4}").prop_map(|(target, name)| format!("{target}.{name}")),
            (inner.clone(), inner).prop_map(|(target, key)| format!("{target}[{key}]")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_expression_ends(expression in expression()) {
        let text = format!("[{expression}]");
        let template = with_properties(&serde_json::json!({ "x": text, "known": 1 }).to_string());
        let read = evaluate_within(&template, None, &Target::default(), quick());
        prop_assert_eq!(read.resources.len(), 1);
        prop_assert_eq!(&read.resources[0].body["properties"]["known"], 1);
        prop_assert!(read.diagnostics.len() <= 1, "{:?}", read.diagnostics);
    }

    #[test]
    fn any_text_in_brackets_ends(inside in "\\PC{0,60}") {
        let template = with_properties(&serde_json::json!({ "x": format!("[{inside}]") }).to_string());
        let read = evaluate_within(&template, None, &Target::default(), quick());
        prop_assert_eq!(read.resources.len(), 1);
    }

    #[test]
    fn any_name_and_type_end(name in "[\\[\\]a-z/(){}']{0,20}", kind in "[A-Za-z./@]{0,30}") {
        let text = serde_json::json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1",
            "resources": [{"type": kind, "name": name, "resources": [{"type": kind, "name": name}]}]
        });
        evaluate_within(&document("t", &text.to_string()), None, &Target::default(), quick());
    }

    #[test]
    fn any_change_of_a_template_ends(
        case in prop::sample::select(super::golden::CASES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, piece()), 1..4),
    ) {
        let text = std::fs::read_to_string(super::support::cases().join(format!("{case}.json"))).unwrap();
        let mut letters: Vec<char> = text.chars().collect();
        for (index, gone, new) in changes {
            let at = index.index(letters.len());
            let end = (at + gone).min(letters.len());
            letters.splice(at..end, new.chars());
        }
        let text: String = letters.into_iter().collect();
        let Some(template) = json::parse("changed.json", &text, &json::Limits::default()).document else {
            return Ok(());
        };
        let read = evaluate_within(&template, None, &Target::default(), Limits::default());
        prop_assert!(read.diagnostics.iter().all(|said| said.code != "ARM0018"), "{text}");
        for resource in &read.resources {
            for unknown in &resource.unknowns {
                prop_assert!(resource.body.pointer(&unknown.pointer).is_some(), "{}", unknown.pointer);
            }
        }
    }

    #[test]
    fn any_text_is_json_or_one_error(text in "\\PC{0,80}") {
        let parsed = json::parse("f", &text, &json::Limits::default());
        let errors = parsed.diagnostics.iter().filter(|found| found.code != "JSON0002" && found.code != "JSON0007").count();
        prop_assert_eq!(errors, usize::from(parsed.document.is_none()));
    }

    #[test]
    fn what_serde_reads_is_read_alike(value in json_value()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let parsed = json::parse("f", &text, &json::Limits::default());
        prop_assert_eq!(parsed.document.unwrap().root.to_value(), value);
    }
}

/// What is put into a template.
fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "[",
        "]",
        "(",
        ")",
        "'",
        "\"",
        "{",
        "}",
        ",",
        "null",
        "0",
        "-1",
        "copyIndex()",
        "resourceGroup().id",
        "createArray()",
        ".a",
        "[0]",
        "lambda('x',",
        "take(",
        "split(",
        "'/'",
        "\"scope\": \"/\",",
        "\"condition\": false,",
    ])
    .prop_map(str::to_owned)
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        (-1e9..1e9_f64).prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}
