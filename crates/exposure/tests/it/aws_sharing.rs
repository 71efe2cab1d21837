//! Trust, policies of resources, and what runs as whom.

use serde_json::{Value, json};
use stance_exposure::Confidence;

use crate::aws_support::*;

const PERMITS: &str = "has permissions to";
const BECOMES: &str = "can impersonate as";

fn trusted(name: &str, statement: impl Into<Value>) -> stance_model::Resource {
    let statement = statement.into();
    role_with(
        name,
        json!({"AssumeRolePolicyDocument": {"Statement": [statement]}}),
    )
}

fn trust(principal: impl Into<Value>) -> Value {
    let principal = principal.into();
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

#[test]
fn everything_lies_in_its_account_or_its_parent() {
    let agent = format!("arn:aws:bedrock:eu-central-1:{ACCOUNT}:agent/A1");
    let mut group = resource(
        "aws::bedrock::agentactiongroup",
        &format!("{agent}/action-group/G1"),
        json!({}),
    );
    group.body["parentId"] = json!(agent);
    let estate = Estate::of([resource("aws::bedrock::agent", &agent, json!({})), group]);
    assert_eq!(
        estate.targets("aws:111122223333", "contains"),
        [agent.to_lowercase()]
    );
    assert_eq!(
        estate.targets(&agent, "contains"),
        [format!("{agent}/action-group/g1").to_lowercase()]
    );
}

#[test]
fn agents_that_share_a_role_authenticate_as_the_same() {
    let agent = |id: &str| {
        let arn = format!("arn:aws:bedrock:eu-central-1:{ACCOUNT}:agent/{id}");
        resource(
            "aws::bedrock::agent",
            &arn,
            json!({"AgentResourceRoleArn": role_arn("shared")}),
        )
    };
    let estate = Estate::of([agent("A1"), agent("A2"), role("shared", json!([]))]);
    for id in ["a1", "a2"] {
        let arn = format!("arn:aws:bedrock:eu-central-1:{ACCOUNT}:agent/{id}");
        let edges = estate.edges(&arn, "can authenticate as");
        assert_eq!(edges.len(), 1);
        assert_eq!(edges[0].target, role_arn("shared"));
        assert_eq!(edges[0].field, "AgentResourceRoleArn");
    }
}

#[test]
fn instances_endpoints_and_profiles_find_their_role_through_others() {
    let sagemaker = |rest: &str| format!("arn:aws:sagemaker:eu-central-1:{ACCOUNT}:{rest}");
    let instance = format!("arn:aws:ec2:eu-central-1:{ACCOUNT}:instance/i-1");
    let profile = format!("arn:aws:iam::{ACCOUNT}:instance-profile/web");
    let estate = Estate::of([
        role_with("web", json!({"InstanceProfileList": [{"Arn": profile}]})),
        role("fraud", json!([])),
        resource(
            "aws::ec2::instance",
            &instance,
            json!({"IamInstanceProfile": {"Arn": profile}}),
        ),
        resource(
            "aws::sagemaker::endpoint",
            &sagemaker("endpoint/Live"),
            json!({"EndpointConfigName": "Live-7"}),
        ),
        resource(
            "aws::sagemaker::endpointconfig",
            &sagemaker("endpoint-config/Live-7"),
            json!({"ProductionVariants": [{"ModelName": "Fraud-7"}]}),
        ),
        resource(
            "aws::sagemaker::model",
            &sagemaker("model/Fraud-7"),
            json!({"ExecutionRoleArn": role_arn("fraud")}),
        ),
        resource(
            "aws::sagemaker::domain",
            &sagemaker("domain/d-1"),
            json!({"DefaultUserSettings": {"ExecutionRole": role_arn("fraud")}}),
        ),
        resource(
            "aws::sagemaker::userprofile",
            &sagemaker("user-profile/d-1/ana"),
            json!({"DomainId": "d-1"}),
        ),
    ]);
    let runs_as = |arn: &str| estate.targets(arn, "can authenticate as");
    assert_eq!(runs_as(&instance), [role_arn("web")]);
    for part in [
        "endpoint/live",
        "model/fraud-7",
        "domain/d-1",
        "user-profile/d-1/ana",
    ] {
        assert_eq!(runs_as(&sagemaker(part)), [role_arn("fraud")], "{part}");
    }
}

#[test]
fn the_role_that_starts_a_container_is_not_the_container_s() {
    let task = format!("arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/app:1");
    let properties = json!({"TaskRoleArn": role_arn("app"), "ExecutionRoleArn": role_arn("start")});
    let estate = Estate::of([resource("aws::ecs::taskdefinition", &task, properties)]);
    let expected = format!("principal:{}", role_arn("app"));
    assert_eq!(estate.targets(&task, "can authenticate as"), [expected]);
}

#[test]
fn a_role_named_in_a_trust_policy_needs_nothing_else() {
    let estate = Estate::of([
        role("ci", json!([])),
        trusted("deploy", trust(json!({"AWS": role_arn("ci")}))),
    ]);
    let edges = estate.edges(&role_arn("ci"), BECOMES);
    assert_eq!(edges[0].target, role_arn("deploy"));
    assert_eq!(edges[0].confidence, Confidence::High);
    assert_eq!(edges[0].field, "AssumeRolePolicyDocument.Statement[0]");
}

#[test]
fn trust_in_the_own_account_lets_in_those_whose_policies_say_so() {
    let may = json!([{"Effect": "Allow", "Action": "sts:*", "Resource": role_arn("deploy")}]);
    let estate = Estate::of([
        role("ci", may),
        role(
            "other",
            json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
        ),
        trusted(
            "deploy",
            trust(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")})),
        ),
    ]);
    assert_eq!(
        estate.targets(&role_arn("ci"), BECOMES),
        [role_arn("deploy")]
    );
    assert!(estate.targets(&role_arn("other"), BECOMES).is_empty());
}

#[test]
fn accounts_and_roles_of_others_are_nodes_of_their_own() {
    let foreign = format!("arn:aws:iam::{OTHER}:role/Partner");
    let estate = Estate::of([trusted(
        "shared",
        json!({"Effect": "Allow", "Principal": {"AWS": [OTHER, foreign]}, "Action": "sts:AssumeRole",
               "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}),
    )]);
    let account = estate.edges(&format!("aws:{OTHER}"), BECOMES);
    assert_eq!(account[0].confidence, Confidence::Medium);
    assert_eq!(
        account[0].properties["conditions"]["StringEquals"]["sts:ExternalId"],
        "x"
    );
    assert!(estate.has_insight(&format!("aws:{OTHER}"), "isThirdParty"));
    assert_eq!(estate.targets(&foreign, BECOMES), [role_arn("shared")]);
}

#[test]
fn anybody_may_become_a_role_that_trusts_anybody() {
    let estate = Estate::of([
        trusted("open", trust(json!("*"))),
        trusted(
            "service",
            trust(json!({"Service": "bedrock.amazonaws.com"})),
        ),
    ]);
    assert_eq!(estate.targets("everyone", BECOMES), [role_arn("open")]);
}

#[test]
fn tokens_of_other_clouds_name_their_subject() {
    let provider = "token.actions.githubusercontent.com";
    let federated = |provider: &str, conditions: Value| {
        json!({"Effect": "Allow", "Principal": {"Federated": provider},
               "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions})
    };
    let github = json!({
        "StringEquals": {format!("{provider}:aud"): "sts.amazonaws.com"},
        "StringLike": {format!("{provider}:sub"): "repo:Contoso/claims:*"}
    });
    let google = json!({"StringEquals": {"accounts.google.com:aud": "104800000000000000001"}});
    let estate = Estate::of([
        trusted(
            "ci",
            federated(
                &format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"),
                github,
            ),
        ),
        trusted("gcp", federated("accounts.google.com", google)),
    ]);
    let subject = format!("principal:{provider}#repo:contoso/claims:*");
    let edges = estate.edges(&subject, BECOMES);
    assert_eq!(
        (edges[0].target.as_str(), edges[0].confidence),
        (role_arn("ci").as_str(), Confidence::High)
    );
    let google = "principal:accounts.google.com#104800000000000000001";
    assert_eq!(estate.targets(google, BECOMES), [role_arn("gcp")]);
}

#[test]
fn a_bucket_for_anybody_is_public_unless_it_is_blocked() {
    let open = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}]);
    let estate = Estate::of([bucket("data"), bucket_policy("data", open.clone())]);
    assert_eq!(estate.may("everyone", "arn:aws:s3:::data"), ["read data"]);
    assert!(estate.has_insight("arn:aws:s3:::data", "allowsPublicAccess"));

    let block = json!({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}});
    let estate = Estate::of([bucket_with("data", block), bucket_policy("data", open)]);
    assert!(estate.may("everyone", "arn:aws:s3:::data").is_empty());
    assert!(!estate.has_insight("arn:aws:s3:::data", "allowsPublicAccess"));

    let of_us = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
                        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]);
    let estate = Estate::of([bucket("data"), bucket_policy("data", of_us)]);
    assert!(estate.may("everyone", "arn:aws:s3:::data").is_empty());
}

