//! Answers of Microsoft Graph about identities: who exists in Entra, who belongs to whom, who may do what.
//!
//! Source: learn.microsoft.com/graph/api/resources, v1.0; agent identities as of their general availability.

mod kinds;
mod relations;

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::answer::{CONTEXT, behind, first};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::ledger::{Asked, Tally};
use crate::made::{Made, is_guid, items, segment, text};
use crate::normalise::NotAResource;
use crate::stream::Place;

pub(crate) use kinds::recognises;
use kinds::{Kind, kind_of};

/// Members of a credential that are no secret.
const DESCRIBING: &[&str] = &[
    "keyId",
    "displayName",
    "startDateTime",
    "endDateTime",
    "type",
    "usage",
    "hint",
    "customKeyIdentifier",
];
/// Members of one group that an `$expand` may bring along. Graph itself stops at 20.
const EXPANDED: usize = 20_000;

/// Reads one row of Microsoft Graph.
pub(crate) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let own = text(&found.body, CONTEXT).map(str::to_owned);
    let mut origins: Vec<String> = own.into_iter().collect();
    origins.extend(context.origins());
    let kind = kind_of(&found.body);
    if let Some(relation) = relations::of(&origins) {
        return relations::read(context, &mut found, &relation, kind);
    }
    let (Some(kind), Some(object_id)) = (kind, text(&found.body, "id").and_then(segment)) else {
        return relations_without_owner(context, &found);
    };
    if kind.segment == "organization" {
        context.input.tenant = Some(object_id.clone());
    }
    let tenant = tenant(context, &origins, found.place, found.tally);
    let expanded = expanded(&mut found.body);
    let id = id_of(&tenant, kind, &object_id, &origins);
    let (parent, id) = id;
    let mut properties = std::mem::take(&mut found.body);
    clean(&mut properties);
    let name = text(&properties, "displayName")
        .or_else(|| text(&properties, "name"))
        .unwrap_or(&object_id)
        .to_owned();
    let mut envelope = Map::new();
    envelope.insert("kind".to_owned(), kind.name.into());
    envelope.insert("tenantId".to_owned(), Value::String(tenant.clone()));
    let made = Made {
        id,
        name,
        resource_type: kind.resource_type,
        parent,
        envelope,
        properties,
    };
    let resource = context.make(made, found.place);
    match holder_of_assignments(&tenant, kind, &origins) {
        Some(holder) => relations::send(context, resource, &holder, found.tally)?,
        None => context.send_made(resource, found.tally)?,
    }
    let mut cut = Tally::new(Asked::Unknown);
    for (name, others) in expanded {
        let relation = relations::Relation::new(kind, &object_id, name);
        relations::expanded(context, &tenant, &relation, others, found.place, &mut cut)?;
    }
    context.close(
        cut,
        Some("an expanded list may be cut short by the service"),
    );
    ControlFlow::Continue(())
}

/// The tenant and type that a list is of: `$metadata#users`, `…/groups/G/members`.
pub(crate) fn list_of(origins: &[String], context: &FileContext<'_>) -> Option<(String, String)> {
    let tenant = named_tenant(origins).or_else(|| context.input.tenant.clone())?;
    if let Some(relation) = relations::of(origins) {
        return relation.scope(&tenant);
    }
    let mut contexts = origins.iter().filter(|origin| kinds::is_graph(origin));
    let kind = contexts.find_map(|origin| kinds::by_context(origin))?;
    let whole = kind.part_of.is_none() && kind.segment != "appRoleAssignments";
    whole.then(|| (format!("/tenants/{tenant}"), kind.resource_type.to_owned()))
}

fn relations_without_owner(context: &mut FileContext<'_>, found: &Found<'_>) -> ControlFlow<()> {
    if text(&found.body, CONTEXT).is_some_and(|context| context.ends_with("#directoryObjects")) {
        let message =
            "a list of directory objects without the group, role or application it belongs to";
        context.report_once(codes::MEMBERS_WITHOUT_GROUP, found.place, message);
        return ControlFlow::Continue(());
    }
    context.leave_out(
        NotAResource::Other("a row of Microsoft Graph of a kind that is not read"),
        found.place,
    );
    ControlFlow::Continue(())
}

/// App role assignments are listed for one principal or one application; that is what a list of them covers.
fn holder_of_assignments(tenant: &str, kind: Kind, origins: &[String]) -> Option<String> {
    if kind.segment != "appRoleAssignments" {
        return None;
    }
    ["servicePrincipals", "users", "groups"]
        .into_iter()
        .find_map(|set| {
            let id = first(origins, |origin| behind(origin, set))?;
            Some(format!("/tenants/{tenant}/{set}/{id}"))
        })
}

/// The parent of a part, and the id.
fn id_of(
    tenant: &str,
    kind: Kind,
    object_id: &str,
    origins: &[String],
) -> (Option<String>, String) {
    let root = format!("/tenants/{tenant}");
    if let Some(holder) = kind.part_of
        && let Some(holder_id) = first(origins, |origin| behind(origin, holder))
    {
        let parent = format!("{root}/{holder}/{holder_id}");
        return (
            Some(parent.clone()),
            format!("{parent}/{}/{object_id}", kind.segment),
        );
    }
    if kind.segment == "organization" {
        return (None, root);
    }
    (None, format!("{root}/{}/{object_id}", kind.segment))
}

/// The tenant that a path names: by its id or by a domain, not by any other name of a folder.
fn named_tenant(origins: &[String]) -> Option<String> {
    let plausible = |name: &String| is_guid(name) || name.contains('.');
    let named = first(origins, |origin| {
        behind(origin, "tenants").filter(plausible)
    })?;
    segment(&named)
}

/// The tenant, `unknown` with one note an input where nothing tells it.
pub(crate) fn tenant(
    context: &mut FileContext<'_>,
    origins: &[String],
    place: Place,
    tally: &mut Tally,
) -> String {
    if let Some(tenant) = named_tenant(origins).or_else(|| context.input.tenant.clone()) {
        return tenant.to_lowercase();
    }
    tally.unsure();
    let message = "the answer of Microsoft Graph does not say which tenant it comes from";
    context.report_of(codes::TENANT_NOT_NAMED, "", place, message);
    "unknown".to_owned()
}

/// Takes the lists of other objects that `$expand` put into a row.
fn expanded(body: &mut Map<String, Value>) -> Vec<(&'static str, Vec<Value>)> {
    let mut found = Vec::new();
    for relation in [
        "members",
        "transitiveMembers",
        "memberOf",
        "owners",
        "sponsors",
    ] {
        let objects = items(body, relation).next().is_some_and(Value::is_object);
        if objects && let Some(Value::Array(mut others)) = body.shift_remove(relation) {
            others.truncate(EXPANDED);
            found.push((relation, others));
        }
    }
    found
}

/// Drops the marks of `OData` and everything secret: of credentials only what describes them stays.
fn clean(body: &mut Map<String, Value>) {
    body.retain(|key, _| {
        !key.starts_with("@odata.") && !key.contains("@odata.") && !key.contains("@microsoft.graph")
    });
    for list in ["passwordCredentials", "keyCredentials"] {
        let Some(Value::Array(credentials)) = body.get_mut(list) else {
            continue;
        };
        for credential in credentials.iter_mut().filter_map(Value::as_object_mut) {
            credential.retain(|key, _| DESCRIBING.contains(&key.as_str()));
        }
    }
    body.shift_remove("passwordProfile");
}
