//! Answers of the services, put together over the files of a folder.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stance_collect::{CollectOptions, Gathered, collect};
use stance_model::{Origin, Resource};

use crate::support::{covered, said};

const PLACE: &str = "123456789012/eu-central-1";

/// Files by their path below a folder.
fn collected(files: &[(&str, Value)]) -> Gathered {
    let folder = tempfile::tempdir().unwrap();
    for (path, value) in files {
        write(folder.path(), path, &value.to_string());
    }
    read(folder.path())
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(folder: &Path) -> Gathered {
    let mut gathered = Gathered::default();
    collect(
        &[folder.to_owned()],
        &CollectOptions::default(),
        &mut gathered,
    );
    gathered
}

fn only<'g>(gathered: &'g Gathered, kind: &str) -> &'g Resource {
    let mut found = gathered
        .resources
        .iter()
        .filter(|resource| resource.resource_type == kind);
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {kind}: {}", said(gathered)));
    assert!(found.next().is_none(), "several {kind}");
    first
}

fn unknown(resource: &Resource) -> Vec<&str> {
    resource
        .unknowns
        .iter()
        .map(|unknown| unknown.pointer.as_str())
        .collect()
}

#[test]
fn a_list_and_its_details_are_one_resource() {
    let list = json!({"agentSummaries": [
        {"agentId": "ABCDEFGHIJ", "agentName": "support", "agentStatus": "PREPARED", "latestAgentVersion": "3"},
        {"agentId": "KLMNOPQRST", "agentName": "other", "agentStatus": "PREPARED"}
    ]});
    let agent = json!({"agent": {
        "agentId": "ABCDEFGHIJ", "agentName": "support",
        "agentArn": "arn:aws:bedrock:eu-central-1:123456789012:agent/ABCDEFGHIJ",
        "agentResourceRoleArn": "arn:aws:iam::123456789012:role/agent",
        "guardrailConfiguration": {"guardrailIdentifier": "g1", "guardrailVersion": "2"}
    }});
    let gathered = collected(&[("list-agents.json", list), ("get-agent.json", agent)]);
    assert_eq!(said(&gathered), "");
    assert_eq!(gathered.resources.len(), 2);
    let support = gathered
        .resources
        .iter()
        .find(|resource| resource.name() == "support")
        .unwrap();
    assert_eq!(
        support.id.as_str(),
        "arn:aws:bedrock:eu-central-1:123456789012:agent/ABCDEFGHIJ"
    );
    assert_eq!(support.origin, Origin::Live);
    assert_eq!(
        support.properties()["GuardrailConfiguration"]["GuardrailVersion"],
        "2"
    );
    assert_eq!(support.properties()["LatestAgentVersion"], "3");
    assert!(support.unknowns.is_empty() && support.source.file.ends_with("get-agent.json"));
    let other = gathered
        .resources
        .iter()
        .find(|resource| resource.name() == "other")
        .unwrap();
    assert_eq!(unknown(other), ["/properties"], "a list tells no details");
    assert_eq!(
        covered(&gathered),
        "aws:123456789012/eu-central-1 | aws::bedrock::agent | Complete 2 | \n"
    );
}

#[test]
fn the_path_says_of_which_account_and_region_an_answer_is() {
    let agents = format!("{PLACE}/list-agents.json");
    let guardrails = format!("{PLACE}/bedrock.ListGuardrails_1.json");
    let gathered = collected(&[
        (
            &agents,
            json!({"agentSummaries": [{"agentId": "ABCDEFGHIJ", "agentName": "a"}]}),
        ),
        (
            &guardrails,
            json!({"status_code": 200, "data": {"ResponseMetadata": {}, "guardrails": []}}),
        ),
    ]);
    assert_eq!(said(&gathered), "");
    let agent = only(&gathered, "aws::bedrock::agent");
    assert_eq!(
        agent.id.as_str(),
        "arn:aws:bedrock:eu-central-1:123456789012:agent/ABCDEFGHIJ"
    );
    assert_eq!(agent.subscription(), Some("123456789012"));
    assert_eq!(agent.text("location"), Some("eu-central-1"));
    assert_eq!(
        covered(&gathered),
        "aws:123456789012/eu-central-1 | aws::bedrock::agent | Complete 1 | \n\
         aws:123456789012/eu-central-1 | aws::bedrock::guardrail | Complete 0 | \n"
    );
}

#[test]
fn an_answer_without_a_place_says_so() {
    let gathered = collected(&[(
        "agents.json",
        json!({"agentSummaries": [{"agentId": "ABCDEFGHIJ", "agentName": "a"}]}),
    )]);
    assert!(
        said(&gathered).starts_with("COL0046"),
        "{}",
        said(&gathered)
    );
    assert_eq!(
        only(&gathered, "aws::bedrock::agent").id.as_str(),
        "arn:aws:bedrock:::agent/ABCDEFGHIJ"
    );
}

