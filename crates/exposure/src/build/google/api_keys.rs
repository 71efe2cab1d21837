//! API keys, and the services that take them.
//!
//! Source: cloud.google.com/docs/authentication/api-keys.

use std::collections::BTreeSet;

use stance_model::Resource;

use super::{Estate, edge, evidence, walk};
use crate::graph::{GraphDraft, labels};

/// Who found these edges.
const MAKER: &str = "google api keys";
const SERVICE: &str = "serviceusage.googleapis.com/service";
/// Services of AI that take a key alone. A key that names no service is a key of these where they are enabled.
const TAKE_KEYS: &[&str] = &["generativelanguage.googleapis.com"];

/// Adds an edge from each key to the services and the account that it is good for, as far as rows describe them.
pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for key in estate.known_of_type("apikeys.googleapis.com/key") {
        add_services(estate, key, draft);
        let bound = walk::text(key.properties(), &["serviceAccountEmail"]);
        let account = bound.map(|bound| format!("principal:{}", bound.to_lowercase()));
        if let Some(account) = account.filter(|account| draft.knows(account)) {
            let field = "properties.serviceAccountEmail";
            let said = evidence(key, field, "whoever holds the key acts as this account");
            link(key, account, said, draft);
        }
    }
}

fn add_services(estate: &Estate<'_>, key: &Resource, draft: &mut GraphDraft) {
    let project = key.subscription().unwrap_or_default().to_lowercase();
    let enabled = |service: &str| -> Option<String> {
        let name = format!("projects/{project}/services/{service}");
        let host = "serviceusage.googleapis.com";
        let node = estate.projects.find(estate.inventory(), host, &name)?;
        let row = estate.inventory().get(&node)?;
        let off = walk::text(row.properties(), &["state"]) == Some("DISABLED");
        (!off && row.resource_type == SERVICE).then_some(node)
    };
    let named = walk::texts(key.properties(), "restrictions.apiTargets.*.service");
    if named.is_empty() {
        for node in TAKE_KEYS.iter().filter_map(|service| enabled(service)) {
            let field = "properties.restrictions.apiTargets";
            let said = evidence(
                key,
                field,
                "the key names no service, and this one takes keys",
            );
            link(key, node, said, draft);
        }
        return;
    }
    let mut seen = BTreeSet::new();
    for (field, service) in named {
        if let Some(node) = enabled(service).filter(|node| seen.insert(node.clone())) {
            let said = evidence(
                key,
                format!("properties.{field}"),
                "the key is for this service",
            );
            link(key, node, said, draft);
        }
    }
}

fn link(key: &Resource, to: String, said: crate::graph::Evidence, draft: &mut GraphDraft) {
    let from = key.id.key();
    draft.edge(edge(labels::HAS_CREDENTIALS_OF, from, to, MAKER, said));
}
