//! Properties that say with which role a resource runs.

use serde_json::Value;
use stance_model::Resource;

/// Services whose resources run with a role that they name.
const SERVICES: &[&str] = &[
    "amplify",
    "apprunner",
    "autoscaling",
    "batch",
    "bedrock",
    "bedrockagentcore",
    "codebuild",
    "datazone",
    "ec2",
    "ecs",
    "eks",
    "emr",
    "emrserverless",
    "glue",
    "kendra",
    "lambda",
    "lex",
    "m2",
    "omics",
    "qbusiness",
    "sagemaker",
    "stepfunctions",
];
/// Properties that name the role. An execution role of ECS only starts the container, which never sees it.
const PROPERTIES: &[&str] = &[
    "AgentResourceRoleArn",
    "DefaultExecutionRole",
    "ExecutionRole",
    "ExecutionRoleArn",
    "InstanceRoleArn",
    "JobRoleArn",
    "NodeRole",
    "Role",
    "RoleARN",
    "RoleArn",
    "ServiceRole",
    "TaskRoleArn",
];
/// How deep properties are searched, and how many values of one resource.
const DEEPEST: usize = 6;
const MOST_VALUES: usize = 20_000;

/// A role that a resource names, and where.
pub(super) struct Named {
    pub(super) role: String,
    pub(super) field: String,
}

/// Roles that a resource names in its properties.
pub(super) fn named_roles(resource: &Resource) -> Vec<Named> {
    let mut parts = resource.resource_type.split("::").skip(1);
    let service = parts.next().unwrap_or_default();
    if !SERVICES.contains(&service) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut left = MOST_VALUES;
    let is_task = resource.resource_type == "aws::ecs::taskdefinition";
    search(
        resource.properties(),
        &mut String::new(),
        DEEPEST,
        &mut left,
        &mut |field, key, text| {
            if PROPERTIES.contains(&key) && !(is_task && key == "ExecutionRoleArn") {
                found.push(Named {
                    role: text.to_owned(),
                    field: field.to_owned(),
                });
            }
        },
    );
    found
}

fn search(
    value: &Value,
    field: &mut String,
    depth: usize,
    left: &mut usize,
    found: &mut dyn FnMut(&str, &str, &str),
) {
    if depth == 0 || *left == 0 {
        return;
    }
    *left -= 1;
    let length = field.len();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if length > 0 {
                    field.push('.');
                }
                field.push_str(key);
                match value {
                    Value::String(text) => found(field, key, text),
                    _ => search(value, field, depth - 1, left, found),
                }
                field.truncate(length);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                field.push('[');
                field.push_str(&number.to_string());
                field.push(']');
                search(item, field, depth - 1, left, found);
                field.truncate(length);
            }
        }
        _ => {}
    }
}
