//! AWS Config: snapshots, queries, history; and the same estate told in three ways.

use std::io::Read;

use serde_json::{Map, Value, json};
use stance_collect::{CollectOptions, Gathered, collect_reader};
use stance_model::Resource;

use crate::support::{covered, read, read_as, said};

fn item(kind: &str, arn: &str, configuration: &Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-11-01T10:00:00.000Z",
        "configurationItemStatus": "OK", "awsAccountId": "123456789012", "awsRegion": "eu-central-1",
        "resourceType": kind, "resourceId": arn, "ARN": arn, "configuration": configuration,
        "relationships": [{"resourceType": "AWS::IAM::Role", "resourceName": "r", "relationshipName": "Is associated with Role"}],
        "supplementaryConfiguration": {}, "tags": {"team": "a"}
    })
}

fn snapshot(items: &[Value]) -> String {
    json!({"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": items}).to_string()
}

const NOTEBOOK: &str = "arn:aws:sagemaker:eu-central-1:123456789012:notebook-instance/n";

#[test]
fn a_snapshot_holds_everything_of_the_types_in_it() {
    let mut gone = item(
        "AWS::SageMaker::NotebookInstance",
        "arn:aws:sagemaker:eu-central-1:123456789012:notebook-instance/g",
        &Value::Null,
    );
    gone["configurationItemStatus"] = json!("ResourceDeleted");
    let gathered = read(snapshot(&[
        item(
            "AWS::SageMaker::NotebookInstance",
            NOTEBOOK,
            &json!({"NotebookInstanceName": "n", "DirectInternetAccess": "Enabled"}),
        ),
        item(
            "AWS::Bedrock::Guardrail",
            "arn:aws:bedrock:eu-central-1:123456789012:guardrail/g",
            &json!("{\"Name\": \"g\"}"),
        ),
        gone,
    ]));
    assert_eq!(said(&gathered), "");
    assert_eq!(gathered.resources.len(), 2);
    let notebook = &gathered.resources[0];
    assert_eq!(notebook.id.as_str(), NOTEBOOK);
    assert_eq!(
        notebook.observed_at.as_deref(),
        Some("2026-11-01T10:00:00.000Z")
    );
    assert_eq!(notebook.properties()["DirectInternetAccess"], "Enabled");
    assert_eq!(notebook.body["tags"], json!({"team": "a"}));
    assert_eq!(notebook.body["relationships"][0]["resourceName"], "r");
    assert_eq!(gathered.resources[1].properties()["Name"], "g");
    assert_eq!(
        covered(&gathered),
        "aws:123456789012/eu-central-1 | aws::bedrock::guardrail | Complete 1 | \n\
         aws:123456789012/eu-central-1 | aws::sagemaker::notebookinstance | Complete 1 | \n"
    );
}

#[test]
fn history_and_queries_prove_no_absence() {
    let one = item(
        "AWS::SageMaker::NotebookInstance",
        NOTEBOOK,
        &json!({"NotebookInstanceName": "n"}),
    );
    let answers = [
        json!({"fileVersion": "1.0", "configurationItems": [one]}),
        json!({"configurationItems": [one]}),
        json!({"baseConfigurationItems": [one], "unprocessedResourceKeys": []}),
        json!({"Results": [one.to_string()], "QueryInfo": {"SelectFields": []}}),
    ];
    for answer in answers {
        let gathered = read(answer.to_string());
        assert_eq!(said(&gathered), "", "{answer}");
        assert_eq!(gathered.resources.len(), 1, "{answer}");
        assert!(
            covered(&gathered).contains("| Partial 1 |"),
            "{answer} {}",
            covered(&gathered)
        );
    }
}

#[test]
fn an_item_without_configuration_has_unknown_properties() {
    let gathered = read(snapshot(&[item(
        "AWS::Lex::Bot",
        "arn:aws:lex:eu-central-1:123456789012:bot/b",
        &Value::Null,
    )]));
    assert!(
        said(&gathered).starts_with("COL0048"),
        "{}",
        said(&gathered)
    );
    assert_eq!(gathered.resources[0].unknowns[0].pointer, "/properties");
}

