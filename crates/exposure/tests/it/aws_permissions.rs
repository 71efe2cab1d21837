//! What policies of identities let them do.

use serde_json::json;
use stance_exposure::Confidence;

use crate::aws_support::*;

const PERMITS: &str = "has permissions to";

#[test]
fn a_grant_on_everything_is_one_edge_to_the_account() {
    let estate = Estate::of([
        role(
            "agent",
            json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]),
        ),
        bucket("claims"),
        bucket("models"),
    ]);
    let edges = estate.edges(&role_arn("agent"), PERMITS);
    assert_eq!(edges.len(), 1, "{edges:?}");
    assert_eq!(edges[0].target, "aws:111122223333");
    assert_eq!(edges[0].confidence, Confidence::High);
    assert_eq!(edges[0].object, role_arn("agent"));
    assert_eq!(edges[0].field, "Policies[p].Statement[0]");
    assert!(
        edges[0]
            .capabilities
            .contains(&"read data: aws::s3::bucket".to_owned())
    );
    assert!(
        estate
            .may(&role_arn("agent"), "arn:aws:s3:::claims")
            .contains(&"write data".to_owned())
    );
}

#[test]
fn a_grant_on_objects_reaches_their_bucket_and_no_other() {
    let estate = Estate::of([
        role(
            "kb",
            json!([{
                "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::claims", "arn:aws:s3:::claims/in/*"]
            }]),
        ),
        bucket("claims"),
        bucket("claims-archive"),
    ]);
    assert_eq!(
        estate.may(&role_arn("kb"), "arn:aws:s3:::claims"),
        ["read data"]
    );
    assert!(
        estate
            .may(&role_arn("kb"), "arn:aws:s3:::claims-archive")
            .is_empty()
    );
}

#[test]
fn a_denial_takes_resources_out_of_a_grant_on_everything() {
    let estate = Estate::of([
        role(
            "agent",
            json!([
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
                {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret*"}
            ]),
        ),
        bucket("claims"),
        bucket("secrets"),
    ]);
    assert_eq!(
        estate.targets(&role_arn("agent"), PERMITS),
        ["arn:aws:s3:::claims"]
    );
}

#[test]
fn conditions_on_a_grant_lower_confidence_and_conditions_on_a_denial_hide_nothing() {
    let limit = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
    let estate = Estate::of([
        role(
            "agent",
            json!([
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": limit},
                {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": limit}
            ]),
        ),
        bucket("claims"),
    ]);
    let edges = estate.edges(&role_arn("agent"), PERMITS);
    assert_eq!(edges[0].confidence, Confidence::Medium);
    assert_eq!(edges[0].properties["conditions"], limit);
}

#[test]
fn a_boundary_limits_what_policies_grant() {
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/limit");
    let everything = json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]);
    let document = json!({"PolicyDocument": {"Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::claims/*"}
    ]}});
    let estate = Estate::of([
        role_with(
            "agent",
            json!({"Policies": [inline(everything)], "PermissionsBoundary": boundary}),
        ),
        resource("aws::iam::managedpolicy", &boundary, document),
        bucket("claims"),
        bucket("models"),
    ]);
    assert_eq!(
        estate.may(&role_arn("agent"), "arn:aws:s3:::claims"),
        ["read data"]
    );
    assert!(
        estate
            .may(&role_arn("agent"), "arn:aws:s3:::models")
            .is_empty()
    );
    assert!(!estate.has_insight(&role_arn("agent"), "isPrivileged"));
}

#[test]
fn policies_of_groups_reach_their_members() {
    let group = format!("arn:aws:iam::{ACCOUNT}:group/analysts");
    let statements = json!([{"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "*"}]);
    let estate = Estate::of([
        user("ana", json!({"Groups": ["analysts"], "UserId": "AIDAANA"})),
        resource(
            "aws::iam::group",
            &group,
            json!({"Policies": [inline(statements)]}),
        ),
        table("cards"),
    ]);
    let edges = estate.edges("aidaana", PERMITS);
    assert_eq!(edges[0].target, "aws:111122223333");
    assert_eq!(edges[0].properties["via"], json!(group));
    assert_eq!(edges[0].object, group);
    assert_eq!(estate.targets("aidaana", "member of"), [group]);
}

#[test]
fn policies_of_aws_are_known_and_undone_by_detaching_them() {
    let attached = json!({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]});
    let estate = Estate::of([role_with("admin", attached), bucket("claims")]);
    let edges = estate.edges(&role_arn("admin"), PERMITS);
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].object, role_arn("admin"));
    assert_eq!(
        edges[0].field,
        "ManagedPolicyArns[arn:aws:iam::aws:policy/AdministratorAccess]"
    );
    assert!(
        edges[0]
            .capabilities
            .contains(&"create compute: aws.account".to_owned())
    );
    assert!(estate.has_insight(&role_arn("admin"), "isPrivileged"));
}

