//! Hostile templates: each limit costs one diagnostic, and nothing overflows.

use std::fmt::Write as _;

use stance_collect::arm_template::{Limits, Target};
use stance_collect::json;

use super::support::{document, evaluate, evaluate_within, with_properties};

fn codes(read: &stance_collect::arm_template::TemplateResources) -> Vec<&str> {
    read.diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect()
}

fn with_resources(variables: &str, resources: &str) -> stance_collect::json::Document {
    document(
        "test.json",
        &format!(
            r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "variables": {variables}, "resources": {resources}}}"#
        ),
    )
}

#[test]
fn a_document_nested_ten_thousand_deep_costs_one_diagnostic() {
    for text in [
        "[".repeat(10_000),
        "{\"a\":".repeat(10_000),
        format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)),
    ] {
        let parsed = json::parse("deep.json", &text, &json::Limits::default());
        assert!(parsed.document.is_none());
        let codes: Vec<_> = parsed
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code.as_str())
            .collect();
        assert_eq!(codes, ["JSON0004"]);
    }
}

#[test]
fn a_document_over_the_cap_or_with_too_many_values_is_refused() {
    let limits = json::Limits {
        bytes: 10,
        ..json::Limits::default()
    };
    assert_eq!(
        json::parse("f", "[1,2,3,4,5,6,7]", &limits).diagnostics[0].code,
        "JSON0005"
    );
    let limits = json::Limits {
        values: 3,
        ..json::Limits::default()
    };
    assert_eq!(
        json::parse("f", "[1,2,3,4,5,6,7]", &limits).diagnostics[0].code,
        "JSON0005"
    );
}

#[test]
fn an_expression_nested_ten_thousand_deep_costs_one_diagnostic() {
    for (open, close) in [
        ("string(", ")"),
        ("createArray(", ")"),
        ("createObject('a',createArray(", "))"),
    ] {
        let text = format!("[{}1{}]", open.repeat(10_000), close.repeat(10_000));
        let template = with_properties(&serde_json::json!({ "x": text, "y": 1 }).to_string());
        let read = evaluate(&template, None, &Target::default());
        assert_eq!(codes(&read), ["ARM0002"]);
        assert_eq!(read.resources[0].body["properties"]["y"], 1);
    }
    let text = format!("[createObject(){}]", ".a".repeat(10_000));
    let template = with_properties(&serde_json::json!({ "x": text }).to_string());
    assert_eq!(
        codes(&evaluate(&template, None, &Target::default())),
        ["ARM0002"]
    );
}

#[test]
fn a_chain_of_variables_is_followed_as_far_as_the_stack_is_safe() {
    let mut variables = String::from("{");
    for index in 0..1000 {
        write!(
            variables,
            "\"v{index}\": [\"[variables('v{}')]\"],",
            index + 1
        )
        .unwrap();
    }
    variables.push_str("\"v1000\": 1}");
    let resources = r#"[{"type": "A.B/c", "apiVersion": "1", "name": "n", "properties": {"x": "[variables('v0')]", "y": 1}}]"#;
    let read = evaluate(
        &with_resources(&variables, resources),
        None,
        &Target::default(),
    );
    assert_eq!(codes(&read), ["ARM0013"]);
    assert_eq!(read.resources[0].body["properties"]["y"], 1);
}

#[test]
fn doubling_values_and_texts_stops_early() {
    for body in [
        "concat(lambdaVariables('a'), lambdaVariables('a'))",
        "createArray(lambdaVariables('a'), lambdaVariables('a'))",
        "createArray(lambdaVariables('a'))",
        "replace(lambdaVariables('a'), 'x', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')",
        "createObject('k', lambdaVariables('a'), 'l', lambdaVariables('a'))",
    ] {
        let text = format!("[reduce(range(0, 10000), 'x', lambda('a', 'i', {body}))]");
        let template = with_properties(&serde_json::json!({ "x": text, "y": 1 }).to_string());
        let read = evaluate(&template, None, &Target::default());
        assert_eq!(codes(&read), ["ARM0013"], "{body}");
        assert_eq!(read.resources[0].body["properties"]["y"], 1);
    }
}

