//! Functions of the Serverless Application Model as the Lambda functions they become.
//!
//! Roughly: the function, its role and its address. Events and aliases are not followed. Source: AWS SAM
//! Developer Guide, "`AWS::Serverless::Function`" and "Generated CloudFormation resources".

use crate::json::{Member, Node, NodeValue};

use super::evaluate::{Declared, Evaluator};
use super::parameters::exact;
use super::value::Value;

const FUNCTION: &str = "aws::serverless::function";

/// The type a resource has once it is deployed.
pub(super) fn kind_of(kind: &str) -> &str {
    match kind {
        FUNCTION => "aws::lambda::function",
        kind => kind,
    }
}

/// The properties of a resource, as CloudFormation takes them.
pub(super) fn properties(evaluator: &Evaluator<'_>, declared: &Declared, node: &Node) -> Value {
    if declared.kind != FUNCTION {
        return evaluator.evaluate(node).value;
    }
    evaluator.evaluate(&as_lambda(node)).value
}

/// Adds what the model makes without being asked, and puts the defaults of the template where they belong.
pub(super) fn complete(evaluator: &mut Evaluator<'_>) {
    let globals = evaluator
        .globals
        .take()
        .and_then(|globals| exact(&globals, "Function").cloned());
    let mut made: Vec<(String, Declared)> = Vec::new();
    for (logical, declared) in &mut evaluator.resources {
        if declared.kind != FUNCTION {
            continue;
        }
        let NodeValue::Object(members) = &mut declared.node.value else {
            continue;
        };
        let Some(properties) = members.iter_mut().find(|member| member.key == "Properties") else {
            continue;
        };
        if let Some(globals) = &globals {
            properties.value = merged(globals, &properties.value);
        }
        let node = &mut properties.value;
        if exact(node, "Role").is_none() {
            made.push((
                format!("{logical}Role"),
                role(node, declared.line, declared.column),
            ));
            let arn = format!("{logical}Role.Arn");
            add(node, "Role", |at| {
                object(at, vec![("Fn::GetAtt", text(at, &arn))])
            });
        }
        if let Some(address) = exact(node, "FunctionUrlConfig") {
            let url = url(address, logical, declared.line, declared.column);
            made.push((format!("{logical}Url"), url));
        }
    }
    for (logical, declared) in made {
        evaluator.resources.entry(logical).or_insert(declared);
    }
}

/// Defaults with what a function says itself: objects merge, lists follow one another, the rest is overruled.
fn merged(default: &Node, own: &Node) -> Node {
    let value = match (&default.value, &own.value) {
        (NodeValue::Object(defaults), NodeValue::Object(members)) => {
            let mut all: Vec<Member> = members
                .iter()
                .map(|member| Member {
                    value: match exact(default, &member.key) {
                        Some(default) => merged(default, &member.value),
                        None => member.value.clone(),
                    },
                    ..member.clone()
                })
                .collect();
            let missing = |member: &&Member| exact(own, &member.key).is_none();
            all.extend(defaults.iter().filter(missing).cloned());
            NodeValue::Object(all)
        }
        (NodeValue::Array(defaults), NodeValue::Array(items)) => {
            NodeValue::Array(defaults.iter().chain(items).cloned().collect())
        }
        _ => own.value.clone(),
    };
    Node {
        value,
        ..own.clone()
    }
}

/// Members that Lambda does not know.
const OWN: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "RolePath",
    "Tracing",
    "VersionDescription",
];

fn as_lambda(node: &Node) -> Node {
    let mut members = Vec::new();
    for member in node.members().unwrap_or_default() {
        let at = &member.value;
        let (key, value) = match member.key.as_str() {
            "InlineCode" => ("Code", object(at, vec![("ZipFile", at.clone())])),
            "ImageUri" => ("Code", object(at, vec![("ImageUri", at.clone())])),
            "CodeUri" => ("Code", code(at)),
            "Tracing" => ("TracingConfig", object(at, vec![("Mode", at.clone())])),
            "DeadLetterQueue" => match exact(at, "TargetArn") {
                Some(target) => (
                    "DeadLetterConfig",
                    object(at, vec![("TargetArn", target.clone())]),
                ),
                None => continue,
            },
            key if OWN.contains(&key) => continue,
            key => (key, at.clone()),
        };
        members.push(Member {
            key: key.to_owned(),
            line: member.line,
            column: member.column,
            value,
        });
    }
    Node {
        value: NodeValue::Object(members),
        ..node.clone()
    }
}

/// `CodeUri` is a path or address, or an object with a bucket.
fn code(node: &Node) -> Node {
    match (exact(node, "Bucket"), exact(node, "Key")) {
        (Some(bucket), Some(key)) => object(
            node,
            vec![("S3Bucket", bucket.clone()), ("S3Key", key.clone())],
        ),
        _ => object(node, vec![("S3Key", node.clone())]),
    }
}

