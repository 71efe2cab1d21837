//! AWS: instances, load balancers, functions, API gateways, stores and endpoints.
#![allow(clippy::needless_pass_by_value, reason = "`json!` gives values")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_exposure::{Confidence, Graph};
use stance_model::Resource;

use crate::network_support::*;

const INSTANCE: &str = "arn:aws:ec2:eu-central-1:111122223333:instance/i-1";

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:eu-central-1:111122223333:{rest}")
}

fn instance(properties: Value) -> Resource {
    aws("AWS::EC2::Instance", INSTANCE, properties)
}

fn public_instance() -> Resource {
    instance(json!({
        "PublicIpAddress": "198.51.100.9", "SubnetId": "subnet-1", "State": {"Name": "running"},
        "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "web"}],
    }))
}

fn security_group(rules: Value) -> Resource {
    let properties = json!({"GroupId": "sg-1", "SecurityGroupIngress": rules});
    aws(
        "AWS::EC2::SecurityGroup",
        &arn("ec2", "security-group/sg-1"),
        properties,
    )
}

fn ssh() -> Value {
    json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"})
}

fn ports(graph: &Graph, target: &str) -> Vec<String> {
    let rules = entries(graph, target)
        .into_iter()
        .flat_map(|entry| entry.rules);
    rules.flat_map(|(ports, _)| ports).collect()
}

fn authentication(graph: &Graph, target: &str) -> Vec<Option<String>> {
    let found = entries(graph, target).into_iter();
    found.map(|entry| entry.authentication).collect()
}

