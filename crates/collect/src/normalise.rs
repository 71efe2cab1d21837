//! A JSON object as some cloud spelt it to a [`Resource`], or the reason why it is none.

use serde_json::{Map, Value};
use stance_model::{Cloud, Origin, Resource, ResourceId, SourceLocation, Unknown};

use crate::spellings;
use crate::stream::Place;

/// Longest id that is taken for one. Azure's own bound is 1,600 or so; extensions of extensions stay below this.
const ID_BYTES: usize = 4096;

/// Why an object is no resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotAResource {
    /// No usable `id`.
    NoId,
    /// It has an id, but is something else, named here.
    Other(&'static str),
}

impl NotAResource {
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::NoId => "a row without a resource `id`",
            Self::Other(what) => what,
        }
    }
}

/// What is odd about a resource that was read all the same.
#[derive(Debug, Default)]
pub(crate) struct Oddities {
    pub(crate) type_mismatch: Option<String>,
    pub(crate) own_parent: Option<String>,
    /// Printed by a tool that lifts `properties` to the top.
    pub(crate) flattened: bool,
}

/// Last segments of types that name the result of an action, not a thing that exists.
const ACTION_RESULTS: &[&str] = &[
    "asyncoperations",
    "azureasyncoperations",
    "operationresults",
    "operationsstatus",
    "operationstatus",
    "operationstatuses",
];

/// Turns an object into a resource. The body is not redacted yet.
pub(crate) fn resource(
    mut body: Map<String, Value>,
    file: &str,
    place: Place,
) -> Result<(Resource, Oddities), NotAResource> {
    spellings::powershell_names(&mut body);
    let id = resource_id(&body).ok_or(NotAResource::NoId)?;
    let spelt = text(&body, "type")
        .map(well_formed_type)
        .unwrap_or_default();
    let from_id = type_of(&id);
    let resource_type = match (&spelt, &from_id) {
        (Some(spelt), _) => spelt.clone(),
        (None, Some(from_id)) => from_id.clone(),
        (None, None) if body.get("properties").is_some_and(Value::is_object) => plain_type(&body)
            .ok_or(
            NotAResource::Other("an object whose `id` names no resource type"),
        )?,
        (None, None) => return Err(NotAResource::Other(what_else(&body))),
    };
    if resource_type.ends_with("/accesstoken") {
        return Err(NotAResource::Other("an access token"));
    }
    if is_action_result(&resource_type) || from_id.as_deref().is_some_and(is_action_result) {
        return Err(NotAResource::Other("the result of an operation"));
    }
    spellings::lift(&resource_type, &mut body);
    let mut oddities = Oddities {
        type_mismatch: mismatch(&id, spelt.as_deref(), from_id.as_deref()),
        own_parent: own_parent(&id, &body),
        flattened: false,
    };
    let unknowns = missing_properties(&body, &mut oddities);
    complete(&mut body, &id, &resource_type);
    let resource = Resource {
        id,
        resource_type: canonical_type(resource_type),
        cloud: Cloud::Azure,
        origin: Origin::Live,
        source: SourceLocation {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
        },
        observed_at: None,
        api_version: text(&body, "apiVersion").map(str::to_owned),
        unknowns,
        positions: Vec::new(),
        body: Value::Object(body),
    };
    Ok((resource, oddities))
}

/// The `id` member as a resource id: trimmed, with the leading slash that some examples forget.
fn resource_id(body: &Map<String, Value>) -> Option<ResourceId> {
    let id = text(body, "id")?.trim();
    if id.len() > ID_BYTES || id.len() < 2 {
        return None;
    }
    if id.starts_with('/') {
        return Some(ResourceId::new(id));
    }
    let start = id.get(.."subscriptions/".len())?;
    start
        .eq_ignore_ascii_case("subscriptions/")
        .then(|| ResourceId::new(format!("/{id}")))
}

fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str)
}

/// `Namespace.Provider/type[/type…]` in lower case, else `None`.
fn well_formed_type(spelt: &str) -> Option<String> {
    let spelt = spelt.trim();
    let spelt = spelt.strip_prefix("/providers/").unwrap_or(spelt);
    let (namespace, rest) = spelt.split_once('/')?;
    let plausible = namespace.contains('.')
        && !rest.is_empty()
        && spelt.len() <= ID_BYTES
        && !spelt.contains(char::is_whitespace);
    plausible.then(|| spelt.to_lowercase())
}

/// A type without a provider, which some answers about resources carry.
fn plain_type(body: &Map<String, Value>) -> Option<String> {
    let spelt = text(body, "type")?.trim();
    let plausible = !spelt.is_empty() && spelt.len() <= 256 && !spelt.contains(char::is_whitespace);
    plausible.then(|| spelt.to_lowercase())
}

