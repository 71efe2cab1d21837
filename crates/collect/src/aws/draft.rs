//! A resource of AWS on its way to the common shape of decision record 0008.

use serde_json::{Map, Value};
use stance_model::{Cloud, Origin, Resource, SourceLocation};

use super::arn::Arn;

/// What a reader found out about one resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// CloudFormation's name in lower case.
    pub(crate) resource_type: String,
    /// The ARN, or the id made in its manner.
    pub(crate) id: String,
    pub(crate) name: String,
    /// Else the account of the ARN.
    pub(crate) account: Option<String>,
    /// Else the region of the ARN; services without regions are `global`.
    pub(crate) region: Option<String>,
    /// The resource that this one is a part of.
    pub(crate) parent: Option<String>,
    pub(crate) tags: Map<String, Value>,
    /// In CloudFormation's names.
    pub(crate) properties: Map<String, Value>,
    /// Further members of the resource itself.
    pub(crate) more: Map<String, Value>,
}

/// Services whose resources lie in no region.
const GLOBAL: &[&str] = &["iam", "cloudfront", "route53", "organizations", "sts"];

impl Draft {
    /// Puts it into the common shape.
    pub(crate) fn into_resource(self, origin: Origin, source: SourceLocation) -> Resource {
        let text = |text: &str| Value::String(text.to_owned());
        let arn = Arn::parse(&self.id);
        let service = arn.map_or("", |arn| arn.service);
        let region = self.region.as_deref().or_else(|| {
            arn.map(|arn| arn.region)
                .filter(|region| !region.is_empty())
        });
        let region = region.or_else(|| GLOBAL.contains(&service).then_some("global"));
        let account = self.account.as_deref().or_else(|| {
            arn.map(|arn| arn.account)
                .filter(|account| !account.is_empty())
        });
        let mut body = Map::new();
        body.insert("id".to_owned(), text(&self.id));
        body.insert("name".to_owned(), text(&self.name));
        body.insert("type".to_owned(), text(&self.resource_type));
        if let Some(region) = region {
            body.insert("location".to_owned(), text(region));
        }
        if let Some(account) = account {
            body.insert("subscriptionId".to_owned(), text(account));
        }
        if let Some(parent) = &self.parent {
            body.insert("parentId".to_owned(), text(parent));
        }
        if !self.tags.is_empty() {
            body.insert("tags".to_owned(), Value::Object(self.tags));
        }
        body.extend(self.more);
        body.insert("properties".to_owned(), Value::Object(self.properties));
        Resource::new(Cloud::Aws, origin, source, body)
    }
}

/// Tags as an object, whether they are one or a list of `Key` and `Value` in any of AWS's spellings.
pub(crate) fn tags(value: &Value) -> Map<String, Value> {
    match value {
        Value::Object(tags) => tags.clone(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| {
                let first = |keys: &[&str]| keys.iter().find_map(|key| item.get(*key)).cloned();
                let key = first(&["Key", "key", "TagKey", "tagKey"])?;
                let value = first(&["Value", "value", "TagValue", "tagValue"]);
                Some((key.as_str()?.to_owned(), value.unwrap_or(Value::Null)))
            })
            .collect(),
        _ => Map::new(),
    }
}