#[test]
fn endless_work_ends_with_the_steps() {
    let inner = "map(range(0, 10000), lambda('a', lambdaVariables('a')))";
    let text = format!("[map(range(0, 10000), lambda('b', length({inner})))]");
    let template = with_properties(&serde_json::json!({ "x": text, "y": 1 }).to_string());
    let limits = Limits {
        steps: 200_000,
        ..Limits::default()
    };
    let read = evaluate_within(&template, None, &Target::default(), limits);
    assert_eq!(codes(&read), ["ARM0013"]);
    assert_eq!(read.resources.len(), 1);
}

#[test]
fn work_that_grows_with_the_square_is_bounded_too() {
    let loops = |depth: usize| {
        let mut inner = serde_json::json!(1);
        for level in 0..depth {
            inner = serde_json::json!({ "copy": [{ "name": format!("l{level}"), "count": 800, "input": inner }] });
        }
        inner
    };
    let big = "map(range(0, 10000), lambda('i', lambdaVariables('i')))";
    let object = "toObject(range(0, 10000), lambda('i', string(lambdaVariables('i'))))";
    let table = [
        serde_json::json!({ "x": loops(4) }),
        serde_json::json!({ "x": format!("[length(union({big}, {big}, {big}))]") }),
        serde_json::json!({ "x": format!("[length(intersection({big}, {big}, {big}))]") }),
        serde_json::json!({ "x": format!("[length(union({object}, {object}))]") }),
        serde_json::json!({ "x": format!("[equals({object}, {object})]") }),
        serde_json::json!({ "x": "[reduce(range(0, 10000), parameters('open'), lambda('a', 'i', uniqueString(lambdaVariables('a'), lambdaVariables('a'))))]" }),
        serde_json::json!({ "x": "[reduce(range(0, 10000), parameters('open'), lambda('a', 'i', lambdaVariables('a').b))]" }),
    ];
    for properties in table {
        let read = evaluate(
            &with_properties(&properties.to_string()),
            None,
            &Target::default(),
        );
        assert!(
            codes(&read).iter().all(|code| *code == "ARM0013"),
            "{:?}",
            read.diagnostics
        );
        assert!(read.diagnostics.len() <= 1, "{:?}", read.diagnostics);
    }
}

#[test]
fn a_loop_of_more_than_800_and_a_template_of_too_many_resources_are_cut() {
    let resources = r#"[{"type": "A.B/c", "apiVersion": "1", "name": "[string(copyIndex())]", "copy": {"name": "l", "count": 801}, "properties": {}}]"#;
    let read = evaluate(&with_resources("{}", resources), None, &Target::default());
    assert_eq!((codes(&read), read.resources.len()), (vec!["ARM0010"], 800));

    let limits = Limits {
        resources: 100,
        ..Limits::default()
    };
    let read = evaluate_within(
        &with_resources("{}", resources),
        None,
        &Target::default(),
        limits,
    );
    assert_eq!(
        (codes(&read), read.resources.len()),
        (vec!["ARM0013", "ARM0010"], 100)
    );
}

#[test]
fn output_is_bounded_though_every_resource_is_small_to_write() {
    let variables = r#"{"big": "[join(range(0, 10000), ',')]"}"#;
    let resources = r#"[{"type": "A.B/c", "apiVersion": "1", "name": "[string(copyIndex())]", "copy": {"name": "l", "count": 800},
        "properties": {"copy": [{"name": "big", "count": 800, "input": "[variables('big')]"}]}}]"#;
    let limits = Limits {
        output_bytes: 10 << 20,
        ..Limits::default()
    };
    let read = evaluate_within(
        &with_resources(variables, resources),
        None,
        &Target::default(),
        limits,
    );
    assert_eq!(codes(&read), ["ARM0013"]);
}

#[test]
fn deployments_nest_only_so_deep() {
    let mut template = r#"{"$schema": "x", "contentVersion": "1", "resources": []}"#.to_owned();
    for _ in 0..30 {
        template = format!(
            r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1",
            "resources": [{{"type": "A.B/c", "apiVersion": "1", "name": "n", "properties": {{}}}},
            {{"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "d", "properties": {{"template": {template}}}}}]}}"#
        );
    }
    let read = evaluate(&document("test.json", &template), None, &Target::default());
    assert_eq!((codes(&read), read.resources.len()), (vec!["ARM0013"], 17));
}

#[test]
fn two_deployments_that_need_each_other_end() {
    let resources = r#"[
        {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "a", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"x": {"value": "[reference('b').outputs.y.value]"}},
            "template": {"$schema": "s", "contentVersion": "1", "parameters": {"x": {"type": "string"}},
                "resources": [{"type": "A.B/c", "apiVersion": "1", "name": "[parameters('x')]", "properties": {}}],
                "outputs": {"y": {"type": "string", "value": "[parameters('x')]"}}}}},
        {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "b", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"x": {"value": "[reference('a').outputs.y.value]"}},
            "template": {"$schema": "s", "contentVersion": "1", "parameters": {"x": {"type": "string"}}, "resources": [],
                "outputs": {"y": {"type": "string", "value": "[parameters('x')]"}}}}}]"#;
    let read = evaluate(&with_resources("{}", resources), None, &Target::default());
    assert_eq!(read.resources.len(), 1);
    assert!(read.resources[0].unknown_at("/name").is_some());
}