#[test]
fn pages_that_follow_make_a_list_partial() {
    let answer = json!({"NotebookInstances": [{
        "NotebookInstanceArn": "arn:aws:sagemaker:eu-central-1:123456789012:notebook-instance/n",
        "NotebookInstanceName": "n"}], "NextToken": "more"});
    let gathered = collected(&[("notebooks.json", answer)]);
    assert!(
        covered(&gathered).contains("| Partial 1 | the answer has further pages"),
        "{}",
        covered(&gathered)
    );
}

#[test]
fn logging_that_is_off_is_told_where_the_file_says_of_what() {
    let path = format!("{PLACE}/get-model-invocation-logging-configuration.json");
    let folder = tempfile::tempdir().unwrap();
    // The command line prints nothing for an empty answer.
    write(folder.path(), &path, "");
    let gathered = read(folder.path());
    assert_eq!(said(&gathered), "");
    let logging = only(&gathered, "aws::bedrock::modelinvocationlogging");
    assert_eq!(logging.properties(), &json!({}));
    assert_eq!(
        logging.id.as_str(),
        "arn:aws:bedrock:eu-central-1:123456789012:model-invocation-logging"
    );
    let on = json!({"loggingConfig": {"s3Config": {"bucketName": "logs"}, "textDataDeliveryEnabled": true}});
    let gathered = collected(&[(&path, on)]);
    let logging = only(&gathered, "aws::bedrock::modelinvocationlogging");
    assert_eq!(
        logging.properties(),
        &json!({"S3Config": {"BucketName": "logs"}, "TextDataDeliveryEnabled": true})
    );
}

#[test]
fn settings_of_a_bucket_come_together() {
    let below = |name: &str| format!("123456789012/s3/documents/{name}.json");
    let gathered = collected(&[
        (
            "123456789012/s3/list-buckets.json",
            json!({"Buckets": [{"Name": "documents"}, {"Name": "other"}]}),
        ),
        (
            &below("get-public-access-block"),
            json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}}),
        ),
        (
            &below("get-bucket-encryption"),
            json!({"ServerSideEncryptionConfiguration": {"Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}, "BucketKeyEnabled": true}
            ]}}),
        ),
        (
            &below("get-bucket-policy"),
            json!({"Policy": "{\"Statement\": [{\"Effect\": \"Deny\"}]}"}),
        ),
        (
            &below("s3.GetBucketLogging_1"),
            json!({"status_code": 200, "data": {}}),
        ),
    ]);
    assert_eq!(said(&gathered), "");
    let bucket = gathered
        .resources
        .iter()
        .find(|resource| resource.id.as_str() == "arn:aws:s3:::documents")
        .unwrap();
    assert_eq!(
        bucket.properties(),
        &json!({
            "BucketName": "documents",
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": true},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                "BucketKeyEnabled": true
            }]}
        })
    );
    assert_eq!(
        unknown(bucket),
        ["/properties/VersioningConfiguration"],
        "logging was asked for"
    );
    assert_eq!(bucket.subscription(), Some("123456789012"));
    let policy = only(&gathered, "aws::s3::bucketpolicy");
    assert_eq!(policy.parent().unwrap().as_str(), "arn:aws:s3:::documents");
    let other = gathered
        .resources
        .iter()
        .find(|resource| resource.name() == "other")
        .unwrap();
    assert_eq!(other.unknowns.len(), 4, "nothing was asked about it");
}

#[test]
fn security_groups_have_the_rules_of_cloudformation() {
    let gathered = collected(&[(
        "groups.json",
        json!({"SecurityGroups": [{
        "GroupId": "sg-1", "GroupName": "web", "Description": "the web", "OwnerId": "123456789012", "VpcId": "vpc-1",
        "SecurityGroupArn": "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1",
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "123456789012"}], "PrefixListIds": []}],
        "IpPermissionsEgress": [], "Tags": [{"Key": "team", "Value": "web"}]}]}),
    )]);
    let group = only(&gathered, "aws::ec2::securitygroup");
    assert_eq!(
        group.id.as_str(),
        "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1"
    );
    assert_eq!(
        group.properties()["SecurityGroupIngress"],
        json!([
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0", "Description": "all"},
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "::/0"},
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": "sg-2"}
        ])
    );
    assert_eq!(group.body["tags"], json!({"team": "web"}));
}

