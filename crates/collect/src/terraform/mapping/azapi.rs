//! `azapi_resource`: a resource of Azure Resource Manager as it is.
//!
//! Source: registry.terraform.io/providers/Azure/azapi/latest/docs/resources/resource.

use serde_json::{Map, Value as Json};
use stance_model::Cloud;

use super::apply::{Declared, Mapped};
use super::body::{Body, Source};
use super::frame::{Frame, copy, finished};
use super::identity::Filler;

/// Types of the provider that are read.
pub(super) const TYPES: &[&str] = &["azapi_resource", "azapi_update_resource"];

/// `Microsoft.X/y` of `Microsoft.X/y@2024-01-01`, and the version.
fn type_of(values: &Map<String, Json>) -> Option<(&str, Option<&str>)> {
    let text = values.get("type")?.as_str()?;
    match text.split_once('@') {
        Some((native, version)) => Some((native, Some(version))),
        None => Some((text, None)),
    }
}

/// The id it has or will have: its parent's and its own.
pub(super) fn id(filler: &Filler<'_>) -> Option<String> {
    let known = |name: &str| filler.known(name).filter(|id| id.starts_with('/'));
    if let Some(id) = known("id").or_else(|| known("resource_id")) {
        return Some(id);
    }
    let (native, _) = type_of(filler.values)?;
    let name = filler
        .attribute("name")
        .unwrap_or_else(|| format!("{{{}.name}}", filler.address))
        .replace('/', "|");
    let own = native.rsplit('/').next()?;
    let (above, _) = native.rsplit_once('/')?;
    if !above.contains('/') {
        let parent = known("parent_id").or_else(|| filler.fill("{group}", true))?;
        return Some(format!("{parent}/providers/{native}/{name}"));
    }
    let parent = known("parent_id").unwrap_or_else(|| {
        let expression = filler.attribute("parent_id");
        filler.placeholder(above, expression.as_deref().unwrap_or("{parent}"))
    });
    Some(format!("{parent}/{own}/{name}"))
}

pub(super) fn map(declared: &Declared, filler: &Filler<'_>) -> Mapped {
    let (Some((native, version)), Some(id)) = (type_of(&declared.values), id(filler)) else {
        return Mapped::Not;
    };
    let source = Source::new(&declared.values, &declared.gaps, &declared.positions);
    let mut body = own_body(declared, &source);
    if declared.kind == "azapi_update_resource" {
        return Mapped::Part {
            target: id,
            part: body,
            file: declared.file.clone(),
            place: declared.place,
            doubt: declared.doubt.clone(),
        };
    }
    identity(declared, &source, &mut body);
    let name = filler
        .attribute("name")
        .unwrap_or_else(|| id.rsplit('/').next().unwrap_or_default().to_owned());
    let frame = Frame {
        id,
        name,
        native: native.to_owned(),
        cloud: Cloud::Azure,
        parent: None,
    };
    let mut resource = finished(declared, &source, filler, body, frame);
    resource.api_version = version.map(str::to_owned);
    Mapped::Resource(Box::new(resource))
}

/// `body`: an object, or the text of one in older versions of the provider.
fn own_body(declared: &Declared, source: &Source<'_>) -> Body {
    let mut body = Body::default();
    let Some(value) = declared.values.get("body") else {
        return body;
    };
    if let Some(expression) = source.gap("/body") {
        body.unknown("/properties", expression);
        body.position("/properties", source.place("/body"));
        return body;
    }
    let parsed;
    let members = match value {
        Json::Object(members) => members,
        Json::String(text) => match serde_json::from_str::<Json>(text) {
            Ok(Json::Object(members)) => {
                parsed = members;
                &parsed
            }
            _ => return body,
        },
        _ => return body,
    };
    for (key, value) in members {
        let pointer = format!("/{}", crate::json::escape_pointer(key));
        copy(source, &mut body, &format!("/body{pointer}"), &pointer);
        body.put(&[(key, None)], value.clone());
    }
    body
}

/// `identity { type identity_ids }`, as in azurerm.
fn identity(declared: &Declared, source: &Source<'_>, body: &mut Body) {
    let block = match declared.values.get("identity") {
        Some(Json::Array(items)) => items.first(),
        other => other,
    };
    if let Some(expression) = source.gap("/identity") {
        body.put(
            &[("identity", None)],
            Json::String(format!("{{{expression}}}")),
        );
        body.unknown("/identity", expression);
        return;
    }
    let Some(Json::Object(members)) = block else {
        return;
    };
    for prefix in ["/identity/0", "/identity"] {
        if let Some(expression) = source.gap(&format!("{prefix}/type")) {
            body.unknown("/identity/type", expression);
        }
    }
    if let Some(Json::String(kind)) = members.get("type") {
        let kind = Json::String(kind.replace(' ', ""));
        body.put(&[("identity", None), ("type", None)], kind);
        body.position("/identity/type", source.place("/identity/0/type"));
    }
    for id in members
        .get("identity_ids")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(id) = id.as_str() {
            let empty = Json::Object(Map::new());
            body.put(
                &[
                    ("identity", None),
                    ("userAssignedIdentities", None),
                    (id, None),
                ],
                empty,
            );
        }
    }
}
