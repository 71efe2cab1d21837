//! Members of IAM policies and the nodes that stand for them.
//!
//! Grammar: cloud.google.com/iam/docs/principal-identifiers, versions 1 (`user:a@b`) and 2 (`principal://goog/subject/a@b`).

use serde_json::Value;

use super::{Estate, federation};
use crate::graph::{Confidence, Evidence, GraphDraft, InsightDraft, NodeDraft};

/// Longest member that is read.
const MEMBER_BYTES: usize = 2_048;

/// The node of everybody.
pub(super) const EVERYONE: &str = "everyone";

/// Whom a member stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal {
    /// Id or alias of its node.
    pub(super) id: String,
    /// Label of the node where nobody else made it.
    pub(super) label: &'static str,
    /// Name for people.
    pub(super) name: String,
    /// How sure it is that the member means this one.
    pub(super) confidence: Confidence,
}

impl Principal {
    /// `principal:NAME`.
    pub(super) fn named(label: &'static str, name: &str) -> Self {
        Self {
            id: format!("principal:{}", name.to_lowercase()),
            label,
            name: name.to_owned(),
            confidence: Confidence::High,
        }
    }

    /// Adds its node where there is none.
    pub(super) fn ensure(&self, draft: &mut GraphDraft) {
        if draft.knows(&self.id) {
            return;
        }
        draft.node(NodeDraft {
            id: self.id.clone(),
            label: self.label.to_owned(),
            name: self.name.clone(),
            ..NodeDraft::default()
        });
        let bare = self.id.strip_prefix("principal:");
        if let Some(address) = bare.filter(|bare| bare.contains('@')) {
            draft.alias(address, &self.id);
            if is_service_agent(address) {
                draft.insight(self.id.clone(), service_agent(&self.name));
            }
        }
    }
}

/// Whether Google makes and uses the account itself.
/// Source: cloud.google.com/iam/docs/service-agents.
fn is_service_agent(address: &str) -> bool {
    let Some((name, domain)) = address.split_once('@') else {
        return false;
    };
    let number = name.strip_prefix("service-");
    let of_a_project = number.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
    domain.ends_with("gserviceaccount.com")
        && (of_a_project
            || domain.starts_with("gcp-sa-")
            || domain == "cloudservices.gserviceaccount.com")
}

fn service_agent(name: &str) -> InsightDraft {
    InsightDraft {
        name: "isManagedByProvider".to_owned(),
        value: Value::Bool(true),
        confidence: Confidence::High,
        evidence: Evidence {
            object: name.to_owned(),
            field: String::new(),
            text: "its address is that of a service agent".to_owned(),
        },
    }
}

fn everyone() -> Principal {
    Principal {
        id: EVERYONE.to_owned(),
        label: EVERYONE,
        name: "Anybody".to_owned(),
        confidence: Confidence::High,
    }
}

/// Whom a member stands for; none where it was deleted or cannot be read.
pub(super) fn read(estate: &Estate<'_>, member: &str) -> Vec<Principal> {
    if member.len() > MEMBER_BYTES {
        return Vec::new();
    }
    if is_anybody(member) {
        return vec![everyone()];
    }
    let Some((kind, name)) = member.split_once(':').filter(|(_, name)| !name.is_empty()) else {
        return Vec::new();
    };
    let (label, name) = match kind {
        "user" => ("user", name.to_owned()),
        "group" => ("group", name.to_owned()),
        "serviceAccount" => ("principal", name.to_owned()),
        "domain" | "projectOwner" | "projectEditor" | "projectViewer" => {
            ("group", format!("{kind}:{}", estate.projects.id(name)))
        }
        "principal" | "principalSet" => return by_path(estate, kind, name),
        _ => return Vec::new(),
    };
    vec![Principal::named(label, &name)]
}

/// Whether the member is everybody of the world, signed in or not.
pub(super) fn is_anybody(member: &str) -> bool {
    matches!(
        member,
        "allUsers" | "allAuthenticatedUsers" | "principalSet://goog/public:all"
    )
}

/// `//goog/subject/a@b`, `//iam.googleapis.com/projects/…`, an identity of an agent.
fn by_path(estate: &Estate<'_>, kind: &str, name: &str) -> Vec<Principal> {
    let path = name.trim_start_matches('/');
    if let Some(address) = path.strip_prefix("goog/subject/") {
        return vec![Principal::named("user", address)];
    }
    if let Some(address) = path.strip_prefix("goog/group/") {
        return vec![Principal::named("group", address)];
    }
    if let Some((_, address)) = path.split_once("/serviceAccounts/") {
        return vec![Principal::named("principal", address)];
    }
    if let Some(found) = federation::read(estate, path) {
        return found;
    }
    let label = if kind == "principalSet" {
        "group"
    } else {
        "principal"
    };
    vec![Principal::named(label, path)]
}