#[test]
fn the_policy_of_a_bucket_takes_from_grants_on_everything() {
    let guard = json!([{"Effect": "Deny", "NotPrincipal": {"AWS": [role_arn("kb"), format!("arn:aws:iam::{ACCOUNT}:root")]},
                        "Action": "s3:*", "Resource": ["arn:aws:s3:::claims", "arn:aws:s3:::claims/*"]}]);
    let only = json!([{"Effect": "Deny", "Principal": {"AWS": role_arn("agent")}, "Action": "s3:*", "Resource": "arn:aws:s3:::vault/*"}]);
    let all = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
    let estate = Estate::of([
        role("kb", all.clone()),
        role("agent", all),
        bucket("claims"),
        bucket("vault"),
        bucket("open"),
        bucket_policy("claims", guard),
        bucket_policy("vault", only),
    ]);
    assert!(
        estate
            .may(&role_arn("agent"), "arn:aws:s3:::vault")
            .is_empty()
    );
    assert_eq!(
        estate.may(&role_arn("agent"), "arn:aws:s3:::open"),
        ["read data"]
    );
    assert_eq!(
        estate.may(&role_arn("kb"), "arn:aws:s3:::claims"),
        ["read data"]
    );
    assert_eq!(
        estate.targets(&role_arn("kb"), PERMITS),
        ["aws:111122223333"]
    );
}

