//! Service accounts, their other names, and keys that somebody keeps.

use std::collections::HashSet;

use serde_json::{Value, json};
use stance_model::Resource;

use super::{Estate, edge, evidence, walk};
use crate::graph::{Confidence, GraphDraft, InsightDraft, labels};
use crate::inventory::Inventory;

/// Who found these edges.
const MAKER: &str = "google identities";
/// Type of a service account.
pub(super) const ACCOUNT: &str = "iam.googleapis.com/serviceaccount";
const KEY: &str = "iam.googleapis.com/serviceaccountkey";

/// The address of a service account.
pub(super) fn address(account: &Resource) -> Option<String> {
    let properties = account.properties();
    let named = account.name();
    let said = walk::text(properties, &["email"]);
    let address = said.or_else(|| named.contains('@').then_some(named))?;
    Some(address.to_lowercase())
}

/// Adds what the rows of service accounts and their keys say.
pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for account in estate.inventory().of_type(ACCOUNT) {
        add_names(account, draft);
    }
    // Of an account without a row its policy says the address.
    for node in estate.tree.of_label(ACCOUNT) {
        let address = node.rsplit('/').next().unwrap_or_default();
        if estate.inventory().get(node).is_none() && address.contains('@') {
            alias(address, node, draft);
        }
    }
    for key in estate.known_of_type(KEY) {
        add_key(estate, key, draft);
    }
}

fn add_names(account: &Resource, draft: &mut GraphDraft) {
    let node = account.id.key();
    if let Some(address) = address(account) {
        alias(&address, &node, draft);
    }
    let numbers = ["uniqueId", "oauth2ClientId"];
    if let Some(number) = walk::text(account.properties(), &numbers) {
        draft.alias(number.to_lowercase(), &node);
    }
}

fn alias(address: &str, node: &str, draft: &mut GraphDraft) {
    draft.alias(address, node);
    draft.alias(format!("serviceaccount:{address}"), node);
    draft.alias(format!("principal:{address}"), node);
}

/// Addresses of the accounts that are switched off.
pub(super) fn disabled(inventory: &Inventory) -> HashSet<String> {
    let accounts = inventory.of_type(ACCOUNT);
    let disabled = accounts.filter(|one| walk::is_set(one.properties(), "disabled"));
    disabled.filter_map(address).collect()
}

/// A key that a user manages lets whoever holds it sign in as the account.
fn add_key(estate: &Estate<'_>, key: &Resource, draft: &mut GraphDraft) {
    let properties = key.properties();
    let by_user = walk::text(properties, &["keyType"]) == Some("USER_MANAGED");
    if !by_user || walk::is_set(properties, "disabled") || has_ended(key) {
        return;
    }
    let id = key.id.as_str();
    let Some(address) = id
        .split_once("/serviceAccounts/")
        .and_then(|(_, rest)| rest.split('/').next())
    else {
        return;
    };
    let address = address.to_lowercase();
    let account = format!("principal:{address}");
    // The account may be named by its number, and may have no row of its own.
    let account = if draft.knows(&account) {
        account
    } else {
        address
    };
    if estate
        .disabled
        .contains(account.trim_start_matches("principal:"))
        || !draft.knows(&account)
    {
        return;
    }
    let said = evidence(key, "properties.keyType", "a key that a user manages");
    draft.edge(edge(
        labels::HAS_CREDENTIALS_OF,
        key.id.key(),
        &account,
        MAKER,
        said.clone(),
    ));
    let since = walk::text(properties, &["validAfterTime"]);
    draft.insight(
        account,
        InsightDraft {
            name: "hasStandingKey".to_owned(),
            value: since.map_or(Value::Bool(true), |since| json!({"validAfter": since})),
            confidence: Confidence::High,
            evidence: said,
        },
    );
}

/// Whether the key had ended when it was read; both times are RFC 3339 in UTC, which sort as text.
fn has_ended(key: &Resource) -> bool {
    let ends = walk::text(key.properties(), &["validBeforeTime"]);
    let read = key.observed_at.as_deref();
    ends.zip(read)
        .is_some_and(|(ends, read)| ends.ends_with('Z') && read.ends_with('Z') && ends < read)
}
