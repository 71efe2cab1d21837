//! CycloneDX as JSON, versions 1.2 to 1.7.
//!
//! Shape: cyclonedx.org/docs/latest/json.

use serde_json::{Map, Value};

use super::purl::Purl;
use super::{Bill, Component};
use crate::facts::image::{Image, is_digest};
use crate::facts::{Subject, resource_id};

pub(super) fn recognises(body: &Map<String, Value>) -> bool {
    body.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX")
}

pub(super) fn bill(body: &Map<String, Value>) -> Bill {
    let metadata = body.get("metadata").unwrap_or(&Value::Null);
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let subject = metadata.get("component").unwrap_or(&Value::Null);
    let mut bill = Bill {
        format: "CycloneDX",
        spec_version: body
            .get("specVersion")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        subject: subject_of(metadata, subject),
        subject_purl: text(subject, "purl"),
        subject_version: text(subject, "version"),
        made_at: text(metadata, "timestamp"),
        tool: tool(metadata),
        ..Bill::default()
    };
    let mut waiting: Vec<&Value> = Vec::new();
    push_components(body.get("components"), &mut waiting);
    push_components(subject.get("components"), &mut waiting);
    while let Some(component) = waiting.pop() {
        push_components(component.get("components"), &mut waiting);
        let Some(name) = text(component, "name") else {
            continue;
        };
        if component.get("type").and_then(Value::as_str) == Some("machine-learning-model") {
            bill.models.push(name.clone());
        }
        let group = component
            .get("group")
            .and_then(Value::as_str)
            .filter(|group| !group.is_empty());
        let name = group.map_or(name.clone(), |group| format!("{group}/{name}"));
        let (version, purl) = (text(component, "version"), text(component, "purl"));
        bill.components
            .push(Component::new(&name, version.as_deref(), purl.as_deref()));
    }
    bill
}

/// In reverse, for they are taken from the end.
fn push_components<'b>(found: Option<&'b Value>, waiting: &mut Vec<&'b Value>) {
    waiting.extend(found.and_then(Value::as_array).into_iter().flatten().rev());
}

/// A property of the subject or of the bill.
fn property<'b>(metadata: &'b Value, subject: &'b Value, name: &str) -> Option<&'b str> {
    [subject, metadata]
        .into_iter()
        .filter_map(|holder| holder.get("properties").and_then(Value::as_array))
        .flatten()
        .find(|property| property.get("name").and_then(Value::as_str) == Some(name))
        .and_then(|property| property.get("value").and_then(Value::as_str))
}

/// What the bill is of: a resource where it says so, else an image.
fn subject_of(metadata: &Value, subject: &Value) -> Subject {
    let text = |key: &str| subject.get(key).and_then(Value::as_str);
    let named = [
        property(metadata, subject, "stance:resourceId"),
        text("bom-ref"),
        text("name"),
    ];
    let container = text("type") == Some("container");
    let from_purl = text("purl")
        .and_then(Purl::parse)
        .as_ref()
        .and_then(image_of);
    let digest = property(metadata, subject, "aquasecurity:trivy:RepoDigest")
        .and_then(|spelt| spelt.split_once('@'))
        .map(|(_, digest)| digest)
        .or_else(|| text("version").filter(|version| is_digest(version)));
    let from_name = text("name").filter(|_| container).and_then(Image::parse);
    let from_name = from_name.map(|image| {
        let tag = text("version")
            .filter(|version| image.tag.is_none() && !is_digest(version) && !version.is_empty());
        match tag {
            Some(tag) => Image::parse(&format!("{}:{tag}", image.reference)).unwrap_or(image),
            None => image,
        }
    });
    Subject {
        resource_id: named.into_iter().flatten().find_map(resource_id),
        // A name with its registry says more than a package URL, which may leave it out.
        image: match (from_name, from_purl) {
            (Some(name), Some(purl)) => Some(name.with_digest(digest.or(purl.digest.as_deref()))),
            (Some(name), None) => Some(name.with_digest(digest)),
            (None, found) => found,
        },
        name: text("name").map(str::to_owned),
        ..Subject::default()
    }
}

/// `pkg:oci/agent@sha256:…?repository_url=…&tag=…` and `pkg:docker/owner/agent@1`.
pub(super) fn image_of(purl: &Purl) -> Option<Image> {
    if !matches!(purl.kind.as_str(), "oci" | "docker") {
        return None;
    }
    let named = purl.qualifier("repository_url").unwrap_or(&purl.name);
    let version = purl.version.as_deref();
    let tag = purl
        .qualifier("tag")
        .or(version.filter(|version| !is_digest(version)));
    let reference = tag.map_or_else(|| named.to_owned(), |tag| format!("{named}:{tag}"));
    Some(Image::parse(&reference)?.with_digest(version))
}

/// The tool that made it: an array up to 1.4, an object with components since.
fn tool(metadata: &Value) -> Option<String> {
    let tools = metadata.get("tools")?;
    let first = match tools {
        Value::Array(tools) => tools.first(),
        _ => tools.get("components")?.as_array()?.first(),
    }?;
    let name = first.get("name")?.as_str()?;
    let version = first.get("version").and_then(Value::as_str);
    Some(version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")))
}
