//! Answers about one setting of something: logging, policies, tags, encryption. Many do not name the thing,
//! which the folder or another member then does.

use serde_json::{Map, Value};

use crate::aws::arn::{Arn, is_account};
use crate::aws::draft::{self, Draft};
use crate::aws::place::Place;
use crate::aws::policy_text;
use crate::aws::rebuild::bucket_encryption;
use crate::aws::shape::shape;
use crate::aws::store::{ACCOUNT, PARTITION, REGION, Standing};
use crate::codes;

use super::identity;
use super::read::Answer;
use super::table;

/// The operation that answers whether model invocations are logged.
pub(super) const LOGGING: &str = "getmodelinvocationloggingconfiguration";

/// Whether an object is such an answer.
pub(super) fn is_setting(body: &Map<String, Value>) -> bool {
    let object = |key: &str| body.get(key).is_some_and(Value::is_object);
    let text = |key: &str| body.get(key).is_some_and(Value::is_string);
    let list = |key: &str| body.get(key).is_some_and(Value::is_array);
    object("loggingConfig")
        || list("ResourceTagMappingList")
        || (text("TypeName") && (list("ResourceDescriptions") || object("ResourceDescription")))
        || object("PublicAccessBlockConfiguration")
        || object("ServerSideEncryptionConfiguration")
        || (text("Policy") && body.len() <= 3)
        || (text("Account") && text("Arn") && text("UserId"))
        || (text("RoleName") && text("PolicyName") && body.contains_key("PolicyDocument"))
        || (list("AttachedPolicies"))
}

/// Reads such an answer. `false`: it is another one.
pub(super) fn read(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    if logging(answer, body) || tag_list(answer, body) || cloud_control(answer, body) {
        return true;
    }
    if let (Some(account), Some(arn)) = (text(body, "Account"), text(body, "Arn"))
        && is_account(account)
        && body.contains_key("UserId")
    {
        let partition = Arn::parse(arn)
            .map_or("aws", |arn| arn.partition)
            .to_owned();
        let place = Place {
            partition,
            account: account.to_owned(),
            region: String::new(),
        };
        answer.context.input.aws.meet(&answer.hints, place);
        return true;
    }
    bucket(answer, body) || policy(answer, body) || role(answer, body)
}

fn text<'b>(body: &'b Map<String, Value>, key: &str) -> Option<&'b str> {
    body.get(key).and_then(Value::as_str)
}

/// The logging of model invocations: an empty answer says that it is off.
fn logging(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let config = match body.get("loggingConfig") {
        Some(Value::Object(config)) => config.clone(),
        _ if answer.hints.operation == LOGGING && body.is_empty() => Map::new(),
        _ => return false,
    };
    let kind = "aws::bedrock::modelinvocationlogging";
    let off = config.is_empty();
    if off && (answer.hints.account.is_none() || answer.hints.region.is_none()) {
        let message = "logging is off, but the path does not say in which account and region";
        let at = answer.at;
        answer.context.report(codes::AWS_UNPLACED, at, message);
        return true;
    }
    let (properties, _) = shape(kind, config);
    let id = format!("arn:{PARTITION}:bedrock:{REGION}:{ACCOUNT}:model-invocation-logging");
    let draft = Draft {
        resource_type: kind.to_owned(),
        id,
        name: "model-invocation-logging".to_owned(),
        properties,
        ..Draft::default()
    };
    answer.take(draft, Standing::Details);
    let file = answer.context.file.to_owned();
    let hints = answer.hints.clone();
    answer
        .context
        .input
        .aws
        .list(&hints, &file, kind, None, None, 1);
    true
}

/// `aws resourcegroupstaggingapi get-resources`: tags of things that other answers are about.
fn tag_list(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let Some(Value::Array(items)) = body.get("ResourceTagMappingList") else {
        return false;
    };
    for item in items {
        let (Some(arn), Some(tags)) = (
            item.get("ResourceARN").and_then(Value::as_str),
            item.get("Tags"),
        ) else {
            continue;
        };
        if let Some(kind) = table::type_of(arn) {
            let draft = Draft {
                resource_type: kind,
                id: arn.to_owned(),
                tags: draft::tags(tags),
                ..Draft::default()
            };
            answer.take(draft, Standing::Addition);
        }
    }
    true
}

