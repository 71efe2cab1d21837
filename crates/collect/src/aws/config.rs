//! AWS Config: snapshots, history files, and the answers of its queries.
//!
//! Types that AWS Config records through CloudFormation's registry carry CloudFormation's names; older ones carry
//! those of their service. Source: AWS Config Developer Guide, "Components of a configuration item".

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_model::{Origin, SourceLocation, Unknown};

use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::Tally;
use crate::stream::Place;

use super::answers::identity::{name_of, parent_of};
use super::answers::settings::{bucket_policy, permissions};
use super::draft::{self, Draft};
use super::rebuild::bucket_encryption;
use super::secrets;
use super::shape::{capital, shape};
use super::types;

/// Members whose elements are configuration items.
pub(crate) const ITEM_LISTS: &[&str] = &["configurationItems", "baseConfigurationItems"];

/// Names that AWS Config has for types, where CloudFormation has another.
const TYPES: &[(&str, &str)] = &[
    ("aws::iam::policy", "aws::iam::managedpolicy"),
    ("aws::opensearch::domain", "aws::opensearchservice::domain"),
    (
        "aws::elasticsearch::domain",
        "aws::opensearchservice::domain",
    ),
];

/// Whether an object is one configuration item.
pub(crate) fn is_item(body: &Map<String, Value>) -> bool {
    let typed = body
        .get("resourceType")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.contains("::"));
    typed
        && ["arn", "ARN", "resourceId"]
            .iter()
            .any(|key| body.contains_key(*key))
        && [
            "configuration",
            "configurationItemStatus",
            "awsRegion",
            "accountId",
            "awsAccountId",
            "supplementaryConfiguration",
        ]
        .iter()
        .any(|key| body.contains_key(*key))
}

/// The answer of a query: items as JSON texts.
pub(crate) fn is_results(body: &Map<String, Value>) -> bool {
    body.get("Results").is_some_and(Value::is_array) && body.contains_key("QueryInfo")
}

/// One item.
pub(crate) fn item(context: &mut FileContext<'_>, found: Found<'_>) -> ControlFlow<()> {
    send(context, found.body, found.place, found.tally)
}

/// The answer of a query.
pub(crate) fn results(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    context.coverage_rows += 1;
    let Some(Value::Array(rows)) = found.body.shift_remove("Results") else {
        return ControlFlow::Continue(());
    };
    for row in rows {
        let item = match &row {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => row,
        };
        match item {
            Value::Object(item) if is_item(&item) => {
                send(context, item, found.place, found.tally)?;
            }
            _ => {
                let message = "a row of the query has no `resourceType`, `arn` and `configuration`";
                context.report(codes::CONFIG_ITEM, found.place, message);
            }
        }
    }
    ControlFlow::Continue(())
}

