//! Services: accounts, projects, endpoints, tools and MCP servers.

use serde::Serialize;
use stance_model::BomComponent;

use super::component::{name, properties, property};
use super::data::is_web_address;
use super::document::{Organisation, Property, text};

/// A service of CycloneDX.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<Organisation>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    endpoints: Vec<String>,
    properties: Vec<Property>,
}

/// A service, with the kinds of its dependencies.
pub(super) fn service(component: &BomComponent, needs: Vec<Property>) -> Service {
    let mut properties = properties(component);
    properties.extend(needs);
    let endpoint = property(component, "endpoint").filter(|address| is_web_address(address));
    Service {
        bom_ref: component.bom_ref.clone(),
        provider: Organisation::named(&component.supplier),
        name: name(component),
        version: text(&component.version),
        description: property(component, "description"),
        endpoints: endpoint.into_iter().collect(),
        properties,
    }
}