#[test]
fn a_rule_of_a_security_group_opens_an_instance() {
    let open = graph([public_instance(), security_group(json!([ssh()]))]);
    let found = entries(&open, INSTANCE);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].object, arn("ec2", "security-group/sg-1"));
    assert_eq!(
        found[0].field,
        "properties.SecurityGroupIngress[tcp 22 0.0.0.0/0]"
    );
    assert_eq!(found[0].rules[0].0, ["22"]);
    assert!(has(&open, INSTANCE, "exposedToInternet"));

    let office = json!([{"IpProtocol": "-1", "CidrIp": "203.0.113.0/24"}, {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourceSecurityGroupId": "sg-2"}]);
    assert!(
        graph([public_instance(), security_group(office)])
            .find("internet")
            .is_none()
    );
    let private =
        instance(json!({"SubnetId": "subnet-1", "SecurityGroups": [{"GroupId": "sg-1"}]}));
    assert!(
        graph([private, security_group(json!([ssh()]))])
            .find("internet")
            .is_none()
    );
}

#[test]
fn a_rule_may_be_a_resource_of_its_own() {
    let rule = aws(
        "AWS::EC2::SecurityGroupIngress",
        &arn("ec2", "security-group-rule/sgr-1"),
        json!({"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": "0.0.0.0/0"}),
    );
    let graph = graph([public_instance(), security_group(json!([])), rule]);
    let found = entries(&graph, INSTANCE);
    assert_eq!(found[0].object, arn("ec2", "security-group-rule/sgr-1"));
    assert_eq!(found[0].rules[0].0, ["8080"]);
}

#[test]
fn a_rule_for_ipv6_counts_where_there_is_such_an_address() {
    let rule = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv6": "::/0"}]);
    let estate = |addresses: Value| {
        let mut instance = public_instance();
        instance.body["properties"]["Ipv6Addresses"] = addresses;
        ports(&graph([instance, security_group(rule.clone())]), INSTANCE)
    };
    assert!(estate(json!([])).is_empty());
    assert_eq!(estate(json!(["2001:db8::7"])), ["22"]);
}

#[test]
fn a_source_that_a_parameter_gives_leaves_doubt() {
    let later = unknown(
        security_group(json!([ssh()])),
        "/properties/SecurityGroupIngress/0/CidrIp",
    );
    let graph = graph([public_instance(), later]);
    let found = entries(&graph, INSTANCE);
    assert_eq!(found[0].confidence, Confidence::Medium);
    assert_eq!(found[0].field, "properties.SecurityGroupIngress[0]");
}

#[test]
fn a_subnet_without_route_or_behind_a_closed_list_is_not_reached() {
    let table = |gateway: &str| {
        aws(
            "AWS::EC2::RouteTable",
            &arn("ec2", "route-table/rtb-1"),
            json!({
                "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}],
                "Associations": [{"SubnetId": "subnet-1"}],
            }),
        )
    };
    let list = |action: &str| {
        aws(
            "AWS::EC2::NetworkAcl",
            &arn("ec2", "network-acl/acl-1"),
            json!({
                "Associations": [{"SubnetId": "subnet-1"}],
                "Entries": [
                    {"RuleNumber": 200, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"},
                    {"RuleNumber": 100, "Protocol": "6", "RuleAction": action, "Egress": false, "CidrBlock": "0.0.0.0/0", "PortRange": {"From": 22, "To": 22}},
                ],
            }),
        )
    };
    let base = || vec![public_instance(), security_group(json!([ssh()]))];
    let estate = |more: Resource| {
        let mut estate = base();
        estate.push(more);
        ports(&graph(estate), INSTANCE)
    };
    assert_eq!(estate(table("igw-1")), ["22"]);
    assert!(estate(table("vgw-1")).is_empty());
    assert_eq!(estate(list("allow")), ["22"]);
    assert!(estate(list("deny")).is_empty());
}

#[test]
fn a_group_that_was_not_collected_leaves_doubt() {
    let graph = graph([public_instance()]);
    assert_eq!(entries(&graph, INSTANCE)[0].confidence, Confidence::Medium);
}

#[test]
fn a_load_balancer_leads_to_its_targets() {
    let balancer = arn("elasticloadbalancing", "loadbalancer/app/web/1");
    let targets = arn("elasticloadbalancing", "targetgroup/web/2");
    let estate = |scheme: &str| {
        graph([
            aws(
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                &balancer,
                json!({"Scheme": scheme, "SecurityGroups": ["sg-1"], "DNSName": "web-1.elb.amazonaws.com"}),
            ),
            aws(
                "AWS::ElasticLoadBalancingV2::Listener",
                &arn("elasticloadbalancing", "listener/app/web/1/3"),
                json!({"LoadBalancerArn": balancer, "Port": 443, "Protocol": "HTTPS", "DefaultActions": [{"Type": "forward", "TargetGroupArn": targets}]}),
            ),
            aws(
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                &targets,
                json!({"Port": 8080, "Targets": [{"Id": "i-1"}]}),
            ),
            security_group(json!([{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}])),
            instance(json!({"State": {"Name": "running"}})),
        ])
    };
    let open = estate("internet-facing");
    assert_eq!(ports(&open, &balancer), ["443"]);
    assert_eq!(ports(&open, "web-1.elb.amazonaws.com"), ["443"]);
    assert_eq!(routes(&open, &balancer, INSTANCE).len(), 1);
    assert!(has(&open, INSTANCE, "exposedToInternet"));
    let inner = estate("internal");
    assert!(inner.find("internet").is_none());
    assert!(inner.find(INSTANCE).is_some());
}

fn function() -> Resource {
    aws(
        "AWS::Lambda::Function",
        &arn("lambda", "function:f"),
        json!({}),
    )
}

#[test]
fn a_function_url_without_sign_in_takes_anybody() {
    let name = arn("lambda", "function:f");
    let address = format!("{name}/url");
    let url = |kind: &str| {
        aws(
            "AWS::Lambda::Url",
            &address,
            json!({"AuthType": kind, "TargetFunctionArn": name, "FunctionUrl": "https://abc.lambda-url.eu-central-1.on.aws/"}),
        )
    };
    let permission = |principal: &str| {
        aws(
            "AWS::Lambda::Permission",
            &format!("{name}/permission/p"),
            json!({"FunctionName": name, "Action": "lambda:InvokeFunctionUrl", "Principal": principal}),
        )
    };
    let open = graph([function(), url("NONE"), permission("*")]);
    assert_eq!(entries(&open, &address)[0].confidence, Confidence::High);
    assert_eq!(authentication(&open, &address), [Some("none".to_owned())]);
    assert!(has(&open, &name, "isUnauthenticated"));
    assert!(has(&open, &name, "exposedToInternet"));
    assert_eq!(
        open.find("abc.lambda-url.eu-central-1.on.aws"),
        open.find(&address)
    );

    let likely = graph([function(), url("NONE")]);
    assert_eq!(entries(&likely, &address)[0].confidence, Confidence::Medium);
    let later = graph([
        function(),
        unknown(url("!Ref Kind"), "/properties/AuthType"),
    ]);
    assert_eq!(authentication(&later, &address), [None]);
    assert_eq!(entries(&later, &address)[0].confidence, Confidence::Medium);
    let refused = graph([function(), url("NONE"), permission("111122223333")]);
    assert!(refused.find("internet").is_none());
    let signed = graph([function(), url("AWS_IAM")]);
    assert_eq!(authentication(&signed, &address), [Some("iam".to_owned())]);
    assert!(!has(&signed, &address, "exposedToInternet"));
    assert!(!has(&signed, &name, "exposedToInternet"));
}

#[test]
fn a_permission_for_everybody_is_public_unless_it_is_limited() {
    let name = arn("lambda", "function:f");
    let estate = |more: Value| {
        let mut properties =
            json!({"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "*"});
        properties
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let permission = aws(
            "AWS::Lambda::Permission",
            &format!("{name}/permission/p"),
            properties,
        );
        graph([function(), permission])
    };
    assert!(has(&estate(json!({})), &name, "allowsPublicAccess"));
    assert!(!has(
        &estate(json!({"SourceAccount": "1"})),
        &name,
        "allowsPublicAccess"
    ));
}

#[test]
fn an_api_is_as_open_as_its_weakest_method() {
    let api = "arn:aws:apigateway:eu-central-1::/restapis/a1";
    let uri = format!(
        "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/{}/invocations",
        arn("lambda", "function:f")
    );
    let method = |name: &str, kind: &str, key: bool| {
        aws(
            "AWS::ApiGateway::Method",
            &format!("{api}/methods/{name}"),
            json!({"RestApiId": "a1", "HttpMethod": name, "AuthorizationType": kind, "ApiKeyRequired": key, "Integration": {"Uri": uri}}),
        )
    };
    let estate = |kind: &str, methods: Vec<Resource>| {
        let mut estate = methods;
        estate.push(aws(
            "AWS::ApiGateway::RestApi",
            api,
            json!({"EndpointConfiguration": {"Types": [kind]}}),
        ));
        estate.push(function());
        graph(estate)
    };
    let function = arn("lambda", "function:f");
    let open = estate(
        "REGIONAL",
        vec![
            method("GET", "AWS_IAM", false),
            method("POST", "NONE", false),
        ],
    );
    assert_eq!(authentication(&open, api), [Some("none".to_owned())]);
    assert!(has(&open, api, "isUnauthenticated"));
    assert!(has(&open, &function, "exposedToInternet"));
    let keyed = estate(
        "EDGE",
        vec![
            method("GET", "NONE", true),
            method("OPTIONS", "NONE", false),
        ],
    );
    assert_eq!(authentication(&keyed, api), [Some("key".to_owned())]);
    assert!(has(&keyed, api, "allowsBasicAuthentication"));
    assert!(!has(&keyed, &function, "exposedToInternet"));
    let private = estate("PRIVATE", vec![method("GET", "NONE", false)]);
    assert!(entries(&private, api).is_empty());
}

#[test]
fn an_http_api_leads_to_the_function_of_its_route() {
    let api = "arn:aws:apigateway:eu-central-1::/apis/h1";
    let graph = graph([
        aws(
            "AWS::ApiGatewayV2::Api",
            api,
            json!({"ProtocolType": "HTTP", "ApiEndpoint": "https://h1.execute-api.eu-central-1.amazonaws.com"}),
        ),
        aws(
            "AWS::ApiGatewayV2::Route",
            &format!("{api}/routes/r1"),
            json!({"ApiId": "h1", "Target": "integrations/n1"}),
        ),
        aws(
            "AWS::ApiGatewayV2::Integration",
            &format!("{api}/integrations/n1"),
            json!({"ApiId": "h1", "IntegrationUri": arn("lambda", "function:f")}),
        ),
        function(),
    ]);
    assert_eq!(authentication(&graph, api), [Some("none".to_owned())]);
    assert_eq!(routes(&graph, api, &arn("lambda", "function:f")).len(), 1);
    assert!(
        graph
            .find("h1.execute-api.eu-central-1.amazonaws.com")
            .is_some()
    );
}

fn bucket_with(block: Value, statement: Value) -> Graph {
    graph([
        aws(
            "AWS::S3::Bucket",
            "arn:aws:s3:::docs",
            json!({"PublicAccessBlockConfiguration": block}),
        ),
        aws(
            "AWS::S3::BucketPolicy",
            "arn:aws:s3:::docs/bucketpolicy",
            json!({"Bucket": "docs", "PolicyDocument": {"Statement": [statement]}}),
        ),
    ])
}

#[test]
fn a_public_policy_opens_a_bucket_that_does_not_block_it() {
    const BUCKET: &str = "arn:aws:s3:::docs";
    let anybody =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
    let open = bucket_with(json!({"RestrictPublicBuckets": false}), anybody.clone());
    let found = entries(&open, BUCKET);
    assert_eq!(found[0].object, "arn:aws:s3:::docs/bucketpolicy");
    assert_eq!(found[0].field, "properties.PolicyDocument.Statement[0]");
    assert!(has(&open, BUCKET, "allowsPublicAccess"));

    let blocked = bucket_with(json!({"RestrictPublicBuckets": true}), anybody.clone());
    assert!(entries(&blocked, BUCKET).is_empty());
    let unsaid = bucket_with(Value::Null, anybody.clone());
    assert_eq!(entries(&unsaid, BUCKET)[0].confidence, Confidence::Medium);
    let mut named = anybody;
    named["Condition"] = json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}});
    assert!(entries(&bucket_with(json!({}), named), BUCKET).is_empty());
}

#[test]
fn a_public_list_opens_a_bucket_that_does_not_ignore_it() {
    let bucket = |ignored: bool| {
        let properties = json!({"AccessControl": "PublicRead", "PublicAccessBlockConfiguration": {"IgnorePublicAcls": ignored}});
        let graph = graph([aws("AWS::S3::Bucket", "arn:aws:s3:::docs", properties)]);
        entries(&graph, "arn:aws:s3:::docs").len()
    };
    assert_eq!((bucket(false), bucket(true)), (1, 0));
}

#[test]
fn a_public_database_needs_its_port_open() {
    let id = arn("rds", "db:claims");
    let estate = |public: bool, port: u16| {
        graph([
            aws(
                "AWS::RDS::DBInstance",
                &id,
                json!({"PubliclyAccessible": public, "Engine": "postgres", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}),
            ),
            security_group(
                json!([{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "0.0.0.0/0"}]),
            ),
        ])
    };
    let open = estate(true, 5432);
    assert_eq!(ports(&open, &id), ["5432"]);
    assert_eq!(authentication(&open, &id), [Some("password".to_owned())]);
    assert!(has(&open, &id, "allowsBasicAuthentication"));
    assert!(estate(true, 22).find("internet").is_none());
    assert!(estate(false, 5432).find("internet").is_none());
}

#[test]
fn a_network_policy_opens_the_collections_that_it_names() {
    let collection = |name: &str| {
        aws(
            "AWS::OpenSearchServerless::Collection",
            &arn("aoss", &format!("collection/{name}")),
            json!({"Name": name}),
        )
    };
    let text = r#"[{"Rules": [{"ResourceType": "collection", "Resource": ["collection/claims*"]}], "AllowFromPublic": true}]"#;
    let policy = aws(
        "AWS::OpenSearchServerless::SecurityPolicy",
        &arn("aoss", "securitypolicy/network/open"),
        json!({"Name": "open", "Type": "network", "Policy": text}),
    );
    let graph = graph([collection("claims-kb"), collection("fraud"), policy]);
    let claims = arn("aoss", "collection/claims-kb");
    assert_eq!(authentication(&graph, &claims), [Some("iam".to_owned())]);
    assert!(!has(&graph, &claims, "exposedToInternet"));
    assert!(entries(&graph, &arn("aoss", "collection/fraud")).is_empty());
}

#[test]
fn a_search_domain_outside_of_a_network_is_as_open_as_its_policy() {
    let id = arn("es", "domain/docs");
    let domain = |principal: &str, more: Value| {
        let mut properties = json!({"AccessPolicies": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "es:*"}]}});
        properties
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        graph([aws("AWS::OpenSearchService::Domain", &id, properties)])
    };
    assert_eq!(
        authentication(&domain("*", json!({})), &id),
        [Some("none".to_owned())]
    );
    assert_eq!(
        authentication(&domain("111122223333", json!({})), &id),
        [Some("iam".to_owned())]
    );
    let inside = json!({"VPCOptions": {"SubnetIds": ["subnet-1"]}});
    assert!(entries(&domain("*", inside), &id).is_empty());
}

