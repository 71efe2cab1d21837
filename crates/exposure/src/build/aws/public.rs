//! What is open to anybody, and what keeps strangers out.

use serde_json::{Map, Value};
use stance_model::Resource;

use super::estate::Estate;
use super::policy::{Principals, Statement, texts};
use super::{MAKER, everyone, fact};
use crate::graph::{Confidence, EdgeDraft, GraphDraft, labels};
use crate::vocabulary::CapabilitySet;

/// Conditions that leave only callers of somebody's own: their organisation, account, network or a service on their behalf.
const NARROW: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:eventsourcetoken",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];

/// Anybody, where a condition lists who may: then only those are meant.
pub(super) fn narrowed(principals: &Principals, statement: &Statement) -> Principals {
    let mut narrowed = principals.clone();
    let Some(conditions) = statement.conditions.as_ref().filter(|_| principals.anybody) else {
        return narrowed;
    };
    let wanted = ["StringEquals", "StringLike", "ArnEquals", "ArnLike"];
    let listed = conditions
        .iter()
        .filter(|(operator, _)| wanted.contains(&operator.as_str()))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten()
        .filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalArn"))
        .filter_map(|(_, value)| texts(value))
        .flatten()
        .filter(|arn| !arn.contains(['*', '?']));
    let listed: Vec<String> = listed.collect();
    if !listed.is_empty() {
        narrowed.anybody = false;
        narrowed.aws = listed;
    }
    narrowed
}

/// Whether a condition keeps out strangers.
pub(super) fn is_narrow(statement: &Statement) -> bool {
    let conditions = statement.conditions.iter().flatten();
    let mut keys = conditions
        .filter(|(operator, _)| !operator.starts_with("StringNot") && !operator.starts_with("Not"))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten();
    keys.any(|(key, _)| {
        let key = key.to_lowercase();
        let key = key.split('/').next().unwrap_or_default();
        NARROW.contains(&key)
    })
}

fn blocks(resource: &Resource, names: &[&str]) -> bool {
    let block = resource.properties().get("PublicAccessBlockConfiguration");
    block.is_some_and(|block| {
        let mut names = names.iter();
        names.any(|name| block.get(*name) == Some(&Value::Bool(true)))
    })
}

/// Whether a block of public access makes a policy for anybody void.
pub(super) fn is_public_stopped(resource: &Resource) -> bool {
    blocks(resource, &["BlockPublicPolicy", "RestrictPublicBuckets"])
}

/// Access control lists of buckets, the older way to open them.
pub(super) fn lists_of_bucket(estate: &Estate<'_>, resource: &Resource, draft: &mut GraphDraft) {
    if resource.resource_type != "aws::s3::bucket"
        || blocks(resource, &["IgnorePublicAcls", "BlockPublicAcls"])
    {
        return;
    }
    let list = resource.properties().get("AccessControl");
    let list = list.and_then(Value::as_str).unwrap_or_default();
    let wanted: &[&str] = match list {
        "PublicRead" | "AuthenticatedRead" => &["read data"],
        "PublicReadWrite" => &["read data", "write data"],
        _ => return,
    };
    let mut capabilities = CapabilitySet::EMPTY;
    for pair in &estate.pairs {
        if pair.label == resource.resource_type && wanted.contains(&pair.capability.as_str()) {
            capabilities.insert(pair.number);
        }
    }
    let text = format!("the access control list is {list}");
    let insight = fact("allowsPublicAccess", resource, "AccessControl", &text);
    let source = everyone(draft);
    draft.edge(EdgeDraft {
        label: labels::HAS_PERMISSIONS_TO.to_owned(),
        source,
        target: resource.id.key(),
        maker: MAKER.to_owned(),
        evidence: insight.evidence.clone(),
        // Objects have lists of their own, which were not collected.
        confidence: Confidence::Medium,
        capabilities,
        properties: Map::new(),
    });
    draft.insight(resource.id.key(), insight);
}