#[test]
fn one_role_that_may_be_changed_is_not_the_whole_account() {
    let target = role_arn("app");
    let estate = Estate::of([
        role(
            "deployer",
            json!([{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": target}]),
        ),
        role("app", json!([])),
    ]);
    assert_eq!(estate.may(&role_arn("deployer"), &target), ["grant access"]);
    assert!(!estate.has_insight(&role_arn("deployer"), "isPrivileged"));
}

#[test]
fn a_role_that_may_be_passed_to_what_runs_code_is_sure() {
    let pass = |service: &str| {
        json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role_arn("app"),
             "Condition": {"StringEquals": {"iam:PassedToService": service}}},
            {"Effect": "Allow", "Action": "sagemaker:CreateNotebookInstance", "Resource": "*"}
        ])
    };
    let estate = Estate::of([
        role("analyst", pass("sagemaker.amazonaws.com")),
        role("auditor", pass("config.amazonaws.com")),
        role("app", json!([])),
    ]);
    let passed = |name: &str| {
        let edges = estate.edges(&role_arn(name), PERMITS).into_iter();
        let mut edges = edges.filter(|edge| edge.target == role_arn("app"));
        edges.next().unwrap().confidence
    };
    assert_eq!(passed("analyst"), Confidence::High);
    assert_eq!(passed("auditor"), Confidence::Medium);
    assert_eq!(
        estate.may(&role_arn("analyst"), "aws:111122223333"),
        ["create compute"]
    );
}

#[test]
fn an_agent_is_invoked_through_its_aliases_and_a_secret_found_without_its_ending() {
    let agent = format!("arn:aws:bedrock:eu-central-1:{ACCOUNT}:agent/AGENT1");
    let secret = format!("arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:db-Ab12Cd");
    let estate = Estate::of([
        role(
            "caller",
            json!([
                {"Effect": "Allow", "Action": "bedrock:InvokeAgent",
                 "Resource": format!("arn:aws:bedrock:eu-central-1:{ACCOUNT}:agent-alias/AGENT1/LIVE")},
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                 "Resource": format!("arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:db-??????")}
            ]),
        ),
        resource("aws::bedrock::agent", &agent, json!({})),
        resource("aws::secretsmanager::secret", &secret, json!({})),
    ]);
    assert_eq!(estate.may(&role_arn("caller"), &agent), ["invoke agent"]);
    assert_eq!(estate.may(&role_arn("caller"), &secret), ["read secrets"]);
}

#[test]
fn collections_need_a_data_access_rule_as_well() {
    let collection = format!("arn:aws:aoss:eu-central-1:{ACCOUNT}:collection/c1");
    let rule = format!("arn:aws:aoss:eu-central-1:{ACCOUNT}:accesspolicy/data/kb");
    let may = json!([{"Effect": "Allow", "Action": "aoss:APIAccessAll", "Resource": "*"}]);
    let policy = json!([{
        "Rules": [{"ResourceType": "index", "Resource": ["index/claims/*"], "Permission": ["aoss:ReadDocument"]}],
        "Principal": [role_arn("kb")]
    }]);
    let estate = Estate::of([
        role("kb", may.clone()),
        role("stranger", may),
        resource(
            "aws::opensearchserverless::collection",
            &collection,
            json!({"Name": "claims"}),
        ),
        resource(
            "aws::opensearchserverless::accesspolicy",
            &rule,
            json!({"Type": "data", "Policy": policy.to_string()}),
        ),
    ]);
    assert_eq!(estate.may(&role_arn("kb"), &collection), ["read data"]);
    assert!(estate.may(&role_arn("stranger"), &collection).is_empty());
}

#[test]
fn what_the_organisation_denies_nobody_may() {
    let control = "arn:aws:organizations::999988887777:policy/o-1/service_control_policy/p-1";
    let content = json!({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]});
    let estate = Estate::of([
        role(
            "agent",
            json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
        ),
        bucket("claims"),
        table("cards"),
        resource(
            "aws::organizations::policy",
            control,
            json!({
                "Type": "SERVICE_CONTROL_POLICY", "TargetIds": [ACCOUNT], "Content": content.to_string()
            }),
        ),
    ]);
    assert!(
        estate
            .may(&role_arn("agent"), "arn:aws:s3:::claims")
            .is_empty()
    );
    let table = format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/cards");
    assert!(!estate.may(&role_arn("agent"), &table).is_empty());
}

#[test]
fn what_is_no_policy_is_left_out() {
    let broken = json!([
        {"Effect": "Allow"}, 7, {"Effect": "Maybe", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "NotAction": "s3:*", "Resource": "*"}
    ]);
    let estate = Estate::of([role("odd", broken), bucket("claims")]);
    assert!(estate.edges(&role_arn("odd"), PERMITS).is_empty());
    let account = estate.graph.find("aws:111122223333").unwrap();
    assert!(
        estate
            .graph
            .node(account)
            .properties
            .contains("\"policiesIgnored\":5")
    );
}

#[test]
fn objects_that_are_met_by_chance_are_a_guess() {
    let estate = Estate::of([
        role(
            "notebook",
            json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*sagemaker*"}]),
        ),
        bucket("my-sagemaker-data"),
        bucket("claims"),
    ]);
    let edges = estate.edges(&role_arn("notebook"), PERMITS);
    let told: Vec<_> = edges
        .iter()
        .map(|edge| (edge.target.as_str(), edge.confidence))
        .collect();
    assert_eq!(
        told,
        [
            ("arn:aws:s3:::my-sagemaker-data", Confidence::High),
            ("aws:111122223333", Confidence::Low)
        ]
    );
}
