//! Who may do what in AWS: identities, trust, policies of identities and of resources.
//!
//! Follows "Policy evaluation logic" of the AWS IAM User Guide. Where something cannot be evaluated (conditions, policy variables,
//! policies that were not collected) a path is rather shown, with less confidence, than hidden.

mod account;
mod data_rules;
mod estate;
mod glob;
mod identities;
mod identity;
mod identity_policies;
mod managed;
mod named_roles;
mod permissions;
mod policy;
mod public;
mod requests;
mod resource_policies;
mod sharing;
mod trust;
mod who;

use serde_json::{Map, Value};
use stance_model::Resource;

use super::Sources;
use crate::graph::{Confidence, Evidence, GraphDraft, InsightDraft, NodeDraft};
use estate::Estate;

/// Who found these edges.
const MAKER: &str = "aws iam";

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let mut estate = Estate::of(sources);
    if estate.resources.is_empty() {
        return;
    }
    let shared = resource_policies::read(&mut estate);
    account::add(&estate, draft);
    identities::add(&estate, draft);
    permissions::add(&estate, &shared, draft);
    sharing::add(&estate, &shared, draft);
    trust::add(&estate, draft);
}

fn node_of_account(account: &str) -> String {
    format!("aws:{}", account.to_lowercase())
}

/// A fact about a node that a resource states.
fn fact(name: &str, resource: &Resource, field: &str, text: &str) -> InsightDraft {
    InsightDraft {
        name: name.to_owned(),
        value: Value::Bool(true),
        confidence: Confidence::High,
        evidence: Evidence {
            object: resource.id.as_str().to_owned(),
            field: field.to_owned(),
            text: text.to_owned(),
        },
    }
}

/// The node of a principal of which only the ARN is known; other makers find it by the ARN too.
fn principal_of_arn(arn: &str, draft: &mut GraphDraft) -> String {
    let key = arn.to_lowercase();
    let id = format!("principal:{key}");
    if draft.knows(&key) {
        return key;
    }
    draft.node(NodeDraft {
        id: id.clone(),
        label: "principal".to_owned(),
        name: identity::last_of(arn).to_owned(),
        properties: Map::new(),
        entity_ids: vec![("AwsResourceName".to_owned(), arn.to_owned())],
    });
    draft.alias(key, id.clone());
    id
}

/// The node of anybody at all.
fn everyone(draft: &mut GraphDraft) -> String {
    let id = "everyone".to_owned();
    draft.node(NodeDraft {
        id: id.clone(),
        label: "everyone".to_owned(),
        name: "Anybody".to_owned(),
        ..NodeDraft::default()
    });
    id
}

/// `{"conditions": …}` of a statement; empty where it has none.
fn conditions_of(statement: &policy::Statement) -> Map<String, Value> {
    let mut properties = Map::new();
    if let Some(conditions) = &statement.conditions {
        let conditions = Value::Object(conditions.clone());
        properties.insert("conditions".to_owned(), conditions);
    }
    properties
}