#[test]
fn the_authorization_of_an_account_is_read_whole() {
    let trust = "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22bedrock.amazonaws.com%22%7D%7D%5D%7D";
    let policy =
        json!({"Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]});
    let details = json!({
        "UserDetailList": [{"UserName": "u", "UserId": "AIDAX", "Arn": "arn:aws:iam::123456789012:user/u", "Path": "/",
            "GroupList": ["g"], "AttachedManagedPolicies": [], "UserPolicyList": []}],
        "GroupDetailList": [{"GroupName": "g", "Arn": "arn:aws:iam::123456789012:group/g",
            "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": policy}], "AttachedManagedPolicies": []}],
        "RoleDetailList": [{"RoleName": "agent", "Arn": "arn:aws:iam::123456789012:role/x/agent", "Path": "/x/",
            "AssumeRolePolicyDocument": trust, "RolePolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "m", "PolicyArn": "arn:aws:iam::123456789012:policy/m"}],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/b"},
            "Tags": [{"Key": "team", "Value": "a"}]}],
        "Policies": [{"PolicyName": "m", "Arn": "arn:aws:iam::123456789012:policy/m", "DefaultVersionId": "v2",
            "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": false, "Document": {}},
                {"VersionId": "v2", "IsDefaultVersion": true, "Document": policy}]}],
        "IsTruncated": false
    });
    let gathered = collected(&[("iam.json", details)]);
    assert_eq!(said(&gathered), "");
    let role = only(&gathered, "aws::iam::role");
    assert_eq!(role.text("location"), Some("global"));
    assert_eq!(
        role.properties()["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"],
        "bedrock.amazonaws.com"
    );
    assert_eq!(
        role.properties()["ManagedPolicyArns"],
        json!(["arn:aws:iam::123456789012:policy/m"])
    );
    assert_eq!(
        role.properties()["PermissionsBoundary"],
        "arn:aws:iam::aws:policy/b"
    );
    assert_eq!(
        only(&gathered, "aws::iam::user").properties()["Groups"],
        json!(["g"])
    );
    assert_eq!(
        only(&gathered, "aws::iam::group").properties()["Policies"][0]["PolicyName"],
        "p"
    );
    assert_eq!(
        only(&gathered, "aws::iam::managedpolicy").properties()["PolicyDocument"],
        policy
    );
    assert_eq!(
        covered(&gathered),
        "aws:123456789012 | aws::iam::group | Complete 1 | \n\
         aws:123456789012 | aws::iam::managedpolicy | Complete 1 | \n\
         aws:123456789012 | aws::iam::role | Complete 1 | \n\
         aws:123456789012 | aws::iam::user | Complete 1 | \n"
    );
}

#[test]
fn secrets_do_not_leave_the_reader() {
    let function = json!({"Configuration": {
        "FunctionName": "f", "FunctionArn": "arn:aws:lambda:eu-central-1:123456789012:function:f", "Runtime": "python3.13",
        "Environment": {"Variables": {"MODEL_ID": "amazon.nova-pro-v1:0", "PASS": "hunter2", "SIGNING": "abc"}}},
        "Tags": {"team": "a"}});
    let secret = json!({"ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-AbCdEf", "Name": "s",
        "SecretString": "hunter2"});
    let gathered = collected(&[("function.json", function), ("secret.json", secret)]);
    let all = format!("{:?}", gathered.resources);
    assert!(
        !all.contains("hunter2") && !all.contains("\"abc\""),
        "{all}"
    );
    let function = only(&gathered, "aws::lambda::function");
    assert_eq!(
        function.properties()["Environment"]["Variables"]["MODEL_ID"],
        "amazon.nova-pro-v1:0"
    );
    assert_eq!(function.body["tags"], json!({"team": "a"}));
}

#[test]
fn agentcore_speaks_as_cloudformation_does() {
    let runtime = json!({"agentRuntimeArn": "arn:aws:bedrock-agentcore:eu-central-1:123456789012:runtime/r-0123456789",
        "agentRuntimeName": "r", "agentRuntimeId": "r-0123456789", "roleArn": "arn:aws:iam::123456789012:role/r",
        "networkConfiguration": {"networkMode": "PUBLIC"}, "protocolConfiguration": {"serverProtocol": "MCP"},
        "environmentVariables": {"region": "eu-central-1", "salt": "xyz"}});
    let targets = json!({"items": [{"targetId": "T1", "name": "tools"}]});
    let gateway = json!({"gatewayArn": "arn:aws:bedrock-agentcore:eu-central-1:123456789012:gateway/g-0123456789",
        "gatewayId": "g-0123456789", "name": "g", "authorizerType": "CUSTOM_JWT",
        "authorizerConfiguration": {"customJWTAuthorizer": {"discoveryUrl": "https://example.com"}}});
    let gathered = collected(&[
        ("core/get-agent-runtime.json", runtime),
        ("core/g-0123456789/list-gateway-targets.json", targets),
        ("core/get-gateway.json", gateway),
    ]);
    let runtime = only(&gathered, "aws::bedrockagentcore::runtime");
    assert_eq!(runtime.properties()["ProtocolConfiguration"], "MCP");
    assert_eq!(
        runtime.properties()["EnvironmentVariables"]["region"],
        "eu-central-1"
    );
    let gateway = only(&gathered, "aws::bedrockagentcore::gateway");
    assert_eq!(
        gateway.properties()["AuthorizerConfiguration"]["CustomJWTAuthorizer"]["DiscoveryUrl"],
        "https://example.com"
    );
    let target = only(&gathered, "aws::bedrockagentcore::gatewaytarget");
    assert!(
        target
            .id
            .as_str()
            .ends_with("gateway/g-0123456789/target/T1"),
        "{}",
        target.id
    );
}

#[test]
fn a_refusal_is_no_answer() {
    let answer = json!({"status_code": 403, "data": {"Error": {"Code": "AccessDeniedException", "Message": "no"}}});
    let gathered = collected(&[(&format!("{PLACE}/bedrock-agent.ListAgents_1.json"), answer)]);
    assert!(
        said(&gathered).starts_with("COL0019"),
        "{}",
        said(&gathered)
    );
}
