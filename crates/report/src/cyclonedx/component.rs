//! Components: models, data, agents, libraries, identities.

use serde::Serialize;
use serde_json::Value;
use stance_model::BomComponent;

use super::data::{self, Data};
use super::document::{Organisation, Property, text};
use super::model_card::{self, ModelCard, Pedigree};

/// A component of CycloneDX.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component {
    #[serde(rename = "type")]
    of_type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Organisation>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pedigree: Option<Pedigree>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_card: Option<ModelCard>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data: Vec<Data>,
    properties: Vec<Property>,
}

/// A component, with the kinds of its dependencies.
pub(super) fn component(component: &BomComponent, needs: Vec<Property>) -> Component {
    let component_type = component_type(&component.component_type);
    let is_model = component_type == "machine-learning-model";
    let mut properties = properties(component);
    properties.extend(needs);
    Component {
        of_type: component_type,
        bom_ref: component.bom_ref.clone(),
        supplier: Organisation::named(&component.supplier),
        name: name(component),
        version: text(&component.version),
        description: property(component, "description"),
        purl: property(component, "purl"),
        pedigree: is_model.then(|| model_card::pedigree(component)).flatten(),
        model_card: is_model.then(|| model_card::model_card(component)),
        data: match component_type {
            "data" => vec![data::data(component)],
            _ => Vec::new(),
        },
        properties,
    }
}

/// The type in CycloneDX's words. It has none for identities; a principal stands for a program, so `application` it is,
/// and `stance:type` keeps the truth.
fn component_type(component_type: &str) -> &'static str {
    match component_type {
        "machine-learning-model" => "machine-learning-model",
        "data" => "data",
        "library" => "library",
        _ => "application",
    }
}

/// CycloneDX wants a name; what has none is called by its reference.
pub(super) fn name(component: &BomComponent) -> String {
    if component.name.is_empty() {
        component.bom_ref.clone()
    } else {
        component.name.clone()
    }
}

/// A property as text.
pub(super) fn property(component: &BomComponent, name: &str) -> Option<String> {
    let value = component.properties.get(name)?.as_str()?;
    text(value)
}

/// What CycloneDX has no place for: one property each; identities and grants one property each entry, as JSON.
pub(super) fn properties(component: &BomComponent) -> Vec<Property> {
    let texts = [
        ("stance:type", &component.component_type),
        ("stance:kind", &component.kind),
        ("stance:resourceId", &component.resource_id),
        ("stance:parentResourceId", &component.parent_resource_id),
        ("stance:cloud", &component.cloud),
        ("stance:location", &component.location),
        ("stance:subscriptionId", &component.subscription_id),
        ("stance:resourceGroup", &component.resource_group),
    ];
    let told = texts.into_iter().filter(|(_, value)| !value.is_empty());
    let mut properties: Vec<Property> = told
        .map(|(name, value)| Property::new(name, value))
        .collect();
    let each = |name: &'static str, values: &[Value]| -> Vec<Property> {
        let values = values.iter();
        values
            .map(|value| Property::new(name, value.to_string()))
            .collect()
    };
    properties.extend(each("stance:identity", &component.identity));
    properties.extend(each("stance:authority", &component.authority));
    properties.extend(component.properties.iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Property::new(format!("stance:property:{name}"), value)
    }));
    properties
}