fn send(
    context: &mut FileContext<'_>,
    mut item: Map<String, Value>,
    place: Place,
    tally: &mut Tally,
) -> ControlFlow<()> {
    let status = text(&item, "configurationItemStatus").unwrap_or_default();
    if status.starts_with("ResourceDeleted") {
        context.coverage_rows += 1;
        return ControlFlow::Continue(());
    }
    let spelt = text(&item, "resourceType")
        .unwrap_or_default()
        .to_lowercase();
    let kind = TYPES
        .iter()
        .find(|(known, _)| *known == spelt)
        .map_or(spelt.as_str(), |(_, kind)| kind)
        .to_owned();
    let observed = instant(item.get("configurationItemCaptureTime"));
    let configuration = object(item.shift_remove("configuration"));
    let known = configuration.is_some();
    let mut configuration = configuration.unwrap_or_default();
    let supplements = supplements(item.shift_remove("supplementaryConfiguration"));
    let mut parts = supplement(&kind, &supplements, &mut configuration);
    let (mut properties, mut tags) = shape(&kind, configuration);
    if let Some(given) = item.get("tags") {
        tags.extend(draft::tags(given));
    }
    let account = text(&item, "awsAccountId").or_else(|| text(&item, "accountId"));
    let account = account.map(str::to_owned);
    let region = text(&item, "awsRegion").map(str::to_owned);
    let Some(id) = id(
        &item,
        &kind,
        &properties,
        account.as_deref(),
        region.as_deref(),
    ) else {
        let message = format!("an item of `{kind}` has neither ARN nor id");
        context.report(codes::CONFIG_ITEM, place, &message);
        return ControlFlow::Continue(());
    };
    if !known {
        let message = format!("`{id}` carries no configuration");
        context.report(codes::CONFIG_ITEM, place, &message);
    }
    let name = text(&item, "resourceName")
        .filter(|name| !name.is_empty())
        .map_or_else(|| name_of(&kind, &id, &properties), str::to_owned);
    let mut more = Map::new();
    if let Some(related) = item
        .shift_remove("relationships")
        .filter(|related| related.as_array().is_some_and(|items| !items.is_empty()))
    {
        more.insert("relationships".to_owned(), related);
    }
    if kind == "aws::s3::bucket" {
        parts.retain_mut(|part| part.settle(&id, &name, account.as_deref(), region.as_deref()));
    } else {
        parts.retain_mut(|part| part.settle_function(&id));
    }
    let mut value = Value::Object(std::mem::take(&mut properties));
    context.run.redacted += secrets::redact_variables(&mut value) as u64;
    if let Value::Object(redacted) = value {
        properties = redacted;
    }
    let draft = Draft {
        parent: parent_of(&kind, &id, &properties),
        resource_type: kind,
        id,
        name,
        account: account.clone(),
        region: region.clone(),
        tags,
        properties,
        more,
    };
    let source = SourceLocation {
        file: context.file.to_owned(),
        line: place.line,
        column: place.column,
    };
    let mut resource = draft.into_resource(Origin::Live, source.clone());
    resource.observed_at.clone_from(&observed);
    if !known {
        resource.unknowns.push(Unknown {
            pointer: "/properties".to_owned(),
            expression: "the configuration is not in the input".to_owned(),
        });
    }
    context.send_made(resource, tally)?;
    for part in parts.into_iter().flat_map(|part| part.drafts) {
        let mut resource = part.into_resource(Origin::Live, source.clone());
        resource.observed_at.clone_from(&observed);
        context.send_made(resource, tally)?;
    }
    ControlFlow::Continue(())
}

fn text<'b>(body: &'b Map<String, Value>, key: &str) -> Option<&'b str> {
    body.get(key).and_then(Value::as_str)
}

