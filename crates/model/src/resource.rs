//! One resource as every reader yields it and every judge sees it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ResourceId;

/// The cloud a resource lives in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub enum Cloud {
    /// Microsoft Azure, sovereign clouds included.
    #[default]
    Azure,
    /// Amazon Web Services.
    #[serde(rename = "AWS")]
    Aws,
    /// Google Cloud.
    #[serde(rename = "GCP")]
    Gcp,
}

impl Cloud {
    /// The name as it stands in tables: `Azure`, `AWS`, `GCP`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Azure => "Azure",
            Self::Aws => "AWS",
            Self::Gcp => "GCP",
        }
    }
}

/// Whether a resource was declared or observed. The two never merge.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Answered by a cloud: an export, a list or get response.
    #[default]
    Live,
    /// Declared in a template that may not be deployed yet.
    Template,
}

impl Origin {
    /// `live` or `template`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Template => "template",
        }
    }
}

/// A place in an input file. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct SourceLocation {
    /// The path as the user would write it: the input root joined with the path below it, `/` separated.
    pub file: String,
    /// Line, from 1. 0 where the format has no lines to point at.
    pub line: u32,
    /// Column, from 1. 0 where unknown.
    pub column: u32,
}

/// A value that cannot be known before deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// JSON Pointer (RFC 6901) from the resource root, `/properties/networkAcls/defaultAction`.
    /// The empty pointer means that even the existence of the resource is not known.
    /// Everything below the pointer is unknown too.
    pub pointer: String,
    /// The expression that could not be evaluated, as written: `[reference('x').y]`.
    pub expression: String,
}

/// Where one property was written, for evidence that points at a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// JSON Pointer from the resource root.
    pub pointer: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A resource in the shape Azure Resource Manager answers with; other clouds are mapped onto it.
///
/// `body` holds the whole ARM object (`id`, `name`, `type`, `location`, `kind`, `sku`, `identity`,
/// `tags`, `properties`, …) after redaction, with these guarantees: it is an object; `id`, `name` and
/// `type` are strings; `type` has the spelling it was read in. Values that are [`Unknown`] hold the text of
/// their expression.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Resource {
    /// The id; made up from the template's own scope where a template does not say where it will land.
    pub id: ResourceId,
    /// Full type in lower case: `microsoft.cognitiveservices/accounts/projects`.
    pub resource_type: String,
    /// The cloud it lives in.
    #[serde(default)]
    pub cloud: Cloud,
    /// Declared or observed.
    #[serde(default)]
    pub origin: Origin,
    /// Where it was read.
    pub source: SourceLocation,
    /// When its state was true, RFC 3339, where the input says so (`systemData.lastModifiedAt` does not count).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<String>,
    /// `apiVersion` of a template resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// What cannot be known yet, in order of pointer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknowns: Vec<Unknown>,
    /// Lines of properties, in order of pointer; empty for exports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Position>,
    /// The ARM object.
    pub body: Value,
}

impl Resource {
    /// A resource of any cloud as a reader found it; `body` needs `id`, `name` and `type` as texts.
    pub fn new(
        cloud: Cloud,
        origin: Origin,
        source: SourceLocation,
        body: Map<String, Value>,
    ) -> Self {
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        Self {
            id: ResourceId::new(text("id")),
            resource_type: text("type").to_lowercase(),
            cloud,
            origin,
            source,
            observed_at: None,
            api_version: None,
            unknowns: Vec::new(),
            positions: Vec::new(),
            body: Value::Object(body),
        }
    }

    /// The subscription, account or project it lies in.
    pub fn subscription(&self) -> Option<&str> {
        self.text("subscriptionId")
            .or_else(|| self.id.subscription_id())
    }

    /// The container it was collected under: `/subscriptions/S`, `aws:ACCOUNT`, `gcp:PROJECT`, `/tenants/T`, or an
    /// environment of Power Platform; `None` where the source does not say.
    pub fn scope(&self) -> Option<String> {
        let Some(subscription) = self.subscription() else {
            return self.id.container_outside_subscriptions();
        };
        Some(match self.cloud {
            Cloud::Azure => format!("/subscriptions/{subscription}"),
            Cloud::Aws => format!("aws:{subscription}"),
            Cloud::Gcp => format!("gcp:{subscription}"),
        })
    }

    /// The path of places that enclose it, for coverage: its id in Azure, `aws:ACCOUNT/REGION`, `gcp:PROJECT`;
    /// lower case. A declared resource lies in its file.
    pub fn place(&self) -> String {
        if self.origin == Origin::Template {
            return self.source.file.to_lowercase();
        }
        match (self.cloud, self.scope()) {
            (Cloud::Azure, _) | (_, None) => self.id.key(),
            (Cloud::Gcp, Some(scope)) => scope.to_lowercase(),
            (Cloud::Aws, Some(scope)) => {
                format!("{scope}/{}", self.text("location").unwrap_or_default()).to_lowercase()
            }
        }
    }

    /// The resource it is a part of.
    pub fn parent(&self) -> Option<ResourceId> {
        match self.text("parentId") {
            Some(parent) => Some(ResourceId::new(parent)),
            None => self.id.parent(),
        }
    }

    /// `name` of the ARM object, else the last segment of the id.
    pub fn name(&self) -> &str {
        self.body
            .get("name")
            .and_then(Value::as_str)
            .or_else(|| self.id.name())
            .unwrap_or_default()
    }

    /// A top-level text field of the ARM object, such as `location` or `kind`.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str)
    }

    /// The `properties` object, or null.
    pub fn properties(&self) -> &Value {
        self.body.get("properties").unwrap_or(&Value::Null)
    }

    /// The unknown that covers `pointer`: at it, above it, or the whole resource.
    pub fn unknown_at(&self, pointer: &str) -> Option<&Unknown> {
        self.unknowns.iter().find(|unknown| {
            pointer
                .strip_prefix(unknown.pointer.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Where `pointer` was written: its own line, else that of the nearest enclosing property, else the resource's.
    pub fn location_of(&self, pointer: &str) -> SourceLocation {
        let mut at = pointer;
        loop {
            if let Some(found) = self
                .positions
                .iter()
                .find(|position| position.pointer == at)
            {
                return SourceLocation {
                    file: self.source.file.clone(),
                    line: found.line,
                    column: found.column,
                };
            }
            match at.rfind('/') {
                Some(cut) => at = &at[..cut],
                None => return self.source.clone(),
            }
        }
    }
}
