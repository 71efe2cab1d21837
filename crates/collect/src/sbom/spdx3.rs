//! SPDX 3.0 as JSON-LD, as far as packages go: elements of `@graph` in the compact form that tools write.
//!
//! Shape: spdx.github.io/spdx-spec/v3.0.1.

use serde_json::{Map, Value};

use super::cyclonedx::image_of;
use super::purl::Purl;
use super::{Bill, Component};
use crate::facts::image::Image;
use crate::facts::{Subject, resource_id};

pub(super) fn recognises(body: &Map<String, Value>) -> bool {
    let context = body.get("@context");
    let spdx = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.contains("spdx.org/rdf/3"))
    };
    let known = match context {
        Some(Value::Array(items)) => items.iter().any(spdx),
        Some(value) => spdx(value),
        None => false,
    };
    known && body.get("@graph").is_some_and(Value::is_array)
}

pub(super) fn bill(body: &Map<String, Value>) -> Bill {
    let elements = body
        .get("@graph")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let root = root(elements);
    let main = elements
        .iter()
        .find(|element| is_package(element) && root.is_some() && id_of(element) == root);
    let creation = elements
        .iter()
        .find(|element| kind_of(element) == "CreationInfo");
    let mut bill = Bill {
        format: "SPDX",
        spec_version: creation
            .and_then(|creation| member(creation, "specVersion"))
            .unwrap_or("3.0")
            .to_owned(),
        subject: subject_of(main),
        subject_purl: main.and_then(purl_of).map(str::to_owned),
        subject_version: main
            .and_then(|main| member(main, "software_packageVersion"))
            .map(str::to_owned),
        made_at: creation
            .and_then(|creation| member(creation, "created"))
            .map(str::to_owned),
        ..Bill::default()
    };
    for element in elements.iter().filter(|element| is_package(element)) {
        if main.is_some_and(|main| std::ptr::eq(main, element)) {
            continue;
        }
        let Some(name) = member(element, "name") else {
            continue;
        };
        if kind_of(element) == "ai_AIPackage" {
            bill.models.push(name.to_owned());
        }
        let version = member(element, "software_packageVersion");
        bill.components
            .push(Component::new(name, version, purl_of(element)));
    }
    bill
}

fn member<'b>(value: &'b Value, key: &str) -> Option<&'b str> {
    value.get(key).and_then(Value::as_str)
}

fn kind_of(element: &Value) -> &str {
    member(element, "type")
        .or_else(|| member(element, "@type"))
        .unwrap_or_default()
}

fn id_of(element: &Value) -> Option<&str> {
    member(element, "spdxId").or_else(|| member(element, "@id"))
}

fn is_package(element: &Value) -> bool {
    matches!(
        kind_of(element),
        "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage"
    )
}

/// What the document or its bill is rooted in.
fn root(elements: &[Value]) -> Option<&str> {
    let of = |kind: &str| {
        let found = elements.iter().find(|element| kind_of(element) == kind)?;
        found.get("rootElement")?.as_array()?.first()?.as_str()
    };
    of("software_Sbom").or_else(|| of("SpdxDocument"))
}

fn purl_of(element: &Value) -> Option<&str> {
    let identified = || {
        let identifiers = element.get("externalIdentifier")?.as_array()?;
        let purl = identifiers.iter().find(|identifier| {
            member(identifier, "externalIdentifierType") == Some("packageUrl")
        })?;
        member(purl, "identifier")
    };
    member(element, "software_packageUrl").or_else(identified)
}

fn subject_of(main: Option<&Value>) -> Subject {
    let Some(main) = main else {
        return Subject::default();
    };
    let name = member(main, "name");
    let container = member(main, "software_primaryPurpose") == Some("container");
    let comment =
        member(main, "comment").and_then(|comment| comment.strip_prefix("stance:resourceId="));
    let from_purl = purl_of(main)
        .and_then(Purl::parse)
        .as_ref()
        .and_then(image_of);
    Subject {
        resource_id: comment.or(name).and_then(resource_id),
        image: from_purl.or_else(|| name.filter(|_| container).and_then(Image::parse)),
        name: name.map(str::to_owned),
        ..Subject::default()
    }
}
