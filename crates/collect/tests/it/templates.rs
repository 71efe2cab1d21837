//! Templates among the inputs: recognised, given their parameters, kept inside their folder.
//! What evaluation promises is tested where it is written.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use stance_collect::{CollectOptions, Gathered, collect};
use stance_model::{CoverageStatus, Origin};

use crate::support::{names, read, said};

const SCHEMA: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

fn template(name: &str) -> String {
    format!(
        "{{\n  // comment\n  \"$schema\": \"{SCHEMA}\",\n  \"contentVersion\": \"1.0.0.0\",\n  \"parameters\": {{\"name\": {{\"type\": \"string\", \"defaultValue\": \"{name}\"}}}},\n  \"resources\": [{{\n    \"type\": \"Microsoft.CognitiveServices/accounts\",\n    \"apiVersion\": \"2024-10-01\",\n    \"name\": \"[parameters('name')]\",\n    \"properties\": {{\"apiKey\": \"open-sesame-open\"}}\n  }}]\n}}"
    )
}

fn parameters(name: &str) -> String {
    format!(
        r#"{{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#","contentVersion":"1.0.0.0","parameters":{{"name":{{"value":"{name}"}}}}}}"#
    )
}

fn run(root: &Path, options: &CollectOptions) -> Gathered {
    let mut found = Gathered::default();
    collect(&[root.to_owned()], options, &mut found);
    found
}

#[test]
fn a_template_gives_resources_with_lines_and_covers_itself() {
    let found = read(template("declared"));
    assert_eq!(names(&found), ["declared"], "{}", said(&found));
    let resource = &found.resources[0];
    assert_eq!(resource.origin, Origin::Template);
    assert_eq!(resource.source.line, 6);
    assert!(!resource.body.to_string().contains("sesame"));
    assert_eq!(found.coverage.len(), 1);
    assert_eq!(found.coverage[0].scope, "input.json");
    assert_eq!(found.coverage[0].what, "*");
    assert_eq!(found.coverage[0].status, CoverageStatus::Complete);
}

#[test]
fn the_parameter_file_beside_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.json"), template("default")).unwrap();
    fs::write(
        folder.path().join("main.parameters.json"),
        parameters("given"),
    )
    .unwrap();
    let found = run(folder.path(), &CollectOptions::default());
    assert_eq!(names(&found), ["given"], "{}", said(&found));
    assert_eq!(said(&found), "");
}

#[test]
fn a_parameter_file_named_by_the_user_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("main.json"), template("default")).unwrap();
    fs::write(input.join("main.parameters.json"), parameters("beside")).unwrap();
    fs::write(folder.path().join("prod.json"), parameters("named")).unwrap();
    let options = CollectOptions {
        parameter_files: vec![folder.path().join("prod.json")],
        ..CollectOptions::default()
    };
    assert_eq!(names(&run(&input, &options)), ["named"]);
}

#[test]
fn templates_that_link_in_a_circle_stand_for_themselves() {
    let folder = tempfile::tempdir().unwrap();
    for (own, other) in [("a", "b"), ("b", "a"), ("c", "c")] {
        let text = format!(
            r#"{{"$schema":"{SCHEMA}","contentVersion":"1.0.0.0","resources":[
            {{"type":"M.X/y","apiVersion":"1","name":"of-{own}","properties":{{}}}},
            {{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"d","properties":{{"mode":"Incremental","templateLink":{{"relativePath":"{other}.json"}}}}}}]}}"#
        );
        fs::write(folder.path().join(format!("{own}.json")), text).unwrap();
    }
    let found = run(folder.path(), &CollectOptions::default());
    let read: std::collections::BTreeSet<&str> = names(&found).into_iter().collect();
    assert_eq!(
        read.into_iter().collect::<Vec<_>>(),
        ["of-a", "of-b", "of-c"]
    );
}

#[test]
fn linked_templates_are_read_inside_the_input_only() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input");
    fs::create_dir(&input).unwrap();
    fs::write(folder.path().join("outside.json"), template("outside")).unwrap();
    fs::write(input.join("linked.json"), template("linked")).unwrap();
    let link = |name: &str, path: &str| {
        format!(
            r#"{{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"{name}","properties":{{"mode":"Incremental","templateLink":{{"relativePath":"{path}"}}}}}}"#
        )
    };
    let main = format!(
        r#"{{"$schema":"{SCHEMA}","contentVersion":"1.0.0.0","resources":[{},{}]}}"#,
        link("in", "linked.json"),
        link("out", "../outside.json")
    );
    fs::write(input.join("main.json"), main).unwrap();
    let found = run(&input, &CollectOptions::default());
    assert_eq!(names(&found), ["linked"], "read as part of main.json alone");
    assert!(!names(&found).contains(&"outside"), "{}", said(&found));
    assert!(said(&found).contains("ARM0012"), "{}", said(&found));
    // What is linked is covered too, and its coverage names the template.
    let linked = found
        .coverage
        .iter()
        .find(|row| row.scope.ends_with("linked.json"))
        .unwrap();
    assert!(linked.source.ends_with("main.json"), "{linked:?}");
    assert_eq!((linked.what.as_str(), linked.count), ("*", 1));
}
