//! The outer parts of a file.

use serde::Serialize;

use super::component::Component;
use super::service::Service;

/// A whole file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    pub(super) schema: &'static str,
    pub(super) bom_format: &'static str,
    pub(super) spec_version: &'static str,
    pub(super) serial_number: String,
    pub(super) version: u32,
    pub(super) metadata: Metadata,
    pub(super) components: Vec<Component>,
    pub(super) services: Vec<Service>,
    pub(super) dependencies: Vec<Dependency>,
}

/// When a file was made, with what, and what it is about.
#[derive(Debug, Serialize)]
pub(super) struct Metadata {
    timestamp: String,
    tools: Tools,
    component: Named,
}

#[derive(Debug, Serialize)]
struct Tools {
    components: Vec<Named>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(rename = "type")]
    component_type: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl Metadata {
    pub(super) fn new(timestamp: String, tool_version: &str, bom_ref: &str, name: &str) -> Self {
        Self {
            timestamp,
            tools: Tools {
                components: vec![Named {
                    component_type: "application",
                    bom_ref: None,
                    name: "stance".to_owned(),
                    version: Some(tool_version.to_owned()),
                }],
            },
            component: Named {
                component_type: "application",
                bom_ref: Some(bom_ref.to_owned()),
                name: name.to_owned(),
                version: None,
            },
        }
    }
}

/// What one part needs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) bom_ref: String,
    pub(super) depends_on: Vec<String>,
}

/// A name and a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Property {
    name: String,
    value: String,
}

impl Property {
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// An organisation.
#[derive(Debug, Serialize)]
pub(super) struct Organisation {
    name: String,
}

impl Organisation {
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_owned();
        (!name.is_empty()).then_some(Self { name })
    }
}

/// A text, or nothing where it is empty.
pub(super) fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}
