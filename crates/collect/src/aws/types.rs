//! Facts about CloudFormation's resource types: what their ARNs look like and what `Ref` gives.
//!
//! The table is `content/mappings/aws/types.json`. A type that is not listed has an ARN made by the common
//! rule, `arn:PARTITION:SERVICE:REGION:ACCOUNT:kind-of-thing/NAME`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What `Ref` gives for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reference {
    /// An id that the cloud chooses.
    #[default]
    Id,
    /// The ARN.
    Arn,
    /// The name, which may be declared.
    Name,
}

#[derive(Debug, Default, Deserialize)]
struct Facts {
    arn: Option<String>,
    #[serde(rename = "ref", default)]
    reference: Reference,
    parent: Option<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
struct Table {
    services: HashMap<String, String>,
    types: HashMap<String, Facts>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../../../content/mappings/aws/types.json");
    // A test reads the same text, so a fault cannot pass unseen.
    serde_json::from_str(text).unwrap_or_default()
});

/// What `Ref` gives for a resource of a type, given in lower case.
pub(crate) fn reference(resource_type: &str) -> Reference {
    TABLE
        .types
        .get(resource_type)
        .map_or(Reference::Id, |facts| facts.reference)
}

/// The type that a type is a part of, and the property that names the parent.
pub(crate) fn parent(resource_type: &str) -> Option<(&'static str, &'static str)> {
    let (kind, property) = TABLE.types.get(resource_type)?.parent.as_ref()?;
    Some((kind, property))
}

/// The ARN of a parent, in the place of its part. `named`: the property that names it, an id or an ARN.
pub(crate) fn parent_arn(
    parent: &str,
    named: &str,
    partition: &str,
    region: &str,
    account: &str,
) -> String {
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    fill(&arn_pattern(parent), &mut |placeholder| match placeholder {
        "partition" => partition.to_owned(),
        "region" => region.to_owned(),
        "account" => account.to_owned(),
        _ => named.to_owned(),
    })
}

/// The ARN of a type, given in lower case, with `{placeholders}`: `partition`, `region`, `account`, and names
/// of properties. The last placeholder names the resource.
pub(crate) fn arn_pattern(resource_type: &str) -> Cow<'static, str> {
    if let Some(pattern) = TABLE
        .types
        .get(resource_type)
        .and_then(|facts| facts.arn.as_deref())
    {
        return Cow::Borrowed(pattern);
    }
    let service = match resource_type.split_once("::") {
        Some(("aws" | "alexa", rest)) => rest.split("::").next().unwrap_or(rest),
        _ => "cloudformation",
    };
    let kind = resource_type.rsplit("::").next().unwrap_or(service);
    let service = TABLE.services.get(service).map_or(service, String::as_str);
    Cow::Owned(format!(
        "arn:{{partition}}:{service}:{{region}}:{{account}}:{kind}/{{Name}}"
    ))
}

/// Puts values into the placeholders of a pattern.
pub(crate) fn fill(pattern: &str, value: &mut dyn FnMut(&str) -> String) -> String {
    let mut made = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            break;
        };
        made.push_str(&value(name));
        rest = behind;
    }
    made.push_str(rest);
    made
}

/// The placeholders of a pattern that are names of properties.
pub(crate) fn placeholders(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split('{')
        .skip(1)
        .filter_map(|part| part.split('}').next())
        .filter(|name| !matches!(*name, "partition" | "region" | "account"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(TABLE.types.len() > 90);
        assert!(
            TABLE
                .types
                .keys()
                .all(|name| *name == name.to_lowercase() && name.starts_with("aws::"))
        );
        assert_eq!(reference("aws::s3::bucket"), Reference::Name);
        assert_eq!(
            arn_pattern("aws::bedrock::blueprint"),
            "arn:{partition}:bedrock:{region}:{account}:blueprint/{Name}"
        );
    }

    #[test]
    fn patterns_are_filled() {
        let made = fill("arn:{partition}:s3:::{BucketName}", &mut |name| {
            name.to_lowercase()
        });
        assert_eq!(made, "arn:partition:s3:::bucketname");
    }
}
