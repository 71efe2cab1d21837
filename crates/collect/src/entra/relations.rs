//! Who belongs to whom: members of groups and directory roles, owners and sponsors.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};
use stance_base::redact;
use stance_model::Resource;

use super::kinds::{Kind, kind_of};
use super::tenant;
use crate::answer::segments;
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::Tally;
use crate::made::{Made, segment, text};
use crate::normalise::NotAResource;
use crate::stream::Place;

/// Sets whose objects have relations.
const HOLDERS: &[&str] = &[
    "groups",
    "users",
    "servicePrincipals",
    "applications",
    "directoryRoles",
    "devices",
];
/// The relations that are read.
const RELATIONS: &[&str] = &[
    "members",
    "transitiveMembers",
    "memberOf",
    "transitiveMemberOf",
    "owners",
    "sponsors",
];

/// A relation that a list is the answer of: `groups/ID/members`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relation {
    holder: &'static str,
    holder_id: String,
    name: &'static str,
}

impl Relation {
    pub(super) fn new(holder: Kind, holder_id: &str, name: &'static str) -> Self {
        Self {
            holder: holder.segment,
            holder_id: holder_id.to_owned(),
            name,
        }
    }

    /// What a whole list of it covers: the relations of its holder.
    pub(super) fn scope(&self, tenant: &str) -> Option<(String, String)> {
        let what = match self.name {
            "owners" => "microsoft.graph/owners",
            "members" | "transitiveMembers" | "memberOf" | "transitiveMemberOf" => {
                members_type(self.holder)
            }
            _ => return None,
        };
        Some((self.holder_path(tenant), what.to_owned()))
    }

    fn holder_path(&self, tenant: &str) -> String {
        format!("/tenants/{tenant}/{}/{}", self.holder, self.holder_id)
    }
}

/// The relation that an address, a context or the path of the file names.
pub(super) fn of(origins: &[String]) -> Option<Relation> {
    origins.iter().find_map(|origin| in_address(origin))
}

fn in_address(address: &str) -> Option<Relation> {
    let mut parts: Vec<&str> = Vec::new();
    for part in segments(address) {
        match part.split_once("('") {
            Some((set, key)) => parts.extend([set, key.trim_end_matches("')")]),
            None => parts.push(part),
        }
    }
    parts.windows(3).rev().find_map(|window| {
        let known = |list: &'static [&'static str], name: &str| {
            list.iter()
                .copied()
                .find(|known| known.eq_ignore_ascii_case(name))
        };
        Some(Relation {
            holder: known(HOLDERS, window[0])?,
            holder_id: segment(window[1])?,
            name: known(RELATIONS, window[2])?,
        })
    })
}

/// One row of such a list.
pub(super) fn read(
    context: &mut FileContext<'_>,
    found: &mut Found<'_>,
    relation: &Relation,
    kind: Option<Kind>,
) -> ControlFlow<()> {
    let Some(other) = text(&found.body, "id").and_then(segment) else {
        context.leave_out(
            NotAResource::Other("a member without a usable `id`"),
            found.place,
        );
        return ControlFlow::Continue(());
    };
    let tenant = tenant(context, &context.origins(), found.place, found.tally);
    let made = made(&tenant, relation, &other, kind, &found.body);
    let resource = context.make(made, found.place);
    send(
        context,
        resource,
        &relation.holder_path(&tenant),
        found.tally,
    )
}

/// The others that `$expand` put into the row of a holder.
pub(super) fn expanded(
    context: &mut FileContext<'_>,
    tenant: &str,
    relation: &Relation,
    others: Vec<Value>,
    place: Place,
    tally: &mut Tally,
) -> ControlFlow<()> {
    for other in others {
        let Some(row) = other.as_object() else {
            continue;
        };
        let Some(id) = text(row, "id").and_then(segment) else {
            continue;
        };
        let made = made(tenant, relation, &id, kind_of(row), row);
        let resource = context.make(made, place);
        send(context, resource, &relation.holder_path(tenant), tally)?;
    }
    ControlFlow::Continue(())
}

/// A list of `users/U/memberOf` is whole for the user, not for the groups: it counts for its holder.
pub(super) fn send(
    context: &mut FileContext<'_>,
    mut resource: Resource,
    holder: &str,
    tally: &mut Tally,
) -> ControlFlow<()> {
    context.run.redacted += redact::redact(&mut resource.body) as u64;
    tally.see_in(&resource, holder.to_lowercase());
    context.send(resource)
}

fn made(
    tenant: &str,
    relation: &Relation,
    other: &str,
    kind: Option<Kind>,
    row: &Map<String, Value>,
) -> Made {
    let root = format!("/tenants/{tenant}");
    let other_kind = kind.map_or("unknown", |kind| kind.name);
    let name = text(row, "displayName").unwrap_or(other).to_owned();
    let transitive = relation.name.starts_with("transitive");
    let mut envelope = Map::new();
    envelope.insert("tenantId".to_owned(), tenant.into());
    let holder = relation.holder_path(tenant);
    let (id, resource_type, parent, properties) = match relation.name {
        "owners" | "sponsors" => {
            let properties = json!({
                "resourceId": relation.holder_id,
                "resourceType": singular(relation.holder),
                "ownerId": other,
                "ownerType": other_kind,
                "ownerName": name,
                "relation": relation.name.trim_end_matches('s'),
            });
            let id = format!("{holder}/{}/{other}", relation.name);
            (id, "Microsoft.Graph/owners", holder, properties)
        }
        "memberOf" | "transitiveMemberOf" => {
            let groups = if other_kind == "directoryRole" {
                "directoryRoles"
            } else {
                "groups"
            };
            let group = format!("{root}/{groups}/{other}");
            let properties = membership(
                other,
                &relation.holder_id,
                singular(relation.holder),
                transitive,
            );
            let members = if transitive {
                "transitiveMembers"
            } else {
                "members"
            };
            let id = format!("{group}/{members}/{}", relation.holder_id);
            (id, members_type(groups), group, properties)
        }
        _ => {
            let mut properties = membership(&relation.holder_id, other, other_kind, transitive);
            if let Value::Object(properties) = &mut properties {
                properties.insert("memberName".to_owned(), Value::String(name.clone()));
            }
            let id = format!("{holder}/{}/{other}", relation.name);
            (id, members_type(relation.holder), holder, properties)
        }
    };
    let Value::Object(properties) = properties else {
        return Made::default();
    };
    Made {
        id,
        name,
        resource_type,
        parent: Some(parent),
        envelope,
        properties,
    }
}

fn membership(group: &str, member: &str, member_type: &str, transitive: bool) -> Value {
    json!({
        "groupId": group,
        "memberId": member,
        "memberType": member_type,
        "isTransitive": transitive,
    })
}

fn members_type(holder: &str) -> &'static str {
    match holder {
        "directoryRoles" => "Microsoft.Graph/directoryRoleMembers",
        _ => "Microsoft.Graph/groupMembers",
    }
}

/// `groups` -> `group`, `agentIdentities` -> `agentIdentity`.
fn singular(set: &str) -> &str {
    match set {
        "agentIdentities" => "agentIdentity",
        _ => set.strip_suffix('s').unwrap_or(set),
    }
}
