//! Whole templates. `STANCE_UPDATE_GOLDEN=1` rewrites what is expected.

use std::fmt::Write as _;

use stance_collect::arm_template::{Target, TemplateResources};

use super::support::{cases, document, evaluate, known_target};

/// The written templates.
pub(super) const CASES: [&str; 8] = [
    "azure_openai",
    "classic_children",
    "faults",
    "foundry_symbolic",
    "loops_and_functions",
    "registry_module",
    "subscription_modules",
    "unknown_names",
];

fn shown(read: &TemplateResources) -> String {
    let mut text = String::new();
    for resource in &read.resources {
        let (source, version) = (
            &resource.source,
            resource.api_version.as_deref().unwrap_or("-"),
        );
        writeln!(text, "resource {}", resource.id).unwrap();
        writeln!(
            text,
            "type {} api {version} at {}:{}:{}",
            resource.resource_type, source.file, source.line, source.column
        )
        .unwrap();
        for unknown in &resource.unknowns {
            writeln!(text, "unknown {:?} {}", unknown.pointer, unknown.expression).unwrap();
        }
        writeln!(
            text,
            "{}\n",
            serde_json::to_string_pretty(&resource.body).unwrap()
        )
        .unwrap();
    }
    for existing in &read.existing {
        writeln!(text, "existing {} at {}", existing.id, existing.source.line).unwrap();
    }
    for output in &read.outputs {
        writeln!(text, "output {} {}", output.name, output.value).unwrap();
    }
    for diagnostic in &read.diagnostics {
        writeln!(
            text,
            "{} {:?} {}:{}:{} {}",
            diagnostic.code,
            diagnostic.level,
            diagnostic.file,
            diagnostic.line,
            diagnostic.column,
            diagnostic.message
        )
        .unwrap();
    }
    text
}

fn check(name: &str, expected: &str, with_parameters: bool, target: &Target) {
    let read = |file: &str| document(file, &std::fs::read_to_string(cases().join(file)).unwrap());
    let template = read(&format!("{name}.json"));
    let parameters = with_parameters.then(|| read(&format!("{name}.parameters.json")));
    let found = shown(&evaluate(&template, parameters.as_ref(), target));
    let path = cases().join(format!("{expected}.expected.txt"));
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{expected} differs; STANCE_UPDATE_GOLDEN=1 rewrites it. Now:\n{found}"
    );
}

#[test]
fn azure_openai_without_a_target_keeps_unknowns_apart() {
    check(
        "azure_openai",
        "azure_openai_unknown",
        false,
        &Target::default(),
    );
}

#[test]
fn azure_openai_with_parameters_and_target_is_known() {
    check("azure_openai", "azure_openai_known", true, &known_target());
}

#[test]
fn foundry_with_symbolic_names() {
    check(
        "foundry_symbolic",
        "foundry_symbolic",
        false,
        &known_target(),
    );
}

#[test]
fn modules_at_subscription_level() {
    check(
        "subscription_modules",
        "subscription_modules",
        false,
        &Target::default(),
    );
}

#[test]
fn children_and_extensions_in_every_spelling() {
    check(
        "classic_children",
        "classic_children",
        false,
        &known_target(),
    );
}

#[test]
fn loops_functions_and_lambdas() {
    check(
        "loops_and_functions",
        "loops_and_functions",
        false,
        &known_target(),
    );
}

#[test]
fn a_module_of_the_public_registry() {
    check("registry_module", "registry_module", false, &known_target());
}

#[test]
fn names_and_keys_that_are_unknown_still_tell_resources_apart() {
    check("unknown_names", "unknown_names", false, &Target::default());
}

#[test]
fn faults_cost_one_diagnostic_each_and_lose_nothing_else() {
    check("faults", "faults", true, &known_target());
}
