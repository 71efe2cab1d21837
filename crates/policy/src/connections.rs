//! Private endpoint connections of a template's resources.
//!
//! A live resource answers with `properties.privateEndpointConnections`; a template declares the endpoints
//! instead, and Azure fills the property in. So that a rule sees the same before deployment as after, the
//! connections that a template's endpoints will make are put where Azure would put them: approved where the
//! endpoint connects on its own right, pending where it asks for approval.

use std::sync::Arc;

use serde_json::{Value, json};
use stance_model::{Origin, Resource, ResourceId, Unknown};

use crate::component::{Component, put};
use crate::related::{RelatedRequest, RelatedResources, RelatedScope};

/// The type that must be at hand for declared resources; live ones answer with their connections.
pub const PRIVATE_ENDPOINTS: &str = "microsoft.network/privateendpoints";
/// Where Azure puts the connections.
const CONNECTIONS: &str = "/properties/privateEndpointConnections";
/// The lists of an endpoint, and the state its connections come up in.
const LISTS: [(&str, &str); 2] = [
    ("privateLinkServiceConnections", "Approved"),
    ("manualPrivateLinkServiceConnections", "Pending"),
];

/// The resource with its connections filled in; `None` where nothing is to be added.
pub(crate) fn fill_in(resource: &Resource, related: &dyn RelatedResources) -> Option<Component> {
    let written =
        resource.body.pointer(CONNECTIONS).is_some() || resource.unknown_at(CONNECTIONS).is_some();
    if resource.origin != Origin::Template || written {
        return None;
    }
    let subscription = resource.id.subscription_id()?;
    let answer = related.find(&RelatedRequest {
        resource,
        resource_type: PRIVATE_ENDPOINTS,
        scope: RelatedScope::Subscription(ResourceId::new(format!(
            "/subscriptions/{subscription}"
        ))),
    });
    let mut found = Found::default();
    for endpoint in &answer.candidates {
        found.add(resource, endpoint);
    }
    if found.connections.is_empty() && found.doubt.is_none() {
        return None;
    }
    let mut out = resource.clone();
    put(
        &mut out.body,
        &["properties", "privateEndpointConnections"],
        Value::Array(found.connections),
    );
    // One that surely comes decides most rules; doubt about others matters only without it.
    if found.borrowed.is_empty()
        && let Some(expression) = found.doubt
    {
        out.unknowns.push(Unknown {
            pointer: CONNECTIONS.to_owned(),
            expression,
        });
        out.unknowns.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    }
    Some(Component {
        resource: out,
        borrowed: found.borrowed,
    })
}

#[derive(Default)]
struct Found {
    connections: Vec<Value>,
    borrowed: Vec<(String, Arc<Resource>, String)>,
    /// The expression that keeps a connection from being sure.
    doubt: Option<String>,
}

impl Found {
    fn add(&mut self, resource: &Resource, endpoint: &Arc<Resource>) {
        for (list, status) in LISTS {
            let pointer = format!("/properties/{list}");
            if let Some(unknown) = endpoint.unknown_at(&pointer) {
                self.doubt.get_or_insert_with(|| unknown.expression.clone());
                continue;
            }
            let items = endpoint.body.pointer(&pointer).and_then(Value::as_array);
            for (index, item) in items.into_iter().flatten().enumerate() {
                let at = format!("{pointer}/{index}");
                let target = format!("{at}/properties/privateLinkServiceId");
                if let Some(unknown) = endpoint.unknown_at(&target) {
                    self.doubt.get_or_insert_with(|| unknown.expression.clone());
                    continue;
                }
                let id = item
                    .pointer("/properties/privateLinkServiceId")
                    .and_then(Value::as_str);
                if id.is_some_and(|id| ResourceId::new(id) == resource.id) {
                    self.connect(resource, endpoint, item, status, at);
                }
            }
        }
    }

    fn connect(
        &mut self,
        resource: &Resource,
        endpoint: &Arc<Resource>,
        item: &Value,
        status: &str,
        at: String,
    ) {
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        let place = format!("{CONNECTIONS}/{}", self.connections.len());
        self.connections.push(json!({
            "id": format!("{}/privateEndpointConnections/{name}", resource.id),
            "name": name,
            "properties": {
                "privateEndpoint": {"id": endpoint.id.as_str()},
                "privateLinkServiceConnectionState": {"status": status},
            }
        }));
        self.borrowed.push((place, Arc::clone(endpoint), at));
    }
}