/// `aws cloudcontrol list-resources` and `get-resource` answer in CloudFormation's own model.
fn cloud_control(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let Some(kind) = text(body, "TypeName").map(str::to_lowercase) else {
        return false;
    };
    let things: Vec<&Value> = match (
        body.get("ResourceDescriptions"),
        body.get("ResourceDescription"),
    ) {
        (Some(Value::Array(items)), _) => items.iter().collect(),
        (None, Some(one)) => vec![one],
        _ => return false,
    };
    for thing in things {
        let properties = thing
            .get("Properties")
            .and_then(Value::as_str)
            .and_then(policy_text::parse);
        let Some(Value::Object(properties)) = properties else {
            continue;
        };
        let (properties, tags) = shape(&kind, properties);
        let identifier = thing.get("Identifier").and_then(Value::as_str);
        let own = properties.iter().find_map(|(key, value)| {
            let arn = value.as_str().filter(|text| Arn::parse(text).is_some())?;
            let stem = key.strip_suffix("Arn")?.to_ascii_lowercase();
            kind.rsplit("::").next()?.contains(&stem).then_some(arn)
        });
        let id = identifier
            .filter(|identifier| Arn::parse(identifier).is_some())
            .or(own)
            .map(str::to_owned)
            .or_else(|| {
                let pattern = crate::aws::types::arn_pattern(&kind);
                identity::made(&pattern, &properties, &answer.hints)
            });
        let Some(id) = id else { continue };
        let draft = Draft {
            name: identity::name_of(&kind, &id, &properties),
            parent: identity::parent_of(&kind, &id, &properties),
            resource_type: kind.clone(),
            id,
            tags,
            properties,
            ..Draft::default()
        };
        answer.take(draft, Standing::Details);
    }
    true
}

/// Settings of a bucket by the operation that answers them.
fn bucket_setting(operation: &str, body: &Map<String, Value>) -> Option<(&'static str, Value)> {
    let (key, value) = match operation {
        "getpublicaccessblock" => (
            "PublicAccessBlockConfiguration",
            body.get("PublicAccessBlockConfiguration").cloned(),
        ),
        "getbucketencryption" => (
            "BucketEncryption",
            body.get("ServerSideEncryptionConfiguration")
                .and_then(bucket_encryption),
        ),
        "getbucketversioning" => (
            "VersioningConfiguration",
            (!body.contains_key("Error")).then(|| Value::Object(body.clone())),
        ),
        "getbucketlogging" => (
            "LoggingConfiguration",
            body.get("LoggingEnabled").map(logging_of),
        ),
        _ => return None,
    };
    // Null: it was asked for and is not set.
    Some((key, value.unwrap_or_default()))
}

fn logging_of(answered: &Value) -> Value {
    let names = [
        ("TargetBucket", "DestinationBucketName"),
        ("TargetPrefix", "LogFilePrefix"),
    ];
    let made = names.iter().filter_map(|(answered_as, declared)| {
        Some(((*declared).to_owned(), answered.get(*answered_as)?.clone()))
    });
    Value::Object(made.collect())
}

/// Settings of a bucket, which none of the answers names: the folder does. Also what is answered where there is
/// no such setting.
pub(super) fn bucket(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let Some((key, value)) = bucket_setting(&answer.hints.operation, body) else {
        return setting_without_operation(answer, body);
    };
    let Some(name) = bucket_name(answer) else {
        return true;
    };
    let mut properties = Map::new();
    properties.insert("BucketName".to_owned(), Value::String(name.clone()));
    properties.insert(key.to_owned(), value);
    let draft = Draft {
        resource_type: "aws::s3::bucket".to_owned(),
        id: format!("arn:aws:s3:::{name}"),
        account: answer.hints.account.clone(),
        region: answer.hints.region.clone(),
        name,
        properties,
        ..Draft::default()
    };
    answer.take(draft, Standing::Addition);
    true
}

/// The same settings in a file that is called otherwise cannot be told apart from settings of an account.
fn setting_without_operation(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let known = [
        "PublicAccessBlockConfiguration",
        "ServerSideEncryptionConfiguration",
    ];
    if !known.iter().any(|key| body.contains_key(*key)) {
        return false;
    }
    let message = "a setting of a bucket, but neither the file nor its folder says of which";
    let at = answer.at;
    answer.context.report(codes::AWS_ANSWER, at, message);
    true
}

/// The folder's name, where it can be that of a bucket.
fn bucket_name(answer: &mut Answer<'_, '_>) -> Option<String> {
    let name = answer.hints.folders.first().cloned().unwrap_or_default();
    let fits = (3..=63).contains(&name.len())
        && !is_account(&name)
        && !crate::aws::arn::is_region(&name)
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte)
        });
    if fits {
        return Some(name);
    }
    let message = "a setting of a bucket, but the folder is not named by one";
    let at = answer.at;
    answer.context.report(codes::AWS_ANSWER, at, message);
    None
}

