//! Single promises about templates.

use std::fs;

use serde_json::json;
use stance_collect::{CollectOptions, Gathered, collect};
use stance_model::Origin;

use super::golden::cases;
use crate::support::{names, read, read_as, said};

fn collected(files: &[(&str, &str)]) -> Gathered {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut gathered = Gathered::default();
    collect(
        &[folder.path().to_owned()],
        &CollectOptions::default(),
        &mut gathered,
    );
    gathered
}

#[test]
fn findings_point_at_the_line_of_the_property() {
    for case in ["agent.yaml", "conditions.json"] {
        let path = cases().join(case);
        let text = fs::read_to_string(&path).unwrap();
        let (gathered, _) = read_as(case, &text);
        let mut looked = 0;
        for resource in &gathered.resources {
            assert_eq!(resource.origin, Origin::Template);
            for position in resource
                .positions
                .iter()
                .filter(|position| position.pointer.starts_with("/properties/"))
            {
                let last = position.pointer.rsplit('/').next().unwrap();
                if last.parse::<usize>().is_ok() {
                    continue;
                }
                let line = text.lines().nth(position.line as usize - 1).unwrap();
                let below: String = line.chars().skip(position.column as usize - 1).collect();
                let key = last.replace("~1", "/");
                assert!(
                    below.trim_start_matches(['"', '\'']).starts_with(&key),
                    "{case} {position:?} {line}"
                );
                looked += 1;
            }
        }
        assert!(looked > 5, "{case} {looked}");
    }
}

#[test]
fn a_nested_template_is_no_template_of_its_own() {
    let outer = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: inner.yaml}\n";
    let inner = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n";
    let gathered = collected(&[("a/outer.yaml", outer), ("a/inner.yaml", inner)]);
    assert_eq!(said(&gathered), "");
    assert_eq!(names(&gathered), ["Inner", "Inner-Topic"]);
}

#[test]
fn stacks_that_nest_each_other_end() {
    let outer = "Resources:\n  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: a.yaml, Parameters: {X: !GetAtt Inner.Outputs.X}}\n";
    let gathered = collected(&[("a.yaml", outer)]);
    assert!(
        said(&gathered).contains("too many stacks inside stacks"),
        "{}",
        said(&gathered)
    );
    assert_eq!(gathered.resources.len(), 6);
}

#[test]
fn parameter_files_of_every_form_are_used() {
    let template = "Parameters: {Name: {Type: String}}\nResources:\n  T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}\n";
    for parameters in [
        r#"[{"ParameterKey": "Name", "ParameterValue": "given"}]"#,
        r#"{"Parameters": {"Name": "given"}}"#,
    ] {
        let gathered = collected(&[("t.yaml", template), ("t.parameters.json", parameters)]);
        assert_eq!(said(&gathered), "", "{parameters}");
        assert_eq!(names(&gathered), ["given"], "{parameters}");
    }
}

#[test]
fn a_parameter_file_without_a_template_is_named() {
    let gathered = collected(&[(
        "t.parameters.json",
        r#"[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "ParameterValue": "2"}]"#,
    )]);
    assert_eq!(
        said(&gathered),
        "COL0023 0:0 no template uses this parameter file\n"
    );
}

#[test]
fn the_answer_that_holds_a_template_is_read() {
    let text = "Resources:\n  T: {Type: AWS::SNS::Topic}\n";
    for body in [
        json!(text),
        json!({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}),
    ] {
        let gathered =
            read(json!({"TemplateBody": body, "StagesAvailable": ["Original"]}).to_string());
        assert_eq!(said(&gathered), "");
        assert_eq!(names(&gathered), ["T"]);
    }
}

#[test]
fn synthesised_templates_are_recognised() {
    // No version, metadata of its own, a rule that is never looked at.
    let gathered = read(
        json!({
            "Resources": {
                "BucketA1": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "Stack/Bucket/Resource"},
                    "UpdateReplacePolicy": "Retain", "DeletionPolicy": "Retain"},
                "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "Available", "Properties": {"Analytics": "v2"}}
            },
            "Conditions": {"Available": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
                {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}},
            "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/version"}},
            "Rules": {"Check": {"Assertions": []}}
        })
        .to_string(),
    );
    assert_eq!(said(&gathered), "");
    assert_eq!(names(&gathered), ["BucketA1", "CDKMetadata"]);
}

#[test]
fn other_yaml_is_passed_over() {
    let manifest = "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n";
    let gathered = collected(&[("service.yaml", manifest)]);
    assert!(
        said(&gathered).starts_with("COL0005"),
        "{}",
        said(&gathered)
    );
    assert_eq!(gathered.errors().count(), 0);
}

#[test]
fn secrets_of_templates_do_not_leave_the_reader() {
    let text = "
Parameters: {Password: {Type: String, NoEcho: true, Default: hunter2}}
Resources:
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: s, SecretString: hunter2}}
  Database: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: !Ref Password}}
  Machine:
    Type: AWS::EC2::Instance
    Properties: {UserData: !Base64 {'Fn::Sub': 'export TOKEN=hunter2 ${AWS::Region}'}}
  Tool: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {PASS: hunter2, URL: !Sub 'x://hunter2@${AWS::Region}'}}}}
";
    let (gathered, _) = read_as("secrets.yaml", text);
    assert_eq!(gathered.resources.len(), 4);
    let all = format!("{:?} {:?}", gathered.resources, gathered.diagnostics);
    assert!(!all.contains("hunter2"), "{all}");
}
