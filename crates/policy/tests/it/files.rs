//! Rule files: every shape that is read, and what a bad one costs.

use std::fs;

use serde_json::{Value, json};
use stance_model::DiagnosticLevel;
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet};

use crate::helpers::{account, context, definition, index, judge, shared};

fn rule(name: &str) -> Value {
    definition(
        name,
        "Indexed",
        &json!({"effect": {"type": "string", "defaultValue": "audit", "allowedValues": ["Audit", "Disabled"]}}),
        &json!({
            "if": {"allOf": [
                {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
                {"field": "Microsoft.CognitiveServices/accounts/disableLocalAuth", "notEquals": true},
            ]},
            "then": {"effect": "[parameters('effect')]"}
        }),
    )
}

fn load(text: &str) -> Library {
    let mut library = Library::default();
    library.add_bytes("rules.json", text.as_bytes());
    library
}

fn build(library: &Library, options: &BuildOptions) -> (PolicySet, Vec<stance_model::Diagnostic>) {
    PolicySet::build(library, &AliasSources::embedded(), options).unwrap()
}

#[test]
fn every_shape_of_a_definition_is_read() {
    let wrapped = rule("w");
    let mut flat = rule("f")["properties"].clone();
    flat["name"] = json!("f");
    flat["id"] = json!("/providers/Microsoft.Authorization/policyDefinitions/f");
    flat["type"] = json!("Microsoft.Authorization/policyDefinitions");
    for (text, names) in [
        (wrapped.to_string(), vec!["w"]),
        (flat.to_string(), vec!["f"]),
        (json!([wrapped, flat]).to_string(), vec!["w", "f"]),
        (
            json!({"value": [wrapped, rule("x")], "nextLink": null}).to_string(),
            vec!["w", "x"],
        ),
        (
            json!({"$schema": "s", "resources": [wrapped]}).to_string(),
            vec!["w"],
        ),
        (
            json!({"properties": wrapped["properties"]}).to_string(),
            vec!["rules"],
        ),
        (format!("\u{feff}{wrapped}"), vec!["w"]),
        (serde_json::to_string_pretty(&wrapped).unwrap(), vec!["w"]),
    ] {
        let library = load(&text);
        assert_eq!(library.diagnostics, [], "{text}");
        let found: Vec<&str> = library
            .definitions
            .iter()
            .map(|definition| definition.name.as_str())
            .collect();
        assert_eq!(found, names);
        let (set, diagnostics) = build(&library, &BuildOptions::default());
        assert_eq!(diagnostics, []);
        let verdicts = set.evaluate(&account(&json!({})), &index(Vec::new()), &context());
        assert_eq!(verdicts.len(), names.len());
        assert!(
            verdicts
                .iter()
                .all(|verdict| verdict.state.as_str() == "Unhealthy")
        );
    }
}

#[test]
fn a_bad_file_costs_one_diagnostic_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    write(
        "deep/good.json",
        serde_json::to_string_pretty(&rule("good"))
            .unwrap()
            .as_bytes(),
    );
    let utf16: Vec<u8> = rule("utf16")
        .to_string()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    write("utf16.json", &[&[0xff, 0xfe], utf16.as_slice()].concat());
    write("truncated.json", &rule("t").to_string().as_bytes()[..100]);
    write("nested.json", "[".repeat(10_000).as_bytes());
    write("binary.json", &[0xff, 0x00, 0xfe, 0x80, 0xff]);
    write("other.json", b"{\"hello\": [1, 2]}");
    write("empty.json", b"");
    write(
        "expression.json",
        rule("e")
            .to_string()
            .replace(
                "[parameters('effect')]",
                &format!("[{}]", "not(".repeat(9_000)),
            )
            .as_bytes(),
    );
    write("readme.md", b"not a rule");
    let mut library = Library::default();
    library.add_path(folder.path());
    let mut found: Vec<(&str, &str)> = library
        .diagnostics
        .iter()
        .map(|diagnostic| {
            (
                diagnostic.file.rsplit(['/', '\\']).next().unwrap(),
                diagnostic.code.as_str(),
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("binary.json", "POL0001"),
            ("empty.json", "POL0001"),
            ("expression.json", "POL0001"),
            ("nested.json", "POL0001"),
            ("other.json", "POL0002"),
            ("truncated.json", "POL0001"),
        ]
    );
    assert!(
        library
            .diagnostics
            .iter()
            .all(|diagnostic| !diagnostic.help.is_empty() && !diagnostic.message.is_empty())
    );
    let mut names: Vec<&str> = library
        .definitions
        .iter()
        .map(|definition| definition.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["good", "utf16"]);
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let mut library = Library::default();
    library.add_path(std::path::Path::new("no/such/folder"));
    assert_eq!(library.diagnostics.len(), 1);
    assert_eq!(library.diagnostics[0].code, "POL0011");
}

#[test]
fn a_fault_in_a_rule_names_its_line() {
    let text = serde_json::to_string_pretty(&json!([rule("ok"), rule("bad")])).unwrap();
    let at = text.rfind("\"notEquals\"").unwrap();
    let text = format!(
        "{}{}",
        &text[..at],
        text[at..].replacen("notEquals", "notAnOperator", 1)
    );
    let line = 1 + text[..at].matches('\n').count() as u32;
    let library = load(&text);
    let (set, diagnostics) = build(&library, &BuildOptions::default());
    assert_eq!(set.definitions().len(), 1);
    assert_eq!(diagnostics.len(), 1);
    let fault = &diagnostics[0];
    assert_eq!(
        (fault.code.as_str(), fault.level, fault.file.as_str()),
        ("POL0003", DiagnosticLevel::Error, "rules.json")
    );
    assert!(
        fault.line.abs_diff(line) <= 1,
        "line {} for {line}: {}",
        fault.line,
        fault.message
    );
}

#[test]
fn disabled_and_deprecated_rules_stay_out_unless_asked_for() {
    let mut disabled = rule("disabled");
    disabled["properties"]["parameters"]["effect"]["defaultValue"] = json!("DISABLED");
    let mut old = rule("old");
    old["properties"]["metadata"]["deprecated"] = json!(true);
    let library = load(&json!([disabled, old]).to_string());
    let (set, diagnostics) = build(&library, &BuildOptions::default());
    assert_eq!(set.definitions().len(), 0);
    let codes: Vec<&str> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect();
    assert_eq!(codes, ["POL0005", "POL0007"]);
    assert!(
        diagnostics
            .iter()
            .all(|diagnostic| diagnostic.level == DiagnosticLevel::Note)
    );
    let options = BuildOptions {
        force_audit: true,
        include_deprecated: true,
        ..BuildOptions::default()
    };
    let (set, diagnostics) = build(&library, &options);
    assert_eq!(diagnostics, []);
    let effects: Vec<&str> = set.definitions().map(|info| info.effect.as_str()).collect();
    assert_eq!(effects, ["Audit", "Audit"]);
    let verdicts = set.evaluate(&account(&json!({})), &index(Vec::new()), &context());
    assert!(
        verdicts
            .iter()
            .all(|verdict| verdict.state.as_str() == "Unhealthy"),
        "{verdicts:#?}"
    );
}

#[test]
fn an_initiative_gives_parameters_and_groups() {
    let initiative = json!({
        "name": "baseline",
        "type": "Microsoft.Authorization/policySetDefinitions",
        "properties": {
            "displayName": "Baseline",
            "parameters": {"effect-a": {"type": "String", "defaultValue": "Disabled"}, "other": {"type": "String", "defaultValue": "Audit"}},
            "policyDefinitionGroups": [{"name": "IM-1"}],
            "policyDefinitions": [
                {"policyDefinitionReferenceId": "a", "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/A", "parameters": {"Effect": {"value": "[parameters('effect-a')]"}}},
                {"policyDefinitionReferenceId": "b", "policyDefinitionId": "/x/policyDefinitions/b", "groupNames": ["IM-1"], "parameters": {"effect": {"value": "[parameters('OTHER')]"}}},
                {"policyDefinitionReferenceId": "c", "policyDefinitionId": "/x/policyDefinitions/gone"},
            ]
        }
    });
    let library = load(&json!([initiative, rule("a"), rule("b"), rule("alone")]).to_string());
    assert_eq!(library.initiatives[0].groups[0].name, "IM-1");
    let (set, diagnostics) = build(&library, &BuildOptions::default());
    let codes: Vec<&str> = diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.as_str())
        .collect();
    assert_eq!(codes, ["POL0008", "POL0005"], "{diagnostics:#?}");
    let infos: Vec<_> = set.definitions().collect();
    assert_eq!(
        infos
            .iter()
            .map(|info| info.name.as_str())
            .collect::<Vec<_>>(),
        ["b", "alone"]
    );
    assert_eq!(infos[0].groups[0].framework, "Baseline");
    assert_eq!(infos[0].groups[0].control, "IM-1");
    assert_eq!(infos[0].reference_id, "b");
}