#[test]
fn buckets_of_another_account_take_both_sides() {
    let far = |name: &str| {
        let mut bucket = bucket(name);
        bucket.body["subscriptionId"] = json!(OTHER);
        bucket
    };
    let share = json!([{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::far/*"}]);
    let all = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    let estate = Estate::of([
        role("agent", all),
        role("idle", json!([])),
        far("far"),
        far("closed"),
        bucket_policy("far", share),
    ]);
    assert_eq!(
        estate.may(&role_arn("agent"), "arn:aws:s3:::far"),
        ["read data"]
    );
    assert!(
        estate
            .may(&role_arn("agent"), "arn:aws:s3:::closed")
            .is_empty()
    );
    assert!(estate.may(&role_arn("idle"), "arn:aws:s3:::far").is_empty());
}

#[test]
fn a_function_that_anybody_may_call_is_public() {
    let function = format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:pay");
    let permission = |id: &str, principal: &str| {
        let arn = format!("{function}/permission/{id}");
        let properties = json!({"FunctionName": function, "Action": "lambda:InvokeFunctionUrl", "Principal": principal,
                                "FunctionUrlAuthType": "NONE"});
        resource("aws::lambda::permission", &arn, properties)
    };
    let of = |principal: &str| {
        let lambda = resource("aws::lambda::function", &function, json!({}));
        Estate::of([lambda, permission("1", principal)])
    };
    assert!(of("*").has_insight(&function, "allowsPublicAccess"));
    assert!(!of("bedrock.amazonaws.com").has_insight(&function, "allowsPublicAccess"));
}

#[test]
fn keys_and_passwords_count_where_they_are_stated() {
    let key = format!("arn:aws:iam::{ACCOUNT}:accesskey/AKIA1");
    let estate = Estate::of([
        user("robot", json!({})),
        user("ana", json!({"LoginProfile": {}, "MFADevices": []})),
        user("ben", json!({})),
        resource(
            "aws::iam::accesskey",
            &key,
            json!({"UserName": "robot", "Status": "Active"}),
        ),
    ]);
    let arn = |name: &str| format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    assert!(estate.has_insight(&arn("robot"), "hasStandingKey"));
    assert!(estate.has_insight(&arn("ana"), "doesNotHaveMfaEnabled"));
    assert!(!estate.has_insight(&arn("ben"), "doesNotHaveMfaEnabled"));
    assert!(!estate.has_insight(&arn("ben"), "hasStandingKey"));
}
