//! Resources that their service builds otherwise than CloudFormation does.

use serde_json::{Map, Value, json};

/// Puts the properties of a type into CloudFormation's form.
pub(crate) fn rebuild(resource_type: &str, properties: &mut Map<String, Value>) {
    match resource_type {
        "aws::ec2::securitygroup" => security_group(properties),
        "aws::ec2::vpcendpoint" => vpc_endpoint(properties),
        "aws::iam::role" | "aws::iam::user" | "aws::iam::group" => principal(properties),
        "aws::iam::managedpolicy" => managed_policy(properties),
        "aws::kms::key" => key(properties),
        _ => {}
    }
}

fn take(properties: &mut Map<String, Value>, key: &str) -> Option<Value> {
    properties
        .shift_remove(key)
        .filter(|value| !value.is_null())
}

/// Gives a member another name unless the name is taken.
fn rename(properties: &mut Map<String, Value>, key: &str, name: &str) {
    if let Some(value) = take(properties, key) {
        properties.entry(name).or_insert(value);
    }
}

fn security_group(properties: &mut Map<String, Value>) {
    rename(properties, "Description", "GroupDescription");
    let directions = [
        ("IpPermissions", "SecurityGroupIngress", "Source"),
        ("IpPermissionsEgress", "SecurityGroupEgress", "Destination"),
    ];
    for (answered, declared, side) in directions {
        if let Some(Value::Array(permissions)) = take(properties, answered) {
            let rules: Vec<Value> = permissions
                .iter()
                .flat_map(|permission| rules(permission, side))
                .collect();
            properties.insert(declared.to_owned(), Value::Array(rules));
        }
    }
}

/// One rule for each range, group and list of a permission.
fn rules(permission: &Value, side: &str) -> Vec<Value> {
    let mut made: Vec<Value> = Vec::new();
    let mut rule = |key: &str, value: &Value, description: Option<&Value>| {
        let mut rule = Map::new();
        for field in ["IpProtocol", "FromPort", "ToPort"] {
            if let Some(value) = permission.get(field).filter(|value| !value.is_null()) {
                rule.insert(field.to_owned(), value.clone());
            }
        }
        rule.insert(key.to_owned(), value.clone());
        if let Some(description) = description.filter(|text| !text.is_null()) {
            rule.insert("Description".to_owned(), description.clone());
        }
        let rule = Value::Object(rule);
        if !made.contains(&rule) {
            made.push(rule);
        }
    };
    let group = format!("{side}SecurityGroupId");
    let list = format!("{side}PrefixListId");
    let sources = [
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv4Ranges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId", group.as_str()),
        ("PrefixListIds", "PrefixListId", list.as_str()),
    ];
    for (field, inner, name) in sources {
        let items = permission.get(field).and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            // AWS Config writes ranges as plain texts too.
            let value = if item.is_string() {
                Some(item)
            } else {
                item.get(inner)
            };
            if let Some(value) = value {
                rule(name, value, item.get("Description"));
            }
        }
    }
    made
}

fn vpc_endpoint(properties: &mut Map<String, Value>) {
    if let Some(Value::Array(groups)) = take(properties, "Groups") {
        let ids: Vec<Value> = groups
            .iter()
            .filter_map(|group| group.get("GroupId").cloned())
            .collect();
        properties
            .entry("SecurityGroupIds")
            .or_insert(Value::Array(ids));
    }
}

/// Roles, users and groups: policies and boundaries are told apart by name in every source.
fn principal(properties: &mut Map<String, Value>) {
    for list in ["RolePolicyList", "UserPolicyList", "GroupPolicyList"] {
        rename(properties, list, "Policies");
    }
    rename(properties, "GroupList", "Groups");
    if let Some(Value::Array(attached)) = take(properties, "AttachedManagedPolicies") {
        let arns: Vec<Value> = attached
            .iter()
            .filter_map(|policy| policy.get("PolicyArn").cloned())
            .collect();
        properties
            .entry("ManagedPolicyArns")
            .or_insert(Value::Array(arns));
    }
    if let Some(boundary) = properties.get_mut("PermissionsBoundary")
        && let Some(arn) = boundary.get("PermissionsBoundaryArn").cloned()
    {
        *boundary = arn;
    }
}

/// The default version's document stands for the policy.
fn managed_policy(properties: &mut Map<String, Value>) {
    rename(properties, "PolicyName", "ManagedPolicyName");
    let Some(Value::Array(versions)) = take(properties, "PolicyVersionList") else {
        return;
    };
    let is_default = |version: &&Value| version.get("IsDefaultVersion") == Some(&Value::Bool(true));
    let default = versions
        .iter()
        .find(is_default)
        .or_else(|| versions.first());
    if let Some(document) = default.and_then(|version| version.get("Document")) {
        properties.insert("PolicyDocument".to_owned(), document.clone());
    }
}

/// AWS Config spells the account in its own way.
fn key(properties: &mut Map<String, Value>) {
    properties.shift_remove("AWSAccountId");
    properties.shift_remove("AwsaccountId");
}

/// The encryption of a bucket as CloudFormation declares it, from S3's answer or AWS Config's.
pub(crate) fn bucket_encryption(answer: &Value) -> Option<Value> {
    let field = |value: &Value, names: &[&str]| {
        names
            .iter()
            .find_map(|name| value.get(*name))
            .filter(|value| !value.is_null())
            .cloned()
    };
    let rules = field(answer, &["Rules", "rules"])?;
    let declared = rules.as_array()?.iter().map(|rule| {
        let default = field(
            rule,
            &[
                "ApplyServerSideEncryptionByDefault",
                "applyServerSideEncryptionByDefault",
            ],
        )
        .unwrap_or(Value::Null);
        let mut by_default = Map::new();
        let pairs: [(&str, &[&str]); 2] = [
            ("SSEAlgorithm", &["SSEAlgorithm", "sseAlgorithm"]),
            ("KMSMasterKeyID", &["KMSMasterKeyID", "kmsMasterKeyID"]),
        ];
        for (name, spellings) in pairs {
            if let Some(value) = field(&default, spellings) {
                by_default.insert(name.to_owned(), value);
            }
        }
        let mut made = Map::new();
        made.insert(
            "ServerSideEncryptionByDefault".to_owned(),
            Value::Object(by_default),
        );
        if let Some(enabled) = field(rule, &["BucketKeyEnabled", "bucketKeyEnabled"]) {
            made.insert("BucketKeyEnabled".to_owned(), enabled);
        }
        Value::Object(made)
    });
    let declared: Vec<Value> = declared.collect();
    Some(json!({"ServerSideEncryptionConfiguration": declared}))
}