#[test]
fn older_types_get_the_names_of_cloudformation() {
    let mut bucket = item(
        "AWS::S3::Bucket",
        "arn:aws:s3:::docs",
        &json!({"name": "docs", "creationDate": "2026-01-01"}),
    );
    bucket["supplementaryConfiguration"] = json!({
        "PublicAccessBlockConfiguration": {"blockPublicAcls": true, "restrictPublicBuckets": false},
        "ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256", "kmsMasterKeyID": null}}]},
        "BucketPolicy": {"policyText": "{\"Statement\": [{\"Effect\": \"Deny\"}]}"},
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "BucketLoggingConfiguration": "{\"destinationBucketName\": null, \"logFilePrefix\": null}"
    });
    let mut key = item(
        "AWS::KMS::Key",
        "arn:aws:kms:eu-central-1:123456789012:key/k",
        &json!({"keyId": "k", "keyState": "Enabled"}),
    );
    key["supplementaryConfiguration"] =
        json!({"KeyRotationStatus": "true", "Policy": "{\"Statement\": []}"});
    let mut function = item(
        "AWS::Lambda::Function",
        "arn:aws:lambda:eu-central-1:123456789012:function:f",
        &json!({"functionName": "f", "role": "arn:aws:iam::123456789012:role/r", "vpcConfig": {"subnetIds": ["s"], "securityGroupIds": []}}),
    );
    function["supplementaryConfiguration"] = json!({"Policy": "{\"policy\": \"{\\\"Statement\\\": [{\\\"Sid\\\": \\\"url\\\", \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"lambda:InvokeFunctionUrl\\\"}]}\"}"});
    let role = item(
        "AWS::IAM::Role",
        "arn:aws:iam::123456789012:role/r",
        &json!({
        "roleName": "r", "path": "/", "assumeRolePolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D",
        "rolePolicyList": [{"policyName": "p", "policyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}],
        "attachedManagedPolicies": [{"policyName": "m", "policyArn": "arn:aws:iam::aws:policy/m"}]}),
    );
    let group = item(
        "AWS::EC2::SecurityGroup",
        "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1",
        &json!({
        "groupId": "sg-1", "groupName": "g", "description": "d",
        "ipPermissions": [{"ipProtocol": "-1", "ipRanges": ["0.0.0.0/0"], "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}], "ipv6Ranges": [], "userIdGroupPairs": []}],
        "ipPermissionsEgress": []}),
    );
    let gathered = read(snapshot(&[bucket, key, function, role, group]));
    assert_eq!(said(&gathered), "");
    let of = |kind: &str| {
        gathered
            .resources
            .iter()
            .find(|resource| resource.resource_type == kind)
            .unwrap()
    };
    assert_eq!(
        of("aws::s3::bucket").properties(),
        &json!({"BucketName": "docs", "CreationDate": "2026-01-01",
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "RestrictPublicBuckets": false},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            "VersioningConfiguration": {"Status": "Enabled"}})
    );
    assert_eq!(
        of("aws::s3::bucketpolicy").properties()["PolicyDocument"]["Statement"][0]["Effect"],
        "Deny"
    );
    assert_eq!(of("aws::kms::key").properties()["EnableKeyRotation"], true);
    assert_eq!(
        of("aws::kms::key").properties()["KeyPolicy"],
        json!({"Statement": []})
    );
    assert_eq!(
        of("aws::lambda::function").properties()["VpcConfig"]["SubnetIds"],
        json!(["s"])
    );
    assert_eq!(of("aws::lambda::permission").properties()["Principal"], "*");
    let role = of("aws::iam::role").properties();
    assert_eq!(role["AssumeRolePolicyDocument"], json!({"Statement": []}));
    assert_eq!(
        role["Policies"][0]["PolicyDocument"],
        json!({"Statement": []})
    );
    assert_eq!(
        role["ManagedPolicyArns"],
        json!(["arn:aws:iam::aws:policy/m"])
    );
    assert_eq!(
        of("aws::ec2::securitygroup").properties()["SecurityGroupIngress"],
        json!([{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}])
    );
}

/// One estate in YAML; its JSON twin and its snapshot are made from the same properties below.
const ESTATE: &str = "
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Region: {Type: String, Default: eu-central-1}
Resources:
  Guardrail:
    Type: AWS::Bedrock::Guardrail
    Properties:
      Name: support
      BlockedInputMessaging: 'No.'
      BlockedOutputsMessaging: 'No.'
      ContentPolicyConfig: {FiltersConfig: [{Type: HATE, InputStrength: HIGH, OutputStrength: HIGH}]}
  Notebook:
    Type: AWS::SageMaker::NotebookInstance
    Properties:
      NotebookInstanceName: notebook
      InstanceType: ml.t3.medium
      DirectInternetAccess: !If [Closed, Disabled, Enabled]
      VolumeSizeInGB: 20
      RoleArn: !Sub 'arn:aws:iam::123456789012:role/notebook-${Region}'
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Join ['-', [documents, !Ref Region]]
      PublicAccessBlockConfiguration: {BlockPublicAcls: 'true', RestrictPublicBuckets: true}
Conditions:
  Closed: !Equals [!Ref Region, eu-central-1]
";

fn properties(gathered: &Gathered) -> Map<String, Value> {
    gathered
        .resources
        .iter()
        .map(|resource: &Resource| {
            (
                resource.resource_type.clone(),
                resource.properties().clone(),
            )
        })
        .collect()
}

#[test]
fn one_estate_is_one_estate_however_it_is_told() {
    let known = json!({
        "aws::bedrock::guardrail": {"Name": "support", "BlockedInputMessaging": "No.", "BlockedOutputsMessaging": "No.",
            "ContentPolicyConfig": {"FiltersConfig": [{"Type": "HATE", "InputStrength": "HIGH", "OutputStrength": "HIGH"}]}},
        "aws::sagemaker::notebookinstance": {"NotebookInstanceName": "notebook", "InstanceType": "ml.t3.medium",
            "DirectInternetAccess": "Disabled", "VolumeSizeInGB": 20,
            "RoleArn": "arn:aws:iam::123456789012:role/notebook-eu-central-1"},
        "aws::s3::bucket": {"BucketName": "documents-eu-central-1",
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "RestrictPublicBuckets": true}}
    });
    let yaml = read_as("estate.yaml", ESTATE).0;
    assert_eq!(said(&yaml), "");
    assert_eq!(Value::Object(properties(&yaml)), known);
    // The JSON twin: every value in its long form.
    let long = json!({
        "Parameters": {"Region": {"Type": "String", "Default": "eu-central-1"}},
        "Conditions": {"Closed": {"Fn::Equals": [{"Ref": "Region"}, "eu-central-1"]}},
        "Resources": {
            "Guardrail": {"Type": "AWS::Bedrock::Guardrail", "Properties": known["aws::bedrock::guardrail"]},
            "Notebook": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": {
                "NotebookInstanceName": "notebook", "InstanceType": "ml.t3.medium",
                "DirectInternetAccess": {"Fn::If": ["Closed", "Disabled", "Enabled"]}, "VolumeSizeInGB": 20,
                "RoleArn": {"Fn::Sub": ["arn:aws:iam::123456789012:role/notebook-${R}", {"R": {"Ref": "Region"}}]}}},
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {
                "BucketName": {"Fn::Join": ["-", ["documents", {"Ref": "Region"}]]},
                "PublicAccessBlockConfiguration": {"BlockPublicAcls": "true", "RestrictPublicBuckets": true}}}
        }
    });
    let json = read(serde_json::to_string_pretty(&long).unwrap());
    assert_eq!(said(&json), "");
    assert_eq!(Value::Object(properties(&json)), known);
    let mut bucket = item(
        "AWS::S3::Bucket",
        "arn:aws:s3:::documents-eu-central-1",
        &json!({"name": "documents-eu-central-1"}),
    );
    bucket["supplementaryConfiguration"] = json!({"PublicAccessBlockConfiguration": {"blockPublicAcls": true, "restrictPublicBuckets": true}});
    let config = read(snapshot(&[
        item(
            "AWS::Bedrock::Guardrail",
            "arn:aws:bedrock:eu-central-1:123456789012:guardrail/g",
            &known["aws::bedrock::guardrail"],
        ),
        item(
            "AWS::SageMaker::NotebookInstance",
            NOTEBOOK,
            &known["aws::sagemaker::notebookinstance"],
        ),
        bucket,
    ]));
    assert_eq!(Value::Object(properties(&config)), known);
}