#[test]
fn a_value_the_definition_does_not_allow_is_an_error() {
    let library = load(&rule("a").to_string());
    let options = BuildOptions {
        parameters: [(
            "a".to_owned(),
            [("effect".to_owned(), json!("Deny"))].into(),
        )]
        .into(),
        ..BuildOptions::default()
    };
    let (set, diagnostics) = build(&library, &options);
    assert_eq!(set.definitions().len(), 0);
    assert_eq!(diagnostics[0].code, "POL0010");
}

#[test]
fn manual_rules_wait_for_a_person() {
    let manual = definition(
        "manual",
        "All",
        &json!({}),
        &json!({
            "if": {"field": "type", "equals": "Microsoft.CognitiveServices/accounts"},
            "then": {"effect": "Manual", "details": {"defaultState": "Unknown"}}
        }),
    );
    let (set, _) = build(&load(&manual.to_string()), &BuildOptions::default());
    assert_eq!(
        judge(&set, &account(&json!({})), &index(Vec::new()))
            .state
            .as_str(),
        "Unknown"
    );
}

#[test]
fn microsofts_ai_initiatives_load_with_their_definitions() {
    let Some(folder) = shared("microsofts_ai_initiatives_load") else {
        return;
    };
    let mut library = Library::default();
    library.add_path(&folder.join("policies/ai"));
    library.add_path(&folder.join("policies/initiatives"));
    assert_eq!(library.diagnostics, []);
    assert_eq!(
        (library.definitions.len(), library.initiatives.len()),
        (111, 3)
    );
    let (set, diagnostics) = build(&library, &BuildOptions::default());
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == DiagnosticLevel::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let guardrail = set
        .definitions()
        .filter(|info| info.mode == "Microsoft.CognitiveServices.Data")
        .count();
    assert!(
        guardrail >= 12,
        "the guardrail initiative gives its filters: {guardrail}"
    );
    let pairs: std::collections::BTreeSet<_> = set
        .definitions()
        .map(|info| (&info.name, &info.reference_id))
        .collect();
    assert_eq!(
        pairs.len(),
        set.definitions().len(),
        "a definition with the same values is judged once"
    );
    let of_rmf = set
        .definitions()
        .filter(|info| {
            info.groups
                .iter()
                .any(|group| group.framework.contains("NIST AI RMF"))
        })
        .count();
    assert_eq!(of_rmf, 1);
}