#[test]
fn a_tool_gateway_without_authorizer_takes_anybody() {
    let id = arn("bedrock-agentcore", "gateway/tools-1");
    let gateway = |kind: &str| {
        graph([aws(
            "AWS::BedrockAgentCore::Gateway",
            &id,
            json!({"AuthorizerType": kind}),
        )])
    };
    let open = gateway("NONE");
    assert!(has(&open, &id, "isUnauthenticated"));
    assert!(has(&open, &id, "exposedToInternet"));
    assert_eq!(entries(&open, &id)[0].field, "properties.AuthorizerType");
    let signed = gateway("AWS_IAM");
    assert!(!has(&signed, &id, "isUnauthenticated"));
    assert!(!has(&signed, &id, "exposedToInternet"));
}

#[test]
fn endpoints_that_ask_for_a_signed_request_say_so() {
    let cases = [
        (
            "AWS::SageMaker::NotebookInstance",
            json!({"DirectInternetAccess": "Enabled"}),
            1,
        ),
        (
            "AWS::SageMaker::NotebookInstance",
            json!({"DirectInternetAccess": "Disabled"}),
            0,
        ),
        (
            "AWS::SageMaker::Domain",
            json!({"AppNetworkAccessType": "VpcOnly"}),
            0,
        ),
        ("AWS::SageMaker::Domain", json!({}), 1),
        (
            "AWS::BedrockAgentCore::Runtime",
            json!({"NetworkConfiguration": {"NetworkMode": "PUBLIC"}}),
            1,
        ),
        (
            "AWS::BedrockAgentCore::Runtime",
            json!({"NetworkConfiguration": {"NetworkMode": "VPC"}}),
            0,
        ),
        (
            "AWS::EKS::Cluster",
            json!({"ResourcesVpcConfig": {"EndpointPublicAccess": true}}),
            1,
        ),
        (
            "AWS::EKS::Cluster",
            json!({"ResourcesVpcConfig": {"PublicAccessCidrs": ["203.0.113.0/24"]}}),
            0,
        ),
    ];
    for (kind, properties, count) in cases {
        let id = arn("x", "thing/one");
        let graph = graph([aws(kind, &id, properties.clone())]);
        let iam = vec![Some("iam".to_owned()); count];
        assert_eq!(authentication(&graph, &id), iam, "{kind} {properties}");
        assert!(!has(&graph, &id, "exposedToInternet"));
    }
}

proptest! {
    /// Ports of a group are those of its rules that are open wide, in any order and number.
    #[test]
    fn a_group_opens_what_its_wide_rules_say(rules in prop::collection::vec((1..50_u16, any::<bool>()), 0..8)) {
        let written: Vec<Value> = rules
            .iter()
            .map(|(port, wide)| json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": if *wide { "0.0.0.0/0" } else { "198.51.100.0/24" }}))
            .collect();
        let graph = graph([public_instance(), security_group(Value::Array(written))]);
        let mut open: Vec<u16> = ports(&graph, INSTANCE).iter().map(|port| port.parse().unwrap()).collect();
        let mut expected: Vec<u16> = rules.iter().filter(|(_, wide)| *wide).map(|(port, _)| *port).collect();
        for all in [&mut open, &mut expected] {
            all.sort_unstable();
            all.dedup();
        }
        prop_assert_eq!(open, expected);
    }
}
