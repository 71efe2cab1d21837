//! Every rule of `content/policies` does what its own examples say.

use std::collections::BTreeSet;

use stance_policy::{AliasSources, BuildOptions, Library, PolicySet, examples};

#[test]
fn every_example_of_every_built_in_rule_holds() {
    let library = Library::embedded();
    assert_eq!(library.diagnostics, []);
    assert!(!library.definitions.is_empty());
    let (set, diagnostics) = PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    assert_eq!(
        diagnostics,
        [],
        "built-in rules compile with the built-in aliases"
    );
    let mut failed = Vec::new();
    for definition in &library.definitions {
        let list = examples::examples(definition).unwrap();
        let expected: BTreeSet<&str> = list.iter().map(|example| example.expect.as_str()).collect();
        for state in ["Healthy", "Unhealthy", "NotApplicable", "Unknown"] {
            assert!(
                expected.contains(state),
                "{} has no {state} example",
                definition.file
            );
        }
        for example in &list {
            let result = examples::run(definition, example, &set);
            if !result.passed() {
                failed.push(result.to_string());
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{} examples fail:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