#[test]
fn a_repeated_key_costs_one_warning_with_both_lines_and_the_last_counts() {
    let parsed = json::parse(
        "f.json",
        "{\n\"a\": 1,\n\"b\": 2,\n\"a\": 3}",
        &json::Limits::default(),
    );
    let document = parsed.document.unwrap();
    assert_eq!(document.root.get("a").unwrap().to_value(), 3);
    let [warning] = parsed.diagnostics.as_slice() else {
        panic!("{:?}", parsed.diagnostics);
    };
    assert_eq!((warning.code.as_str(), warning.line), ("JSON0002", 4));
    assert!(
        warning.message.contains("line 2") && warning.message.contains("line 4"),
        "{}",
        warning.message
    );
}

#[test]
fn a_document_cut_anywhere_costs_one_error() {
    let whole = r#"{"a": [1, -2.5e3, "xä\n", {"b": null, "c": true}], /* x */ "d": {}}"#;
    assert!(
        json::parse("f", whole, &json::Limits::default())
            .document
            .is_some()
    );
    for (at, _) in whole.char_indices() {
        let parsed = json::parse("f", &whole[..at], &json::Limits::default());
        assert!(parsed.document.is_none(), "{}", &whole[..at]);
        assert_eq!(parsed.diagnostics.len(), 1);
        let code = parsed.diagnostics[0].code.as_str();
        assert!(
            code == "JSON0003",
            "{code} for {}: {}",
            &whole[..at],
            parsed.diagnostics[0].message
        );
    }
}

#[test]
fn json_faults_name_their_place() {
    let table = [
        ("{\n  'a': 1}", "JSON0001", 2, 3),
        ("{\"a\" 1}", "JSON0001", 1, 6),
        ("[1 2]", "JSON0001", 1, 4),
        ("[tru]", "JSON0001", 1, 2),
        ("[01]", "JSON0001", 1, 2),
        ("[\"\\x\"]", "JSON0001", 1, 5),
        ("{} {}", "JSON0006", 1, 4),
        ("ää", "JSON0001", 1, 1),
        ("[\"ä\", ?]", "JSON0001", 1, 7),
    ];
    for (text, code, line, column) in table {
        let parsed = json::parse("f", text, &json::Limits::default());
        let found = parsed.diagnostics.last().unwrap();
        assert_eq!(
            (found.code.as_str(), found.line, found.column),
            (code, line, column),
            "{text}"
        );
        assert!(!found.help.is_empty());
    }
}

#[test]
fn numbers_keep_every_digit() {
    let parsed = json::parse(
        "f",
        "[123456789012345678901234567890, 18446744073709551615]",
        &json::Limits::default(),
    );
    let root = parsed.document.unwrap().root;
    assert_eq!(
        root.items().unwrap()[0].value,
        json::NodeValue::Number("123456789012345678901234567890".to_owned())
    );
    assert_eq!(root.items().unwrap()[1].to_value(), u64::MAX);
}

#[test]
fn a_pointer_leads_to_values_and_places() {
    let parsed = json::parse(
        "f",
        "{\"a\": {\n \"b/c\": [1,\n  {\"~\": 2}]}}",
        &json::Limits::default(),
    );
    let root = parsed.document.unwrap().root;
    assert_eq!(root.pointer("/a/b~1c/1/~0").unwrap().to_value(), 2);
    assert_eq!(root.position("/a/b~1c/1/~0"), Some((3, 4)));
    assert_eq!(root.position("/a/b~1c/0"), Some((2, 10)));
    assert_eq!(root.position("/nowhere"), None);
}