/// The type that an id tells, containers included.
fn type_of(id: &ResourceId) -> Option<String> {
    if let Some(found) = id.resource_type() {
        return well_formed_type(&found);
    }
    if id.provider_parts().is_some() {
        return None;
    }
    let segments: Vec<&str> = id.as_str().split('/').skip(1).collect();
    match segments.as_slice() {
        [s, _] if s.eq_ignore_ascii_case("subscriptions") => {
            Some("microsoft.resources/subscriptions".to_owned())
        }
        [s, _, g, _]
            if s.eq_ignore_ascii_case("subscriptions")
                && g.eq_ignore_ascii_case("resourceGroups") =>
        {
            Some("microsoft.resources/subscriptions/resourcegroups".to_owned())
        }
        _ => None,
    }
}

/// ARM answers with two spellings for a resource group; Resource Graph and Azure Policy with the longer.
fn canonical_type(resource_type: String) -> String {
    match resource_type.as_str() {
        "microsoft.resources/resourcegroups" => {
            "microsoft.resources/subscriptions/resourcegroups".to_owned()
        }
        _ => resource_type,
    }
}

fn is_action_result(resource_type: &str) -> bool {
    resource_type
        .rsplit('/')
        .next()
        .is_some_and(|last| ACTION_RESULTS.contains(&last))
}

/// An object that has an id but no type: what it may be.
fn what_else(body: &Map<String, Value>) -> &'static str {
    if body.contains_key("namespace") && body.contains_key("resourceTypes") {
        return "a resource provider's description";
    }
    match text(body, "type") {
        Some(kind) if kind.eq_ignore_ascii_case("Region") => "a list of regions",
        Some(kind) if kind.eq_ignore_ascii_case("EdgeZone") => "a list of regions",
        _ => "an object whose `id` and `type` name no resource type",
    }
}

/// Azure itself answers with types that differ from the id within one provider, so only another
/// provider is worth a word.
fn mismatch(id: &ResourceId, spelt: Option<&str>, from_id: Option<&str>) -> Option<String> {
    let namespace = |text: &str| text.split('/').next().map(str::to_lowercase);
    let (spelt, from_id) = (spelt?, from_id?);
    if namespace(spelt) == namespace(from_id) || !from_id.contains('.') {
        return None;
    }
    // Containers carry no provider in their id.
    id.provider_parts()?;
    Some(format!(
        "the type is `{spelt}`, but the id `{id}` names `{from_id}`"
    ))
}

/// A reference of the resource to itself where its parent should stand.
fn own_parent(id: &ResourceId, body: &Map<String, Value>) -> Option<String> {
    let properties = body.get("properties").unwrap_or(&Value::Null);
    let parents = [
        ("managedBy", body.get("managedBy")),
        ("properties.hubResourceId", properties.get("hubResourceId")),
        ("properties.parent.id", properties.pointer("/parent/id")),
        (
            "properties.details.parent.id",
            properties.pointer("/details/parent/id"),
        ),
        ("properties.parentId", properties.get("parentId")),
    ];
    let own = |value: &Value| {
        value.as_str().is_some_and(|parent| {
            parent
                .trim_end_matches('/')
                .eq_ignore_ascii_case(id.as_str())
        })
    };
    let (field, _) = parents.iter().find(|(_, value)| value.is_some_and(own))?;
    let doubled = format!("`{field}` of `{id}` names the resource itself");
    Some(doubled)
}

/// A live resource without `properties` was cut down by a query or a tool: everything below is unknown,
/// and no check may take it for absent.
fn missing_properties(body: &Map<String, Value>, oddities: &mut Oddities) -> Vec<Unknown> {
    if body
        .get("properties")
        .is_some_and(|properties| !properties.is_null())
    {
        return Vec::new();
    }
    let lifted = body
        .keys()
        .filter(|key| !spellings::ENVELOPE.contains(&key.as_str()))
        .count();
    oddities.flattened = lifted >= 3 && body.contains_key("resourceGroup");
    vec![Unknown {
        pointer: "/properties".to_owned(),
        expression: "properties are not in the input".to_owned(),
    }]
}

/// Makes `id`, `name` and `type` texts.
fn complete(body: &mut Map<String, Value>, id: &ResourceId, resource_type: &str) {
    body.insert("id".to_owned(), Value::String(id.as_str().to_owned()));
    if text(body, "name").is_none() {
        let name = id.name().unwrap_or_default().to_owned();
        body.insert("name".to_owned(), Value::String(name));
    }
    if text(body, "type").and_then(well_formed_type).is_none() {
        let spelt = id
            .resource_type()
            .unwrap_or_else(|| resource_type.to_owned());
        body.insert("type".to_owned(), Value::String(spelt));
    }
}
