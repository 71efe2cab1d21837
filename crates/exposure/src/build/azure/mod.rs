//! Azure, Entra and Power Platform: what lies in what, who runs as whom, who may do what.

mod blocks;
mod containers;
mod databases;
mod directory;
mod entra;
mod federation;
mod grants;
mod identities;
mod landing;
mod operations;
mod permissions;
mod place_labels;
mod places;
mod power_platform;
mod roles;
mod vaults;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::Sources;
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, NodeDraft};
use crate::vocabulary::CapabilitySet;
use places::Places;

pub(super) use place_labels::is_record;

/// Adds containers, identities and permissions.
pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let mut places = Places::of(sources.inventory);
    let grants = grants::read(sources.inventory, &mut places);
    containers::add(sources, &places, draft);
    identities::add(sources, draft);
    entra::add(sources, draft);
    identities::add_named(sources, draft);
    federation::add(sources, draft);
    let members = Members::of(sources);
    directory::add(sources, &members, draft);
    permissions::add(sources, &places, &members, &grants, draft);
    vaults::add(sources, draft);
    databases::add(sources, &members, draft);
    power_platform::add(sources, draft);
}

/// Groups above one another that are followed.
const NESTED: usize = 64;
/// Longest object id: a GUID has 36 letters.
const LONGEST_ID: usize = 64;
/// Members of one group that get edges of their own.
const MOST_MEMBERS: usize = 20_000;

/// Who belongs to which groups, object ids in lower case.
#[derive(Debug, Default)]
struct Members {
    direct: HashMap<String, BTreeSet<String>>,
    groups: HashMap<String, BTreeSet<String>>,
    names: HashMap<String, String>,
}

impl Members {
    fn of(sources: Sources<'_>) -> Self {
        let mut members = Self::default();
        for row in sources.inventory.of_type("microsoft.graph/groupmembers") {
            let id = |key: &str| object_id(&row.properties()[key]);
            let (Some(group), Some(member)) = (id("groupId"), id("memberId")) else {
                continue;
            };
            let of_group = members.direct.entry(group.clone()).or_default();
            of_group.insert(member.clone());
            members.groups.entry(member).or_default().insert(group);
        }
        for group in sources.inventory.of_type("microsoft.graph/groups") {
            if let Some(id) = roles::last_segment(group.id.as_str()) {
                members.names.insert(id, group.name().to_owned());
            }
        }
        members
    }

    /// Members of a group and of the groups in it; the group itself not.
    fn of_group(&self, group: &str) -> BTreeSet<&str> {
        reach(&self.direct, group, MOST_MEMBERS)
    }

    /// The groups that a principal is in, nested ones too.
    fn groups_of(&self, principal: &str) -> BTreeSet<&str> {
        reach(&self.groups, principal, MOST_MEMBERS)
    }

    fn name_of<'a>(&'a self, group: &'a str) -> &'a str {
        self.names.get(group).map_or(group, String::as_str)
    }
}

fn reach<'a>(
    edges: &'a HashMap<String, BTreeSet<String>>,
    from: &str,
    most: usize,
) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut front: Vec<&str> = vec![from];
    for _ in 0..NESTED {
        let mut next = Vec::new();
        for at in front {
            for one in edges.get(at).into_iter().flatten() {
                if one != from && found.len() < most && found.insert(one) {
                    next.push(one.as_str());
                }
            }
        }
        if next.is_empty() {
            break;
        }
        front = next;
    }
    found
}

/// A node for a principal of which only the object id is known, unless some node answers to that id.
fn ensure_principal(draft: &mut GraphDraft, object_id: &str, kind: &str, name: &str) {
    if draft.knows(object_id) {
        return;
    }
    let label = match kind.to_lowercase().as_str() {
        "user" => "user",
        "group" | "foreigngroup" => "group",
        "managed identity" => "managed identity",
        _ => "principal",
    };
    let id = format!("principal:{object_id}");
    draft.alias(object_id, id.clone());
    draft.node(NodeDraft {
        id,
        label: label.to_owned(),
        name: name.to_owned(),
        // Of a declared identity there is no object id yet.
        entity_ids: (!object_id.contains('#'))
            .then(|| ("EntraObjectId".to_owned(), object_id.to_owned()))
            .into_iter()
            .collect(),
        ..NodeDraft::default()
    });
}

/// An object id or application id in lower case; `None` for what is empty or an expression of a template.
fn object_id(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '-';
    let whole = !text.is_empty() && text.len() <= LONGEST_ID && text.chars().all(is_plain);
    whole.then(|| text.to_lowercase())
}

/// Whom an assignment names: an object id, or of a declaration the resource whose identity it will be. Only the cloud
/// chooses object ids, so readers of templates put the id of the resource in their place.
fn principal_key(value: &Value) -> Option<String> {
    object_id(value).or_else(|| {
        let key = value.as_str()?.trim_end_matches('/').to_lowercase();
        let is_resource = key.starts_with("/subscriptions/") && !key.contains(['{', '[']);
        let is_identity = key.contains("/microsoft.managedidentity/userassignedidentities/");
        match (is_resource, is_identity) {
            (false, _) => None,
            (true, true) => Some(key),
            (true, false) => Some(declared_identity(&key)),
        }
    })
}

/// What stands for the object id of the system-assigned identity that a declared resource will have.
fn declared_identity(resource_key: &str) -> String {
    format!("{resource_key}#identity")
}

/// An edge of this maker.
fn edge(label: &str, maker: &str, source: &str, target: &str, evidence: Evidence) -> EdgeDraft {
    EdgeDraft {
        label: label.to_owned(),
        source: source.to_owned(),
        target: target.to_owned(),
        maker: maker.to_owned(),
        evidence,
        confidence: Confidence::High,
        ..EdgeDraft::default()
    }
}

fn evidence(object: &str, field: impl Into<String>, text: impl Into<String>) -> Evidence {
    Evidence {
        object: object.to_owned(),
        field: field.into(),
        text: text.into(),
    }
}

/// The pairs of some capabilities on one type.
fn pairs_of(sources: Sources<'_>, capabilities: &[&str], label: &str) -> CapabilitySet {
    let mut found = CapabilitySet::EMPTY;
    for (number, pair) in sources.vocabulary.pairs().iter().enumerate() {
        if pair.label == label && capabilities.contains(&pair.capability.as_str()) {
            found.insert(number);
        }
    }
    found
}

/// Ids by what they are known as; the first of a name stays.
type Index = BTreeMap<String, String>;
