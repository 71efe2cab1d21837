//! What IAM policies grant to whom, before anything is denied.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;
use stance_model::Resource;

use super::members::{self, Principal};
use super::names::{POLICY, PROJECT};
use super::roles::{self, Permissions, Roles};
use super::{Estate, access_lists, edge, evidence, walk};
use crate::graph::{Evidence, GraphDraft, labels};
use crate::vocabulary::CapabilitySet;

/// Who found these edges.
pub(super) const MAKER: &str = "google iam";
/// Most bindings of one policy; Google allows 1,500 members in all.
const MOST_BINDINGS: usize = 10_000;
/// Most grants that holders of basic roles get through their group.
const MOST_HELD: usize = 100_000;

/// One member of one binding.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// Whom it grants to.
    pub(super) principal: Principal,
    /// Whether it takes no sign-in at all.
    pub(super) anonymous: bool,
    /// Node of what the policy is set on.
    pub(super) scope: String,
    pub(super) role: String,
    pub(super) holds: Rc<Permissions>,
    /// What the role grants where nothing is denied.
    pub(super) pairs: CapabilitySet,
    /// The condition as the policy has it.
    pub(super) condition: Option<Value>,
    pub(super) evidence: Evidence,
    /// Whether it holds for all that lies there: not for objects made before an access list was set.
    pub(super) partial: bool,
}

/// Reads roles once, and remembers what they grant.
pub(super) struct Reader<'e, 'a> {
    pub(super) estate: &'e Estate<'a>,
    roles: Roles,
    known: HashMap<String, (Rc<Permissions>, CapabilitySet)>,
    pub(super) grants: Vec<Grant>,
}

/// Every grant of every policy and access list.
pub(super) fn read(estate: &Estate<'_>) -> Vec<Grant> {
    let mut reader = Reader {
        estate,
        roles: Roles::read(estate),
        known: HashMap::new(),
        grants: Vec::new(),
    };
    for policy in estate.known_of_type(POLICY) {
        reader.policy(policy);
    }
    access_lists::read(&mut reader);
    reader.grants
}

impl Reader<'_, '_> {
    fn policy(&mut self, policy: &Resource) {
        let Some(scope) = scope_of(self.estate, policy) else {
            return;
        };
        let bindings = walk::values(policy.properties(), "bindings.*");
        for (_, binding) in bindings.into_iter().take(MOST_BINDINGS) {
            let Some(role) = binding.get("role").and_then(Value::as_str) else {
                continue;
            };
            let condition = binding.get("condition").filter(|one| one.is_object());
            for member in walk::list(binding, "members") {
                let when = condition.map_or("", |_| " under a condition");
                let said = evidence(
                    policy,
                    format!("properties.bindings[{role}{when}].members[{member}]"),
                    format!("{member} has {role}{when}"),
                );
                self.take(&scope, role, member, condition, &said, false);
            }
        }
    }

    /// Takes a grant of a role to a member.
    pub(super) fn take(
        &mut self,
        scope: &str,
        role: &str,
        member: &str,
        condition: Option<&Value>,
        evidence: &Evidence,
        partial: bool,
    ) {
        let Some((holds, pairs)) = self.role(role) else {
            return;
        };
        for principal in members::read(self.estate, member) {
            self.grants.push(Grant {
                principal,
                anonymous: member == "allUsers",
                scope: scope.to_owned(),
                role: role.to_owned(),
                holds: Rc::clone(&holds),
                pairs,
                condition: condition.cloned(),
                evidence: evidence.clone(),
                partial,
            });
        }
    }

    fn role(&mut self, role: &str) -> Option<(Rc<Permissions>, CapabilitySet)> {
        if let Some(known) = self.known.get(role) {
            return Some(known.clone());
        }
        let holds = Rc::new(self.roles.get(self.estate, role)?.clone());
        let pairs = roles::pairs(self.estate.sources.vocabulary, &holds, &[]);
        self.known
            .insert(role.to_owned(), (Rc::clone(&holds), pairs));
        Some((holds, pairs))
    }
}

/// The node of what a policy is set on.
fn scope_of(estate: &Estate<'_>, policy: &Resource) -> Option<String> {
    let named = policy.parent()?.key();
    if estate.inventory().get(&named).is_some() {
        return Some(named);
    }
    Some(estate.projects.container(&named).unwrap_or(named))
}

/// Buckets and datasets name the holders of a basic role of their project: they are its group, and hold what it is granted.
/// Gives these grants, one for each holder, up to [`MOST_HELD`].
pub(super) fn add_holders(
    estate: &Estate<'_>,
    grants: &[Grant],
    draft: &mut GraphDraft,
) -> Vec<Grant> {
    let mut held = Vec::new();
    let named: BTreeSet<&str> = grants
        .iter()
        .map(|grant| grant.principal.id.as_str())
        .filter(|id| id.starts_with("principal:project"))
        .collect();
    if named.is_empty() {
        return held;
    }
    let ids: HashMap<&str, &str> = estate.projects.all().map(|(id, node)| (node, id)).collect();
    for grant in grants {
        let kind = match grant.role.as_str() {
            "roles/owner" => "owner",
            "roles/editor" => "editor",
            "roles/viewer" => "viewer",
            _ => continue,
        };
        if estate.tree.label(&grant.scope) != PROJECT {
            continue;
        }
        let Some(id) = ids.get(grant.scope.as_str()) else {
            continue;
        };
        let group = format!("principal:project{kind}:{id}");
        if named.contains(group.as_str()) {
            grant.principal.ensure(draft);
            let of_group = grants.iter().filter(|one| one.principal.id == group);
            let room = MOST_HELD.saturating_sub(held.len());
            held.extend(of_group.take(room).map(|one| Grant {
                principal: grant.principal.clone(),
                ..one.clone()
            }));
            let said = grant.evidence.clone();
            draft.edge(edge(
                labels::MEMBER_OF,
                &grant.principal.id,
                group,
                MAKER,
                said,
            ));
        }
    }
    held
}