/// `{"Policy": "…"}` of a bucket, key, function or secret.
fn policy(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let Some(document) = text(body, "Policy").and_then(policy_text::parse) else {
        return false;
    };
    match answer.hints.operation.as_str() {
        "getbucketpolicy" => {
            if let Some(name) = bucket_name(answer) {
                let account = answer.hints.account.clone();
                let draft =
                    bucket_policy(&format!("arn:aws:s3:::{name}"), &name, document, account);
                answer.take(draft, Standing::Details);
            }
            return true;
        }
        "getkeypolicy" => {
            let key = answer.hints.folders.first().cloned().unwrap_or_default();
            let mut properties = Map::new();
            properties.insert("KeyPolicy".to_owned(), document);
            let draft = Draft {
                resource_type: "aws::kms::key".to_owned(),
                id: format!("arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{key}"),
                name: key,
                properties,
                ..Draft::default()
            };
            answer.take(draft, Standing::Addition);
            return true;
        }
        _ => {}
    }
    // The statements of a function's policy name the function.
    let resource = document
        .pointer("/Statement/0/Resource")
        .and_then(Value::as_str)
        .and_then(|arn| {
            Arn::parse(arn)
                .filter(|parsed| parsed.service == "lambda")
                .map(|_| arn.to_owned())
        });
    let Some(arn) = resource else {
        let message = "a policy, but neither it nor the folder says of what";
        let at = answer.at;
        answer.context.report(codes::AWS_ANSWER, at, message);
        return true;
    };
    for permission in permissions(&arn, &document) {
        answer.take(permission, Standing::Details);
    }
    true
}

/// A bucket's policy is a resource of its own in CloudFormation.
pub(crate) fn bucket_policy(
    bucket: &str,
    name: &str,
    document: Value,
    account: Option<String>,
) -> Draft {
    let mut properties = Map::new();
    properties.insert("Bucket".to_owned(), Value::String(name.to_owned()));
    properties.insert("PolicyDocument".to_owned(), document);
    Draft {
        resource_type: "aws::s3::bucketpolicy".to_owned(),
        id: format!("{bucket}/bucketpolicy"),
        name: name.to_owned(),
        parent: Some(bucket.to_owned()),
        account,
        properties,
        ..Draft::default()
    }
}

/// Each statement of a function's policy is a permission in CloudFormation.
pub(crate) fn permissions(function: &str, document: &Value) -> Vec<Draft> {
    let statements = document.get("Statement").and_then(Value::as_array);
    let made = statements
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(at, statement)| {
            let mut properties = Map::new();
            properties.insert(
                "FunctionName".to_owned(),
                Value::String(function.to_owned()),
            );
            if let Some(action) = statement.get("Action") {
                properties.insert("Action".to_owned(), action.clone());
            }
            let principal = statement.get("Principal").map(|principal| {
                let inner = principal.get("Service").or_else(|| principal.get("AWS"));
                inner.unwrap_or(principal).clone()
            });
            if let Some(principal) = principal {
                properties.insert("Principal".to_owned(), principal);
            }
            let conditions = [
                ("/Condition/ArnLike/AWS:SourceArn", "SourceArn"),
                ("/Condition/ArnLike/aws:SourceArn", "SourceArn"),
                ("/Condition/StringEquals/AWS:SourceAccount", "SourceAccount"),
                ("/Condition/StringEquals/aws:SourceAccount", "SourceAccount"),
                (
                    "/Condition/StringEquals/lambda:FunctionUrlAuthType",
                    "FunctionUrlAuthType",
                ),
            ];
            for (pointer, name) in conditions {
                if let Some(value) = statement.pointer(pointer) {
                    properties.insert(name.to_owned(), value.clone());
                }
            }
            let id = statement.get("Sid").and_then(Value::as_str);
            let id = id.map_or_else(|| at.to_string(), str::to_owned);
            Draft {
                resource_type: "aws::lambda::permission".to_owned(),
                id: format!("{function}/permission/{id}"),
                name: id,
                parent: Some(function.to_owned()),
                properties,
                ..Draft::default()
            }
        });
    made.collect()
}

/// Policies of a role, told one at a time.
fn role(answer: &mut Answer<'_, '_>, body: &Map<String, Value>) -> bool {
    let named = text(body, "RoleName").map(str::to_owned);
    let mut properties = Map::new();
    if let (Some(policy), Some(document)) = (text(body, "PolicyName"), body.get("PolicyDocument")) {
        let document = document
            .as_str()
            .and_then(policy_text::parse)
            .unwrap_or_else(|| document.clone());
        let mut inline = Map::new();
        inline.insert("PolicyName".to_owned(), Value::String(policy.to_owned()));
        inline.insert("PolicyDocument".to_owned(), document);
        properties.insert(
            "Policies".to_owned(),
            Value::Array(vec![Value::Object(inline)]),
        );
    } else if let Some(Value::Array(attached)) = body.get("AttachedPolicies") {
        let arns = attached
            .iter()
            .filter_map(|policy| policy.get("PolicyArn").cloned());
        properties.insert("ManagedPolicyArns".to_owned(), Value::Array(arns.collect()));
    } else {
        return false;
    }
    let folder = || answer.hints.folders.first().cloned();
    let Some(name) = named.or_else(folder).filter(|name| !name.is_empty()) else {
        return false;
    };
    let draft = Draft {
        resource_type: "aws::iam::role".to_owned(),
        id: format!("arn:{PARTITION}:iam::{ACCOUNT}:role/{name}"),
        name,
        properties,
        ..Draft::default()
    };
    answer.take(draft, Standing::Addition);
    true
}