/// An object, or one in a text.
fn object(value: Option<Value>) -> Option<Map<String, Value>> {
    match value? {
        Value::Object(object) => Some(object),
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

/// RFC 3339; the command line writes seconds since 1970 with some settings.
fn instant(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let seconds = number.as_f64()?;
            let instant = chrono::DateTime::from_timestamp(seconds as i64, 0)?;
            Some(instant.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        }
        _ => None,
    }
}

/// The ARN, else an id in its manner.
fn id(
    item: &Map<String, Value>,
    kind: &str,
    properties: &Map<String, Value>,
    account: Option<&str>,
    region: Option<&str>,
) -> Option<String> {
    let own = text(item, "ARN").or_else(|| text(item, "arn"));
    if let Some(arn) = own.filter(|arn| arn.starts_with("arn:")) {
        return Some(arn.to_owned());
    }
    let resource = text(item, "resourceId").filter(|id| !id.is_empty())?;
    if resource.starts_with("arn:") {
        return Some(resource.to_owned());
    }
    let pattern = types::arn_pattern(kind);
    let last = types::placeholders(&pattern).last().map(str::to_owned);
    Some(types::fill(&pattern, &mut |name| match name {
        "partition" => "aws".to_owned(),
        "account" => account.unwrap_or_default().to_owned(),
        "region" => region.unwrap_or_default().to_owned(),
        name if last.as_deref() == Some(name) => {
            text(properties, name).unwrap_or(resource).to_owned()
        }
        "Path" => "/".to_owned(),
        name => text(properties, name).unwrap_or("-").to_owned(),
    }))
}

/// Supplements by name; their values are objects, or texts that hold one.
fn supplements(value: Option<Value>) -> Map<String, Value> {
    let Some(supplements) = object(value) else {
        return Map::new();
    };
    supplements
        .into_iter()
        .map(|(key, value)| {
            let value = match &value {
                Value::String(text) => serde_json::from_str(text).unwrap_or(value),
                _ => value,
            };
            (key, value)
        })
        .collect()
}

/// Resources that CloudFormation has beside the one that the item is about.
#[derive(Debug, Default)]
struct Parts {
    document: Value,
    drafts: Vec<Draft>,
}

impl Parts {
    fn settle(
        &mut self,
        id: &str,
        name: &str,
        account: Option<&str>,
        region: Option<&str>,
    ) -> bool {
        let document = std::mem::take(&mut self.document);
        let mut draft = bucket_policy(id, name, document, account.map(str::to_owned));
        draft.region = region.map(str::to_owned);
        self.drafts.push(draft);
        true
    }

    fn settle_function(&mut self, id: &str) -> bool {
        self.drafts = permissions(id, &self.document);
        !self.drafts.is_empty()
    }
}

/// Puts supplements where CloudFormation has them.
fn supplement(
    kind: &str,
    supplements: &Map<String, Value>,
    configuration: &mut Map<String, Value>,
) -> Vec<Parts> {
    let mut parts = Vec::new();
    match kind {
        "aws::s3::bucket" => {
            if let Some(document) = policy_in(supplements.get("BucketPolicy"), "policyText") {
                parts.push(Parts {
                    document,
                    drafts: Vec::new(),
                });
            }
            bucket(supplements, configuration);
        }
        "aws::kms::key" => {
            if let Some(policy) = supplements.get("Policy") {
                configuration.insert("KeyPolicy".to_owned(), policy.clone());
            }
            if let Some(rotation) = supplements.get("KeyRotationStatus") {
                let on = rotation
                    .as_bool()
                    .or_else(|| Some(rotation.as_str()? == "true"));
                configuration.insert(
                    "EnableKeyRotation".to_owned(),
                    on.map_or(Value::Null, Value::Bool),
                );
            }
        }
        "aws::lambda::function" => {
            if let Some(document) = policy_in(supplements.get("Policy"), "policy") {
                parts.push(Parts {
                    document,
                    drafts: Vec::new(),
                });
            }
        }
        _ => {}
    }
    parts
}

/// A policy, which stands as text in a member of its own.
fn policy_in(value: Option<&Value>, member: &str) -> Option<Value> {
    let value = value?;
    let inner = value.get(member).unwrap_or(value);
    match inner {
        Value::String(text) => super::policy_text::parse(text),
        Value::Object(_) if inner.get("Statement").is_some() => Some(inner.clone()),
        _ => None,
    }
}

fn bucket(supplements: &Map<String, Value>, configuration: &mut Map<String, Value>) {
    let capitals = |value: &Value| match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (capital(key), value.clone()))
                .collect(),
        ),
        other => other.clone(),
    };
    let mut put = |key: &str, value: Value| {
        if !value.is_null() {
            configuration.insert(key.to_owned(), value);
        }
    };
    for (name, value) in supplements {
        match name.as_str() {
            "PublicAccessBlockConfiguration" => put(name, capitals(value)),
            "ServerSideEncryptionConfiguration" => {
                put(
                    "BucketEncryption",
                    bucket_encryption(value).unwrap_or(Value::Null),
                );
            }
            "BucketVersioningConfiguration" => {
                let status = value.get("status").cloned().unwrap_or(Value::Null);
                let mut made = Map::new();
                made.insert("Status".to_owned(), status);
                if value
                    .get("status")
                    .and_then(Value::as_str)
                    .is_some_and(|status| status != "Off")
                {
                    put("VersioningConfiguration", Value::Object(made));
                }
            }
            "BucketLoggingConfiguration"
                if value
                    .get("destinationBucketName")
                    .is_some_and(Value::is_string) =>
            {
                put("LoggingConfiguration", capitals(value));
            }
            _ => {}
        }
    }
}
