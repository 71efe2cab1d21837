//! Access policies of key vaults.
//!
//! Source: learn.microsoft.com/azure/key-vault/general/assign-access-policy.

use serde_json::Value;
use stance_model::Resource;

use super::{edge, ensure_principal, evidence, object_id, pairs_of};
use crate::build::Sources;
use crate::graph::{EdgeDraft, GraphDraft, labels};

const MAKER: &str = "key vault access policies";
const VAULT: &str = "microsoft.keyvault/vaults";

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    for vault in sources.inventory.of_type(VAULT) {
        if vault.properties()["enableRbacAuthorization"].as_bool() == Some(true) {
            continue;
        }
        let policies = vault.properties()["accessPolicies"].as_array();
        for policy in policies.into_iter().flatten() {
            read(sources, vault, policy, draft);
        }
    }
}

fn read(sources: Sources<'_>, vault: &Resource, policy: &Value, draft: &mut GraphDraft) {
    let Some(principal) = object_id(&policy["objectId"]) else {
        return;
    };
    let secrets = policy["permissions"]["secrets"].as_array();
    let secrets: Vec<&str> = secrets
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let may = |words: &[&str]| {
        let mut held = secrets.iter();
        held.any(|one| words.iter().any(|word| one.eq_ignore_ascii_case(word)))
    };
    // A backup holds the values too, and can be restored elsewhere.
    if !may(&["get", "backup", "all"]) {
        return;
    }
    ensure_principal(draft, &principal, "", &principal);
    draft.edge(EdgeDraft {
        capabilities: pairs_of(sources, &["read secrets"], VAULT),
        ..edge(
            labels::HAS_PERMISSIONS_TO,
            MAKER,
            &principal,
            &vault.id.key(),
            evidence(
                vault.id.as_str(),
                format!(
                    "properties.accessPolicies[{}]",
                    policy["objectId"].as_str().unwrap_or_default()
                ),
                format!("may use secrets: {}", secrets.join(", ")),
            ),
        )
    });
}