/// The role of a function that names none.
fn role(function: &Node, line: u32, column: u32) -> Declared {
    let at = &Node {
        value: NodeValue::Null,
        line,
        column,
    };
    let service = object(
        at,
        vec![("Service", list(at, vec![text(at, "lambda.amazonaws.com")]))],
    );
    let trust = object(
        at,
        vec![
            ("Version", text(at, "2012-10-17")),
            (
                "Statement",
                list(
                    at,
                    vec![object(
                        at,
                        vec![
                            ("Effect", text(at, "Allow")),
                            ("Principal", service),
                            ("Action", list(at, vec![text(at, "sts:AssumeRole")])),
                        ],
                    )],
                ),
            ),
        ],
    );
    let trust = exact(function, "AssumeRolePolicyDocument")
        .cloned()
        .unwrap_or(trust);
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let mut managed = vec![text(at, basic)];
    let mut inline = Vec::new();
    for policy in policies(function) {
        match (&policy.value, exact(policy, "Statement")) {
            (NodeValue::String(name), _) if !name.starts_with("arn:") => {
                let arn = format!("arn:aws:iam::aws:policy/{name}");
                managed.push(text(policy, &arn));
            }
            (NodeValue::Object(_), Some(_)) => {
                inline.push(inline_policy(policy, policy.clone(), inline.len()));
            }
            (NodeValue::Object(members), None) if is_template(members) => {
                let name = members.first().map_or("", |member| member.key.as_str());
                let call = object(policy, vec![("Fn::Transform", text(policy, name))]);
                inline.push(inline_policy(policy, call, inline.len()));
            }
            _ => managed.push(policy.clone()),
        }
    }
    let mut properties = vec![
        ("AssumeRolePolicyDocument", trust),
        ("ManagedPolicyArns", list(at, managed)),
    ];
    if !inline.is_empty() {
        properties.push(("Policies", list(at, inline)));
    }
    if let Some(boundary) = exact(function, "PermissionsBoundary") {
        properties.push(("PermissionsBoundary", boundary.clone()));
    }
    declared("AWS::IAM::Role", at, object(at, properties))
}

fn policies(function: &Node) -> Vec<&Node> {
    match exact(function, "Policies") {
        Some(node) => match &node.value {
            NodeValue::Array(items) => items.iter().collect(),
            _ => vec![node],
        },
        None => Vec::new(),
    }
}

/// `{S3ReadPolicy: {BucketName: …}}`; calls of functions have one member too.
fn is_template(members: &[Member]) -> bool {
    matches!(members, [member] if !member.key.starts_with("Fn::") && !member.key.starts_with('!') && member.key != "Ref")
}

fn inline_policy(at: &Node, document: Node, number: usize) -> Node {
    let name = format!("Policy{number}");
    object(
        at,
        vec![
            ("PolicyName", text(at, &name)),
            ("PolicyDocument", document),
        ],
    )
}

fn url(config: &Node, logical: &str, line: u32, column: u32) -> Declared {
    let at = &Node {
        value: NodeValue::Null,
        line,
        column,
    };
    let arn = object(
        at,
        vec![("Fn::GetAtt", text(at, &format!("{logical}.Arn")))],
    );
    let mut members = config.members().unwrap_or_default().to_vec();
    members.push(Member {
        key: "TargetFunctionArn".to_owned(),
        line,
        column,
        value: arn,
    });
    let properties = Node {
        value: NodeValue::Object(members),
        line,
        column,
    };
    declared("AWS::Lambda::Url", at, properties)
}

fn declared(spelt: &str, at: &Node, properties: Node) -> Declared {
    Declared {
        kind: spelt.to_lowercase(),
        line: at.line,
        column: at.column,
        node: object(
            at,
            vec![("Type", text(at, spelt)), ("Properties", properties)],
        ),
    }
}

fn add(node: &mut Node, key: &str, value: impl FnOnce(&Node) -> Node) {
    let at = Node {
        value: NodeValue::Null,
        line: node.line,
        column: node.column,
    };
    if let NodeValue::Object(members) = &mut node.value {
        members.push(Member {
            key: key.to_owned(),
            line: at.line,
            column: at.column,
            value: value(&at),
        });
    }
}

fn node(at: &Node, value: NodeValue) -> Node {
    Node {
        value,
        line: at.line,
        column: at.column,
    }
}

fn text(at: &Node, text: &str) -> Node {
    node(at, NodeValue::String(text.to_owned()))
}

fn list(at: &Node, items: Vec<Node>) -> Node {
    node(at, NodeValue::Array(items))
}

fn object(at: &Node, members: Vec<(&str, Node)>) -> Node {
    let members = members.into_iter().map(|(key, value)| Member {
        key: key.to_owned(),
        line: at.line,
        column: at.column,
        value,
    });
    node(at, NodeValue::Object(members.collect()))
}
