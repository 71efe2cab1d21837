//! Whatever a template asks for, it gets no more than the limits.

use std::fmt::Write as _;

use crate::support::{read, read_as, said};

#[test]
fn aliases_of_aliases_are_stopped() {
    let mut text = String::from("Metadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let above = format!("*a{}", level - 1);
        let items = vec![above; 10].join(", ");
        writeln!(text, "  a{level}: &a{level} [{items}]").unwrap();
    }
    text.push_str("Resources: {T: {Type: AWS::SNS::Topic}}\n");
    let (gathered, _) = read_as("bomb.yaml", &text);
    assert!(
        said(&gathered).starts_with("COL0041"),
        "{}",
        said(&gathered)
    );
    assert!(said(&gathered).contains("aliases"), "{}", said(&gathered));
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let text = format!("Resources: {{T: {{Type: AWS::SNS::Topic, Properties: {{A: {deep}}}}}}}\n");
    let (gathered, _) = read_as("deep.yaml", &text);
    assert!(said(&gathered).starts_with("COL004"), "{}", said(&gathered));
    let mut text = String::from("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n");
    for level in 0..3000 {
        writeln!(text, "{}a:", " ".repeat(6 + level)).unwrap();
    }
    let (gathered, _) = read_as("deep.yaml", &text);
    assert!(
        said(&gathered).starts_with("COL0041"),
        "{}",
        said(&gathered)
    );
}

#[test]
fn calls_may_be_nested_as_deep_as_documents_go() {
    let mut value = String::from("\"x\"");
    for _ in 0..50 {
        value = format!(r#"{{"Fn::Sub": ["${{A}}", {{"A": {value}}}]}}"#);
    }
    let text = format!(
        r#"{{"Resources": {{"T": {{"Type": "AWS::SNS::Topic", "Properties": {{"A": {value}}}}}}}}}"#
    );
    let gathered = read(text);
    assert!(!gathered.resources.is_empty() || !gathered.diagnostics.is_empty());
}

#[test]
fn texts_that_double_are_stopped() {
    let mut value = String::from("!Ref AWS::Region");
    value = format!("!Sub ['${{A}}{}', {{A: {value}}}]", "x".repeat(1000));
    for _ in 0..30 {
        value = format!("!Sub ['${{A}}${{A}}${{A}}${{A}}', {{A: {value}}}]");
    }
    let text = format!("Resources:\n  T: {{Type: AWS::SNS::Topic, Properties: {{A: {value}}}}}\n");
    let (gathered, _) = read_as("doubling.yaml", &text);
    assert!(said(&gathered).contains("COL0043"), "{}", said(&gathered));
    assert_eq!(gathered.resources.len(), 1);
}

#[test]
fn loops_in_loops_are_stopped() {
    let list = vec!["a"; 100].join(", ");
    let mut body = String::from("{'k${L0}${L1}${L2}${L3}': 1}");
    for level in (0..4).rev() {
        body = format!("{{'Fn::ForEach::L{level}': [L{level}, [{list}], {body}]}}");
    }
    let text = format!(
        "Transform: AWS::LanguageExtensions\nResources:\n  T: {{Type: AWS::SNS::Topic, Properties: {body}}}\n"
    );
    let (gathered, _) = read_as("loops.yaml", &text);
    assert!(said(&gathered).contains("COL0043"), "{}", said(&gathered));
}

#[test]
fn resources_are_bounded() {
    let mut text = String::from("Resources:\n");
    for number in 0..10_005 {
        writeln!(text, "  T{number}: {{Type: AWS::SNS::Topic}}").unwrap();
    }
    let (gathered, _) = read_as("many.yaml", &text);
    assert_eq!(gathered.resources.len(), 10_000);
    assert!(said(&gathered).contains("COL0043"), "{}", said(&gathered));
}

#[test]
fn conditions_that_need_each_other_in_a_long_chain_end() {
    let mut text = String::from("Conditions:\n");
    for number in 0..2000 {
        writeln!(text, "  C{number}: !Not [!Condition C{}]", number + 1).unwrap();
    }
    text.push_str("Resources: {T: {Type: AWS::SNS::Topic, Condition: C0}}\n");
    let (gathered, _) = read_as("chain.yaml", &text);
    assert_eq!(gathered.resources.len(), 1);
    assert_eq!(gathered.resources[0].unknowns[0].pointer, "");
}

#[test]
fn names_that_need_each_other_end() {
    let text = "Resources:
  A: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${B}${B}'}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${A}${A}'}}
";
    let (gathered, _) = read_as("circle.yaml", text);
    assert_eq!(gathered.resources.len(), 2);
}

#[test]
fn too_many_documents_are_not_read() {
    let text = format!(
        "Resources: {{T: {{Type: AWS::SNS::Topic}}}}\n{}",
        "---\na: 1\n".repeat(100)
    );
    let (gathered, _) = read_as("documents.yaml", &text);
    assert_eq!(gathered.resources.len(), 1);
    assert!(said(&gathered).contains("COL0041"), "{}", said(&gathered));
}
