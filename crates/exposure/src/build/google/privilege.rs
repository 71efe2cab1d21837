//! Who may grant access to a project, folder or organization.

use super::Estate;
use super::members::EVERYONE;
use super::names::{FOLDER, ORGANIZATION, PROJECT};
use super::permissions::Granted;
use crate::graph::{GraphDraft, InsightDraft};
use crate::vocabulary::CapabilitySet;

/// Says so of each such principal.
pub(super) fn add(estate: &Estate<'_>, granted: &[Granted], draft: &mut GraphDraft) {
    let vocabulary = estate.sources.vocabulary;
    let access = vocabulary.capability("grant access").unwrap_or_default();
    let containers = [ORGANIZATION, FOLDER, PROJECT]
        .into_iter()
        .map(|label| vocabulary.on_label(label))
        .fold(CapabilitySet::EMPTY, CapabilitySet::or);
    let wanted = access.and(containers);
    for one in granted {
        if one.principal == EVERYONE || one.pairs.and(wanted).is_empty() {
            continue;
        }
        draft.insight(
            one.principal.as_str(),
            InsightDraft {
                name: "isPrivileged".to_owned(),
                value: serde_json::json!({"role": one.role, "on": one.scope}),
                confidence: one.confidence,
                evidence: one.evidence.clone(),
            },
        );
    }
}
