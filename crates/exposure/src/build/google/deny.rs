//! What takes rights away: deny policies, and the prevention of public access to buckets.
//!
//! Source: cloud.google.com/iam/docs/deny-overview.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use stance_model::Resource;

use super::members::{self, EVERYONE};
use super::names;
use super::roles::Permissions;
use super::{Estate, walk};

/// Types of rows that hold deny policies.
const DENY_POLICIES: &[&str] = &[
    "iam.googleapis.com/denypolicy",
    "iam.googleapis.com/policyv2",
];
const PREVENTION: &str = "iamConfiguration.publicAccessPrevention";

/// One rule that denies permissions to principals below a scope.
#[derive(Debug)]
pub(super) struct Deny {
    /// Its place among all of them.
    pub(super) number: usize,
    pub(super) scope: String,
    /// Whether it is for everybody.
    all: bool,
    principals: HashSet<String>,
    exceptions: HashSet<String>,
    pub(super) denied: Permissions,
    /// It holds under a condition that is not evaluated: it takes nothing away but certainty.
    pub(super) conditional: bool,
}

impl Deny {
    /// Whether it is for that principal.
    pub(super) fn hits(&self, principal: &str) -> bool {
        (self.all || self.principals.contains(principal)) && !self.exceptions.contains(principal)
    }
}

/// All denials, by the scope they are set on.
pub(super) fn read(estate: &Estate<'_>) -> Vec<Deny> {
    let mut found = Vec::new();
    for kind in DENY_POLICIES {
        for policy in estate.known_of_type(kind) {
            found.extend(rules(estate, policy));
        }
    }
    for bucket in estate.known_of_type("storage.googleapis.com/bucket") {
        if walk::text(bucket.properties(), &[PREVENTION]) == Some("enforced") {
            found.push(prevention(bucket.id.key()));
        }
    }
    for policy in estate.known_of_type("orgpolicy.googleapis.com/policy") {
        let key = policy.id.key();
        let enforced = walk::values(policy.properties(), "spec.rules.*.enforce")
            .iter()
            .any(|(_, rule)| **rule == Value::Bool(true));
        if key.ends_with("/policies/storage.publicaccessprevention")
            && enforced
            && let Some(scope) = container_of(estate, policy)
        {
            found.push(prevention(scope));
        }
    }
    for (number, deny) in found.iter_mut().enumerate() {
        deny.number = number;
    }
    found
}

/// Nobody unknown reads or writes buckets there.
fn prevention(scope: String) -> Deny {
    Deny {
        number: 0,
        scope,
        all: false,
        principals: HashSet::from([EVERYONE.to_owned()]),
        exceptions: HashSet::new(),
        denied: Permissions::of(["storage.*"]),
        conditional: false,
    }
}

/// The container that a policy below it is for.
fn container_of(estate: &Estate<'_>, policy: &Resource) -> Option<String> {
    let name = policy.id.key();
    let short = name.strip_prefix("//")?.split_once('/')?.1.to_owned();
    let mut parts = short.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    estate.projects.container(&format!("{kind}/{id}"))
}

fn rules(estate: &Estate<'_>, policy: &Resource) -> Vec<Deny> {
    let Some(scope) = attached_to(estate, policy) else {
        return Vec::new();
    };
    let rules = walk::values(policy.properties(), "rules.*.denyRule");
    rules
        .into_iter()
        .map(|(_, rule)| {
            let who = |path: &str| -> HashSet<String> {
                let named = walk::list(rule, path).into_iter();
                named
                    .flat_map(|member| members::read(estate, member))
                    .map(|principal| principal.id)
                    .collect()
            };
            let denied = walk::list(rule, "deniedPrincipals");
            let permissions = |path: &str| -> Vec<String> {
                walk::list(rule, path).into_iter().map(in_short).collect()
            };
            Deny {
                number: 0,
                scope: scope.clone(),
                all: denied.iter().any(|member| members::is_anybody(member)),
                principals: who("deniedPrincipals"),
                exceptions: who("exceptionPrincipals"),
                denied: Permissions::without(
                    permissions("deniedPermissions").iter().map(String::as_str),
                    permissions("exceptionPermissions")
                        .iter()
                        .map(String::as_str),
                ),
                conditional: walk::text(rule, &["denialCondition.expression"]).is_some(),
            }
        })
        .collect()
}

/// What a deny policy is attached to: its parent, else the attachment point in its name
/// (`policies/cloudresourcemanager.googleapis.com%2Fprojects%2Fp/denypolicies/d`).
fn attached_to(estate: &Estate<'_>, policy: &Resource) -> Option<String> {
    let name = policy.id.key().replace("%2f", "/");
    let mark = "cloudresourcemanager.googleapis.com/";
    let by_name = name.rsplit_once(mark).map(|(_, rest)| rest);
    let by_name = by_name.and_then(|rest| rest.split("/denypolicies").next());
    let parent = policy.parent().map(|parent| parent.key());
    by_name
        .and_then(|name| estate.projects.container(name))
        .or_else(|| estate.projects.container(&parent?))
        .or_else(|| {
            let nearest = names::ancestors(policy).first().copied()?;
            estate.projects.container(&nearest.to_lowercase())
        })
}

/// `iam.googleapis.com/roles.create` as roles spell it: `iam.roles.create`.
fn in_short(permission: &str) -> String {
    let Some((service, rest)) = permission.split_once('/') else {
        return permission.to_owned();
    };
    let service = service.strip_suffix(".googleapis.com").unwrap_or(service);
    let service = match service {
        "cloudresourcemanager" => "resourcemanager",
        "sqladmin" => "cloudsql",
        "firestore" => "datastore",
        other => other,
    };
    format!("{service}.{rest}")
}

/// Numbers of denials by scope, and by every container above their scope.
#[derive(Debug, Default)]
pub(super) struct Index {
    at: HashMap<String, Vec<usize>>,
    below: HashMap<String, Vec<usize>>,
}

impl Index {
    pub(super) fn of(estate: &Estate<'_>, denials: &[Deny]) -> Self {
        let mut index = Self::default();
        for (number, deny) in denials.iter().enumerate() {
            let at = index.at.entry(deny.scope.clone()).or_default();
            at.push(number);
            for above in estate.tree.chain(&deny.scope).skip(1) {
                let below = index.below.entry(above.to_owned()).or_default();
                below.push(number);
            }
        }
        index
    }

    /// Those set on a node.
    pub(super) fn at(&self, node: &str) -> &[usize] {
        self.at.get(node).map_or(&[], Vec::as_slice)
    }

    /// Those set on something inside a node.
    pub(super) fn below(&self, node: &str) -> &[usize] {
        self.below.get(node).map_or(&[], Vec::as_slice)
    }
}