/// A snapshot of any size, made while it is read.
struct Endless {
    left: usize,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.piece.len() {
            self.at = 0;
            self.piece = match self.left {
                0 => return Ok(0),
                1 => b"]}".to_vec(),
                left => {
                    let arn = format!("arn:aws:lex:eu-central-1:123456789012:bot/{left}");
                    let comma = if left == 2 { "" } else { "," };
                    format!(
                        "{}{comma}",
                        item("AWS::Lex::Bot", &arn, &json!({"Name": "b".repeat(2000)}))
                    )
                    .into_bytes()
                }
            };
            self.left -= 1;
        }
        let count = buffer.len().min(self.piece.len() - self.at);
        buffer[..count].copy_from_slice(&self.piece[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_snapshot_over_the_size_of_a_document_streams() {
    let mut options = CollectOptions::default();
    options.limits.document_bytes = 1 << 20;
    let head = br#"{"fileVersion":"1.0","configSnapshotId":"s","configurationItems":["#;
    let reader = Endless {
        left: 2001,
        piece: head.to_vec(),
        at: 0,
    };
    let mut gathered = Gathered::default();
    let summary = collect_reader("snapshot.json", reader, &options, &mut gathered);
    assert_eq!(said(&gathered), "");
    assert_eq!(summary.resources, 2000);
    assert!(summary.bytes > 4 << 20);
}
